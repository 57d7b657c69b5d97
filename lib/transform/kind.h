/*
 * transform/kind.h - what a JSON value is, as far as columns care.
 *
 *   1, -0, 9007199254740992   RS_KIND_INTEGER         1.5, 1e3   RS_KIND_FLOAT
 *   9007199254740993          RS_KIND_WIDE_INTEGER    1e400      RS_KIND_STRING
 *   "2026-11-23"              RS_KIND_TIMESTAMP       "soon"     RS_KIND_STRING
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7), "Types".
 */
#ifndef RS_TRANSFORM_KIND_H
#define RS_TRANSFORM_KIND_H

#include "rs/str.h"
#include "transform/decimal.h"

/* What one JSON value is. Bits: a set of them is all that a column has seen. */
enum rs_kind {
    RS_KIND_BOOLEAN = 1,
    RS_KIND_INTEGER = 2,      /* fits in 64 bits and is exact as a double */
    RS_KIND_WIDE_INTEGER = 4, /* fits in 64 bits, not exact as a double */
    RS_KIND_FLOAT = 8,        /* any other number that a double holds without overflow */
    RS_KIND_TIMESTAMP = 16,   /* a string that rs_timefmt_parse reads */
    RS_KIND_STRING = 32,      /* any other string, a number out of range */
    RS_KIND_ARRAY = 64,       /* its JSON text, as rs_json_compact has it */
};

/* In a set of kinds: an explicit null was seen that clears a value. It has no part in the type. */
enum { RS_KIND_NULL = 256 };

/* The kind of a JSON number, given as its text. */
enum rs_kind rs_kind_of_number(struct rs_str text);

/* The kind of a JSON string, given as its decoded text: a timestamp or a string. */
enum rs_kind rs_kind_of_string(struct rs_str text);

/* The kind of a number that was read from a text of so many bytes. */
enum rs_kind rs_kind_of_decimal(const struct rs_decimal *number, size_t length);

#endif
