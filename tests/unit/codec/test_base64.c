/* base64: the examples of RFC 4648, and what is refused. */
#include "codec/base64.h"

#include <string.h>

#include "unit.h"

static void test_base64__is_that_of_the_rfc_both_ways(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd", "//79"},
        {"\xfb\xef", "++8="},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(64);
        rs_base64_append(&out, rs_str_from(cases[i][0]));
        assert_string_equal(rs_strbuf_cstr(&out), cases[i][1]);
        rs_strbuf_reset(&out);
        assert_true(rs_base64_decode(rs_str_from(cases[i][1]), &out));
        assert_string_equal(rs_strbuf_cstr(&out), cases[i][0]);
        rs_strbuf_release(&out);
    }
}

static void test_base64__every_byte_comes_back(void **state)
{
    (void)state;
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)i;
    }
    for (size_t length = 250; length <= sizeof bytes; length++) {
        struct rs_strbuf text = RS_STRBUF_INIT(1024);
        struct rs_strbuf back = RS_STRBUF_INIT(1024);
        rs_base64_append(&text, (struct rs_str){(const char *)bytes, length});
        assert_true(rs_base64_decode(rs_strbuf_str(&text), &back));
        assert_int_equal(back.length, length);
        assert_memory_equal(back.data, bytes, length);
        rs_strbuf_release(&text);
        rs_strbuf_release(&back);
    }
}

static void test_base64__what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"Z",    "Zg",   "Zg=",      "Zg===", "Zh==",
                                        "Zm9=", "====", "Zg==Zg==", "Zm 9",  "Zm9v\n",
                                        "Z===", "=m9v", "Z=9v",     "Zm-_",  "Zm9vZm8=x"};
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(64);
        if (rs_base64_decode(rs_str_from(cases[i]), &out)) {
            fail_msg("taken: %s", cases[i]);
        }
        rs_strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64__is_that_of_the_rfc_both_ways),
        cmocka_unit_test(test_base64__every_byte_comes_back),
        cmocka_unit_test(test_base64__what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
