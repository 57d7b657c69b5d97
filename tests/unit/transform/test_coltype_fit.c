/* Types: what fits which column, as it is, converted or cut, and what does not. */
#include "transform/coltype.h"

#include <string.h>

#include "transform/super.h"
#include "unit.h"

/* So that a table's row stays a row. */
#define B RS_KIND_BOOLEAN
#define I RS_KIND_INTEGER
#define W RS_KIND_WIDE_INTEGER
#define F RS_KIND_FLOAT
#define T RS_KIND_TIMESTAMP
#define S RS_KIND_STRING
#define A RS_KIND_ARRAY

struct fit_case {
    enum rs_kind kind;
    const char *text;
    const char *type;
    enum rs_fit fit;
    const char *value; /* what is stored; NULL: the text, or nothing */
};

static void assert_fits(const struct fit_case *cases, size_t count)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 18);
    for (size_t i = 0; i < count; i++) {
        const struct fit_case *it = &cases[i];
        struct rs_str text = rs_str_from(it->text);
        struct rs_coltype type = rs_coltype_parse(rs_str_from(it->type));
        rs_strbuf_reset(&out);
        enum rs_fit fit = rs_coltype_convert(it->kind, text, type, &out);
        if (fit != it->fit) {
            fail_msg("%s in %s: %d is not %d", it->text, it->type, (int)fit, (int)it->fit);
        }
        assert_string_equal(rs_strbuf_cstr(&out), it->value ? it->value : "");
        if (rs_coltype_is_direct(it->kind, text.length, type)) {
            assert_int_equal(fit, RS_FIT_AS_IS);
        }
    }
    rs_strbuf_release(&out);
}

static void test_coltype_fit__a_value_fits_the_join_of_its_kind_and_any_other(void **state)
{
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "1.0",
                                          "9007199254740993",
                                          "1152921504606846976",
                                          "18446744073709551616",
                                          "18446744073709551615",
                                          "1e400",
                                          "5e-324"};
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    (void)state;
    for (unsigned others = 0; others < 128; others++) {
        for (size_t i = 0; i < RS_COUNTOF(numbers); i++) {
            struct rs_str text = rs_str_from(numbers[i]);
            enum rs_kind kind = rs_kind_of_number(text);
            struct rs_coltype type = rs_coltype_join(others | kind, 100);
            assert_int_equal(rs_coltype_convert(kind, text, type, &out), RS_FIT_AS_IS);
            assert_true(rs_coltype_is_direct(kind, text.length, type));
        }
        struct rs_coltype type = rs_coltype_join(others | T, 100);
        enum rs_fit fit = rs_coltype_convert(T, RS_STR("2026-11-23T17:04Z"), type, &out);
        assert_int_equal(fit, (others & ~(unsigned)T) == 0 ? RS_FIT_CONVERTED : RS_FIT_AS_IS);
        type = rs_coltype_join(others | B, 100);
        assert_int_equal(rs_coltype_convert(B, RS_STR("true"), type, &out), RS_FIT_AS_IS);
        type = rs_coltype_join(others | S, 100);
        assert_int_equal(rs_coltype_convert(S, RS_STR("true"), type, &out), RS_FIT_AS_IS);
        type = rs_coltype_join(others | A, 100);
        assert_int_equal(rs_coltype_convert(A, RS_STR("[1]"), type, &out), RS_FIT_AS_IS);
    }
    rs_strbuf_release(&out);
}

static void test_coltype_fit__any_value_is_text_as_it_was(void **state)
{
    static const struct fit_case cases[] = {
        {F, "1.50", "text", RS_FIT_AS_IS, NULL},
        {B, "true", "text", RS_FIT_AS_IS, NULL},
        {F, "1.50", "varchar(512)", RS_FIT_AS_IS, NULL},
        {B, "true", "varchar(512)", RS_FIT_AS_IS, NULL},
        {I, "-0", "varchar(512)", RS_FIT_AS_IS, NULL},
        {T, "2026-11-23T17:04:05+01:00", "varchar(512)", RS_FIT_AS_IS, NULL},
        {S, "[1,2]", "varchar(5)", RS_FIT_AS_IS, NULL},
        {S, "", "varchar(5)", RS_FIT_AS_IS, NULL},
        {S, "abcdef", "varchar(5)", RS_FIT_CUT, "abcde"},
        {S, "abcd\xc3\xa9", "varchar(5)", RS_FIT_CUT, "abcd"},
        {S, "ab\xe6\xb3\xa8\xe6\x96\x87", "varchar(5)", RS_FIT_CUT, "ab\xe6\xb3\xa8"},
        {T, "2026-11-23", "varchar(5)", RS_FIT_CUT, "2026-"},
        {I, "123456", "varchar(5)", RS_FIT_NO, NULL},
        {F, "1.2345", "varchar(5)", RS_FIT_NO, NULL},
        {B, "false", "varchar(4)", RS_FIT_NO, NULL},
        {A, "[1,2]", "varchar(5)", RS_FIT_AS_IS, NULL},
        {A, "[1,2]", "text", RS_FIT_AS_IS, NULL},
        {A, "[1,22]", "varchar(5)", RS_FIT_CUT, "[1,22"},
        {A, "[1]", "bigint", RS_FIT_NO, NULL},
        {S, "a", "json", RS_FIT_NO, NULL},
        {I, "1", "character(1)", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

static void test_coltype_fit__a_super_takes_any_value_as_json(void **state)
{
    static const struct fit_case cases[] = {
        {A, "[]", "super", RS_FIT_AS_IS, NULL},
        {A, "[1.50,\"x\",{\"b\":null}]", "super", RS_FIT_AS_IS, NULL},
        {A, "[{\"a\":1,\"a\":2}]", "super", RS_FIT_NO, NULL},
        {B, "true", "super", RS_FIT_AS_IS, NULL},
        {I, "12", "super", RS_FIT_AS_IS, NULL},
        {W, "9007199254740993", "super", RS_FIT_AS_IS, NULL},
        {F, "1.50", "super", RS_FIT_AS_IS, NULL},
        {S, "", "super", RS_FIT_CONVERTED, "\"\""},
        {S, "12", "super", RS_FIT_CONVERTED, "\"12\""},
        {S, "true", "super", RS_FIT_CONVERTED, "\"true\""},
        {S, "[1,2]", "super", RS_FIT_CONVERTED, "\"[1,2]\""},
        {S, "\\N", "super", RS_FIT_CONVERTED, "\"\\\\N\""},
        {S, "a \"b\"\t\n\x01 \xc3\xa9", "super", RS_FIT_CONVERTED,
         "\"a \\\"b\\\"\\t\\n\\u0001 \xc3\xa9\""},
        {S, "1e400", "super", RS_FIT_CONVERTED, "\"1e400\""},
        {T, "2026-11-23T17:04Z", "super", RS_FIT_CONVERTED, "\"2026-11-23T17:04Z\""},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

static void test_coltype_fit__a_string_in_a_super_has_a_length(void **state)
{
    const struct rs_coltype type = {.type = RS_TYPE_SUPER};
    struct rs_strbuf text = RS_STRBUF_INIT(RS_SUPER_TEXT_MAX + 10);
    struct rs_strbuf out = RS_STRBUF_INIT(6 * RS_SUPER_TEXT_MAX + 2);
    (void)state;
    for (size_t i = 0; i < RS_SUPER_TEXT_MAX; i++) {
        rs_strbuf_append_char(&text, '\x01');
    }
    assert_int_equal(rs_coltype_convert(S, rs_strbuf_str(&text), type, &out), RS_FIT_CONVERTED);
    assert_int_equal(out.length, 6 * RS_SUPER_TEXT_MAX + 2);
    rs_strbuf_reset(&out);
    rs_strbuf_append_char(&text, 'x');
    assert_int_equal(rs_coltype_convert(S, rs_strbuf_str(&text), type, &out), RS_FIT_NO);
    assert_int_equal(out.length, 0);
    rs_strbuf_release(&out);
    rs_strbuf_release(&text);
}

static void test_coltype_fit__what_passes_the_longest_varchar_is_cut(void **state)
{
    const struct rs_coltype type = {.type = RS_TYPE_VARCHAR, .length = RS_VARCHAR_MAX};
    struct rs_strbuf text = RS_STRBUF_INIT(RS_VARCHAR_MAX + 10);
    struct rs_strbuf out = RS_STRBUF_INIT(RS_VARCHAR_MAX);
    (void)state;
    for (size_t i = 0; i < RS_VARCHAR_MAX - 1; i++) {
        rs_strbuf_append_char(&text, '1');
    }
    rs_strbuf_append(&text, "\xc3\xa9");
    assert_int_equal(rs_coltype_convert(S, rs_strbuf_str(&text), type, &out), RS_FIT_CUT);
    assert_int_equal(out.length, RS_VARCHAR_MAX - 1);
    assert_true(rs_str_starts(rs_strbuf_str(&text), rs_strbuf_str(&out)));
    rs_strbuf_reset(&out);
    text.data[RS_VARCHAR_MAX - 1] = '1';
    text.data[RS_VARCHAR_MAX] = '1';
    assert_int_equal(rs_coltype_convert(S, rs_strbuf_str(&text), type, &out), RS_FIT_CUT);
    assert_int_equal(out.length, RS_VARCHAR_MAX);
    rs_strbuf_release(&out);
    rs_strbuf_release(&text);
}

static void test_coltype_fit__integer_columns_take_whole_numbers_in_range(void **state)
{
    static const struct fit_case cases[] = {
        {I, "5", "bigint", RS_FIT_AS_IS, NULL},
        {I, "-0", "bigint", RS_FIT_AS_IS, NULL},
        {W, "9007199254740993", "bigint", RS_FIT_AS_IS, NULL},
        {W, "9223372036854775807", "bigint", RS_FIT_AS_IS, NULL},
        {I, "-9223372036854775808", "bigint", RS_FIT_AS_IS, NULL},
        {F, "9223372036854775808", "bigint", RS_FIT_NO, NULL},
        {F, "2.0", "bigint", RS_FIT_CONVERTED, "2"},
        {F, "2e3", "bigint", RS_FIT_CONVERTED, "2000"},
        {F, "-2.50e1", "bigint", RS_FIT_CONVERTED, "-25"},
        {F, "-0.0", "bigint", RS_FIT_CONVERTED, "0"},
        {F, "9007199254740993.0", "bigint", RS_FIT_CONVERTED, "9007199254740993"},
        {F, "2.5", "bigint", RS_FIT_NO, NULL},
        {F, "1e19", "bigint", RS_FIT_NO, NULL},
        {S, "1e400", "bigint", RS_FIT_NO, NULL},
        {I, "32767", "smallint", RS_FIT_AS_IS, NULL},
        {I, "-32768", "smallint", RS_FIT_AS_IS, NULL},
        {I, "32768", "smallint", RS_FIT_NO, NULL},
        {I, "-32769", "smallint", RS_FIT_NO, NULL},
        {F, "3.2767e4", "smallint", RS_FIT_CONVERTED, "32767"},
        {I, "2147483647", "integer", RS_FIT_AS_IS, NULL},
        {I, "-2147483648", "integer", RS_FIT_AS_IS, NULL},
        {I, "2147483648", "integer", RS_FIT_NO, NULL},
        {W, "9007199254740993", "integer", RS_FIT_NO, NULL},
        {F, "2.0", "integer", RS_FIT_CONVERTED, "2"},
        {B, "true", "bigint", RS_FIT_NO, NULL},
        {T, "2026-11-23", "bigint", RS_FIT_NO, NULL},
        {S, "12", "bigint", RS_FIT_AS_IS, NULL},
        {S, "12.0", "bigint", RS_FIT_CONVERTED, "12"},
        {S, "012", "bigint", RS_FIT_NO, NULL},
        {S, " 12", "bigint", RS_FIT_NO, NULL},
        {S, "+12", "bigint", RS_FIT_NO, NULL},
        {S, "", "bigint", RS_FIT_NO, NULL},
        {S, "[12]", "bigint", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

static void test_coltype_fit__float_columns_take_what_does_not_round(void **state)
{
    static const struct fit_case cases[] = {
        {F, "1.50", "double precision", RS_FIT_AS_IS, NULL},
        {F, "0.1", "double precision", RS_FIT_AS_IS, NULL},
        {I, "5", "double precision", RS_FIT_AS_IS, NULL},
        {I, "9007199254740992", "double precision", RS_FIT_AS_IS, NULL},
        {W, "9007199254740993", "double precision", RS_FIT_NO, NULL},
        {F, "18446744073709551616", "double precision", RS_FIT_AS_IS, NULL},
        {S, "18446744073709551615", "double precision", RS_FIT_NO, NULL},
        {S, "1e400", "double precision", RS_FIT_NO, NULL},
        {S, "1.5", "double precision", RS_FIT_AS_IS, NULL},
        {S, "9007199254740993", "double precision", RS_FIT_NO, NULL},
        {S, "NaN", "double precision", RS_FIT_NO, NULL},
        {S, "Infinity", "double precision", RS_FIT_NO, NULL},
        {B, "true", "double precision", RS_FIT_NO, NULL},
        {T, "2026-11-23", "double precision", RS_FIT_NO, NULL},
        {F, "0.5", "real", RS_FIT_AS_IS, NULL},
        {F, "0.1", "real", RS_FIT_NO, NULL},
        {I, "16777216", "real", RS_FIT_AS_IS, NULL},
        {I, "16777217", "real", RS_FIT_NO, NULL},
        {I, "16777218", "real", RS_FIT_AS_IS, NULL},
        {W, "9007199254740993", "real", RS_FIT_NO, NULL},
        {F, "1e30", "real", RS_FIT_NO, NULL},
        {F, "1e39", "real", RS_FIT_NO, NULL},
        {F, "1e-60", "real", RS_FIT_NO, NULL},
        {F, "0.0", "real", RS_FIT_AS_IS, NULL},
        {F, "340282346638528859811704183484516925440", "real", RS_FIT_AS_IS, NULL},
        {S, "-1.25", "real", RS_FIT_AS_IS, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

static void test_coltype_fit__a_numeric_takes_what_its_digits_hold(void **state)
{
    static const struct fit_case cases[] = {
        {I, "123", "numeric(3,0)", RS_FIT_AS_IS, NULL},
        {I, "1234", "numeric(3,0)", RS_FIT_NO, NULL},
        {F, "12.30", "numeric(3,1)", RS_FIT_AS_IS, NULL},
        {F, "12.34", "numeric(3,1)", RS_FIT_NO, NULL},
        {F, "123.4", "numeric(3,1)", RS_FIT_NO, NULL},
        {F, "0.001", "numeric(3,3)", RS_FIT_AS_IS, NULL},
        {F, "1.001", "numeric(3,3)", RS_FIT_NO, NULL},
        {F, "0.001", "numeric(2,5)", RS_FIT_NO, NULL},
        {F, "0.0001", "numeric(2,5)", RS_FIT_AS_IS, NULL},
        {I, "0", "numeric(3,3)", RS_FIT_AS_IS, NULL},
        {I, "-0", "numeric(3,3)", RS_FIT_AS_IS, NULL},
        {F, "1e2", "numeric(3,0)", RS_FIT_CONVERTED, "100"},
        {F, "-1.25e1", "numeric(3,1)", RS_FIT_CONVERTED, "-12.5"},
        {F, "125e-3", "numeric(3,3)", RS_FIT_CONVERTED, "0.125"},
        {F, "5e-3", "numeric(3,3)", RS_FIT_CONVERTED, "0.005"},
        {F, "0e5", "numeric(3,3)", RS_FIT_CONVERTED, "0"},
        {F, "1e3", "numeric(3,0)", RS_FIT_NO, NULL},
        {S, "99999999999999999999999999999999999999", "numeric(38,0)", RS_FIT_AS_IS, NULL},
        {S, "100000000000000000000000000000000000001", "numeric(38,0)", RS_FIT_NO, NULL},
        {W, "9007199254740993", "numeric", RS_FIT_AS_IS, NULL},
        {F, "1e20", "numeric", RS_FIT_CONVERTED, "100000000000000000000"},
        {S, "1e131072", "numeric", RS_FIT_NO, NULL},
        {S, "1e-16384", "numeric", RS_FIT_NO, NULL},
        {S, "1e99999999999999999999", "numeric", RS_FIT_NO, NULL},
        {S, "0e99999999999999999999", "numeric", RS_FIT_CONVERTED, "0"},
        {B, "true", "numeric(3,0)", RS_FIT_NO, NULL},
        {S, "x", "numeric(3,0)", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));

    struct rs_strbuf out = RS_STRBUF_INIT(147458);
    const struct rs_coltype unlimited = {.type = RS_TYPE_NUMERIC};
    assert_int_equal(rs_coltype_convert(S, RS_STR("1e131071"), unlimited, &out), RS_FIT_CONVERTED);
    assert_int_equal(out.length, 131072);
    rs_strbuf_reset(&out);
    assert_int_equal(rs_coltype_convert(S, RS_STR("1e-16383"), unlimited, &out), RS_FIT_CONVERTED);
    assert_int_equal(out.length, 16385);
    rs_strbuf_release(&out);
}

static void test_coltype_fit__boolean_columns_take_true_and_false(void **state)
{
    static const struct fit_case cases[] = {
        {B, "true", "boolean", RS_FIT_AS_IS, NULL}, {B, "false", "boolean", RS_FIT_AS_IS, NULL},
        {S, "true", "boolean", RS_FIT_AS_IS, NULL}, {S, "false", "boolean", RS_FIT_AS_IS, NULL},
        {S, "True", "boolean", RS_FIT_NO, NULL},    {S, "t", "boolean", RS_FIT_NO, NULL},
        {S, "", "boolean", RS_FIT_NO, NULL},        {I, "1", "boolean", RS_FIT_NO, NULL},
        {F, "1.0", "boolean", RS_FIT_NO, NULL},     {T, "2026-11-23", "boolean", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

static void test_coltype_fit__time_columns_take_timestamps_in_utc(void **state)
{
    static const struct fit_case cases[] = {
        {T, "2026-11-23", "timestamp", RS_FIT_CONVERTED, "2026-11-23 00:00:00"},
        {T, "2026-11-23T17:04:05.6789019+01:00", "timestamp", RS_FIT_CONVERTED,
         "2026-11-23 16:04:05.678901"},
        {T, "2026-11-23T17:04Z", "timestamptz", RS_FIT_CONVERTED, "2026-11-23 17:04:00+00"},
        {T, "2026-11-23T17:04:05.678901", "timestamptz", RS_FIT_CONVERTED,
         "2026-11-23 17:04:05.678901+00"},
        {T, "2026-11-23T17:04:05.678", "timestamp(3) without time zone", RS_FIT_CONVERTED,
         "2026-11-23 17:04:05.678"},
        {T, "2026-11-23T17:04:05.6781", "timestamp(3) without time zone", RS_FIT_NO, NULL},
        {T, "1969-12-31T23:59:59.5", "timestamp(1)", RS_FIT_CONVERTED, "1969-12-31 23:59:59.5"},
        {T, "1969-12-31T23:59:59.5", "timestamp(0)", RS_FIT_NO, NULL},
        {T, "2026-11-23T17:04:05", "timestamptz(0)", RS_FIT_CONVERTED, "2026-11-23 17:04:05+00"},
        {T, "2026-11-23", "date", RS_FIT_CONVERTED, "2026-11-23"},
        {T, "2026-11-23T01:00:00+01:00", "date", RS_FIT_CONVERTED, "2026-11-23"},
        {T, "1969-12-31", "date", RS_FIT_CONVERTED, "1969-12-31"},
        {T, "2026-11-23T00:00:00.000001", "date", RS_FIT_NO, NULL},
        {T, "2026-11-23T17:04", "date", RS_FIT_NO, NULL},
        {S, "soon", "timestamp", RS_FIT_NO, NULL},
        {S, "", "date", RS_FIT_NO, NULL},
        {S, "now", "timestamptz", RS_FIT_NO, NULL},
        {I, "1795453445", "timestamp", RS_FIT_NO, NULL},
        {B, "true", "date", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

/* What is a number for a new column is one for a column that is there, and what is none is none. */
static void test_coltype_fit__a_number_is_one_to_new_and_old_columns_alike(void **state)
{
    static const char *const numbers[] = {"1",
                                          "-0",
                                          "1e5",
                                          "1.0",
                                          "1e308",
                                          "1e309",
                                          "2.29e-308",
                                          "2.2250738585072014e-308",
                                          "2.2250738585072011e-308",
                                          "1e-320",
                                          "-1e-400",
                                          "0e-999",
                                          "9007199254740993",
                                          "123456789012345678901234567890"};
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 10);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(numbers); i++) {
        struct rs_str text = rs_str_from(numbers[i]);
        enum rs_kind kind = rs_kind_of_number(text);
        bool fresh = kind == RS_KIND_INTEGER || kind == RS_KIND_FLOAT;
        enum rs_fit fit =
            rs_coltype_convert(kind, text, (struct rs_coltype){.type = RS_TYPE_DOUBLE}, &out);
        if (fresh != (fit != RS_FIT_NO)) {
            fail_msg("%s", numbers[i]);
        }
    }
    rs_strbuf_release(&out);
}

static void
test_coltype_fit__a_string_that_is_a_json_number_or_boolean_goes_into_such_a_column(void **state)
{
    static const struct fit_case cases[] = {
        {S, "1e5", "bigint", RS_FIT_CONVERTED, "100000"},
        {S, "20260101", "bigint", RS_FIT_AS_IS, NULL},
        {S, "20260101", "integer", RS_FIT_AS_IS, NULL},
        {S, "1e5", "double precision", RS_FIT_AS_IS, NULL},
        {S, "0", "numeric(3,1)", RS_FIT_AS_IS, NULL},
        {S, "true", "boolean", RS_FIT_AS_IS, NULL},
        {S, "True", "boolean", RS_FIT_NO, NULL},
        {S, "0", "boolean", RS_FIT_NO, NULL},
        {I, "0", "boolean", RS_FIT_NO, NULL},
        {S, "007", "bigint", RS_FIT_NO, NULL},
        {S, "+1", "bigint", RS_FIT_NO, NULL},
        {S, " 1", "bigint", RS_FIT_NO, NULL},
    };
    (void)state;
    assert_fits(cases, RS_COUNTOF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coltype_fit__a_value_fits_the_join_of_its_kind_and_any_other),
        cmocka_unit_test(test_coltype_fit__any_value_is_text_as_it_was),
        cmocka_unit_test(test_coltype_fit__a_super_takes_any_value_as_json),
        cmocka_unit_test(test_coltype_fit__a_string_in_a_super_has_a_length),
        cmocka_unit_test(test_coltype_fit__what_passes_the_longest_varchar_is_cut),
        cmocka_unit_test(test_coltype_fit__integer_columns_take_whole_numbers_in_range),
        cmocka_unit_test(test_coltype_fit__float_columns_take_what_does_not_round),
        cmocka_unit_test(test_coltype_fit__a_numeric_takes_what_its_digits_hold),
        cmocka_unit_test(test_coltype_fit__boolean_columns_take_true_and_false),
        cmocka_unit_test(test_coltype_fit__time_columns_take_timestamps_in_utc),
        cmocka_unit_test(test_coltype_fit__a_number_is_one_to_new_and_old_columns_alike),
        cmocka_unit_test(
            test_coltype_fit__a_string_that_is_a_json_number_or_boolean_goes_into_such_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
