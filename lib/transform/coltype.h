/*
 * transform/coltype.h - the types of columns, and what fits them.
 *
 *   1, 2, 3            -> bigint             1, 2.5             -> double precision
 *   true, false        -> boolean            9007199254740993, 2.5 -> varchar(512)
 *   "2026-11-23"       -> timestamp          "2026-11-23", "soon"  -> varchar(512)
 *   [1], []            -> super              [1], "soon"           -> varchar(512)
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7), "Types".
 */
#ifndef RS_TRANSFORM_COLTYPE_H
#define RS_TRANSFORM_COLTYPE_H

#include "rs/compiler.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "transform/kind.h"

/*
 * The type of a new column. kinds is a non-empty set of enum rs_kind; max_bytes is the length
 * of the longest value's text. Arrays alone are a super: where that is not wanted, or not known,
 * RS_KIND_STRING stands for them.
 */
struct rs_coltype rs_coltype_join(unsigned kinds, uint64_t max_bytes);

/* 512, or the next of 1024 ... 32768, 65535 that holds max_bytes. */
uint32_t rs_coltype_varchar_length(uint64_t max_bytes);

/*
 * Read a type as format_type() prints it in PostgreSQL and Redshift ("character varying(512)",
 * "timestamp without time zone", "numeric(18,0)", "text"), or as rs_coltype_append_ddl writes it.
 * What is not known is RS_TYPE_OTHER; so is character(n), which loses blanks at the end.
 */
struct rs_coltype rs_coltype_parse(struct rs_str name);

enum rs_fit {
    RS_FIT_AS_IS,     /* the text goes into the column as it is */
    RS_FIT_CONVERTED, /* what was appended to out goes into the column */
    RS_FIT_CUT,       /* what was appended is the value cut to the column's length */
    RS_FIT_NO,        /* the value does not fit: NULL and a discard */
};

/*
 * rs_coltype_convert is sure to answer RS_FIT_AS_IS for a value of this kind and length: the test
 * that spares almost every value the call. False says nothing.
 */
static inline bool rs_coltype_is_direct(enum rs_kind kind, size_t length, struct rs_coltype type)
{
    switch (type.type) {
    case RS_TYPE_VARCHAR:
        return length <= type.length;
    case RS_TYPE_TEXT:
        return true;
    case RS_TYPE_BOOLEAN:
        return kind == RS_KIND_BOOLEAN;
    case RS_TYPE_BIGINT:
        return kind == RS_KIND_INTEGER || kind == RS_KIND_WIDE_INTEGER;
    case RS_TYPE_DOUBLE:
        return kind == RS_KIND_INTEGER || kind == RS_KIND_FLOAT;
    case RS_TYPE_SUPER:
        return kind != RS_KIND_TIMESTAMP && kind != RS_KIND_STRING && kind != RS_KIND_ARRAY;
    case RS_TYPE_TIMESTAMP:
    case RS_TYPE_SMALLINT:
    case RS_TYPE_INTEGER:
    case RS_TYPE_REAL:
    case RS_TYPE_NUMERIC:
    case RS_TYPE_DATE:
    case RS_TYPE_TIMESTAMPTZ:
    case RS_TYPE_OTHER:
        break;
    }
    return false;
}

/*
 * Make one value fit a column, losslessly or not at all. Strings alone may be cut, and what passes
 * RS_VARCHAR_MAX bytes. A string that is a JSON number, "true" or "false" goes where such a value
 * goes: "12" is no other number than 12. But in a super it is a string, as it was.
 *
 * kind  what the value is;  text  its text as in the event, decoded, valid UTF-8 without NUL
 * out   appended to with RS_FIT_CONVERTED and RS_FIT_CUT only; has room for type.length bytes of
 *       a varchar, 32 of a number or timestamp, 147458 (what PostgreSQL holds) of a numeric,
 *       6 * RS_SUPER_TEXT_MAX + 2 of a super
 */
enum rs_fit rs_coltype_convert(enum rs_kind kind, struct rs_str text, struct rs_coltype type,
                               struct rs_strbuf *out);

#endif
