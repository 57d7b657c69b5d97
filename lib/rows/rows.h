/*
 * rows/rows.h - all rows of a run, in memory up to a budget and on disk past it.
 *
 *   rs_rows_add(rows, batch);                       a worker's finished batch; takes it
 *   if (rs_rows_full(rows)) rs_rows_spill(...);     with all workers at rest
 *   rs_rows_seal(rows, projectors, visitor, err);   nothing is added any more
 *   rs_rows_mark_dead(rows, ref, level);            from rows/dedupe.h
 *   rs_rows_open(&cursor, rows, table, begin, end); the table's rows in the order read
 *
 * A spill writes the rows of all batches in memory, table by table, so that a table is read
 * back from few long stretches of the file. The order of a table's rows is that of the input,
 * whatever was spilled when.
 *
 * Weight:  every row weighs the bytes of its cells. A table's rows are cut into parts by weight,
 *          so that parts do not depend on threads or spills.
 * Owns:    batches, spill file and marks; freed with rs_rows_free.
 * Threads: adding, spilling and sealing under the caller's lock; rs_rows_mark_dead and cursors
 *          by many threads after the seal.
 */
#ifndef RS_ROWS_ROWS_H
#define RS_ROWS_ROWS_H

#include "base/next.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "transform/cells.h"
#include "transform/layout.h"

struct rs_rows;

enum rs_row_level {
    RS_LEVEL_OWN = 1,    /* dead in the event's own table */
    RS_LEVEL_COMMON = 2, /* dead in tracks */
};

enum {
    RS_FOLD_PARTITIONS = 64, /* rows of a folding table are kept apart by the top bits of the
                                id's hash: a partition is folded in memory */
};

/* tmpdir: for the spill file; borrowed. */
RS_MUST_USE struct rs_rows *rs_rows_new(uint64_t budget_bytes, const char *tmpdir);
void rs_rows_free(struct rs_rows *rows);

/* Takes the batch. */
void rs_rows_add(struct rs_rows *rows, struct rs_batch *batch);

/* No more batches of this input will come. */
void rs_rows_finish_input(struct rs_rows *rows, uint32_t input);

/* The batches in memory are over the budget. */
bool rs_rows_full(const struct rs_rows *rows);

/*
 * Write everything in memory to disk and free it. The visitor is shown every batch before it
 * goes, in order (rejects are taken there); its false ends the spill.
 */
struct rs_rows_visitor {
    bool (*batch)(void *arg, const struct rs_batch *batch, struct rs_error *err);
    void *arg;
};
RS_MUST_USE bool rs_rows_spill(struct rs_rows *rows, struct rs_projector *const *projectors,
                               const struct rs_rows_visitor *visitor, struct rs_error *err);

/* Put the batches in memory in order and show them to the visitor. */
RS_MUST_USE bool rs_rows_seal(struct rs_rows *rows, struct rs_projector *const *projectors,
                              const struct rs_rows_visitor *visitor, struct rs_error *err);

/* The row lost to another one of the same id. */
void rs_rows_mark_dead(struct rs_rows *rows, rs_ref ref, enum rs_row_level level);

/* Weight of all rows of a table, dead ones too. */
uint64_t rs_rows_weight(const struct rs_rows *rows, const struct rs_layout_table *table);

/* Bytes on disk of a folding table's partition: what is read into memory to fold it. */
uint64_t rs_rows_partition_bytes(const struct rs_rows *rows, const struct rs_layout_table *table,
                                 uint64_t partition);

struct rs_row_view {
    rs_ref ref;
    uint64_t line; /* number in its input */
    const struct rs_layout_source *source;
    const char *cells; /* the id, received_at, then the others; see rs_cell_read */
    size_t size;       /* bytes of those that this table has */
    int64_t received_us;
    uint64_t fold_hash;
    uint32_t fold_offset; /* of the cell with the fold's id */
    bool stays;           /* the cells are there as long as the rows; else until the next view */
};

struct rs_rows_cursor;

/*
 * The live rows of a table whose weight begins in [begin, end) of the table's weight. For a
 * folding table begin and end count partitions instead, and all rows are live.
 */
RS_MUST_USE struct rs_rows_cursor *rs_rows_open(struct rs_rows *rows,
                                                const struct rs_layout_table *table, uint64_t begin,
                                                uint64_t end);

RS_MUST_USE enum rs_next rs_rows_next(struct rs_rows_cursor *cursor, struct rs_row_view *out,
                                      struct rs_error *err);

/* For folding: only rows whose fold_hash is in first_hash .. last_hash. */
void rs_rows_range(struct rs_rows_cursor *cursor, uint64_t first_hash, uint64_t last_hash);
void rs_rows_close(struct rs_rows_cursor *cursor);

/* Weight of the rows that were passed; not of a folding table. */
uint64_t rs_rows_passed(const struct rs_rows_cursor *cursor);

#endif
