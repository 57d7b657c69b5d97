/*
 * Any bytes as a value, an attribute and the text of a chart: what is written is XML of the same
 * elements, whatever they are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/html.h"
#include "codec/utf8.h"
#include "codec/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GROWTH = 6, FRAME = 256 };

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The element has this name, and is the only one below its parent. */
static void claim_only(const struct rs_xml_node *node, const char *name)
{
    claim(node && rs_str_equal(rs_xml_name(node), rs_str_from(name)) && !rs_xml_after(node));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rs_str text = {(const char *)data, size};
    struct rs_strbuf out = RS_STRBUF_INIT(3 * GROWTH * size + FRAME);
    struct rs_html html = RS_HTML_INIT(&out);
    struct rs_error err = {0};

    rs_html_begin(&html, RS_HTML_TD);
    rs_html_attribute(&html, RS_HTML_ARIA_LABEL, text);
    rs_html_begin(&html, RS_HTML_P);
    rs_html_attribute(&html, RS_HTML_CLASS, text);
    rs_html_value(&html, text);
    rs_html_end(&html);
    rs_html_end(&html);
    claim(rs_html_ok(&html));
    claim(rs_utf8_valid(rs_strbuf_str(&out)));

    struct rs_xml_doc *doc = rs_xml_parse(rs_strbuf_str(&out), "the page", &err);
    claim(doc != NULL);
    const struct rs_xml_node *root = rs_xml_root(doc);
    claim_only(root, "td");
    claim_only(rs_xml_first(root), "p");
    const struct rs_xml_node *value = rs_xml_first(rs_xml_first(root));
    claim_only(value, "bdi");
    claim(!rs_xml_first(value));
    claim(size == 0 || rs_xml_text(value).length > 0);
    rs_xml_free(doc);
    rs_strbuf_release(&out);
    return 0;
}
