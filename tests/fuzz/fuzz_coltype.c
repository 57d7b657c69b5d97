/*
 * Types: the first line of the input is a column's type, the second a value.
 * A value fits a new column of its own kind; what was converted or cut fits as it is and is cut
 * or converted no more; what a column of numbers takes is the same number as before.
 */
#include "transform/coltype.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "codec/json_text.h"
#include "codec/utf8.h"
#include "transform/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 18 };

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool same_double(double left, double right)
{
    return left == right || (isinf(left) && isinf(right));
}

/* The kind of a number agrees with strtod, which knows the point in the "C" locale. */
static void check_number(struct rs_str text, enum rs_kind kind)
{
    struct rs_decimal number;
    if (!rs_decimal_parse(text, &number)) {
        check(kind == RS_KIND_STRING);
        return;
    }
    char *copy = calloc(text.length + 1, 1);
    check(copy != NULL);
    memcpy(copy, text.data, text.length);
    char *end = NULL;
    double value = strtod(copy, &end);
    check(end == copy + text.length);
    check(same_double(value, rs_decimal_double(&number)));
    bool zero = rs_decimal_significand(&number).count == 0;
    if (!number.plain) {
        check((kind == RS_KIND_FLOAT) == (zero || isnormal(value)));
    } else {
        int64_t whole = 0;
        bool fits = rs_decimal_i64(&number, &whole);
        check(fits == (kind == RS_KIND_INTEGER || kind == RS_KIND_WIDE_INTEGER));
        check(!fits || same_double((double)whole, value));
        check(kind != RS_KIND_FLOAT || isfinite(value));
    }
    free(copy);
}

static void check_own_column(enum rs_kind kind, struct rs_str text, struct rs_strbuf *out)
{
    struct rs_coltype type = rs_coltype_join(kind, text.length);
    rs_strbuf_reset(out);
    enum rs_fit fit = rs_coltype_convert(kind, text, type, out);
    bool cut = text.length > RS_VARCHAR_MAX && type.type == RS_TYPE_VARCHAR;
    check(cut ? fit == RS_FIT_CUT : fit == RS_FIT_AS_IS || kind == RS_KIND_TIMESTAMP);
    check(fit != RS_FIT_NO);
}

/* A string of JSON says what the text said, less NUL. */
static void check_json(struct rs_str text, struct rs_str result)
{
    check(result.length >= 2 && result.data[0] == '"' && result.data[result.length - 1] == '"');
    struct rs_str inside = rs_str_slice(result, 1, result.length - 1);
    char *again = calloc(inside.length * RS_JSON_TEXT_GROWTH + RS_JSON_TEXT_GROWTH, 1);
    check(again != NULL);
    size_t length = rs_json_unescape(inside, again);
    size_t at = 0;
    for (size_t i = 0; i < text.length; i++) {
        check(text.data[i] == '\0' || (at < length && again[at++] == text.data[i]));
    }
    check(at == length);
    free(again);
}

/* What came out of a conversion is the value still, and goes in as it is. */
static void check_result(enum rs_fit fit, struct rs_str text, struct rs_coltype type,
                         struct rs_str result)
{
    struct rs_decimal before;
    struct rs_decimal after;
    int64_t instant = 0;
    int64_t instant_again = 0;
    if (fit == RS_FIT_CUT) {
        check(type.type == RS_TYPE_VARCHAR && result.length <= type.length);
        check(result.length + RS_UTF8_MAX > type.length && rs_str_starts(text, result));
    } else if (fit == RS_FIT_CONVERTED && type.type == RS_TYPE_SUPER) {
        check_json(text, result);
    } else if (fit == RS_FIT_CONVERTED && rs_timefmt_parse(text, &instant)) {
        struct rs_str plain = rs_str_slice(result, 0, result.length);
        check(rs_timefmt_parse(plain, &instant_again) && instant == instant_again);
    } else if (fit == RS_FIT_CONVERTED) {
        check(rs_decimal_parse(text, &before) && rs_decimal_parse(result, &after));
        check(!after.has_exponent);
        struct rs_significand a = rs_decimal_significand(&before);
        struct rs_significand b = rs_decimal_significand(&after);
        check(a.count == b.count);
        check(a.count == 0 || (a.high == b.high && before.negative == after.negative));
        for (size_t i = 0; i < a.count; i++) {
            check(rs_decimal_digit(&before, a.first + i) == rs_decimal_digit(&after, b.first + i));
        }
    } else {
        check(result.length == 0);
    }
}

static void check_column(enum rs_kind kind, struct rs_str text, struct rs_coltype type,
                         struct rs_strbuf *out)
{
    rs_strbuf_reset(out);
    enum rs_fit fit = rs_coltype_convert(kind, text, type, out);
    check(!rs_coltype_is_direct(kind, text.length, type) || fit == RS_FIT_AS_IS);
    check(rs_strbuf_ok(out));
    check_result(fit, text, type, rs_strbuf_str(out));
    if ((fit != RS_FIT_CUT && fit != RS_FIT_CONVERTED) || type.type == RS_TYPE_SUPER) {
        return; /* in a super, a string of JSON put in again is a string of a string */
    }
    struct rs_strbuf again = RS_STRBUF_INIT(OUT_MAX);
    fit = rs_coltype_convert(kind, rs_strbuf_str(out), type, &again);
    check(fit == RS_FIT_AS_IS || rs_str_equal(rs_strbuf_str(out), rs_strbuf_str(&again)));
    rs_strbuf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    if (!newline) {
        return 0;
    }
    struct rs_str name = {(const char *)data, (size_t)(newline - data)};
    struct rs_str text = {(const char *)newline + 1, size - name.length - 1};
    struct rs_coltype type = rs_coltype_parse(name);
    struct rs_strbuf out = RS_STRBUF_INIT(OUT_MAX);

    rs_coltype_append_ddl(type, &out);
    struct rs_coltype again = rs_coltype_parse(rs_strbuf_str(&out));
    check(again.type == type.type && again.length == type.length);
    check(again.precision == type.precision && again.scale == type.scale);

    enum rs_kind number_kind = rs_kind_of_number(text);
    check_number(text, number_kind);
    if (rs_utf8_valid(text)) {
        enum rs_kind string_kind = rs_kind_of_string(text);
        check_own_column(number_kind, text, &out);
        check_own_column(string_kind, text, &out);
        check_column(number_kind, text, type, &out);
        check_column(string_kind, text, type, &out);
    }
    rs_strbuf_release(&out);
    return 0;
}
