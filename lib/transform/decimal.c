/*
 * Digits are counted and compared where they stand in the text. A double is made for the few
 * questions that only it can answer, and by strtod, which rounds right; strtod is given digits
 * and an exponent but never a point, so that no answer depends on LC_NUMERIC (our tools never
 * call setlocale; a program that links librs may).
 */
#include "transform/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_MAX INT64_C(1000000000000) /* no text has so many digits to make up for it */

enum {
    DECIDING_DIGITS = 800, /* what follows them tells a double only whether there is more */
    DOUBLE_DIGITS = 309,   /* whole digits of the largest double */
    I64_DIGITS = 19,       /* whole digits of the largest int64_t */
};

static inline bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p)) {
        p++;
    }
    return p;
}

/* Read "e+12" at p up to the end; false when it is something else. */
static bool parse_exponent(const char *p, const char *end, int64_t *out)
{
    bool negative = false;
    int64_t value = 0;
    if (*p != 'e' && *p != 'E') {
        return false;
    }
    p++;
    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p == '-';
        p++;
    }
    if (p == end || skip_digits(p, end) != end) {
        return false;
    }
    for (; p < end && value < EXPONENT_MAX; p++) {
        value = value * 10 + (*p - '0');
    }
    *out = negative ? -value : value;
    return true;
}

bool rs_decimal_parse(struct rs_str text, struct rs_decimal *out)
{
    if (text.length == 0) {
        return false;
    }
    const char *end = text.data + text.length;
    const char *begin = text.data + (*text.data == '-');
    const char *p = skip_digits(begin, end);
    *out = (struct rs_decimal){
        .negative = *text.data == '-',
        .plain = p == end,
        .whole = {begin, (size_t)(p - begin)},
    };
    if (p == begin || (*begin == '0' && p - begin > 1)) {
        return false;
    }
    if (p < end && *p == '.') {
        begin = p + 1;
        p = skip_digits(begin, end);
        out->fraction = (struct rs_str){begin, (size_t)(p - begin)};
        if (p == begin) {
            return false;
        }
    }
    out->has_exponent = p < end;
    return p == end || parse_exponent(p, end, &out->exponent);
}

struct rs_significand rs_decimal_significand(const struct rs_decimal *number)
{
    size_t first = 0;
    size_t end = number->whole.length + number->fraction.length;
    while (first < end && rs_decimal_digit(number, first) == '0') {
        first++;
    }
    while (end > first && rs_decimal_digit(number, end - 1) == '0') {
        end--;
    }
    int64_t power = (int64_t)number->whole.length - 1 + number->exponent; /* of the digit 0 */
    return (struct rs_significand){
        .first = first,
        .count = end - first,
        .high = power - (int64_t)first,
        .low = power - (int64_t)end + 1,
    };
}

bool rs_decimal_i64(const struct rs_decimal *number, int64_t *out)
{
    struct rs_significand digits = rs_decimal_significand(number);
    uint64_t value = 0;
    if (digits.count == 0) {
        *out = 0;
        return true;
    }
    if (digits.low < 0 || digits.high >= I64_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < digits.count; i++) {
        value = value * 10 + (uint64_t)(rs_decimal_digit(number, digits.first + i) - '0');
    }
    for (int64_t power = digits.low; power > 0; power--) {
        value *= 10;
    }
    if (value > (uint64_t)INT64_MAX + number->negative) {
        return false;
    }
    *out = number->negative ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

double rs_decimal_double(const struct rs_decimal *number)
{
    struct rs_significand digits = rs_decimal_significand(number);
    char text[1 + DECIDING_DIGITS + 1 + 32];
    size_t length = 0;
    int64_t exponent = digits.low;
    if (digits.count == 0) {
        return 0;
    }
    if (number->negative) {
        text[length++] = '-';
    }
    for (size_t i = 0; i < digits.count && i < DECIDING_DIGITS; i++) {
        text[length++] = rs_decimal_digit(number, digits.first + i);
    }
    if (digits.count > DECIDING_DIGITS) {
        text[length++] = '1'; /* stands for all that follow: the last of them is no zero */
        exponent = digits.high - DECIDING_DIGITS;
    }
    (void)snprintf(text + length, sizeof text - length, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

/* No more than 53 bits from the first to the last that is set. */
static bool fits_mantissa(uint64_t value)
{
    while (value >= UINT64_C(1) << 53 && value % 2 == 0) {
        value /= 2;
    }
    return value < UINT64_C(1) << 53;
}

/* A number past 64 bits is a double when that double, written out, has the same digits. */
static bool is_huge_double(struct rs_str digits)
{
    char text[DOUBLE_DIGITS + 1];
    char again[DOUBLE_DIGITS + 1];
    if (digits.length > DOUBLE_DIGITS) {
        return false;
    }
    memcpy(text, digits.data, digits.length);
    text[digits.length] = '\0';
    double value = strtod(text, NULL);
    if (!isfinite(value)) {
        return false;
    }
    (void)snprintf(again, sizeof again, "%.0f", value);
    return strcmp(text, again) == 0;
}

bool rs_decimal_is_double(const struct rs_decimal *number)
{
    uint64_t value = 0;
    if (number->whole.length > I64_DIGITS) {
        return is_huge_double(number->whole);
    }
    for (size_t i = 0; i < number->whole.length; i++) {
        value = value * 10 + (uint64_t)(number->whole.data[i] - '0');
    }
    return fits_mantissa(value);
}
