/*
 * Batches wait in memory, in any order. To spill or to seal, they are put in order and each
 * table gets the list of its pieces: a batch and the groups of rows in it that go there. A spill
 * then writes each table's pieces as records and drops the batches; a seal keeps them. From then
 * on a table is a list of runs - spilled segments and pieces in memory - in the order read. A cursor
 * walks them run by run, passing over those that lie before the part that is asked for: a piece in
 * memory through its stream's group of rows, a segment on disk in large stretches.
 *
 * Why runs do not overlap: batches come in the order in which chunks were read, but for those
 * that are made at the same time, and a spill waits for these; so of each input a spill holds
 * chunks in a row. A segment goes on from one input to the next only where nothing of either,
 * or between them, is in another spill.
 */
#include "rows/rows.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "rows/spool.h"

enum {
    ROWS_A_MARK = 4, /* two bits a row */
    READ_BYTES = 1 << 20,
    SEGMENT_BYTES = 4 << 20, /* a part that begins inside a table reads this in vain */
    CACHE_LINE_BYTES = 64,
    LOOK_AHEAD_BYTES = 1024,
    LOOK_AHEAD_ROWS = 2,
    LOOK_AHEAD_HEADS = 8,
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
    struct segments *segments; /* one; of a folding table, one a partition */
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
    uint64_t line;
    int64_t received_us;
    uint64_t fold_hash;
    uint32_t worker;
    uint32_t stream;
    uint32_t fold_offset;
    uint32_t size; /* bytes of cells; this is also the row's weight */
};

struct rs_rows *rs_rows_new(uint64_t budget_bytes, const char *tmpdir)
{
    struct rs_rows *rows = rs_mem_zalloc(1, sizeof *rows);
    rows->budget_bytes = budget_bytes;
    rows->tmpdir = tmpdir;
    rows->tables = rs_map_new(0);
    return rows;
}

static size_t partitions_of(const struct stored_table *table)
{
    return table->rows == RS_LAYOUT_FOLD ? RS_FOLD_PARTITIONS : 1;
}

static void free_table(struct stored_table *table)
{
    for (size_t i = 0; i < partitions_of(table); i++) {
        rs_mem_free(table->segments[i].items);
    }
    rs_mem_free(table->segments);
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
        table->segments = rs_mem_zalloc(partitions_of(table), sizeof *table->segments);
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

/*
 * The next row of a piece, in the order read; NULL after the last. *position begins at 0 and is
 * for this function alone.
 */
static const struct rs_row *piece_next(const struct rs_rows *rows, const struct stored_table *table,
                                       const struct piece *piece, uint32_t *position)
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
        .line = batch->first_line + row->line,
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

static uint32_t partition_of(uint64_t fold_hash)
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
        while ((row = piece_next(rows, table, piece, &position)) != NULL) {
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
        while ((row = piece_next(rows, table, piece, &position)) != NULL) {
            if (partition_of(row->fold_hash) != partition) {
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
    size_t partitions = partitions_of(table);
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

static const struct mark *find_mark(const struct rs_rows *rows, rs_ref ref)
{
    struct mark key = {.batch = rs_ref_batch(ref)};
    return bsearch(&key, rows->marks, rows->mark_count, sizeof key, compare_marks);
}

void rs_rows_mark_dead(struct rs_rows *rows, rs_ref ref, enum rs_row_level level)
{
    const struct mark *mark = find_mark(rows, ref);
    uint32_t row = rs_ref_row(ref);
    unsigned shift = row % ROWS_A_MARK * 2;
    (void)atomic_fetch_or(&mark->bits[row / ROWS_A_MARK],
                          (unsigned char)((unsigned)level << shift));
}

/* --- walking a table ------------------------------------------------------------------------- */

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

uint64_t rs_rows_passed(const struct rs_rows_cursor *cursor)
{
    return cursor->at > cursor->begin ? cursor->at - cursor->begin : 0;
}

static bool folds(const struct rs_rows_cursor *cursor)
{
    return cursor->table->rows == RS_LAYOUT_FOLD;
}

/* Is the row one of those asked for? Moves the weight past it. */
static bool is_wanted(struct rs_rows_cursor *cursor, uint64_t weight, uint64_t fold_hash)
{
    if (folds(cursor)) {
        uint32_t partition = partition_of(fold_hash);
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
    while ((row = piece_next(cursor->rows, cursor->table, piece, &cursor->position)) != NULL) {
        uint32_t size = cursor->table->rows == RS_LAYOUT_COMMON ? row->common_size : row->size;
        if (!is_wanted(cursor, size, row->fold_hash) ||
            is_dead(cursor->mark, row->number, cursor->table->rows)) {
            continue;
        }
        *out = (struct rs_row_view){
            .ref = rs_ref_make(batch->input, batch->chunk, row->number),
            .line = batch->first_line + row->line,
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
            cursor->mark = find_mark(cursor->rows, record.ref);
        }
        if (!is_wanted(cursor, record.size, record.fold_hash) ||
            is_dead(cursor->mark, rs_ref_row(record.ref), cursor->table->rows)) {
            continue;
        }
        *out = (struct rs_row_view){
            .ref = record.ref,
            .line = record.line,
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
    cursor->mark = run->piece ? find_mark(cursor->rows, run->first_ref) : NULL;
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
