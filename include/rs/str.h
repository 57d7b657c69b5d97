/*
 * rs/str.h - a piece of text that somebody else owns: pointer and length, by value.
 *
 *   struct rs_str name = RS_STR("tracks");
 *   printf("%.*s", RS_STR_ARG(name));
 *
 * Pure: yes.   Threads: reentrant.
 */
#ifndef RS_STR_H
#define RS_STR_H

#include "rs/compiler.h"

struct rs_str {
    const char *data; /* not NUL-terminated; NULL only when length is 0 */
    size_t length;    /* bytes */
};

#define RS_STR(literal) ((struct rs_str){(literal), sizeof(literal) - 1})
#define RS_STR_INIT(lit)                                                                           \
    {                                                                                              \
        (lit), sizeof(lit) - 1                                                                     \
    } /* in static tables */
#define RS_STR_ARG(str) (int)(str).length, (str).data

/* A view of a NUL-terminated string; NULL gives the empty view. */
RS_API struct rs_str rs_str_from(const char *text);

/* The part of text from begin up to end (bytes; clamped to the text). */
RS_API struct rs_str rs_str_slice(struct rs_str text, size_t begin, size_t end);

RS_API bool rs_str_equal(struct rs_str left, struct rs_str right);
RS_API bool rs_str_starts(struct rs_str text, struct rs_str prefix);
RS_API bool rs_str_ends(struct rs_str text, struct rs_str suffix);

/* Byte order: negative, 0 or positive as left comes before, equals or follows right. */
RS_API int rs_str_compare(struct rs_str left, struct rs_str right);

/* Offset of the first byte, or SIZE_MAX. */
RS_API size_t rs_str_find_byte(struct rs_str text, char byte);

/* Without ASCII spaces and tabs, CR and LF at both ends. */
RS_API struct rs_str rs_str_trim(struct rs_str text);

/* A whole decimal number within min..max; false when it is anything else. */
RS_API RS_MUST_USE bool rs_str_parse_u64(struct rs_str text, uint64_t min, uint64_t max,
                                         uint64_t *out);

/*
 * A size in bytes: digits and an optional unit K, M, G or T (1024-based), with an optional
 * B or iB: "512M", "1GiB", "1048576".
 */
RS_API RS_MUST_USE bool rs_str_parse_bytes(struct rs_str text, uint64_t *out_bytes);

#endif
