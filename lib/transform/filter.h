/*
 * transform/filter.h - selective sync: which tables and columns are wanted.
 *
 *   {"collections": {"*": true, "debug": false,
 *                    "order_completed": {"properties": {"*": true, "coupon": false}}}}
 *     rs_filter_allows_table(filter, "debug")                        -> false
 *     rs_filter_allows_column(filter, "order_completed", "coupon")   -> false
 *
 * Names are those in the warehouse. "*" stands for what is not named, and is true when it is
 * not there. id and received_at cannot be dropped.
 *
 * Owns:    a filter owns its names; freed with rs_filter_free.
 * Pure:    yes.
 * Threads: reentrant, but rs_filter_note_table and rs_filter_note_column.
 */
#ifndef RS_TRANSFORM_FILTER_H
#define RS_TRANSFORM_FILTER_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

struct rs_filter;

/*
 * Read a selection. name is the file's, for messages. NULL and RS_E_CONFIG when the text is not
 * JSON or says something that cannot be meant.
 */
RS_MUST_USE struct rs_filter *rs_filter_parse(struct rs_str text, const char *name,
                                              struct rs_error *err);
void rs_filter_free(struct rs_filter *filter);

/* A NULL filter allows everything. */
bool rs_filter_allows_table(const struct rs_filter *filter, struct rs_str table);
bool rs_filter_allows_column(const struct rs_filter *filter, struct rs_str table,
                             struct rs_str column);

/*
 * Names in the filter that no event of the run had: each a likely misspelling. The run notes
 * what it had, whether wanted or not; then the i-th unused name, "table" or "table.column", is
 * appended to out. False past the last.
 */
void rs_filter_note_table(struct rs_filter *filter, struct rs_str table);
void rs_filter_note_column(struct rs_filter *filter, struct rs_str table, struct rs_str column);
bool rs_filter_unused(const struct rs_filter *filter, size_t i, struct rs_strbuf *out);

#endif
