/*
 * rs/infer.h - which tables and columns some events want: a schema from samples.
 *
 *   struct rs_infer *infer = rs_infer_new(&(struct rs_infer_options){.name_limit = RS_NAME_MAX});
 *   rs_infer_line(infer, RS_STR("{\"type\":\"track\",\"event\":\"Tea Poured\",...}"), &err);
 *   rs_infer_schema(infer, RS_STR("shop"), &schema);      tracks, tea_poured
 *   rs_ddl_append_table(&sql, RS_DIALECT_REDSHIFT, schema.name, &schema.tables[0]);
 *   rs_schema_release(&schema);
 *   rs_infer_free(infer);
 *
 * A column's type is the join over all values that were shown, so the order of events does not
 * matter, and more of them may be shown after a schema was taken.
 *
 * Limits:  memory grows with tables and columns, not with events.
 * Owns:    what is shown is not kept; a schema is its taker's and outlives the inference.
 * Pure:    yes.   Threads: one thread at a time per object.
 * Source:  the event-to-table contract in rs-schema(7).
 */
#ifndef RS_INFER_H
#define RS_INFER_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/schema.h"
#include "rs/str.h"

struct rs_infer;

struct rs_infer_options {
    size_t name_limit;     /* bytes in an identifier: RS_NAME_MAX, or what the server has */
    enum rs_arrays arrays; /* what a column of nothing but arrays becomes */
    uint64_t seed;         /* random where the events are a stranger's, who may choose keys */
};

RS_API RS_MUST_USE struct rs_infer *rs_infer_new(const struct rs_infer_options *options);
RS_API void rs_infer_free(struct rs_infer *infer);

/*
 * Show one event: a JSON object of the Segment spec. An empty line, and an event whose
 * integrations keep it out of warehouses, show nothing.
 *
 * line  without its line end, borrowed for the call
 * err   RS_E_INPUT when it is no event; nothing of it counts, and the inference goes on
 */
RS_API RS_MUST_USE bool rs_infer_line(struct rs_infer *infer, struct rs_str line,
                                      struct rs_error *err);

/*
 * Take the schema of all that was shown, sorted.
 *
 * name  of the schema in the database; see rs_name_schema
 * out   released by the caller with rs_schema_release
 */
RS_API void rs_infer_schema(const struct rs_infer *infer, struct rs_str name,
                            struct rs_schema *out);

#endif
