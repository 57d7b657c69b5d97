/* json_cut: what is cut of texts good and damaged, and that it is the same however they arrive. */
#include "base/mem.h"
#include "codec/json_cut.h"
#include "rs/strbuf.h"
#include "unit.h"

enum { STEP_ALL = 1 << 30, LISTING_MAX = 1 << 16 };

static const char kinds[] = {
    [RS_JSON_CUT_LINE] = 'L', [RS_JSON_CUT_VALUE] = 'V', [RS_JSON_CUT_DAMAGED] = 'D',
    [RS_JSON_CUT_LONG] = 'T', [RS_JSON_CUT_TAIL] = 'E',  [RS_JSON_CUT_UNCLOSED] = 'U',
};

static void list_cuts(struct rs_strbuf *out, const struct rs_json_cuts *cuts, const char *text,
                      size_t line, bool deep);

/* What a line holds is part of what is cut. */
static void list_line(struct rs_strbuf *out, const char *text, size_t length, size_t line)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT_LINE;
    struct rs_json_cuts cuts = {0};
    char *copy = rs_mem_zalloc(length + RS_JSON_CUT_PADDING, 1);
    memcpy(copy, text, length);
    assert_int_equal(rs_json_cut(&cutter, copy, length, true, &cuts), RS_JSON_CUT_DONE);
    assert_int_equal(cuts.used, length);
    list_cuts(out, &cuts, copy, line, false);
    rs_json_cuts_release(&cuts);
    rs_mem_free(copy);
}

/* A line for each: kind, number of the line, text. */
static void list_cuts(struct rs_strbuf *out, const struct rs_json_cuts *cuts, const char *text,
                      size_t line, bool deep)
{
    for (size_t i = 0; i < cuts->count; i++) {
        const struct rs_json_cut *cut = &cuts->items[i];
        if (deep && cut->kind == RS_JSON_CUT_LINE) {
            list_line(out, text + cut->offset, cut->length, line + cut->line);
            continue;
        }
        rs_strbuf_printf(out, "%c%zu ", kinds[cut->kind], line + cut->line);
        for (size_t j = 0; j < cut->length; j++) {
            char byte = text[cut->offset + j];
            rs_strbuf_append_char(out, byte == '\n' ? '$' : byte);
        }
        rs_strbuf_append_char(out, '\n');
    }
}

/* Cut a text that arrives step bytes at a time. */
static void cut(const char *text, size_t length, size_t step, size_t max_bytes, size_t window,
                struct rs_strbuf *out)
{
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT;
    struct rs_json_cuts cuts = {0};
    size_t begin = 0;
    size_t end = 0;
    size_t line = 1;
    bool ended = false;
    cutter.value.max_bytes = max_bytes;
    cutter.window = window;
    while (!ended || begin < length || cutter.is_long) {
        end = length - end < step ? length : end + step;
        ended = end == length;
        size_t before = begin;
        do { /* the text stands in memory of its own, so that nothing before it is looked at */
            char *given = rs_mem_zalloc(end - begin + RS_JSON_CUT_PADDING, 1);
            memcpy(given, text + begin, end - begin);
            enum rs_json_cut_status status = rs_json_cut(&cutter, given, end - begin, ended, &cuts);
            list_cuts(out, &cuts, given, line, true);
            if (status == RS_JSON_CUT_PART) {
                rs_strbuf_append(out, cutter.is_long ? "" : "T-\n");
            } else if (status == RS_JSON_CUT_BODY) {
                rs_strbuf_printf(out, "B%zu %.*s\n", line, (int)cuts.used, given);
            }
            rs_mem_free(given);
            before = begin;
            begin += cuts.used;
            line += cuts.line_ends;
        } while (begin > before && begin < end);
    }
    assert_int_equal(begin, length);
    rs_json_cuts_release(&cuts);
}

static void check(const char *label, const char *text, size_t max_bytes, const char *wanted)
{
    static const size_t steps[] = {1, 2, 3, 7, 61, 64, 100, STEP_ALL};
    for (size_t i = 0; i < RS_COUNTOF(steps); i++) {
        struct rs_strbuf got = RS_STRBUF_INIT(LISTING_MAX);
        cut(text, strlen(text), steps[i], max_bytes, RS_JSON_CUT_WINDOW, &got);
        if (strcmp(rs_strbuf_cstr(&got), wanted) != 0) {
            fail_msg("%s, %zu at a time: wanted\n%sgot\n%s", label, steps[i], wanted,
                     rs_strbuf_cstr(&got));
        }
        rs_strbuf_release(&got);
    }
}

struct cut_case {
    const char *label;
    const char *text;
    const char *wanted;
};

static void check_all(const struct cut_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(cases[i].label, cases[i].text, RS_JSON_CUT_MAX, cases[i].wanted);
    }
}

static void test_json_cut__values_are_found_whatever_lies_between_them(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"nothing", "", ""},
        {"blank", " \n\r\n\t", ""},
        {"lines", "{\"a\":1}\n{\"b\":2}\r\n{\"c\":3}",
         "V1 {\"a\":1}\nV2 {\"b\":2}\nV3 {\"c\":3}\n"},
        {"blanks around", "\n {\"a\":1} \n\n{\"b\":2}\t\r\n", "V2  {\"a\":1} \nV4 {\"b\":2}\t\n"},
        {"joined", "{}{\"a\":[{}]}{\"b\":2} {\"c\":3}\n",
         "V1 {}\nV1 {\"a\":[{}]}\nV1 {\"b\":2}\nV1 {\"c\":3}\n"},
        {"array", "[{\"a\":1},{\"b\":2}]", "V1 {\"a\":1}\nV1 {\"b\":2}\n"},
        {"arrays", "[[{\"a\":1}],[]]\n[{\"b\":2}]", "V1 {\"a\":1}\nV2 {\"b\":2}\n"},
        {"array of lines", "[\n{\"a\":1},\n {\"b\":2}\n]\n", "V2 {\"a\":1}\nV3 {\"b\":2}\n"},
        {"pretty array",
         "[\n  {\n    \"a\": {\n    }\n  },\n  {\n    \"b\": [\n      {}\n    ]\n  }\n]\n",
         "V2 {$    \"a\": {$    }$  }\nV6 {$    \"b\": [$      {}$    ]$  }\n"},
        {"pretty values", "{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}",
         "V1 {$  \"a\": 1$}\nV4 {$  \"b\": 2$}\n"},
        {"line breaks anywhere", "{\"a\"\n:\n{\"b\":1}\n,\"c\":[\n{}\n,\n{\n}]}\n{\"d\":1}\n",
         "V1 {\"a\"$:${\"b\":1}$,\"c\":[${}$,${$}]}\nV9 {\"d\":1}\n"},
        {"commas", ",{\"a\":1},\n,{\"b\":2},", "V1 {\"a\":1}\nV2 {\"b\":2}\n"},
        {"records", "\x1e{\"a\":1}\n\x1e{\"b\":\n2}\n\x1e\x1e{\"c\":3}",
         "V1 {\"a\":1}\nV2 {\"b\":$2}\nV4 {\"c\":3}\n"},
        {"mixed", "{\"a\":1}\n[{\"b\":2},\n{\"c\":3}]{\"d\":4}\n{\n}\n{\"e\":5}\n",
         "V1 {\"a\":1}\nV2 {\"b\":2}\nV3 {\"c\":3}\nV3 {\"d\":4}\nV4 {$}\nV6 {\"e\":5}\n"},
        {"strings", "[{\"a\":\"}{][\\\"},{\\\\\"},{\"b\\\\\":\"\\\\\\\"]\"}]",
         "V1 {\"a\":\"}{][\\\"},{\\\\\"}\nV1 {\"b\\\\\":\"\\\\\\\"]\"}\n"},
        {"no JSON inside", "[{a},{'b':NaN,},{\"c\":1}]", "V1 {a}\nV1 {'b':NaN,}\nV1 {\"c\":1}\n"},
        {"no commas in an array", "[{\"a\":1}\n{\"b\":2}]", "V1 {\"a\":1}\nU2 \nV2 {\"b\":2}\n"},
    };
    check_all(cases, RS_COUNTOF(cases));
}

static void test_json_cut__a_broken_line_costs_that_line(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"no event", "nonsense\n{\"a\":1}\n17\n[1,2]\nnull\n{\"b\":2}",
         "D1 nonsense\nV2 {\"a\":1}\nD3 17\nD4 [1,2]\nD5 null\nV6 {\"b\":2}\n"},
        {"junk before", "x {\"a\":1}\n", "D1 x {\"a\":1}\n"},
        {"a log's line", "[INFO] {\"a\":1}\n{\"b\":2}\n", "D1 [INFO] {\"a\":1}\nV2 {\"b\":2}\n"},
        {"junk behind", "{\"a\":1} x\n{\"a\":1},x\n{\"b\":2}",
         "D1 {\"a\":1} x\nD2 {\"a\":1},x\nV3 {\"b\":2}\n"},
        {"brace lacks", "{\"a\":{\"b\":1}\n{\"c\":1}\n", "D1 {\"a\":{\"b\":1}\nV2 {\"c\":1}\n"},
        {"cut behind a value", "{\"a\":1\n{\"c\":1}\n", "D1 {\"a\":1\nV2 {\"c\":1}\n"},
        {"cut in a string", "{\"a\":\"x\n{\"c\":1}\n", "D1 {\"a\":\"x\nV2 {\"c\":1}\n"},
        {"cut behind a comma", "{\"a\":1,\r\n{\"c\":1}\r\n", "D1 {\"a\":1,\nV2 {\"c\":1}\n"},
        {"cut behind a colon", "{\"a\":\n{\"c\":1}\n{\"d\":1}",
         "D1 {\"a\":\nV2 {\"c\":1}\nV3 {\"d\":1}\n"},
        {"cut in an array", "{\"a\":[{},\n{\"c\":1}\n{\"d\":1}",
         "D1 {\"a\":[{},\nV2 {\"c\":1}\nV3 {\"d\":1}\n"},
        {"a brace too many", "{\"a\":{}}}\n{\"b\":1}}\n{\"c\":1}",
         "D1 {\"a\":{}}}\nD2 {\"b\":1}}\nV3 {\"c\":1}\n"},
        {"ended too early", "{\"a\":{}},\"b\":1}\n{\"c\":1}",
         "D1 {\"a\":{}},\"b\":1}\nV2 {\"c\":1}\n"},
        {"brackets", "{\"a\":[1},\"b\":[{\"c\":1},{\"d\":1}]}\n{\"c\":1}",
         "D1 {\"a\":[1},\"b\":[{\"c\":1},{\"d\":1}]}\nV2 {\"c\":1}\n"},
        {"two of them", "{\"a\":1,\nx\n {\"b\":1}\n{\"c\":1",
         "D1 {\"a\":1,\nD2 x\nV3  {\"b\":1}\nD4 {\"c\":1\n"},
        {"joined", "{\"a\":[}{\"b\":1}{\"c\":1\n{\"d\":1}",
         "D1 {\"a\":[}\nV1 {\"b\":1}\nD1 {\"c\":1\nV2 {\"d\":1}\n"},
        {"a record", "\x1e{\"a\":\"\x1e{\"b\":1}\x1e{\"c\":\x1e{\"d\":1}\n",
         "D1 {\"a\":\"\nV1 {\"b\":1}\nD1 {\"c\":\nV1 {\"d\":1}\n"},
    };
    check_all(cases, RS_COUNTOF(cases));
}

static void test_json_cut__a_damaged_event_of_an_array_costs_itself(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"a brace lacks", "[{\"a\":{\"x\":1},{\"b\":1},{\"c\":1}]",
         "D1 {\"a\":{\"x\":1}\nV1 {\"b\":1}\nV1 {\"c\":1}\n"},
        {"a bracket lacks", "[{\"a\":[1},{\"b\":1}]", "D1 {\"a\":[1}\nV1 {\"b\":1}\n"},
        {"a quote lacks", "[{\"a\":\"x},{\"b\":1},{\"c\":1}]",
         "D1 {\"a\":\"x}\nV1 {\"b\":1}\nV1 {\"c\":1}\n"},
        {"elements", "[{\"a\":1},1,\"x,]{\",null,{\"b\":1}]",
         "V1 {\"a\":1}\nD1 1\nD1 \"x,]{\"\nD1 null\nV1 {\"b\":1}\n"},
        {"first element", "[null,{\"b\":1}]", "D1 null\nV1 {\"b\":1}\n"},
        {"pretty", "[\n  {\n    \"a\": \"x\ny\n  },\n  {\n    \"b\": 1\n  }\n]\n",
         "D2 {$    \"a\": \"x$y$  }\nV6 {$    \"b\": 1$  }\n"},
        {"pretty, a brace lacks",
         "[\n  {\n    \"a\": {\n      \"x\": [\n        {}\n      ]\n  },\n  {\n    \"b\": 1\n  "
         "}\n]\n",
         "D2 {$    \"a\": {$      \"x\": [$        {}$      ]$  }\nV8 {$    \"b\": 1$  }\n"},
        {"pretty, the last", "[\n  {\n    \"a\": [1}\n  }\n]\n{\"b\":1}\n",
         "D2 {$    \"a\": [1}$  }\nV6 {\"b\":1}\n"},
        {"braces in one line", "[{\n  \"a\": {\n}, {\n  \"b\": 1\n}]",
         "D1 {$  \"a\": {$}\nV3 {$  \"b\": 1$}\n"},
        {"lines", "[\n{\"a\":[1}},\n{\"b\":1},\n{\"c\":\"x},\n{\"d\":1}\n]",
         "D2 {\"a\":[1}}\nV3 {\"b\":1}\nD4 {\"c\":\"x}\nV5 {\"d\":1}\n"},
        {"cut short", "[{\"a\":1},{\"b\":", "V1 {\"a\":1}\nD1 {\"b\":\n"},
        {"not closed, and lines", "[{\"a\":1},\n{\"b\":1}\n{\"c\":1}\n",
         "V1 {\"a\":1}\nV2 {\"b\":1}\nU3 \nV3 {\"c\":1}\n"},
        {"not closed", "[{\"a\":1},\n{\"b\":1}\n", "V1 {\"a\":1}\nV2 {\"b\":1}\nU3 \n"},
    };
    check_all(cases, RS_COUNTOF(cases));
}

static void test_json_cut__what_is_too_long_is_given_in_parts(void **state)
{
    (void)state;
    enum { MAX = 200 };
    char text[2000];
    struct rs_strbuf x = RS_STRBUF_INIT(1000);
    for (size_t i = 0; i < 300; i++) {
        rs_strbuf_append_char(&x, i % 50 == 49 ? ' ' : 'x');
    }
    (void)snprintf(text, sizeof text, "{\"a\":\"%s\"}\n{\"b\":1}\n", rs_strbuf_cstr(&x));
    struct rs_strbuf got = RS_STRBUF_INIT(LISTING_MAX);
    for (size_t step = 1; step < 400; step += 13) {
        rs_strbuf_reset(&got);
        cut(text, strlen(text), step, MAX, MAX, &got);
        assert_true(rs_str_ends(rs_strbuf_str(&got), RS_STR("V2 {\"b\":1}\n")));
        assert_true(rs_strbuf_cstr(&got)[0] == 'T');
    }
    /* A line that could begin an event ends one that is too long. */
    (void)snprintf(text, sizeof text, "{\"a\":[\n{\"b\":1},\n\"%.100s\",\n\"%.100s\",\n{\"c\":1}\n",
                   rs_strbuf_cstr(&x), rs_strbuf_cstr(&x));
    struct rs_strbuf wanted = RS_STRBUF_INIT(1000);
    rs_strbuf_printf(&wanted,
                     "D1 {\"a\":[\nV2 {\"b\":1}\nD3 \"%.100s\",\nD4 \"%.100s\",\nV5 {\"c\":1}\n",
                     rs_strbuf_cstr(&x), rs_strbuf_cstr(&x));
    check("a line inside", text, MAX, rs_strbuf_cstr(&wanted));
    rs_strbuf_release(&wanted);
    rs_strbuf_release(&got);
    rs_strbuf_release(&x);
}

static void test_json_cut__a_body_that_is_too_long_is_gone_into(void **state)
{
    (void)state;
    enum { MAX = 100 };
    static const char text[] =
        "{\"sentAt\":\"2026\",\"batch\":[{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"},\n"
        "{\"b\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}],\"context\":{}}\n{\"c\":"
        "1}\n";
    static const char wanted[] =
        "B1 {\"sentAt\":\"2026\",\"batch\":[\n"
        "V1 {\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n"
        "V2 {\"b\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n"
        "E2 ,\"context\":{}}\nV3 {\"c\":1}\n";
    check("a body", text, MAX, wanted);
}

/* Texts of few kinds of bytes meet every rule; all that arrives in steps is cut as it is at once. */
static void test_json_cut__what_is_cut_does_not_depend_on_steps(void **state)
{
    (void)state;
    static const char *const words[] = {"{",     "}",      "[",   "]",     ",",    "\"",
                                        "\n",    " ",      ":",   "\\",    "\x1e", "{\"a\":1}",
                                        "},{\"", "\"b\":", "{\n", "\n{\"", "x",    "  {\n"};
    uint32_t seed = 1;
    struct rs_strbuf text = RS_STRBUF_INIT(LISTING_MAX);
    struct rs_strbuf whole = RS_STRBUF_INIT(LISTING_MAX);
    struct rs_strbuf got = RS_STRBUF_INIT(LISTING_MAX);
    for (size_t round = 0; round < 20000; round++) {
        rs_strbuf_reset(&text);
        rs_strbuf_reset(&whole);
        for (size_t i = 0; i < 4 + round % 40; i++) {
            seed = seed * 1664525U + 1013904223U;
            rs_strbuf_append(&text, words[(seed >> 16) % RS_COUNTOF(words)]);
        }
        const char *bytes = rs_strbuf_cstr(&text);
        cut(bytes, text.length, STEP_ALL, RS_JSON_CUT_MAX, 64, &whole);
        for (size_t step = 1; step < 90; step += 1 + (seed >> 20) % 30) {
            rs_strbuf_reset(&got);
            cut(bytes, text.length, step, RS_JSON_CUT_MAX, 64, &got);
            if (strcmp(rs_strbuf_cstr(&got), rs_strbuf_cstr(&whole)) != 0) {
                fail_msg("%zu at a time:\n%s\nwanted\n%sgot\n%s", step, bytes,
                         rs_strbuf_cstr(&whole), rs_strbuf_cstr(&got));
            }
        }
    }
    rs_strbuf_release(&text);
    rs_strbuf_release(&whole);
    rs_strbuf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_cut__values_are_found_whatever_lies_between_them),
        cmocka_unit_test(test_json_cut__a_broken_line_costs_that_line),
        cmocka_unit_test(test_json_cut__a_damaged_event_of_an_array_costs_itself),
        cmocka_unit_test(test_json_cut__what_is_too_long_is_given_in_parts),
        cmocka_unit_test(test_json_cut__a_body_that_is_too_long_is_gone_into),
        cmocka_unit_test(test_json_cut__what_is_cut_does_not_depend_on_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
