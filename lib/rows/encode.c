/*
 * An ordinary table is cut by weight and streamed. A folding table is cut by partitions of its
 * ids' hashes; each partition is taken into memory, sorted so that the rows of one id stand
 * together with the newest first, and folded id by id.
 */
#include "rows/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/meter.h"

enum {
    PASS_BYTES = 16 << 20, /* of a partition on disk that is folded at once */
    FOLD_BYTES = 8 << 20,  /* of cells from disk, before those that add nothing go */
    TELL_ROWS = 256,       /* how far it is, as often */
};

uint64_t rs_encode_part_count(const struct rs_rows *rows, const struct rs_layout_table *table,
                              uint64_t target_bytes)
{
    uint64_t parts = (rs_rows_weight(rows, table) + target_bytes / 2) / target_bytes;
    uint64_t most = table->rows == RS_LAYOUT_FOLD ? RS_FOLD_PARTITIONS : UINT64_MAX;
    return parts < 1 ? 1 : parts > most ? most : parts;
}

static bool encode_plain(struct rs_rows *rows, uint64_t part, uint64_t parts,
                         const struct rs_table_writer_options *options,
                         struct rs_table_writer *writer, struct rs_encode_counts *counts,
                         struct rs_error *err)
{
    const struct rs_layout_table *table = options->layout;
    uint64_t weight = rs_rows_weight(rows, table);
    uint64_t count = 0;
    uint64_t begin = part == 0 ? 0 : weight / parts * part;
    uint64_t end = part + 1 == parts ? UINT64_MAX : weight / parts * (part + 1);
    struct rs_rows_cursor *cursor = rs_rows_open(rows, table, begin, end);
    struct rs_row_view view = {0};
    enum rs_next next = RS_NEXT_END;
    while ((next = rs_rows_next(cursor, &view, err)) == RS_NEXT_ITEM) {
        if (!rs_table_writer_row(writer, &view, err)) {
            next = RS_NEXT_ERROR;
            break;
        }
        counts->oldest_us =
            view.received_us < counts->oldest_us ? view.received_us : counts->oldest_us;
        counts->newest_us =
            view.received_us > counts->newest_us ? view.received_us : counts->newest_us;
        if (++count % TELL_ROWS == 0) {
            rs_meter_advance(options->piece,
                             (double)rs_rows_passed(cursor) * (double)parts / (double)weight);
        }
    }
    rs_rows_close(cursor);
    return next == RS_NEXT_END;
}

static struct rs_str fold_id(const struct rs_row_view *view)
{
    struct rs_cell cell = {0};
    (void)rs_cell_read(view->cells + view->fold_offset, &cell);
    return (struct rs_str){cell.text, cell.length};
}

/* By hash, then id; of one id the newest first. */
static int compare_views(const void *left, const void *right)
{
    const struct rs_row_view *a = left;
    const struct rs_row_view *b = right;
    if (a->fold_hash != b->fold_hash) {
        return a->fold_hash < b->fold_hash ? -1 : 1;
    }
    int order = rs_str_compare(fold_id(a), fold_id(b));
    if (order != 0) {
        return order;
    }
    if (a->received_us != b->received_us) {
        return a->received_us > b->received_us ? -1 : 1;
    }
    return (a->ref < b->ref) - (a->ref > b->ref);
}

static bool same_fold(const struct rs_row_view *left, const struct rs_row_view *right)
{
    return left->fold_hash == right->fold_hash && rs_str_equal(fold_id(left), fold_id(right));
}

/* Rows that wait to be folded. Cells from disk are copied; those in memory stay where they are. */
struct fold {
    struct rs_row_view *views;
    size_t count;
    size_t capacity;
    struct rs_arena copies;
    size_t limit_bytes; /* of copies: past it, rows that add nothing go */
};

static void keep_view(struct fold *fold, const struct rs_row_view *view)
{
    fold->views = rs_mem_grow(fold->views, &fold->capacity, fold->count + 1, sizeof *fold->views);
    struct rs_row_view *kept = &fold->views[fold->count++];
    *kept = *view;
    if (!view->stays) {
        char *copy = rs_arena_alloc(&fold->copies, view->size + RS_CELL_SLACK);
        memcpy(copy, view->cells, view->size);
        kept->cells = copy;
    }
}

/* The place behind the last view of the id that stands at begin. */
static size_t end_of_id(const struct fold *fold, size_t begin)
{
    size_t end = begin + 1;
    while (end < fold->count && same_fold(&fold->views[begin], &fold->views[end])) {
        end++;
    }
    return end;
}

static void sort_views(struct fold *fold)
{
    if (fold->count > 1) {
        qsort(fold->views, fold->count, sizeof *fold->views, compare_views);
    }
}

/*
 * Leave out the rows that add nothing: of a user who is seen a million times a few rows are left,
 * so memory follows what users have, not how often they come.
 */
static void compact(struct fold *fold, struct rs_table_writer *writer)
{
    struct fold left = {.limit_bytes = FOLD_BYTES};
    sort_views(fold);
    for (size_t begin = 0; begin < fold->count;) {
        size_t end = end_of_id(fold, begin);
        for (size_t i = begin; i < end; i++) {
            if (rs_table_writer_adds(writer, &fold->views[i], i == begin)) {
                keep_view(&left, &fold->views[i]);
            }
        }
        begin = end;
    }
    rs_mem_free(fold->views);
    rs_arena_release(&fold->copies);
    *fold = left;
    if (fold->copies.used_bytes * 2 > fold->limit_bytes) {
        fold->limit_bytes = fold->copies.used_bytes * 2;
    }
}

/* Fold the rows of a partition whose hashes are in a range. */
static bool fold_range(struct rs_rows_cursor *cursor, struct rs_table_writer *writer,
                       struct rs_error *err)
{
    struct fold fold = {.limit_bytes = FOLD_BYTES};
    struct rs_row_view view = {0};
    enum rs_next next = RS_NEXT_END;
    while ((next = rs_rows_next(cursor, &view, err)) == RS_NEXT_ITEM) {
        keep_view(&fold, &view);
        if (fold.copies.used_bytes > fold.limit_bytes) {
            compact(&fold, writer);
        }
    }
    sort_views(&fold);
    for (size_t begin = 0; next == RS_NEXT_END && begin < fold.count;) {
        size_t end = end_of_id(&fold, begin);
        next = rs_table_writer_fold(writer, &fold.views[begin], end - begin, err) ? RS_NEXT_END
                                                                                  : RS_NEXT_ERROR;
        begin = end;
    }
    rs_mem_free(fold.views);
    rs_arena_release(&fold.copies);
    return next == RS_NEXT_END;
}

/*
 * A partition that is large on disk is folded in several passes over a slice of the hashes each,
 * so that memory stays bounded; slices come in order, so the rows do too.
 */
static bool encode_partition(struct rs_rows *rows, uint64_t partition,
                             const struct rs_layout_table *table, struct rs_table_writer *writer,
                             struct rs_error *err)
{
    uint64_t passes = rs_rows_partition_bytes(rows, table, partition) / PASS_BYTES + 1;
    uint64_t width = UINT64_MAX / RS_FOLD_PARTITIONS + 1;
    bool ok = true;
    for (uint64_t pass = 0; ok && pass < passes; pass++) {
        uint64_t begin = partition * width;
        uint64_t first = begin + width / passes * pass;
        uint64_t last = begin + (pass + 1 == passes ? width : width / passes * (pass + 1)) - 1;
        struct rs_rows_cursor *cursor = rs_rows_open(rows, table, partition, partition + 1);
        rs_rows_range(cursor, first, last);
        ok = fold_range(cursor, writer, err);
        rs_rows_close(cursor);
    }
    return ok;
}

static bool encode_fold(struct rs_rows *rows, uint64_t part, uint64_t parts,
                        const struct rs_table_writer_options *options,
                        struct rs_table_writer *writer, struct rs_error *err)
{
    uint64_t begin = RS_FOLD_PARTITIONS * part / parts;
    uint64_t end = RS_FOLD_PARTITIONS * (part + 1) / parts;
    for (uint64_t i = begin; i < end; i++) {
        if (!encode_partition(rows, i, options->layout, writer, err)) {
            return false;
        }
        rs_meter_advance(options->piece, (double)(i + 1 - begin) / (double)(end - begin));
    }
    return true;
}

void rs_encode_counts_add(struct rs_encode_counts *total, const struct rs_encode_counts *counts)
{
    total->rows += counts->rows;
    total->discards += counts->discards;
    for (size_t i = 0; i < RS_DISCARD_REASONS; i++) {
        total->discards_by[i] += counts->discards_by[i];
    }
    if (counts->oldest_us < total->oldest_us) {
        total->oldest_us = counts->oldest_us;
    }
    if (counts->newest_us > total->newest_us) {
        total->newest_us = counts->newest_us;
    }
}

bool rs_encode_part(struct rs_rows *rows, uint64_t part, uint64_t parts,
                    const struct rs_table_writer_options *options, struct rs_encode_counts *counts,
                    struct rs_error *err)
{
    struct rs_table_writer *writer = rs_table_writer_new(options);
    bool fold = options->layout->rows == RS_LAYOUT_FOLD;
    bool ok = fold ? encode_fold(rows, part, parts, options, writer, err)
                   : encode_plain(rows, part, parts, options, writer, counts, err);
    ok = ok && rs_table_writer_finish(writer, err);
    counts->rows += rs_table_writer_rows(writer);
    counts->discards += rs_table_writer_discards(writer);
    for (size_t i = 0; i < RS_DISCARD_REASONS; i++) {
        counts->discards_by[i] += rs_table_writer_discards_by(writer)[i];
    }
    rs_table_writer_free(writer);
    return ok;
}
