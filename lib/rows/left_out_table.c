/*
 * All rows of the table pass by in the order read. A value that was a discard before, for a
 * reason of its own, stays one for that reason.
 */
#include "rows/left_out_table.h"

#include "rows/discard.h"

enum { LINE_MAX_BYTES = 1 << 20 };

static void note(const struct rs_left_out_options *options, const struct rs_row_view *view,
                 const struct rs_discard *discard)
{
    if (options->discards_by) {
        options->discards_by[discard->reason]++;
    }
    if (options->examples) {
        rs_discard_examples_note(options->examples,
                                 &(struct rs_discard_example){.reason = discard->reason,
                                                              .ref = view->ref,
                                                              .line = view->line,
                                                              .table = discard->table,
                                                              .column = discard->column,
                                                              .value = discard->value});
    }
}

static bool write_cell(const struct rs_left_out_options *options, const struct rs_row_view *view,
                       const struct rs_cell *cell, struct rs_strbuf *line, struct rs_error *err)
{
    char room[RS_TIMEFMT_MAX];
    struct rs_cell id = {0};
    bool fold = options->layout->rows == RS_LAYOUT_FOLD;
    (void)rs_cell_read(view->cells + (fold ? view->fold_offset : 0), &id);
    struct rs_discard discard = {
        .table = options->layout->table->name,
        .column = fold && cell->text == id.text ? RS_STR("id")
                                                : view->source->columns->columns[cell->column].name,
        .row_id = {id.text, id.length},
        .received_us = view->received_us,
        .value = rs_cell_text(cell, room),
        .reason = cell->kind < RS_CELL_DISCARD
                      ? RS_DISCARD_NO_TABLE
                      : (enum rs_discard_reason)(cell->kind - RS_CELL_DISCARD),
        .sync_id = options->sync_id,
    };
    note(options, view, &discard);
    if (!options->discards) {
        return true;
    }
    rs_strbuf_reset(line);
    rs_discard_append(&discard, line);
    return rs_spool_append(options->discards, line->data, line->length, err);
}

static bool discard_row(const struct rs_left_out_options *options, const struct rs_row_view *view,
                        struct rs_strbuf *line, uint64_t *count, struct rs_error *err)
{
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        if (view->source->place[cell.column] == RS_PLACE_NONE || cell.kind == RS_CELL_NULL) {
            continue;
        }
        if (!write_cell(options, view, &cell, line, err)) {
            return false;
        }
        *count += 1;
    }
    return true;
}

bool rs_left_out_discard(struct rs_rows *rows, const struct rs_left_out_options *options,
                         uint64_t *count, struct rs_error *err)
{
    bool fold = options->layout->rows == RS_LAYOUT_FOLD;
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    struct rs_rows_cursor *cursor =
        rs_rows_open(rows, options->layout, 0, fold ? RS_FOLD_PARTITIONS : UINT64_MAX);
    struct rs_row_view view = {0};
    enum rs_next next = RS_NEXT_END;
    while ((next = rs_rows_next(cursor, &view, err)) == RS_NEXT_ITEM) {
        if (!discard_row(options, &view, &line, count, err)) {
            next = RS_NEXT_ERROR;
            break;
        }
    }
    rs_rows_close(cursor);
    rs_strbuf_release(&line);
    return next == RS_NEXT_END;
}
