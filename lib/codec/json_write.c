/*
 * The writer keeps, for each open level, one bit: object or array. Whether a comma is due is
 * one bool, since only the innermost level asks: where a level begins nothing is there, and
 * where one ends the level around it has a value.
 *
 * Every value passes begin_value, which refuses what has no place; after the first refusal
 * nothing is written any more. Strings are escaped in runs: plain text is found 16 bytes at a
 * look and appended at once.
 */
#include "codec/json_write.h"

#include <math.h>

#include "codec/scan.h"
#include "codec/utf8.h"

static bool in_object(const struct rs_json_writer *json)
{
    return json->depth > 0 && (json->objects >> (json->depth - 1) & 1);
}

/* Put the comma, if one is due; false when no value may stand here. */
static bool begin_value(struct rs_json_writer *json)
{
    const bool second = json->depth == 0 && json->comma;

    if (json->misuse || second || in_object(json) != json->named) {
        json->misuse = true;
        return false;
    }
    if (json->comma && !json->named) {
        rs_strbuf_append_char(json->out, ',');
    }
    json->named = false;
    json->comma = true;
    return true;
}

/* How many bytes from `from` on need no escape and no check. */
static size_t plain_length(struct rs_str text, size_t from)
{
    size_t at = from;

    while (text.length - at >= RS_SCAN_BYTES) {
        const struct rs_scan seen = rs_scan_text(text.data + at);
        if (seen.stop | seen.high) {
            return at + rs_scan_first(seen.stop | seen.high) - from;
        }
        at += RS_SCAN_BYTES;
    }
    while (at < text.length) {
        const uint8_t byte = (uint8_t)text.data[at];
        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') {
            break;
        }
        at++;
    }
    return at - from;
}

/* Write the one byte or character at p, which is not plain; returns how many bytes it was. */
static size_t append_odd(struct rs_strbuf *out, const char *p, const char *end)
{
    static const char letters[] = "btn?fr"; /* from 0x08 on; 0x0b has none */
    char text[RS_UTF8_MAX] = {0};
    uint32_t code = 0;
    const size_t used = rs_utf8_decode(p, end, &code);

    if (used == 0) {
        rs_strbuf_append_bytes(out, text, rs_utf8_encode(RS_UTF8_REPLACEMENT, text));
        return 1;
    }
    if (code >= 0x80) {
        rs_strbuf_append_bytes(out, p, used);
    } else if (code >= 0x20) {
        rs_strbuf_append_char(out, '\\');
        rs_strbuf_append_char(out, *p);
    } else if (code >= 0x08 && code <= 0x0d && code != 0x0b) {
        rs_strbuf_append_char(out, '\\');
        rs_strbuf_append_char(out, letters[code - 0x08]);
    } else if (code != 0) {
        rs_strbuf_printf(out, "\\u%04x", (unsigned)code);
    }
    return used;
}

static void append_string(struct rs_strbuf *out, struct rs_str text)
{
    size_t at = 0;

    rs_strbuf_append_char(out, '"');
    while (at < text.length) {
        const size_t plain = plain_length(text, at);
        rs_strbuf_append_bytes(out, text.data + at, plain);
        at += plain;
        if (at < text.length) {
            at += append_odd(out, text.data + at, text.data + text.length);
        }
    }
    rs_strbuf_append_char(out, '"');
}

static void begin_level(struct rs_json_writer *json, bool object)
{
    if (json->depth == RS_JSON_WRITE_DEPTH_MAX) {
        json->misuse = true;
    }
    if (!begin_value(json)) {
        return;
    }
    const uint32_t bit = (uint32_t)1 << json->depth++;
    json->objects = (json->objects & ~bit) | (object ? bit : 0);
    json->comma = false;
    rs_strbuf_append_char(json->out, object ? '{' : '[');
}

static void end_level(struct rs_json_writer *json, bool object)
{
    if (json->misuse || json->depth == 0 || json->named || in_object(json) != object) {
        json->misuse = true;
        return;
    }
    json->depth--;
    json->comma = true;
    rs_strbuf_append_char(json->out, object ? '}' : ']');
}

static void append_literal(struct rs_json_writer *json, const char *literal)
{
    if (begin_value(json)) {
        rs_strbuf_append(json->out, literal);
    }
}

/* A number as printf wrote it; a locale's decimal comma is not JSON's. */
static void append_number(struct rs_json_writer *json, char *text)
{
    char *comma = strchr(text, ',');

    if (comma) {
        *comma = '.';
    }
    append_literal(json, text);
}

void rs_json_write_object_begin(struct rs_json_writer *json)
{
    begin_level(json, true);
}

void rs_json_write_object_end(struct rs_json_writer *json)
{
    end_level(json, true);
}

void rs_json_write_array_begin(struct rs_json_writer *json)
{
    begin_level(json, false);
}

void rs_json_write_array_end(struct rs_json_writer *json)
{
    end_level(json, false);
}

void rs_json_write_key(struct rs_json_writer *json, struct rs_str name)
{
    if (json->misuse || !in_object(json) || json->named) {
        json->misuse = true;
        return;
    }
    if (json->comma) {
        rs_strbuf_append_char(json->out, ',');
    }
    append_string(json->out, name);
    rs_strbuf_append_char(json->out, ':');
    json->named = true;
}

void rs_json_write_str(struct rs_json_writer *json, struct rs_str text)
{
    if (begin_value(json)) {
        append_string(json->out, text);
    }
}

void rs_json_write_text(struct rs_json_writer *json, const char *text)
{
    if (text) {
        rs_json_write_str(json, rs_str_from(text));
    } else {
        rs_json_write_null(json);
    }
}

void rs_json_write_i64(struct rs_json_writer *json, int64_t number)
{
    if (begin_value(json)) {
        rs_strbuf_append_i64(json->out, number);
    }
}

void rs_json_write_u64(struct rs_json_writer *json, uint64_t number)
{
    if (begin_value(json)) {
        rs_strbuf_append_u64(json->out, number);
    }
}

void rs_json_write_number(struct rs_json_writer *json, struct rs_str text)
{
    if (begin_value(json)) {
        rs_strbuf_append_str(json->out, text);
    }
}

void rs_json_write_seconds(struct rs_json_writer *json, double seconds)
{
    char text[400] = ""; /* the largest double has 309 digits before the point */

    if (!isfinite(seconds)) {
        rs_json_write_null(json);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.3f", seconds);
    append_number(json, text);
}

void rs_json_write_bool(struct rs_json_writer *json, bool value)
{
    append_literal(json, value ? "true" : "false");
}

void rs_json_write_null(struct rs_json_writer *json)
{
    append_literal(json, "null");
}

void rs_json_write_texts(struct rs_json_writer *json, const char *const *texts, size_t count)
{
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        rs_json_write_text(json, texts[i]);
    }
    rs_json_write_array_end(json);
}

void rs_json_write_error(struct rs_json_writer *json, const struct rs_error *err)
{
    if (err->code == RS_OK) {
        rs_json_write_null(json);
        return;
    }
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("message"));
    rs_json_write_text(json, err->message);
    rs_json_write_key(json, RS_STR("hint"));
    rs_json_write_text(json, err->hint[0] != '\0' ? err->hint : NULL);
    rs_json_write_key(json, RS_STR("detail"));
    rs_json_write_text(json, err->detail[0] != '\0' ? err->detail : NULL);
    rs_json_write_key(json, RS_STR("exit"));
    rs_json_write_i64(json, rs_error_exit_status(err));
    rs_json_write_object_end(json);
}

void rs_json_write_end(struct rs_json_writer *json, const struct rs_error *err)
{
    rs_json_write_key(json, RS_STR("error"));
    rs_json_write_error(json, err);
    rs_json_write_object_end(json);
    rs_strbuf_append_char(json->out, '\n');
}

bool rs_json_write_ok(const struct rs_json_writer *json)
{
    return !json->misuse && json->depth == 0 && json->comma && rs_strbuf_ok(json->out);
}
