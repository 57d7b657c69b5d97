/*
 * Fields of the top level and the rules between them: which timestamp stands in for which, what
 * a missing id becomes, and what happens to a field that JSON let come twice.
 */
#include "transform/standard.h"

#include <string.h>

#include "base/timefmt.h"
#include "codec/digest.h"
#include "codec/utf8.h"
#include "transform/coltype.h"

/* --- standard columns ---------------------------------------------------------------------- */

/* An id, a string whatever it holds; false when it is missing: empty, or none (then a discard). */
static bool string_field(struct rs_row_builder *build, enum rs_field field, int32_t column,
                         struct rs_str *out)
{
    uint32_t number = build->event.field[field];
    if (number == 0) {
        return false;
    }
    const struct rs_json_token *token = &build->event.tokens[number];
    struct rs_str text = rs_row_text(build, number);
    if (token->kind == RS_JSON_ARRAY || token->kind == RS_JSON_OBJECT) {
        rs_row_put_discard(build, column, text, RS_DISCARD_TYPE);
        return false;
    }
    *out = text;
    return text.length > 0;
}

bool rs_standard_has_text(struct rs_row_builder *build, enum rs_field field)
{
    uint32_t number = build->event.field[field];
    if (number == 0) {
        return false;
    }
    const struct rs_json_token *token = &build->event.tokens[number];
    if (token->flags & RS_JSON_ESCAPED && token->kind == RS_JSON_STRING) {
        return rs_row_text(build, number).length > 0; /* NUL is dropped */
    }
    return token->kind != RS_JSON_ARRAY && token->kind != RS_JSON_OBJECT && token->length > 0;
}

/*
 * Put an id that rows are found by. A column holds 65535 bytes: what is cut is cut here, so that
 * equal ids in the table are equal ids to us.
 */
static void put_key(struct rs_row_builder *build, int32_t column, struct rs_str id)
{
    struct rs_str kept = {id.data, rs_utf8_cut(id, RS_VARCHAR_MAX)};
    rs_row_put_text(build, column, RS_CELL_STRING, kept);
    if (kept.length < id.length) {
        rs_row_put_discard(build, column, id, RS_DISCARD_TRUNCATED);
    }
}

/* The id of an event without one: the same text gives the same id, whenever it is replayed. */
static struct rs_str derive_id(struct rs_row_builder *build)
{
    enum { PREFIX = 3, HALF_DIGEST = 16 };
    unsigned char digest[32];
    char *id = rs_arena_alloc(&build->scratch, PREFIX + HALF_DIGEST * 2 + RS_CELL_SLACK);
    rs_sha256(build->event.own, digest);
    memcpy(id, "rs-", PREFIX);
    rs_hex(digest, HALF_DIGEST, id + PREFIX);
    return (struct rs_str){id, PREFIX + HALF_DIGEST * 2};
}

struct instants {
    bool has[RS_FIELD_COUNT];
    int64_t us[RS_FIELD_COUNT];
};

static void read_instant(struct rs_row_builder *build, enum rs_field field, struct instants *out)
{
    const struct rs_event *event = &build->event;
    const struct rs_json_token *token = &event->tokens[event->field[field]];
    if (event->field[field] != 0 && token->kind == RS_JSON_STRING) {
        out->has[field] =
            rs_timefmt_parse(rs_row_text(build, event->field[field]), &out->us[field]);
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

static void put_instant_fields(struct rs_row_builder *build, const struct instants *at)
{
    static const struct {
        enum rs_field field;
        int32_t column;
        bool derived; /* its cell is there already, made by a rule of its own */
    } fields[] = {
        {RS_FIELD_RECEIVED_AT, RS_STREAM_RECEIVED_AT, true},
        {RS_FIELD_TIMESTAMP, RS_STREAM_TIMESTAMP, true},
        {RS_FIELD_SENT_AT, RS_STREAM_SENT_AT, false},
        {RS_FIELD_ORIGINAL_TIMESTAMP, RS_STREAM_ORIGINAL_TIMESTAMP, false},
    };
    for (size_t i = 0; i < RS_COUNTOF(fields); i++) {
        uint32_t token = build->event.field[fields[i].field];
        if (at->has[fields[i].field]) {
            if (!fields[i].derived) {
                rs_row_put_instant(build, fields[i].column, at->us[fields[i].field]);
            }
        } else if (token != 0) {
            rs_row_put_discard(build, fields[i].column, rs_row_text(build, token), RS_DISCARD_TYPE);
        }
    }
}

/* The fields that tell when an event was received, the best first. */
static const enum rs_field received_fields[] = {RS_FIELD_RECEIVED_AT, RS_FIELD_TIMESTAMP,
                                                RS_FIELD_SENT_AT};

bool rs_standard_received(struct rs_row_builder *build, int64_t *out_us)
{
    struct instants at = {0};
    for (size_t i = 0; i < RS_COUNTOF(received_fields); i++) {
        enum rs_field field = received_fields[i];
        read_instant(build, field, &at);
        if (at.has[field]) {
            *out_us = at.us[field];
            return true;
        }
    }
    return false;
}

/* id and received_at come first: the rest of the program finds them there. */
static int64_t put_identity(struct rs_row_builder *build, const struct instants *at, int64_t now_us)
{
    uint32_t token = build->event.field[RS_FIELD_MESSAGE_ID];
    bool has_id = rs_standard_has_text(build, RS_FIELD_MESSAGE_ID);
    struct rs_str id = has_id ? rs_row_text(build, token) : derive_id(build);
    struct rs_str kept = {id.data, rs_utf8_cut(id, RS_VARCHAR_MAX)};
    rs_row_put_text(build, RS_STREAM_ID, RS_CELL_STRING, kept);
    int64_t received = now_us;
    for (size_t i = RS_COUNTOF(received_fields); i-- > 0;) {
        received = at->has[received_fields[i]] ? at->us[received_fields[i]] : received;
    }
    rs_row_put_instant(build, RS_STREAM_RECEIVED_AT, received);
    if (kept.length < id.length) {
        rs_row_put_discard(build, RS_STREAM_ID, id, RS_DISCARD_TRUNCATED);
    }
    if (token != 0 && !has_id) {
        (void)string_field(build, RS_FIELD_MESSAGE_ID, RS_STREAM_ID, &id);
    }
    return received;
}

void rs_standard_put(struct rs_row_builder *build, struct rs_row *row, int64_t now_us)
{
    struct instants at = {0};
    struct rs_str text = {0};
    read_instant(build, RS_FIELD_RECEIVED_AT, &at);
    read_instant(build, RS_FIELD_TIMESTAMP, &at);
    read_instant(build, RS_FIELD_SENT_AT, &at);
    read_instant(build, RS_FIELD_ORIGINAL_TIMESTAMP, &at);
    int64_t received = put_identity(build, &at, now_us);
    row->received_us = received;
    int64_t timestamp = received;
    if (at.has[RS_FIELD_TIMESTAMP]) {
        timestamp = at.us[RS_FIELD_TIMESTAMP];
    } else if (at.has[RS_FIELD_ORIGINAL_TIMESTAMP]) {
        if (!at.has[RS_FIELD_SENT_AT] || !corrected_timestamp(&at, received, &timestamp)) {
            timestamp = at.us[RS_FIELD_ORIGINAL_TIMESTAMP];
        }
    }
    rs_row_put_instant(build, RS_STREAM_TIMESTAMP, timestamp);
    put_instant_fields(build, &at);
    if (string_field(build, RS_FIELD_ANONYMOUS_ID, RS_STREAM_ANONYMOUS_ID, &text)) {
        rs_row_put_text(build, RS_STREAM_ANONYMOUS_ID, RS_CELL_STRING, text);
    }
    if (string_field(build, RS_FIELD_USER_ID, RS_STREAM_USER_ID, &text)) {
        if (build->stream->folds && build->stream->call == RS_CALL_IDENTIFY) {
            row->fold_offset = (uint32_t)(build->batch->size - row->offset);
        }
        put_key(build, RS_STREAM_USER_ID, text);
    }
}

/* The call's own field besides those that every call has. */
void rs_standard_put_call(struct rs_row_builder *build, struct rs_row *row)
{
    static const enum rs_field extra[RS_CALL_COUNT] = {
        [RS_CALL_TRACK] = RS_FIELD_EVENT,    [RS_CALL_IDENTIFY] = RS_FIELD_NONE,
        [RS_CALL_PAGE] = RS_FIELD_NONE,      [RS_CALL_SCREEN] = RS_FIELD_NONE,
        [RS_CALL_GROUP] = RS_FIELD_GROUP_ID, [RS_CALL_ALIAS] = RS_FIELD_PREVIOUS_ID,
    };
    struct rs_str text = {0};
    enum rs_call_type call = build->event.call;
    uint32_t token = extra[call] == RS_FIELD_NONE ? 0 : build->event.field[extra[call]];
    if (token == 0) {
        return;
    }
    bool unnamed =
        call == RS_CALL_TRACK && build->stream->table.length == 0 && !build->stream->refused;
    if (unnamed) {
        text = rs_row_text(build, token);
        if (build->event.tokens[token].kind != RS_JSON_STRING) {
            rs_row_put_discard(build, RS_STREAM_EXTRA, text, RS_DISCARD_TYPE);
        }
        return;
    }
    if (string_field(build, extra[call], RS_STREAM_EXTRA, &text)) {
        if (build->stream->folds && call == RS_CALL_GROUP) {
            row->fold_offset = (uint32_t)(build->batch->size - row->offset);
        }
        put_key(build, RS_STREAM_EXTRA, text);
    }
}

/* A page's or screen's own name and category. An object there is no value. */
void rs_standard_put_page(struct rs_row_builder *build, enum rs_field field, struct rs_str name)
{
    uint32_t number = build->event.field[field];
    if (number == 0) {
        return;
    }
    const struct rs_json_token *token = &build->event.tokens[number];
    struct rs_str text = rs_row_text(build, number);
    int32_t column = rs_stream_column(build->stream, name, false);
    if (token->kind == RS_JSON_OBJECT) {
        rs_row_put_discard(build, column, text, RS_DISCARD_TYPE);
    } else {
        rs_row_put_text(build, column, rs_row_kind(build, number, text), text);
    }
}

/* --- fields that came twice ---------------------------------------------------------------- */

static int32_t column_of_field(struct rs_row_builder *build, enum rs_field field)
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
    bool page = build->event.call == RS_CALL_PAGE || build->event.call == RS_CALL_SCREEN;
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        if (columns[i].field == field) {
            return columns[i].column;
        }
    }
    if (page && (field == RS_FIELD_NAME || field == RS_FIELD_CATEGORY)) {
        return rs_stream_column(
            build->stream, field == RS_FIELD_NAME ? RS_STR("name") : RS_STR("category"), false);
    }
    return RS_NO_COLUMN;
}

bool rs_standard_carries(enum rs_call_type call, enum rs_field field)
{
    bool traits = call == RS_CALL_IDENTIFY || call == RS_CALL_GROUP || call == RS_CALL_ALIAS;
    bool properties = !traits || call == RS_CALL_ALIAS;
    return (field == RS_FIELD_TRAITS && traits) || (field == RS_FIELD_PROPERTIES && properties);
}

/* Put a field's value that came after its first. */
static void put_again(struct rs_row_builder *build, enum rs_field field, uint32_t value)
{
    bool object = build->event.tokens[value].kind == RS_JSON_OBJECT;
    int32_t column = column_of_field(build, field);
    if (object && field == RS_FIELD_CONTEXT) {
        rs_row_put_object(build, build->stream->context, value);
    } else if (object && rs_standard_carries(build->event.call, field)) {
        rs_row_put_object(build, build->stream->fields, value);
    } else if (column != RS_NO_COLUMN) {
        rs_row_put_discard(build, column, rs_row_text(build, value), RS_DISCARD_COLLISION);
    }
}

/* A JSON object may name a member twice: the first non-null one counts, nothing is lost. */
void rs_standard_put_repeated(struct rs_row_builder *build, bool common)
{
    struct rs_event *event = &build->event;
    for (uint32_t key = 1; key < event->own_end; key = event->tokens[key + 1].next) {
        enum rs_field field = rs_event_field_of(event, key);
        if (field == RS_FIELD_NONE || event->field[field] == key + 1 ||
            event->tokens[key + 1].kind == RS_JSON_NULL) {
            continue;
        }
        int32_t column = column_of_field(build, field);
        bool in_common = field == RS_FIELD_CONTEXT ||
                         (column != RS_NO_COLUMN && column < RS_STREAM_STANDARD_COUNT);
        if (in_common == common) {
            put_again(build, field, key + 1);
        }
    }
}
