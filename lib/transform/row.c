/*
 * The hot path after the tokenizer: a value's text is copied once, from the line into the row.
 * Only a string with escapes or bad UTF-8, or an array that is not compact, is made anew in the
 * scratch arena first.
 */
#include "transform/row.h"

#include <string.h>

#include "codec/json_text.h"
#include "codec/utf8.h"
#include "transform/coltype.h"

enum {
    EXACT_DIGITS = 15,        /* an integer this long is exact as a double */
    TIMESTAMP_MIN_BYTES = 10, /* YYYY-MM-DD */
};

/* --- texts ------------------------------------------------------------------------------- */

/* The decoded text of a string token: a slice of the line where nothing has to change. */
static struct rs_str string_text(struct rs_row_builder *build, const struct rs_json_token *token)
{
    struct rs_str raw = rs_json_token_text(build->event.text, token);
    if (RS_LIKELY(!(token->flags & (RS_JSON_ESCAPED | RS_JSON_NON_ASCII)))) {
        return raw;
    }
    if (!(token->flags & RS_JSON_ESCAPED) && rs_utf8_valid(raw)) {
        return raw;
    }
    char *out = rs_arena_alloc(&build->scratch, raw.length * RS_JSON_TEXT_GROWTH + RS_CELL_SLACK);
    return (struct rs_str){out, rs_json_unescape(raw, out)};
}

/* An array's or object's JSON text, compact. The flags of an object say nothing. */
static struct rs_str array_text(struct rs_row_builder *build, const struct rs_json_token *token)
{
    struct rs_str raw = rs_json_token_text(build->event.text, token);
    if (token->kind == RS_JSON_ARRAY && !(token->flags & (RS_JSON_ESCAPED | RS_JSON_SPACED)) &&
        (!(token->flags & RS_JSON_NON_ASCII) || rs_utf8_valid(raw))) {
        return raw;
    }
    char *out = rs_arena_alloc(&build->scratch, raw.length * RS_JSON_TEXT_GROWTH + RS_CELL_SLACK);
    return (struct rs_str){out, rs_json_compact(raw, out)};
}

struct rs_str rs_row_text(struct rs_row_builder *build, uint32_t number)
{
    const struct rs_json_token *token = &build->event.tokens[number];
    if (RS_LIKELY(token->kind == RS_JSON_STRING)) {
        return string_text(build, token);
    }
    if (token->kind == RS_JSON_ARRAY || token->kind == RS_JSON_OBJECT) {
        return array_text(build, token);
    }
    return rs_json_token_text(build->event.text, token);
}

/* The cell's kind for one of enum rs_kind. */
static enum rs_cell_kind cell_kind(enum rs_kind kind)
{
    switch (kind) {
    case RS_KIND_BOOLEAN:
        return RS_CELL_BOOLEAN;
    case RS_KIND_INTEGER:
        return RS_CELL_INTEGER;
    case RS_KIND_WIDE_INTEGER:
        return RS_CELL_WIDE_INTEGER;
    case RS_KIND_FLOAT:
        return RS_CELL_FLOAT;
    case RS_KIND_TIMESTAMP:
        return RS_CELL_TIMESTAMP;
    case RS_KIND_STRING:
        return RS_CELL_STRING;
    case RS_KIND_ARRAY:
        return RS_CELL_ARRAY;
    }
    return RS_CELL_STRING;
}

enum rs_cell_kind rs_row_kind(const struct rs_row_builder *build, uint32_t number,
                              struct rs_str text)
{
    const struct rs_json_token *token = &build->event.tokens[number];
    switch ((enum rs_json_kind)token->kind) {
    case RS_JSON_STRING:
        if (RS_LIKELY(text.length < TIMESTAMP_MIN_BYTES || text.data[4] != '-')) {
            return RS_CELL_STRING;
        }
        return cell_kind(rs_kind_of_string(text));
    case RS_JSON_NUMBER:
        if (RS_LIKELY(!(token->flags & RS_JSON_FRACTION) && token->length <= EXACT_DIGITS)) {
            return RS_CELL_INTEGER;
        }
        return cell_kind(rs_kind_of_number(text));
    case RS_JSON_TRUE:
    case RS_JSON_FALSE:
        return RS_CELL_BOOLEAN;
    case RS_JSON_ARRAY:
        return RS_CELL_ARRAY;
    case RS_JSON_NULL:
    case RS_JSON_OBJECT:
        return RS_CELL_STRING;
    }
    return RS_CELL_STRING;
}

/* --- cells -------------------------------------------------------------------------------- */

static void note_null_run(struct rs_row_builder *build, struct rs_str text)
{
    size_t run = 1;
    while (run < text.length && text.data[run] == 'N') {
        run++;
    }
    if (run == text.length && run - 1 > build->null_run) {
        build->null_run = run - 1;
    }
}

void rs_row_put_discard(struct rs_row_builder *build, int32_t column, struct rs_str text,
                        enum rs_discard_reason reason)
{
    rs_batch_put(build->batch, (uint32_t)column, (uint32_t)RS_CELL_DISCARD + (uint32_t)reason,
                 text);
}

void rs_row_put_text(struct rs_row_builder *build, int32_t number, enum rs_cell_kind kind,
                     struct rs_str text)
{
    struct rs_stream_column *column = &build->stream->columns[number];
    if (RS_UNLIKELY(column->stamp == build->stream->stamp)) {
        if (!build->fills) {
            rs_row_put_discard(build, number, text, RS_DISCARD_COLLISION);
        }
        return;
    }
    column->stamp = build->stream->stamp;
    column->kinds |= 1U << kind;
    column->value_count++;
    if (text.length > column->max_bytes) {
        column->max_bytes = text.length;
    }
    if (text.length > 0 && RS_UNLIKELY(text.data[0] == '\\')) {
        note_null_run(build, text);
    }
    rs_batch_put(build->batch, (uint32_t)number, kind, text);
}

void rs_row_put_instant(struct rs_row_builder *build, int32_t number, int64_t us)
{
    char bytes[RS_CELL_SLACK] = {0};
    memcpy(bytes, &us, sizeof us);
    build->stream->columns[number].stamp = build->stream->stamp;
    rs_batch_put(build->batch, (uint32_t)number, RS_CELL_INSTANT,
                 (struct rs_str){bytes, sizeof us});
}

/* --- objects ------------------------------------------------------------------------------ */

static bool same_value(struct rs_row_builder *build, uint32_t left, uint32_t right)
{
    return build->event.tokens[left].kind == build->event.tokens[right].kind &&
           rs_str_equal(rs_row_text(build, left), rs_row_text(build, right));
}

/* The column of a page's property "name" or "category", or RS_NO_COLUMN to drop the value. */
static int32_t role_column(struct rs_row_builder *build, const struct rs_path_key *key,
                           uint32_t value)
{
    enum rs_field field = key->role == RS_KEY_NAME ? RS_FIELD_NAME : RS_FIELD_CATEGORY;
    uint32_t own = build->event.field[field];
    if (own == 0) {
        return key->column;
    }
    return same_value(build, own, value) ? RS_NO_COLUMN : key->other_column;
}

static void put_value(struct rs_row_builder *build, const struct rs_path_key *key, uint32_t value)
{
    int32_t column = key->column;
    if (RS_UNLIKELY(key->role != RS_KEY_PLAIN)) {
        column = role_column(build, key, value);
        if (column == RS_NO_COLUMN) {
            return;
        }
    }
    struct rs_str text = rs_row_text(build, value);
    rs_row_put_text(build, column, rs_row_kind(build, value, text), text);
}

/*
 * The member of a path that has no column: a discard that says the key too. What stands from its
 * key to the end of its value is an object's text once it has braces.
 */
static void put_refused(struct rs_row_builder *build, const struct rs_path *path, uint32_t key)
{
    const struct rs_json_token *tokens = build->event.tokens;
    const struct rs_json_token *value = &tokens[key + 1];
    size_t begin = tokens[key].start - 1;
    size_t end = value->start + value->length + (value->kind == RS_JSON_STRING ? 1 : 0);
    size_t length = end - begin + 2;
    char *raw = rs_arena_alloc(&build->scratch, length);
    char *text = rs_arena_alloc(&build->scratch, length * RS_JSON_TEXT_GROWTH + RS_CELL_SLACK);
    raw[0] = '{';
    memcpy(raw + 1, build->event.text.data + begin, end - begin);
    raw[length - 1] = '}';
    rs_row_put_discard(build, rs_stream_path_column(build->stream, path),
                       (struct rs_str){text, rs_json_compact((struct rs_str){raw, length}, text)},
                       RS_DISCARD_COLUMNS);
    build->stream->budget->refused_values++;
}

/* A null that clears, but for the column that another name of the event has filled. */
static struct rs_path_key *put_null(struct rs_row_builder *build, struct rs_path *path,
                                    struct rs_path_key *previous, uint32_t name)
{
    struct rs_str raw = rs_json_token_text(build->event.text, &build->event.tokens[name]);
    struct rs_path_key *key = rs_stream_key(build->stream, path, previous, raw);
    if (key->column == RS_NO_COLUMN &&
        !rs_stream_name_key(build->stream, path, key, rs_row_text(build, name))) {
        return key; /* one more than there is room for: no table has it */
    }
    struct rs_stream_column *column = &build->stream->columns[key->column];
    if (column->stamp != build->stream->stamp) {
        column->kinds |= RS_KIND_NULL;
        rs_batch_put(build->batch, (uint32_t)key->column, RS_CELL_NULL, RS_STR(""));
    }
    return key;
}

/* Calls itself for objects in objects: 512 levels deep at most, which is the tokenizer's limit. */
void rs_row_put_object(struct rs_row_builder *build, struct rs_path *path, uint32_t object)
{
    const struct rs_json_token *tokens = build->event.tokens;
    struct rs_path_key *previous = NULL;
    for (uint32_t i = object + 1; i < tokens[object].next; i = tokens[i + 1].next) {
        if (tokens[i + 1].kind == RS_JSON_NULL) {
            if (RS_UNLIKELY(build->clears && !path->context)) {
                previous = put_null(build, path, previous, i);
            }
            continue;
        }
        struct rs_str raw = rs_json_token_text(build->event.text, &tokens[i]);
        struct rs_path_key *key = rs_stream_key(build->stream, path, previous, raw);
        previous = key;
        if (tokens[i + 1].kind == RS_JSON_OBJECT) {
            struct rs_path *child = key->path;
            if (RS_UNLIKELY(!child)) {
                child = rs_stream_child(build->stream, path, key, rs_row_text(build, i));
                previous = NULL; /* below the child another key may be in its place */
            }
            if (RS_UNLIKELY(!child)) {
                put_refused(build, path, i);
            } else {
                rs_row_put_object(build, child, i + 1);
            }
            continue;
        }
        if (RS_UNLIKELY(key->column == RS_NO_COLUMN) &&
            !rs_stream_name_key(build->stream, path, key, rs_row_text(build, i))) {
            put_refused(build, path, i);
            continue;
        }
        put_value(build, key, i + 1);
    }
}
