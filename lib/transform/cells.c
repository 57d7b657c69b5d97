/*
 * A batch is a handful of growing arrays; what is large lives in a slab.
 */
#include "transform/cells.h"

#include "base/mem.h"

enum { BYTES_BESIDE = 80 }; /* what a row costs elsewhere: its id for finding duplicates */

struct rs_batch *rs_batch_new(uint32_t input, uint32_t chunk, uint32_t worker, struct rs_slab *slab,
                              size_t row_hint, size_t size_hint)
{
    struct rs_batch *batch = rs_mem_zalloc(1, sizeof *batch);
    batch->input = input;
    batch->chunk = chunk;
    batch->worker = worker;
    batch->slab = slab;
    batch->row_capacity = row_hint;
    batch->rows = rs_mem_alloc(row_hint * sizeof *batch->rows);
    batch->data = rs_slab_begin(slab, size_hint, &batch->capacity);
    return batch;
}

void rs_batch_free(struct rs_batch *batch)
{
    if (!batch) {
        return;
    }
    rs_arena_release(&batch->reject_texts);
    if (!batch->order) {
        rs_mem_free(batch->rows); /* not ended: they are not in the slab yet */
    }
    rs_mem_free(batch->group_of);
    rs_mem_free(batch->groups);
    rs_mem_free(batch->rejects);
    rs_mem_free(batch);
}

static void *slab_array(struct rs_slab *slab, size_t size_bytes)
{
    size_t room = 0;
    char *place = rs_slab_begin(slab, size_bytes, &room);
    rs_slab_end(slab, size_bytes);
    return place;
}

/*
 * A counting sort by group. A table is written stream by stream, and rows that stand together
 * can be asked for before they are needed.
 */
void rs_batch_end(struct rs_batch *batch)
{
    rs_slab_end(batch->slab, batch->size + RS_CELL_SLACK);
    struct rs_row *sorted = slab_array(batch->slab, batch->row_count * sizeof *sorted);
    uint32_t *order = slab_array(batch->slab, batch->row_count * sizeof *order);
    uint32_t first = 0;
    for (size_t i = 0; i < batch->group_count; i++) {
        batch->groups[i].first = first;
        first += batch->groups[i].count;
        batch->groups[i].count = 0;
    }
    for (size_t i = 0; i < batch->row_count; i++) {
        struct rs_row_group *group = &batch->groups[batch->rows[i].group];
        uint32_t place = group->first + group->count++;
        sorted[place] = batch->rows[i];
        order[i] = place;
    }
    rs_mem_free(batch->rows);
    rs_mem_free(batch->group_of);
    batch->group_of = NULL;
    batch->rows = sorted;
    batch->order = order;
}

size_t rs_batch_bytes(const struct rs_batch *batch)
{
    return sizeof *batch + batch->size +
           batch->row_count * (sizeof *batch->rows + sizeof *batch->order + BYTES_BESIDE) +
           batch->group_count * sizeof *batch->groups + batch->reject_texts.used_bytes +
           batch->reject_count * sizeof *batch->rejects;
}

static uint32_t group_of(struct rs_batch *batch, uint32_t stream)
{
    if (stream >= batch->group_of_capacity) {
        size_t before = batch->group_of_capacity;
        batch->group_of = rs_mem_grow(batch->group_of, &batch->group_of_capacity,
                                      (size_t)stream + 1, sizeof *batch->group_of);
        memset(batch->group_of + before, 0,
               (batch->group_of_capacity - before) * sizeof *batch->group_of);
    }
    if (batch->group_of[stream] == 0) {
        batch->groups = rs_mem_grow(batch->groups, &batch->group_capacity, batch->group_count + 1,
                                    sizeof *batch->groups);
        batch->groups[batch->group_count++] = (struct rs_row_group){.stream = stream};
        batch->group_of[stream] = (uint32_t)batch->group_count;
    }
    return batch->group_of[stream] - 1;
}

struct rs_row *rs_batch_add_row(struct rs_batch *batch, uint32_t stream)
{
    if (RS_UNLIKELY(batch->row_count == batch->row_capacity)) {
        batch->rows = rs_mem_grow(batch->rows, &batch->row_capacity, batch->row_count + 1,
                                  sizeof *batch->rows);
    }
    struct rs_row *row = &batch->rows[batch->row_count];
    *row = (struct rs_row){.stream = stream,
                           .offset = (uint32_t)batch->size,
                           .number = (uint32_t)batch->row_count,
                           .group = group_of(batch, stream)};
    batch->row_count++;
    return row;
}

void rs_batch_end_row(struct rs_batch *batch, struct rs_row *row)
{
    struct rs_row_group *group = &batch->groups[row->group];
    row->size = (uint32_t)(batch->size - row->offset);
    group->count++;
    group->size += row->size;
    group->common_size += row->common_size;
}

void rs_batch_add_reject(struct rs_batch *batch, struct rs_place place, struct rs_str text,
                         const char *reason)
{
    batch->rejects = rs_mem_grow(batch->rejects, &batch->reject_capacity, batch->reject_count + 1,
                                 sizeof *batch->rejects);
    batch->rejects[batch->reject_count++] =
        (struct rs_reject){place, rs_arena_copy(&batch->reject_texts, text), reason};
}

const char *rs_discard_reason_text(enum rs_discard_reason reason)
{
    switch (reason) {
    case RS_DISCARD_TYPE:
        return "type";
    case RS_DISCARD_COLLISION:
        return "collision";
    case RS_DISCARD_TRUNCATED:
        return "truncated";
    case RS_DISCARD_COLUMNS:
        return "columns";
    case RS_DISCARD_NO_TABLE:
        return "no_table";
    case RS_DISCARD_ROW:
        return "row";
    case RS_DISCARD_ID:
        return "id";
    case RS_DISCARD_ENCODING:
        return "encoding";
    }
    return "";
}
