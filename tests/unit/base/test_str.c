/* Views of text: parts, comparisons, numbers and sizes at their edges. */
#include "rs/str.h"

#include "unit.h"

static const struct rs_str nothing = {NULL, 0};

static void test_str__a_slice_is_clamped_to_the_text(void **state)
{
    static const struct {
        size_t begin;
        size_t end;
        const char *part;
    } cases[] = {
        {0, 5, "hello"}, {0, 99, "hello"}, {1, 3, "el"}, {5, 9, ""},
        {9, 12, ""},     {3, 1, ""},       {0, 0, ""},   {4, SIZE_MAX, "o"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_str part = rs_str_slice(RS_STR("hello"), cases[i].begin, cases[i].end);
        assert_true(rs_str_equal(part, rs_str_from(cases[i].part)));
    }
    assert_int_equal(rs_str_slice(nothing, 0, 7).length, 0);
    assert_int_equal(rs_str_from(NULL).length, 0);
    assert_int_equal(rs_str_from("abc").length, 3);
}

static void test_str__equal_and_compare_go_by_bytes(void **state)
{
    static const char *const ordered[] = {"", "A", "a", "a ", "aa", "ab", "b", "\x80", "\xff"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(ordered); i++) {
        for (size_t j = 0; j < RS_COUNTOF(ordered); j++) {
            struct rs_str left = rs_str_from(ordered[i]);
            struct rs_str right = rs_str_from(ordered[j]);
            int order = rs_str_compare(left, right);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(rs_str_equal(left, right), i == j);
        }
    }
    assert_true(rs_str_equal(nothing, RS_STR("")));
    assert_int_equal(rs_str_compare(nothing, RS_STR("")), 0);
    assert_false(rs_str_equal((struct rs_str){"a\0b", 3}, (struct rs_str){"a\0c", 3}));
}

static void test_str__beginnings_ends_and_bytes(void **state)
{
    (void)state;
    assert_true(rs_str_starts(RS_STR("tracks"), RS_STR("tr")));
    assert_true(rs_str_starts(RS_STR("tracks"), RS_STR("")));
    assert_true(rs_str_starts(RS_STR("tracks"), RS_STR("tracks")));
    assert_false(rs_str_starts(RS_STR("tracks"), RS_STR("tracks_")));
    assert_false(rs_str_starts(nothing, RS_STR("t")));
    assert_true(rs_str_ends(RS_STR("a.gz"), RS_STR(".gz")));
    assert_true(rs_str_ends(RS_STR("a.gz"), RS_STR("")));
    assert_false(rs_str_ends(RS_STR("gz"), RS_STR(".gz")));
    assert_false(rs_str_ends(RS_STR("a.gz "), RS_STR(".gz")));
    assert_int_equal(rs_str_find_byte(RS_STR("a.b.c"), '.'), 1);
    assert_int_equal(rs_str_find_byte((struct rs_str){"ab\0", 3}, '\0'), 2);
    assert_true(rs_str_find_byte(RS_STR("abc"), '.') == SIZE_MAX);
    assert_true(rs_str_find_byte(nothing, 'a') == SIZE_MAX);
}

static void test_str__trim_takes_blanks_at_both_ends(void **state)
{
    static const char *const cases[][2] = {
        {"a", "a"},     {" \t\r\na b\n\r\t ", "a b"}, {" \t ", ""}, {"", ""},
        {"\va", "\va"}, {"\xc2\xa0", "\xc2\xa0"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_str trimmed = rs_str_trim(rs_str_from(cases[i][0]));
        assert_true(rs_str_equal(trimmed, rs_str_from(cases[i][1])));
    }
    assert_int_equal(rs_str_trim(nothing).length, 0);
}

static void test_str__a_number_is_digits_within_its_bounds(void **state)
{
    static const struct {
        const char *text;
        uint64_t min;
        uint64_t max;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", 0, 9, true, 0},
        {"007", 0, 9, true, 7},
        {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX, false, 0},
        {"99999999999999999999", 0, UINT64_MAX, false, 0},
        {"5", 6, 9, false, 0},
        {"10", 0, 9, false, 0},
        {"", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {"+1", 0, 9, false, 0},
        {" 1", 0, 9, false, 0},
        {"1 ", 0, 9, false, 0},
        {"1.0", 0, 9, false, 0},
        {"0x1", 0, 99, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        uint64_t value = 4711;
        bool ok = rs_str_parse_u64(rs_str_from(cases[i].text), cases[i].min, cases[i].max, &value);
        if (ok != cases[i].ok || value != (ok ? cases[i].value : 4711)) {
            fail_msg("\"%s\": %d, %llu", cases[i].text, ok, (unsigned long long)value);
        }
    }
}

static void test_str__a_size_may_have_a_unit(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"1048576", true, 1 << 20},
        {"512M", true, UINT64_C(512) << 20},
        {"512m", true, UINT64_C(512) << 20},
        {"1GiB", true, 1 << 30},
        {"1gB", true, 1 << 30},
        {"2kB", true, 2048},
        {"16777215T", true, UINT64_C(16777215) << 40},
        {"16777216T", false, 0},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"M", false, 0},
        {"1X", false, 0},
        {"1Mb", false, 0},
        {"1Mi", false, 0},
        {"1MBs", false, 0},
        {"1 M", false, 0},
        {"1.5G", false, 0},
        {"-1M", false, 0},
        {"1B", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        uint64_t value = 4711;
        bool ok = rs_str_parse_bytes(rs_str_from(cases[i].text), &value);
        if (ok != cases[i].ok || value != (ok ? cases[i].value : 4711)) {
            fail_msg("\"%s\": %d, %llu", cases[i].text, ok, (unsigned long long)value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str__a_slice_is_clamped_to_the_text),
        cmocka_unit_test(test_str__equal_and_compare_go_by_bytes),
        cmocka_unit_test(test_str__beginnings_ends_and_bytes),
        cmocka_unit_test(test_str__trim_takes_blanks_at_both_ends),
        cmocka_unit_test(test_str__a_number_is_digits_within_its_bounds),
        cmocka_unit_test(test_str__a_size_may_have_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
