/* The log: one line a message, no byte of which steers the terminal that shows it. */
#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "codec/json_doc.h"
#include "codec/utf8.h"
#include "rs/str.h"
#include "unit.h"

/* A log that writes into a pipe, and what came out of it. */
struct heard {
    struct rs_log log;
    int ends[2];
    char text[8192];
};

static void open_log(struct heard *heard)
{
    *heard = (struct heard){.log = {.tool = "rs-test", .level = RS_LOG_NOTICE}};
    assert_int_equal(pipe(heard->ends), 0);
    heard->log.fd = heard->ends[1];
}

static const char *hear(struct heard *heard)
{
    (void)close(heard->ends[1]);
    ssize_t got = read(heard->ends[0], heard->text, sizeof heard->text - 1);
    assert_true(got >= 0);
    heard->text[got] = '\0';
    (void)close(heard->ends[0]);
    return heard->text;
}

static void test_log__a_line_names_the_tool_and_what_is_urgent(void **state)
{
    struct heard heard;
    (void)state;
    open_log(&heard);
    heard.log.level = RS_LOG_DEBUG;
    rs_log(&heard.log, RS_LOG_ERROR, "one %d", 1);
    rs_log(&heard.log, RS_LOG_WARNING, "two");
    rs_log(&heard.log, RS_LOG_NOTICE, "three");
    rs_log(&heard.log, RS_LOG_INFO, "four");
    rs_log(&heard.log, RS_LOG_DEBUG, "five");
    assert_string_equal(hear(&heard), "rs-test: error: one 1\n"
                                      "rs-test: warning: two\n"
                                      "rs-test: three\n"
                                      "rs-test: four\n"
                                      "rs-test: five\n");
}

static void test_log__what_is_below_the_level_is_not_said(void **state)
{
    struct heard heard;
    (void)state;
    open_log(&heard);
    heard.log.level = RS_LOG_WARNING;
    rs_log(&heard.log, RS_LOG_NOTICE, "no");
    rs_log(&heard.log, RS_LOG_WARNING, "yes");
    assert_string_equal(hear(&heard), "rs-test: warning: yes\n");
}

static void test_log__an_error_has_its_hint_below_it(void **state)
{
    struct rs_error err = {0};
    struct heard heard;
    (void)state;
    (void)rs_error_set(&err, RS_E_IO, "could not write");
    open_log(&heard);
    rs_log_error(&heard.log, &err);
    assert_string_equal(hear(&heard), "rs-test: error: could not write\n");
    (void)rs_error_hint(&err, "make room");
    open_log(&heard);
    rs_log_error(&heard.log, &err);
    assert_string_equal(hear(&heard), "rs-test: error: could not write\n  hint: make room\n");
}

static void test_log__control_bytes_are_shown(void **state)
{
    struct heard heard;
    (void)state;
    open_log(&heard);
    rs_log(&heard.log, RS_LOG_NOTICE, "%s", "a\033[2Jb\nc\r\td\x7f \xc3\xa9 \"q\" \\");
    assert_string_equal(hear(&heard),
                        "rs-test: a\\x1b[2Jb\\x0ac\\x0d\\x09d\\x7f \xc3\xa9 \"q\" \\\n");
}

static void test_log__colors_end_where_they_began(void **state)
{
    struct heard heard;
    (void)state;
    open_log(&heard);
    heard.log.color = true;
    heard.log.level = RS_LOG_INFO;
    rs_log(&heard.log, RS_LOG_ERROR, "one");
    rs_log(&heard.log, RS_LOG_NOTICE, "two");
    rs_log(&heard.log, RS_LOG_INFO, "three");
    assert_string_equal(hear(&heard), "rs-test: \033[1;31merror: \033[0mone\n"
                                      "rs-test: two\n"
                                      "rs-test: \033[2mthree\033[0m\n");
}

static const char *member(const struct rs_json_doc *doc, const char *name)
{
    const struct rs_json_node *node = rs_json_node_find(rs_json_doc_root(doc), name);
    return node ? rs_json_node_text(node) : NULL;
}

static void test_log__json_lines_are_json(void **state)
{
    struct rs_error err = {0};
    struct heard heard;
    (void)state;
    (void)rs_error_set(&err, RS_E_IO, "could not \"read\" \\ \033[1m\x7f\n%s", "caf\xc3\xa9");
    (void)rs_error_hint(&err, "say \"please\"");
    open_log(&heard);
    heard.log.json = true;
    heard.log.color = true;
    rs_log_error(&heard.log, &err);
    struct rs_str line = rs_str_from(hear(&heard));
    assert_int_equal(rs_str_find_byte(line, '\n'), line.length - 1);
    rs_error_clear(&err);
    struct rs_json_doc *doc = rs_json_doc_parse(line, "log", &err);
    assert_non_null(doc);
    assert_string_equal(member(doc, "level"), "error");
    assert_string_equal(member(doc, "tool"), "rs-test");
    assert_string_equal(member(doc, "message"), "could not \"read\" \\ \033[1m\x7f\ncaf\xc3\xa9");
    assert_string_equal(member(doc, "hint"), "say \"please\"");
    const char *time = member(doc, "time");
    assert_int_equal(strlen(time), strlen("2026-11-23T17:00:00.000Z"));
    assert_true(time[10] == 'T' && time[19] == '.' && time[23] == 'Z');
    rs_json_doc_free(doc);
}

/* The names of files may be any bytes, and JSON is UTF-8. */
static void test_log__json_lines_are_valid_utf_8(void **state)
{
    static const char *const texts[][2] = {
        {"a\xfe\xff.", "a\xef\xbf\xbd\xef\xbf\xbd."},             /* no lead bytes */
        {"\xc3", "\xef\xbf\xbd"},                                 /* cut */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* too long for what it says */
        {"\xe6\x97\xa5\xf0\x9f\x98\x80\xc3\xa9", "\xe6\x97\xa5\xf0\x9f\x98\x80\xc3\xa9"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        struct heard heard;
        struct rs_error err = {0};
        open_log(&heard);
        heard.log.json = true;
        rs_log(&heard.log, RS_LOG_ERROR, "%s", texts[i][0]);
        struct rs_str line = rs_str_from(hear(&heard));
        assert_true(rs_utf8_valid(line));
        struct rs_json_doc *doc = rs_json_doc_parse(line, "log", &err);
        assert_non_null(doc);
        assert_string_equal(member(doc, "message"), texts[i][1]);
        rs_json_doc_free(doc);
    }
}

/* Whatever is cut, a line stays one line, and JSON stays JSON. */
static void test_log__long_messages_are_cut(void **state)
{
    static const char fillers[] = {'x', '\n', '"', '\\', '\001'};
    char text[3000];
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(fillers) * 2; i++) {
        struct rs_error err = {0};
        struct heard heard;
        memset(text, fillers[i / 2], sizeof text - 1);
        text[sizeof text - 1] = '\0';
        open_log(&heard);
        heard.log.json = i % 2 == 1;
        rs_log(&heard.log, RS_LOG_WARNING, "%s", text);
        (void)rs_error_set(&err, RS_E_IO, "%s", text);
        (void)rs_error_hint(&err, "%s", text);
        rs_log_error(&heard.log, &err);
        struct rs_str lines = rs_str_from(hear(&heard));
        size_t end = rs_str_find_byte(lines, '\n');
        assert_true(end > 500 && end < 4096);
        rs_error_clear(&err);
        if (heard.log.json) {
            struct rs_json_doc *doc = rs_json_doc_parse(rs_str_slice(lines, 0, end), "log", &err);
            assert_non_null(doc);
            rs_json_doc_free(doc);
            doc = rs_json_doc_parse(rs_str_slice(lines, end + 1, lines.length), "log", &err);
            assert_non_null(doc);
            rs_json_doc_free(doc);
        }
    }
}

static const char *count_call(void *arg)
{
    ++*(int *)arg;
    return "\r\033[J";
}

static void test_log__each_line_clears_the_progress_bar(void **state)
{
    struct heard heard;
    int calls = 0;
    (void)state;
    open_log(&heard);
    heard.log.before = count_call;
    heard.log.before_arg = &calls;
    rs_log(&heard.log, RS_LOG_NOTICE, "one");
    rs_log(&heard.log, RS_LOG_DEBUG, "not said");
    rs_log(&heard.log, RS_LOG_NOTICE, "two");
    assert_int_equal(calls, 2);
    (void)hear(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log__a_line_names_the_tool_and_what_is_urgent),
        cmocka_unit_test(test_log__what_is_below_the_level_is_not_said),
        cmocka_unit_test(test_log__an_error_has_its_hint_below_it),
        cmocka_unit_test(test_log__control_bytes_are_shown),
        cmocka_unit_test(test_log__colors_end_where_they_began),
        cmocka_unit_test(test_log__json_lines_are_json),
        cmocka_unit_test(test_log__json_lines_are_valid_utf_8),
        cmocka_unit_test(test_log__long_messages_are_cut),
        cmocka_unit_test(test_log__each_line_clears_the_progress_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
