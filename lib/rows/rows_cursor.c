/*
 * Walking a table: run by run in the order read, passing over the runs that lie before the part
 * that is asked for. A piece in memory is walked through its stream's group of rows; a
 * segment on disk is read in large stretches.
 */
#include "rows/rows.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "rows/spool.h"

#include "rows/rows_internal.h"

enum { READ_BYTES = 1 << 20 };

static bool is_dead(const struct mark *mark, uint32_t row, enum rs_layout_rows rows)
{
    unsigned level = rows == RS_LAYOUT_COMMON ? RS_LEVEL_COMMON : RS_LEVEL_OWN;
    unsigned bits = atomic_load_explicit(&mark->bits[row / ROWS_A_MARK], memory_order_relaxed);
    return rows != RS_LAYOUT_FOLD && (bits >> (row % ROWS_A_MARK * 2) & level) != 0;
}

struct rs_rows_cursor {
    struct rs_rows *rows;
    const struct rs_layout_table *layout;
    const struct stored_table *table;
    uint64_t begin; /* weight, or partition */
    uint64_t end;
    uint64_t first_hash; /* of a folding table's rows */
    uint64_t last_hash;
    uint64_t at; /* weight before the next row */
    size_t run;
    bool in_run;
    const struct mark *mark;
    uint32_t position; /* in a piece */
    uint64_t offset;   /* in a segment: of the next record */
    char *buffer;      /* bytes of the spool from buffer_offset on */
    size_t buffer_capacity;
    uint64_t buffer_offset;
    size_t buffer_bytes;
};

static const struct stored_table *find_table(const struct rs_rows *rows,
                                             const struct rs_layout_table *table)
{
    return rs_map_find(rows->tables, table->table->name);
}

uint64_t rs_rows_weight(const struct rs_rows *rows, const struct rs_layout_table *table)
{
    const struct stored_table *stored = find_table(rows, table);
    return stored ? stored->weight : 0;
}

uint64_t rs_rows_partition_bytes(const struct rs_rows *rows, const struct rs_layout_table *table,
                                 uint64_t partition)
{
    const struct stored_table *stored = find_table(rows, table);
    uint64_t bytes = 0;
    for (size_t i = 0; stored && i < stored->segments[partition].count; i++) {
        bytes += stored->segments[partition].items[i].bytes;
    }
    return bytes;
}

struct rs_rows_cursor *rs_rows_open(struct rs_rows *rows, const struct rs_layout_table *table,
                                    uint64_t begin, uint64_t end)
{
    struct rs_rows_cursor *cursor = rs_mem_zalloc(1, sizeof *cursor);
    cursor->rows = rows;
    cursor->layout = table;
    cursor->table = find_table(rows, table);
    cursor->begin = begin;
    cursor->end = end;
    cursor->last_hash = UINT64_MAX;
    return cursor;
}

void rs_rows_range(struct rs_rows_cursor *cursor, uint64_t first_hash, uint64_t last_hash)
{
    cursor->first_hash = first_hash;
    cursor->last_hash = last_hash;
}

void rs_rows_close(struct rs_rows_cursor *cursor)
{
    if (cursor) {
        rs_mem_free(cursor->buffer);
        rs_mem_free(cursor);
    }
}

static bool folds(const struct rs_rows_cursor *cursor)
{
    return cursor->table->rows == RS_LAYOUT_FOLD;
}

/* Is the row one of those asked for? Moves the weight past it. */
static bool is_wanted(struct rs_rows_cursor *cursor, uint64_t weight, uint64_t fold_hash)
{
    if (folds(cursor)) {
        uint32_t partition = rs_rows_partition(fold_hash);
        return partition >= cursor->begin && partition < cursor->end &&
               fold_hash >= cursor->first_hash && fold_hash <= cursor->last_hash;
    }
    uint64_t at = cursor->at;
    cursor->at += weight;
    return at >= cursor->begin && at < cursor->end;
}

static enum rs_next next_in_piece(struct rs_rows_cursor *cursor, const struct piece *piece,
                                  struct rs_row_view *out)
{
    const struct rs_batch *batch = piece->batch;
    const struct rs_row *row = NULL;
    while ((row = rs_rows_piece_next(cursor->rows, cursor->table, piece, &cursor->position)) !=
           NULL) {
        uint32_t size = cursor->table->rows == RS_LAYOUT_COMMON ? row->common_size : row->size;
        if (!is_wanted(cursor, size, row->fold_hash) ||
            is_dead(cursor->mark, row->number, cursor->table->rows)) {
            continue;
        }
        *out = (struct rs_row_view){
            .ref = rs_ref_make(batch->input, batch->chunk, row->number),
            .source = rs_layout_source_of(cursor->layout, batch->worker, row->stream),
            .cells = batch->data + row->offset,
            .size = size,
            .received_us = row->received_us,
            .fold_hash = row->fold_hash,
            .fold_offset = row->fold_offset,
            .stays = true,
        };
        return RS_NEXT_ITEM;
    }
    return RS_NEXT_END;
}

/*
 * Have count bytes of the spool from offset on in the buffer, and RS_CELL_SLACK that may be read
 * behind them. Returns them, or NULL.
 */
static char *fill_buffer(struct rs_rows_cursor *cursor, const struct segment *segment, size_t count,
                         struct rs_error *err)
{
    uint64_t offset = cursor->offset;
    if (cursor->buffer && offset >= cursor->buffer_offset &&
        offset + count <= cursor->buffer_offset + cursor->buffer_bytes) {
        return cursor->buffer + (offset - cursor->buffer_offset);
    }
    uint64_t left = segment->offset + segment->bytes - offset;
    size_t wanted = count > READ_BYTES ? count : READ_BYTES;
    wanted = wanted > left ? (size_t)left : wanted;
    cursor->buffer =
        rs_mem_grow(cursor->buffer, &cursor->buffer_capacity, wanted + RS_CELL_SLACK, 1);
    cursor->buffer_offset = offset;
    cursor->buffer_bytes = wanted;
    if (!rs_spool_read(cursor->rows->spool, offset, cursor->buffer, wanted, err)) {
        return NULL;
    }
    return cursor->buffer;
}

/* Read the record at the cursor; its cells stay in the buffer until the next one is read. */
static const char *read_record(struct rs_rows_cursor *cursor, const struct segment *segment,
                               struct record *record, struct rs_error *err)
{
    const char *place = fill_buffer(cursor, segment, sizeof *record, err);
    if (!place) {
        return NULL;
    }
    memcpy(record, place, sizeof *record);
    place = fill_buffer(cursor, segment, sizeof *record + record->size, err);
    if (!place) {
        return NULL;
    }
    cursor->offset += sizeof *record + record->size;
    place += sizeof *record;
    return place;
}

static enum rs_next next_in_segment(struct rs_rows_cursor *cursor, const struct segment *segment,
                                    struct rs_row_view *out, struct rs_error *err)
{
    while (cursor->offset < segment->offset + segment->bytes) {
        struct record record = {0};
        const char *cells = read_record(cursor, segment, &record, err);
        if (!cells) {
            return RS_NEXT_ERROR;
        }
        if (!cursor->mark || cursor->mark->batch != rs_ref_batch(record.ref)) {
            cursor->mark = rs_rows_find_mark(cursor->rows, record.ref);
        }
        if (!is_wanted(cursor, record.size, record.fold_hash) ||
            is_dead(cursor->mark, rs_ref_row(record.ref), cursor->table->rows)) {
            continue;
        }
        *out = (struct rs_row_view){
            .ref = record.ref,
            .source = rs_layout_source_of(cursor->layout, record.worker, record.stream),
            .cells = cells,
            .size = record.size,
            .received_us = record.received_us,
            .fold_hash = record.fold_hash,
            .fold_offset = record.fold_offset,
        };
        return RS_NEXT_ITEM;
    }
    return RS_NEXT_END;
}

/* Could the run hold rows that are wanted? One that cannot is passed over. */
static bool enter_run(struct rs_rows_cursor *cursor, const struct run *run)
{
    if (folds(cursor)) {
        if (run->segment && (run->partition < cursor->begin || run->partition >= cursor->end)) {
            return false;
        }
    } else if (cursor->at + run->weight <= cursor->begin) {
        cursor->at += run->weight;
        return false;
    }
    cursor->in_run = true;
    cursor->position = 0;
    cursor->offset = run->segment ? run->segment->offset : 0;
    cursor->mark = run->piece ? rs_rows_find_mark(cursor->rows, run->first_ref) : NULL;
    return true;
}

enum rs_next rs_rows_next(struct rs_rows_cursor *cursor, struct rs_row_view *out,
                          struct rs_error *err)
{
    while (cursor->table && cursor->run < cursor->table->run_count &&
           (folds(cursor) || cursor->at < cursor->end)) {
        const struct run *run = &cursor->table->runs[cursor->run];
        if (!cursor->in_run && !enter_run(cursor, run)) {
            cursor->run++;
            continue;
        }
        enum rs_next next = run->piece ? next_in_piece(cursor, run->piece, out)
                                       : next_in_segment(cursor, run->segment, out, err);
        if (next != RS_NEXT_END) {
            return next;
        }
        cursor->in_run = false;
        cursor->run++;
    }
    return RS_NEXT_END;
}
