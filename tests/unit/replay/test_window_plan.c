/* window_plan: windows of an interval, and which inputs each of them reads. */
#include "replay/window_plan.h"

#include "unit.h"

enum { DAY_MS = 86400000, DAYS = 5 };

/* Windows of a day over days 1 to 5 since 1970, and no inputs. */
static struct rs_window_plan plan_of_days(void)
{
    const struct rs_interval interval = {RS_DAY_US, (DAYS + 1) * RS_DAY_US};
    struct rs_window_plan plan;
    struct rs_error err = {0};
    assert_true(rs_window_plan_init(&plan, &interval, RS_DAY_US, &err));
    assert_int_equal(plan.count, DAYS);
    return plan;
}

/* What an input holds: something at noon of each of these days. */
static struct rs_day_set seen_on(const int *days, size_t count)
{
    struct rs_day_set set = {.known = true};
    for (size_t i = 0; i < count; i++) {
        rs_day_set_add(&set, days[i] * RS_DAY_US + RS_DAY_US / 2);
    }
    return set;
}

#define SEEN(...)                                                                                  \
    seen_on((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void test_window_plan__cuts_an_interval_and_the_last_window_is_shorter(void **state)
{
    const struct rs_interval interval = {100, 1350};
    struct rs_window_plan plan;
    struct rs_error err = {0};
    (void)state;
    assert_true(rs_window_plan_init(&plan, &interval, 500, &err));
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.windows[0].interval.from_us, 100);
    assert_int_equal(plan.windows[1].interval.from_us, 600);
    assert_int_equal(plan.windows[1].interval.to_us, 1100);
    assert_int_equal(plan.windows[2].interval.to_us, 1350);
    assert_int_equal(rs_window_plan_find(&plan, &(struct rs_interval){600, 1100}), 1);
    assert_int_equal(rs_window_plan_find(&plan, &(struct rs_interval){1100, 1350}), 2);
    assert_true(rs_window_plan_find(&plan, &(struct rs_interval){1100, 1600}) == SIZE_MAX);
    assert_true(rs_window_plan_find(&plan, &(struct rs_interval){0, 500}) == SIZE_MAX);
    rs_window_plan_release(&plan);
}

static void test_window_plan__too_many_windows_are_refused(void **state)
{
    const struct rs_interval interval = {0, (int64_t)RS_WINDOWS_MAX + 1};
    struct rs_window_plan plan;
    struct rs_error err = {0};
    (void)state;
    assert_false(rs_window_plan_init(&plan, &interval, 1, &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_window_plan_release(&plan);
}

static void test_window_plan__folders_of_days_are_read_for_their_days(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    static const struct {
        int64_t day; /* negative: in no folder of a day */
        const char *windows;
    } cases[] = {
        {0, "x...."}, {1, "x...."}, {2, ".x..."}, {5, "....x"}, {6, "....x"}, {-1, "xxxxx"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        rs_window_plan_add_input(&plan, cases[i].day >= 0, cases[i].day * DAY_MS, 1);
        for (size_t window = 0; window < DAYS; window++) {
            if (rs_window_plan_takes(&plan, window, 1, i) != (cases[i].windows[window] == 'x')) {
                fail_msg("day %lld, window %zu", (long long)cases[i].day, window);
            }
        }
    }
    rs_window_plan_release(&plan);
}

static void test_window_plan__what_was_read_is_read_again_only_for_its_days(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    struct rs_day_set seen = SEEN(1, 3);
    (void)state;
    rs_window_plan_add_input(&plan, false, 0, 7);
    rs_window_plan_learn(&plan, 0, 1, 0, &seen);
    rs_window_plan_done(&plan, 0, 1);
    size_t first = 0;
    assert_int_equal(rs_window_plan_next(&plan, 10, &first), 1);
    assert_int_equal(first, 2); /* day 3 */
    assert_true(plan.windows[1].done);
    rs_window_plan_done(&plan, 2, 1);
    assert_int_equal(rs_window_plan_next(&plan, 10, &first), 0);
    rs_window_plan_release(&plan);
}

static void test_window_plan__neighbours_are_taken_together(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    size_t first = 99;
    (void)state;
    rs_window_plan_add_input(&plan, false, 0, 1);
    assert_int_equal(rs_window_plan_next(&plan, 2, &first), 2);
    assert_int_equal(first, 0);
    rs_window_plan_done(&plan, 2, 1);
    assert_int_equal(rs_window_plan_next(&plan, 4, &first), 2); /* not past the one that is done */
    rs_window_plan_done(&plan, 0, 2);
    assert_int_equal(rs_window_plan_next(&plan, 4, &first), 2);
    assert_int_equal(first, 3);
    rs_window_plan_release(&plan);
}

static void put_window(void *arg, size_t window)
{
    char *seen = arg;
    seen[window] = 'x';
}

static void test_window_plan__a_stray_makes_its_window_read_the_input_once_more(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    struct rs_day_set seen = SEEN(1, 2, 4);
    char strays[DAYS + 1] = ".....";
    size_t first = 0;
    size_t inputs = 0;
    (void)state;
    rs_window_plan_add_input(&plan, true, 1 * (int64_t)DAY_MS, 10);
    rs_window_plan_add_input(&plan, true, 2 * (int64_t)DAY_MS, 20);
    rs_window_plan_done(&plan, 0, 1); /* day 1, without the second input */
    rs_window_plan_strays(&plan, 1, 1, 1, &seen, put_window, strays);
    assert_string_equal(strays, "x..x.");
    rs_window_plan_learn(&plan, 1, 1, 1, &seen);
    rs_window_plan_done(&plan, 1, 1);
    assert_int_equal(rs_window_plan_next(&plan, 1, &first), 1);
    assert_int_equal(first, 0);
    assert_int_equal(rs_window_plan_bytes(&plan, 0, &inputs), 30);
    assert_int_equal(inputs, 2);
    assert_int_equal(rs_window_plan_bytes_left(&plan, 0, 1, 0), 20); /* day 4, with its stray */
    /* Read once more, it makes no window to be done that was not to be. */
    rs_window_plan_learn(&plan, 0, 1, 1, &seen);
    rs_window_plan_done(&plan, 0, 1);
    assert_int_equal(rs_window_plan_next(&plan, 1, &first), 1);
    assert_int_equal(first, 3);
    rs_window_plan_done(&plan, 3, 1);
    assert_int_equal(rs_window_plan_next(&plan, 1, &first), 0);
    rs_window_plan_release(&plan);
}

static void test_window_plan__looks_into_the_next_day_once_a_day_was_done_too_early(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    struct rs_day_set seen = SEEN(1, 2);
    (void)state;
    for (int64_t day = 1; day <= DAYS; day++) {
        rs_window_plan_add_input(&plan, true, day * DAY_MS, 1);
    }
    assert_false(rs_window_plan_takes(&plan, 2, 1, 3));
    rs_window_plan_done(&plan, 0, 1);
    rs_window_plan_learn(&plan, 1, 1, 1, &seen);
    assert_true(plan.ahead);
    assert_true(rs_window_plan_takes(&plan, 2, 1, 3));
    assert_false(rs_window_plan_takes(&plan, 2, 1, 4));
    rs_window_plan_release(&plan);
}

static void test_window_plan__a_stray_ahead_of_its_window_is_no_reason_to_look_ahead(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    struct rs_day_set seen = SEEN(1, 2);
    (void)state;
    rs_window_plan_add_input(&plan, true, (int64_t)DAY_MS, 1);
    rs_window_plan_learn(&plan, 0, 1, 0, &seen);
    assert_false(plan.ahead);
    assert_true(rs_window_plan_takes(&plan, 1, 1, 0));
    rs_window_plan_release(&plan);
}

static void test_window_plan__each_input_tells_its_rejects_in_one_window(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    (void)state;
    rs_window_plan_add_input(&plan, true, 3 * (int64_t)DAY_MS, 1);
    rs_window_plan_add_input(&plan, false, 0, 1);
    assert_true(rs_window_plan_is_told(&plan, 0, 2, 0));
    assert_false(rs_window_plan_is_told(&plan, 2, 1, 0));
    assert_false(rs_window_plan_is_told(&plan, 0, 5, 0));
    assert_false(rs_window_plan_is_told(&plan, 0, 1, 1));
    assert_true(rs_window_plan_is_told(&plan, 1, 4, 1));
    rs_window_plan_done(&plan, 2, 1);
    assert_true(rs_window_plan_is_told(&plan, 2, 1, 0)); /* also when it is done again */
    rs_window_plan_release(&plan);
}

static void test_window_plan__what_was_read_ahead_still_tells_its_rejects(void **state)
{
    const struct rs_day_set nothing = {.known = true};
    struct rs_window_plan plan = plan_of_days();
    (void)state;
    rs_window_plan_add_input(&plan, true, 3 * (int64_t)DAY_MS, 1); /* has no event at all */
    plan.ahead = true;
    assert_true(rs_window_plan_takes(&plan, 1, 1, 0));
    assert_true(rs_window_plan_is_told(&plan, 1, 1, 0));
    rs_window_plan_learn(&plan, 1, 1, 0, &nothing);
    rs_window_plan_done(&plan, 1, 1);
    assert_true(rs_window_plan_takes(&plan, 2, 1, 0));
    assert_false(rs_window_plan_is_told(&plan, 2, 1, 0));
    rs_window_plan_done(&plan, 2, 1);
    assert_false(rs_window_plan_takes(&plan, 2, 1, 0));
    rs_window_plan_release(&plan);
}

static void test_window_plan__what_the_ledger_says_is_wanted_is_read(void **state)
{
    struct rs_window_plan plan = plan_of_days();
    (void)state;
    rs_window_plan_add_input(&plan, true, 1 * (int64_t)DAY_MS, 1);
    assert_false(rs_window_plan_takes(&plan, 4, 1, 0));
    rs_window_plan_want(&plan, 4, 0);
    rs_window_plan_want(&plan, 4, 0);
    assert_true(rs_window_plan_takes(&plan, 4, 1, 0));
    assert_int_equal(plan.inputs[0].wanted_count, 1);
    rs_window_plan_release(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_plan__cuts_an_interval_and_the_last_window_is_shorter),
        cmocka_unit_test(test_window_plan__too_many_windows_are_refused),
        cmocka_unit_test(test_window_plan__folders_of_days_are_read_for_their_days),
        cmocka_unit_test(test_window_plan__what_was_read_is_read_again_only_for_its_days),
        cmocka_unit_test(test_window_plan__neighbours_are_taken_together),
        cmocka_unit_test(test_window_plan__a_stray_makes_its_window_read_the_input_once_more),
        cmocka_unit_test(test_window_plan__looks_into_the_next_day_once_a_day_was_done_too_early),
        cmocka_unit_test(test_window_plan__a_stray_ahead_of_its_window_is_no_reason_to_look_ahead),
        cmocka_unit_test(test_window_plan__each_input_tells_its_rejects_in_one_window),
        cmocka_unit_test(test_window_plan__what_was_read_ahead_still_tells_its_rejects),
        cmocka_unit_test(test_window_plan__what_the_ledger_says_is_wanted_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
