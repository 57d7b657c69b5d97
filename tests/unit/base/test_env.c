/* The system's environment; signals are sent to a child, so that they stay there. */
#include "base/env.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_env.h"
#include "unit.h"

static void test_env__clocks_go_forward_and_sleep_sleeps(void **state)
{
    struct rs_env env;
    (void)state;
    rs_env_init_system(&env, "rs-test");
    assert_string_equal(env.log.tool, "rs-test");
    assert_int_equal(env.log.fd, STDERR_FILENO);
    assert_int_equal(env.log.level, RS_LOG_NOTICE);
    assert_true(env.now_us(&env) > INT64_C(1700000000000000));
    int64_t before = env.monotonic_us(&env);
    env.sleep_ms(&env, 3);
    assert_true(env.monotonic_us(&env) - before >= 3000);
    assert_true(env.random_u64(&env) != env.random_u64(&env));
    assert_int_equal(setenv("RS_TEST_ENV_VARIABLE", "here", 1), 0);
    assert_string_equal(env.getenv(&env, "RS_TEST_ENV_VARIABLE"), "here");
    assert_int_equal(unsetenv("RS_TEST_ENV_VARIABLE"), 0);
    assert_null(env.getenv(&env, "RS_TEST_ENV_VARIABLE"));
}

/* In a child: its exit status says what was wrong. */
static int be_interrupted(int number)
{
    struct rs_error err = {0};
    struct rs_env env;
    rs_env_init_system(&env, "rs-test");
    rs_env_catch_signals();
    if (env.interrupted(&env) || !rs_env_check_interrupt(&env, &err) || err.code != RS_OK) {
        return 100;
    }
    (void)raise(SIGPIPE); /* ignored */
    if (env.interrupted(&env)) {
        return 101;
    }
    (void)raise(number);
    if (!env.interrupted(&env) || rs_env_check_interrupt(&env, &err)) {
        return 102;
    }
    if (err.code != RS_E_INTERRUPTED || err.signal_number != number || !err.hint[0]) {
        return 103;
    }
    return rs_error_exit_status(&err);
}

static void test_env__a_signal_asks_to_stop(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(numbers); i++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(be_interrupted(numbers[i]));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 128 + numbers[i]);
    }
}

static void test_env__a_second_signal_ends_at_once(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        rs_env_catch_signals();
        (void)raise(SIGINT);
        (void)raise(SIGINT);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
}

static bool always(const struct rs_env *env)
{
    (void)env;
    return true;
}

static void test_env__a_fake_can_interrupt_too(void **state)
{
    struct rs_error err = {0};
    struct rs_env env;
    (void)state;
    rs_env_init_system(&env, "rs-test");
    env.interrupted = always;
    assert_false(rs_env_check_interrupt(&env, &err));
    assert_int_equal(rs_error_exit_status(&err), 128 + SIGINT);
}

static void test_env__a_pause_is_cut_into_slices_and_ends_with_a_signal(void **state)
{
    struct fake_env fake;
    struct rs_error err = {0};
    (void)state;
    fake_env_init(&fake);
    assert_true(rs_env_pause(&fake.env, 0, &err));
    assert_int_equal(fake.slept_ms, 0);
    assert_true(rs_env_pause(&fake.env, 250, &err));
    assert_int_equal(fake.slept_ms, 250);
    fake.stop_after_ms = 300;
    assert_false(rs_env_pause(&fake.env, 60000, &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    assert_int_equal(fake.slept_ms, 350);
}

static void test_env__an_empty_variable_is_none(void **state)
{
    struct fake_env fake;
    (void)state;
    fake_env_init(&fake);
    fake_env_set(&fake, "RS_ONE", "1");
    fake_env_set(&fake, "RS_NONE", "");
    assert_string_equal(rs_env_variable(&fake.env, "RS_ONE"), "1");
    assert_null(rs_env_variable(&fake.env, "RS_NONE"));
    assert_null(rs_env_variable(&fake.env, "RS_UNSET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_env__clocks_go_forward_and_sleep_sleeps),
        cmocka_unit_test(test_env__a_signal_asks_to_stop),
        cmocka_unit_test(test_env__a_second_signal_ends_at_once),
        cmocka_unit_test(test_env__a_fake_can_interrupt_too),
        cmocka_unit_test(test_env__a_pause_is_cut_into_slices_and_ends_with_a_signal),
        cmocka_unit_test(test_env__an_empty_variable_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
