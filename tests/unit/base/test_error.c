/* Errors: the first one wins, texts are cut and never run over, each code has its exit status. */
#include "rs/error.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void test_error__the_first_error_wins(void **state)
{
    struct rs_error err = {0};
    (void)state;
    assert_false(rs_error_set(&err, RS_E_INPUT, "could not read \"%s\": %d", "a", 7));
    assert_false(rs_error_set(&err, RS_E_IO, "could not write"));
    assert_int_equal(err.code, RS_E_INPUT);
    assert_string_equal(err.message, "could not read \"a\": 7");
    assert_false(rs_error_hint(&err, "try %s", "this"));
    assert_false(rs_error_hint(&err, "or that"));
    assert_string_equal(err.hint, "try this");
    rs_error_clear(&err);
    assert_int_equal(err.code, RS_OK);
    assert_string_equal(err.message, "");
    assert_string_equal(err.hint, "");
    assert_false(rs_error_set(&err, RS_E_IO, "could not write"));
    assert_int_equal(err.code, RS_E_IO);
}

static void test_error__a_prefix_goes_before_what_is_recorded(void **state)
{
    struct rs_error err = {0};
    (void)state;
    rs_error_prefix(&err, "nothing is wrong");
    assert_string_equal(err.message, "");
    (void)rs_error_set(&err, RS_E_IO, "no room");
    rs_error_prefix(&err, "could not write \"%s\"", "out");
    assert_string_equal(err.message, "could not write \"out\": no room");
    assert_int_equal(err.code, RS_E_IO);
}

static void test_error__long_texts_are_cut(void **state)
{
    char text[2001];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t length = 0; length < sizeof text; length += length < 520 ? 1 : 97) {
        struct rs_error err = {0};
        (void)rs_error_set(&err, RS_E_INPUT, "%s", text + sizeof text - 1 - length);
        assert_int_equal(strlen(err.message),
                         length < sizeof err.message ? length : sizeof err.message - 1);
        (void)rs_error_hint(&err, "%s", text);
        assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
        rs_error_prefix(&err, "%s", text + sizeof text - 1 - length);
        assert_true(strlen(err.message) < sizeof err.message);
        for (int i = 0; i < 200; i++) {
            rs_error_prefix(&err, "could not do number %d", i);
        }
        assert_non_null(strstr(err.message, "could not do number 199: could not do number 198: "));
        assert_true(strlen(err.message) < sizeof err.message);
    }
}

static void test_error__errno_has_its_text(void **state)
{
    struct rs_error err = {0};
    (void)state;
    assert_false(rs_error_errno(&err, RS_E_IO, ENOENT, "open", "a b"));
    assert_string_equal(err.message, "could not open \"a b\": No such file or directory");
    rs_error_clear(&err);
    assert_false(rs_error_errno(&err, RS_E_IO, 99999, "open", "a"));
    assert_non_null(strstr(err.message, "99999"));
}

static void test_error__each_code_has_its_exit_status(void **state)
{
    static const struct {
        enum rs_code code;
        int status;
    } cases[] = {
        {RS_OK, 0},      {RS_E_USAGE, 2},   {RS_E_CONFIG, 2}, {RS_E_INPUT, 1}, {RS_E_IO, 1},
        {RS_E_LIMIT, 1}, {RS_E_PARTIAL, 3}, {RS_E_NET, 4},    {RS_E_BUSY, 75}, {RS_E_DATABASE, 1},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {.code = cases[i].code};
        assert_int_equal(rs_error_exit_status(&err), cases[i].status);
    }
    struct rs_error stopped = {.code = RS_E_INTERRUPTED, .signal_number = 15};
    assert_int_equal(rs_error_exit_status(&stopped), 143);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error__the_first_error_wins),
        cmocka_unit_test(test_error__a_prefix_goes_before_what_is_recorded),
        cmocka_unit_test(test_error__long_texts_are_cut),
        cmocka_unit_test(test_error__errno_has_its_text),
        cmocka_unit_test(test_error__each_code_has_its_exit_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
