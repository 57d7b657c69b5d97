/* days: which days --since and --until mean, and which folder's name is a day. */
#include <string.h>

#include "read/days.h"
#include "unit.h"

static void test_days__a_range_is_two_days_and_both_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *since;
        const char *until;
        int64_t day_ms;
        bool has;
    } cases[] = {
        {NULL, NULL, 0, true},
        {"", "", 1762128000000, true},
        {"2025-11-03", NULL, 1762128000000, true},
        {"2025-11-03", NULL, 1762041600000, false},
        {"2025-11-03", NULL, 9999936000000, true},
        {NULL, "2025-11-03", 1762128000000, true},
        {NULL, "2025-11-03", 1762214400000, false},
        {NULL, "2025-11-03", 0, true},
        {"2025-11-03", "2025-11-03", 1762128000000, true},
        {"2025-11-03", "2025-11-03", 1762214400000, false},
        {"2024-02-29", "2025-11-02", 1762041600000, true},
        {"2024-02-29", "2025-11-02", 1709164800000, true},
        {"2024-02-29", "2025-11-02", 1709078400000, false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_days days = {0};
        assert_true(rs_days_parse(cases[i].since, cases[i].until, &days, &err));
        if (rs_days_has(&days, cases[i].day_ms) != cases[i].has) {
            fail_msg("case %zu", i);
        }
    }
}

static void test_days__what_is_no_day_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *since;
        const char *until;
        const char *message;
    } cases[] = {
        {"2025-11-31", NULL, "option \"--since\": \"2025-11-31\" is no day"},
        {"2025-11-03T10:00", NULL, "option \"--since\": \"2025-11-03T10:00\" is no day"},
        {NULL, "yesterday", "option \"--until\": \"yesterday\" is no day"},
        {NULL, "2025-11-3", "option \"--until\": \"2025-11-3\" is no day"},
        {"1762128000000", NULL, "option \"--since\": \"1762128000000\" is no day"},
        {"2025-11-04", "2025-11-03", "--until=2025-11-03 is before --since=2025-11-04"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_days days = {0};
        assert_false(rs_days_parse(cases[i].since, cases[i].until, &days, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_string_not_equal(err.hint, "");
        assert_false(days.limited);
    }
}

static void test_days__the_first_folder_below_the_operand_tells_the_day(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t skip;
        int64_t day_ms; /* -1: none */
    } cases[] = {
        {"segment-logs/s/1762128000000/a.gz", 0, 1762128000000},
        {"1762128000000/a.gz", 0, 1762128000000},
        {"/1762128000000/x/y/a.gz", 0, 1762128000000},
        {"s3://b/1762128000000/a.gz", 6, 1762128000000},
        {"s3://b/17621/1762128000000/a.gz", 9, 1762128000000},
        {"1762041600000/1762128000000/a", 0, 1762041600000},
        {"1762041600000/1762128000000/a", 12, 1762041600000},
        {"1762041600000/1762128000000/a", 13, 1762128000000},
        {"1762041600000/1762128000000/a", 14, 1762128000000},
        {"1762041600000/1762128000000/a", 27, 1762128000000},
        {"1762041600000/x/a", 17, 1762041600000},
        {"x/1762128000000", 0, -1},   /* a file */
        {"x/1762128000001/a", 0, -1}, /* no midnight */
        {"x/176212800000/a", 0, -1},
        {"x/17621280000000/a", 0, -1},
        {"x/+762128000000/a", 0, -1},
        {"x/1762128000000.d/a", 0, -1},
        {"x/2025-11-03/a", 0, -1},
        {"", 0, -1},
        {"/", 0, -1},
        {"a", 5, -1},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        int64_t day_ms = -1;
        bool found = rs_days_of_path(rs_str_from(cases[i].path), cases[i].skip, &day_ms);
        if (found != (cases[i].day_ms >= 0) || day_ms != cases[i].day_ms) {
            fail_msg("%s: %lld", cases[i].path, (long long)day_ms);
        }
    }
}

static void test_days__a_set_knows_its_days(void **state)
{
    enum { DAY = 86400 };
    const int64_t day_us = (int64_t)DAY * 1000 * 1000;
    struct rs_day_set set = {0};
    (void)state;
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){INT64_MIN, INT64_MAX}));
    rs_day_set_add(&set, 5 * day_us + 10);
    rs_day_set_add(&set, 2 * day_us);
    rs_day_set_add(&set, 2 * day_us + 7);
    assert_int_equal(set.count, 2);
    assert_true(rs_day_set_meets(&set, &(struct rs_interval){2 * day_us, 3 * day_us}));
    assert_true(rs_day_set_meets(&set, &(struct rs_interval){0, 9 * day_us}));
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){3 * day_us, 5 * day_us}));
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){3 * day_us, 3 * day_us}));
    assert_false(
        rs_day_set_meets(&set, &(struct rs_interval){0, 2 * day_us})); /* before the first */
    assert_false(rs_day_set_meets(
        &set, &(struct rs_interval){5 * day_us + 11, 6 * day_us})); /* after the last */
    assert_true(rs_day_set_meets(&set, &(struct rs_interval){4 * day_us, 5 * day_us + 11}));
}

static void test_days__a_set_counts_days_before_1970_as_others(void **state)
{
    const int64_t day_us = (int64_t)86400 * 1000 * 1000;
    struct rs_day_set set = {0};
    (void)state;
    rs_day_set_add(&set, -1);
    rs_day_set_add(&set, 1);
    assert_int_equal(set.count, 2);
    assert_true(rs_day_set_meets(&set, &(struct rs_interval){-day_us, 0}));
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){-2 * day_us, -day_us}));
}

static void test_days__a_set_of_many_days_knows_the_first_and_the_last(void **state)
{
    const int64_t day_us = (int64_t)86400 * 1000 * 1000;
    struct rs_day_set set = {0};
    struct rs_day_set more = {0};
    (void)state;
    for (int day = 0; day < RS_DAY_SET_MAX; day++) {
        rs_day_set_add(&set, 2 * day * day_us);
    }
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){day_us, 2 * day_us}));
    rs_day_set_add(&more, 100 * day_us);
    rs_day_set_merge(&set, &more);
    assert_true(rs_day_set_meets(
        &set, &(struct rs_interval){day_us, 2 * day_us})); /* nobody knows any more */
    assert_false(rs_day_set_meets(&set, &(struct rs_interval){101 * day_us, 102 * day_us}));
    rs_day_set_merge(&more, &set);
    assert_true(more.count > RS_DAY_SET_MAX);
    assert_true(rs_day_set_meets(&more, &(struct rs_interval){0, 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days__a_range_is_two_days_and_both_are_taken),
        cmocka_unit_test(test_days__what_is_no_day_is_refused_by_name),
        cmocka_unit_test(test_days__the_first_folder_below_the_operand_tells_the_day),
        cmocka_unit_test(test_days__a_set_knows_its_days),
        cmocka_unit_test(test_days__a_set_counts_days_before_1970_as_others),
        cmocka_unit_test(test_days__a_set_of_many_days_knows_the_first_and_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
