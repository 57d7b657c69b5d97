/*
 * When there is colour, and when there is a progress bar.
 */
#include "cli/output.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static void test_output__colour_follows_option_terminal_and_no_color(void **state)
{
    static const struct {
        enum rs_when when;
        bool is_terminal;
        const char *no_color;
        const char *term;
        bool color;
    } cases[] = {
        {RS_WHEN_AUTO, true, NULL, "xterm", true},   {RS_WHEN_AUTO, false, NULL, "xterm", false},
        {RS_WHEN_AUTO, true, "1", "xterm", false},   {RS_WHEN_AUTO, true, "", "xterm", true},
        {RS_WHEN_AUTO, true, NULL, "dumb", false},   {RS_WHEN_AUTO, true, NULL, NULL, false},
        {RS_WHEN_AUTO, true, NULL, "", false},       {RS_WHEN_ALWAYS, false, "1", NULL, true},
        {RS_WHEN_NEVER, true, NULL, "xterm", false},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(rs_output_wants_color(cases[i].when, cases[i].is_terminal,
                                               cases[i].no_color, cases[i].term),
                         cases[i].color);
    }
}

static void test_output__progress_follows_option_and_terminal(void **state)
{
    static const struct {
        enum rs_when when;
        bool is_terminal;
        const char *term;
        bool progress;
    } cases[] = {
        {RS_WHEN_AUTO, true, "xterm", true},   {RS_WHEN_AUTO, true, "dumb", false},
        {RS_WHEN_AUTO, false, "xterm", false}, {RS_WHEN_ALWAYS, false, NULL, true},
        {RS_WHEN_NEVER, true, "xterm", false},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(
            rs_output_wants_progress(cases[i].when, cases[i].is_terminal, cases[i].term),
            cases[i].progress);
    }
}

static void test_output__symbols_follow_the_locale(void **state)
{
    (void)state;
    assert_true(rs_output_is_utf8("C.UTF-8", NULL, NULL));
    assert_true(rs_output_is_utf8(NULL, "de_DE.utf8", "C"));
    assert_true(rs_output_is_utf8(NULL, NULL, "en_US.utf-8"));
    assert_false(rs_output_is_utf8("C", "C.UTF-8", "C.UTF-8"));
    assert_false(rs_output_is_utf8(NULL, NULL, "de_DE.ISO-8859-1"));
    assert_false(rs_output_is_utf8(NULL, NULL, NULL));
}

static void test_output__a_pipe_is_no_terminal_and_80_columns_wide(void **state)
{
    int fds[2] = {-1, -1};
    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_false(rs_output_is_terminal(fds[1]));
    assert_int_equal(rs_output_columns(fds[1]), 80);
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(close(fds[1]), 0);
}

static void test_output__a_full_disk_is_an_error(void **state)
{
    struct rs_error err = {0};
    int saved = dup(STDOUT_FILENO);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;
    if (full < 0) {
        skip(); /* not on this system */
    }
    assert_true(rs_output_flush(&err));
    assert_true(dup2(full, STDOUT_FILENO) >= 0);
    bool ok = rs_output_write(RS_STR("text\n"), &err) && rs_output_flush(&err);
    clearerr(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    assert_int_equal(close(saved), 0);
    assert_int_equal(close(full), 0);
    assert_false(ok);
    assert_int_equal(err.code, RS_E_IO);
    assert_non_null(strstr(err.message, "could not write standard output: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output__colour_follows_option_terminal_and_no_color),
        cmocka_unit_test(test_output__progress_follows_option_and_terminal),
        cmocka_unit_test(test_output__symbols_follow_the_locale),
        cmocka_unit_test(test_output__a_pipe_is_no_terminal_and_80_columns_wide),
        cmocka_unit_test(test_output__a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
