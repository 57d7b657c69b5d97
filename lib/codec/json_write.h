/*
 * codec/json_write.h - write one JSON value after the other into a buffer.
 *
 *   struct rs_json_writer json = RS_JSON_WRITER_INIT(&buf);
 *   rs_json_write_object_begin(&json);
 *   rs_json_write_key(&json, RS_STR("rows"));
 *   rs_json_write_u64(&json, 12);
 *   rs_json_write_object_end(&json);        -> {"rows":12}
 *   if (!rs_json_write_ok(&json)) ...       checked once, at the end
 *
 * Form:    compact, commas and colons put where they belong; UTF-8 unescaped, one U+FFFD for each
 *          byte that is none, NUL dropped; quote, backslash and control characters escaped.
 * Limits:  RS_JSON_WRITE_DEPTH_MAX levels; the buffer's maximum. A call out of place (a value
 *          without its name, an end too many, a second value) writes nothing more and shows in
 *          rs_json_write_ok.
 * Owns:    nothing; the buffer is borrowed and appended to.   Pure: yes.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CODEC_JSON_WRITE_H
#define RS_CODEC_JSON_WRITE_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum { RS_JSON_WRITE_DEPTH_MAX = 32 };

struct rs_json_writer {
    struct rs_strbuf *out;
    uint32_t objects; /* bit i: level i is an object */
    unsigned depth;
    bool comma;  /* the level has a value already */
    bool named;  /* a name was written, its value was not */
    bool misuse; /* a call came that had no place */
};

#define RS_JSON_WRITER_INIT(buf) ((struct rs_json_writer){(buf), 0, 0, false, false, false})

void rs_json_write_object_begin(struct rs_json_writer *json);
void rs_json_write_object_end(struct rs_json_writer *json);
void rs_json_write_array_begin(struct rs_json_writer *json);
void rs_json_write_array_end(struct rs_json_writer *json);

/* The name of the next value; only inside an object. */
void rs_json_write_key(struct rs_json_writer *json, struct rs_str name);

void rs_json_write_str(struct rs_json_writer *json, struct rs_str text);

/* A C string; NULL gives null. */
void rs_json_write_text(struct rs_json_writer *json, const char *text);

void rs_json_write_i64(struct rs_json_writer *json, int64_t number);
void rs_json_write_u64(struct rs_json_writer *json, uint64_t number);

/* A number as its JSON text, which is not checked: from a database, say. */
void rs_json_write_number(struct rs_json_writer *json, struct rs_str text);

/* With three decimals: 1.250; what is not finite gives null. */
void rs_json_write_seconds(struct rs_json_writer *json, double seconds);

void rs_json_write_bool(struct rs_json_writer *json, bool value);
void rs_json_write_null(struct rs_json_writer *json);

/* An array of C strings. */
void rs_json_write_texts(struct rs_json_writer *json, const char *const *texts, size_t count);

/* How a tool ended: null, or an object of message, hint, detail and exit, its exit status. */
void rs_json_write_error(struct rs_json_writer *json, const struct rs_error *err);

/* End a tool's object: "error", as rs_json_write_error has it, the object's end and a line end. */
void rs_json_write_end(struct rs_json_writer *json, const struct rs_error *err);

/* One whole value was written, nothing was out of place and all of it fitted. */
bool rs_json_write_ok(const struct rs_json_writer *json);

#endif
