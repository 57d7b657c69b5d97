/*
 * csv_reader.h - read CSV back, strictly by RFC 4180, for tests of what is written.
 *
 *   struct csv_reader reader = csv_open(text);
 *   while (csv_next(&reader)) ... reader.field, reader.quoted, reader.last
 *   ok = !reader.bad;
 *   csv_close(&reader);
 */
#ifndef RS_TESTS_CSV_READER_H
#define RS_TESTS_CSV_READER_H

#include "rs/str.h"
#include "rs/strbuf.h"

struct csv_reader {
    struct rs_str left;
    struct rs_strbuf field; /* without its quotes */
    bool quoted;
    bool last; /* of its line */
    bool bad;  /* what follows is no CSV */
};

static inline struct csv_reader csv_open(struct rs_str text)
{
    return (struct csv_reader){.left = text, .field = RS_STRBUF_INIT((size_t)1 << 30)};
}

static inline void csv_close(struct csv_reader *reader)
{
    rs_strbuf_release(&reader->field);
}

static inline char csv_take(struct csv_reader *reader)
{
    char c = reader->left.length > 0 ? reader->left.data[0] : '\0';
    reader->bad = reader->bad || reader->left.length == 0;
    reader->left = rs_str_slice(reader->left, 1, reader->left.length);
    return c;
}

static inline bool csv_at(const struct csv_reader *reader, char c)
{
    return reader->left.length > 0 && reader->left.data[0] == c;
}

/* The next field; false after the last line, and where the text is no CSV. */
static inline bool csv_next(struct csv_reader *reader)
{
    rs_strbuf_reset(&reader->field);
    if (reader->left.length == 0 || reader->bad) {
        return false;
    }
    reader->quoted = csv_at(reader, '"');
    if (reader->quoted) {
        (void)csv_take(reader);
        for (char c = csv_take(reader); !reader->bad; c = csv_take(reader)) {
            if (c == '"' && !csv_at(reader, '"')) {
                break;
            }
            rs_strbuf_append_char(&reader->field, c);
            reader->left = rs_str_slice(reader->left, c == '"' ? 1 : 0, reader->left.length);
        }
    }
    while (!reader->quoted && !reader->bad && !csv_at(reader, ',') && !csv_at(reader, '\n')) {
        char c = csv_take(reader);
        reader->bad = reader->bad || c == '"' || c == '\r';
        rs_strbuf_append_char(&reader->field, c);
    }
    char end = csv_take(reader);
    reader->last = end == '\n';
    reader->bad = reader->bad || (end != ',' && end != '\n');
    return !reader->bad;
}

#endif
