/*
 * A batch is a handful of growing arrays. Rows of a stream are chained by index, so a table's
 * rows are found without looking at the others.
 */
#include "rs/transform/cells.h"

struct rs_batch *rs_batch_new(uint32_t input, uint32_t chunk, uint32_t worker, size_t size_hint,
                              size_t row_hint)
{
    struct rs_batch *batch = rs_mem_zalloc(1, sizeof *batch);
    batch->input = input;
    batch->chunk = chunk;
    batch->worker = worker;
    batch->data = rs_mem_grow(NULL, &batch->capacity, size_hint, 1);
    batch->rows = rs_mem_grow(NULL, &batch->row_capacity, row_hint, sizeof *batch->rows);
    return batch;
}

void rs_batch_free(struct rs_batch *batch)
{
    if (!batch) {
        return;
    }
    rs_arena_release(&batch->reject_texts);
    rs_mem_free(batch->data);
    rs_mem_free(batch->rows);
    rs_mem_free(batch->groups);
    rs_mem_free(batch->rejects);
    rs_mem_free(batch);
}

void rs_batch_trim(struct rs_batch *batch)
{
    batch->capacity = batch->size + RS_CELL_SLACK;
    batch->data = rs_mem_resize(batch->data, batch->capacity, 1);
    batch->row_capacity = batch->row_count;
    batch->rows = rs_mem_resize(batch->rows, batch->row_count, sizeof *batch->rows);
}

size_t rs_batch_bytes(const struct rs_batch *batch)
{
    return sizeof *batch + batch->size + batch->row_count * sizeof *batch->rows +
           batch->group_count * sizeof *batch->groups + batch->reject_texts.used_bytes +
           batch->reject_count * sizeof *batch->rejects;
}

static struct rs_row_group *group_of(struct rs_batch *batch, uint32_t stream)
{
    for (size_t i = 0; i < batch->group_count; i++) {
        if (batch->groups[i].stream == stream) {
            return &batch->groups[i];
        }
    }
    batch->groups = rs_mem_grow(batch->groups, &batch->group_capacity, batch->group_count + 1,
                                sizeof *batch->groups);
    struct rs_row_group *group = &batch->groups[batch->group_count++];
    *group = (struct rs_row_group){.stream = stream, .first = RS_ROW_END, .last = RS_ROW_END};
    return group;
}

struct rs_row *rs_batch_add_row(struct rs_batch *batch, uint32_t stream)
{
    batch->rows =
        rs_mem_grow(batch->rows, &batch->row_capacity, batch->row_count + 1, sizeof *batch->rows);
    struct rs_row *row = &batch->rows[batch->row_count++];
    *row = (struct rs_row){.stream = stream, .offset = batch->size, .next = RS_ROW_END};
    return row;
}

void rs_batch_end_row(struct rs_batch *batch, struct rs_row *row)
{
    struct rs_row_group *group = group_of(batch, row->stream);
    uint32_t number = (uint32_t)(row - batch->rows);
    row->size = (uint32_t)(batch->size - row->offset);
    if (group->last == RS_ROW_END) {
        group->first = number;
    } else {
        batch->rows[group->last].next = number;
    }
    group->last = number;
    group->count++;
    group->size += row->size;
    group->common_size += row->common_size;
}

void rs_batch_add_reject(struct rs_batch *batch, uint64_t line, struct rs_str text,
                         const char *reason)
{
    batch->rejects = rs_mem_grow(batch->rejects, &batch->reject_capacity, batch->reject_count + 1,
                                 sizeof *batch->rejects);
    batch->rejects[batch->reject_count++] =
        (struct rs_reject){line, rs_arena_copy(&batch->reject_texts, text), reason};
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
    }
    return "";
}
