/* Timestamps: what is one and what is not, the instant it stands for, and how it is written. */
#include "base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define DAY_US INT64_C(86400000000)

/* Parse a copy that ends where its memory ends. */
static bool parse(const char *text, int64_t *us)
{
    size_t length = strlen(text);
    char *copy = malloc(length + !length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    bool ok = rs_timefmt_parse((struct rs_str){copy, length}, us);
    free(copy);
    return ok;
}

static void format(int64_t us, char out[RS_TIMEFMT_MAX + 1])
{
    memset(out, 'x', RS_TIMEFMT_MAX + 1);
    size_t length = rs_timefmt_format(us, out);
    assert_true(length <= RS_TIMEFMT_MAX);
    assert_int_equal(out[RS_TIMEFMT_MAX], 'x');
    out[length] = '\0';
}

static void test_timefmt__every_shape_of_the_contract_is_read_as_utc(void **state)
{
    static const struct {
        const char *text;
        const char *utc;
    } cases[] = {
        {"2026-11-23", "2026-11-23 00:00:00"},
        {"2026-11-23T17:04", "2026-11-23 17:04:00"},
        {"2026-11-23 17:04", "2026-11-23 17:04:00"},
        {"2026-11-23T17:04:05", "2026-11-23 17:04:05"},
        {"2026-11-23 17:04:05", "2026-11-23 17:04:05"},
        {"2026-11-23T17:04:05.6", "2026-11-23 17:04:05.6"},
        {"2026-11-23T17:04:05.678Z", "2026-11-23 17:04:05.678"},
        {"2026-11-23T17:04:05.678901Z", "2026-11-23 17:04:05.678901"},
        {"2026-11-23T17:04:05.6789019Z", "2026-11-23 17:04:05.678901"},
        {"2026-11-23T17:04:05.000000999999999999999999", "2026-11-23 17:04:05"},
        {"2026-11-23T17:04:05.000Z", "2026-11-23 17:04:05"},
        {"2026-11-23T17:04:05.010Z", "2026-11-23 17:04:05.01"},
        {"2026-11-23T17:04Z", "2026-11-23 17:04:00"},
        {"2026-11-23T17:04:05Z", "2026-11-23 17:04:05"},
        {"2026-11-23T17:04:05.678+01:00", "2026-11-23 16:04:05.678"},
        {"2026-11-23T17:04:05.678-01:00", "2026-11-23 18:04:05.678"},
        {"2026-11-23T17:04:05+0130", "2026-11-23 15:34:05"},
        {"2026-11-23T17:04:05-0130", "2026-11-23 18:34:05"},
        {"2026-11-23T17:04:05+01", "2026-11-23 16:04:05"},
        {"2026-11-23T17:04+01", "2026-11-23 16:04:00"},
        {"2026-11-23 17:04-0930", "2026-11-24 02:34:00"},
        {"2026-11-23T00:00+00:01", "2026-11-22 23:59:00"},
        {"2026-11-23T00:00:00+23:59", "2026-11-22 00:01:00"},
        {"2026-12-31T23:00:00-01:00", "2027-01-01 00:00:00"},
        {"2024-02-29", "2024-02-29 00:00:00"},
        {"2000-02-29", "2000-02-29 00:00:00"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31 23:59:59.999999"},
        {"1970-01-01", "1970-01-01 00:00:00"},
        {"0001-01-01", "0001-01-01 00:00:00"},
        {"0001-01-01T01:00+01:00", "0001-01-01 00:00:00"},
        {"9999-12-31T23:59:59.9999999", "9999-12-31 23:59:59.999999"},
        {"9999-12-31T22:59:59-01:00", "9999-12-31 23:59:59"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        int64_t us = 0;
        char text[RS_TIMEFMT_MAX + 1];
        if (!parse(cases[i].text, &us)) {
            fail_msg("%s is a timestamp", cases[i].text);
        }
        format(us, text);
        assert_string_equal(text, cases[i].utc);
    }
}

static const char *const no_timestamps[] = {
    "",
    "2",
    "2026-11-2",
    "2026-11",
    "17:04",
    "20261123",
    "2026-11-23t",
    "2026-11-23T",
    "2026-11-23 ",
    "2026-11-23Z",
    "2026-11-23+01",
    "2026-11-23-01",
    "2026-11-23-0130",
    "2026-11-231",
    " 2026-11-23",
    "2026-11-23t17:04",
    "2026-11-23T17",
    "2026-11-23T17Z",
    "2026-11-23T17:",
    "2026-11-23T17:0",
    "2026-11-23T1704",
    "2026-11-23T170405",
    "2026-11-23T17:04:",
    "2026-11-23T17:04:0",
    "2026-11-23T17:04:05.",
    "2026-11-23T17:04:05.Z",
    "2026-11-23T17:04:05,678Z",
    "2026-11-23T17:04.5",
    "2026-11-23T17:04:05z",
    "2026-11-23T17:04:05 Z",
    "2026-11-23T17:04:05ZZ",
    "2026-11-23T17:04:05Z ",
    "2026-11-23T17:04:05+",
    "2026-11-23T17:04:05+1",
    "2026-11-23T17:04:05+010",
    "2026-11-23T17:04:05+01:0",
    "2026-11-23T17:04:05+01:000",
    "2026-11-23T17:04:05+0a",
    "2026-11-23T17:04:05+01-30",
    "2026-11-23T17:04:05+24:00",
    "2026-11-23T17:04:05+01:60",
    "2026-11-23T17:04:05 +01:00",
    "2026-11-23T17:04:05.678 UTC",
    "2026-11-23  17:04",
    "2026-11-23T24:00:00",
    "2026-11-23T17:60:00",
    "2026-11-23T17:04:60",
    "2026-11-23T17:04:61",
    "2026-13-23",
    "2026-00-23",
    "2026-11-00",
    "2026-11-31",
    "2026-11-32",
    "2026-02-29",
    "2026-02-30",
    "1900-02-29",
    "2100-02-29",
    "2026-04-31",
    "0000-01-01",
    "0000-12-31T23:59-00:01",
    "0001-01-01T00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "2026/11/23",
    "2026-11/23",
    "2026:11-23",
    "-026-11-23",
    "+026-11-23",
    "2 26-11-23",
    "2026-1:-23",
    "2026-11-2/",
    "2026-11-23T1:04:05",
    "2026-11-23T17:04:0:",
    "2026-11-23T17:04:05.+1",
    "\xff\xff\xff\xff-\xff\xff-\xff\xff",
    "2026-11-23T17:04\xba\x30\x35",
    "\xb2\xb0\xb2\xb6-11-23",
    "1795453445678",
};

static void test_timefmt__anything_else_is_no_timestamp(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(no_timestamps); i++) {
        int64_t us = 42;
        if (parse(no_timestamps[i], &us)) {
            fail_msg("\"%s\" is no timestamp", no_timestamps[i]);
        }
        assert_int_equal(us, 42);
    }
}

static void test_timefmt__every_byte_in_the_wrong_place_is_refused(void **state)
{
    static const char good[] = "2026-11-23T17:04:05.678+01:30";
    int64_t us = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good - 1; i++) {
        bool digit = good[i] >= '0' && good[i] <= '9';
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof good];
            memcpy(text, good, sizeof good);
            text[i] = (char)byte;
            bool other_digit = byte >= '0' && byte <= '9';
            bool other_sign = i == 23 && (byte == '-' || other_digit);
            bool other_space = i == 10 && byte == ' ';
            bool ok = rs_timefmt_parse((struct rs_str){text, sizeof good - 1}, &us);
            if (ok && byte != good[i] && !(digit && other_digit) && !other_sign && !other_space) {
                fail_msg("byte %d at %zu is taken", byte, i);
            }
        }
    }
}

static void test_timefmt__every_day_of_the_calendar_goes_round(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t wanted = RS_TIMEFMT_FIRST_US;
    (void)state;
    for (int year = 1; year <= 9999; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= length + 1; day++) {
                char text[64];
                char again[RS_TIMEFMT_MAX + 1];
                int64_t us = 0;
                snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
                bool ok = rs_timefmt_parse((struct rs_str){text, 10}, &us);
                if (day > length) {
                    assert_false(ok);
                    break;
                }
                assert_true(ok);
                assert_int_equal(us, wanted);
                format(us + DAY_US - 1, again);
                assert_memory_equal(again, text, 10);
                assert_string_equal(again + 10, " 23:59:59.999999");
                wanted += DAY_US;
            }
        }
    }
    assert_int_equal(wanted, RS_TIMEFMT_LAST_US + 1);
}

static void test_timefmt__every_second_of_a_day_goes_round(void **state)
{
    (void)state;
    for (int second = 0; second < 86400; second++) {
        char text[64];
        char again[RS_TIMEFMT_MAX + 1];
        int64_t us = 0;
        snprintf(text, sizeof text, "1969-07-20 %02d:%02d:%02d", second / 3600, second / 60 % 60,
                 second % 60);
        assert_true(rs_timefmt_parse((struct rs_str){text, 19}, &us));
        assert_int_equal(us, -165 * DAY_US + second * INT64_C(1000000));
        format(us, again);
        assert_string_equal(again, text);
    }
}

static void test_timefmt__instants_past_the_ends_are_written_as_the_ends(void **state)
{
    char text[RS_TIMEFMT_MAX + 1];
    (void)state;
    format(INT64_MIN, text);
    assert_string_equal(text, "0001-01-01 00:00:00");
    format(RS_TIMEFMT_FIRST_US - 1, text);
    assert_string_equal(text, "0001-01-01 00:00:00");
    format(RS_TIMEFMT_LAST_US + 1, text);
    assert_string_equal(text, "9999-12-31 23:59:59.999999");
    format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31 23:59:59.999999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timefmt__every_shape_of_the_contract_is_read_as_utc),
        cmocka_unit_test(test_timefmt__anything_else_is_no_timestamp),
        cmocka_unit_test(test_timefmt__every_byte_in_the_wrong_place_is_refused),
        cmocka_unit_test(test_timefmt__every_day_of_the_calendar_goes_round),
        cmocka_unit_test(test_timefmt__every_second_of_a_day_goes_round),
        cmocka_unit_test(test_timefmt__instants_past_the_ends_are_written_as_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
