#include "check/engine/check_result.h"

#include <string.h>

#include "check/engine/shell_quote.h"
#include "unit.h"

static void test_check_result__the_worst_saying_is_the_verdict(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    (void)state;
    rs_check_say(&result, RS_CHECK_PASS, "one");
    assert_int_equal(result.status, RS_CHECK_PASS);
    rs_check_say(&result, RS_CHECK_FAIL, "two %d", 2);
    rs_check_say(&result, RS_CHECK_WARN, "three");
    rs_check_say(&result, RS_CHECK_FAIL, "four");
    assert_int_equal(result.status, RS_CHECK_FAIL);
    assert_string_equal(result.seen, "two 2");
    assert_int_equal(result.details.count, 3);
    assert_string_equal(result.details.items[0], "one");
    assert_string_equal(result.details.items[1], "three");
    assert_string_equal(result.details.items[2], "four");
    rs_check_result_release(&result);
}

/* Cut, a command would end within its quotes, and take in what is pasted behind it. */
static void test_check_result__no_text_is_cut(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    static char name[5000];
    (void)state;
    memset(name, 'n', sizeof name - 1);
    rs_check_command(&result, "psql -c '%s'", name);
    rs_check_sql(&result, "SELECT %s", rs_check_sql_text(&result, name));
    rs_check_command(&result, "ls %s",
                     rs_check_quote(&result, memset(name, '\'', sizeof name - 1)));
    for (size_t i = 0; i < result.commands.count; i++) {
        const char *command = result.commands.items[i];
        assert_true(strlen(command) > sizeof name);
        assert_int_equal(command[strlen(command) - 1], i == 0 ? '\'' : '"');
    }
    rs_check_result_release(&result);
}

static void test_check_result__what_is_to_be_done_is_said_once(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        rs_check_step(&result, "open port %u", i % 2);
        rs_check_command(&result, "open %u", i % 2);
        rs_check_detail(&result, "seen");
    }
    assert_int_equal(result.steps.count, 2);
    assert_int_equal(result.commands.count, 2);
    assert_string_equal(result.commands.items[1], "open 1");
    assert_int_equal(result.details.count, 4);
    rs_check_result_release(&result);
}

static void test_check_result__what_may_not_be_asked_is_unknown(void **state)
{
    struct rs_check_result result = RS_CHECK_RESULT_INIT;
    struct rs_error err = {0};
    (void)state;
    (void)rs_error_set(&err, RS_E_NET, "could not describe it: no");
    (void)rs_error_hint(&err, "allow redshift:DescribeClusters");
    memcpy(err.detail, "AccessDenied", sizeof "AccessDenied");
    rs_check_say_error(&result, RS_CHECK_FAIL, &err);
    assert_int_equal(result.status, RS_CHECK_UNKNOWN);
    assert_string_equal(result.steps.items[0], "allow redshift:DescribeClusters");
    memcpy(err.detail, "InternalFailure", sizeof "InternalFailure");
    rs_check_say_error(&result, RS_CHECK_FAIL, &err);
    assert_int_equal(result.status, RS_CHECK_FAIL);
    rs_check_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_result__the_worst_saying_is_the_verdict),
        cmocka_unit_test(test_check_result__no_text_is_cut),
        cmocka_unit_test(test_check_result__what_is_to_be_done_is_said_once),
        cmocka_unit_test(test_check_result__what_may_not_be_asked_is_unknown),
    };
    return cmocka_run_group_tests_name("check_result", tests, NULL, NULL);
}
