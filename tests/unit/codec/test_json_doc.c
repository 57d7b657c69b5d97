/*
 * Configuration documents: the tree, its accessors, and what is refused with a place and a reason.
 */
#include "codec/json_doc.h"

#include <string.h>

#include "rs/strbuf.h"
#include "unit.h"

static struct rs_json_doc *parse(const char *text)
{
    struct rs_error err = {0};
    struct rs_json_doc *doc = rs_json_doc_parse(rs_str_from(text), "rs.json", &err);

    if (!doc) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(err.code, RS_OK);
    return doc;
}

static void test_json_doc__finds_members_and_walks_elements(void **state)
{
    struct rs_json_doc *doc = parse(
        "\xef\xbb\xbf{\"schema\": \"shop\", \"threads\": 4, \"ratio\": 0.5, \"quiet\": true,\n"
        " \"plan\": false, \"none\": null, \"files\": [\"a\", \"b\"], \"in\": {\"x\": {}}}");
    static const char *const names[] = {"schema", "threads", "ratio", "quiet",
                                        "plan",   "none",    "files", "in"};
    static const char *const kinds[] = {"string",  "number", "number", "boolean",
                                        "boolean", "null",   "array",  "object"};
    const struct rs_json_node *root = rs_json_doc_root(doc);
    const struct rs_json_node *files = rs_json_node_find(root, "files");
    size_t i = 0;

    (void)state;
    assert_int_equal(rs_json_node_kind(root), RS_JSON_OBJECT);
    assert_null(rs_json_node_name(root));
    assert_int_equal(rs_json_node_count(root), RS_COUNTOF(names));
    for (const struct rs_json_node *node = rs_json_node_first(root); node;
         node = rs_json_node_next(node), i++) {
        assert_string_equal(rs_json_node_name(node), names[i]);
        assert_string_equal(rs_json_node_kind_name(node), kinds[i]);
        assert_ptr_equal(rs_json_node_find(root, names[i]), node);
    }
    assert_int_equal(i, RS_COUNTOF(names));
    assert_string_equal(rs_json_node_text(rs_json_node_find(root, "schema")), "shop");
    assert_int_equal(rs_json_node_kind(rs_json_node_find(root, "quiet")), RS_JSON_TRUE);
    assert_int_equal(rs_json_node_kind(rs_json_node_find(root, "plan")), RS_JSON_FALSE);
    assert_int_equal(rs_json_node_count(files), 2);
    assert_string_equal(rs_json_node_text(rs_json_node_first(files)), "a");
    assert_null(rs_json_node_name(rs_json_node_first(files)));
    assert_null(rs_json_node_find(root, "Schema"));
    assert_null(rs_json_node_find(files, "a"));
    assert_non_null(rs_json_node_find(rs_json_node_find(root, "in"), "x"));
    assert_null(rs_json_node_first(rs_json_node_find(root, "schema")));
    rs_json_doc_free(doc);
}

static void test_json_doc__takes_a_node_that_is_not_there(void **state)
{
    bool flag = true;
    double number = 1;
    int64_t integer = 1;

    (void)state;
    assert_null(rs_json_doc_root(NULL));
    assert_int_equal(rs_json_node_kind(NULL), RS_JSON_NULL);
    assert_string_equal(rs_json_node_kind_name(NULL), "null");
    assert_null(rs_json_node_find(NULL, "a"));
    assert_null(rs_json_node_first(NULL));
    assert_null(rs_json_node_next(NULL));
    assert_int_equal(rs_json_node_count(NULL), 0);
    assert_null(rs_json_node_name(NULL));
    assert_null(rs_json_node_text(NULL));
    assert_false(rs_json_node_bool(NULL, &flag));
    assert_false(rs_json_node_double(NULL, &number));
    assert_false(rs_json_node_i64(NULL, &integer));
    rs_json_doc_free(NULL);
}

static void test_json_doc__reads_whole_numbers_exactly_or_not(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"42", true, 42},
        {"-42", true, -42},
        {"3.0", true, 3},
        {"3e2", true, 300},
        {"9007199254740991", true, 9007199254740991},
        {"-9007199254740991", true, -9007199254740991},
        {"9007199254740992", false, 0},
        {"9007199254740993", false, 0},
        {"-9007199254740993", false, 0},
        {"0.5", false, 0},
        {"1e300", false, 0},
        {"1e999", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_json_doc *doc = parse(cases[i].text);
        int64_t number = -7;
        assert_int_equal(rs_json_node_i64(rs_json_doc_root(doc), &number), cases[i].ok);
        assert_int_equal(number, cases[i].ok ? cases[i].number : -7);
        rs_json_doc_free(doc);
    }
}

static void test_json_doc__reads_booleans_and_doubles_of_their_kind_alone(void **state)
{
    struct rs_json_doc *doc = parse("[true, false, 2.5, \"true\", 1e999]");
    const struct rs_json_node *node = rs_json_node_first(rs_json_doc_root(doc));
    bool flag = false;
    double number = 0;

    (void)state;
    assert_true(rs_json_node_bool(node, &flag));
    assert_true(flag);
    assert_false(rs_json_node_double(node, &number));
    node = rs_json_node_next(node);
    assert_true(rs_json_node_bool(node, &flag));
    assert_false(flag);
    node = rs_json_node_next(node);
    assert_false(rs_json_node_bool(node, &flag));
    assert_true(rs_json_node_double(node, &number));
    assert_true(number > 2.4 && number < 2.6);
    assert_null(rs_json_node_text(node));
    node = rs_json_node_next(node);
    assert_false(rs_json_node_bool(node, &flag));
    assert_string_equal(rs_json_node_text(node), "true");
    node = rs_json_node_next(node);
    assert_false(rs_json_node_double(node, &number)); /* infinite as a double */
    assert_null(rs_json_node_next(node));
    rs_json_doc_free(doc);
}

static void test_json_doc__refuses_with_a_place_and_a_reason(void **state)
{
    static const struct {
        struct rs_str text;
        const char *why;
    } cases[] = {
        {RS_STR_INIT(""), "line 1, column 1: unexpected end of the text"},
        {RS_STR_INIT("{\n  \"a\" 1\n}"), "line 2, column 7: expected a colon"},
        {RS_STR_INIT("{\"a\":1}\n\n x"), "line 3, column 2: text after the value"},
        {RS_STR_INIT("{\"a\":1} {}"), "line 1, column 9: text after the value"},
        {RS_STR_INIT("{\"a\":1}\0"), "line 1, column 8: text after the value"},
        {RS_STR_INIT("[1,\n2,\n]"), "line 3, column 1: expected a value"},
        {RS_STR_INIT("{\"a\":01}"), "line 1, column 6: malformed number"},
        {RS_STR_INIT("{\"caf\xc3\xa9\":x}"), "line 1, column 9: expected a value"},
        {RS_STR_INIT("\xef\xbb\xbfx"), "line 1, column 1: expected a value"},
        {RS_STR_INIT("{\"a\":\n\"\xff\"}"), "line 2, column 2: not valid UTF-8"},
        {RS_STR_INIT("[\"\\\\u0000\",\"x\\u0000\"]"),
         "line 1, column 14: a string may not hold \\u0000"},
        {RS_STR_INIT("{\"a\":1,\"b\":2,\"a\":3}"), "\"a\" is given twice"},
        {RS_STR_INIT("{\"a\":[{\"x\":1,\"\\u0078\":2}]}"), "\"x\" is given twice"},
        {RS_STR_INIT("{\"\":1,\"\":2}"), "\"\" is given twice"},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf want = RS_STRBUF_INIT(500);
        rs_strbuf_printf(&want, "could not read \"rs.json\": %s", cases[i].why);
        assert_null(rs_json_doc_parse(cases[i].text, "rs.json", &err));
        assert_int_equal(err.code, RS_E_CONFIG);
        assert_string_equal(err.message, rs_strbuf_cstr(&want));
        rs_strbuf_release(&want);
    }
}

static void test_json_doc__refuses_half_a_surrogate_pair(void **state)
{
    static const char *const texts[] = {
        "[\"\\ud800\"]",
        "[\"\\udc00\"]",
        "[\"\\ud800\\u0041\"]",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        struct rs_error err = {0};
        assert_null(rs_json_doc_parse(rs_str_from(texts[i]), "rs.json", &err));
        assert_int_equal(err.code, RS_E_CONFIG);
        assert_non_null(strstr(err.message, "an escape that is no character"));
    }
}

static void test_json_doc__allows_one_name_in_several_objects(void **state)
{
    (void)state;
    rs_json_doc_free(parse("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}],\"A\":3}"));
}

static void test_json_doc__reads_512_levels_and_8_mib(void **state)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES + 1);
    struct rs_error err = {0};

    (void)state;
    for (unsigned i = 0; i < RS_JSON_DEPTH_MAX; i++) {
        rs_strbuf_append_char(&text, '[');
    }
    for (unsigned i = 0; i < RS_JSON_DEPTH_MAX; i++) {
        rs_strbuf_append_char(&text, ']');
    }
    rs_json_doc_free(parse(rs_strbuf_cstr(&text)));
    while (text.length < RS_JSON_DOC_MAX_BYTES) {
        rs_strbuf_append_char(&text, ' ');
    }
    rs_json_doc_free(parse(rs_strbuf_cstr(&text)));
    rs_strbuf_append_char(&text, ' ');
    assert_true(rs_strbuf_ok(&text));
    assert_null(rs_json_doc_parse(rs_strbuf_str(&text), "rs.json", &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_strbuf_release(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_doc__finds_members_and_walks_elements),
        cmocka_unit_test(test_json_doc__takes_a_node_that_is_not_there),
        cmocka_unit_test(test_json_doc__reads_whole_numbers_exactly_or_not),
        cmocka_unit_test(test_json_doc__reads_booleans_and_doubles_of_their_kind_alone),
        cmocka_unit_test(test_json_doc__refuses_with_a_place_and_a_reason),
        cmocka_unit_test(test_json_doc__refuses_half_a_surrogate_pair),
        cmocka_unit_test(test_json_doc__allows_one_name_in_several_objects),
        cmocka_unit_test(test_json_doc__reads_512_levels_and_8_mib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
