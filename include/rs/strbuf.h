/*
 * rs/strbuf.h - text that is being built, with a maximum.
 *
 *   struct rs_strbuf sql = RS_STRBUF_INIT(4096);
 *   rs_strbuf_append(&sql, "SELECT ");
 *   if (!rs_strbuf_ok(&sql)) ...            checked once, at the end
 *   rs_strbuf_release(&sql);
 *
 * Limits:  an append that would pass the maximum is left out, and so are all after it;
 *          rs_strbuf_ok is false from then on.
 * Owns:    data is NUL-terminated whenever it is not NULL, and moves on append.
 * Threads: one thread at a time per object.
 */
#ifndef RS_STRBUF_H
#define RS_STRBUF_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_strbuf {
    char *data;
    size_t length;
    size_t capacity;
    size_t max_bytes;
    bool overflow;
    bool secret;
};

#define RS_STRBUF_INIT(max) ((struct rs_strbuf){NULL, 0, 0, (max), false, false})

/* From now on until its release, no memory that the text leaves keeps a copy of it. */
RS_API void rs_strbuf_keep_secret(struct rs_strbuf *buf);

RS_API void rs_strbuf_append(struct rs_strbuf *buf, const char *text);
RS_API void rs_strbuf_append_str(struct rs_strbuf *buf, struct rs_str text);
RS_API void rs_strbuf_append_bytes(struct rs_strbuf *buf, const void *bytes, size_t count);
RS_API void rs_strbuf_append_char(struct rs_strbuf *buf, char c);
RS_API void rs_strbuf_append_u64(struct rs_strbuf *buf, uint64_t number);
RS_API void rs_strbuf_append_i64(struct rs_strbuf *buf, int64_t number);
RS_API void rs_strbuf_printf(struct rs_strbuf *buf, const char *fmt, ...) RS_PRINTF(2, 3);

/*
 * Room for at least count more bytes, to be written at the returned place and then counted
 * with rs_strbuf_commit; NULL when that would pass the maximum.
 */
RS_API RS_MUST_USE char *rs_strbuf_reserve(struct rs_strbuf *buf, size_t count);
RS_API void rs_strbuf_commit(struct rs_strbuf *buf, size_t count);

/* Nothing was left out. */
RS_API bool rs_strbuf_ok(const struct rs_strbuf *buf);

/* The text so far, valid until the next append. */
RS_API struct rs_str rs_strbuf_str(const struct rs_strbuf *buf);

/* The text so far as a C string, never NULL, valid until the next append. */
RS_API const char *rs_strbuf_cstr(const struct rs_strbuf *buf);

/* Empty again, memory kept. */
RS_API void rs_strbuf_reset(struct rs_strbuf *buf);

/* The text leaves, NUL-terminated; the caller frees it with rs_mem_free. */
RS_API RS_MUST_USE char *rs_strbuf_take(struct rs_strbuf *buf);

RS_API void rs_strbuf_release(struct rs_strbuf *buf);

/* The same for one that turned out to hold a secret; it has not moved since. */
RS_API void rs_strbuf_release_secret(struct rs_strbuf *buf);

#endif
