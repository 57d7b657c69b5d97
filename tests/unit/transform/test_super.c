/* SUPER: which arrays Redshift is sure to take. */
#include "transform/super.h"

#include <string.h>

#include "base/mem.h"
#include "rs/strbuf.h"
#include "unit.h"

static void test_super__arrays_that_are_taken(void **state)
{
    static const char *const arrays[] = {
        "[]",
        "[[],[[]],{}]",
        "[1,-2.50,1e5,true,false,null,\"\"]",
        "[{\"a\":1,\"b\":{\"a\":2}},{\"a\":3}]",
        "[{\"a\":{\"a\":{\"a\":1}}}]",
        "[{\"a\":1,\"A\":2,\"a b\":3,\"ab\":4}]",
        "[{\"a\":\"a\"},\"a\",\"a\"]",
        "[\"{\",\"}\",\"[\",\"]\",\"\\\"\",\"\\\\\",\":\",\"a:\"]",
        "[\"\\\\\",{\"a\":1}]",
        "[12345678901234567890123456789012345678]",
        "[-12345678901234567890123456789012345678]",
        "[18446744073709551617,0.12345678901234567890123456789012345678901234567890]",
        "[1.7976931348623157e308,2.2250738585072014e-308]",
        "[\"caf\xc3\xa9\",\"\xef\xbf\xbd\",\"\xf0\x9f\x98\x80\"]",
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(arrays); i++) {
        if (!rs_super_takes_array(rs_str_from(arrays[i]))) {
            fail_msg("%s is not taken", arrays[i]);
        }
    }
}

static void test_super__arrays_that_are_not(void **state)
{
    static const char *const arrays[] = {
        "[{\"a\":1,\"a\":2}]",
        "[{\"a\":1,\"b\":2,\"a\":null}]",
        "[{\"\":1,\"\":2}]",
        "[[{\"x\":{\"a\":1,\"b\":[],\"a\":{}}}]]",
        "[{\"a\":{\"b\":1},\"c\":2,\"a\":3}]",
        "[{\"b\":{\"a\":1},\"a\":{\"b\":1},\"b\":3}]",
        "[1e309]",
        "[1,-1e400]",
        "[1e-400]",
        "[{\"a\":1e99999999999999999999}]",
        "[123456789012345678901234567890123456789]",
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(arrays); i++) {
        if (rs_super_takes_array(rs_str_from(arrays[i]))) {
            fail_msg("%s is taken", arrays[i]);
        }
    }
}

/* Damage that no array of ours has ends the walk, not the program. */
static void test_super__a_text_that_breaks_off_is_not_taken(void **state)
{
    static const char *const texts[] = {"[\"a", "[\"a\\", "[\"\\u00", "[}]"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        char *copy = rs_mem_copy(texts[i], strlen(texts[i])); /* nothing behind it may be read */
        assert_false(rs_super_takes_array((struct rs_str){copy, strlen(texts[i])}));
        rs_mem_free(copy);
    }
}

/* Count names in one object; the last one may be the first again. */
static bool takes_names(struct rs_strbuf *text, unsigned count, bool again)
{
    rs_strbuf_reset(text);
    rs_strbuf_append(text, "[{");
    for (unsigned i = 0; i < count; i++) {
        rs_strbuf_printf(text, "%s\"n%u\":%u", i > 0 ? "," : "", i * 7919 % 65536, i);
    }
    rs_strbuf_printf(text, ",\"n%u\":0}]", again ? 0 : 65536);
    return rs_super_takes_array(rs_strbuf_str(text));
}

static void test_super__many_names_are_compared_too(void **state)
{
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 22);
    (void)state;
    for (unsigned count = 1; count < 40; count++) {
        assert_true(takes_names(&text, count, false));
        assert_false(takes_names(&text, count, true));
    }
    assert_true(takes_names(&text, 50000, false));
    assert_false(takes_names(&text, 50000, true));
    rs_strbuf_release(&text);
}

/* ["xxx..."] with a string of so many letters, and then an escape. */
static bool takes_string(size_t letters, const char *escape, const char *tail)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_SUPER_MAX + 100);
    rs_strbuf_append(&text, tail[0] == ':' ? "[{\"" : "[\"");
    for (size_t i = 0; i < letters; i++) {
        rs_strbuf_append_char(&text, 'x');
    }
    rs_strbuf_append(&text, escape);
    rs_strbuf_append_char(&text, '"');
    rs_strbuf_append(&text, tail);
    bool ok = rs_super_takes_array(rs_strbuf_str(&text));
    rs_strbuf_release(&text);
    return ok;
}

static void test_super__a_string_inside_has_a_length(void **state)
{
    (void)state;
    assert_true(takes_string(RS_SUPER_TEXT_MAX, "", "]"));
    assert_false(takes_string(RS_SUPER_TEXT_MAX + 1, "", "]"));
    assert_true(takes_string(RS_SUPER_TEXT_MAX - 1, "\\n", "]"));
    assert_false(takes_string(RS_SUPER_TEXT_MAX, "\\\"", "]"));
    assert_true(takes_string(RS_SUPER_TEXT_MAX - 1, "\\u0001", "]"));
    assert_false(takes_string(RS_SUPER_TEXT_MAX, "\\u001f", "]"));
    assert_true(takes_string(RS_SUPER_TEXT_MAX, "", ":1}]"));
    assert_false(takes_string(RS_SUPER_TEXT_MAX + 1, "", ":1}]"));
    assert_false(takes_string(RS_SUPER_TEXT_MAX - 1, "\xc3\xa9", "]"));
}

static void test_super__an_array_has_a_length(void **state)
{
    char *text = rs_mem_alloc(RS_SUPER_MAX + 1);
    (void)state;
    for (size_t i = 0; i <= RS_SUPER_MAX; i++) {
        text[i] = i % 2 == 0 ? '1' : ',';
    }
    text[0] = '[';
    text[1] = '1';
    text[RS_SUPER_MAX - 1] = ']';
    assert_true(rs_super_takes_array((struct rs_str){text, RS_SUPER_MAX}));
    text[RS_SUPER_MAX - 1] = '1';
    text[RS_SUPER_MAX] = ']';
    assert_false(rs_super_takes_array((struct rs_str){text, RS_SUPER_MAX + 1}));
    rs_mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_super__arrays_that_are_taken),
        cmocka_unit_test(test_super__arrays_that_are_not),
        cmocka_unit_test(test_super__a_text_that_breaks_off_is_not_taken),
        cmocka_unit_test(test_super__many_names_are_compared_too),
        cmocka_unit_test(test_super__a_string_inside_has_a_length),
        cmocka_unit_test(test_super__an_array_has_a_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
