/*
 * Whether a value fits a column depends on its text and on the column alone: a string that is a
 * number by RFC 8259 goes where the number would go.
 */
#include "transform/coltype.h"

#include <float.h>
#include <math.h>

#include "base/timefmt.h"
#include "codec/json_write.h"
#include "codec/utf8.h"
#include "transform/decimal.h"
#include "transform/super.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

enum {
    DATE_LENGTH = 10,    /* YYYY-MM-DD */
    FRACTION_DIGITS = 6, /* of a timestamp */
};

/* What PostgreSQL takes; Redshift's limits are lower, and its catalog has nothing above them. */
enum {
    VARCHAR_MAX_BYTES = 10485760,
    NUMERIC_MAX_DIGITS = 1000,
    NUMERIC_WHOLE_DIGITS = 131072, /* of a numeric without precision */
    NUMERIC_FRACTION_DIGITS = 16383,
};

struct rs_coltype rs_coltype_join(unsigned kinds, uint64_t max_bytes)
{
    const unsigned integers = RS_KIND_INTEGER | RS_KIND_WIDE_INTEGER;
    kinds &= ~(unsigned)RS_KIND_NULL;
    if (kinds == RS_KIND_BOOLEAN) {
        return (struct rs_coltype){.type = RS_TYPE_BOOLEAN};
    }
    if (kinds == RS_KIND_TIMESTAMP) {
        return (struct rs_coltype){.type = RS_TYPE_TIMESTAMP};
    }
    if (kinds != 0 && (kinds & ~integers) == 0) {
        return (struct rs_coltype){.type = RS_TYPE_BIGINT};
    }
    if (kinds == RS_KIND_FLOAT || kinds == (RS_KIND_FLOAT | RS_KIND_INTEGER)) {
        return (struct rs_coltype){.type = RS_TYPE_DOUBLE};
    }
    if (kinds == RS_KIND_ARRAY) {
        return (struct rs_coltype){.type = RS_TYPE_SUPER};
    }
    return (struct rs_coltype){.type = RS_TYPE_VARCHAR,
                               .length = rs_coltype_varchar_length(max_bytes)};
}

uint32_t rs_coltype_varchar_length(uint64_t max_bytes)
{
    uint32_t length = RS_VARCHAR_MIN;
    while (length < max_bytes && length < RS_VARCHAR_MAX) {
        length *= 2;
    }
    return length < RS_VARCHAR_MAX ? length : RS_VARCHAR_MAX;
}

static const struct rs_str ddl_names[] = {
    [RS_TYPE_BOOLEAN] = RS_STR_INIT("boolean"),
    [RS_TYPE_BIGINT] = RS_STR_INIT("bigint"),
    [RS_TYPE_DOUBLE] = RS_STR_INIT("double precision"),
    [RS_TYPE_TIMESTAMP] = RS_STR_INIT("timestamp"),
    [RS_TYPE_VARCHAR] = RS_STR_INIT("varchar"),
    [RS_TYPE_SUPER] = RS_STR_INIT("super"),
    [RS_TYPE_SMALLINT] = RS_STR_INIT("smallint"),
    [RS_TYPE_INTEGER] = RS_STR_INIT("integer"),
    [RS_TYPE_REAL] = RS_STR_INIT("real"),
    [RS_TYPE_NUMERIC] = RS_STR_INIT("numeric"),
    [RS_TYPE_DATE] = RS_STR_INIT("date"),
    [RS_TYPE_TIMESTAMPTZ] = RS_STR_INIT("timestamptz"),
    [RS_TYPE_TEXT] = RS_STR_INIT("text"),
    [RS_TYPE_OTHER] = RS_STR_INIT(""),
};

/* What format_type() prints and DDL does not: head, "(arguments)" where there are some, tail. */
static const struct {
    struct rs_str head;
    struct rs_str tail;
    enum rs_type type;
} long_names[] = {
    {RS_STR_INIT("character varying"), RS_STR_INIT(""), RS_TYPE_VARCHAR},
    {RS_STR_INIT("timestamp"), RS_STR_INIT(" without time zone"), RS_TYPE_TIMESTAMP},
    {RS_STR_INIT("timestamp"), RS_STR_INIT(" with time zone"), RS_TYPE_TIMESTAMPTZ},
};

void rs_coltype_append_ddl(struct rs_coltype type, struct rs_strbuf *out)
{
    bool is_timestamp = type.type == RS_TYPE_TIMESTAMP || type.type == RS_TYPE_TIMESTAMPTZ;
    rs_strbuf_append_str(out, ddl_names[type.type]);
    if (type.type == RS_TYPE_VARCHAR) {
        rs_strbuf_printf(out, "(%u)", (unsigned)type.length);
    } else if (type.type == RS_TYPE_NUMERIC && type.precision > 0) {
        rs_strbuf_printf(out, "(%d,%d)", type.precision, type.scale);
    } else if (is_timestamp && type.scale > 0) {
        rs_strbuf_printf(out, "(%d)", FRACTION_DIGITS - type.scale);
    }
}

/* The type of a name of head and tail, RS_TYPE_OTHER when there is none. */
static enum rs_type type_named(struct rs_str head, struct rs_str tail)
{
    for (size_t i = 0; i < RS_COUNTOF(ddl_names); i++) {
        if (tail.length == 0 && rs_str_equal(head, ddl_names[i])) {
            return (enum rs_type)i;
        }
    }
    for (size_t i = 0; i < RS_COUNTOF(long_names); i++) {
        if (rs_str_equal(head, long_names[i].head) && rs_str_equal(tail, long_names[i].tail)) {
            return long_names[i].type;
        }
    }
    return RS_TYPE_OTHER;
}

/* The type of a name that has no arguments. */
static struct rs_coltype parse_bare(struct rs_str name)
{
    struct rs_coltype out = {.type = type_named(name, RS_STR(""))};
    for (size_t i = 0; i < RS_COUNTOF(long_names) && out.type == RS_TYPE_OTHER; i++) {
        struct rs_str tail = rs_str_slice(name, long_names[i].head.length, name.length);
        if (rs_str_starts(name, long_names[i].head)) {
            out.type = type_named(long_names[i].head, tail);
        }
    }
    if (out.type == RS_TYPE_VARCHAR) {
        out.type = RS_TYPE_TEXT; /* varchar without a length has no limit */
    }
    return out;
}

/* The type with its arguments; RS_TYPE_OTHER when they are not what it takes. */
static struct rs_coltype parse_arguments(enum rs_type type, struct rs_str arguments)
{
    const struct rs_coltype other = {.type = RS_TYPE_OTHER};
    size_t comma = rs_str_find_byte(arguments, ',');
    struct rs_str first = rs_str_slice(arguments, 0, comma);
    uint64_t number = 0;
    uint64_t scale = 0;
    if (type == RS_TYPE_NUMERIC) {
        struct rs_str second = rs_str_slice(arguments, comma + 1, arguments.length);
        bool ok = rs_str_parse_u64(first, 1, NUMERIC_MAX_DIGITS, &number) &&
                  (comma == SIZE_MAX || rs_str_parse_u64(second, 0, NUMERIC_MAX_DIGITS, &scale));
        return ok ? (struct rs_coltype){.type = type,
                                        .precision = (uint16_t)number,
                                        .scale = (uint16_t)scale}
                  : other;
    }
    if (type == RS_TYPE_VARCHAR) {
        return rs_str_parse_u64(arguments, 1, VARCHAR_MAX_BYTES, &number)
                   ? (struct rs_coltype){.type = type, .length = (uint32_t)number}
                   : other;
    }
    if (type == RS_TYPE_SUPER) { /* its length is as Redshift prints it, always the same */
        return rs_str_parse_u64(arguments, 1, UINT32_MAX, &number)
                   ? (struct rs_coltype){.type = type}
                   : other;
    }
    if (type == RS_TYPE_TIMESTAMP || type == RS_TYPE_TIMESTAMPTZ) {
        return rs_str_parse_u64(arguments, 0, FRACTION_DIGITS, &number)
                   ? (struct rs_coltype){.type = type,
                                         .scale = (uint16_t)(FRACTION_DIGITS - number)}
                   : other;
    }
    return other;
}

struct rs_coltype rs_coltype_parse(struct rs_str name)
{
    size_t open = rs_str_find_byte(name, '(');
    size_t close = rs_str_find_byte(name, ')');
    if (open == SIZE_MAX) {
        return parse_bare(name);
    }
    if (close == SIZE_MAX || close < open) {
        return (struct rs_coltype){.type = RS_TYPE_OTHER};
    }
    enum rs_type type =
        type_named(rs_str_slice(name, 0, open), rs_str_slice(name, close + 1, name.length));
    return parse_arguments(type, rs_str_slice(name, open + 1, close));
}

/* Keep what fits of a string; of another value only where no column would hold it all. */
static enum rs_fit fit_varchar(enum rs_kind kind, struct rs_str text, uint32_t max_bytes,
                               struct rs_strbuf *out)
{
    bool is_string = kind == RS_KIND_STRING || kind == RS_KIND_TIMESTAMP || kind == RS_KIND_ARRAY;
    if (text.length <= max_bytes) {
        return RS_FIT_AS_IS;
    }
    if (!is_string && max_bytes < RS_VARCHAR_MAX) {
        return RS_FIT_NO;
    }
    rs_strbuf_append_bytes(out, text.data, rs_utf8_cut(text, max_bytes));
    return RS_FIT_CUT;
}

static enum rs_fit fit_integer(const struct rs_decimal *number, int64_t min, int64_t max,
                               struct rs_strbuf *out)
{
    int64_t value = 0;
    if (!rs_decimal_i64(number, &value) || value < min || value > max) {
        return RS_FIT_NO;
    }
    if (number->plain) {
        return RS_FIT_AS_IS;
    }
    rs_strbuf_append_i64(out, value);
    return RS_FIT_CONVERTED;
}

/* A real holds a number that is a double and does not change as a float. */
static enum rs_fit fit_real(const struct rs_decimal *number)
{
    double value = rs_decimal_double(number);
    bool ok = fabs(value) <= (double)FLT_MAX && (double)(float)value == value &&
              (value == 0 || fabs(value) >= (double)FLT_MIN);
    return ok ? RS_FIT_AS_IS : RS_FIT_NO;
}

/* Write a number that has an exponent without it. */
static void append_without_exponent(const struct rs_decimal *number, struct rs_strbuf *out)
{
    struct rs_significand digits = rs_decimal_significand(number);
    if (digits.count == 0) {
        rs_strbuf_append_char(out, '0');
        return;
    }
    if (number->negative) {
        rs_strbuf_append_char(out, '-');
    }
    int64_t from = digits.high > 0 ? digits.high : 0;
    int64_t to = digits.low < 0 ? digits.low : 0;
    for (int64_t power = from; power >= to; power--) {
        bool inside = power <= digits.high && power >= digits.low;
        size_t place = digits.first + (inside ? (size_t)(digits.high - power) : 0);
        if (power == -1) {
            rs_strbuf_append_char(out, '.');
        }
        rs_strbuf_append_char(out, inside ? rs_decimal_digit(number, place) : '0');
    }
}

/* A numeric holds a number whose digits all have a place in it. */
static enum rs_fit fit_numeric(const struct rs_decimal *number, struct rs_coltype type,
                               struct rs_strbuf *out)
{
    struct rs_significand digits = rs_decimal_significand(number);
    bool limited = type.precision > 0;
    int64_t whole = limited ? (int64_t)type.precision - type.scale : NUMERIC_WHOLE_DIGITS;
    int64_t fraction = limited ? type.scale : NUMERIC_FRACTION_DIGITS;
    if (digits.count > 0 && (digits.high >= whole || digits.low < -fraction)) {
        return RS_FIT_NO;
    }
    if (!number->has_exponent && number->fraction.length <= NUMERIC_FRACTION_DIGITS) {
        return RS_FIT_AS_IS;
    }
    append_without_exponent(number, out); /* Redshift's COPY takes no exponent for a numeric */
    return rs_strbuf_ok(out) ? RS_FIT_CONVERTED : RS_FIT_NO;
}

static enum rs_fit fit_number(struct rs_str text, struct rs_coltype type, struct rs_strbuf *out)
{
    struct rs_decimal number;
    if (!rs_decimal_parse(text, &number)) {
        return RS_FIT_NO;
    }
    if (type.type == RS_TYPE_BIGINT) {
        return fit_integer(&number, INT64_MIN, INT64_MAX, out);
    }
    if (type.type == RS_TYPE_INTEGER) {
        return fit_integer(&number, INT32_MIN, INT32_MAX, out);
    }
    if (type.type == RS_TYPE_SMALLINT) {
        return fit_integer(&number, INT16_MIN, INT16_MAX, out);
    }
    if (type.type == RS_TYPE_NUMERIC) {
        return fit_numeric(&number, type, out);
    }
    enum rs_kind kind = rs_kind_of_decimal(&number, text.length);
    if (kind != RS_KIND_INTEGER && kind != RS_KIND_FLOAT) {
        return RS_FIT_NO;
    }
    return type.type == RS_TYPE_REAL ? fit_real(&number) : RS_FIT_AS_IS;
}

static enum rs_fit fit_boolean(struct rs_str text)
{
    bool ok = rs_str_equal(text, RS_STR("true")) || rs_str_equal(text, RS_STR("false"));
    return ok ? RS_FIT_AS_IS : RS_FIT_NO;
}

/* Write the instant in UTC; no column may lack a digit of it that is not 0. */
static enum rs_fit fit_timestamp(struct rs_str text, struct rs_coltype type, struct rs_strbuf *out)
{
    int64_t us = 0;
    int64_t unit_us = 1;
    for (unsigned digit = 0; digit < type.scale; digit++) {
        unit_us *= 10;
    }
    unit_us = type.type == RS_TYPE_DATE ? DAY_US : unit_us;
    if (!rs_timefmt_parse(text, &us) || us % unit_us != 0) {
        return RS_FIT_NO;
    }
    char *place = rs_strbuf_reserve(out, RS_TIMEFMT_MAX + 3);
    if (!place) {
        return RS_FIT_NO;
    }
    size_t length = rs_timefmt_format(us, place);
    if (type.type == RS_TYPE_DATE) {
        length = DATE_LENGTH;
    } else if (type.type == RS_TYPE_TIMESTAMPTZ) {
        place[length++] = '+';
        place[length++] = '0';
        place[length++] = '0';
    }
    rs_strbuf_commit(out, length);
    return RS_FIT_CONVERTED;
}

/* A super holds JSON: a string gets its quotes back, all else is JSON as it stands. */
static enum rs_fit fit_super(enum rs_kind kind, struct rs_str text, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    if (kind == RS_KIND_ARRAY) {
        return rs_super_takes_array(text) ? RS_FIT_AS_IS : RS_FIT_NO;
    }
    if (kind != RS_KIND_STRING && kind != RS_KIND_TIMESTAMP) {
        return RS_FIT_AS_IS;
    }
    if (text.length > RS_SUPER_TEXT_MAX) {
        return RS_FIT_NO;
    }
    rs_json_write_str(&json, text);
    return rs_json_write_ok(&json) ? RS_FIT_CONVERTED : RS_FIT_NO;
}

enum rs_fit rs_coltype_convert(enum rs_kind kind, struct rs_str text, struct rs_coltype type,
                               struct rs_strbuf *out)
{
    switch (type.type) {
    case RS_TYPE_TEXT:
        return RS_FIT_AS_IS;
    case RS_TYPE_VARCHAR:
        return fit_varchar(kind, text, type.length, out);
    case RS_TYPE_SUPER:
        return fit_super(kind, text, out);
    case RS_TYPE_BOOLEAN:
        return fit_boolean(text);
    case RS_TYPE_BIGINT:
    case RS_TYPE_DOUBLE:
    case RS_TYPE_SMALLINT:
    case RS_TYPE_INTEGER:
    case RS_TYPE_REAL:
    case RS_TYPE_NUMERIC:
        return fit_number(text, type, out);
    case RS_TYPE_TIMESTAMP:
    case RS_TYPE_TIMESTAMPTZ:
    case RS_TYPE_DATE:
        return fit_timestamp(text, type, out);
    case RS_TYPE_OTHER:
        break;
    }
    return RS_FIT_NO;
}
