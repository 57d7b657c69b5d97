/* The kind of each value. */
#include "transform/kind.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* So that a table's row stays a row. */
#define I RS_KIND_INTEGER
#define W RS_KIND_WIDE_INTEGER
#define F RS_KIND_FLOAT
#define T RS_KIND_TIMESTAMP
#define S RS_KIND_STRING

static void test_kind__a_number_has_its_kind(void **state)
{
    static const struct {
        const char *text;
        enum rs_kind kind;
    } cases[] = {
        {"0", I},
        {"-0", I},
        {"1", I},
        {"-17", I},
        {"999999999999999", I},
        {"9007199254740991", I},
        {"9007199254740992", I},
        {"9007199254740993", W},
        {"-9007199254740993", W},
        {"9007199254740994", I},
        {"1152921504606846976", I},
        {"1152921504606846977", W},
        {"9223372036854775807", W},
        {"-9223372036854775808", I},
        {"9223372036854775808", F},
        {"-9223372036854775809", S},
        {"18446744073709551615", S},
        {"18446744073709551616", F},
        {"99999999999999999999", S},
        {"100000000000000000000", F},
        {"10000000000000000000000", F},
        {"100000000000000000000000", S},
        {"1.0", F},
        {"1.50", F},
        {"-0.0", F},
        {"0.1", F},
        {"1e5", F},
        {"1E-5", F},
        {"1e308", F},
        {"1.7976931348623157e308", F},
        {"1.7976931348623158e308", F},
        {"1.7976931348623159e308", S},
        {"1e309", S},
        {"-1e309", S},
        {"1e400", S},
        {"1e99999999999999999999", S},
        {"0.00001e313", F},
        {"0.00001e314", S},
        {"2.2250738585072014e-308", F},
        {"2.2250738585072011e-308", S}, /* subnormal */
        {"5e-324", S},
        {"2.5e-324", S},
        {"2.4e-324", S},
        {"1e-400", S},
        {"-1e-99999999999999999999", S},
        {"0e99999999999999999999", F},
        {"0.0e-400", F},
        {"3000e-327", S},
        {"2000e-327", S},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        enum rs_kind kind = rs_kind_of_number(rs_str_from(cases[i].text));
        if (kind != cases[i].kind) {
            fail_msg("%s is %d, not %d", cases[i].text, (int)kind, (int)cases[i].kind);
        }
    }
}

static void test_kind__a_very_long_number_has_its_kind(void **state)
{
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH);
    assert_non_null(text);
    (void)state;
    memset(text, '0', LENGTH);
    text[1] = '.';
    assert_int_equal(rs_kind_of_number((struct rs_str){text, LENGTH}), F);
    text[LENGTH - 1] = '1';
    assert_int_equal(rs_kind_of_number((struct rs_str){text, LENGTH}), S);
    text[0] = '1';
    assert_int_equal(rs_kind_of_number((struct rs_str){text, LENGTH}), F);
    text[1] = '0';
    assert_int_equal(rs_kind_of_number((struct rs_str){text, LENGTH}), S);
    text[300] = '.';
    assert_int_equal(rs_kind_of_number((struct rs_str){text, LENGTH}), F);
    free(text);
}

static void test_kind__a_string_is_a_timestamp_or_a_string(void **state)
{
    (void)state;
    assert_int_equal(rs_kind_of_string(RS_STR("2026-11-23")), T);
    assert_int_equal(rs_kind_of_string(RS_STR("2026-11-23T17:04:05.678Z")), T);
    assert_int_equal(rs_kind_of_string(RS_STR("2026-02-30")), S);
    assert_int_equal(rs_kind_of_string(RS_STR("12")), S);
    assert_int_equal(rs_kind_of_string(RS_STR("true")), S);
    assert_int_equal(rs_kind_of_string(RS_STR("")), S);
    assert_int_equal(rs_kind_of_string((struct rs_str){NULL, 0}), S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind__a_number_has_its_kind),
        cmocka_unit_test(test_kind__a_very_long_number_has_its_kind),
        cmocka_unit_test(test_kind__a_string_is_a_timestamp_or_a_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
