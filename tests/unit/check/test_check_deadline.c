#include "check/engine/check_deadline.h"

#include <string.h>

#include "fake_env.h"
#include "unit.h"

static void test_check_deadline__it_ends_and_says_so(void **state)
{
    struct fake_env fake;
    struct rs_error err = {0};
    (void)state;
    fake_env_init(&fake);
    struct rs_check_deadline *deadline = rs_check_deadline_new(&fake.env);
    const struct rs_env *env = rs_check_deadline_env(deadline);
    assert_false(env->interrupted(env));
    rs_check_deadline_set(deadline, 1);
    while (!env->interrupted(env)) {
    }
    assert_false(rs_env_check_interrupt(env, &err));
    rs_check_deadline_explain(deadline, "the server did not answer", &err);
    assert_int_equal(err.code, RS_E_NET);
    assert_string_equal(err.message, "the server did not answer in 0.0 s");
    rs_check_deadline_set(deadline, 0);
    assert_false(env->interrupted(env));

    fake.stop = true; /* a signal is one */
    rs_error_clear(&err);
    assert_false(rs_env_check_interrupt(env, &err));
    rs_check_deadline_explain(deadline, "the server did not answer", &err);
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    rs_check_deadline_free(deadline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_deadline__it_ends_and_says_so),
    };
    return cmocka_run_group_tests_name("check_deadline", tests, NULL, NULL);
}
