/*
 * A row's cells come in the event's order. They are put into slots, one a column, and the slots
 * are walked in the schema's order: each cell's text is written once, straight into the output
 * buffer. The common cases - a string that fits, a number in a column of its own type, an
 * instant - are decided here; the rest goes through rs_coltype_convert.
 *
 * Room in the buffer is asked for once a row: a field doubles at most (quotes), and what a
 * conversion adds is bounded.
 *
 * The rows of one id, which fold, come from the newest to the oldest; a slot is filled by the first
 * value that goes into its column, and remembers when its row was received.
 */
#include "rows/table_writer.h"

#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/csv.h"
#include "rows/discard.h"
#include "transform/coltype.h"

enum {
    CONVERT_MAX = 64 << 20,
    FLUSH_BYTES = 256 << 10,
    CELL_ROOM = 96,  /* beyond twice its text: quotes, an instant, a converted number */
    NUMBER_MAX = 20, /* digits of 64 bits, and a sign */
};

struct slot {
    struct rs_cell cell; /* text is NULL where there is none */
    int64_t received_us; /* of the row that the cell is from, when folding */
    const char *row;     /* that row's cells; without a text: it has cleared the column */
};

enum { KINDS = RS_CELL_DISCARD + RS_DISCARD_ENCODING + 1 };

/* How cells of a kind are written into a column, by enum action. */
struct actions {
    uint8_t of_kind[KINDS];
};

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/* A number as a cell. */
struct number {
    char text[NUMBER_MAX + RS_CELL_SLACK];
    struct rs_cell cell;
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
    size_t *texts; /* columns of the role RS_COLUMN_TEXT */
    size_t text_count;
    size_t shard; /* column of this role; SIZE_MAX: none */
    size_t place;
    size_t id; /* the column; SIZE_MAX: none that holds less than any id */
    struct number shard_number;
    struct number place_number;
    struct buffer rows;
    struct buffer times;
    struct rs_strbuf converted;
    struct rs_strbuf line;
    uint64_t row_count;
    uint64_t discard_count;
    uint64_t discards_by[RS_DISCARD_REASONS];
};

/* A value that cannot be stored for one of its characters is a discard from here on. */
static void check_characters(const struct rs_table_writer *writer, struct rs_cell *cell)
{
    const struct rs_codepoints *missing = writer->options.refusals->missing;
    if (missing && cell->kind < RS_CELL_INSTANT &&
        rs_codepoints_meet(missing, (struct rs_str){cell->text, cell->length})) {
        cell->kind = RS_CELL_DISCARD + RS_DISCARD_ENCODING;
    }
}

static inline bool is_discard(const struct rs_cell *cell)
{
    return cell->kind >= RS_CELL_DISCARD;
}

static inline enum rs_discard_reason reason_of(const struct rs_cell *cell)
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

static inline void make_room(struct buffer *buffer, size_t room)
{
    if (buffer->capacity - buffer->length < room) {
        buffer->data = rs_mem_grow(buffer->data, &buffer->capacity, buffer->length + room, 1);
    }
}

/*
 * Room for a row whose cells are of that many bytes, but for what conversions add. A value that
 * stands there twice, as a timestamp and as its text, is converted the first time.
 */
static inline size_t row_room(const struct rs_table_writer *writer, size_t cell_bytes)
{
    size_t field = writer->options.null_text.length + CELL_ROOM;
    return cell_bytes * 2 + writer->column_count * field + CELL_ROOM;
}

/* Numbers of the columns that every row has, though no event does. */
enum { COLUMN_UUID_TS = RS_STREAM_MAX_COLUMNS + 1, COLUMN_EVENT };

/* How cells of a kind are written into a column. */
enum action {
    ACTION_CONVERT, /* look at the value; 0, so the default */
    ACTION_QUOTE,   /* as text, when it is not too long */
    ACTION_COPY,    /* as it is: nothing in it needs quotes */
    ACTION_INSTANT,
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

static void set_number(struct number *number, int64_t value)
{
    char digits[NUMBER_MAX];
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    size_t at = NUMBER_MAX;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    memcpy(number->text, digits + at, NUMBER_MAX - at);
    number->cell = (struct rs_cell){
        .text = number->text, .length = (uint32_t)(NUMBER_MAX - at), .kind = RS_CELL_INTEGER};
}

/* Ids were cut to RS_VARCHAR_MAX bytes where they were read: so long a column holds them all. */
static size_t find_short_id(const struct rs_table_writer *writer)
{
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct rs_column *column = &writer->columns[i];
        if (column->type.type == RS_TYPE_VARCHAR && column->type.length < RS_VARCHAR_MAX &&
            rs_str_equal(column->name, RS_STR("id"))) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* Find the columns that hold no values. */
static void find_roles(struct rs_table_writer *writer)
{
    writer->shard = SIZE_MAX;
    writer->place = SIZE_MAX;
    writer->texts = rs_mem_zalloc(writer->column_count, sizeof *writer->texts);
    for (size_t i = 0; i < writer->column_count; i++) {
        switch (writer->columns[i].role) {
        case RS_COLUMN_VALUE:
            break;
        case RS_COLUMN_TEXT:
            writer->texts[writer->text_count++] = i;
            break;
        case RS_COLUMN_SHARD:
            writer->shard = i;
            break;
        case RS_COLUMN_PLACE:
            writer->place = i;
            break;
        }
    }
    set_number(&writer->shard_number, writer->options.shard);
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
    find_roles(writer);
    writer->id = find_short_id(writer);
    return writer;
}

void rs_table_writer_free(struct rs_table_writer *writer)
{
    if (!writer) {
        return;
    }
    rs_mem_free(writer->actions);
    rs_mem_free(writer->texts);
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

const uint64_t *rs_table_writer_discards_by(const struct rs_table_writer *writer)
{
    return writer->discards_by;
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

/* column is the name of the one that the value was for. */
static bool discard_of(struct rs_table_writer *writer, const struct rs_row_view *view,
                       struct rs_str column, const struct rs_cell *cell,
                       enum rs_discard_reason reason, struct rs_error *err)
{
    char instant[RS_TIMEFMT_MAX];
    struct rs_cell id = {0};
    bool fold = writer->options.layout->rows == RS_LAYOUT_FOLD;
    writer->discard_count++;
    writer->discards_by[reason]++;
    if (writer->options.examples) {
        rs_discard_examples_note(writer->options.examples,
                                 &(struct rs_discard_example){
                                     .reason = reason,
                                     .ref = view->ref,
                                     .line = view->line,
                                     .table = writer->options.layout->table->name,
                                     .column = column,
                                     .value = rs_cell_text(cell, instant),
                                 });
    }
    if (!writer->options.discards) {
        return true;
    }
    (void)rs_cell_read(view->cells + (fold ? view->fold_offset : 0), &id);
    struct rs_discard discard = {
        .table = writer->options.layout->table->name,
        .column = column,
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

static bool add_discard(struct rs_table_writer *writer, const struct rs_row_view *view,
                        const struct rs_cell *cell, enum rs_discard_reason reason,
                        struct rs_error *err)
{
    return discard_of(writer, view, column_name(writer, view, cell), cell, reason, err);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Hand on what the buffer holds, if it is at least that much. */
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

/* What every row has: the time of processing, the event's table, and in a shard where it stands. */
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
    if (writer->shard != SIZE_MAX) {
        writer->slots[writer->shard].cell = writer->shard_number.cell;
    }
    if (writer->place != SIZE_MAX) {
        set_number(&writer->place_number, rs_table_writer_place(view->ref));
        writer->slots[writer->place].cell = writer->place_number.cell;
    }
}

/* The slots are filled: texts of values stand beside them. */
static void fill_texts(struct rs_table_writer *writer)
{
    for (size_t i = 0; i < writer->text_count; i++) {
        size_t text = writer->texts[i];
        writer->slots[text].cell = writer->slots[text - 1].cell;
    }
}

/* Write the slots as a line. A value that does not fit, or not whole, is a discard of view. */
static bool write_line(struct rs_table_writer *writer, const struct rs_row_view *view,
                       struct rs_error *err)
{
    struct buffer *buffer = &writer->rows;
    fill_texts(writer);
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
                writer->columns[i].role == RS_COLUMN_VALUE &&
                !add_discard(writer, view, cell,
                             fit == RS_FIT_CUT ? RS_DISCARD_TRUNCATED : RS_DISCARD_TYPE, err)) {
                return false;
            }
        }
        *out++ = ',';
    }
    out[-1] = '\n';
    buffer->length = (size_t)(out - buffer->data);
    return true;
}

/* What COPY would count for the slots' line: its bytes, and each '|' once more. */
static bool measure_line(struct rs_table_writer *writer, size_t *out_bytes, struct rs_error *err)
{
    struct buffer *buffer = &writer->rows;
    size_t begin = buffer->length;
    if (!write_line(writer, NULL, err)) {
        return false;
    }
    *out_bytes = buffer->length - begin;
    for (size_t i = begin; i < buffer->length; i++) {
        *out_bytes += buffer->data[i] == '|';
    }
    buffer->length = begin;
    return true;
}

/* The slot whose value takes the most, but for the id's; SIZE_MAX when there is no other. */
static size_t find_longest(const struct rs_table_writer *writer)
{
    size_t longest = SIZE_MAX;
    size_t most = 0;
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct rs_column *column = &writer->columns[i];
        const struct rs_cell *cell = &writer->slots[i].cell;
        bool cut = column->type.type == RS_TYPE_VARCHAR && cell->length > column->type.length;
        size_t length = cut ? column->type.length : cell->length;
        if (cell->text && length > most && column->role == RS_COLUMN_VALUE &&
            !rs_str_equal(column->name, RS_STR("id"))) {
            longest = i;
            most = length;
        }
    }
    return longest;
}

/* Make a discard of a slot's value. view is the row, or the newest of those that fold. */
static bool drop_slot(struct rs_table_writer *writer, const struct rs_row_view *view, size_t place,
                      enum rs_discard_reason reason, struct rs_error *err)
{
    struct slot *slot = &writer->slots[place];
    struct rs_row_view owner = *view; /* of a row that is folded, the time of the value's own */
    owner.received_us = slot->row ? slot->received_us : view->received_us;
    bool ok = discard_of(writer, &owner, writer->columns[place].name, &slot->cell, reason, err);
    *slot = (struct slot){0};
    return ok;
}

/*
 * Empty the slots of the longest values, and make discards of them, until the line is no longer
 * than it may be. view is the row, or the newest of those that fold.
 */
static bool shed(struct rs_table_writer *writer, const struct rs_row_view *view,
                 struct rs_error *err)
{
    size_t bytes = 0;
    size_t longest = 0;
    if (RS_LIKELY(writer->options.row_max_bytes == 0 ||
                  writer->room <= writer->options.row_max_bytes)) {
        return true;
    }
    while (measure_line(writer, &bytes, err)) {
        if (bytes <= writer->options.row_max_bytes ||
            (longest = find_longest(writer)) == SIZE_MAX) {
            return true;
        }
        if (!drop_slot(writer, view, longest, RS_DISCARD_ROW, err)) {
            return false;
        }
    }
    return false;
}

/* --- rows that the server has refused ----------------------------------------------------------- */

/*
 * What a row takes on a page of PostgreSQL: 8160 bytes less a header with a bit for each of 1600
 * columns. A text past 20 bytes is moved out of a row that is too large, and leaves 18 there; but one
 * that shrinks to 20 when it is compressed stays, and is aligned.
 */
enum {
    TUPLE_BYTES = 8160 - 224,
    SHORT_TEXT = 20,
    MOVED_TEXT_BYTES = 18,
    SHRUNK_TEXT_BYTES = 27,
    SMALL_BYTES = 7, /* of 4, aligned */
    ALIGN_BYTES = 7, /* at most, to align one of 8 behind one that is not */
};

struct tuple {
    size_t bytes;
    size_t aligned_count;
    size_t other_count;
};

static size_t text_bytes(const struct rs_cell *cell, enum rs_refusal refusal)
{
    if (cell->kind != RS_CELL_INSTANT && cell->length <= SHORT_TEXT) {
        return cell->length + 1;
    }
    return refusal == RS_REFUSAL_TRIM ? MOVED_TEXT_BYTES : SHRUNK_TEXT_BYTES;
}

static struct tuple tuple_with(struct tuple tuple, const struct rs_cell *cell, enum rs_type type,
                               enum rs_refusal refusal)
{
    switch (type) {
    case RS_TYPE_BIGINT:
    case RS_TYPE_DOUBLE:
    case RS_TYPE_TIMESTAMP:
    case RS_TYPE_TIMESTAMPTZ:
        tuple.bytes += 8;
        tuple.aligned_count++;
        return tuple;
    case RS_TYPE_BOOLEAN:
        tuple.bytes += 1;
        break;
    case RS_TYPE_SMALLINT:
    case RS_TYPE_INTEGER:
    case RS_TYPE_REAL:
    case RS_TYPE_DATE:
        tuple.bytes += SMALL_BYTES;
        break;
    case RS_TYPE_NUMERIC:
        tuple.bytes += SHRUNK_TEXT_BYTES;
        break;
    case RS_TYPE_VARCHAR:
    case RS_TYPE_SUPER:
    case RS_TYPE_TEXT:
        tuple.bytes += text_bytes(cell, refusal);
        break;
    case RS_TYPE_OTHER:
        return tuple;
    }
    tuple.other_count++;
    return tuple;
}

static bool is_too_large(struct tuple tuple)
{
    size_t gaps = tuple.aligned_count < tuple.other_count ? tuple.aligned_count : tuple.other_count;
    return tuple.bytes + gaps * ALIGN_BYTES > TUPLE_BYTES;
}

/* The column has its value from an event, and the line of rs_discards does not have it anyway. */
static bool may_be_lost(const struct rs_table_writer *writer, size_t place)
{
    const struct rs_layout_table *layout = writer->options.layout;
    struct rs_str name = writer->columns[place].name;
    return writer->slots[place].cell.text && (int32_t)place != layout->uuid_ts_place &&
           (int32_t)place != layout->event_place && !rs_str_equal(name, RS_STR("id")) &&
           !rs_str_equal(name, RS_STR("received_at"));
}

/* The row has its id; only one with a character that cannot be stored has not. */
static bool has_id(const struct rs_table_writer *writer)
{
    for (size_t i = 0; i < writer->column_count; i++) {
        if (rs_str_equal(writer->columns[i].name, RS_STR("id"))) {
            return writer->slots[i].cell.text != NULL;
        }
    }
    return true;
}

/* The name of the event's table, which is in no cell of the row, is a value like others. */
static bool drop_event(struct rs_table_writer *writer, const struct rs_row_view *view,
                       struct rs_error *err)
{
    int32_t place = writer->options.layout->event_place;
    if (place < 0 || !writer->slots[place].cell.text) {
        return true;
    }
    struct rs_cell cell = writer->slots[place].cell;
    check_characters(writer, &cell);
    return !is_discard(&cell) || drop_slot(writer, view, (size_t)place, RS_DISCARD_ENCODING, err);
}

/*
 * Empty slots of a row that was refused, from where it is full on; the columns of all calls stand
 * first. *whole: the row is not to be written, and all of it is in discards.
 */
static bool trim(struct rs_table_writer *writer, const struct rs_row_view *view, bool *whole,
                 struct rs_error *err)
{
    const struct rs_refusals *refusals = writer->options.refusals;
    enum rs_refusal refusal = rs_refusals_find(refusals, view->ref);
    struct tuple tuple = {0};
    bool named = has_id(writer);
    *whole = refusal == RS_REFUSAL_WHOLE || !named;
    if (!drop_event(writer, view, err)) {
        return false;
    }
    for (size_t i = 0; (*whole || refusal != RS_REFUSAL_NONE) && i < writer->column_count; i++) {
        const struct rs_cell *cell = &writer->slots[i].cell;
        enum rs_type type = writer->columns[i].type.type;
        struct tuple with = cell->text ? tuple_with(tuple, cell, type, refusal) : tuple;
        if (!may_be_lost(writer, i) || (!*whole && !is_too_large(with))) {
            tuple = with;
        } else if (!drop_slot(writer, view, i, named ? RS_DISCARD_ROW : RS_DISCARD_ENCODING, err)) {
            return false;
        }
    }
    return true;
}

/* Is the row one that a server may find too large: many values, or one that is long? */
static bool is_suspect(const struct rs_row_view *view)
{
    enum { FEW = 128, SHORT_BYTES = 2000 };
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    size_t count = 0;
    for (const char *at = view->cells; at < end; count++) {
        at = rs_cell_read(at, &cell);
    }
    return count >= FEW || view->size >= SHORT_BYTES;
}

/* The row under way is written: all of it goes into the sinks. */
static bool end_suspect(struct rs_table_writer *writer, const struct rs_row_view *view,
                        struct rs_error *err)
{
    const struct rs_table_writer_suspects *suspects = writer->options.suspects;
    return !suspects || (flush(&writer->rows, 0, writer->options.rows, err) &&
                         flush(&writer->times, 0, writer->options.times, err) &&
                         suspects->end(suspects->arg, view->ref, err));
}

/*
 * Write the slots as a line. A value that does not fit, or not whole, is a discard of view; of
 * none where view is NULL.
 */
static bool put_slots(struct rs_table_writer *writer, const struct rs_row_view *view,
                      struct rs_error *err)
{
    if (!write_line(writer, view, err)) {
        return false;
    }
    writer->row_count++;
    return flush(&writer->rows, FLUSH_BYTES, writer->options.rows, err);
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
        if (RS_UNLIKELY(writer->options.refusals)) {
            check_characters(writer, &cell);
        }
        int32_t place = places[cell.column];
        if (RS_LIKELY(place >= 0 && cell.kind < RS_CELL_NULL)) {
            /* Field by field: copied whole, it would go through memory and wait there. */
            struct rs_cell *slot = &writer->slots[place].cell;
            slot->text = cell.text;
            slot->length = cell.length;
            slot->column = cell.column;
            slot->kind = cell.kind;
        } else if (place != RS_PLACE_NONE && cell.kind != RS_CELL_NULL) {
            enum rs_discard_reason reason =
                is_discard(&cell) ? reason_of(&cell) : RS_DISCARD_COLUMNS;
            if (!add_discard(writer, view, &cell, reason, err)) {
                return false;
            }
        }
    }
    return true;
}

/* The column of the id does not hold this one. */
static bool is_long_id(const struct rs_table_writer *writer, const struct rs_cell *id)
{
    return writer->id != SIZE_MAX && id->length > writer->columns[writer->id].type.length;
}

/* Make discards of all that stands in the slots, but for what is no value of the event. */
static bool leave_out_slots(struct rs_table_writer *writer, const struct rs_row_view *view,
                            struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < writer->column_count && ok; i++) {
        const struct rs_cell *cell = &writer->slots[i].cell;
        bool given = cell->text && writer->columns[i].role == RS_COLUMN_VALUE &&
                     cell->column != COLUMN_UUID_TS && cell->column != COLUMN_EVENT;
        ok = !given || add_discard(writer, view, cell, RS_DISCARD_ID, err);
    }
    return ok;
}

bool rs_table_writer_row(struct rs_table_writer *writer, const struct rs_row_view *view,
                         struct rs_error *err)
{
    bool left_out = false;
    if (RS_UNLIKELY(writer->options.suspects) && !is_suspect(view)) {
        return true;
    }
    fill_constants(writer, view);
    writer->room = row_room(writer, view->size);
    if (!fill_slots(writer, view, err)) {
        return false;
    }
    if (RS_UNLIKELY(writer->id != SIZE_MAX &&
                    is_long_id(writer, &writer->slots[writer->id].cell))) {
        return leave_out_slots(writer, view, err);
    }
    if (!shed(writer, view, err) ||
        (RS_UNLIKELY(writer->options.refusals) && !trim(writer, view, &left_out, err))) {
        return false;
    }
    return left_out || (put_slots(writer, view, err) && end_suspect(writer, view, err));
}

/* --- folding ---------------------------------------------------------------------------------- */

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

/* A newer value of the column is there, or that it has none. */
static bool is_taken(const struct slot *slot)
{
    return slot->cell.text || slot->row;
}

static bool is_cleared(const struct slot *slot)
{
    return !slot->cell.text && slot->row;
}

/* May a row's cell, of a column that is in the table, change the slot? */
static bool is_open(const struct slot *slot, const struct rs_row_view *view)
{
    return !is_taken(slot) || (is_cleared(slot) && slot->row == view->cells);
}

/* Offer a cell of a row to its column, which no newer row has filled. */
static bool fold_cell(struct rs_table_writer *writer, const struct rs_row_view *view,
                      const struct rs_cell *cell, int32_t place, struct rs_error *err)
{
    enum rs_fit fit = RS_FIT_NO;
    enum rs_discard_reason reason = RS_DISCARD_TYPE;
    if (is_discard(cell)) {
        reason = reason_of(cell);
    } else if (place == RS_PLACE_DROPPED) {
        reason = RS_DISCARD_COLUMNS;
    } else if (fits(writer, cell, (size_t)place, &fit)) {
        writer->slots[place] = (struct slot){*cell, view->received_us, view->cells};
        reason = RS_DISCARD_TRUNCATED;
    }
    return fit == RS_FIT_AS_IS || fit == RS_FIT_CONVERTED ||
           add_discard(writer, view, cell, reason, err);
}

/* Make discards of all values of the rows of an id that its column does not hold. */
static bool leave_out_rows(struct rs_table_writer *writer, const struct rs_row_view *views,
                           size_t count, struct rs_error *err)
{
    struct rs_cell cell;
    for (size_t i = 0; i < count; i++) {
        const char *end = views[i].cells + views[i].size;
        for (const char *at = views[i].cells; at < end;) {
            at = rs_cell_read(at, &cell);
            enum rs_discard_reason reason = is_discard(&cell) ? reason_of(&cell) : RS_DISCARD_ID;
            if (views[i].source->place[cell.column] != RS_PLACE_NONE && cell.kind != RS_CELL_NULL &&
                !add_discard(writer, &views[i], &cell, reason, err)) {
                return false;
            }
        }
    }
    return true;
}

/* A null has come for a column: true when no newer row says anything of it. */
static bool clear_slot(struct rs_table_writer *writer, const struct rs_row_view *view,
                       int32_t place)
{
    bool clears = place >= 0 && !is_taken(&writer->slots[place]);
    if (clears) {
        writer->slots[place] = (struct slot){.received_us = view->received_us, .row = view->cells};
    }
    return clears;
}

/* Take what a row has for columns that no newer row filled. */
static bool fold_row(struct rs_table_writer *writer, const struct rs_row_view *view,
                     struct rs_error *err)
{
    const char *end = view->cells + view->size;
    struct rs_cell cell;
    for (const char *at = view->cells; at < end;) {
        at = rs_cell_read(at, &cell);
        if (RS_UNLIKELY(writer->options.refusals)) {
            check_characters(writer, &cell);
        }
        int32_t place = view->source->place[cell.column];
        if (cell.kind == RS_CELL_NULL) {
            clear_slot(writer, view, place);
            continue;
        }
        /* An older value is superseded, not lost; what the same row could not store is. */
        bool taken = place >= 0 && !is_open(&writer->slots[place], view) &&
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
        if (RS_UNLIKELY(writer->options.refusals)) {
            check_characters(writer, &cell);
        }
        int32_t place = view->source->place[cell.column];
        enum rs_fit fit = RS_FIT_NO;
        if (cell.kind == RS_CELL_NULL) {
            adds = clear_slot(writer, view, place) || adds;
            continue;
        }
        if (place == RS_PLACE_NONE || (place >= 0 && !is_open(&writer->slots[place], view))) {
            continue;
        }
        adds = true;
        if (place >= 0 && !is_discard(&cell) && fits(writer, &cell, (size_t)place, &fit)) {
            writer->slots[place] = (struct slot){cell, view->received_us, view->cells};
        }
    }
    return adds;
}

/*
 * The row's line of times: the id, and when each value older than the row was received. One that was
 * cleared has its time in any case: what has no value and no time is not spoken of.
 */
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
        } else if (writer->columns[i].role == RS_COLUMN_SHARD) {
            out = put_cell(writer, buffer, out, &writer->shard_number.cell, i, &fit);
        } else if (writer->columns[i].role != RS_COLUMN_VALUE ||
                   !rs_schema_has_time(writer->columns[i].name)) {
            continue;
        } else if (is_cleared(slot) ||
                   (slot->cell.text && slot->received_us < newest->received_us)) {
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
    struct rs_cell id = {0};
    (void)rs_cell_read(views[0].cells + views[0].fold_offset, &id);
    if (RS_UNLIKELY(is_long_id(writer, &id))) {
        return leave_out_rows(writer, views, count, err);
    }
    fill_constants(writer, &views[0]);
    for (size_t i = 0; i < count; i++) {
        if (!fold_row(writer, &views[i], err)) {
            return false;
        }
    }
    size_t bytes = 0;
    for (size_t i = 0; i < writer->column_count; i++) {
        bytes += writer->slots[i].cell.length;
    }
    size_t room = row_room(writer, bytes);
    writer->room = room;
    bool left_out = false;
    if (!shed(writer, &views[0], err) ||
        (writer->options.refusals && !trim(writer, &views[0], &left_out, err))) {
        return false;
    }
    if (left_out) {
        return true;
    }
    if (writer->options.times) {
        put_times(writer, &views[0]);
    }
    writer->room = room;
    return put_slots(writer, NULL, err) &&
           flush(&writer->times, FLUSH_BYTES, writer->options.times, err) &&
           end_suspect(writer, &views[0], err);
}

bool rs_table_writer_finish(struct rs_table_writer *writer, struct rs_error *err)
{
    return flush(&writer->rows, 0, writer->options.rows, err) &&
           flush(&writer->times, 0, writer->options.times, err);
}
