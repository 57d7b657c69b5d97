/*
 * A row's cells come in the event's order. They are put into slots, one a column, and the slots
 * are walked in the schema's order: each cell's text is written once, straight into the output
 * buffer. The common cases - a string that fits, a number in a column of its own type, an
 * instant - are decided here; the rest goes through rs_coltype_convert.
 *
 * Room in the buffer is asked for once a row: a field doubles at most (quotes), and what a
 * conversion adds is bounded.
 */
#include "rs/stage/table_writer.h"

#include <string.h>

#include "rs/base/mem.h"
#include "rs/base/timefmt.h"
#include "rs/codec/csv.h"
#include "rs/stage/discard.h"

enum {
    FLUSH_BYTES = 256 << 10,
    CELL_ROOM = 96, /* beyond twice its text: quotes, an instant, a converted number */
    CONVERT_MAX = 64 << 20,
};

/* Numbers of the columns that every row has, though no event does. */
enum { COLUMN_UUID_TS = RS_STREAM_MAX_COLUMNS + 1, COLUMN_EVENT };

struct slot {
    struct rs_cell cell; /* text is NULL where there is none */
    int64_t received_us; /* of the row that the cell is from, when folding */
    const char *row;     /* that row's cells */
};

/* How cells of a kind are written into a column. */
enum action {
    ACTION_CONVERT, /* look at the value; 0, so the default */
    ACTION_QUOTE,   /* as text, when it is not too long */
    ACTION_COPY,    /* as it is: nothing in it needs quotes */
    ACTION_INSTANT,
};

enum { KIND_COUNT = 16 };

struct actions {
    uint8_t of_kind[KIND_COUNT];
};

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

struct rs_table_writer {
    struct rs_table_writer_options options;
    const struct rs_column *columns;
    size_t column_count;
    struct actions *actions; /* a column */
    struct slot *slots;
    size_t room;     /* that the rest of the row may need */
    char *null_text; /* with RS_CELL_SLACK bytes behind it */
    struct rs_cell uuid_ts;
    char uuid_ts_bytes[RS_CELL_SLACK];
    struct buffer rows;
    struct buffer times;
    struct rs_strbuf converted;
    struct rs_strbuf line;
    uint64_t row_count;
    uint64_t discard_count;
};

static const struct actions actions_of[RS_TYPE_OTHER + 1] = {
    [RS_TYPE_BOOLEAN] = {{[RS_CELL_BOOLEAN] = ACTION_COPY}},
    [RS_TYPE_BIGINT] = {{[RS_CELL_INTEGER] = ACTION_COPY, [RS_CELL_WIDE_INTEGER] = ACTION_COPY}},
    [RS_TYPE_DOUBLE] = {{[RS_CELL_FLOAT] = ACTION_COPY}},
    [RS_TYPE_TIMESTAMP] = {{[RS_CELL_INSTANT] = ACTION_INSTANT}},
    [RS_TYPE_VARCHAR] = {{[RS_CELL_BOOLEAN] = ACTION_QUOTE,
                          [RS_CELL_INTEGER] = ACTION_QUOTE,
                          [RS_CELL_WIDE_INTEGER] = ACTION_QUOTE,
                          [RS_CELL_FLOAT] = ACTION_QUOTE,
                          [RS_CELL_TIMESTAMP] = ACTION_QUOTE,
                          [RS_CELL_STRING] = ACTION_QUOTE,
                          [RS_CELL_ARRAY] = ACTION_QUOTE}},
    [RS_TYPE_SUPER] = {{[RS_CELL_BOOLEAN] = ACTION_COPY,
                        [RS_CELL_INTEGER] = ACTION_COPY,
                        [RS_CELL_WIDE_INTEGER] = ACTION_COPY,
                        [RS_CELL_FLOAT] = ACTION_COPY}},
};

static void choose_actions(struct rs_coltype type, struct actions *out)
{
    bool cut = type.type == RS_TYPE_TIMESTAMP && type.scale > 0;
    *out = actions_of[cut ? RS_TYPE_OTHER : type.type];
}

struct rs_table_writer *rs_table_writer_new(const struct rs_table_writer_options *options)
{
    struct rs_table_writer *writer = rs_mem_zalloc(1, sizeof *writer);
    writer->options = *options;
    writer->columns = options->layout->table->columns;
    writer->column_count = options->layout->table->column_count;
    writer->slots = rs_mem_zalloc(writer->column_count, sizeof *writer->slots);
    writer->converted = RS_STRBUF_INIT(CONVERT_MAX);
    writer->line = RS_STRBUF_INIT(CONVERT_MAX);
    writer->actions = rs_mem_zalloc(writer->column_count, sizeof *writer->actions);
    for (size_t i = 0; i < writer->column_count; i++) {
        choose_actions(writer->columns[i].type, &writer->actions[i]);
    }
    writer->null_text = rs_mem_zalloc(options->null_text.length + RS_CELL_SLACK, 1);
    memcpy(writer->null_text, options->null_text.data, options->null_text.length);
    memcpy(writer->uuid_ts_bytes, &options->now_us, sizeof options->now_us);
    writer->uuid_ts = (struct rs_cell){.text = writer->uuid_ts_bytes,
                                       .length = sizeof options->now_us,
                                       .column = COLUMN_UUID_TS,
                                       .kind = RS_CELL_INSTANT};
    return writer;
}

void rs_table_writer_free(struct rs_table_writer *writer)
{
    if (!writer) {
        return;
    }
    rs_mem_free(writer->actions);
    rs_mem_free(writer->null_text);
    rs_mem_free(writer->slots);
    rs_mem_free(writer->rows.data);
    rs_mem_free(writer->times.data);
    rs_strbuf_release(&writer->converted);
    rs_strbuf_release(&writer->line);
    rs_mem_free(writer);
}

uint64_t rs_table_writer_rows(const struct rs_table_writer *writer)
{
    return writer->row_count;
}

uint64_t rs_table_writer_discards(const struct rs_table_writer *writer)
{
    return writer->discard_count;
}

void rs_null_text(size_t longest_run, struct rs_strbuf *out)
{
    rs_strbuf_append_char(out, '\\');
    for (size_t i = 0; i < longest_run + 1; i++) {
        rs_strbuf_append_char(out, 'N');
    }
}

/* --- discards --------------------------------------------------------------------------------- */

static struct rs_str column_name(const struct rs_table_writer *writer,
                                 const struct rs_row_view *view, const struct rs_cell *cell)
{
    if (cell->column == COLUMN_UUID_TS || cell->column == COLUMN_EVENT) {
        return cell->column == COLUMN_EVENT ? RS_STR("event") : RS_STR("uuid_ts");
    }
    int32_t place = view->source->place[cell->column];
    return place >= 0 ? writer->columns[place].name
                      : view->source->columns->columns[cell->column].name;
}

static bool write_discard(struct rs_table_writer *writer, const struct rs_row_view *view,
                          const struct rs_cell *cell, enum rs_discard_reason reason,
                          struct rs_error *err)
{
    char instant[RS_TIMEFMT_MAX];
    struct rs_cell id = {0};
    bool fold = writer->options.layout->rows == RS_LAYOUT_FOLD;
    writer->discard_count++;
    if (!writer->options.discards) {
        return true;
    }
    (void)rs_cell_read(view->cells + (fold ? view->fold_offset : 0), &id);
    struct rs_discard discard = {
        .table = writer->options.layout->table->name,
        .column = column_name(writer, view, cell),
        .row_id = {id.text, id.length},
        .received_us = view->received_us,
        .value = rs_cell_text(cell, instant),
        .reason = reason,
        .sync_id = writer->options.sync_id,
    };
    rs_strbuf_reset(&writer->line);
    rs_discard_append(&discard, &writer->line);
    return rs_spool_append(writer->options.discards, writer->line.data, writer->line.length, err);
}

/* --- fields ----------------------------------------------------------------------------------- */

static bool is_discard(const struct rs_cell *cell)
{
    return cell->kind >= RS_CELL_DISCARD;
}

static enum rs_discard_reason discard_reason(const struct rs_cell *cell)
{
    return (enum rs_discard_reason)(cell->kind - RS_CELL_DISCARD);
}

/* Copy a text that is followed by RS_CELL_SLACK readable bytes; as many past out are written. */
static inline char *put_raw(char *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i += RS_CELL_SLACK) {
        memcpy(out + i, text + i, RS_CELL_SLACK);
    }
    return out + length;
}

static void make_room(struct buffer *buffer, size_t room)
{
    if (buffer->capacity - buffer->length < room) {
        buffer->data = rs_mem_grow(buffer->data, &buffer->capacity, buffer->length + room, 1);
    }
}

static bool flush(struct buffer *buffer, size_t at_least, struct rs_sink *sink,
                  struct rs_error *err)
{
    size_t count = buffer->length;
    if (count < at_least || count == 0) {
        return true;
    }
    buffer->length = 0;
    return !sink || sink->write(sink, buffer->data, count, err);
}

/* Room for a row whose cells are of that many bytes, but for what conversions add. */
static size_t row_room(const struct rs_table_writer *writer, size_t cell_bytes)
{
    return cell_bytes * 2 + writer->column_count * (writer->options.null_text.length + CELL_ROOM) +
           CELL_ROOM;
}

/* The general case: whatever has to change, or may not fit. */
static char *put_converted(struct rs_table_writer *writer, struct buffer *buffer, char *out,
                           const struct rs_cell *cell, struct rs_coltype type, enum rs_fit *fit)
{
    char instant[RS_TIMEFMT_MAX];
    enum rs_kind kind =
        cell->kind == RS_CELL_INSTANT ? RS_KIND_TIMESTAMP : rs_cell_value_kind(cell);
    struct rs_str text = rs_cell_text(cell, instant);
    rs_strbuf_reset(&writer->converted);
    *fit = rs_coltype_convert(kind, text, type, &writer->converted);
    if (*fit == RS_FIT_NO) {
        return out;
    }
    text = *fit == RS_FIT_AS_IS ? text : rs_strbuf_str(&writer->converted);
    buffer->length = (size_t)(out - buffer->data);
    make_room(buffer, RS_CSV_FIELD_MAX(text.length) + writer->room);
    return rs_csv_field(buffer->data + buffer->length, text);
}

/* Write a cell's value; *fit says whether it went in. The buffer may move. */
static inline char *put_cell(struct rs_table_writer *writer, struct buffer *buffer, char *out,
                             const struct rs_cell *cell, size_t place, enum rs_fit *fit)
{
    struct rs_coltype type = writer->columns[place].type;
    *fit = RS_FIT_AS_IS;
    switch ((enum action)writer->actions[place].of_kind[cell->kind]) {
    case ACTION_QUOTE:
        if (RS_LIKELY(cell->length <= type.length)) {
            return rs_csv_field(out, (struct rs_str){cell->text, cell->length});
        }
        break;
    case ACTION_COPY:
        return put_raw(out, cell->text, cell->length);
    case ACTION_INSTANT:
        return out + rs_timefmt_format(rs_cell_instant(cell), out);
    case ACTION_CONVERT:
        break;
    }
    return put_converted(writer, buffer, out, cell, type, fit);
}

/* --- rows -------------------------------------------------------------------------------------- */

/* What every row has: the time of processing, and the event's table. */
static void fill_constants(struct rs_table_writer *writer, const struct rs_row_view *view)
{
    const struct rs_layout_table *layout = writer->options.layout;
    struct rs_str event = view->source->event;
    memset(writer->slots, 0, writer->column_count * sizeof *writer->slots);
    if (layout->uuid_ts_place >= 0) {
        writer->slots[layout->uuid_ts_place].cell = writer->uuid_ts;
    }
    if (layout->event_place >= 0 && event.length > 0) {
        writer->slots[layout->event_place].cell = (struct rs_cell){.text = event.data,
                                                                   .length = (uint32_t)event.length,
                                                                   .column = COLUMN_EVENT,
                                                                   .kind = RS_CELL_STRING};
    }
}

/* Write the slots as a line. A value that does not fit, or not whole, is a discard of view. */
static bool put_slots(struct rs_table_writer *writer, const struct rs_row_view *view,
                      struct rs_error *err)
{
    struct buffer *buffer = &writer->rows;
    make_room(buffer, writer->room);
    char *out = buffer->data + buffer->length;
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct rs_cell *cell = &writer->slots[i].cell;
        enum rs_fit fit = RS_FIT_NO;
        if (!cell->text) {
            out = put_raw(out, writer->null_text, writer->options.null_text.length);
        } else {
            out = put_cell(writer, buffer, out, cell, i, &fit);
            if (RS_UNLIKELY(fit == RS_FIT_NO)) {
                out = put_raw(out, writer->null_text, writer->options.null_text.length);
            }
            if (RS_UNLIKELY(view && (fit == RS_FIT_NO || fit == RS_FIT_CUT)) &&
                !write_discard(writer, view, cell,
                               fit == RS_FIT_CUT ? RS_DISCARD_TRUNCATED : RS_DISCARD_TYPE, err)) {
                return false;
            }
        }
        *out++ = ',';
    }
    out[-1] = '\n';
    buffer->length = (size_t)(out - buffer->data);
    writer->row_count++;
    return flush(buffer, FLUSH_BYTES, writer->options.rows, err);
}

/* Put the cells of a row into slots; those with no slot of their own are discards. */
static bool fill_slots(struct rs_table_writer *writer, const struct rs_row_view *view,
                       struct rs_error *err)
{
    const int32_t *places = view->source->place;
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        int32_t place = places[cell.column];
        if (RS_LIKELY(place >= 0 && !is_discard(&cell))) {
            /* Field by field: copied whole, it would go through memory and wait there. */
            struct rs_cell *slot = &writer->slots[place].cell;
            slot->text = cell.text;
            slot->length = cell.length;
            slot->column = cell.column;
            slot->kind = cell.kind;
        } else if (place != RS_PLACE_NONE) {
            enum rs_discard_reason reason =
                is_discard(&cell) ? discard_reason(&cell) : RS_DISCARD_COLUMNS;
            if (!write_discard(writer, view, &cell, reason, err)) {
                return false;
            }
        }
    }
    return true;
}

bool rs_table_writer_row(struct rs_table_writer *writer, const struct rs_row_view *view,
                         struct rs_error *err)
{
    fill_constants(writer, view);
    writer->room = row_room(writer, view->size);
    return fill_slots(writer, view, err) && put_slots(writer, view, err);
}

/* --- folding ----------------------------------------------------------------------------------- */

/* Would the cell go into the column? A cut value does. */
static bool fits(struct rs_table_writer *writer, const struct rs_cell *cell, size_t place,
                 enum rs_fit *fit)
{
    struct buffer *buffer = &writer->rows;
    writer->room = row_room(writer, cell->length);
    make_room(buffer, writer->room);
    (void)put_cell(writer, buffer, buffer->data + buffer->length, cell, place, fit);
    return *fit != RS_FIT_NO;
}

/* Offer a cell of a row to its column, which no newer row has filled. */
static bool fold_cell(struct rs_table_writer *writer, const struct rs_row_view *view,
                      const struct rs_cell *cell, int32_t place, struct rs_error *err)
{
    enum rs_fit fit = RS_FIT_NO;
    enum rs_discard_reason reason = RS_DISCARD_TYPE;
    if (is_discard(cell)) {
        reason = discard_reason(cell);
    } else if (place == RS_PLACE_DROPPED) {
        reason = RS_DISCARD_COLUMNS;
    } else if (fits(writer, cell, (size_t)place, &fit)) {
        writer->slots[place] = (struct slot){*cell, view->received_us, view->cells};
        reason = RS_DISCARD_TRUNCATED;
    }
    return fit == RS_FIT_AS_IS || fit == RS_FIT_CONVERTED ||
           write_discard(writer, view, cell, reason, err);
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
                     !(is_discard(&cell) && writer->slots[place].row == view->cells);
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
        fill_constants(writer, view);
    }
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        int32_t place = view->source->place[cell.column];
        enum rs_fit fit = RS_FIT_NO;
        if (place == RS_PLACE_NONE || (place >= 0 && writer->slots[place].cell.text)) {
            continue;
        }
        adds = true;
        if (place >= 0 && !is_discard(&cell) && fits(writer, &cell, (size_t)place, &fit)) {
            writer->slots[place] = (struct slot){cell, view->received_us, view->cells};
        }
    }
    return adds;
}

/* The row's line of times: the id, and when each value older than the row was received. */
static void put_times(struct rs_table_writer *writer, const struct rs_row_view *newest)
{
    struct buffer *buffer = &writer->times;
    struct rs_cell id = {0};
    bool any = false;
    (void)rs_cell_read(newest->cells + newest->fold_offset, &id);
    writer->room = row_room(writer, id.length);
    make_room(buffer, writer->room);
    char *out = buffer->data + buffer->length;
    enum rs_fit fit = RS_FIT_NO;
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct slot *slot = &writer->slots[i];
        if (rs_str_equal(writer->columns[i].name, RS_STR("id"))) {
            out = put_cell(writer, buffer, out, &id, i, &fit);
        } else if (!rs_schema_has_time(writer->columns[i].name)) {
            continue;
        } else if (slot->cell.text && slot->received_us < newest->received_us) {
            out += rs_timefmt_format(slot->received_us, out);
            any = true;
        } else {
            out = put_raw(out, writer->null_text, writer->options.null_text.length);
        }
        *out++ = ',';
    }
    out[-1] = '\n';
    buffer->length = any ? (size_t)(out - buffer->data) : buffer->length;
}

bool rs_table_writer_fold(struct rs_table_writer *writer, const struct rs_row_view *views,
                          size_t count, struct rs_error *err)
{
    fill_constants(writer, &views[0]);
    for (size_t i = 0; i < count; i++) {
        if (!fold_row(writer, &views[i], err)) {
            return false;
        }
    }
    if (writer->options.times) {
        put_times(writer, &views[0]);
    }
    size_t bytes = 0;
    for (size_t i = 0; i < writer->column_count; i++) {
        bytes += writer->slots[i].cell.length;
    }
    writer->room = row_room(writer, bytes);
    return put_slots(writer, NULL, err) &&
           flush(&writer->times, FLUSH_BYTES, writer->options.times, err);
}

bool rs_table_writer_finish(struct rs_table_writer *writer, struct rs_error *err)
{
    return flush(&writer->rows, 0, writer->options.rows, err) &&
           flush(&writer->times, 0, writer->options.times, err);
}
