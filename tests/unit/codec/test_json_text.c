/*
 * Strings decoded and arrays made compact: each escape, each repair, in each place of a block.
 */
#include "codec/json_text.h"

#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"
#include "unit.h"

#define BAD "\xef\xbf\xbd"

typedef size_t conversion(struct rs_str raw, char *out);

struct text_case {
    const char *label;
    struct rs_str raw;
    struct rs_str want;
};

/* Convert in blocks of exactly the sizes that the header asks for. */
static void check(conversion *convert, const char *label, struct rs_str raw, struct rs_str want)
{
    char *block = rs_mem_alloc(raw.length);
    char *out = rs_mem_alloc(raw.length * RS_JSON_TEXT_GROWTH);

    if (raw.length > 0) {
        memcpy(block, raw.data, raw.length);
    }
    const struct rs_str got = {out, convert((struct rs_str){block, raw.length}, out)};
    if (!rs_str_equal(got, want)) {
        fail_msg("%s: \"%.*s\", not \"%.*s\"", label, RS_STR_ARG(got), RS_STR_ARG(want));
    }
    assert_true(rs_utf8_valid(got));
    rs_mem_free(block);
    rs_mem_free(out);
}

static const struct text_case strings[] = {
    {"empty", RS_STR_INIT(""), RS_STR_INIT("")},
    {"plain", RS_STR_INIT("abc"), RS_STR_INIT("abc")},
    {"plain and long", RS_STR_INIT("0123456789abcdef0123456789abcdef!"),
     RS_STR_INIT("0123456789abcdef0123456789abcdef!")},
    {"short escapes", RS_STR_INIT("\\\"\\\\\\/\\b\\f\\n\\r\\t"), RS_STR_INIT("\"\\/\b\f\n\r\t")},
    {"one byte", RS_STR_INIT("\\u0041\\u007f"), RS_STR_INIT("A\x7f")},
    {"control", RS_STR_INIT("\\u0001\\u001f"), RS_STR_INIT("\x01\x1f")},
    {"two bytes", RS_STR_INIT("\\u00e9\\u07FF"), RS_STR_INIT("\xc3\xa9\xdf\xbf")},
    {"three bytes", RS_STR_INIT("\\u20aC\\ufffd"), RS_STR_INIT("\xe2\x82\xac" BAD)},
    {"pair", RS_STR_INIT("\\ud83d\\ude00"), RS_STR_INIT("\xf0\x9f\x98\x80")},
    {"first pair", RS_STR_INIT("\\uD800\\uDC00"), RS_STR_INIT("\xf0\x90\x80\x80")},
    {"last pair", RS_STR_INIT("\\udbff\\udfff"), RS_STR_INIT("\xf4\x8f\xbf\xbf")},
    {"high alone", RS_STR_INIT("\\ud83d"), RS_STR_INIT(BAD)},
    {"high then text", RS_STR_INIT("\\ud83dabcdefgh"), RS_STR_INIT(BAD "abcdefgh")},
    {"high then escape", RS_STR_INIT("\\ud83d\\n"), RS_STR_INIT(BAD "\n")},
    {"high then character", RS_STR_INIT("\\ud83d\\u0041"), RS_STR_INIT(BAD "A")},
    {"high then backslash u", RS_STR_INIT("\\ud83d\\\\ude00"), RS_STR_INIT(BAD "\\ude00")},
    {"high then pair", RS_STR_INIT("\\ud83d\\ud83d\\ude00"), RS_STR_INIT(BAD "\xf0\x9f\x98\x80")},
    {"low alone", RS_STR_INIT("\\ude00"), RS_STR_INIT(BAD)},
    {"low then high", RS_STR_INIT("\\ude00\\ud83d"), RS_STR_INIT(BAD BAD)},
    {"NUL", RS_STR_INIT("a\\u0000b"), RS_STR_INIT("ab")},
    {"NUL alone", RS_STR_INIT("\\u0000"), RS_STR_INIT("")},
    {"UTF-8", RS_STR_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
     RS_STR_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {"bad byte", RS_STR_INIT("a\xff"), RS_STR_INIT("a" BAD)},
    {"cut character", RS_STR_INIT("\xe2\x82z"), RS_STR_INIT(BAD BAD "z")},
    {"cut by an escape", RS_STR_INIT("\xe2\\u0082\xac"), RS_STR_INIT(BAD "\xc2\x82" BAD)},
    {"surrogate as bytes", RS_STR_INIT("\xed\xa0\xbd"), RS_STR_INIT(BAD BAD BAD)},
};

static void test_json_text__decodes_and_repairs_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(strings); i++) {
        check(rs_json_unescape, strings[i].label, strings[i].raw, strings[i].want);
    }
}

static void test_json_text__decodes_in_every_place_of_a_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(strings); i++) {
        const struct rs_str from = strings[i].raw;
        const struct rs_str to = strings[i].want;
        for (size_t at = 0; at <= 36; at++) {
            char raw[128] = "";
            char want[128] = "";
            memset(raw, 'x', sizeof(raw));
            memset(want, 'x', sizeof(want));
            memcpy(raw + at, from.data, from.length);
            memcpy(want + at, to.data, to.length);
            check(rs_json_unescape, strings[i].label, (struct rs_str){raw, 36 + from.length},
                  (struct rs_str){want, 36 + to.length});
        }
    }
}

static void test_json_text__makes_arrays_compact(void **state)
{
    static const struct text_case cases[] = {
        {"empty", RS_STR_INIT("[]"), RS_STR_INIT("[]")},
        {"spaced empty", RS_STR_INIT("[ \t\r\n]"), RS_STR_INIT("[]")},
        {"numbers as written", RS_STR_INIT("[ 1.50 , -0, 1E+2,10000000000000000000001 ]"),
         RS_STR_INIT("[1.50,-0,1E+2,10000000000000000000001]")},
        {"literals", RS_STR_INIT("[true,\nfalse,\nnull]"), RS_STR_INIT("[true,false,null]")},
        {"objects", RS_STR_INIT("{ \"a\" : { \"b\" : [ 1 , { } ] } }"),
         RS_STR_INIT("{\"a\":{\"b\":[1,{}]}}")},
        {"spaces in strings", RS_STR_INIT("[ \" a  b \" ]"), RS_STR_INIT("[\" a  b \"]")},
        {"long string", RS_STR_INIT("[ \"0123456789 abcdef 0123456789 abcdef\" ]"),
         RS_STR_INIT("[\"0123456789 abcdef 0123456789 abcdef\"]")},
        {"brackets in strings", RS_STR_INIT("[ \"[ , ]\" , \"\\\" ]\" ]"),
         RS_STR_INIT("[\"[ , ]\",\"\\\" ]\"]")},
        {"escapes kept", RS_STR_INIT("[\"\\\"\\\\\\b\\f\\n\\r\\t\"]"),
         RS_STR_INIT("[\"\\\"\\\\\\b\\f\\n\\r\\t\"]")},
        {"escapes shortened",
         RS_STR_INIT("[\"\\u0022\\u005C\\u0008\\u000C\\u000a\\u000d\\u0009\"]"),
         RS_STR_INIT("[\"\\\"\\\\\\b\\f\\n\\r\\t\"]")},
        {"solidus", RS_STR_INIT("[\"\\/\\u002f/\"]"), RS_STR_INIT("[\"///\"]")},
        {"control", RS_STR_INIT("[\"\\u0001\\u000B\\u001F\"]"),
         RS_STR_INIT("[\"\\u0001\\u000b\\u001f\"]")},
        {"DEL", RS_STR_INIT("[\"\\u007f\"]"), RS_STR_INIT("[\"\x7f\"]")},
        {"characters", RS_STR_INIT("[\"caf\\u00e9 \\u20ac \\ud83d\\ude00\"]"),
         RS_STR_INIT("[\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"]")},
        {"name", RS_STR_INIT("[{\"caf\\u00e9\" :1}]"), RS_STR_INIT("[{\"caf\xc3\xa9\":1}]")},
        {"NUL", RS_STR_INIT("[\"a\\u0000b\",\"\\u0000\"]"), RS_STR_INIT("[\"ab\",\"\"]")},
        {"lone surrogates", RS_STR_INIT("[\"\\ud800\",\"\\udc00x\"]"),
         RS_STR_INIT("[\"" BAD "\",\"" BAD "x\"]")},
        {"high before the quote", RS_STR_INIT("[\"\\ud800\",\"\\udc00\"]"),
         RS_STR_INIT("[\"" BAD "\",\"" BAD "\"]")},
        {"bad byte", RS_STR_INIT("[\"\xff\",\"\xe2\x82\"]"),
         RS_STR_INIT("[\"" BAD "\",\"" BAD BAD "\"]")},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        check(rs_json_compact, cases[i].label, cases[i].raw, cases[i].want);
        check(rs_json_compact, cases[i].label, cases[i].want, cases[i].want);
    }
}

static void test_json_text__never_passes_the_stated_room(void **state)
{
    char raw[202] = "";

    (void)state;
    for (size_t length = 0; length <= 200; length++) {
        char out[sizeof(raw) * RS_JSON_TEXT_GROWTH] = "";
        memset(raw, 0xff, sizeof(raw));
        assert_int_equal(rs_json_unescape((struct rs_str){raw, length}, out), 3 * length);
        raw[0] = '"';
        raw[length + 1] = '"';
        assert_int_equal(rs_json_compact((struct rs_str){raw, length + 2}, out), 3 * length + 2);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_text__decodes_and_repairs_strings),
        cmocka_unit_test(test_json_text__decodes_in_every_place_of_a_block),
        cmocka_unit_test(test_json_text__makes_arrays_compact),
        cmocka_unit_test(test_json_text__never_passes_the_stated_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
