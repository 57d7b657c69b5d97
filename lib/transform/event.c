/*
 * One walk over the top level's keys. The place of a key is a good guess of its name, since one
 * library writes all the events of a page; a wrong guess costs a look through a short table.
 */
#include "transform/event.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json_text.h"
#include "transform/reject_hint.h"

enum { KEY_MAX = 192 }; /* bytes of a known name, every letter of it written as \uXXXX */

static const struct rs_str call_names[RS_CALL_COUNT] = {
    [RS_CALL_TRACK] = RS_STR_INIT("track"), [RS_CALL_IDENTIFY] = RS_STR_INIT("identify"),
    [RS_CALL_PAGE] = RS_STR_INIT("page"),   [RS_CALL_SCREEN] = RS_STR_INIT("screen"),
    [RS_CALL_GROUP] = RS_STR_INIT("group"), [RS_CALL_ALIAS] = RS_STR_INIT("alias"),
};

/* The string's text; one with escapes is decoded into scratch when it may be a short name. */
static struct rs_str name_text(struct rs_str text, const struct rs_json_token *token,
                               char scratch[KEY_MAX * RS_JSON_TEXT_GROWTH])
{
    struct rs_str raw = rs_json_token_text(text, token);
    if (!(token->flags & RS_JSON_ESCAPED) || raw.length > KEY_MAX) {
        return raw;
    }
    return (struct rs_str){scratch, rs_json_unescape(raw, scratch)};
}

static bool token_is(struct rs_str text, const struct rs_json_token *token, struct rs_str name)
{
    char scratch[KEY_MAX * RS_JSON_TEXT_GROWTH];
    return rs_str_equal(name_text(text, token, scratch), name);
}

static enum rs_field find_field(struct rs_str key)
{
    for (size_t i = 0; i < RS_FIELD_COUNT; i++) {
        if (rs_str_equal(rs_field_names[i], key)) {
            return (enum rs_field)i;
        }
    }
    return RS_FIELD_NONE;
}

enum rs_field rs_event_field_of(const struct rs_event *event, uint32_t key_token)
{
    char scratch[KEY_MAX * RS_JSON_TEXT_GROWTH];
    return find_field(name_text(event->text, &event->tokens[key_token], scratch));
}

static bool read_call(struct rs_event *event, const char **reason)
{
    uint32_t type = event->field[RS_FIELD_TYPE];
    if (type == 0) {
        *reason = RS_REJECT_NO_TYPE;
        return false;
    }
    if (event->tokens[type].kind == RS_JSON_STRING) {
        for (size_t i = 0; i < RS_CALL_COUNT; i++) {
            if (token_is(event->text, &event->tokens[type], call_names[i])) {
                event->call = (enum rs_call_type)i;
                return true;
            }
        }
    }
    *reason = RS_REJECT_OTHER_TYPE;
    return false;
}

static bool is_same_other(const struct rs_event_other_key *other, struct rs_str raw)
{
    return other->length == raw.length && raw.length > 0 &&
           memcmp(other->text, raw.data, raw.length) == 0;
}

/* Keep a key that is no field; returns the field that it may stand for. */
static enum rs_field learn_other(struct rs_event_reader *reader, size_t place, struct rs_str raw)
{
    enum rs_field field = rs_foreign_key_field(raw);
    if (place < RS_EVENT_KEYS && raw.length <= RS_FOREIGN_KEY_MAX) {
        struct rs_event_other_key *other = &reader->others[place];
        other->length = (uint8_t)raw.length;
        other->field = (uint8_t)field;
        memcpy(other->text, raw.data, raw.length);
    }
    return field;
}

/* Some keys of the event stand for fields: count those whose field it does not have. */
static void note_foreign(struct rs_event_reader *reader, const struct rs_event *event)
{
    const struct rs_json_token *tokens = event->tokens;
    unsigned noted = 0;
    for (uint32_t key = 1; key < tokens[0].next; key = tokens[key + 1].next) {
        struct rs_str raw = rs_json_token_text(event->text, &tokens[key]);
        enum rs_field field = rs_event_field_of(event, key) == RS_FIELD_NONE
                                  ? rs_foreign_key_field(raw)
                                  : RS_FIELD_NONE;
        if (field != RS_FIELD_NONE && event->field[field] == 0 && !(noted >> field & 1)) {
            noted |= 1U << field;
            rs_foreign_keys_note(&reader->foreign, field, raw);
        }
    }
}

/* The fields that a body may have for its events: what all calls have in common, but what names one. */
static bool is_of_body(enum rs_field field)
{
    return field == RS_FIELD_CONTEXT || field == RS_FIELD_INTEGRATIONS ||
           field == RS_FIELD_SENT_AT || field == RS_FIELD_RECEIVED_AT ||
           field == RS_FIELD_TIMESTAMP || field == RS_FIELD_ORIGINAL_TIMESTAMP ||
           field == RS_FIELD_ANONYMOUS_ID || field == RS_FIELD_USER_ID;
}

/* A field whose value, which the event has, is also in its body. */
static void note_body_field(struct rs_event *event, enum rs_field field, uint32_t value)
{
    if (field == RS_FIELD_CONTEXT && event->tokens[value].kind == RS_JSON_OBJECT) {
        event->body_context = value;
    } else if (field == RS_FIELD_INTEGRATIONS) {
        event->body_integrations = value;
    }
}

/* Find the fields of an object's text; from own_length on they are its body's. */
static bool read_fields(struct rs_event_reader *reader, struct rs_str text, size_t own_length,
                        struct rs_event *out, const char **reason)
{
    struct rs_json_fault fault = {0};
    if (!rs_json_tokenize(text, &reader->tape, &fault)) {
        *reason = fault.reason;
        return false;
    }
    const struct rs_json_token *tokens = reader->tape.tokens;
    if (tokens[0].kind != RS_JSON_OBJECT) {
        *reason = "it is not a JSON object";
        return false;
    }
    *out =
        (struct rs_event){.text = text, .own = text, .tokens = tokens, .own_end = tokens[0].next};
    size_t place = 0;
    unsigned foreign = 0;
    for (uint32_t key = 1; key < tokens[0].next; key = tokens[key + 1].next, place++) {
        enum rs_field field =
            place < sizeof reader->guess ? (enum rs_field)reader->guess[place] : RS_FIELD_NONE;
        struct rs_str raw = rs_json_token_text(text, &tokens[key]);
        if (field == RS_FIELD_NONE || !rs_str_equal(raw, rs_field_names[field])) {
            if (place < RS_EVENT_KEYS && is_same_other(&reader->others[place], raw)) {
                foreign |= 1U << reader->others[place].field;
                continue;
            }
            field = rs_event_field_of(out, key);
            if (field == RS_FIELD_NONE) {
                foreign |= 1U << learn_other(reader, place, raw);
            }
            if (place < sizeof reader->guess) {
                reader->guess[place] = (uint8_t)field;
            }
        }
        if (field == RS_FIELD_NONE || tokens[key + 1].kind == RS_JSON_NULL) {
            continue;
        }
        if (out->field[field] == 0) {
            out->field[field] = key + 1;
        } else if (tokens[key].start < own_length) {
            out->repeated = true;
        } else {
            note_body_field(out, field, key + 1);
        }
    }
    while (out->own_end > 1 && tokens[out->own_end - 1].start >= own_length) {
        out->own_end--;
    }
    if (RS_UNLIKELY(foreign & ((1U << RS_FIELD_NONE) - 1))) {
        note_foreign(reader, out);
    }
    return true;
}

bool rs_event_read(struct rs_event_reader *reader, struct rs_str text, struct rs_event *out,
                   const char **reason)
{
    return read_fields(reader, text, text.length, out, reason) && read_call(out, reason);
}

bool rs_event_read_joined(struct rs_event_reader *reader, struct rs_str text, size_t own_length,
                          struct rs_event *out, const char **reason)
{
    return read_fields(reader, text, own_length, out, reason) && read_call(out, reason);
}

bool rs_event_body_read(struct rs_event_reader *reader, struct rs_str body, size_t events,
                        struct rs_strbuf *out, const char **reason)
{
    struct rs_event event = {0};
    const char *unused = NULL;
    if (!read_fields(reader, body, body.length, &event, reason)) {
        return false;
    }
    if (read_call(&event, &unused)) {
        *reason = "it is an event that has a batch";
        return false;
    }
    for (size_t field = 0; field < RS_FIELD_COUNT; field++) {
        const struct rs_json_token *value = &event.tokens[event.field[field]];
        if (event.field[field] != 0 && is_of_body((enum rs_field)field)) {
            const char *quote = value->kind == RS_JSON_STRING ? "\"" : "";
            rs_strbuf_printf(out, ",\"%s\":%s", rs_field_names[field].data, quote);
            rs_strbuf_append_str(out, rs_json_token_text(body, value));
            rs_strbuf_append(out, quote);
        }
    }
    if (!rs_strbuf_ok(out) || (out->length > 0 && events > RS_EVENT_BODIES_MAX / out->length)) {
        *reason = "what the body says of its events is too long";
        return false;
    }
    return true;
}

size_t rs_event_body_join(struct rs_str event, struct rs_str said, struct rs_strbuf *out)
{
    size_t own = event.length - 1;
    size_t first = 1;
    while (first < own && (unsigned char)event.data[first] <= ' ') {
        first++;
    }
    rs_strbuf_append_bytes(out, event.data, own);
    size_t skipped = first == own ? 1 : 0; /* an empty object takes no comma */
    rs_strbuf_append_bytes(out, said.data + skipped, said.length - skipped);
    rs_strbuf_append_char(out, '}');
    return own;
}

/* The value of an object's member, or 0. */
static uint32_t find_member(const struct rs_event *event, uint32_t object, struct rs_str name)
{
    const struct rs_json_token *tokens = event->tokens;
    if (object == 0 || tokens[object].kind != RS_JSON_OBJECT) {
        return 0;
    }
    for (uint32_t key = object + 1; key < tokens[object].next; key = tokens[key + 1].next) {
        if (token_is(event->text, &tokens[key], name)) {
            return key + 1;
        }
    }
    return 0;
}

/* Is id one of the strings in the array? An array in an object is one token, so read it anew. */
static bool list_has(const struct rs_event *event, uint32_t array, struct rs_str id)
{
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};
    struct rs_str text = rs_json_token_text(event->text, &event->tokens[array]);
    bool found = false;
    if (rs_json_tokenize(text, &tape, &fault)) {
        for (uint32_t i = 1; i < tape.tokens[0].next && !found; i = tape.tokens[i].next) {
            const struct rs_json_token *item = &tape.tokens[i];
            char *decoded = rs_mem_alloc((size_t)item->length * RS_JSON_TEXT_GROWTH + 1);
            size_t length = rs_json_unescape(rs_json_token_text(text, item), decoded);
            found =
                item->kind == RS_JSON_STRING && rs_str_equal((struct rs_str){decoded, length}, id);
            rs_mem_free(decoded);
        }
    }
    rs_json_tape_release(&tape);
    return found;
}

static bool is_boolean(const struct rs_event *event, uint32_t token)
{
    return token != 0 && (event->tokens[token].kind == RS_JSON_TRUE ||
                          event->tokens[token].kind == RS_JSON_FALSE);
}

/* A member of the event's integrations, or of its body's where the event has none. */
static uint32_t find_integration(const struct rs_event *event, struct rs_str name)
{
    uint32_t own = find_member(event, event->field[RS_FIELD_INTEGRATIONS], name);
    return own != 0 ? own : find_member(event, event->body_integrations, name);
}

enum rs_consent rs_event_consent(const struct rs_event *event, struct rs_str warehouse_id)
{
    if (event->field[RS_FIELD_INTEGRATIONS] == 0) {
        return RS_CONSENT_YES;
    }
    uint32_t warehouses = find_integration(event, RS_STR("Warehouses"));
    uint32_t ids = find_member(event, warehouses, RS_STR("warehouseIds"));
    if (ids != 0 && event->tokens[ids].kind == RS_JSON_ARRAY) {
        bool named = warehouse_id.length > 0 && list_has(event, ids, warehouse_id);
        return named ? RS_CONSENT_YES : RS_CONSENT_NO;
    }
    uint32_t all = find_member(event, warehouses, RS_STR("all"));
    uint32_t answer = is_boolean(event, all) ? all : warehouses;
    if (is_boolean(event, answer)) {
        return event->tokens[answer].kind == RS_JSON_TRUE ? RS_CONSENT_YES : RS_CONSENT_NO;
    }
    uint32_t every = find_integration(event, RS_STR("All"));
    return every != 0 && event->tokens[every].kind == RS_JSON_FALSE ? RS_CONSENT_ALL_FALSE
                                                                    : RS_CONSENT_YES;
}

void rs_event_reader_release(struct rs_event_reader *reader)
{
    rs_json_tape_release(&reader->tape);
    *reader = (struct rs_event_reader){0};
}
