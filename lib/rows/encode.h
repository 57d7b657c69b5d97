/*
 * rows/encode.h - write one part of a table: the rows of a range, as CSV into sinks.
 *
 *   parts = rs_encode_part_count(rows, table, target_bytes);
 *   for each part, on any thread: rs_encode_part(rows, part, parts, &options, &counts, err);
 *
 * Which rows a part has depends on the table's rows alone, so that the same run gives the same
 * parts with any number of threads.
 *
 * Pure:    yes, but for the spill files behind rows and the sinks.
 * Threads: reentrant on different parts, once rows is sealed and duplicates are settled.
 */
#ifndef RS_ROWS_ENCODE_H
#define RS_ROWS_ENCODE_H

#include "rows/rows.h"
#include "rows/table_writer.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_encode_counts {
    uint64_t rows;
    uint64_t discards;
    uint64_t discards_by[RS_DISCARD_REASONS];
    int64_t oldest_us; /* received_at of the rows, of a table that does not fold; with no row: */
    int64_t newest_us; /* RS_ENCODE_COUNTS_INIT's, the newest before the oldest */
};

#define RS_ENCODE_COUNTS_INIT                                                                      \
    ((struct rs_encode_counts){.oldest_us = INT64_MAX, .newest_us = INT64_MIN})

/* Add to a total. */
void rs_encode_counts_add(struct rs_encode_counts *total, const struct rs_encode_counts *counts);

/* Parts of about target_bytes each; 1 at least. */
uint64_t rs_encode_part_count(const struct rs_rows *rows, const struct rs_layout_table *table,
                              uint64_t target_bytes);

/* Write part number `part` of `parts`. counts is added to. */
RS_MUST_USE bool rs_encode_part(struct rs_rows *rows, uint64_t part, uint64_t parts,
                                const struct rs_table_writer_options *options,
                                struct rs_encode_counts *counts, struct rs_error *err);

#endif
