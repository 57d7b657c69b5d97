/* Commands that can be pasted into a shell. */
#include "check/engine/shell_quote.h"

#include <string.h>

#include "unit.h"

static void test_shell_quote__a_word_is_one_word_of_a_shell(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    static const char *const cases[][2] = {
        {"arn:aws:iam::1:role/a-b_c", "arn:aws:iam::1:role/a-b_c"},
        {"", "''"},
        {"a b", "'a b'"},
        {"$HOME", "'$HOME'"},
        {"it's", "\"it's\""},
        {"it's $5", "'it'\\''s $5'"},
        {"'`\"", "''\\''`\"'"},
        {"a;b", "'a;b'"},
        {"~", "'~'"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_string_equal(rs_check_quote(&result, cases[i][0]), cases[i][1]);
    }
    rs_check_result_release(&result);
}

static void test_shell_quote__a_statement_is_quoted_for_sql_and_for_the_shell(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    (void)state;
    rs_check_sql(&result, "GRANT TEMP ON DATABASE %s TO %s", rs_check_sql_name(&result, "dev"),
                 rs_check_sql_name(&result, "od\"d"));
    assert_string_equal(result.commands.items[0],
                        "psql \"$ADMIN_URL\" -c 'GRANT TEMP ON DATABASE \"dev\" TO \"od\"\"d\"'");
    rs_check_sql(&result, "SELECT %s", rs_check_sql_text(&result, "it's"));
    assert_string_equal(result.commands.items[1], "psql \"$ADMIN_URL\" -c \"SELECT 'it''s'\"");
    rs_check_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_quote__a_word_is_one_word_of_a_shell),
        cmocka_unit_test(test_shell_quote__a_statement_is_quoted_for_sql_and_for_the_shell),
    };
    return cmocka_run_group_tests_name("shell_quote", tests, NULL, NULL);
}
