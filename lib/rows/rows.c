/*
 * Batches wait in memory, in any order. To spill or to seal, they are put in order and each
 * table gets the list of its pieces: a batch and the groups of rows in it that go there. A spill
 * then writes each table's pieces as records and drops the batches; a seal keeps them. From then
 * on a table is a list of runs - spilled segments and pieces in memory - in the order read.
 *
 * Why runs do not overlap: batches come in the order in which chunks were read, but for those
 * that are made at the same time, and a spill waits for these; so of each input a spill holds
 * chunks in a row. A segment goes on from one input to the next only where nothing of either,
 * or between them, is in another spill.
 */
#include "rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "rows/spool.h"

#include "rows/rows_internal.h"

enum {
    SEGMENT_BYTES = 4 << 20, /* a part that begins inside a table reads this in vain */
    CACHE_LINE_BYTES = 64,
    LOOK_AHEAD_BYTES = 1024,
    LOOK_AHEAD_ROWS = 2,
    LOOK_AHEAD_HEADS = 8,
};

struct rs_rows *rs_rows_new(uint64_t budget_bytes, const char *tmpdir)
{
    struct rs_rows *rows = rs_mem_zalloc(1, sizeof *rows);
    rows->budget_bytes = budget_bytes;
    rows->tmpdir = tmpdir;
    rows->tables = rs_map_new(0);
    return rows;
}

static void free_table(struct stored_table *table)
{
    for (size_t i = 0; i < RS_FOLD_PARTITIONS; i++) {
        rs_mem_free(table->segments[i].items);
    }
    rs_mem_free(table->pieces);
    rs_mem_free(table->runs);
    rs_mem_free(table);
}

static void free_batches(struct rs_rows *rows)
{
    for (size_t i = 0; i < rows->batch_count; i++) {
        rs_batch_free(rows->batches[i]);
    }
    rows->batch_count = 0;
    rows->memory_bytes = 0;
}

static void free_targets(struct rs_rows *rows)
{
    for (size_t i = 0; i < rows->worker_count; i++) {
        rs_mem_free(rows->targets[i]);
    }
    rs_mem_free(rows->targets);
    rows->targets = NULL;
    rows->worker_count = 0;
}

void rs_rows_free(struct rs_rows *rows)
{
    if (!rows) {
        return;
    }
    free_batches(rows);
    for (size_t i = 0; i < rows->mark_count; i++) {
        rs_mem_free(rows->marks[i].bits);
    }
    for (size_t i = 0; i < rs_map_count(rows->tables); i++) {
        free_table(rs_map_at(rows->tables, i, NULL));
    }
    free_targets(rows);
    rs_map_free(rows->tables);
    rs_spool_free(rows->spool);
    rs_mem_free(rows->batches);
    rs_mem_free(rows->marks);
    rs_mem_free(rows->inputs);
    rs_mem_free(rows);
}

static uint64_t batch_key(const struct rs_batch *batch)
{
    return rs_ref_batch(rs_ref_make(batch->input, batch->chunk, 0));
}

void rs_rows_add(struct rs_rows *rows, struct rs_batch *batch)
{
    rows->batches = rs_mem_grow(rows->batches, &rows->batch_capacity, rows->batch_count + 1,
                                sizeof(struct rs_batch *));
    rows->batches[rows->batch_count++] = batch;
    rows->marks =
        rs_mem_grow(rows->marks, &rows->mark_capacity, rows->mark_count + 1, sizeof *rows->marks);
    rows->marks[rows->mark_count++] = (struct mark){
        batch_key(batch), rs_mem_zalloc(batch->row_count / ROWS_A_MARK + 1, sizeof(atomic_uchar))};
    rows->memory_bytes += rs_batch_bytes(batch);
}

static struct input_state *state_of(struct rs_rows *rows, uint32_t input)
{
    size_t before = rows->input_capacity;
    rows->inputs =
        rs_mem_grow(rows->inputs, &rows->input_capacity, (size_t)input + 1, sizeof *rows->inputs);
    memset(rows->inputs + before, 0, (rows->input_capacity - before) * sizeof *rows->inputs);
    return &rows->inputs[input];
}

void rs_rows_finish_input(struct rs_rows *rows, uint32_t input)
{
    state_of(rows, input)->finished = true;
}

bool rs_rows_full(const struct rs_rows *rows)
{
    return rows->memory_bytes > rows->budget_bytes;
}

/* --- which rows go where ------------------------------------------------------------------ */

static int compare_batches(const void *left, const void *right)
{
    uint64_t a = batch_key(*(struct rs_batch *const *)left);
    uint64_t b = batch_key(*(struct rs_batch *const *)right);
    return (a > b) - (a < b);
}

static struct stored_table *table_of(struct rs_rows *rows, const struct rs_stream_target *target)
{
    void **slot = rs_map_put(rows->tables, target->table);
    if (!*slot) {
        struct stored_table *table = rs_mem_zalloc(1, sizeof *table);
        table->rows = target->rows;
        *slot = table;
    }
    return *slot;
}

static void find_targets(struct rs_rows *rows, struct rs_projector *const *projectors)
{
    size_t workers = 0;
    for (size_t i = 0; i < rows->batch_count; i++) {
        if (rows->batches[i]->worker >= workers) {
            workers = (size_t)rows->batches[i]->worker + 1;
        }
    }
    free_targets(rows);
    rows->worker_count = workers;
    rows->targets = rs_mem_zalloc(workers, sizeof(struct targets *));
    for (size_t i = 0; i < workers; i++) {
        size_t streams = rs_projector_stream_count(projectors[i]);
        rows->targets[i] = rs_mem_zalloc(streams, sizeof **rows->targets);
        for (size_t j = 0; j < streams; j++) {
            struct rs_stream_target names[2];
            size_t count = rs_stream_targets(rs_projector_stream(projectors[i], j), names);
            for (size_t k = 0; k < count; k++) {
                rows->targets[i][j].table[k] = table_of(rows, &names[k]);
            }
        }
    }
}

static void add_piece(struct stored_table *table, const struct rs_batch *batch,
                      const struct rs_row_group *group)
{
    uint64_t weight = table->rows == RS_LAYOUT_COMMON ? group->common_size : group->size;
    struct piece *last = table->piece_count ? &table->pieces[table->piece_count - 1] : NULL;
    if (last && last->batch == batch) {
        last->weight += weight;
        last->group = NULL;
        return;
    }
    table->pieces = rs_mem_grow(table->pieces, &table->piece_capacity, table->piece_count + 1,
                                sizeof *table->pieces);
    table->pieces[table->piece_count++] = (struct piece){batch, group, weight};
}

/* Sort the batches, show them to the visitor, and list each table's pieces. */
static bool collect(struct rs_rows *rows, struct rs_projector *const *projectors,
                    const struct rs_rows_visitor *visitor, struct rs_error *err)
{
    if (rows->batch_count > 1) {
        qsort(rows->batches, rows->batch_count, sizeof(struct rs_batch *), compare_batches);
    }
    find_targets(rows, projectors);
    for (size_t i = 0; i < rows->batch_count; i++) {
        const struct rs_batch *batch = rows->batches[i];
        if (visitor && !visitor->batch(visitor->arg, batch, err)) {
            return false;
        }
        for (size_t j = 0; j < batch->group_count; j++) {
            const struct targets *targets = &rows->targets[batch->worker][batch->groups[j].stream];
            for (size_t k = 0; k < RS_COUNTOF(targets->table); k++) {
                if (targets->table[k]) {
                    add_piece(targets->table[k], batch, &batch->groups[j]);
                }
            }
        }
    }
    return true;
}

/*
 * Rows lie far apart in memory. While one is written, the cells of the next but one are asked
 * for, and of the rows in the order read the head of a later one.
 */
static void look_ahead(const struct rs_batch *batch, const struct rs_row *row, uint32_t size)
{
    const char *cells = batch->data + row->offset;
    for (uint32_t i = 0; i < size && i < LOOK_AHEAD_BYTES; i += CACHE_LINE_BYTES) {
        RS_PREFETCH(cells + i);
    }
}

static const struct rs_row *next_of_group(const struct piece *piece, uint32_t *position)
{
    const struct rs_row *rows = &piece->batch->rows[piece->group->first];
    uint32_t at = *position;
    if (at == piece->group->count) {
        return NULL;
    }
    if (at + LOOK_AHEAD_ROWS < piece->group->count) {
        const struct rs_row *ahead = &rows[at + LOOK_AHEAD_ROWS];
        look_ahead(piece->batch, ahead, ahead->size);
    }
    *position = at + 1;
    return &rows[at];
}

const struct rs_row *rs_rows_piece_next(const struct rs_rows *rows,
                                        const struct stored_table *table, const struct piece *piece,
                                        uint32_t *position)
{
    const struct rs_batch *batch = piece->batch;
    if (piece->group) {
        return next_of_group(piece, position);
    }
    while (*position < batch->row_count) {
        const struct rs_row *row = &batch->rows[batch->order[(*position)++]];
        const struct targets *targets = &rows->targets[batch->worker][row->stream];
        if (*position + LOOK_AHEAD_HEADS < batch->row_count) {
            const struct rs_row *ahead = &batch->rows[batch->order[*position + LOOK_AHEAD_ROWS]];
            look_ahead(batch, ahead, ahead->common_size);
            RS_PREFETCH(&batch->rows[batch->order[*position + LOOK_AHEAD_HEADS]]);
        }
        if (targets->table[0] == table || targets->table[1] == table) {
            return row;
        }
    }
    return NULL;
}

/* --- spilling -------------------------------------------------------------------------------- */

static uint32_t row_size(const struct stored_table *table, const struct rs_row *row)
{
    return table->rows == RS_LAYOUT_COMMON ? row->common_size : row->size;
}

static bool write_record(struct rs_rows *rows, const struct stored_table *table,
                         const struct rs_batch *batch, const struct rs_row *row,
                         struct rs_error *err)
{
    struct record record = {
        .ref = rs_ref_make(batch->input, batch->chunk, row->number),
        .received_us = row->received_us,
        .fold_hash = row->fold_hash,
        .worker = batch->worker,
        .stream = row->stream,
        .fold_offset = row->fold_offset,
        .size = row_size(table, row),
    };
    return rs_spool_append(rows->spool, &record, sizeof record, err) &&
           rs_spool_append(rows->spool, batch->data + row->offset, record.size, err);
}

static struct segment *new_segment(struct rs_rows *rows, struct segments *segments, rs_ref ref)
{
    segments->items = rs_mem_grow(segments->items, &segments->capacity, segments->count + 1,
                                  sizeof *segments->items);
    struct segment *segment = &segments->items[segments->count++];
    *segment = (struct segment){.offset = rs_spool_end(rows->spool), .first_ref = ref};
    return segment;
}

/*
 * May the segment that holds rows of batch `before` go on with those of `batch`? Only when no
 * other spill can hold rows that belong between them: none of the inputs from the one to the
 * other has more to come, and none but the first was there earlier.
 */
static bool goes_on(struct rs_rows *rows, const struct rs_batch *before,
                    const struct rs_batch *batch)
{
    for (uint32_t i = before->input; i < batch->input; i++) {
        if (!state_of(rows, i)->finished || state_of(rows, i + 1)->spilled) {
            return false;
        }
    }
    return true;
}

uint32_t rs_rows_partition(uint64_t fold_hash)
{
    return (uint32_t)(fold_hash / (UINT64_MAX / RS_FOLD_PARTITIONS + 1));
}

static bool spill_plain(struct rs_rows *rows, struct stored_table *table, struct rs_error *err)
{
    struct segments *segments = &table->segments[0];
    struct segment *segment = NULL;
    const struct rs_batch *before = NULL;
    for (size_t i = 0; i < table->piece_count; i++) {
        const struct piece *piece = &table->pieces[i];
        uint32_t position = 0;
        const struct rs_row *row = NULL;
        if (before && !goes_on(rows, before, piece->batch)) {
            segment = NULL;
        }
        while ((row = rs_rows_piece_next(rows, table, piece, &position)) != NULL) {
            if (!segment || segment->bytes >= SEGMENT_BYTES) {
                segment =
                    new_segment(rows, segments,
                                rs_ref_make(piece->batch->input, piece->batch->chunk, row->number));
            }
            if (!write_record(rows, table, piece->batch, row, err)) {
                return false;
            }
            segment->bytes = rs_spool_end(rows->spool) - segment->offset;
            segment->weight += row_size(table, row);
        }
        before = piece->batch;
    }
    return true;
}

/* One partition's rows of all pieces. */
static bool spill_partition(struct rs_rows *rows, struct stored_table *table, uint32_t partition,
                            struct rs_error *err)
{
    struct segment *segment = NULL;
    for (size_t i = 0; i < table->piece_count; i++) {
        const struct piece *piece = &table->pieces[i];
        uint32_t position = 0;
        const struct rs_row *row = NULL;
        while ((row = rs_rows_piece_next(rows, table, piece, &position)) != NULL) {
            if (rs_rows_partition(row->fold_hash) != partition) {
                continue;
            }
            if (!segment) {
                segment =
                    new_segment(rows, &table->segments[partition],
                                rs_ref_make(piece->batch->input, piece->batch->chunk, row->number));
            }
            if (!write_record(rows, table, piece->batch, row, err)) {
                return false;
            }
            segment->bytes = rs_spool_end(rows->spool) - segment->offset;
            segment->weight += row_size(table, row);
        }
    }
    return true;
}

static bool spill_table(struct rs_rows *rows, struct stored_table *table, struct rs_error *err)
{
    if (table->rows != RS_LAYOUT_FOLD) {
        return spill_plain(rows, table, err);
    }
    for (uint32_t i = 0; i < RS_FOLD_PARTITIONS; i++) {
        if (!spill_partition(rows, table, i, err)) {
            return false;
        }
    }
    return true;
}

bool rs_rows_spill(struct rs_rows *rows, struct rs_projector *const *projectors,
                   const struct rs_rows_visitor *visitor, struct rs_error *err)
{
    if (!rows->spool) {
        rows->spool = rs_spool_new(rows->tmpdir);
    }
    if (!collect(rows, projectors, visitor, err)) {
        return false;
    }
    for (size_t i = 0; i < rs_map_count(rows->tables); i++) {
        struct stored_table *table = rs_map_at(rows->tables, i, NULL);
        if (!spill_table(rows, table, err)) {
            return false;
        }
        table->piece_count = 0;
    }
    for (size_t i = 0; i < rows->batch_count; i++) {
        state_of(rows, rows->batches[i]->input)->spilled = true;
    }
    free_batches(rows);
    return true;
}

/* --- sealing --------------------------------------------------------------------------------- */

static int compare_runs(const void *left, const void *right)
{
    rs_ref a = ((const struct run *)left)->first_ref;
    rs_ref b = ((const struct run *)right)->first_ref;
    return (a > b) - (a < b);
}

static int compare_marks(const void *left, const void *right)
{
    uint64_t a = ((const struct mark *)left)->batch;
    uint64_t b = ((const struct mark *)right)->batch;
    return (a > b) - (a < b);
}

static void list_runs(struct stored_table *table)
{
    size_t partitions = table->rows == RS_LAYOUT_FOLD ? RS_FOLD_PARTITIONS : 1;
    size_t total = table->piece_count;
    for (size_t i = 0; i < partitions; i++) {
        total += table->segments[i].count;
    }
    table->runs = rs_mem_zalloc(total, sizeof *table->runs);
    for (uint32_t i = 0; i < partitions; i++) {
        for (size_t j = 0; j < table->segments[i].count; j++) {
            const struct segment *segment = &table->segments[i].items[j];
            table->runs[table->run_count++] =
                (struct run){segment->first_ref, segment->weight, segment, NULL, i};
            table->weight += segment->weight;
        }
    }
    for (size_t i = 0; i < table->piece_count; i++) {
        const struct piece *piece = &table->pieces[i];
        rs_ref ref = rs_ref_make(piece->batch->input, piece->batch->chunk, 0);
        table->runs[table->run_count++] = (struct run){ref, piece->weight, NULL, piece, 0};
        table->weight += piece->weight;
    }
    if (table->run_count > 1) {
        qsort(table->runs, table->run_count, sizeof *table->runs, compare_runs);
    }
}

bool rs_rows_seal(struct rs_rows *rows, struct rs_projector *const *projectors,
                  const struct rs_rows_visitor *visitor, struct rs_error *err)
{
    if (!collect(rows, projectors, visitor, err)) {
        return false;
    }
    for (size_t i = 0; i < rs_map_count(rows->tables); i++) {
        list_runs(rs_map_at(rows->tables, i, NULL));
    }
    if (rows->mark_count > 1) {
        qsort(rows->marks, rows->mark_count, sizeof *rows->marks, compare_marks);
    }
    return true;
}

/* --- marks ----------------------------------------------------------------------------------- */

const struct mark *rs_rows_find_mark(const struct rs_rows *rows, rs_ref ref)
{
    struct mark key = {.batch = rs_ref_batch(ref)};
    return bsearch(&key, rows->marks, rows->mark_count, sizeof key, compare_marks);
}

void rs_rows_mark_dead(struct rs_rows *rows, rs_ref ref, enum rs_row_level level)
{
    const struct mark *mark = rs_rows_find_mark(rows, ref);
    uint32_t row = rs_ref_row(ref);
    unsigned shift = row % ROWS_A_MARK * 2;
    (void)atomic_fetch_or(&mark->bits[row / ROWS_A_MARK],
                          (unsigned char)((unsigned)level << shift));
}
