/* Settings of a session: the two dialects', and a query group that is text. */
#include "warehouse/settings.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *label;
    enum rs_dialect dialect;
    const char *query_group;
    const char *tail;   /* what the text ends in */
    const char *absent; /* what it must not have */
} cases[] = {
    {"PostgreSQL has no query group", RS_DIALECT_POSTGRESQL, "segment", "AS limits (name)",
     "query_group"},
    {"Redshift has", RS_DIALECT_REDSHIFT, "segment", "; SET query_group TO 'segment'",
     "search_path"},
    {"and not PostgreSQL's settings", RS_DIALECT_REDSHIFT, "", "'ISO, YMD'",
     "standard_conforming_strings"},
    {"an empty one is not set", RS_DIALECT_REDSHIFT, "", "'ISO, YMD'", "query_group"},
    {"one with a quote and a backslash stays text", RS_DIALECT_REDSHIFT, "a'b\\",
     "; SET query_group TO 'a''b\\\\'", "lock_timeout"},
};

static void test_settings__each_dialect_gets_what_it_knows(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(4096);
        print_message("%s\n", cases[i].label);
        rs_settings_append(&sql, cases[i].dialect, false, cases[i].query_group);
        assert_true(rs_str_ends(rs_strbuf_str(&sql), rs_str_from(cases[i].tail)));
        assert_null(strstr(rs_strbuf_cstr(&sql), cases[i].absent));
        assert_non_null(strstr(rs_strbuf_cstr(&sql), "statement_timeout"));
        rs_strbuf_release(&sql);
    }
}

/* A session of ours may be a stranger's after each transaction. */
static void test_settings__behind_a_pooler_only_what_it_keeps_with_its_client_is_set(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    rs_settings_append(&sql, RS_DIALECT_POSTGRESQL, true, "");
    assert_string_equal(rs_strbuf_cstr(&sql), "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; "
                                              "SET standard_conforming_strings = on");
    rs_strbuf_release(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings__each_dialect_gets_what_it_knows),
        cmocka_unit_test(test_settings__behind_a_pooler_only_what_it_keeps_with_its_client_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
