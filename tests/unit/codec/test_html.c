/* Nothing that a text has in it becomes markup; what is written is XML, which our own reader takes. */
#include "codec/html.h"

#include <string.h>

#include "codec/xml.h"
#include "unit.h"

static void expect(struct rs_html *html, const char *text)
{
    assert_true(rs_html_ok(html));
    assert_string_equal(rs_strbuf_cstr(html->out), text);
    rs_strbuf_release(html->out);
}

static void test_html__elements_attributes_and_texts(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    struct rs_html html = RS_HTML_INIT(&out);
    (void)state;
    rs_html_doctype(&html);
    rs_html_begin(&html, RS_HTML_DIV);
    rs_html_begin(&html, RS_HTML_META);
    rs_html_attribute(&html, RS_HTML_CHARSET, RS_STR("utf-8"));
    rs_html_end(&html);
    rs_html_begin_class(&html, RS_HTML_RECT, "s1");
    rs_html_number(&html, RS_HTML_X, 1.5);
    rs_html_number(&html, RS_HTML_Y, 120);
    rs_html_number(&html, RS_HTML_WIDTH, 1.0 / 3);
    rs_html_number(&html, RS_HTML_HEIGHT, 0.0 / 0.0);
    rs_html_end(&html);
    rs_html_line(&html, RS_HTML_P, NULL, RS_STR("1 < 2 & 3 > 2"));
    rs_html_value(&html, RS_STR("shop"));
    rs_html_end(&html);
    expect(&html, "<!DOCTYPE html>\n<div><meta charset=\"utf-8\"/>\n"
                  "<rect class=\"s1\" x=\"1.5\" y=\"120\" width=\"0.33\" height=\"0\"></rect>\n"
                  "<p>1 &lt; 2 &amp; 3 &gt; 2</p>\n<bdi>shop</bdi></div>\n");
}

static void test_html__no_text_breaks_out(void **state)
{
    static const struct {
        struct rs_str text;
        const char *shown; /* what a reader of the page sees */
    } cases[] = {
        {RS_STR_INIT("</script><script>alert(1)</script>"), "</script><script>alert(1)</script>"},
        {RS_STR_INIT("</p></title></style><!--"), "</p></title></style><!--"},
        {RS_STR_INIT("\" onload='x' `"), "\" onload='x' `"},
        {RS_STR_INIT("&lt;b&gt; &#60;"), "&lt;b&gt; &#60;"},
        {RS_STR_INIT("]]>"), "]]>"},
        {RS_STR_INIT("a\0b\x1b[31m\r\x7f"), "a\\x00b\\x1b[31m\\x0d\\x7f"},
        {RS_STR_INIT("tab\tline\nend"), "tab\tline\nend"},
        {RS_STR_INIT("caf\xe9 \xc0\xaf \xed\xa0\x80 \xf5"),
         "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd "
         "\xef\xbf\xbd"},
        {RS_STR_INIT("cut \xe6\xb3"), "cut \xef\xbf\xbd\xef\xbf\xbd"},
        {RS_STR_INIT("\xef\xbf\xbe \xef\xb7\x90 \xf0\x9f\xbf\xbf"),
         "\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd"},          /* no characters */
        {RS_STR_INIT("\xc2\x85\xc2\x9b"), "\\u0085\\u009b"}, /* NEL, CSI */
        {RS_STR_INIT("\xe2\x80\xae"
                     "gnp.exe"),
         "\\u202egnp.exe"}, /* RLO */
        {RS_STR_INIT("\xe2\x81\xa9\xe2\x80\xac"),
         "\\u2069\\u202c"}, /* PDI, PDF: end an isolation */
        {RS_STR_INIT("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\xb3\xa8"),
         "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\xb3\xa8"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(4096);
        struct rs_html html = RS_HTML_INIT(&out);
        struct rs_error err = {0};
        rs_html_begin(&html, RS_HTML_TR);
        rs_html_attribute(&html, RS_HTML_ARIA_LABEL, cases[i].text);
        rs_html_value(&html, cases[i].text);
        rs_html_line(&html, RS_HTML_TD, NULL, RS_STR("end"));
        rs_html_end(&html);
        assert_true(rs_html_ok(&html));
        struct rs_xml_doc *doc = rs_xml_parse(rs_strbuf_str(&out), "the page", &err);
        assert_non_null(doc);
        const struct rs_xml_node *root = rs_xml_root(doc);
        const struct rs_xml_node *value = rs_xml_find(root, "bdi");
        const struct rs_xml_node *end = rs_xml_find(root, "td");
        assert_string_equal(rs_xml_text(value).data, cases[i].shown);
        assert_string_equal(rs_xml_text(end).data, "end");
        assert_null(rs_xml_find(root, "script"));
        rs_xml_free(doc);
        rs_strbuf_release(&out);
    }
}

static void misuse_end(struct rs_html *html)
{
    rs_html_end(html);
    rs_html_end(html);
}

static void misuse_attribute(struct rs_html *html)
{
    rs_html_text(html, RS_STR("text"));
    rs_html_attribute(html, RS_HTML_CLASS, RS_STR("late"));
}

static void misuse_style(struct rs_html *html)
{
    rs_html_begin(html, RS_HTML_STYLE);
    rs_html_style(html, RS_STR("</style>"));
}

static void misuse_style_text(struct rs_html *html)
{
    rs_html_begin(html, RS_HTML_STYLE);
    rs_html_text(html, RS_STR("p{}"));
}

static void misuse_style_elsewhere(struct rs_html *html)
{
    rs_html_style(html, RS_STR("p{}"));
}

static void misuse_void(struct rs_html *html)
{
    rs_html_begin(html, RS_HTML_META);
    rs_html_text(html, RS_STR("text"));
}

static void misuse_doctype(struct rs_html *html)
{
    rs_html_doctype(html);
}

static void misuse_depth(struct rs_html *html)
{
    for (size_t i = 0; i < RS_HTML_DEPTH_MAX; i++) {
        rs_html_begin(html, RS_HTML_DIV);
    }
}

static void test_html__a_call_out_of_place_ends_the_writing(void **state)
{
    void (*const cases[])(struct rs_html *) = {
        misuse_end,  misuse_attribute, misuse_style, misuse_style_text, misuse_style_elsewhere,
        misuse_void, misuse_doctype,   misuse_depth,
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(4096);
        struct rs_html html = RS_HTML_INIT(&out);
        rs_html_begin(&html, RS_HTML_P);
        cases[i](&html);
        const size_t length = out.length;
        rs_html_line(&html, RS_HTML_P, "more", RS_STR("more"));
        rs_html_end(&html);
        assert_false(rs_html_ok(&html));
        assert_int_equal(out.length, length);
        rs_strbuf_release(&out);
    }
}

static void test_html__what_is_open_or_too_long_is_not_ok(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(16);
    struct rs_html html = RS_HTML_INIT(&out);
    (void)state;
    rs_html_begin(&html, RS_HTML_P);
    assert_false(rs_html_ok(&html));
    rs_html_end(&html);
    assert_true(rs_html_ok(&html));
    rs_html_line(&html, RS_HTML_P, NULL, RS_STR("longer than that"));
    assert_false(rs_html_ok(&html));
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html__elements_attributes_and_texts),
        cmocka_unit_test(test_html__no_text_breaks_out),
        cmocka_unit_test(test_html__a_call_out_of_place_ends_the_writing),
        cmocka_unit_test(test_html__what_is_open_or_too_long_is_not_ok),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
