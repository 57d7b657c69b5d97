/* Types: the lattice, and the names of types. */
#include "transform/coltype.h"

#include <string.h>

#include "unit.h"

/* So that a table's row stays a row. */
#define B RS_KIND_BOOLEAN
#define I RS_KIND_INTEGER
#define W RS_KIND_WIDE_INTEGER
#define F RS_KIND_FLOAT
#define T RS_KIND_TIMESTAMP
#define S RS_KIND_STRING
#define A RS_KIND_ARRAY

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
        cmocka_unit_test(test_coltype__the_join_of_every_set_is_that_of_the_contract),
        cmocka_unit_test(test_coltype__a_varchar_has_one_of_the_lengths),
        cmocka_unit_test(test_coltype__names_of_types_are_read),
        cmocka_unit_test(test_coltype__ddl_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
