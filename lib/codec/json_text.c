/*
 * From the text of JSON strings to clean UTF-8.
 *
 * Plain text is copied in blocks of 16 bytes, written whole and then overwritten from the first
 * byte that is not plain (a backslash, a quote, or >= 0x80). Those are taken one by one: an escape
 * becomes its character, a character of several bytes is checked, a bad byte is U+FFFD. Blocks are
 * used only while 16 bytes are left, so the stated room is never passed.
 */
#include "codec/json_text.h"

#include <string.h>

#include "codec/scan.h"
#include "codec/utf8.h"

/* What the letter after a backslash stands for; the others stand for themselves. */
static const char escape_meanings[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

/* The letter after the backslash for a control character; 0 where only \u00xx will do. */
static const char escape_letters[0x20] = {
    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
};

static inline uint32_t hex_value(char digit)
{
    /* Letters: 'A' and 'a' end in 0001 and count from ten. */
    return ((uint32_t)(uint8_t)digit & 0x0f) + ((uint8_t)digit >= 'A' ? 9 : 0);
}

static inline uint32_t hex4(const char *p)
{
    return hex_value(p[0]) << 12 | hex_value(p[1]) << 8 | hex_value(p[2]) << 4 | hex_value(p[3]);
}

/* Read the escape at p, which is valid; a pair of surrogates is one. Returns its end. */
static const char *read_escape(const char *p, const char *end, uint32_t *code)
{
    if (p[1] != 'u') {
        *code = (uint32_t)(uint8_t)escape_meanings[(uint8_t)p[1]];
        return p + 2;
    }
    *code = hex4(p + 2);
    p += 6;
    if ((*code & 0xf800) != 0xd800) {
        return p;
    }
    const bool high = *code < 0xdc00;
    if (high && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const uint32_t low = hex4(p + 2);
        if ((low & 0xfc00) == 0xdc00) {
            *code = 0x10000 + ((*code & 0x3ff) << 10) + (low & 0x3ff);
            return p + 6;
        }
    }
    *code = RS_UTF8_REPLACEMENT;
    return p;
}

/* Copy plain text; stops at what is not, or where less than a block is left. */
static inline const char *copy_plain(const char *p, const char *end, char **to)
{
    while (end - p >= RS_SCAN_BYTES) {
        const struct rs_scan seen = rs_scan_text(p);
        const uint32_t odd = seen.stop | seen.high;
        const unsigned plain = odd ? rs_scan_first(odd) : RS_SCAN_BYTES;
        memcpy(*to, p, RS_SCAN_BYTES);
        p += plain;
        *to += plain;
        if (odd) {
            return p;
        }
    }
    return p;
}

/* Copy one character, and those after it that are not ASCII; at least one. */
static inline const char *copy_characters(const char *p, const char *end, char **to)
{
    do {
        uint32_t code = 0;
        const size_t used = rs_utf8_decode(p, end, &code);
        if (used == 0) {
            *to += rs_utf8_encode(RS_UTF8_REPLACEMENT, *to);
            p++;
            continue;
        }
        *to += code == 0 ? 0 : rs_utf8_encode(code, *to);
        p += used;
    } while (p < end && (uint8_t)*p >= 0x80);
    return p;
}

size_t rs_json_unescape(struct rs_str raw, char *out)
{
    const char *p = raw.data;
    const char *end = raw.length ? raw.data + raw.length : raw.data;
    char *to = out;

    while (p < end) {
        p = copy_plain(p, end, &to);
        if (p == end) {
            break;
        }
        if (*p != '\\') {
            p = copy_characters(p, end, &to);
            continue;
        }
        uint32_t code = 0;
        p = read_escape(p, end, &code);
        to += code == 0 ? 0 : rs_utf8_encode(code, to);
    }
    return (size_t)(to - out);
}

/* Write a character as the inside of a JSON string has it; NUL is dropped. */
static char *write_escaped(uint32_t code, char *to)
{
    static const char hex[] = "0123456789abcdef";

    if (code >= 0x20 && code != '"' && code != '\\') {
        return to + rs_utf8_encode(code, to);
    }
    if (code == 0) {
        return to;
    }
    const char letter = code >= 0x20 ? (char)code : escape_letters[code];
    *to++ = '\\';
    if (letter) {
        *to++ = letter;
        return to;
    }
    memcpy(to, "u00", 3);
    to[3] = hex[code >> 4];
    to[4] = hex[code & 0x0f];
    return to + 5;
}

/* Write the string whose text begins at p again, its closing quote included; returns its end. */
static const char *compact_string(const char *p, const char *end, char **to)
{
    while (p < end) {
        p = copy_plain(p, end, to);
        if (p == end) {
            break;
        }
        if (*p == '"') {
            *(*to)++ = '"';
            return p + 1;
        }
        if (*p != '\\') {
            p = copy_characters(p, end, to);
            continue;
        }
        uint32_t code = 0;
        p = read_escape(p, end, &code);
        *to = write_escaped(code, *to);
    }
    return p;
}

size_t rs_json_compact(struct rs_str raw, char *out)
{
    const char *p = raw.data;
    const char *end = raw.length ? raw.data + raw.length : raw.data;
    char *to = out;

    while (p < end) {
        const char byte = *p++;
        /* Written, and written over when it is a space: a branch would be guessed wrong. */
        *to = byte;
        to += (uint8_t)byte > ' ';
        if (byte == '"') {
            p = compact_string(p, end, &to);
        }
    }
    return (size_t)(to - out);
}
