/* CSV fields: when they are quoted, and that a reader by RFC 4180 finds what was written. */
#include "codec/csv.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

enum { LONGEST = 80 };

/* Write a copy that ends where its memory ends, into a block of the promised size. */
static char *written(struct rs_str text, size_t *length)
{
    char *copy = malloc(text.length + !text.length);
    char *out = malloc(RS_CSV_FIELD_MAX(text.length) + 1);
    assert_non_null(copy);
    assert_non_null(out);
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    *length = (size_t)(rs_csv_field(out, (struct rs_str){copy, text.length}) - out);
    assert_true(*length <= 2 * text.length + 2);
    out[*length] = '\0';
    free(copy);
    return out;
}

/* Read one field by RFC 4180; the test fails where it is not one field and all of it. */
static size_t read_field(const char *field, size_t length, char *out)
{
    size_t count = 0;
    size_t i = 0;
    if (length == 0 || field[0] != '"') {
        for (; i < length; i++) {
            assert_true(field[i] != ',' && field[i] != '"' && field[i] != '\r' && field[i] != '\n');
            out[count++] = field[i];
        }
        return count;
    }
    for (i = 1; i < length - 1; i++) {
        if (field[i] == '"') {
            i++;
            assert_true(i < length - 1);
            assert_int_equal(field[i], '"');
        }
        out[count++] = field[i];
    }
    assert_true(length >= 2);
    assert_int_equal(field[length - 1], '"');
    return count;
}

static void assert_round(struct rs_str text, bool quoted)
{
    size_t length = 0;
    char *field = written(text, &length);
    char *again = malloc(length + 1);
    assert_non_null(again);
    assert_int_equal(field[0] == '"', quoted);
    assert_int_equal(read_field(field, length, again), text.length);
    if (text.length > 0) {
        assert_memory_equal(again, text.data, text.length);
    }
    free(again);
    free(field);
}

static void test_csv__a_field_is_quoted_only_when_it_must_be(void **state)
{
    static const struct {
        struct rs_str text;
        const char *field;
    } cases[] = {
        {RS_STR_INIT(""), "\"\""},
        {RS_STR_INIT("a"), "a"},
        {RS_STR_INIT("plain"), "plain"},
        {RS_STR_INIT("a b"), "a b"},
        {RS_STR_INIT("a\tb"), "a\tb"},
        {RS_STR_INIT("a\\b\\"), "a\\b\\"},
        {RS_STR_INIT("it's; fine|so:is'this"), "it's; fine|so:is'this"},
        {RS_STR_INIT("caf\xc3\xa9"), "caf\xc3\xa9"},
        {RS_STR_INIT("\xe6\xb3\xa8\xe6\x96\x87"), "\xe6\xb3\xa8\xe6\x96\x87"},
        {RS_STR_INIT("a,b"), "\"a,b\""},
        {RS_STR_INIT(","), "\",\""},
        {RS_STR_INIT("\""), "\"\"\"\""},
        {RS_STR_INIT("\"\""), "\"\"\"\"\"\""},
        {RS_STR_INIT("say \"hi\""), "\"say \"\"hi\"\"\""},
        {RS_STR_INIT("a\nb"), "\"a\nb\""},
        {RS_STR_INIT("a\rb"), "\"a\rb\""},
        {RS_STR_INIT("a\r\n"), "\"a\r\n\""},
        {RS_STR_INIT(" a"), "\" a\""},
        {RS_STR_INIT("a "), "\"a \""},
        {RS_STR_INIT("\ta"), "\"\ta\""},
        {RS_STR_INIT("a\t"), "\"a\t\""},
        {RS_STR_INIT(" "), "\" \""},
        {RS_STR_INIT("\\N"), "\"\\N\""},
        {RS_STR_INIT("\\."), "\"\\.\""},
        {RS_STR_INIT("\\"), "\"\\\""},
        {RS_STR_INIT("N"), "N"},
        {RS_STR_INIT("NULL"), "NULL"},
        {RS_STR_INIT("[\"a\",\"b\"]"), "\"[\"\"a\"\",\"\"b\"\"]\""},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        size_t length = 0;
        char *field = written(cases[i].text, &length);
        assert_int_equal(length, strlen(cases[i].field));
        assert_string_equal(field, cases[i].field);
        free(field);
        assert_round(cases[i].text, cases[i].field[0] == '"');
    }
}

static void test_csv__a_byte_that_asks_for_quotes_is_seen_at_any_place(void **state)
{
    static const char special[] = {',', '"', '\r', '\n'};
    char text[LONGEST];
    (void)state;
    for (size_t length = 1; length <= LONGEST; length++) {
        memset(text, 'a', sizeof text);
        assert_round((struct rs_str){text, length}, false);
        for (size_t place = 0; place < length; place++) {
            for (size_t i = 0; i < sizeof special; i++) {
                memset(text, 'a', sizeof text);
                text[place] = special[i];
                assert_round((struct rs_str){text, length}, true);
                text[length - 1 - place / 2] = '"';
                assert_round((struct rs_str){text, length}, true);
            }
        }
    }
}

static void test_csv__no_other_byte_asks_for_quotes(void **state)
{
    char text[LONGEST];
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool anywhere = byte == ',' || byte == '"' || byte == '\r' || byte == '\n';
        bool at_ends = byte == ' ' || byte == '\t';
        for (size_t length = 1; length <= LONGEST; length++) {
            for (size_t place = 0; place < length; place++) {
                memset(text, 0x7f, sizeof text);
                text[place] = (char)byte;
                bool end = place == 0 || place == length - 1;
                bool first = place == 0 && byte == '\\';
                assert_round((struct rs_str){text, length}, anywhere || (at_ends && end) || first);
            }
        }
    }
}

static void test_csv__a_field_of_quotes_alone_stays_in_its_bound(void **state)
{
    char text[LONGEST];
    (void)state;
    memset(text, '"', sizeof text);
    for (size_t length = 1; length <= LONGEST; length++) {
        assert_round((struct rs_str){text, length}, true);
    }
}

static void test_csv__null_is_told_from_every_text(void **state)
{
    size_t length = 0;
    char *field = written(RS_STR(RS_CSV_NULL), &length);
    (void)state;
    assert_string_equal(RS_CSV_NULL, "\\N");
    assert_string_not_equal(field, RS_CSV_NULL);
    free(field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__a_field_is_quoted_only_when_it_must_be),
        cmocka_unit_test(test_csv__a_byte_that_asks_for_quotes_is_seen_at_any_place),
        cmocka_unit_test(test_csv__no_other_byte_asks_for_quotes),
        cmocka_unit_test(test_csv__a_field_of_quotes_alone_stays_in_its_bound),
        cmocka_unit_test(test_csv__null_is_told_from_every_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
