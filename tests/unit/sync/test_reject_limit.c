/*
 * How many lines may be rejects.
 */
#include "sync/reject_limit.h"

#include "unit.h"

static void test_reject_limit__is_a_number_or_a_share(void **state)
{
    static const struct {
        const char *text; /* NULL: the default */
        uint64_t events;
        uint64_t rejects;
        bool allows;
    } cases[] = {
        {NULL, 0, 0, true},         {NULL, 1000000, 7, true},     {NULL, 900, 100, true},
        {NULL, 900, 101, false},    {NULL, 10, 10, true},         {NULL, 9, 10, false},
        {NULL, 11, 11, false},      {NULL, 0, 1, false},          {NULL, 3, 1000, false},
        {"0", 5, 0, true},          {"0", 5, 1, false},           {"5", 0, 5, true},
        {"5", 1000, 6, false},      {"0%", 5, 0, true},           {"0%", 1000000, 1, false},
        {"5%", 95, 5, true},        {"5%", 94, 6, false},         {"0.5%", 995, 5, true},
        {"0.5%", 994, 6, false},    {"0.0001%", 999999, 1, true}, {"99.9999%", 0, 9, false},
        {"100%", 0, 1000000, true}, {"100.0%", 0, 1, true},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_reject_limit limit = {0};
        struct rs_error err = {0};
        assert_true(rs_reject_limit_parse(cases[i].text, &limit, &err));
        if (rs_reject_limit_allows(&limit, cases[i].events, cases[i].rejects) != cases[i].allows) {
            fail_msg("case %zu", i);
        }
    }
}

static void test_reject_limit__of_another_form_is_an_error_of_usage(void **state)
{
    static const char *const wrong[] = {"",    "%",        "-1",  "x",   "5 %",    "101%", "1e2",
                                        "5.5", "0.00001%", ".5%", "5.%", "100.1%", "5%%"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(wrong); i++) {
        struct rs_reject_limit limit = {0};
        struct rs_error err = {0};
        if (rs_reject_limit_parse(wrong[i], &limit, &err)) {
            fail_msg("\"%s\" is taken", wrong[i]);
        }
        assert_int_equal(err.code, RS_E_USAGE);
        assert_true(err.hint[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reject_limit__is_a_number_or_a_share),
        cmocka_unit_test(test_reject_limit__of_another_form_is_an_error_of_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
