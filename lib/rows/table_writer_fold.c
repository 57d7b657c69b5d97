/*
 * The rows of one id come from the newest to the oldest; a slot is filled by the first value that
 * goes into its column, and remembers when its row was received.
 */
#include "base/timefmt.h"
#include "rows/table_writer_internal.h"

/* Would the cell go into the column? A cut value does. */
static bool fits(struct rs_table_writer *writer, const struct rs_cell *cell, size_t place,
                 enum rs_fit *fit)
{
    struct rs_writer_buffer *buffer = &writer->rows;
    writer->room = rs_writer_row_room(writer, cell->length);
    rs_writer_make_room(buffer, writer->room);
    (void)rs_writer_put(writer, buffer, buffer->data + buffer->length, cell, place, fit);
    return *fit != RS_FIT_NO;
}

/* Offer a cell of a row to its column, which no newer row has filled. */
static bool fold_cell(struct rs_table_writer *writer, const struct rs_row_view *view,
                      const struct rs_cell *cell, int32_t place, struct rs_error *err)
{
    enum rs_fit fit = RS_FIT_NO;
    enum rs_discard_reason reason = RS_DISCARD_TYPE;
    if (rs_writer_is_discard(cell)) {
        reason = rs_writer_reason(cell);
    } else if (place == RS_PLACE_DROPPED) {
        reason = RS_DISCARD_COLUMNS;
    } else if (fits(writer, cell, (size_t)place, &fit)) {
        writer->slots[place] = (struct rs_writer_slot){*cell, view->received_us, view->cells};
        reason = RS_DISCARD_TRUNCATED;
    }
    return fit == RS_FIT_AS_IS || fit == RS_FIT_CONVERTED ||
           rs_writer_discard(writer, view, cell, reason, err);
}

/* Take what a row has for columns that no newer row filled. */
static bool fold_row(struct rs_table_writer *writer, const struct rs_row_view *view,
                     struct rs_error *err)
{
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        int32_t place = view->source->place[cell.column];
        /* An older value is superseded, not lost; what the same row could not store is. */
        bool taken = place >= 0 && writer->slots[place].cell.text &&
                     !(rs_writer_is_discard(&cell) && writer->slots[place].row == view->cells);
        if (place != RS_PLACE_NONE && !taken && !fold_cell(writer, view, &cell, place, err)) {
            return false;
        }
    }
    return true;
}

bool rs_table_writer_adds(struct rs_table_writer *writer, const struct rs_row_view *view,
                          bool newest)
{
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    bool adds = newest;
    if (newest) {
        rs_writer_fill_constants(writer, view);
    }
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        int32_t place = view->source->place[cell.column];
        enum rs_fit fit = RS_FIT_NO;
        if (place == RS_PLACE_NONE || (place >= 0 && writer->slots[place].cell.text)) {
            continue;
        }
        adds = true;
        if (place >= 0 && !rs_writer_is_discard(&cell) &&
            fits(writer, &cell, (size_t)place, &fit)) {
            writer->slots[place] = (struct rs_writer_slot){cell, view->received_us, view->cells};
        }
    }
    return adds;
}

/* The row's line of times: the id, and when each value older than the row was received. */
static void put_times(struct rs_table_writer *writer, const struct rs_row_view *newest)
{
    struct rs_writer_buffer *buffer = &writer->times;
    struct rs_cell id = {0};
    bool any = false;
    (void)rs_cell_read(newest->cells + newest->fold_offset, &id);
    writer->room = rs_writer_row_room(writer, id.length);
    rs_writer_make_room(buffer, writer->room);
    char *out = buffer->data + buffer->length;
    enum rs_fit fit = RS_FIT_NO;
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct rs_writer_slot *slot = &writer->slots[i];
        if (rs_str_equal(writer->columns[i].name, RS_STR("id"))) {
            out = rs_writer_put(writer, buffer, out, &id, i, &fit);
        } else if (writer->columns[i].role == RS_COLUMN_SHARD) {
            out = rs_writer_put(writer, buffer, out, &writer->shard_number.cell, i, &fit);
        } else if (writer->columns[i].role != RS_COLUMN_VALUE ||
                   !rs_schema_has_time(writer->columns[i].name)) {
            continue;
        } else if (slot->cell.text && slot->received_us < newest->received_us) {
            out += rs_timefmt_format(slot->received_us, out);
            any = true;
        } else {
            out = rs_writer_put_raw(out, writer->null_text, writer->options.null_text.length);
        }
        *out++ = ',';
    }
    out[-1] = '\n';
    buffer->length = any ? (size_t)(out - buffer->data) : buffer->length;
}

bool rs_table_writer_fold(struct rs_table_writer *writer, const struct rs_row_view *views,
                          size_t count, struct rs_error *err)
{
    rs_writer_fill_constants(writer, &views[0]);
    for (size_t i = 0; i < count; i++) {
        if (!fold_row(writer, &views[i], err)) {
            return false;
        }
    }
    size_t bytes = 0;
    for (size_t i = 0; i < writer->column_count; i++) {
        bytes += writer->slots[i].cell.length;
    }
    size_t room = rs_writer_row_room(writer, bytes);
    writer->room = room;
    if (!rs_writer_shed(writer, &views[0], err)) {
        return false;
    }
    if (writer->options.times) {
        put_times(writer, &views[0]);
    }
    writer->room = room;
    return rs_writer_put_slots(writer, NULL, err) &&
           rs_writer_flush(&writer->times, RS_WRITER_FLUSH_BYTES, writer->options.times, err);
}
