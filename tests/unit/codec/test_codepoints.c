/* Sets of characters, and texts that are rid of them. */
#include "codec/codepoints.h"

#include "unit.h"

#define E_ACUTE "\xc3\xa9"
#define NOTE    "\xe6\xb3\xa8"
#define SMILE   "\xf0\x9f\x98\x80"

static void test_codepoints__a_set_has_the_characters_of_its_texts_but_ascii(void **state)
{
    struct rs_codepoints set = RS_CODEPOINTS_INIT;
    (void)state;
    assert_int_equal(rs_codepoints_next(&set, 0), UINT32_MAX);
    assert_false(rs_codepoints_meet(&set, RS_STR(NOTE)));
    rs_codepoints_add_text(&set, RS_STR("a" E_ACUTE "b" NOTE SMILE NOTE "\xff\xe6\xb3"));
    assert_int_equal(set.count, 3);
    static const uint32_t codes[] = {0xe9, 0x6ce8, 0x1f600};
    uint32_t code = 0;
    for (size_t i = 0; i < RS_COUNTOF(codes); i++) {
        code = rs_codepoints_next(&set, code + 1);
        assert_int_equal(code, codes[i]);
        assert_true(rs_codepoints_has(&set, code));
    }
    assert_int_equal(rs_codepoints_next(&set, code + 1), UINT32_MAX);
    assert_false(rs_codepoints_has(&set, 'a'));
    assert_false(rs_codepoints_has(&set, UINT32_MAX));
    rs_codepoints_release(&set);
    assert_int_equal(set.count, 0);
}

static void test_codepoints__a_text_meets_a_set_by_one_character(void **state)
{
    struct rs_codepoints set = RS_CODEPOINTS_INIT;
    (void)state;
    rs_codepoints_add(&set, 0x6ce8);
    assert_true(rs_codepoints_meet(&set, RS_STR("only here: " NOTE)));
    assert_false(rs_codepoints_meet(&set, RS_STR("caf" E_ACUTE " " SMILE)));
    assert_false(rs_codepoints_meet(&set, RS_STR("\xe6\xb3")));
    assert_false(rs_codepoints_meet(&set, RS_STR("")));
    rs_codepoints_release(&set);
}

static void test_codepoints__what_is_in_the_set_is_written_as_json_writes_it(void **state)
{
    struct rs_codepoints set = RS_CODEPOINTS_INIT;
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    (void)state;
    rs_codepoints_escape(&set, RS_STR("a" NOTE), &out);
    assert_string_equal(rs_strbuf_cstr(&out), "a" NOTE);
    rs_strbuf_reset(&out);
    rs_codepoints_add_text(&set, RS_STR(NOTE SMILE));
    rs_codepoints_escape(&set, RS_STR(NOTE "," E_ACUTE SMILE "\xff."), &out);
    assert_string_equal(rs_strbuf_cstr(&out), "\\u6ce8," E_ACUTE "\\ud83d\\ude00\xff.");
    rs_strbuf_release(&out);
    rs_codepoints_release(&set);
}

static void test_codepoints__a_collector_takes_what_is_written(void **state)
{
    struct rs_codepoints set = RS_CODEPOINTS_INIT;
    struct rs_codepoints_collector collector = rs_codepoints_collect(&set);
    struct rs_error err = {0};
    (void)state;
    assert_true(collector.sink.write(&collector.sink, "x" NOTE, 4, &err));
    assert_true(collector.sink.write(&collector.sink, SMILE, 4, &err));
    assert_int_equal(set.count, 2);
    rs_codepoints_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codepoints__a_set_has_the_characters_of_its_texts_but_ascii),
        cmocka_unit_test(test_codepoints__a_text_meets_a_set_by_one_character),
        cmocka_unit_test(test_codepoints__what_is_in_the_set_is_written_as_json_writes_it),
        cmocka_unit_test(test_codepoints__a_collector_takes_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
