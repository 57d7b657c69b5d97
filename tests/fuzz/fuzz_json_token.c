/*
 * The tokenizer against a plain recursive-descent reading of RFC 8259, and what comes out of the
 * tape: bounds, links, flags, decoded strings, compact arrays.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json_text.h"
#include "codec/json_token.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The reference: what is left of a text, one rule of the grammar a function. */
struct reader {
    const char *p;
    const char *end;
};

static bool read_byte(struct reader *r, const char *set)
{
    if (r->p < r->end && *r->p && strchr(set, *r->p)) {
        r->p++;
        return true;
    }
    return false;
}

static void read_space(struct reader *r)
{
    while (read_byte(r, " \t\n\r")) {
    }
}

static bool read_digits(struct reader *r)
{
    const bool some = read_byte(r, "0123456789");

    while (read_byte(r, "0123456789")) {
    }
    return some;
}

static bool read_number(struct reader *r)
{
    (void)read_byte(r, "-");
    if (!read_byte(r, "0") && !read_digits(r)) {
        return false;
    }
    if (read_byte(r, ".") && !read_digits(r)) {
        return false;
    }
    if (read_byte(r, "eE")) {
        (void)read_byte(r, "+-");
        return read_digits(r);
    }
    return true;
}

static bool read_string(struct reader *r)
{
    if (!read_byte(r, "\"")) {
        return false;
    }
    while (r->p < r->end && *r->p != '"') {
        const bool escape = *r->p == '\\';
        if ((uint8_t)*r->p < 0x20) {
            return false;
        }
        r->p++;
        if (!escape) {
            continue;
        }
        if (read_byte(r, "u")) {
            for (unsigned i = 0; i < 4; i++) {
                if (!read_byte(r, "0123456789abcdefABCDEF")) {
                    return false;
                }
            }
        } else if (!read_byte(r, "\"\\/bfnrt")) {
            return false;
        }
    }
    return read_byte(r, "\"");
}

static bool read_word(struct reader *r, struct rs_str word)
{
    const struct rs_str rest = {r->p, (size_t)(r->end - r->p)};

    if (!rs_str_starts(rest, word)) {
        return false;
    }
    r->p += word.length;
    return true;
}

static bool read_value(struct reader *r, unsigned depth);

static bool read_container(struct reader *r, bool object, unsigned depth)
{
    const char *close = object ? "}" : "]";

    if (depth == RS_JSON_DEPTH_MAX) {
        return false;
    }
    read_space(r);
    if (read_byte(r, close)) {
        return true;
    }
    do {
        read_space(r);
        if (object) {
            if (!read_string(r)) {
                return false;
            }
            read_space(r);
            if (!read_byte(r, ":")) {
                return false;
            }
            read_space(r);
        }
        if (!read_value(r, depth + 1)) {
            return false;
        }
        read_space(r);
    } while (read_byte(r, ","));
    return read_byte(r, close);
}

static bool read_value(struct reader *r, unsigned depth)
{
    if (read_byte(r, "{")) {
        return read_container(r, true, depth);
    }
    if (read_byte(r, "[")) {
        return read_container(r, false, depth);
    }
    if (r->p < r->end && *r->p == '"') {
        return read_string(r);
    }
    return read_word(r, RS_STR("true")) || read_word(r, RS_STR("false")) ||
           read_word(r, RS_STR("null")) || read_number(r);
}

static bool reference_accepts(struct rs_str text)
{
    struct reader r = {text.data, text.data + text.length};

    read_space(&r);
    if (!read_value(&r, 0)) {
        return false;
    }
    read_space(&r);
    return r.p == r.end;
}

static bool has(struct rs_str text, const char *set)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] && strchr(set, text.data[i])) {
            return true;
        }
    }
    return false;
}

static bool has_high(struct rs_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((uint8_t)text.data[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

static void check_string(struct rs_str raw, unsigned flags)
{
    char *out = rs_mem_alloc(raw.length * RS_JSON_TEXT_GROWTH);
    const struct rs_str text = {out, rs_json_unescape(raw, out)};

    claim(text.length <= raw.length * RS_JSON_TEXT_GROWTH);
    claim(rs_utf8_valid(text));
    claim(text.length == 0 || !memchr(text.data, '\0', text.length));
    claim(((flags & RS_JSON_ESCAPED) != 0) == has(raw, "\\"));
    claim(((flags & RS_JSON_NON_ASCII) != 0) == has_high(raw));
    claim(flags != 0 || rs_str_equal(raw, text));
    rs_mem_free(out);
}

static void check_array(struct rs_str raw, unsigned flags)
{
    const size_t room = raw.length * RS_JSON_TEXT_GROWTH;
    char *once = rs_mem_zalloc(room + RS_JSON_PADDING, 1);
    const struct rs_str text = {once, rs_json_compact(raw, once)};
    char *twice = rs_mem_alloc(text.length * RS_JSON_TEXT_GROWTH);
    const struct rs_str again = {twice, rs_json_compact(text, twice)};
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};

    claim(text.length <= room);
    claim(rs_str_equal(text, again));
    claim(rs_utf8_valid(text));
    claim(rs_json_tokenize(text, &tape, &fault));
    claim(!(tape.tokens[0].kind == RS_JSON_ARRAY && tape.tokens[0].flags & RS_JSON_SPACED));
    claim(flags != 0 || rs_str_equal(raw, text));
    claim(((flags & RS_JSON_ESCAPED) != 0) == has(raw, "\\"));
    claim(((flags & RS_JSON_NON_ASCII) != 0) == has_high(raw));
    claim(flags & RS_JSON_SPACED || !has(raw, "\t\r\n"));
    rs_json_tape_release(&tape);
    rs_mem_free(once);
    rs_mem_free(twice);
}

/* Check the value at index i and all in it; returns the index after it. */
static size_t check_token(struct rs_str text, const struct rs_json_tape *tape, size_t i)
{
    claim(i < tape->count);
    const struct rs_json_token token = tape->tokens[i];
    claim(token.start <= text.length && token.length <= text.length - token.start);
    claim(token.next > i && token.next <= tape->count);
    const struct rs_str raw = rs_json_token_text(text, &token);

    switch ((enum rs_json_kind)token.kind) {
    case RS_JSON_NULL:
    case RS_JSON_FALSE:
    case RS_JSON_TRUE:
        claim(token.next == i + 1 && token.length == (token.kind == RS_JSON_FALSE ? 5 : 4));
        break;
    case RS_JSON_NUMBER:
        claim(token.next == i + 1 && reference_accepts(raw));
        claim(((token.flags & RS_JSON_FRACTION) != 0) == has(raw, ".eE"));
        break;
    case RS_JSON_STRING:
        claim(token.next == i + 1 && raw.data[-1] == '"' && raw.data[raw.length] == '"');
        check_string(raw, token.flags);
        break;
    case RS_JSON_ARRAY:
        claim(raw.data[0] == '[' && raw.data[raw.length - 1] == ']');
        claim(reference_accepts(raw) && (i == 0 || token.next == i + 1));
        check_array(raw, token.flags);
        break;
    case RS_JSON_OBJECT:
        claim(raw.data[0] == '{' && raw.data[raw.length - 1] == '}' && reference_accepts(raw));
        if (tape->tokens[0].kind == RS_JSON_ARRAY) {
            check_array(raw, token.flags);
        }
        break;
    }
    const bool members = token.kind == RS_JSON_OBJECT;
    for (size_t at = i + 1; at < token.next;) {
        claim(!members || tape->tokens[at].kind == RS_JSON_STRING);
        at = check_token(text, tape, members ? check_token(text, tape, at) : at);
        claim(at <= token.next);
    }
    return token.next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_json_tape tape = {0};
    const bool valid = reference_accepts((struct rs_str){(const char *)data, size});
    struct rs_json_fault faults[3] = {{0}};

    /* Three kinds of padding: none of it, the text over again, quotes. */
    for (size_t kind = 0; kind < RS_COUNTOF(faults); kind++) {
        char *block = rs_mem_zalloc(size + RS_JSON_PADDING, 1);
        for (size_t i = 0; i < size + RS_JSON_PADDING; i++) {
            const uint8_t pad[] = {0, size ? data[(i * 7 + size - 1) % size] : 0, '"'};
            block[i] = (char)(i < size ? data[i] : pad[kind]);
        }
        const struct rs_str text = {block, size};
        const bool ok = rs_json_tokenize(text, &tape, &faults[kind]);
        claim(ok == valid);
        claim(ok || (faults[kind].offset <= size && faults[kind].reason[0] != '\0'));
        claim(faults[kind].offset == faults[0].offset && faults[kind].reason == faults[0].reason);
        claim(!ok || check_token(text, &tape, 0) == tape.count);
        rs_mem_free(block);
    }
    rs_json_tape_release(&tape);
    return 0;
}
