/*
 * rows/rows_internal.h - what rows.c keeps and rows_cursor.c reads.
 */
#ifndef RS_ROWS_ROWS_INTERNAL_H
#define RS_ROWS_ROWS_INTERNAL_H

#include <stdatomic.h>

#include "base/map.h"
#include "rows/rows.h"
#include "rows/spool.h"

enum {
    ROWS_A_MARK = 4, /* two bits a row */
};

struct mark {
    uint64_t batch; /* rs_ref_batch */
    atomic_uchar *bits;
};

/* The rows of a batch that go into one table. */
struct piece {
    const struct rs_batch *batch;
    const struct rs_row_group *group; /* NULL: several; look at every row of the batch */
    uint64_t weight;
};

struct segment {
    uint64_t offset;
    uint64_t bytes;
    uint64_t weight;
    rs_ref first_ref;
};

struct segments {
    struct segment *items;
    size_t count;
    size_t capacity;
};

/* A stretch of a table's rows: a segment on disk, or a piece in memory. */
struct run {
    rs_ref first_ref;
    uint64_t weight;
    const struct segment *segment;
    const struct piece *piece;
    uint32_t partition; /* of a folding table's segment */
};

struct stored_table {
    enum rs_layout_rows rows;
    struct segments segments[RS_FOLD_PARTITIONS]; /* only the first, where nothing folds */
    struct piece *pieces;
    size_t piece_count;
    size_t piece_capacity;
    struct run *runs;
    size_t run_count;
    uint64_t weight;
};

struct input_state {
    bool finished; /* no more batches of it will come */
    bool spilled;  /* an earlier spill has some */
};

/* Where a stream's rows go. */
struct targets {
    struct stored_table *table[2];
};

struct rs_rows {
    uint64_t budget_bytes;
    uint64_t memory_bytes;
    const char *tmpdir;
    struct rs_batch **batches;
    size_t batch_count;
    size_t batch_capacity;
    struct mark *marks;
    size_t mark_count;
    size_t mark_capacity;
    struct input_state *inputs;
    size_t input_capacity;
    struct rs_map *tables;    /* name -> struct stored_table */
    struct targets **targets; /* [worker][stream] */
    size_t worker_count;
    struct rs_spool *spool;
};

/* A row on disk; its cells follow. */
struct record {
    rs_ref ref;
    int64_t received_us;
    uint64_t fold_hash;
    uint32_t worker;
    uint32_t stream;
    uint32_t fold_offset;
    uint32_t size; /* bytes of cells; this is also the row's weight */
};

/*
 * The next row of a piece, in the order read; NULL after the last. *position begins at 0 and is
 * for this function alone.
 */
const struct rs_row *rs_rows_piece_next(const struct rs_rows *rows,
                                        const struct stored_table *table, const struct piece *piece,
                                        uint32_t *position);

const struct mark *rs_rows_find_mark(const struct rs_rows *rows, rs_ref ref);

uint32_t rs_rows_partition(uint64_t fold_hash);

#endif
