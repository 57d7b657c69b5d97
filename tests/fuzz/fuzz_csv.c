/*
 * CSV fields: a record of the input's lines, written and read back by RFC 4180, has the same
 * fields; no field without quotes can be taken for anything else.
 */
#include "codec/csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* The field at p has to be text; returns the place behind it. */
static const char *check_field(const char *p, const char *end, struct rs_str text)
{
    size_t i = 0;
    if (p == end || *p != '"') {
        check(text.length > 0 && (size_t)(end - p) >= text.length);
        check(memcmp(p, text.data, text.length) == 0);
        for (; i < text.length; i++) {
            check(p[i] != ',' && p[i] != '"' && p[i] != '\r' && p[i] != '\n');
        }
        check(*p != '\\' && *p != ' ' && *p != '\t');
        check(p[i - 1] != ' ' && p[i - 1] != '\t');
        return p + text.length;
    }
    for (p++; i < text.length; i++) {
        check(p < end && *p == text.data[i]);
        p += *p == '"' ? 2 : 1;
        check(text.data[i] != '"' || p[-1] == '"');
    }
    check(p < end && *p == '"');
    return p + 1;
}

/* The part of the input up to the next byte 0xff; a copy, so that reads past it are seen. */
static struct rs_str next_part(const uint8_t *data, size_t size, size_t begin)
{
    const uint8_t *stop = begin < size ? memchr(data + begin, 0xff, size - begin) : NULL;
    size_t length = stop ? (size_t)(stop - data) - begin : size - begin;
    char *copy = malloc(length + !length);
    check(copy != NULL);
    if (length > 0) {
        memcpy(copy, data + begin, length);
    }
    return (struct rs_str){copy, length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t begin = 0; begin <= size;) {
        struct rs_str text = next_part(data, size, begin);
        char *out = malloc(RS_CSV_FIELD_MAX(text.length));
        check(out != NULL);
        const char *end = rs_csv_field(out, text);
        check((size_t)(end - out) <= 2 * text.length + 2);
        check(check_field(out, end, text) == end);
        begin += text.length + 1;
        free(out);
        free((void *)(uintptr_t)text.data);
    }
    return 0;
}
