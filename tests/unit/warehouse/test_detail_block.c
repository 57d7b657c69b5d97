/* Redshift's block between rulers: its parts, several lines of one, and what is no block. */
#include "warehouse/detail_block.h"

#include "unit.h"

#define RULER "-----------------------------------------------\n"

static const struct {
    const char *label;
    const char *detail;
    bool is_block;
    const char *error;
    const char *code;
    const char *context;
    const char *query;
} cases[] = {
    {"all parts",
     "\n  " RULER "  error:  no prefix\n  code:      8001\n  context:   \n  query:     634029\n"
     "  location:  s3_utility.cpp:568\n  process:   padbmaster [pid=29509]\n  " RULER,
     true, "no prefix", "8001", "", "634029"},
    {"lines that go on", RULER "error: one\n two\ncode: 1\ncontext: a\n  b\n c\nquery: 2\n" RULER,
     true, "one\n two", "1", "a\n  b\n c", "2"},
    {"a place that goes on is no query", RULER "error: e\nlocation: x.cpp\n more\nquery: 3\n" RULER,
     true, "e", "", "", "3"},
    {"without an end", RULER "error: e\r\ncode: 9", true, "e", "9", "", ""},
    {"what stands before and after", "Hello\n" RULER "error: e\n" RULER "code: 7\n", true, "e", "",
     "", ""},
    {"no ruler", "error: e\ncode: 1\n", false, "", "", "", ""},
    {"a short ruler", "---\nerror: e\n", false, "", "", "", ""},
    {"a ruler alone", RULER, false, "", "", "", ""},
    {"nothing", "", false, "", "", "", ""},
};

static void assert_part(struct rs_str part, const char *expected)
{
    if (!rs_str_equal(part, rs_str_from(expected))) {
        fail_msg("\"%.*s\" is not \"%s\"", RS_STR_ARG(part), expected);
    }
}

static void test_detail_block__its_parts_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_detail_block block;
        print_message("%s\n", cases[i].label);
        assert_int_equal(rs_detail_block_parse(rs_str_from(cases[i].detail), &block),
                         cases[i].is_block);
        assert_part(block.error, cases[i].error);
        assert_part(block.code, cases[i].code);
        assert_part(block.context, cases[i].context);
        assert_part(block.query, cases[i].query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detail_block__its_parts_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
