/*
 * Numbers stay text. What a column needs to know of one (does it fit 64 bits, is it whole, does a
 * double hold it) is answered from its decimal digits, so nothing is rounded on the way.
 */
#include "transform/kind.h"

#include <math.h>

#include "base/timefmt.h"

enum {
    EXACT_DIGITS = 15,    /* any integer of so few digits is exact as a double */
    SHORT_LENGTH = 200,   /* a number of so few bytes and with an exponent ... */
    SHORT_EXPONENT = 100, /* ... of so little is far from the ends of a double's range */
    DOUBLE_POWER = 308,   /* and so is a first digit strictly within 10^-308 and 10^308 */
};

static enum rs_kind integer_kind(const struct rs_decimal *number)
{
    int64_t value = 0;
    if (number->whole.length <= EXACT_DIGITS) {
        return RS_KIND_INTEGER;
    }
    bool exact = rs_decimal_is_double(number);
    if (rs_decimal_i64(number, &value)) {
        return exact ? RS_KIND_INTEGER : RS_KIND_WIDE_INTEGER;
    }
    return exact ? RS_KIND_FLOAT : RS_KIND_STRING;
}

static enum rs_kind float_kind(const struct rs_decimal *number, size_t length)
{
    if (length <= SHORT_LENGTH && number->exponent <= SHORT_EXPONENT &&
        number->exponent >= -SHORT_EXPONENT) {
        return RS_KIND_FLOAT;
    }
    struct rs_significand digits = rs_decimal_significand(number);
    if (digits.count == 0 || (digits.high < DOUBLE_POWER && digits.high > -DOUBLE_POWER)) {
        return RS_KIND_FLOAT;
    }
    /* Not a subnormal: it has lost digits, and Redshift's COPY refuses it as out of range. */
    return isnormal(rs_decimal_double(number)) ? RS_KIND_FLOAT : RS_KIND_STRING;
}

enum rs_kind rs_kind_of_decimal(const struct rs_decimal *number, size_t length)
{
    return number->plain ? integer_kind(number) : float_kind(number, length);
}

enum rs_kind rs_kind_of_number(struct rs_str text)
{
    struct rs_decimal number;
    return rs_decimal_parse(text, &number) ? rs_kind_of_decimal(&number, text.length)
                                           : RS_KIND_STRING;
}

enum rs_kind rs_kind_of_string(struct rs_str text)
{
    int64_t us = 0;
    return rs_timefmt_parse(text, &us) ? RS_KIND_TIMESTAMP : RS_KIND_STRING;
}
