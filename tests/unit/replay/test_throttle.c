/* throttle: hours of the day, and how long to rest. */
#include "replay/throttle.h"

#include "unit.h"

#define HOUR_US ((int64_t)3600 * 1000 * 1000)

static void test_throttle__hours_go_over_midnight(void **state)
{
    static const struct {
        const char *hours;
        int64_t now_h; /* since 1970 */
        int64_t wait_h;
    } cases[] = {
        {"22:00-06:00", 21, 1},  {"22:00-06:00", 22, 0}, {"22:00-06:00", 29, 0},
        {"22:00-06:00", 30, 16}, {"09:00-17:00", 8, 1},  {"09:00-17:00", 9, 0},
        {"09:00-17:00", 17, 16}, {"09:00-17:00", 48, 9}, {"00:00-24:00", 23, 0},
        {"22:00-24:00", 24, 22},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_hours hours = {0};
        assert_true(rs_hours_parse(cases[i].hours, &hours, &err));
        int64_t wait = rs_hours_wait_us(&hours, cases[i].now_h * HOUR_US);
        if (wait != cases[i].wait_h * HOUR_US) {
            fail_msg("%s at %lld: %lld", cases[i].hours, (long long)cases[i].now_h,
                     (long long)(wait / HOUR_US));
        }
    }
    assert_int_equal(rs_hours_wait_us(&(struct rs_hours){0}, 5), 0);
}

static void test_throttle__what_is_no_part_of_a_day_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "22-06",
                                        "22:00",
                                        "22:00-22:00",
                                        "25:00-06:00",
                                        "22:60-06:00",
                                        "24:01-06:00",
                                        "2:00-06:00",
                                        "22:00 06:00",
                                        "22:00-06:000"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        struct rs_error err = {0};
        struct rs_hours hours = {0};
        if (rs_hours_parse(texts[i], &hours, &err)) {
            fail_msg("\"%s\" was taken", texts[i]);
        }
        assert_int_equal(err.code, RS_E_USAGE);
    }
}

static void test_throttle__a_rate_asks_for_rest_when_rows_came_too_soon(void **state)
{
    (void)state;
    assert_int_equal(rs_rate_rest_us(1000, 0, 0), 0);
    assert_int_equal(rs_rate_rest_us(1000, 0, 100), 10000000);
    assert_int_equal(rs_rate_rest_us(1000, 4000000, 100), 6000000);
    assert_int_equal(rs_rate_rest_us(1000, 10000000, 100), 0);
    assert_int_equal(rs_rate_rest_us(0, 0, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttle__hours_go_over_midnight),
        cmocka_unit_test(test_throttle__what_is_no_part_of_a_day_is_refused),
        cmocka_unit_test(test_throttle__a_rate_asks_for_rest_when_rows_came_too_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
