/*
 * rows/dedupe.h - one row an id in each table: find the rows that lose.
 *
 *   rs_dedupe_add(dedupe, batch);           a worker's own dedupe sees each batch once
 *   rs_dedupe_spill(dedupe, err);           before the batches' memory goes
 *   rs_dedupe_resolve(dedupes, count, partition, layout, projectors, rows, &duplicates, err);
 *
 * The row with the later received_at wins; on a tie, the one read last. Ids are compared byte
 * for byte; a hash only brings likely equals together. Entries are kept apart by hash in
 * RS_DEDUPE_PARTITIONS, each resolved on its own, several at once.
 *
 * Owns:    entries and their spill file; freed with rs_dedupe_free. In memory an entry points
 *          to its id in the batch.
 * Threads: one thread at a time per object; rs_dedupe_resolve by many, a partition each.
 */
#ifndef RS_ROWS_DEDUPE_H
#define RS_ROWS_DEDUPE_H

#include "rows/rows.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "transform/cells.h"
#include "transform/layout.h"

enum { RS_DEDUPE_PARTITIONS = 64 };

struct rs_dedupe;

/* seed: random, the same for all dedupes of a run. */
RS_MUST_USE struct rs_dedupe *rs_dedupe_new(uint64_t seed, const char *tmpdir);
void rs_dedupe_free(struct rs_dedupe *dedupe);

/* Note the id of every row in the batch. */
void rs_dedupe_add(struct rs_dedupe *dedupe, const struct rs_batch *batch);

/* Write the entries to disk, ids and all: the batches may go. */
RS_MUST_USE bool rs_dedupe_spill(struct rs_dedupe *dedupe, struct rs_error *err);

/*
 * Settle one partition over all workers' entries: mark the losers dead in rows.
 *
 * duplicates  the number of events that lost in the table of their call is added here
 */
RS_MUST_USE bool rs_dedupe_resolve(struct rs_dedupe *const *dedupes, size_t count,
                                   uint32_t partition, const struct rs_layout *layout,
                                   struct rs_projector *const *projectors, struct rs_rows *rows,
                                   uint64_t *duplicates, struct rs_error *err);

#endif
