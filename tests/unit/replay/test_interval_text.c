/* interval_text: intervals and lengths of time, as options say them. */
#include "replay/interval_text.h"

#include "unit.h"

#define HOUR_US ((int64_t)3600 * 1000 * 1000)

static void test_interval_text__is_from_one_instant_to_before_another(void **state)
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
        struct rs_interval interval = {0, 0};
        assert_true(rs_interval_parse(cases[i].from, cases[i].to, &interval, &err));
        assert_int_equal(interval.from_us, cases[i].from_us);
        assert_int_equal(interval.to_us, cases[i].to_us);
    }
}

static void test_interval_text__of_nothing_or_no_times_is_refused(void **state)
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
        struct rs_interval interval = {1, 2};
        assert_false(rs_interval_parse(cases[i].from, cases[i].to, &interval, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_string_not_equal(err.hint, "");
        assert_int_equal(interval.from_us, 1);
    }
}

static void test_interval_text__lengths_have_a_unit(void **state)
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
        bool ok = rs_duration_parse("--window", cases[i].text, &us, &err);
        if (ok != (cases[i].us >= 0) || us != cases[i].us) {
            fail_msg("\"%s\": %lld", cases[i].text, (long long)us);
        }
        assert_int_equal(err.code, ok ? RS_OK : RS_E_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_text__is_from_one_instant_to_before_another),
        cmocka_unit_test(test_interval_text__of_nothing_or_no_times_is_refused),
        cmocka_unit_test(test_interval_text__lengths_have_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
