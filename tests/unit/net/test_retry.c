/* What is tried again, and after which pause. */
#include "net/retry.h"

#include "unit.h"

static void test_retry__what_may_pass_is_worth_it(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *code;
        bool worth;
    } cases[] = {
        {500, "", true},
        {502, "", true},
        {503, "SlowDown", true},
        {504, "", true},
        {429, "", true},
        {408, "", true},
        {400, "RequestTimeout", true},
        {400, "Throttling", true},
        {400, "ThrottlingException", true},
        {400, "BadDigest", true},
        {400, "XAmzContentSHA256Mismatch", true},
        {200, "InternalError", true},
        {200, "", false},
        {301, "PermanentRedirect", false},
        {400, "", false},
        {400, "ExpiredToken", false},
        {403, "AccessDenied", false},
        {404, "NoSuchKey", false},
        {501, "NotImplemented", false},
        {0, "", false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (rs_retry_is_worth(cases[i].status, rs_str_from(cases[i].code)) != cases[i].worth) {
            fail_msg("%u %s", cases[i].status, cases[i].code);
        }
    }
}

static void test_retry__pauses_double_up_to_the_cap_with_full_jitter(void **state)
{
    (void)state;
    struct rs_retry_policy policy = {10, 500, 20000};
    static const unsigned longest[] = {500, 1000, 2000, 4000, 8000, 16000, 20000, 20000};
    for (unsigned attempt = 1; attempt <= RS_COUNTOF(longest); attempt++) {
        unsigned wanted = longest[attempt - 1];
        assert_int_equal(rs_retry_pause_ms(&policy, attempt, 0), 0);
        assert_int_equal(rs_retry_pause_ms(&policy, attempt, wanted), wanted);
        assert_int_equal(rs_retry_pause_ms(&policy, attempt, wanted + 1), 0);
        assert_true(rs_retry_pause_ms(&policy, attempt, UINT64_MAX) <= wanted);
    }
    assert_int_equal(rs_retry_pause_ms(&policy, 4000000000U, 20000), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry__what_may_pass_is_worth_it),
        cmocka_unit_test(test_retry__pauses_double_up_to_the_cap_with_full_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
