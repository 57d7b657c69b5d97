/*
 * sync/table_sums.h - the rows of each table over many runs.
 *
 *   struct rs_table_sums *sums = rs_table_sums_new();
 *   rs_table_sums_add(sums, name, rows);                for each table of each run
 *   rs_table_sums_write(sums, &html);                   a section of a page, by rows
 *   rs_table_sums_free(sums);
 *
 * Owns:    names are copied.   Pure: yes.   Threads: one thread at a time per object.
 */
#ifndef RS_SYNC_TABLE_SUMS_H
#define RS_SYNC_TABLE_SUMS_H

#include "codec/html.h"
#include "rs/compiler.h"
#include "rs/str.h"

struct rs_table_sums;

RS_MUST_USE struct rs_table_sums *rs_table_sums_new(void);
void rs_table_sums_add(struct rs_table_sums *sums, struct rs_str name, uint64_t rows);
size_t rs_table_sums_count(const struct rs_table_sums *sums);

/* Nothing where there are no tables. */
void rs_table_sums_write(const struct rs_table_sums *sums, struct rs_html *html);

/* NULL is nothing. */
void rs_table_sums_free(struct rs_table_sums *sums);

#endif
