/*
 * codec/utf8.h - tell valid UTF-8 from bytes, and make valid UTF-8 of any bytes.
 *
 *   rs_utf8_valid("caf\xc3\xa9")             -> true
 *   rs_utf8_valid("caf\xe9")                 -> false
 *   rs_utf8_repair("a\xff" "b\0c", out)      -> "a", U+FFFD, "bc"
 *   rs_utf8_escape("a\xff", out)              -> "a", U+FFFD, "ff"
 *   rs_utf8_cut("caf\xc3\xa9", 4)            -> 3
 *
 * Limits:  U+0000..U+10FFFF without surrogates, each in its shortest form.   Pure: yes.
 * Threads: reentrant.
 * Source:  RFC 3629; The Unicode Standard, table 3-7.
 */
#ifndef RS_CODEC_UTF8_H
#define RS_CODEC_UTF8_H

#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_UTF8_MAX = 4,           /* bytes of one character */
    RS_UTF8_GROWTH = 3,        /* rs_utf8_repair: a bad byte becomes U+FFFD, three bytes */
    RS_UTF8_ESCAPE_GROWTH = 5, /* rs_utf8_escape: that, and two digits */
    RS_UTF8_REPLACEMENT = 0xfffd,
};

/* All of text is valid UTF-8 (NUL is). */
bool rs_utf8_valid(struct rs_str text);

/*
 * Copy text with one U+FFFD for each bad byte and without NUL. out has room for RS_UTF8_GROWTH *
 * text.length bytes and is apart from text. Returns the bytes written.
 */
size_t rs_utf8_repair(struct rs_str text, char *out);

/*
 * Copy text as valid UTF-8 that no other text becomes: each bad byte, and each byte of a U+FFFD that
 * is there, is written as U+FFFD and its two hex digits; all else stays as it is. text has no NUL.
 * out has room for RS_UTF8_ESCAPE_GROWTH * text.length bytes and is apart from text. Returns the
 * bytes written.
 */
size_t rs_utf8_escape(struct rs_str text, char *out);

/*
 * The most bytes, max_bytes at most, that end between two characters. text is valid UTF-8; in
 * text that is not, the answer is at most 3 bytes short of what could be.
 */
size_t rs_utf8_cut(struct rs_str text, size_t max_bytes);

/* Write one character, 1..4 bytes; returns how many. code is no surrogate and <= 0x10ffff. */
static inline size_t rs_utf8_encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* The six bits of a continuation byte; more than 0x3f when the byte is none. */
static inline uint32_t rs_utf8_tail(char byte)
{
    return (uint32_t)(uint8_t)byte ^ 0x80;
}

/*
 * Read the character at p; p < end. Returns its bytes, 1..4, and its code; 0 when the byte at p
 * begins no valid character that ends by end. Inline, since text that is not English is all
 * calls of this.
 */
static inline size_t rs_utf8_decode(const char *p, const char *end, uint32_t *code)
{
    const uint32_t lead = (uint8_t)p[0];

    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    if (end - p < 2 || rs_utf8_tail(p[1]) > 0x3f) {
        return 0;
    }
    if (lead < 0xe0) {
        *code = (lead & 0x1f) << 6 | rs_utf8_tail(p[1]);
        return lead >= 0xc2 ? 2 : 0;
    }
    if (end - p < 3 || rs_utf8_tail(p[2]) > 0x3f) {
        return 0;
    }
    if (lead < 0xf0) {
        *code = (lead & 0x0f) << 12 | rs_utf8_tail(p[1]) << 6 | rs_utf8_tail(p[2]);
        return *code >= 0x800 && (*code & 0xf800) != 0xd800 ? 3 : 0;
    }
    if (end - p < 4 || rs_utf8_tail(p[3]) > 0x3f) {
        return 0;
    }
    *code = (lead & 0x07) << 18 | rs_utf8_tail(p[1]) << 12 | rs_utf8_tail(p[2]) << 6 |
            rs_utf8_tail(p[3]);
    return lead <= 0xf4 && *code >= 0x10000 && *code <= 0x10ffff ? 4 : 0;
}

#endif
