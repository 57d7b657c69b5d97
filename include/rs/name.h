/*
 * rs/name.h - turn the names in an event into identifiers.
 *
 *   "Signed Up", "userId", "CStringRef"  -> signed_up, user_id, cstring_ref
 *   "3doctors", "select", "%"            -> _3doctors, _select, _
 *   property "userId", "context_ip"      -> _user_id, _context_ip
 *   event "Users", "RS loads"            -> _users, _rs_loads
 *
 *   rs_name_append_words(&path, RS_STR("page"));        a path is built key by key ...
 *   rs_name_append_words(&path, RS_STR("URL"));         page_url
 *   rs_name_property(RS_CALL_TRACK, rs_strbuf_str(&path), RS_NAME_MAX, &name);  ... and finished
 *
 * Limits:  a name that is longer than limit bytes (of the server: warehouse/dialect.h; from
 *          RS_NAME_MIN to RS_NAME_MAX) is cut between two characters and gets '_' and the first 8
 *          hexadecimal digits of the full name's SHA-256.
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7), "Names"; github.com/segmentio/go-snakecase;
 *          https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
 */
#ifndef RS_NAME_H
#define RS_NAME_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* The six calls of the Segment spec, https://segment.com/docs/connections/spec/. */
enum rs_call_type {
    RS_CALL_TRACK,
    RS_CALL_IDENTIFY,
    RS_CALL_PAGE,
    RS_CALL_SCREEN,
    RS_CALL_GROUP,
    RS_CALL_ALIAS,
    RS_CALL_COUNT, /* how many there are; never a call */
};

enum {
    RS_NAME_MAX = 127, /* bytes of the longest identifier of any server, which sizes buffers */
    RS_NAME_MIN = 32,  /* the least limit: a cut name is longer than any name of ours */
};

/*
 * Append the words of one key in snake case to path, after a '_' when path has something already
 * and the key left anything. A key without an ASCII letter or digit keeps its other letters.
 *
 * key   any bytes, borrowed; what is not valid UTF-8 separates words
 * path  grows by at most twice key.length; apart from key
 */
RS_API void rs_name_append_words(struct rs_strbuf *path, struct rs_str key);

/*
 * Append the name made of words: "_" when there are none, '_' before a leading digit, a reserved
 * word or a system column, and no longer than limit.
 */
RS_API void rs_name_finish(struct rs_str words, size_t limit, struct rs_strbuf *out);

/* Append the name of one key: its words, finished. False when out is full. */
RS_API bool rs_name_make(struct rs_str raw, size_t limit, struct rs_strbuf *out);

/* A property or trait of this name would meet one of Segment's own fields of the call. */
RS_API bool rs_name_is_segment_field(enum rs_call_type call, struct rs_str name);

/*
 * Append the name of the column for a property or trait of these words: as rs_name_finish, and '_'
 * before one of Segment's own fields. The name and category of a page or screen are the caller's.
 */
RS_API void rs_name_property(enum rs_call_type call, struct rs_str words, size_t limit,
                             struct rs_strbuf *out);

/*
 * Append the name of the table for a track call's event: as rs_name_make, and '_' before a
 * standard table's name and before one that begins like the tool's own (rs_).
 */
RS_API void rs_name_table(struct rs_str raw_event, size_t limit, struct rs_strbuf *out);

/* The name is a standard table's (tracks, users ...), or begins like the tool's own (rs_). */
RS_API bool rs_name_is_table_of_ours(struct rs_str name);

/*
 * Append the name of the schema for a source's slug: as rs_name_make, and '_' before a name that
 * the database keeps for its own schemas (information_schema and pg_*).
 */
RS_API void rs_name_schema(struct rs_str raw_slug, size_t limit, struct rs_strbuf *out);

#endif
