/*
 * Alignment, widths of characters that are not ASCII, and that no cell steers a terminal.
 */
#include "codec/text_table.h"

#include "unit.h"

struct table_case {
    const char *label;
    const char *alignment;
    const char *cells[12]; /* ended by NULL */
    const char *text;
};

static void test_text_table__aligns_columns(void **state)
{
    static const struct table_case cases[] = {
        {"left and right",
         "lr",
         {"table", "rows", "tracks", "120", "a", "7"},
         "table   rows\ntracks   120\na          7\n"},
        {"wide heading",
         "lrl",
         {"t", "discards", "", "x", "1", "why"},
         "t  discards\nx         1  why\n"},
        {"last column left is not padded", "ll", {"a", "b", "c", "long"}, "a  b\nc  long\n"},
        {"empty cells in the middle", "lll", {"a", "", "b", "cc", "", ""}, "a     b\ncc\n"},
        {"empty first cell", "ll", {"", "b", "aa", "c"}, "    b\naa  c\n"},
        {"one column", "r", {"1", "22"}, " 1\n22\n"},
        {"row that is not full", "ll", {"a", "b", "c"}, "a  b\nc\n"},
        {"nothing", "ll", {NULL}, ""},
        {"wide characters",
         "lr",
         {"\xe6\xb3\xa8\xe6\x96\x87", "1", "abcde", "2"},
         "\xe6\xb3\xa8\xe6\x96\x87   1\nabcde  2\n"},
        {"combining mark", "lr", {"e\xcc\x81", "1", "ab", "2"}, "e\xcc\x81   1\nab  2\n"},
        {"control bytes", "lr", {"a\033[2J", "1", "b\nc", "2"}, "a\\x1b[2J  1\nb\\x0ac    2\n"},
        {"bytes that are no text",
         "lr",
         {"\xff"
          "a",
          "1"},
         "\xef\xbf\xbd"
         "a  1\n"},
        {"C1 control",
         "l",
         {"\xc2\x9b"
          "2J"},
         "\\x9b2J\n"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1024);
        struct rs_text_table table;
        rs_text_table_init(&table, cases[i].alignment);
        for (size_t j = 0; cases[i].cells[j]; j++) {
            rs_text_table_add(&table, rs_str_from(cases[i].cells[j]));
        }
        rs_text_table_format(&table, &out);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].text);
        rs_text_table_release(&table);
        rs_strbuf_release(&out);
    }
}

static void test_text_table__writes_numbers(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1024);
    struct rs_text_table table;
    (void)state;
    rs_text_table_init(&table, "r");
    rs_text_table_add_u64(&table, 0);
    rs_text_table_add_u64(&table, UINT64_MAX);
    rs_text_table_format(&table, &out);
    assert_string_equal(rs_strbuf_cstr(&out), "                   0\n18446744073709551615\n");
    rs_text_table_release(&table);
    rs_strbuf_release(&out);
}

static void test_text_table__measures_width(void **state)
{
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"caf\xc3\xa9", 4},
        {"\xe4\xbe\xa1\xe6\xa0\xbc", 4},
        {"\xf0\x9f\x98\x80", 2},
        {"e\xcc\x81", 1},
        {"\xed\x95\x9c", 2},
        {"a\xff", 2},
        {"\xef\xbc\xa1", 2},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(rs_text_width(rs_str_from(cases[i].text)), cases[i].width);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_table__aligns_columns),
        cmocka_unit_test(test_text_table__writes_numbers),
        cmocka_unit_test(test_text_table__measures_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
