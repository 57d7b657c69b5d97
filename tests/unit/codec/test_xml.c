/* XML replies as a tree; DOCTYPEs, depth and size are refused. */
#include "codec/xml.h"

#include <string.h>

#include "rs/strbuf.h"
#include "unit.h"

static struct rs_xml_doc *parse(const char *text)
{
    struct rs_error err = {0};
    struct rs_xml_doc *doc = rs_xml_parse(rs_str_from(text), "the reply", &err);
    assert_string_equal(err.message, "");
    assert_non_null(doc);
    return doc;
}

static void assert_refused(struct rs_str text, enum rs_code code, const char *words)
{
    struct rs_error err = {0};
    assert_null(rs_xml_parse(text, "the reply", &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.message, words)) {
        fail_msg("not in \"%s\": %s", err.message, words);
    }
    assert_non_null(strstr(err.message, "could not read the reply: "));
}

static void test_xml__a_list_is_walked_by_name(void **state)
{
    (void)state;
    struct rs_xml_doc *doc =
        parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
              "<Contents><Key> a&amp;b &#x20;</Key><Size>12</Size></Contents>\n"
              "<Other/><Contents><Key>\xc3\xa9</Key><Owner><ID>x</ID></Owner></Contents>"
              "<IsTruncated>false</IsTruncated></ListBucketResult>");
    const struct rs_xml_node *root = rs_xml_root(doc);
    const struct rs_xml_node *node = rs_xml_find(root, "Contents");
    assert_string_equal(rs_xml_name(root).data, "ListBucketResult");
    assert_string_equal(rs_xml_text(root).data, "");
    assert_string_equal(rs_xml_child(node, "Key").data, " a&b  ");
    assert_string_equal(rs_xml_child(node, "Size").data, "12");
    assert_int_equal(rs_xml_child(node, "Owner/ID").length, 0);
    node = rs_xml_next(node);
    assert_string_equal(rs_xml_child(node, "Key").data, "\xc3\xa9");
    assert_string_equal(rs_xml_child(node, "Owner/ID").data, "x");
    assert_null(rs_xml_next(node));
    assert_string_equal(rs_xml_child(root, "IsTruncated").data, "false");
    assert_string_equal(rs_xml_name(rs_xml_first(root)).data, "Name");
    assert_string_equal(rs_xml_name(rs_xml_after(rs_xml_first(root))).data, "Contents");
    rs_xml_free(doc);
}

static void test_xml__prefixes_and_attributes_are_passed_over(void **state)
{
    (void)state;
    struct rs_xml_doc *doc =
        parse("<s:E xmlns:s='u' s:a='1'><s:Code>A<![CDATA[<&>]]>B</s:Code><!-- c --></s:E>");
    assert_string_equal(rs_xml_name(rs_xml_root(doc)).data, "E");
    assert_string_equal(rs_xml_child(rs_xml_root(doc), "Code").data, "A<&>B");
    rs_xml_free(doc);
}

static void test_xml__what_is_not_there_is_empty(void **state)
{
    (void)state;
    assert_null(rs_xml_find(NULL, "a"));
    assert_null(rs_xml_find_path(NULL, "a/b"));
    assert_null(rs_xml_next(NULL));
    assert_null(rs_xml_first(NULL));
    assert_null(rs_xml_after(NULL));
    assert_string_equal(rs_xml_name(NULL).data, "");
    assert_string_equal(rs_xml_child(NULL, "a").data, "");
    rs_xml_free(NULL);
}

static void test_xml__a_doctype_is_refused(void **state)
{
    (void)state;
    assert_refused(RS_STR("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"), RS_E_INPUT, "DOCTYPE");
    assert_refused(RS_STR("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), RS_E_INPUT, "DOCTYPE");
    assert_refused(RS_STR("<a>&e;</a>"), RS_E_INPUT, "undefined entity");
}

static void test_xml__what_is_not_whole_is_refused(void **state)
{
    (void)state;
    assert_refused(RS_STR(""), RS_E_INPUT, "line 1, column 1: no element found");
    assert_refused(RS_STR("<a><b></a>"), RS_E_INPUT, "line 1, column 9: mismatched tag");
    assert_refused(RS_STR("<a>\n<b>"), RS_E_INPUT, "line 2, column 4: no element found");
    assert_refused(RS_STR("<a/><b/>"), RS_E_INPUT, "junk after document element");
    assert_refused(RS_STR("<a>\xff</a>"), RS_E_INPUT, "not well-formed");
    assert_refused(RS_STR("{\"a\":1}"), RS_E_INPUT, "not well-formed");
    assert_refused((struct rs_str){NULL, 0}, RS_E_INPUT, "no element found");
}

static void test_xml__depth_count_and_size_have_limits(void **state)
{
    (void)state;
    struct rs_strbuf text = RS_STRBUF_INIT((size_t)RS_XML_MAX_BYTES + 1);
    for (int i = 0; i < RS_XML_MAX_DEPTH; i++) {
        rs_strbuf_append(&text, "<a>");
    }
    for (int i = 0; i < RS_XML_MAX_DEPTH; i++) {
        rs_strbuf_append(&text, "</a>");
    }
    rs_xml_free(parse(rs_strbuf_cstr(&text)));
    rs_strbuf_reset(&text);
    for (int i = 0; i <= RS_XML_MAX_DEPTH; i++) {
        rs_strbuf_append(&text, "<a>");
    }
    assert_refused(rs_strbuf_str(&text), RS_E_LIMIT, "nested too deep");
    rs_strbuf_reset(&text);
    rs_strbuf_append(&text, "<a>");
    for (int i = 0; i < RS_XML_MAX_NODES; i++) {
        rs_strbuf_append(&text, "<b/>");
    }
    assert_refused(rs_strbuf_str(&text), RS_E_LIMIT, "too many elements");
    rs_strbuf_reset(&text);
    rs_strbuf_append(&text, "<a>");
    while (text.length < text.max_bytes) {
        rs_strbuf_append_char(&text, 'x');
    }
    assert_refused(rs_strbuf_str(&text), RS_E_LIMIT, "over");
    rs_strbuf_release(&text);
}

static void test_xml__the_version_names_expat(void **state)
{
    (void)state;
    assert_non_null(strstr(rs_xml_library_version(), "expat"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml__a_list_is_walked_by_name),
        cmocka_unit_test(test_xml__prefixes_and_attributes_are_passed_over),
        cmocka_unit_test(test_xml__what_is_not_there_is_empty),
        cmocka_unit_test(test_xml__a_doctype_is_refused),
        cmocka_unit_test(test_xml__what_is_not_whole_is_refused),
        cmocka_unit_test(test_xml__depth_count_and_size_have_limits),
        cmocka_unit_test(test_xml__the_version_names_expat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
