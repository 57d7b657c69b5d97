/*
 * codec/report_fields.h - what a report says, named once: for a program, a table and a sentence.
 *
 *   static size_t describe(const void *item, struct rs_arena *arena,
 *                          struct rs_report_field out[RS_REPORT_FIELDS_MAX])
 *   {
 *       const struct thing *thing = item;
 *       const struct rs_report_field fields[] = {
 *           RS_REPORT_TEXT("name", thing->name, .head = "table"),
 *           RS_REPORT_COUNT("rows", thing->rows, .head = "rows"),
 *           RS_REPORT_COUNT("bytes", thing->bytes),
 *       };
 *       return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
 *   }
 *
 *   rs_report_fields_table(&out, describe, things, count, sizeof *things);
 *     -> table   rows
 *        tracks   120
 *   rs_report_fields_json_array(&json, "tables", describe, things, count, sizeof *things);
 *     -> "tables":[{"name":"tracks","rows":120,"bytes":4096}]
 *
 *   const struct rs_report_field counts[] = {RS_REPORT_EXCEPTION("rejects", 1, 0, "reject", "rejects")};
 *   rs_report_fields_json(&json, counts, RS_COUNTOF(counts));          "rejects":1
 *   rs_report_fields_sentence(&out, counts, RS_COUNTOF(counts));       1 reject
 *
 * Limits:  RS_REPORT_FIELDS_MAX fields of a row.
 * Owns:    nothing: texts are borrowed for the call.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CODEC_REPORT_FIELDS_H
#define RS_CODEC_REPORT_FIELDS_H

#include "base/arena.h"
#include "codec/json_write.h"
#include "rs/compiler.h"
#include "rs/strbuf.h"

enum { RS_REPORT_FIELDS_MAX = 20 };

enum rs_report_field_kind {
    RS_REPORT_KIND_TEXT,    /* text; NULL gives null */
    RS_REPORT_KIND_COUNT,   /* number */
    RS_REPORT_KIND_SECONDS, /* seconds */
    RS_REPORT_KIND_FLAG,    /* number is not 0 */
};

struct rs_report_field {
    const char *key;  /* of JSON; NULL: for a person alone */
    const char *head; /* of the column in a table; NULL: not in a table */
    enum rs_report_field_kind kind;
    const char *text;
    uint64_t number;
    double seconds;
    const char *one; /* the words of a count in a sentence; NULL: not in one */
    const char *many;
    unsigned turn; /* in the sentence; the lowest comes first */
};

/* Behind the value, members may follow: .head = "rows". */
#define RS_REPORT_TEXT(name, ...)                                                                  \
    {                                                                                              \
        .key = (name), .kind = RS_REPORT_KIND_TEXT, .text = __VA_ARGS__                            \
    }
#define RS_REPORT_COUNT(name, ...)                                                                 \
    {                                                                                              \
        .key = (name), .kind = RS_REPORT_KIND_COUNT, .number = __VA_ARGS__                         \
    }
#define RS_REPORT_SECONDS(name, ...)                                                               \
    {                                                                                              \
        .key = (name), .kind = RS_REPORT_KIND_SECONDS, .seconds = __VA_ARGS__                      \
    }
#define RS_REPORT_FLAG(name, ...)                                                                  \
    {                                                                                              \
        .key = (name), .kind = RS_REPORT_KIND_FLAG, .number = __VA_ARGS__                          \
    }
/* A count that is told to a person in a sentence, in its turn, when it is not zero. */
#define RS_REPORT_EXCEPTION(name, value, place, word, words)                                       \
    {                                                                                              \
        .key = (name), .kind = RS_REPORT_KIND_COUNT, .number = (value), .turn = (place),           \
        .one = (word), .many = (words)                                                             \
    }

/*
 * Says what an item of a list is: fills out and returns how many fields it has, for each item
 * alike. Texts that have to be made live in the arena. The item may be all zero.
 */
typedef size_t rs_report_fields_describe(const void *item, struct rs_arena *arena,
                                         struct rs_report_field out[RS_REPORT_FIELDS_MAX]);

/* What a describe function returns: the fields are in out. */
size_t rs_report_fields_copy(struct rs_report_field out[RS_REPORT_FIELDS_MAX],
                             const struct rs_report_field *fields, size_t count);

/* Write key and value of each field that has a key, into an object that is open. */
void rs_report_fields_json(struct rs_json_writer *json, const struct rs_report_field *fields,
                           size_t count);

/* Write a list as an array of objects, under its key unless that is NULL; an item is size_bytes long. */
void rs_report_fields_json_array(struct rs_json_writer *json, const char *key,
                                 rs_report_fields_describe *describe, const void *items,
                                 size_t count, size_t size_bytes);

/* Append a list as a table of the fields that have a head: counts right, texts left. */
void rs_report_fields_table(struct rs_strbuf *out, rs_report_fields_describe *describe,
                            const void *items, size_t count, size_t size_bytes);

/* Append a line of the counts that have words and are not zero, by turn; nothing when all are. */
void rs_report_fields_sentence(struct rs_strbuf *out, const struct rs_report_field *fields,
                               size_t count);

#endif
