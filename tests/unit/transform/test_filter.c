/* Selective sync: what a selection says, what it cannot say, and what it named in vain. */
#include "transform/filter.h"

#include <string.h>

#include "unit.h"

static struct rs_filter *parse(const char *text)
{
    struct rs_error err = {0};
    struct rs_filter *filter = rs_filter_parse(rs_str_from(text), "select.json", &err);
    if (!filter) {
        fail_msg("%s: %s", text, err.message);
    }
    return filter;
}

static void test_filter__a_selection_decides_by_table_and_column(void **state)
{
    static const struct {
        const char *text;
        const char *table;
        const char *column; /* NULL: the table itself */
        bool allowed;
    } cases[] = {
        {"{\"collections\":{}}", "any", NULL, true},
        {"{\"collections\":{}}", "any", "any", true},
        {"{\"collections\":{\"*\":false}}", "any", NULL, false},
        {"{\"collections\":{\"*\":false,\"a\":true}}", "a", NULL, true},
        {"{\"collections\":{\"*\":false,\"a\":true}}", "a", "x", true},
        {"{\"collections\":{\"a\":false}}", "a", NULL, false},
        {"{\"collections\":{\"a\":false}}", "b", NULL, true},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":false}}}}", "a", NULL, true},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":false}}}}", "a", "x", false},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":false}}}}", "a", "y", true},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":false}}}}", "b", "x", true},
        {"{\"collections\":{\"a\":{\"properties\":{\"*\":false,\"x\":true}}}}", "a", "x", true},
        {"{\"collections\":{\"a\":{\"properties\":{\"*\":false,\"x\":true}}}}", "a", "y", false},
        {"{\"collections\":{\"a\":{\"properties\":{\"*\":false}}}}", "a", "id", true},
        {"{\"collections\":{\"a\":{\"properties\":{\"*\":false}}}}", "a", "received_at", true},
        {"{\"collections\":{\"a\":{\"properties\":{\"*\":false}}}}", "a", "user_id", false},
        {"{\"collections\":{\"*\":false,\"a\":{}}}", "a", NULL, true},
        {"{\"collections\":{\"*\":false,\"a\":{\"properties\":{}}}}", "a", "x", true},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_filter *filter = parse(cases[i].text);
        struct rs_str table = rs_str_from(cases[i].table);
        bool allowed = cases[i].column
                           ? rs_filter_allows_column(filter, table, rs_str_from(cases[i].column))
                           : rs_filter_allows_table(filter, table);
        if (allowed != cases[i].allowed) {
            fail_msg("%s: %s %s", cases[i].text, cases[i].table,
                     cases[i].column ? cases[i].column : "");
        }
        rs_filter_free(filter);
    }
}

static void test_filter__without_one_all_is_allowed(void **state)
{
    (void)state;
    assert_true(rs_filter_allows_table(NULL, RS_STR("a")));
    assert_true(rs_filter_allows_column(NULL, RS_STR("a"), RS_STR("b")));
    rs_filter_free(NULL);
}

static void test_filter__what_cannot_be_meant_is_an_error(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"", "select.json"},
        {"nonsense", "select.json"},
        {"[]", "collections"},
        {"{}", "collections"},
        {"{\"collections\":7}", "collections"},
        {"{\"collections\":{},\"colections\":{}}", "\"colections\""},
        {"{\"collections\":{\"a\":7}}", "\"a\" is a number"},
        {"{\"collections\":{\"a\":null}}", "\"a\" is a null"},
        {"{\"collections\":{\"*\":{}}}", "\"*\" is a object"},
        {"{\"collections\":{\"a\":{\"columns\":{}}}}", "\"columns\""},
        {"{\"collections\":{\"a\":{\"properties\":true}}}", "\"properties\""},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":1}}}}", "\"x\""},
        {"{\"collections\":{\"a\":{\"properties\":{\"id\":false}}}}", "cannot be left out"},
        {"{\"collections\":{\"a\":{\"properties\":{\"received_at\":false}}}}",
         "cannot be left out"},
        {"{\"collections\":{\"a\":true,\"a\":false}}", "\"a\""},
        {"{\"collections\":{\"a\":{\"properties\":{\"x\":true,\"x\":false}}}}", "\"x\""},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_filter *filter = rs_filter_parse(rs_str_from(cases[i].text), "select.json", &err);
        if (filter || err.code != RS_E_CONFIG || !strstr(err.message, cases[i].says)) {
            fail_msg("%s: %s", cases[i].text, filter ? "taken" : err.message);
        }
    }
}

static void test_filter__names_that_no_event_had_are_told(void **state)
{
    static const char *const expected[] = {"typo", "a.mistake", "a.other"};
    struct rs_filter *filter = parse("{\"collections\":{\"*\":true,\"typo\":{\"properties\":"
                                     "{\"x\":true}},\"a\":{\"properties\":{\"*\":true,"
                                     "\"mistake\":true,\"x\":false,\"other\":false}},"
                                     "\"b\":false}}");
    struct rs_strbuf name = RS_STRBUF_INIT(100);
    (void)state;
    rs_filter_note_table(filter, RS_STR("a"));
    rs_filter_note_table(filter, RS_STR("b"));
    rs_filter_note_table(filter, RS_STR("not_named"));
    rs_filter_note_column(filter, RS_STR("a"), RS_STR("x"));
    rs_filter_note_column(filter, RS_STR("a"), RS_STR("not_named"));
    rs_filter_note_column(filter, RS_STR("b"), RS_STR("x"));
    rs_filter_note_column(filter, RS_STR("not_named"), RS_STR("x"));
    for (size_t i = 0; i < RS_COUNTOF(expected); i++) {
        rs_strbuf_reset(&name);
        assert_true(rs_filter_unused(filter, i, &name));
        assert_string_equal(rs_strbuf_cstr(&name), expected[i]);
    }
    assert_false(rs_filter_unused(filter, RS_COUNTOF(expected), &name));
    rs_strbuf_release(&name);
    rs_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter__a_selection_decides_by_table_and_column),
        cmocka_unit_test(test_filter__without_one_all_is_allowed),
        cmocka_unit_test(test_filter__what_cannot_be_meant_is_an_error),
        cmocka_unit_test(test_filter__names_that_no_event_had_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
