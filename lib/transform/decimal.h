/*
 * transform/decimal.h - a JSON number by its digits, without rounding.
 *
 *   "2.50e1" -> whole "2", fraction "50", exponent 1; digits 2 and 5, of 10^1 and 10^0;
 *               rs_decimal_i64 -> 25
 *   "007", "1.", ".5", "+1", "NaN" -> no number
 *
 * Limits:  an exponent past +-10^12 counts as about that.   Pure: yes.   Threads: reentrant.
 * Owns:    nothing; whole and fraction are slices of the text.
 * Source:  RFC 8259, section 6.
 */
#ifndef RS_TRANSFORM_DECIMAL_H
#define RS_TRANSFORM_DECIMAL_H

#include "rs/compiler.h"
#include "rs/str.h"

/* A JSON number in its parts. */
struct rs_decimal {
    bool negative;
    bool plain; /* neither point nor exponent: an integer as JSON has it */
    bool has_exponent;
    struct rs_str whole;    /* digits before the point, 1 at least */
    struct rs_str fraction; /* digits after it, or none */
    int64_t exponent;
};

/* The digits that count, of whole and fraction taken together: no zeros at either end. */
struct rs_significand {
    size_t first; /* place of the first */
    size_t count; /* 0: the number is zero, and high and low mean nothing */
    int64_t high; /* the first one's power of ten */
    int64_t low;  /* the last one's */
};

/* Take a number apart. False when text is none by RFC 8259. */
RS_MUST_USE bool rs_decimal_parse(struct rs_str text, struct rs_decimal *out);

struct rs_significand rs_decimal_significand(const struct rs_decimal *number);

/* The i-th digit of whole and fraction taken together, as '0' to '9'. */
static inline char rs_decimal_digit(const struct rs_decimal *number, size_t i)
{
    return i < number->whole.length ? number->whole.data[i]
                                    : number->fraction.data[i - number->whole.length];
}

/* The value, when it is whole (like 2, 2.0 and 2e3) and fits. */
RS_MUST_USE bool rs_decimal_i64(const struct rs_decimal *number, int64_t *out);

/* The nearest double: infinite or 0 past its range. */
double rs_decimal_double(const struct rs_decimal *number);

/* A plain number is exactly a double. */
bool rs_decimal_is_double(const struct rs_decimal *number);

#endif
