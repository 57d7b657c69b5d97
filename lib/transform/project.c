/*
 * The hot path after the tokenizer. For each event: read the top level, choose the stream, make
 * the standard cells, then walk context and properties (or traits). A value's cell is its slice
 * of the line; only a string with escapes, bad UTF-8, or an array that is not compact is copied.
 * Types are not settled here: a column collects the kinds it has seen.
 */
#include "rs/transform/project.h"

#include <string.h>

#include "rs/base/mem.h"
#include "rs/base/timefmt.h"
#include "rs/codec/digest.h"
#include "rs/codec/json_text.h"
#include "rs/codec/utf8.h"
#include "rs/transform/coltype.h"
#include "rs/transform/event.h"
#include "rs/transform/name.h"

enum {
    CELL_WEIGHT = 3,          /* what a cell weighs besides its text: separator, NULLs around */
    ROW_WEIGHT = 48,          /* what every row has in columns without cells */
    EXACT_DIGITS = 15,        /* an integer this long is exact as a double */
    TIMESTAMP_MIN_BYTES = 10, /* YYYY-MM-DD */
};

struct rs_projector {
    struct rs_projector_options options;
    struct rs_event_reader reader;
    struct rs_event event;
    struct rs_stream **streams;
    size_t stream_count;
    size_t stream_capacity;
    struct rs_map *by_event;                   /* raw text of an event's name -> stream */
    struct rs_map *by_table;                   /* track table -> stream */
    struct rs_stream *fixed[RS_CALL_COUNT][2]; /* [call][folds] */
    uint64_t unnamed_count;
    size_t null_run;
    /* the row being made */
    struct rs_batch *batch;
    struct rs_stream *stream;
    size_t row_first_cell;
    uint64_t row_weight;
};

struct rs_projector *rs_projector_new(const struct rs_projector_options *options)
{
    struct rs_projector *projector = rs_mem_zalloc(1, sizeof *projector);
    projector->options = *options;
    projector->by_event = rs_map_new(options->seed);
    projector->by_table = rs_map_new(options->seed);
    return projector;
}

void rs_projector_free(struct rs_projector *projector)
{
    if (!projector) {
        return;
    }
    for (size_t i = 0; i < projector->stream_count; i++) {
        rs_stream_free(projector->streams[i]);
    }
    rs_mem_free(projector->streams);
    rs_map_free(projector->by_event);
    rs_map_free(projector->by_table);
    rs_event_reader_release(&projector->reader);
    rs_mem_free(projector);
}

size_t rs_projector_stream_count(const struct rs_projector *projector)
{
    return projector->stream_count;
}

struct rs_stream *rs_projector_stream(const struct rs_projector *projector, size_t number)
{
    return projector->streams[number];
}

uint64_t rs_projector_unnamed_count(const struct rs_projector *projector)
{
    return projector->unnamed_count;
}

size_t rs_projector_null_run(const struct rs_projector *projector)
{
    return projector->null_run;
}

/* --- texts ------------------------------------------------------------------------------- */

/* The decoded text of a string token: a slice of the line where nothing has to change. */
static struct rs_str string_text(struct rs_projector *projector, const struct rs_json_token *token)
{
    struct rs_str raw = rs_json_token_text(projector->event.text, token);
    if (RS_LIKELY(!(token->flags & (RS_JSON_ESCAPED | RS_JSON_NON_ASCII)))) {
        return raw;
    }
    if (!(token->flags & RS_JSON_ESCAPED) && rs_utf8_valid(raw)) {
        return raw;
    }
    char *out = rs_arena_alloc(&projector->batch->arena, raw.length * RS_JSON_TEXT_GROWTH);
    return (struct rs_str){out, rs_json_unescape(raw, out)};
}

/* An array's JSON text, compact. */
static struct rs_str array_text(struct rs_projector *projector, const struct rs_json_token *token)
{
    struct rs_str raw = rs_json_token_text(projector->event.text, token);
    if (!(token->flags & (RS_JSON_ESCAPED | RS_JSON_SPACED)) &&
        (!(token->flags & RS_JSON_NON_ASCII) || rs_utf8_valid(raw))) {
        return raw;
    }
    char *out = rs_arena_alloc(&projector->batch->arena, raw.length * RS_JSON_TEXT_GROWTH);
    return (struct rs_str){out, rs_json_compact(raw, out)};
}

/* The text of any value that is not an object. */
static struct rs_str value_text(struct rs_projector *projector, const struct rs_json_token *token)
{
    if (token->kind == RS_JSON_STRING) {
        return string_text(projector, token);
    }
    if (token->kind == RS_JSON_ARRAY || token->kind == RS_JSON_OBJECT) {
        return array_text(projector, token);
    }
    return rs_json_token_text(projector->event.text, token);
}

static enum rs_kind string_kind(struct rs_str text)
{
    if (RS_LIKELY(text.length < TIMESTAMP_MIN_BYTES || text.data[4] != '-')) {
        return RS_KIND_STRING;
    }
    return rs_coltype_string_kind(text);
}

static enum rs_kind value_kind(const struct rs_json_token *token, struct rs_str text)
{
    switch ((enum rs_json_kind)token->kind) {
    case RS_JSON_STRING:
        return string_kind(text);
    case RS_JSON_NUMBER:
        if (RS_LIKELY(!(token->flags & RS_JSON_FRACTION) && token->length <= EXACT_DIGITS)) {
            return RS_KIND_INTEGER;
        }
        return rs_coltype_number_kind(text);
    case RS_JSON_TRUE:
    case RS_JSON_FALSE:
        return RS_KIND_BOOLEAN;
    case RS_JSON_NULL:
    case RS_JSON_ARRAY:
    case RS_JSON_OBJECT:
        return RS_KIND_STRING;
    }
    return RS_KIND_STRING;
}

/* --- cells -------------------------------------------------------------------------------- */

static void note_null_run(struct rs_projector *projector, struct rs_str text)
{
    size_t run = 1;
    while (run < text.length && text.data[run] == 'N') {
        run++;
    }
    if (run == text.length && run - 1 > projector->null_run) {
        projector->null_run = run - 1;
    }
}

static struct rs_cell *append_cell(struct rs_projector *projector, int32_t column, unsigned kind)
{
    struct rs_batch *batch = projector->batch;
    if (RS_UNLIKELY(batch->cell_count == batch->cell_capacity)) {
        batch->cells = rs_mem_grow(batch->cells, &batch->cell_capacity, batch->cell_count + 1,
                                   sizeof *batch->cells);
    }
    struct rs_cell *cell = &batch->cells[batch->cell_count++];
    cell->column = (uint32_t)column & RS_STREAM_MAX_COLUMNS;
    cell->kind = kind & 0xff;
    return cell;
}

static void put_discard(struct rs_projector *projector, int32_t column, struct rs_str text,
                        enum rs_discard_reason reason)
{
    struct rs_cell *cell = append_cell(projector, column, RS_CELL_DISCARD | (unsigned)reason);
    cell->text = text.data;
    cell->length = (uint32_t)text.length;
}

static void put_text(struct rs_projector *projector, int32_t number, unsigned kind,
                     struct rs_str text)
{
    struct rs_stream_column *column = &projector->stream->columns[number];
    if (RS_UNLIKELY(column->stamp == projector->stream->stamp)) {
        put_discard(projector, number, text, RS_DISCARD_COLLISION);
        return;
    }
    column->stamp = projector->stream->stamp;
    column->kinds |= kind;
    if (text.length > column->max_bytes) {
        column->max_bytes = text.length;
    }
    if (text.length > 0 && RS_UNLIKELY(text.data[0] == '\\')) {
        note_null_run(projector, text);
    }
    struct rs_cell *cell = append_cell(projector, number, kind);
    cell->text = text.data;
    cell->length = (uint32_t)text.length;
    projector->row_weight += text.length + CELL_WEIGHT;
}

static void put_instant(struct rs_projector *projector, int32_t number, int64_t us)
{
    projector->stream->columns[number].stamp = projector->stream->stamp;
    struct rs_cell *cell = append_cell(projector, number, RS_CELL_INSTANT);
    cell->instant_us = us;
    cell->length = 0;
    projector->row_weight += RS_TIMEFMT_MAX + CELL_WEIGHT;
}

/* --- objects ------------------------------------------------------------------------------ */

static bool same_value(struct rs_projector *projector, uint32_t left, uint32_t right)
{
    const struct rs_json_token *a = &projector->event.tokens[left];
    const struct rs_json_token *b = &projector->event.tokens[right];
    return a->kind == b->kind && rs_str_equal(value_text(projector, a), value_text(projector, b));
}

/* The column of a page's property "name" or "category", or RS_NO_COLUMN to drop the value. */
static int32_t role_column(struct rs_projector *projector, const struct rs_path_key *key,
                           uint32_t value)
{
    uint32_t own =
        projector->event.field[key->role == RS_KEY_NAME ? RS_FIELD_NAME : RS_FIELD_CATEGORY];
    if (own == 0) {
        return key->column;
    }
    return same_value(projector, own, value) ? RS_NO_COLUMN : key->other_column;
}

static void put_value(struct rs_projector *projector, const struct rs_path_key *key, uint32_t value)
{
    const struct rs_json_token *token = &projector->event.tokens[value];
    int32_t column = key->column;
    if (RS_UNLIKELY(key->role != RS_KEY_PLAIN)) {
        column = role_column(projector, key, value);
        if (column == RS_NO_COLUMN) {
            return;
        }
    }
    struct rs_str text = value_text(projector, token);
    put_text(projector, column, value_kind(token, text), text);
}

/* Every value in an object, to 512 levels (the tokenizer's limit). */
static void flatten(struct rs_projector *projector, struct rs_path *path, uint32_t object)
{
    const struct rs_json_token *tokens = projector->event.tokens;
    struct rs_path_key *previous = NULL;
    for (uint32_t i = object + 1; i < tokens[object].next; i = tokens[i + 1].next) {
        if (tokens[i + 1].kind == RS_JSON_NULL) {
            continue;
        }
        struct rs_str raw = rs_json_token_text(projector->event.text, &tokens[i]);
        struct rs_path_key *key = rs_stream_key(projector->stream, path, previous, raw);
        previous = key;
        if (tokens[i + 1].kind == RS_JSON_OBJECT) {
            if (RS_UNLIKELY(!key->path)) {
                (void)rs_stream_child(projector->stream, path, key,
                                      string_text(projector, &tokens[i]));
            }
            flatten(projector, key->path, i + 1);
            continue;
        }
        if (RS_UNLIKELY(key->column == RS_NO_COLUMN)) {
            rs_stream_name_key(projector->stream, path, key, string_text(projector, &tokens[i]));
        }
        put_value(projector, key, i + 1);
    }
}

/* Flatten an object field; what is no object counts as absent, and is a discard. */
static void put_object_field(struct rs_projector *projector, struct rs_path *path,
                             enum rs_field field, struct rs_str name)
{
    uint32_t token = projector->event.field[field];
    if (token == 0) {
        return;
    }
    if (projector->event.tokens[token].kind == RS_JSON_OBJECT) {
        flatten(projector, path, token);
        return;
    }
    put_discard(projector, rs_stream_column(projector->stream, name, path->context),
                value_text(projector, &projector->event.tokens[token]), RS_DISCARD_TYPE);
}

/* --- standard columns ---------------------------------------------------------------------- */

/* A field that is a string whatever it holds; false when it is missing (perhaps a discard). */
static bool string_field(struct rs_projector *projector, enum rs_field field, int32_t column,
                         struct rs_str *out)
{
    uint32_t number = projector->event.field[field];
    if (number == 0) {
        return false;
    }
    const struct rs_json_token *token = &projector->event.tokens[number];
    struct rs_str text = value_text(projector, token);
    if (token->kind == RS_JSON_ARRAY || token->kind == RS_JSON_OBJECT) {
        put_discard(projector, column, text, RS_DISCARD_TYPE);
        return false;
    }
    *out = text;
    return true;
}

static bool has_text(const struct rs_event *event, enum rs_field field)
{
    uint32_t number = event->field[field];
    if (number == 0) {
        return false;
    }
    const struct rs_json_token *token = &event->tokens[number];
    return token->kind != RS_JSON_ARRAY && token->kind != RS_JSON_OBJECT && token->length > 0;
}

/* The id of a line without one: the same line gives the same id, whenever it is replayed. */
static struct rs_str derive_id(struct rs_projector *projector)
{
    enum { PREFIX = 3, HALF_DIGEST = 16 };
    unsigned char digest[32];
    char *id = rs_arena_alloc(&projector->batch->arena, PREFIX + HALF_DIGEST * 2 + 1);
    rs_sha256(projector->event.text, digest);
    memcpy(id, "rs-", PREFIX);
    rs_hex(digest, HALF_DIGEST, id + PREFIX);
    return (struct rs_str){id, PREFIX + HALF_DIGEST * 2};
}

struct instants {
    bool has[RS_FIELD_COUNT];
    int64_t us[RS_FIELD_COUNT];
};

static void read_instant(struct rs_projector *projector, enum rs_field field,
                         struct instants *out)
{
    const struct rs_event *event = &projector->event;
    const struct rs_json_token *token = &event->tokens[event->field[field]];
    if (event->field[field] != 0 && token->kind == RS_JSON_STRING) {
        out->has[field] = rs_timefmt_parse(string_text(projector, token), &out->us[field]);
    }
}

/* received_at - (sent_at - original_timestamp), when that is a timestamp. */
static bool corrected_timestamp(const struct instants *at, int64_t received_us, int64_t *out)
{
    int64_t us = received_us - (at->us[RS_FIELD_SENT_AT] - at->us[RS_FIELD_ORIGINAL_TIMESTAMP]);
    if (us < RS_TIMEFMT_FIRST_US || us > RS_TIMEFMT_LAST_US) {
        return false;
    }
    *out = us;
    return true;
}

static void put_instant_fields(struct rs_projector *projector, const struct instants *at)
{
    static const struct {
        enum rs_field field;
        int32_t column;
    } fields[] = {
        {RS_FIELD_RECEIVED_AT, RS_STREAM_RECEIVED_AT},
        {RS_FIELD_TIMESTAMP, RS_STREAM_TIMESTAMP},
        {RS_FIELD_SENT_AT, RS_STREAM_SENT_AT},
        {RS_FIELD_ORIGINAL_TIMESTAMP, RS_STREAM_ORIGINAL_TIMESTAMP},
    };
    for (size_t i = 0; i < RS_COUNTOF(fields); i++) {
        uint32_t token = projector->event.field[fields[i].field];
        if (fields[i].column == RS_STREAM_SENT_AT ||
            fields[i].column == RS_STREAM_ORIGINAL_TIMESTAMP) {
            if (at->has[fields[i].field]) {
                put_instant(projector, fields[i].column, at->us[fields[i].field]);
            }
        }
        if (token != 0 && !at->has[fields[i].field]) {
            put_discard(projector, fields[i].column,
                        value_text(projector, &projector->event.tokens[token]), RS_DISCARD_TYPE);
        }
    }
}

/* id and received_at come first: the rest of the program finds them there. */
static int64_t put_identity(struct rs_projector *projector, const struct instants *at)
{
    struct rs_str id = {0};
    uint32_t token = projector->event.field[RS_FIELD_MESSAGE_ID];
    bool has_id = has_text(&projector->event, RS_FIELD_MESSAGE_ID);
    if (has_id) {
        id = value_text(projector, &projector->event.tokens[token]);
    }
    if (id.length == 0) {
        id = derive_id(projector);
    }
    put_text(projector, RS_STREAM_ID, RS_KIND_STRING, id);
    int64_t received = at->has[RS_FIELD_RECEIVED_AT] ? at->us[RS_FIELD_RECEIVED_AT]
                       : at->has[RS_FIELD_TIMESTAMP] ? at->us[RS_FIELD_TIMESTAMP]
                       : at->has[RS_FIELD_SENT_AT]   ? at->us[RS_FIELD_SENT_AT]
                                                     : projector->options.now_us;
    put_instant(projector, RS_STREAM_RECEIVED_AT, received);
    if (token != 0 && !has_id) {
        (void)string_field(projector, RS_FIELD_MESSAGE_ID, RS_STREAM_ID, &id);
    }
    return received;
}

static void put_standard(struct rs_projector *projector, struct rs_row *row)
{
    struct instants at = {0};
    struct rs_str text = {0};
    read_instant(projector, RS_FIELD_RECEIVED_AT, &at);
    read_instant(projector, RS_FIELD_TIMESTAMP, &at);
    read_instant(projector, RS_FIELD_SENT_AT, &at);
    read_instant(projector, RS_FIELD_ORIGINAL_TIMESTAMP, &at);
    int64_t received = put_identity(projector, &at);
    row->received_us = received;
    int64_t timestamp = received;
    if (at.has[RS_FIELD_TIMESTAMP]) {
        timestamp = at.us[RS_FIELD_TIMESTAMP];
    } else if (at.has[RS_FIELD_ORIGINAL_TIMESTAMP]) {
        if (!at.has[RS_FIELD_SENT_AT] || !corrected_timestamp(&at, received, &timestamp)) {
            timestamp = at.us[RS_FIELD_ORIGINAL_TIMESTAMP];
        }
    }
    put_instant(projector, RS_STREAM_TIMESTAMP, timestamp);
    put_instant_fields(projector, &at);
    if (string_field(projector, RS_FIELD_ANONYMOUS_ID, RS_STREAM_ANONYMOUS_ID, &text)) {
        put_text(projector, RS_STREAM_ANONYMOUS_ID, RS_KIND_STRING, text);
    }
    if (string_field(projector, RS_FIELD_USER_ID, RS_STREAM_USER_ID, &text)) {
        if (projector->stream->folds && projector->stream->call == RS_CALL_IDENTIFY) {
            row->fold_cell = (uint32_t)(projector->batch->cell_count - projector->row_first_cell);
        }
        put_text(projector, RS_STREAM_USER_ID, RS_KIND_STRING, text);
    }
}

/* The call's own field besides those that every call has. */
static void put_call_fields(struct rs_projector *projector, struct rs_row *row)
{
    static const enum rs_field extra[RS_CALL_COUNT] = {
        [RS_CALL_TRACK] = RS_FIELD_EVENT,    [RS_CALL_IDENTIFY] = RS_FIELD_NONE,
        [RS_CALL_PAGE] = RS_FIELD_NONE,      [RS_CALL_SCREEN] = RS_FIELD_NONE,
        [RS_CALL_GROUP] = RS_FIELD_GROUP_ID, [RS_CALL_ALIAS] = RS_FIELD_PREVIOUS_ID,
    };
    struct rs_str text = {0};
    enum rs_call call = projector->event.call;
    uint32_t token = extra[call] == RS_FIELD_NONE ? 0 : projector->event.field[extra[call]];
    if (token == 0) {
        return;
    }
    bool unnamed = call == RS_CALL_TRACK && projector->stream->table.length == 0;
    if (unnamed) {
        text = value_text(projector, &projector->event.tokens[token]);
        if (projector->event.tokens[token].kind != RS_JSON_STRING) {
            put_discard(projector, RS_STREAM_EXTRA, text, RS_DISCARD_TYPE);
        }
        return;
    }
    if (string_field(projector, extra[call], RS_STREAM_EXTRA, &text)) {
        if (projector->stream->folds && call == RS_CALL_GROUP) {
            row->fold_cell = (uint32_t)(projector->batch->cell_count - projector->row_first_cell);
        }
        put_text(projector, RS_STREAM_EXTRA, RS_KIND_STRING, text);
    }
}

/* A page's or screen's own name and category. An object there is no value. */
static void put_page_field(struct rs_projector *projector, enum rs_field field, struct rs_str name)
{
    uint32_t number = projector->event.field[field];
    if (number == 0) {
        return;
    }
    const struct rs_json_token *token = &projector->event.tokens[number];
    struct rs_str text = value_text(projector, token);
    int32_t column = rs_stream_column(projector->stream, name, false);
    if (token->kind == RS_JSON_OBJECT) {
        put_discard(projector, column, text, RS_DISCARD_TYPE);
    } else {
        put_text(projector, column, value_kind(token, text), text);
    }
}

/* --- fields that came twice ---------------------------------------------------------------- */

static int32_t column_of_field(struct rs_projector *projector, enum rs_field field)
{
    static const struct {
        enum rs_field field;
        int32_t column;
    } columns[] = {
        {RS_FIELD_MESSAGE_ID, RS_STREAM_ID},
        {RS_FIELD_RECEIVED_AT, RS_STREAM_RECEIVED_AT},
        {RS_FIELD_SENT_AT, RS_STREAM_SENT_AT},
        {RS_FIELD_TIMESTAMP, RS_STREAM_TIMESTAMP},
        {RS_FIELD_ORIGINAL_TIMESTAMP, RS_STREAM_ORIGINAL_TIMESTAMP},
        {RS_FIELD_ANONYMOUS_ID, RS_STREAM_ANONYMOUS_ID},
        {RS_FIELD_USER_ID, RS_STREAM_USER_ID},
        {RS_FIELD_EVENT, RS_STREAM_EXTRA},
        {RS_FIELD_GROUP_ID, RS_STREAM_EXTRA},
        {RS_FIELD_PREVIOUS_ID, RS_STREAM_EXTRA},
    };
    bool page = projector->event.call == RS_CALL_PAGE || projector->event.call == RS_CALL_SCREEN;
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        if (columns[i].field == field) {
            return columns[i].column;
        }
    }
    if (page && (field == RS_FIELD_NAME || field == RS_FIELD_CATEGORY)) {
        return rs_stream_column(
            projector->stream, field == RS_FIELD_NAME ? RS_STR("name") : RS_STR("category"), false);
    }
    return RS_NO_COLUMN;
}

static enum rs_field fields_of_call(enum rs_call call)
{
    static const enum rs_field fields[RS_CALL_COUNT] = {
        [RS_CALL_TRACK] = RS_FIELD_PROPERTIES, [RS_CALL_IDENTIFY] = RS_FIELD_TRAITS,
        [RS_CALL_PAGE] = RS_FIELD_PROPERTIES,  [RS_CALL_SCREEN] = RS_FIELD_PROPERTIES,
        [RS_CALL_GROUP] = RS_FIELD_TRAITS,     [RS_CALL_ALIAS] = RS_FIELD_NONE,
    };
    return fields[call];
}

/* A JSON object may name a member twice: the first non-null one counts, nothing is lost. */
static void put_repeated(struct rs_projector *projector, bool context)
{
    struct rs_event *event = &projector->event;
    for (uint32_t key = 1; key < event->tokens[0].next; key = event->tokens[key + 1].next) {
        const struct rs_json_token *value = &event->tokens[key + 1];
        enum rs_field field = rs_event_field_of(event, key);
        if (field == RS_FIELD_NONE || event->field[field] == key + 1 ||
            value->kind == RS_JSON_NULL || (field == RS_FIELD_CONTEXT) != context) {
            continue;
        }
        if (field == RS_FIELD_CONTEXT && value->kind == RS_JSON_OBJECT) {
            flatten(projector, projector->stream->context, key + 1);
        } else if (field == fields_of_call(event->call) && value->kind == RS_JSON_OBJECT) {
            flatten(projector, projector->stream->fields, key + 1);
        } else if (column_of_field(projector, field) != RS_NO_COLUMN) {
            put_discard(projector, column_of_field(projector, field), value_text(projector, value),
                        RS_DISCARD_COLLISION);
        }
    }
}

/* --- the stream ----------------------------------------------------------------------------- */

static struct rs_stream *add_stream(struct rs_projector *projector, struct rs_str table, bool folds)
{
    static const char *const folded[RS_CALL_COUNT] = {
        [RS_CALL_IDENTIFY] = "users", [RS_CALL_GROUP] = "accounts"};
    enum rs_call call = projector->event.call;
    const struct rs_filter *filter = projector->options.filter;
    projector->streams = rs_mem_grow(projector->streams, &projector->stream_capacity,
                                     projector->stream_count + 1, sizeof *projector->streams);
    struct rs_stream *stream =
        rs_stream_new((uint32_t)projector->stream_count, call, table, folds,
                      projector->options.seed, projector->options.name_limit);
    stream->wanted = (table.length > 0 && rs_filter_allows_table(filter, table)) ||
                     (call == RS_CALL_TRACK && rs_filter_allows_table(filter, RS_STR("tracks"))) ||
                     (folds && rs_filter_allows_table(filter, rs_str_from(folded[call])));
    projector->streams[projector->stream_count++] = stream;
    return stream;
}

static struct rs_stream *named_stream(struct rs_projector *projector,
                                      const struct rs_json_token *name)
{
    struct rs_str raw = rs_json_token_text(projector->event.text, name);
    struct rs_stream *known = rs_map_find(projector->by_event, raw);
    if (RS_LIKELY(known)) {
        return known;
    }
    struct rs_strbuf table = RS_STRBUF_INIT(raw.length * RS_JSON_TEXT_GROWTH * 2 + 256);
    rs_name_table(string_text(projector, name), projector->options.name_limit, &table);
    void **by_table = rs_map_put(projector->by_table, rs_strbuf_str(&table));
    if (!*by_table) {
        *by_table = add_stream(projector, rs_strbuf_str(&table), false);
    }
    *rs_map_put(projector->by_event, raw) = *by_table;
    rs_strbuf_release(&table);
    return *by_table;
}

static struct rs_stream *stream_of(struct rs_projector *projector)
{
    static const struct rs_str tables[RS_CALL_COUNT] = {
        [RS_CALL_TRACK] = RS_STR_INIT(""),       [RS_CALL_IDENTIFY] = RS_STR_INIT("identifies"),
        [RS_CALL_PAGE] = RS_STR_INIT("pages"),   [RS_CALL_SCREEN] = RS_STR_INIT("screens"),
        [RS_CALL_GROUP] = RS_STR_INIT("groups"), [RS_CALL_ALIAS] = RS_STR_INIT("aliases"),
    };
    const struct rs_event *event = &projector->event;
    bool folds = false;
    if (event->call == RS_CALL_TRACK) {
        uint32_t name = event->field[RS_FIELD_EVENT];
        if (name != 0 && event->tokens[name].kind == RS_JSON_STRING &&
            event->tokens[name].length > 0) {
            return named_stream(projector, &event->tokens[name]);
        }
        projector->unnamed_count++;
    } else if (event->call == RS_CALL_IDENTIFY) {
        folds = has_text(event, RS_FIELD_USER_ID);
    } else if (event->call == RS_CALL_GROUP) {
        folds = has_text(event, RS_FIELD_GROUP_ID);
    }
    struct rs_stream **slot = &projector->fixed[event->call][folds];
    if (!*slot) {
        *slot = add_stream(projector, tables[event->call], folds);
    }
    return *slot;
}

/* --- a line ---------------------------------------------------------------------------------- */

static void put_event(struct rs_projector *projector, struct rs_row *row)
{
    struct rs_stream *stream = projector->stream;
    struct rs_event *event = &projector->event;
    enum rs_field fields = fields_of_call(event->call);
    put_standard(projector, row);
    put_call_fields(projector, row);
    put_object_field(projector, stream->context, RS_FIELD_CONTEXT, RS_STR("context"));
    if (RS_UNLIKELY(event->repeated)) {
        put_repeated(projector, true);
    }
    row->common_count = (uint32_t)(projector->batch->cell_count - projector->row_first_cell);
    row->common_bytes = (uint32_t)projector->row_weight;
    if (event->call == RS_CALL_PAGE || event->call == RS_CALL_SCREEN) {
        put_page_field(projector, RS_FIELD_NAME, RS_STR("name"));
        put_page_field(projector, RS_FIELD_CATEGORY, RS_STR("category"));
    }
    if (fields != RS_FIELD_NONE) {
        put_object_field(projector, stream->fields, fields,
                         fields == RS_FIELD_TRAITS ? RS_STR("traits") : RS_STR("properties"));
    }
    if (RS_UNLIKELY(event->repeated)) {
        put_repeated(projector, false);
    }
}

static bool is_blank(struct rs_str line)
{
    return rs_str_trim(line).length == 0;
}

enum rs_outcome rs_projector_line(struct rs_projector *projector, struct rs_batch *batch,
                                  uint64_t line_number, struct rs_str line)
{
    const char *reason = NULL;
    if (RS_UNLIKELY(is_blank(line))) {
        return RS_OUTCOME_BLANK;
    }
    projector->batch = batch;
    if (!rs_event_read(&projector->reader, line, &projector->event, &reason)) {
        rs_batch_add_reject(batch, line_number, line, reason);
        return RS_OUTCOME_REJECT;
    }
    if (RS_UNLIKELY(!rs_event_allowed(&projector->event, projector->options.warehouse_id))) {
        return RS_OUTCOME_OPT_OUT;
    }
    projector->stream = stream_of(projector);
    if (RS_UNLIKELY(!projector->stream->wanted)) {
        return RS_OUTCOME_UNSELECTED;
    }
    projector->stream->stamp++;
    projector->row_first_cell = batch->cell_count;
    projector->row_weight = ROW_WEIGHT;
    struct rs_row *row =
        rs_batch_add_row(batch, projector->stream->number, (uint32_t)batch->cell_count);
    put_event(projector, row);
    row->cell_count = (uint32_t)(batch->cell_count - projector->row_first_cell);
    row->bytes = (uint32_t)projector->row_weight;
    if (projector->stream->folds) {
        const struct rs_cell *key = &batch->cells[row->first_cell + row->fold_cell];
        row->fold_hash = rs_hash64((struct rs_str){key->text, key->length}, 0);
    }
    rs_batch_count_row(batch, row);
    return RS_OUTCOME_ROW;
}
