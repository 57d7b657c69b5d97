/*
 * rows/left_out_table.h - the rows of a table that was not made, as discards.
 *
 *   rs_left_out_discard(rows, &options, &count, err)
 *     -> signed_up,plan,m1,2026-01-02 03:04:05,pro,no_table,27b486b9-...     a line a value
 *
 * Which values are lost is said by the layout, see rs_layout_keep_lost.
 *
 * Pure:    yes, but for the spill files behind rows and the spool.
 * Threads: reentrant, once rows is sealed and duplicates are settled.
 */
#ifndef RS_ROWS_LEFT_OUT_TABLE_H
#define RS_ROWS_LEFT_OUT_TABLE_H

#include "rows/discard_examples.h"
#include "rows/rows.h"
#include "rows/spool.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_left_out_options {
    const struct rs_layout_table *layout;
    struct rs_str sync_id;
    struct rs_spool *discards;            /* CSV lines of rs_discards; or NULL to leave them out */
    struct rs_discard_examples *examples; /* of them; or NULL */
    uint64_t *discards_by; /* RS_DISCARD_REASONS counts, which are added to; or NULL */
};

/* count is added to. */
RS_MUST_USE bool rs_left_out_discard(struct rs_rows *rows,
                                     const struct rs_left_out_options *options, uint64_t *count,
                                     struct rs_error *err);

#endif
