/* SQL text: quoting in both dialects, what is refused, and names cut to the dialect's length. */
#include "warehouse/sqltext.h"

#include <string.h>

#include "unit.h"

enum { ROOM = 1 << 16 };

static const struct {
    const char *label;
    struct rs_str name;
    const char *text; /* NULL: refused */
} idents[] = {
    {"plain", RS_STR_INIT("tracks"), "\"tracks\""},
    {"reserved word", RS_STR_INIT("select"), "\"select\""},
    {"quote", RS_STR_INIT("a\"b"), "\"a\"\"b\""},
    {"only quotes", RS_STR_INIT("\"\""), "\"\"\"\"\"\""},
    {"backslash", RS_STR_INIT("a\\"), "\"a\\\""},
    {"semicolon and comment", RS_STR_INIT("a\"; drop --"), "\"a\"\"; drop --\""},
    {"utf-8", RS_STR_INIT("\xe6\xb3\xa8\xe6\x96\x87"), "\"\xe6\xb3\xa8\xe6\x96\x87\""},
    {"empty", RS_STR_INIT(""), NULL},
    {"NUL", RS_STR_INIT("a\0b"), NULL},
    {"NUL at the end", RS_STR_INIT("a\0"), NULL},
};

static void test_sqltext__a_name_is_quoted_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(idents); i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(ROOM);
        struct rs_error err = {0};
        print_message("%s\n", idents[i].label);
        rs_sql_ident(&sql, idents[i].name);
        assert_int_equal(rs_sql_ok(&sql, &err), idents[i].text != NULL);
        if (idents[i].text) {
            assert_string_equal(rs_strbuf_cstr(&sql), idents[i].text);
        } else {
            assert_int_equal(err.code, RS_E_LIMIT);
        }
        rs_strbuf_release(&sql);
    }
}

static const struct {
    const char *label;
    struct rs_str value;
    const char *postgresql; /* NULL: refused */
    const char *redshift;
} literals[] = {
    {"plain", RS_STR_INIT("shop"), "'shop'", "'shop'"},
    {"empty", RS_STR_INIT(""), "''", "''"},
    {"quote", RS_STR_INIT("it's"), "'it''s'", "'it''s'"},
    {"backslash", RS_STR_INIT("\\N"), "'\\N'", "'\\\\N'"},
    {"backslash before the end", RS_STR_INIT("a\\"), "'a\\'", "'a\\\\'"},
    {"backslash and quote", RS_STR_INIT("\\'; --"), "'\\''; --'", "'\\\\''; --'"},
    {"line end", RS_STR_INIT("a\nb"), "'a\nb'", "'a\nb'"},
    {"NUL", RS_STR_INIT("a\0b"), NULL, NULL},
};

static void check_literal(enum rs_dialect dialect, struct rs_str value, const char *text)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(ROOM);
    struct rs_error err = {0};
    rs_sql_literal(&sql, dialect, value);
    assert_int_equal(rs_sql_ok(&sql, &err), text != NULL);
    if (text) {
        assert_string_equal(rs_strbuf_cstr(&sql), text);
    }
    rs_strbuf_release(&sql);
}

static void test_sqltext__a_value_is_quoted_as_its_dialect_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(literals); i++) {
        print_message("%s\n", literals[i].label);
        check_literal(RS_DIALECT_POSTGRESQL, literals[i].value, literals[i].postgresql);
        check_literal(RS_DIALECT_REDSHIFT, literals[i].value, literals[i].redshift);
    }
}

static void test_sqltext__a_query_gets_its_schema_wherever_it_is_named(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(ROOM);
    struct rs_error err = {0};
    rs_sql_query(&sql, "SELECT 1 FROM :schema.a, :schema.b WHERE c = $1", RS_STR("o\"dd"));
    assert_true(rs_sql_ok(&sql, &err));
    assert_string_equal(rs_strbuf_cstr(&sql),
                        "SELECT 1 FROM \"o\"\"dd\".a, \"o\"\"dd\".b WHERE c = $1");
    rs_strbuf_release(&sql);
}

static void check_bound(enum rs_dialect dialect, const char *text, const char *expected)
{
    static const struct rs_str params[] = {
        RS_STR_INIT("it's \\$2"), {NULL, 0}, RS_STR_INIT("a\0b")};
    struct rs_strbuf sql = RS_STRBUF_INIT(ROOM);
    struct rs_error err = {0};
    rs_sql_bind(&sql, dialect, text, params, 3);
    assert_int_equal(rs_sql_ok(&sql, &err), expected != NULL);
    if (expected) {
        assert_string_equal(rs_strbuf_cstr(&sql), expected);
    }
    rs_strbuf_release(&sql);
}

static void test_sqltext__values_stand_in_a_statement_as_literals(void **state)
{
    (void)state;
    check_bound(RS_DIALECT_POSTGRESQL, "SELECT $1, $2::text, $1",
                "SELECT 'it''s \\$2', NULL::text, "
                "'it''s \\$2'");
    check_bound(RS_DIALECT_REDSHIFT, "SELECT $1 WHERE a=$2", "SELECT 'it''s \\\\$2' WHERE a=NULL");
    check_bound(RS_DIALECT_REDSHIFT, "SELECT '$1 '' $1', $2 FROM \"$1\"\"$2'\" WHERE $ = $0",
                "SELECT '$1 '' $1', NULL FROM \"$1\"\"$2'\" WHERE $ = $0");
    check_bound(RS_DIALECT_REDSHIFT, "SELECT $3", NULL);
    check_bound(RS_DIALECT_REDSHIFT, "SELECT $4", NULL);
}

static void test_sqltext__a_statement_past_its_maximum_is_refused(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(10);
    struct rs_error err = {0};
    rs_sql_qualified(&sql, RS_STR("schema"), RS_STR("table"));
    assert_false(rs_sql_ok(&sql, &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_strbuf_release(&sql);
}

static void test_sqltext__a_name_is_cut_to_what_the_dialect_keeps(void **state)
{
    (void)state;
    char room[RS_NAME_MAX] = "";
    char other[RS_NAME_MAX] = "";
    char name[128] = "";
    memset(name, 'a', sizeof name);

    struct rs_str at_limit = {name, 63};
    struct rs_str same = rs_sql_fit_name(RS_DIALECT_POSTGRESQL, at_limit, room);
    assert_ptr_equal(same.data, name);
    assert_int_equal(same.length, 63);
    same = rs_sql_fit_name(RS_DIALECT_REDSHIFT, (struct rs_str){name, 127}, room);
    assert_ptr_equal(same.data, name);

    struct rs_str past = rs_sql_fit_name(RS_DIALECT_POSTGRESQL, (struct rs_str){name, 64}, room);
    struct rs_str longer = rs_sql_fit_name(RS_DIALECT_POSTGRESQL, (struct rs_str){name, 65}, other);
    assert_int_equal(past.length, 63);
    assert_memory_equal(past.data, name, 54);
    assert_int_equal(past.data[54], '_');
    assert_false(rs_str_equal(past, longer));

    struct rs_str wide = rs_sql_fit_name(RS_DIALECT_REDSHIFT, (struct rs_str){name, 128}, room);
    assert_int_equal(wide.length, 127);
}

static void test_sqltext__a_name_is_cut_between_two_characters(void **state)
{
    (void)state;
    char room[RS_NAME_MAX] = "";
    char name[66] = "";
    for (size_t shift = 0; shift < 3; shift++) {
        memset(name, 'x', shift);
        for (size_t i = shift; i + 3 <= sizeof name; i += 3) {
            memcpy(name + i, "\xe6\xb3\xa8", 3);
        }
        size_t length = shift + (sizeof name - shift) / 3 * 3;
        struct rs_str fitted =
            rs_sql_fit_name(RS_DIALECT_POSTGRESQL, (struct rs_str){name, length}, room);
        size_t kept = fitted.length - 9;
        assert_true(fitted.length <= 63 && kept > 50);
        assert_int_equal((kept - shift) % 3, 0);
        assert_memory_equal(fitted.data, name, kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sqltext__a_name_is_quoted_or_refused),
        cmocka_unit_test(test_sqltext__a_value_is_quoted_as_its_dialect_reads_it),
        cmocka_unit_test(test_sqltext__a_query_gets_its_schema_wherever_it_is_named),
        cmocka_unit_test(test_sqltext__values_stand_in_a_statement_as_literals),
        cmocka_unit_test(test_sqltext__a_statement_past_its_maximum_is_refused),
        cmocka_unit_test(test_sqltext__a_name_is_cut_to_what_the_dialect_keeps),
        cmocka_unit_test(test_sqltext__a_name_is_cut_between_two_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
