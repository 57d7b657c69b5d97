/*
 * The JSON writer: commas, escapes, numbers, and calls that have no place.
 */
#include "codec/json_write.h"

#include <float.h>
#include <math.h>

#include "unit.h"

static void test_json_write__puts_commas_and_colons(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);

    (void)state;
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("a"));
    rs_json_write_i64(&json, INT64_MIN);
    rs_json_write_key(&json, RS_STR("b"));
    rs_json_write_array_begin(&json);
    rs_json_write_u64(&json, UINT64_MAX);
    rs_json_write_bool(&json, true);
    rs_json_write_bool(&json, false);
    rs_json_write_null(&json);
    rs_json_write_array_begin(&json);
    rs_json_write_array_end(&json);
    rs_json_write_object_begin(&json);
    rs_json_write_object_end(&json);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR(""));
    rs_json_write_str(&json, RS_STR("x"));
    rs_json_write_object_end(&json);
    rs_json_write_array_end(&json);
    rs_json_write_key(&json, RS_STR("c"));
    rs_json_write_text(&json, NULL);
    rs_json_write_key(&json, RS_STR("d"));
    rs_json_write_text(&json, "y");
    assert_false(rs_json_write_ok(&json)); /* still open */
    rs_json_write_object_end(&json);
    assert_true(rs_json_write_ok(&json));
    assert_string_equal(rs_strbuf_cstr(&out),
                        "{\"a\":-9223372036854775808,\"b\":[18446744073709551615,true,false,null,"
                        "[],{},{\"\":\"x\"}],\"c\":null,\"d\":\"y\"}");
    rs_strbuf_release(&out);
}

static void test_json_write__escapes_what_has_to_be(void **state)
{
    static const struct {
        struct rs_str text;
        struct rs_str json;
    } cases[] = {
        {RS_STR_INIT(""), RS_STR_INIT("\"\"")},
        {RS_STR_INIT("plain /text\x7f"), RS_STR_INIT("\"plain /text\x7f\"")},
        {RS_STR_INIT("\"\\"), RS_STR_INIT("\"\\\"\\\\\"")},
        {RS_STR_INIT("\b\t\n\v\f\r"), RS_STR_INIT("\"\\b\\t\\n\\u000b\\f\\r\"")},
        {RS_STR_INIT("\x01\x07\x0e\x1f"), RS_STR_INIT("\"\\u0001\\u0007\\u000e\\u001f\"")},
        {RS_STR_INIT("a\0b"), RS_STR_INIT("\"ab\"")},
        {RS_STR_INIT("caf\xc3\xa9 \xf0\x9f\x98\x80"),
         RS_STR_INIT("\"caf\xc3\xa9 \xf0\x9f\x98\x80\"")},
        {RS_STR_INIT("\xff\xc3"), RS_STR_INIT("\"\xef\xbf\xbd\xef\xbf\xbd\"")},
        {RS_STR_INIT("0123456789abcdef0123456789\n0123456789abcdef"),
         RS_STR_INIT("\"0123456789abcdef0123456789\\n0123456789abcdef\"")},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
        rs_json_write_str(&json, cases[i].text);
        assert_true(rs_json_write_ok(&json));
        if (!rs_str_equal(rs_strbuf_str(&out), cases[i].json)) {
            fail_msg("%s, not %s", rs_strbuf_cstr(&out), cases[i].json.data);
        }
        rs_strbuf_release(&out);
    }
}

static void test_json_write__writes_seconds_with_three_decimals(void **state)
{
    static const struct {
        double number;
        const char *seconds;
    } cases[] = {
        {0, "0.000"},
        {-0.0, "-0.000"},
        {1, "1.000"},
        {0.1, "0.100"},
        {0.1 + 0.2, "0.300"},
        {-2.5, "-2.500"},
        {1.0006, "1.001"},
        {9007199254740993.0, "9007199254740992.000"},
        {1e21, "1000000000000000000000.000"},
        {1.0 / 3, "0.333"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
    };
    static const double edges[] = {DBL_MAX, -DBL_MAX, DBL_MIN, DBL_EPSILON, 5e-324};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
        rs_json_write_seconds(&json, cases[i].number);
        assert_true(rs_json_write_ok(&json));
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].seconds);
        rs_strbuf_release(&out);
    }
    for (size_t i = 0; i < RS_COUNTOF(edges); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
        rs_json_write_seconds(&json, edges[i]);
        assert_true(rs_json_write_ok(&json));
        rs_strbuf_release(&out);
    }
}

/*
 * A letter is a call: { } [ ] open and close, k writes a name, v a value. What is wanted is the
 * text when all calls have a place, NULL when one has none.
 */
static const struct {
    const char *calls;
    const char *want;
} scripts[] = {
    {"", NULL},
    {"v", "1"},
    {"vv", NULL},
    {"{}", "{}"},
    {"[]", "[]"},
    {"{}{}", NULL},
    {"[]v", NULL},
    {"{v}", NULL},
    {"{k}", NULL},
    {"{kk", NULL},
    {"{kkv}", NULL},
    {"{kvv}", NULL},
    {"k", NULL},
    {"[k", NULL},
    {"[kv]", NULL},
    {"{[]}", NULL},
    {"}", NULL},
    {"]", NULL},
    {"{]", NULL},
    {"[}", NULL},
    {"{}}", NULL},
    {"[", NULL},
    {"{kv", NULL},
    {"{kvkv}", "{\"k\":1,\"k\":1}"},
    {"[v[]v]", "[1,[],1]"},
    {"[[]{}]", "[[],{}]"},
    {"{k{}kv}", "{\"k\":{},\"k\":1}"},
    {"{k[v]kv}", "{\"k\":[1],\"k\":1}"},
    {"[{kv}v]", "[{\"k\":1},1]"},
};

static void test_json_write__notices_calls_that_have_no_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(scripts); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
        for (const char *call = scripts[i].calls; *call; call++) {
            switch (*call) {
            case '{':
                rs_json_write_object_begin(&json);
                break;
            case '}':
                rs_json_write_object_end(&json);
                break;
            case '[':
                rs_json_write_array_begin(&json);
                break;
            case ']':
                rs_json_write_array_end(&json);
                break;
            case 'k':
                rs_json_write_key(&json, RS_STR("k"));
                break;
            default:
                rs_json_write_i64(&json, 1);
                break;
            }
        }
        if (rs_json_write_ok(&json) != (scripts[i].want != NULL)) {
            fail_msg("\"%s\"", scripts[i].calls);
        }
        if (scripts[i].want) {
            assert_string_equal(rs_strbuf_cstr(&out), scripts[i].want);
        }
        rs_strbuf_release(&out);
    }
}

static void test_json_write__nests_to_32_levels(void **state)
{
    (void)state;
    for (unsigned levels = RS_JSON_WRITE_DEPTH_MAX; levels <= RS_JSON_WRITE_DEPTH_MAX + 1;
         levels++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
        for (unsigned i = 0; i < levels; i++) {
            if (i % 2) {
                rs_json_write_key(&json, RS_STR("k"));
                rs_json_write_array_begin(&json);
            } else {
                rs_json_write_object_begin(&json);
            }
        }
        for (unsigned i = levels; i-- > 0;) {
            if (i % 2) {
                rs_json_write_array_end(&json);
            } else {
                rs_json_write_object_end(&json);
            }
        }
        assert_int_equal(rs_json_write_ok(&json), levels == RS_JSON_WRITE_DEPTH_MAX);
        rs_strbuf_release(&out);
    }
}

static void test_json_write__says_when_the_buffer_is_full(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(4);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);

    (void)state;
    rs_json_write_str(&json, RS_STR("abc"));
    assert_false(rs_json_write_ok(&json));
    rs_strbuf_release(&out);
}

static void test_json_write__an_error_says_how_the_tool_ended(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(1000);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&buf);
    struct rs_error err = {0};
    const char *texts[] = {"a", "b\"c"};
    (void)state;
    rs_json_write_array_begin(&json);
    rs_json_write_error(&json, &err);
    (void)rs_error_set(&err, RS_E_USAGE, "no \"x\"");
    (void)rs_error_hint(&err, "y");
    rs_json_write_error(&json, &err);
    rs_json_write_texts(&json, texts, 2);
    rs_json_write_array_end(&json);
    assert_true(rs_json_write_ok(&json));
    assert_string_equal(rs_strbuf_cstr(&buf),
                        "[null,{\"message\":\"no \\\"x\\\"\",\"hint\":\"y\",\"detail\":null,"
                        "\"exit\":2},[\"a\",\"b\\\"c\"]]");
    rs_strbuf_release(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_write__puts_commas_and_colons),
        cmocka_unit_test(test_json_write__escapes_what_has_to_be),
        cmocka_unit_test(test_json_write__writes_seconds_with_three_decimals),
        cmocka_unit_test(test_json_write__notices_calls_that_have_no_place),
        cmocka_unit_test(test_json_write__nests_to_32_levels),
        cmocka_unit_test(test_json_write__says_when_the_buffer_is_full),
        cmocka_unit_test(test_json_write__an_error_says_how_the_tool_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
