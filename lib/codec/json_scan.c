/*
 * The parts of scanning that take a loop: strings of more than a block or with escapes, and
 * numbers of many digits or with an exponent.
 *
 * A long string is passed block by block; at each backslash the escape is checked and scanning
 * goes on behind it. The number's grammar is followed byte by byte.
 */
#include "codec/json_scan.h"

/* Length of the escape that begins with a backslash and this byte, before hex digits; 0: none. */
static const uint8_t escape_lengths[256] = {
    ['"'] = 2, ['\\'] = 2, ['/'] = 2, ['b'] = 2, ['f'] = 2,
    ['n'] = 2, ['r'] = 2,  ['t'] = 2, ['u'] = 6,
};

static const uint8_t is_hex[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
    ['8'] = 1, ['9'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
};

/* The first byte at or after p that is no digit. */
static const char *pass_digits(const char *p, const char *end)
{
    while (p < end && (uint8_t)(*p - '0') <= 9) {
        p++;
    }
    return p;
}

size_t rs_json_scan_escape(const char *p)
{
    const size_t length = escape_lengths[(uint8_t)p[1]];

    if (length == 6 && !(is_hex[(uint8_t)p[2]] & is_hex[(uint8_t)p[3]] & is_hex[(uint8_t)p[4]] &
                         is_hex[(uint8_t)p[5]])) {
        return 0;
    }
    return length;
}

const char *rs_json_scan_long_string(const char *p, const char *end, unsigned *flags)
{
    unsigned found = 0;
    uint32_t high = 0;

    while (p < end) {
        const struct rs_scan seen = rs_scan_text(p);
        if (seen.stop == 0) {
            high |= seen.high;
            p += RS_SCAN_BYTES;
            continue;
        }
        const unsigned plain = rs_scan_first(seen.stop);
        high |= seen.high & ((1U << plain) - 1);
        p += plain;
        if (*p == '"') {
            *flags |= found | (high ? RS_JSON_NON_ASCII : 0);
            return p < end ? p : NULL;
        }
        const size_t escape = *p == '\\' ? rs_json_scan_escape(p) : 0;
        if (escape == 0) {
            return NULL;
        }
        found = RS_JSON_ESCAPED;
        p += escape;
    }
    return NULL;
}

const char *rs_json_scan_long_number(const char *p, const char *end, unsigned *flags)
{
    p += p < end && *p == '-';
    const char *digits = p;
    p = pass_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return NULL;
    }
    if (p < end && *p == '.') {
        digits = p + 1;
        p = pass_digits(digits, end);
        if (p == digits) {
            return NULL;
        }
        *flags |= RS_JSON_FRACTION;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        digits = p;
        p = pass_digits(digits, end);
        if (p == digits) {
            return NULL;
        }
        *flags |= RS_JSON_FRACTION;
    }
    return p;
}
