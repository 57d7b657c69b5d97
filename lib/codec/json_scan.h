/*
 * codec/json_scan.h - find the end of one JSON string, number or literal.
 *
 *   abc","n":1     rs_json_scan_string -> at the quote
 *   -12.50,        rs_json_scan_scalar -> at the comma, RS_JSON_NUMBER, RS_JSON_FRACTION
 *
 * The tokenizer's inner pieces: inline where events take them, a call where they seldom do.
 *
 * Limits:  up to 48 bytes are read from p on, wherever the end is; see RS_JSON_PADDING.
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 8259, sections 3, 6 and 7.
 */
#ifndef RS_CODEC_JSON_SCAN_H
#define RS_CODEC_JSON_SCAN_H

#include <string.h>

#include "codec/json_token.h"
#include "codec/scan.h"
#include "rs/compiler.h"

/* The length of the escape at p, of which 6 bytes can be read; 0 when it is none. */
size_t rs_json_scan_escape(const char *p);

/* rs_json_scan_string and rs_json_scan_number without a limit on what they meet. */
const char *rs_json_scan_long_string(const char *p, const char *end, unsigned *flags);

/* Never looks at end or past it, so that nothing has to follow the number. */
const char *rs_json_scan_long_number(const char *p, const char *end, unsigned *flags);

/*
 * The closing quote, before end, of the string whose text begins at p; NULL when it has none or
 * holds what a string may not. Adds to flags.
 */
static inline const char *rs_json_scan_string(const char *p, const char *end, unsigned *flags)
{
    const struct rs_scan seen = rs_scan_text(p);

    if (RS_LIKELY(seen.stop != 0)) {
        const unsigned plain = rs_scan_first(seen.stop);
        if (RS_LIKELY(p[plain] == '"' && p + plain < end)) {
            *flags |= seen.high & ((1U << plain) - 1) ? RS_JSON_NON_ASCII : 0;
            return p + plain;
        }
    }
    return rs_json_scan_long_string(p, end, flags);
}

/*
 * The end of a number that something has to follow; NULL when it is none. Up to 15 digits a part
 * go without a loop: a loop's end is a branch that is seldom foreseen.
 */
static inline const char *rs_json_scan_number(const char *p, const char *end, unsigned *flags)
{
    const char *digits = p + (*p == '-');
    const unsigned count = rs_scan_digits(digits);
    const char *q = digits + count;

    if (RS_UNLIKELY(count - 1 >= 15 || (*digits == '0' && count > 1))) {
        return rs_json_scan_long_number(p, end, flags);
    }
    if (*q == '.') {
        const unsigned decimals = rs_scan_digits(q + 1);
        if (RS_UNLIKELY(decimals - 1 >= 15)) {
            return rs_json_scan_long_number(p, end, flags);
        }
        q += 1 + decimals;
        *flags |= RS_JSON_FRACTION;
    }
    /* A number that goes on in the padding is looked at again, as far as the text goes. */
    return RS_LIKELY((*q | 0x20) != 'e' && q <= end) ? q : rs_json_scan_long_number(p, end, flags);
}

/* The end of a number or literal that something has to follow; NULL when it is neither. */
static inline const char *rs_json_scan_scalar(const char *p, const char *end, unsigned *kind,
                                              unsigned *flags)
{
    switch (*p) {
    case 't':
        *kind = RS_JSON_TRUE;
        return memcmp(p, "true", 4) == 0 && p + 4 <= end ? p + 4 : NULL;
    case 'f':
        *kind = RS_JSON_FALSE;
        return memcmp(p, "false", 5) == 0 && p + 5 <= end ? p + 5 : NULL;
    case 'n':
        *kind = RS_JSON_NULL;
        return memcmp(p, "null", 4) == 0 && p + 4 <= end ? p + 4 : NULL;
    default:
        *kind = RS_JSON_NUMBER;
        return rs_json_scan_number(p, end, flags);
    }
}

#endif
