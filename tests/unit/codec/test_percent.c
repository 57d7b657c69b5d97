/* Percent-encoding: what is kept, what is not, and what cannot be decoded. */
#include "codec/percent.h"

#include <string.h>

#include "unit.h"

static void test_percent__only_unreserved_bytes_are_kept(void **state)
{
    (void)state;
    char all[256];
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_strbuf back = RS_STRBUF_INIT(4096);
    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (char)i;
    }
    rs_percent_append(&out, (struct rs_str){all, sizeof all}, false);
    assert_int_equal(out.length, 66 + 3 * (256 - 66));
    for (size_t i = 0; i < out.length; i++) {
        assert_non_null(strchr(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%", out.data[i]));
    }
    assert_true(rs_percent_decode(rs_strbuf_str(&out), false, &back));
    assert_int_equal(back.length, sizeof all);
    assert_memory_equal(back.data, all, sizeof all);
    rs_strbuf_release(&out);
    rs_strbuf_release(&back);
}

static void test_percent__a_slash_is_kept_where_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *component;
        const char *path;
    } cases[] = {
        {"", "", ""},
        {"a b/c", "a%20b%2Fc", "a%20b/c"},
        {"//+=&?#%2F", "%2F%2F%2B%3D%26%3F%23%252F", "//%2B%3D%26%3F%23%252F"},
        {"'()*!~-_.", "%27%28%29%2A%21~-_.", "%27%28%29%2A%21~-_."},
        {"\xc3\xa9", "%C3%A9", "%C3%A9"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(256);
        rs_percent_append(&out, rs_str_from(cases[i].text), false);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].component);
        rs_strbuf_reset(&out);
        rs_percent_append(&out, rs_str_from(cases[i].text), true);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].path);
        rs_strbuf_release(&out);
    }
}

static void test_percent__decodes_any_case_and_plus_where_asked_for(void **state)
{
    (void)state;
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    assert_true(rs_percent_decode(RS_STR("a+b%2fc%2B"), true, &out));
    assert_string_equal(rs_strbuf_cstr(&out), "a b/c+");
    rs_strbuf_reset(&out);
    assert_true(rs_percent_decode(RS_STR("a+b"), false, &out));
    assert_string_equal(rs_strbuf_cstr(&out), "a+b");
    rs_strbuf_release(&out);
}

static void test_percent__two_digits_have_to_follow(void **state)
{
    (void)state;
    static const char *const cases[] = {"%", "%2", "a%", "a%2", "%zz", "%2x", "%x2", "%%20", "% 2"};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(64);
        if (rs_percent_decode(rs_str_from(cases[i]), false, &out)) {
            fail_msg("taken: %s", cases[i]);
        }
        rs_strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent__only_unreserved_bytes_are_kept),
        cmocka_unit_test(test_percent__a_slash_is_kept_where_asked_for),
        cmocka_unit_test(test_percent__decodes_any_case_and_plus_where_asked_for),
        cmocka_unit_test(test_percent__two_digits_have_to_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
