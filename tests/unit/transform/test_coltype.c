/* Types: the kind of each value, the lattice, and the names of types. */
#include "transform/coltype.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* So that a table's row stays a row. */
#define B RS_KIND_BOOLEAN
#define I RS_KIND_INTEGER
#define W RS_KIND_WIDE_INTEGER
#define F RS_KIND_FLOAT
#define T RS_KIND_TIMESTAMP
#define S RS_KIND_STRING
#define A RS_KIND_ARRAY

static void test_coltype__a_number_has_its_kind(void **state)
{
    static const struct {
        const char *text;
        enum rs_kind kind;
    } cases[] = {
        {"0", I},
        {"-0", I},
        {"1", I},
        {"-17", I},
        {"999999999999999", I},
        {"9007199254740991", I},
        {"9007199254740992", I},
        {"9007199254740993", W},
        {"-9007199254740993", W},
        {"9007199254740994", I},
        {"1152921504606846976", I},
        {"1152921504606846977", W},
        {"9223372036854775807", W},
        {"-9223372036854775808", I},
        {"9223372036854775808", F},
        {"-9223372036854775809", S},
        {"18446744073709551615", S},
        {"18446744073709551616", F},
        {"99999999999999999999", S},
        {"100000000000000000000", F},
        {"10000000000000000000000", F},
        {"100000000000000000000000", S},
        {"1.0", F},
        {"1.50", F},
        {"-0.0", F},
        {"0.1", F},
        {"1e5", F},
        {"1E-5", F},
        {"1e308", F},
        {"1.7976931348623157e308", F},
        {"1.7976931348623158e308", F},
        {"1.7976931348623159e308", S},
        {"1e309", S},
        {"-1e309", S},
        {"1e400", S},
        {"1e99999999999999999999", S},
        {"0.00001e313", F},
        {"0.00001e314", S},
        {"2.2250738585072014e-308", F},
        {"2.2250738585072011e-308", S}, /* subnormal */
        {"5e-324", S},
        {"2.5e-324", S},
        {"2.4e-324", S},
        {"1e-400", S},
        {"-1e-99999999999999999999", S},
        {"0e99999999999999999999", F},
        {"0.0e-400", F},
        {"3000e-327", S},
        {"2000e-327", S},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        enum rs_kind kind = rs_coltype_number_kind(rs_str_from(cases[i].text));
        if (kind != cases[i].kind) {
            fail_msg("%s is %d, not %d", cases[i].text, (int)kind, (int)cases[i].kind);
        }
    }
}

static void test_coltype__a_very_long_number_has_its_kind(void **state)
{
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH);
    assert_non_null(text);
    (void)state;
    memset(text, '0', LENGTH);
    text[1] = '.';
    assert_int_equal(rs_coltype_number_kind((struct rs_str){text, LENGTH}), F);
    text[LENGTH - 1] = '1';
    assert_int_equal(rs_coltype_number_kind((struct rs_str){text, LENGTH}), S);
    text[0] = '1';
    assert_int_equal(rs_coltype_number_kind((struct rs_str){text, LENGTH}), F);
    text[1] = '0';
    assert_int_equal(rs_coltype_number_kind((struct rs_str){text, LENGTH}), S);
    text[300] = '.';
    assert_int_equal(rs_coltype_number_kind((struct rs_str){text, LENGTH}), F);
    free(text);
}

static void test_coltype__a_string_is_a_timestamp_or_a_string(void **state)
{
    (void)state;
    assert_int_equal(rs_coltype_string_kind(RS_STR("2026-11-23")), T);
    assert_int_equal(rs_coltype_string_kind(RS_STR("2026-11-23T17:04:05.678Z")), T);
    assert_int_equal(rs_coltype_string_kind(RS_STR("2026-02-30")), S);
    assert_int_equal(rs_coltype_string_kind(RS_STR("12")), S);
    assert_int_equal(rs_coltype_string_kind(RS_STR("true")), S);
    assert_int_equal(rs_coltype_string_kind(RS_STR("")), S);
    assert_int_equal(rs_coltype_string_kind((struct rs_str){NULL, 0}), S);
}

static void test_coltype__the_join_of_every_set_is_that_of_the_contract(void **state)
{
    (void)state;
    for (unsigned kinds = 1; kinds < 128; kinds++) {
        enum rs_type wanted = RS_TYPE_VARCHAR;
        if (kinds == B) {
            wanted = RS_TYPE_BOOLEAN;
        } else if (kinds == T) {
            wanted = RS_TYPE_TIMESTAMP;
        } else if (kinds == I || kinds == W || kinds == (I | W)) {
            wanted = RS_TYPE_BIGINT;
        } else if (kinds == F || kinds == (I | F)) {
            wanted = RS_TYPE_DOUBLE;
        } else if (kinds == A) {
            wanted = RS_TYPE_SUPER;
        }
        struct rs_coltype type = rs_coltype_join(kinds, 513);
        assert_int_equal(type.type, wanted);
        assert_int_equal(type.length, wanted == RS_TYPE_VARCHAR ? 1024 : 0);
        assert_int_equal(type.precision, 0);
        assert_int_equal(type.scale, 0);
    }
}

static void test_coltype__a_varchar_has_one_of_the_lengths(void **state)
{
    static const struct {
        uint64_t max_bytes;
        uint32_t length;
    } cases[] = {
        {0, 512},       {1, 512},       {512, 512},     {513, 1024},    {1024, 1024},
        {1025, 2048},   {2049, 4096},   {4097, 8192},   {8193, 16384},  {16385, 32768},
        {32768, 32768}, {32769, 65535}, {65535, 65535}, {65536, 65535}, {UINT64_MAX, 65535},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(rs_coltype_varchar_length(cases[i].max_bytes), cases[i].length);
    }
}

static const char *const not_ours[] = {
    "",
    "(",
    ")",
    "()",
    "super[]",
    "super(16384000)[]",
    "json",
    "jsonb",
    "uuid",
    "bytea",
    "name",
    "character(3)",
    "character",
    "bpchar",
    "\"char\"",
    "text[]",
    "integer[]",
    "character varying(512)[]",
    "character varying(0)",
    "character varying(-1)",
    "character varying(x)",
    "character varying(5,2)",
    "character varying(99999999999999999999)",
    "integer(3)",
    "numeric(0,0)",
    "numeric(5,-2)",
    "numeric(5,)",
    "numeric(,5)",
    "numeric(5,2,1)",
    "numeric()",
    "numeric(1001)",
    "timestamp(7) without time zone",
    "timestamp()",
    "timestamp with",
    "timestamp(3",
    "timestamp)3(",
    "time without time zone",
    "interval",
    "double",
    "Boolean",
    "bigint ",
    " bigint",
    "geometry",
    "hllsketch",
    "varbyte(10)",
};

static void test_coltype__names_of_types_are_read(void **state)
{
    static const struct {
        const char *name;
        struct rs_coltype type;
    } cases[] = {
        {"boolean", {.type = RS_TYPE_BOOLEAN}},
        {"smallint", {.type = RS_TYPE_SMALLINT}},
        {"integer", {.type = RS_TYPE_INTEGER}},
        {"bigint", {.type = RS_TYPE_BIGINT}},
        {"real", {.type = RS_TYPE_REAL}},
        {"double precision", {.type = RS_TYPE_DOUBLE}},
        {"numeric", {.type = RS_TYPE_NUMERIC}},
        {"numeric(18,0)", {.type = RS_TYPE_NUMERIC, .precision = 18}},
        {"numeric(10,2)", {.type = RS_TYPE_NUMERIC, .precision = 10, .scale = 2}},
        {"numeric(5)", {.type = RS_TYPE_NUMERIC, .precision = 5}},
        {"date", {.type = RS_TYPE_DATE}},
        {"timestamp", {.type = RS_TYPE_TIMESTAMP}},
        {"timestamp without time zone", {.type = RS_TYPE_TIMESTAMP}},
        {"timestamp(3) without time zone", {.type = RS_TYPE_TIMESTAMP, .scale = 3}},
        {"timestamp(6) without time zone", {.type = RS_TYPE_TIMESTAMP}},
        {"timestamp(0)", {.type = RS_TYPE_TIMESTAMP, .scale = 6}},
        {"timestamp with time zone", {.type = RS_TYPE_TIMESTAMPTZ}},
        {"timestamp(0) with time zone", {.type = RS_TYPE_TIMESTAMPTZ, .scale = 6}},
        {"timestamptz", {.type = RS_TYPE_TIMESTAMPTZ}},
        {"timestamptz(3)", {.type = RS_TYPE_TIMESTAMPTZ, .scale = 3}},
        {"character varying(512)", {.type = RS_TYPE_VARCHAR, .length = 512}},
        {"varchar(65535)", {.type = RS_TYPE_VARCHAR, .length = 65535}},
        {"character varying", {.type = RS_TYPE_TEXT}},
        {"varchar", {.type = RS_TYPE_TEXT}},
        {"text", {.type = RS_TYPE_TEXT}},
        {"super", {.type = RS_TYPE_SUPER}},
        {"super(16384000)", {.type = RS_TYPE_SUPER}},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_coltype type = rs_coltype_parse(rs_str_from(cases[i].name));
        assert_int_equal(type.type, cases[i].type.type);
        assert_int_equal(type.length, cases[i].type.length);
        assert_int_equal(type.precision, cases[i].type.precision);
        assert_int_equal(type.scale, cases[i].type.scale);
    }
    for (size_t i = 0; i < RS_COUNTOF(not_ours); i++) {
        if (rs_coltype_parse(rs_str_from(not_ours[i])).type != RS_TYPE_OTHER) {
            fail_msg("\"%s\" is a type of its own", not_ours[i]);
        }
    }
}

static void test_coltype__ddl_is_read_back(void **state)
{
    static const char *const names[] = {
        "boolean",          "smallint",     "integer",       "bigint",         "real",
        "double precision", "numeric",      "numeric(18,0)", "numeric(10,2)",  "date",
        "timestamp",        "timestamp(3)", "timestamptz",   "timestamptz(0)", "varchar(512)",
        "varchar(65535)",   "text",         "super",
    };
    struct rs_strbuf ddl = RS_STRBUF_INIT(100);
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        rs_strbuf_reset(&ddl);
        rs_coltype_append_ddl(rs_coltype_parse(rs_str_from(names[i])), &ddl);
        assert_string_equal(rs_strbuf_cstr(&ddl), names[i]);
    }
    rs_strbuf_reset(&ddl);
    rs_coltype_append_ddl((struct rs_coltype){.type = RS_TYPE_OTHER}, &ddl);
    assert_string_equal(rs_strbuf_cstr(&ddl), "");
    rs_strbuf_release(&ddl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coltype__a_number_has_its_kind),
        cmocka_unit_test(test_coltype__a_very_long_number_has_its_kind),
        cmocka_unit_test(test_coltype__a_string_is_a_timestamp_or_a_string),
        cmocka_unit_test(test_coltype__the_join_of_every_set_is_that_of_the_contract),
        cmocka_unit_test(test_coltype__a_varchar_has_one_of_the_lengths),
        cmocka_unit_test(test_coltype__names_of_types_are_read),
        cmocka_unit_test(test_coltype__ddl_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
