/*
 * UTF-8, fast where it is ASCII.
 *
 * Text is looked at 16 bytes at a time; while none of them is odd (>= 0x80, or NUL in repair) the
 * block is passed or copied whole. From the first odd byte on, characters are decoded one by one
 * until a whole block is plain again. Blocks are used only while 16 bytes of text are left, so
 * nothing is read behind the text and nothing written behind the stated room.
 */
#include "codec/utf8.h"

#include <string.h>

#include "codec/scan.h"

bool rs_utf8_valid(struct rs_str text)
{
    const char *p = text.data;
    const char *end = text.length ? text.data + text.length : text.data;
    uint32_t code = 0;

    while (p < end) {
        if (end - p >= RS_SCAN_BYTES) {
            const uint32_t high = rs_scan_text(p).high;
            if (high == 0) {
                p += RS_SCAN_BYTES;
                continue;
            }
            p += rs_scan_first(high);
        }
        /* What follows one odd character is mostly another, or a single space. */
        do {
            const size_t used = rs_utf8_decode(p, end, &code);
            if (used == 0) {
                return false;
            }
            p += used;
        } while (p < end && (uint8_t)*p >= 0x80);
    }
    return true;
}

size_t rs_utf8_repair(struct rs_str text, char *out)
{
    const char *p = text.data;
    const char *end = text.length ? text.data + text.length : text.data;
    char *to = out;
    uint32_t code = 0;

    while (p < end) {
        if (end - p >= RS_SCAN_BYTES) {
            const uint32_t odd = rs_scan_odd(p);
            const unsigned plain = odd ? rs_scan_first(odd) : RS_SCAN_BYTES;
            /* All 16 are copied: there is room, and what is not plain is written over. */
            memcpy(to, p, RS_SCAN_BYTES);
            p += plain;
            to += plain;
            if (odd == 0) {
                continue;
            }
        }
        do {
            const size_t used = rs_utf8_decode(p, end, &code);
            if (used == 0) {
                to += rs_utf8_encode(RS_UTF8_REPLACEMENT, to);
                p++;
                continue;
            }
            to += code == 0 ? 0 : rs_utf8_encode(code, to);
            p += used;
        } while (p < end && (uint8_t)*p >= 0x80);
    }
    return (size_t)(to - out);
}

size_t rs_utf8_escape(struct rs_str text, char *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    size_t length = 0;
    while (at < text.length) {
        const char *p = text.data + at;
        uint32_t code = RS_UTF8_REPLACEMENT;
        size_t used = rs_utf8_decode(p, text.data + text.length, &code);
        if (used > 0 && code != RS_UTF8_REPLACEMENT) {
            memcpy(out + length, p, used);
            length += used;
            at += used;
            continue;
        }
        length += rs_utf8_encode(RS_UTF8_REPLACEMENT, out + length);
        out[length++] = digits[(uint8_t)*p >> 4];
        out[length++] = digits[(uint8_t)*p & 0xf];
        at++; /* of a U+FFFD the rest begins no character, and is escaped too */
    }
    return length;
}

size_t rs_utf8_cut(struct rs_str text, size_t max_bytes)
{
    if (text.length <= max_bytes) {
        return text.length;
    }
    size_t at = max_bytes;
    /* A character's first byte is 3 places back at most. */
    while (at > 0 && max_bytes - at < RS_UTF8_MAX - 1 && ((uint8_t)text.data[at] & 0xc0) == 0x80) {
        at--;
    }
    return at;
}
