/* range: times, lengths and hours as options say them, and how long to rest. */
#include "replay/interval_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR_US ((int64_t)3600 * 1000 * 1000)

static void test_range__is_from_one_instant_to_before_another(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        int64_t from_us;
        int64_t to_us;
    } cases[] = {
        {"1970-01-01", "1970-01-02", 0, RS_DAY_US},
        {"1970-01-01T06:00:00Z", "1970-01-01T08:00:00+01:00", 6 * HOUR_US, 7 * HOUR_US},
        {"1969-12-31", "1970-01-01T00:00", -RS_DAY_US, 0},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_range range = {0, 0};
        assert_true(rs_range_parse(cases[i].from, cases[i].to, &range, &err));
        assert_int_equal(range.from_us, cases[i].from_us);
        assert_int_equal(range.to_us, cases[i].to_us);
    }
}

static void test_range__of_nothing_or_no_times_is_refused(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *message;
    } cases[] = {
        {"today", "2026-01-02", "option \"--from\": \"today\" is no time"},
        {"2026-01-01", "2026-13-01", "option \"--to\": \"2026-13-01\" is no time"},
        {"2026-01-02", "2026-01-02", "--to=2026-01-02 is not after --from=2026-01-02"},
        {"2026-01-02", "2026-01-01", "--to=2026-01-01 is not after --from=2026-01-02"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_range range = {1, 2};
        assert_false(rs_range_parse(cases[i].from, cases[i].to, &range, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_string_not_equal(err.hint, "");
        assert_int_equal(range.from_us, 1);
    }
}

static void test_range__lengths_have_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* negative: refused */
    } cases[] = {
        {"0s", 0},
        {"90s", 90 * 1000000},
        {"30m", HOUR_US / 2},
        {"6h", 6 * HOUR_US},
        {"1d", RS_DAY_US},
        {"2w", 14 * RS_DAY_US},
        {"1000000d", 1000000 * RS_DAY_US},
        {"", -1},
        {"d", -1},
        {"1", -1},
        {"-1d", -1},
        {"1x", -1},
        {"1.5d", -1},
        {"1000001d", -1},
        {"1 d", -1},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        int64_t us = -1;
        bool ok = rs_range_parse_length("--window", cases[i].text, &us, &err);
        if (ok != (cases[i].us >= 0) || us != cases[i].us) {
            fail_msg("\"%s\": %lld", cases[i].text, (long long)us);
        }
        assert_int_equal(err.code, ok ? RS_OK : RS_E_USAGE);
    }
}

static void test_range__hours_go_over_midnight(void **state)
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

static void test_range__what_is_no_part_of_a_day_is_refused(void **state)
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

static void test_range__a_rate_asks_for_rest_when_rows_came_too_soon(void **state)
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
        cmocka_unit_test(test_range__is_from_one_instant_to_before_another),
        cmocka_unit_test(test_range__of_nothing_or_no_times_is_refused),
        cmocka_unit_test(test_range__lengths_have_a_unit),
        cmocka_unit_test(test_range__hours_go_over_midnight),
        cmocka_unit_test(test_range__what_is_no_part_of_a_day_is_refused),
        cmocka_unit_test(test_range__a_rate_asks_for_rest_when_rows_came_too_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
