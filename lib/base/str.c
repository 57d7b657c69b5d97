/* Views of text: every function here reads and none keeps. */
#include "rs/str.h"

#include <string.h>

struct rs_str rs_str_from(const char *text)
{
    return (struct rs_str){text, text ? strlen(text) : 0};
}

struct rs_str rs_str_slice(struct rs_str text, size_t begin, size_t end)
{
    end = end > text.length ? text.length : end;
    begin = begin > end ? end : begin;
    return (struct rs_str){text.data ? text.data + begin : NULL, end - begin};
}

bool rs_str_equal(struct rs_str left, struct rs_str right)
{
    return left.length == right.length &&
           (left.length == 0 || memcmp(left.data, right.data, left.length) == 0);
}

bool rs_str_starts(struct rs_str text, struct rs_str prefix)
{
    return rs_str_equal(rs_str_slice(text, 0, prefix.length), prefix);
}

bool rs_str_ends(struct rs_str text, struct rs_str suffix)
{
    return text.length >= suffix.length &&
           rs_str_equal(rs_str_slice(text, text.length - suffix.length, text.length), suffix);
}

int rs_str_compare(struct rs_str left, struct rs_str right)
{
    size_t shared = left.length < right.length ? left.length : right.length;
    int order = shared > 0 ? memcmp(left.data, right.data, shared) : 0;
    if (order != 0) {
        return order;
    }
    return (left.length > right.length) - (left.length < right.length);
}

size_t rs_str_find_byte(struct rs_str text, char byte)
{
    const char *found = text.length > 0 ? memchr(text.data, byte, text.length) : NULL;
    return found ? (size_t)(found - text.data) : SIZE_MAX;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct rs_str rs_str_trim(struct rs_str text)
{
    size_t begin = 0;
    size_t end = text.length;
    while (begin < end && is_blank(text.data[begin])) {
        begin++;
    }
    while (end > begin && is_blank(text.data[end - 1])) {
        end--;
    }
    return rs_str_slice(text, begin, end);
}

/* Read leading digits; false when there are none or they do not fit. */
static bool parse_digits(struct rs_str text, size_t *used, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *used = i;
    *out = value;
    return i > 0;
}

bool rs_str_parse_u64(struct rs_str text, uint64_t min, uint64_t max, uint64_t *out)
{
    size_t used = 0;
    uint64_t value = 0;
    if (!parse_digits(text, &used, &value) || used != text.length || value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

static unsigned unit_shift(char unit)
{
    switch (unit) {
    case 'k':
    case 'K':
        return 10;
    case 'm':
    case 'M':
        return 20;
    case 'g':
    case 'G':
        return 30;
    case 't':
    case 'T':
        return 40;
    default:
        return 0;
    }
}

bool rs_str_parse_bytes(struct rs_str text, uint64_t *out_bytes)
{
    size_t used = 0;
    uint64_t value = 0;
    if (!parse_digits(text, &used, &value)) {
        return false;
    }
    struct rs_str unit = rs_str_slice(text, used, text.length);
    unsigned shift = unit.length > 0 ? unit_shift(unit.data[0]) : 0;
    if (unit.length > 0) {
        struct rs_str rest = rs_str_slice(unit, 1, unit.length);
        bool suffix =
            rest.length == 0 || rs_str_equal(rest, RS_STR("B")) || rs_str_equal(rest, RS_STR("iB"));
        if (shift == 0 || !suffix) {
            return false;
        }
    }
    if (value > UINT64_MAX >> shift) {
        return false;
    }
    *out_bytes = value << shift;
    return true;
}
