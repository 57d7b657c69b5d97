/*
 * A batch is a handful of growing arrays. Rows of a stream are chained by index, so a table's
 * rows are found without looking at the others; the last group used is tried first, because
 * events of a kind come in runs.
 */
#include "rs/transform/cells.h"

#include "rs/base/mem.h"

struct rs_batch *rs_batch_new(uint32_t input, uint32_t chunk, uint32_t worker)
{
    struct rs_batch *batch = rs_mem_zalloc(1, sizeof *batch);
    batch->input = input;
    batch->chunk = chunk;
    batch->worker = worker;
    return batch;
}

void rs_batch_free(struct rs_batch *batch)
{
    if (!batch) {
        return;
    }
    rs_mem_free(batch->text);
    rs_arena_release(&batch->arena);
    rs_mem_free(batch->rows);
    rs_mem_free(batch->cells);
    rs_mem_free(batch->groups);
    rs_mem_free(batch->rejects);
    rs_mem_free(batch);
}

size_t rs_batch_bytes(const struct rs_batch *batch)
{
    return sizeof *batch + batch->text_bytes + batch->arena.used_bytes +
           batch->row_count * sizeof *batch->rows + batch->cell_count * sizeof *batch->cells +
           batch->group_count * sizeof *batch->groups +
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

struct rs_row *rs_batch_add_row(struct rs_batch *batch, uint32_t stream, uint32_t first_cell)
{
    batch->rows =
        rs_mem_grow(batch->rows, &batch->row_capacity, batch->row_count + 1, sizeof *batch->rows);
    uint32_t number = (uint32_t)batch->row_count++;
    struct rs_row_group *group = group_of(batch, stream);
    if (group->last == RS_ROW_END) {
        group->first = number;
    } else {
        batch->rows[group->last].next = number;
    }
    group->last = number;
    group->count++;
    struct rs_row *row = &batch->rows[number];
    *row = (struct rs_row){.stream = stream, .first_cell = first_cell, .next = RS_ROW_END};
    return row;
}

void rs_batch_count_row(struct rs_batch *batch, const struct rs_row *row)
{
    struct rs_row_group *group = group_of(batch, row->stream);
    group->bytes += row->bytes;
    group->common_bytes += row->common_bytes;
}

void rs_batch_add_reject(struct rs_batch *batch, uint64_t line, struct rs_str text,
                         const char *reason)
{
    batch->rejects = rs_mem_grow(batch->rejects, &batch->reject_capacity, batch->reject_count + 1,
                                 sizeof *batch->rejects);
    batch->rejects[batch->reject_count++] = (struct rs_reject){line, text, reason};
}

const struct rs_row_group *rs_batch_find_group(const struct rs_batch *batch, uint32_t stream)
{
    for (size_t i = 0; i < batch->group_count; i++) {
        if (batch->groups[i].stream == stream) {
            return &batch->groups[i];
        }
    }
    return NULL;
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
