/* Numbers by their digits: the grammar, what counts of them, and their exact values. */
#include "transform/decimal.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void test_decimal__a_number_is_what_json_calls_one(void **state)
{
    static const char *const good[] = {
        "0",       "-0",        "7",   "10",     "-10",    "0.0",     "-0.5",    "1.50",
        "100.001", "1e5",       "1E5", "1e+5",   "1e-5",   "0e0",     "-1.5E10", "0.1e1",
        "1e00005", "123456789", "1e0", "12e999", "0.0e-0", "9.9E+99",
    };
    static const char *const bad[] = {
        "",      "-",   "+1",   "01",  "-01",  "00",    "1.",    ".5",  "-.5",  "1.e5",
        "1e",    "1e+", "1e-",  "e5",  "1e5.", "1e5e",  "1 ",    " 1",  "1.2.", "1,2",
        "0x1",   "NaN", "inf",  "Inf", "1_0",  "1.5f",  "--1",   "-+1", "1-",   "1e5-",
        "1\xb2", "1e ", "1.-5", "1/2", "true", "\"1\"", "1e++5",
    };
    struct rs_decimal number;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(good); i++) {
        if (!rs_decimal_parse(rs_str_from(good[i]), &number)) {
            fail_msg("%s is a number", good[i]);
        }
    }
    for (size_t i = 0; i < RS_COUNTOF(bad); i++) {
        if (rs_decimal_parse(rs_str_from(bad[i]), &number)) {
            fail_msg("\"%s\" is no number", bad[i]);
        }
    }
    assert_false(rs_decimal_parse((struct rs_str){"1\0", 2}, &number));
}

static void test_decimal__the_digits_that_count_have_their_powers(void **state)
{
    static const struct {
        const char *text;
        size_t first;
        size_t count;
        int64_t high;
        int64_t low;
    } cases[] = {
        {"7", 0, 1, 0, 0},          {"10", 0, 1, 1, 1},       {"1200", 0, 2, 3, 2},
        {"0.5", 1, 1, -1, -1},      {"0.0050", 3, 1, -3, -3}, {"12.50", 0, 3, 1, -1},
        {"1.0", 0, 1, 0, 0},        {"2e3", 0, 1, 3, 3},      {"2.50e1", 0, 2, 1, 0},
        {"0.0012e2", 3, 2, -1, -2}, {"100.001", 0, 6, 2, -3}, {"-1e-5", 0, 1, -5, -5},
    };
    static const char *const zeros[] = {"0", "-0", "0.000", "0e5", "-0.0E-99999999999999999999"};
    struct rs_decimal number;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_true(rs_decimal_parse(rs_str_from(cases[i].text), &number));
        struct rs_significand digits = rs_decimal_significand(&number);
        assert_int_equal(digits.first, cases[i].first);
        assert_int_equal(digits.count, cases[i].count);
        assert_int_equal(digits.high, cases[i].high);
        assert_int_equal(digits.low, cases[i].low);
    }
    for (size_t i = 0; i < RS_COUNTOF(zeros); i++) {
        assert_true(rs_decimal_parse(rs_str_from(zeros[i]), &number));
        assert_int_equal(rs_decimal_significand(&number).count, 0);
    }
}

static void test_decimal__whole_numbers_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"0e999999999999999999999", 0},
        {"2.0", 2},
        {"2e3", 2000},
        {"2.50e1", 25},
        {"1200e-2", 12},
        {"-7", -7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036854775807.000", INT64_MAX},
        {"9223372036854775.807e3", INT64_MAX},
        {"-9.223372036854775808E18", INT64_MIN},
        {"9007199254740993", INT64_C(9007199254740993)},
        {"1e18", INT64_C(1000000000000000000)},
    };
    static const char *const bad[] = {
        "0.5",
        "1e-1",
        "9223372036854775808",
        "-9223372036854775809",
        "1e19",
        "1e400",
        "18446744073709551616",
        "99999999999999999999",
        "25e-1",
        "9223372036854775807.5",
        "1e999999999999999999999999",
        "1e-99999999999999999999",
    };
    struct rs_decimal number;
    int64_t value = 0;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(good); i++) {
        assert_true(rs_decimal_parse(rs_str_from(good[i].text), &number));
        assert_true(rs_decimal_i64(&number, &value));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < RS_COUNTOF(bad); i++) {
        assert_true(rs_decimal_parse(rs_str_from(bad[i]), &number));
        if (rs_decimal_i64(&number, &value)) {
            fail_msg("%s does not fit", bad[i]);
        }
    }
}

static void test_decimal__the_double_is_the_one_that_strtod_gives(void **state)
{
    static const char *const cases[] = {
        "0",
        "1",
        "-1.5",
        "0.1",
        "123456789.123456789",
        "1e308",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "4.9e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "2.2250738585072011e-308",
        "9007199254740993",
        "9007199254740992.5",
        "-1e-400",
        "1e400",
        "0.30000000000000004",
        "179769313486231580793728971405301e276",
    };
    struct rs_decimal number;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        double wanted = strtod(cases[i], NULL);
        assert_true(rs_decimal_parse(rs_str_from(cases[i]), &number));
        double value = rs_decimal_double(&number);
        assert_memory_equal(&value, &wanted, sizeof value);
    }
}

static void test_decimal__a_digit_after_hundreds_still_decides(void **state)
{
    enum { ZEROS = 5000 };
    static const char half[] = "9007199254740993."; /* between two doubles: to the even one */
    char text[sizeof half + ZEROS + 1];
    struct rs_decimal number;
    (void)state;
    memcpy(text, half, sizeof half - 1);
    memset(text + sizeof half - 1, '0', ZEROS);
    text[sizeof half - 1 + ZEROS] = '1';
    assert_true(rs_decimal_parse((struct rs_str){text, sizeof half - 1 + ZEROS}, &number));
    assert_true(rs_decimal_double(&number) == 9007199254740992.0);
    assert_true(rs_decimal_parse((struct rs_str){text, sizeof half + ZEROS}, &number));
    assert_true(rs_decimal_double(&number) == 9007199254740994.0);
}

static void test_decimal__an_integer_is_a_double_when_nothing_is_rounded(void **state)
{
    static const struct {
        const char *text;
        bool exact;
    } cases[] = {
        {"0", true},
        {"-5", true},
        {"9007199254740991", true},
        {"9007199254740992", true},
        {"9007199254740993", false},
        {"9007199254740994", true},
        {"-9007199254740993", false},
        {"9223372036854775807", false},
        {"9223372036854775808", true},
        {"-9223372036854775808", true},
        {"9999999999999999999", false},
        {"10000000000000000000", true},
        {"18446744073709551615", false},
        {"18446744073709551616", true},
        {"10000000000000000000000", true},
        {"100000000000000000000000", false},
        {"1606938044258990275541962092341162602522202993782792835301376", true},
        {"1606938044258990275541962092341162602522202993782792835301377", false},
    };
    struct rs_decimal number;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_true(rs_decimal_parse(rs_str_from(cases[i].text), &number));
        if (rs_decimal_is_double(&number) != cases[i].exact) {
            fail_msg("%s", cases[i].text);
        }
    }
    char huge[400];
    memset(huge, '9', sizeof huge);
    for (size_t length = 300; length <= sizeof huge; length++) {
        assert_true(rs_decimal_parse((struct rs_str){huge, length}, &number));
        assert_false(rs_decimal_is_double(&number));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal__a_number_is_what_json_calls_one),
        cmocka_unit_test(test_decimal__the_digits_that_count_have_their_powers),
        cmocka_unit_test(test_decimal__whole_numbers_are_read_exactly),
        cmocka_unit_test(test_decimal__the_double_is_the_one_that_strtod_gives),
        cmocka_unit_test(test_decimal__a_digit_after_hundreds_still_decides),
        cmocka_unit_test(test_decimal__an_integer_is_a_double_when_nothing_is_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
