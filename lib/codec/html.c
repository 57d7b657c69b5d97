/*
 * Names come from two tables, all else passes through escape(). A tag is closed when its content
 * begins or it ends, so that attributes can come one by one.
 */
#include "codec/html.h"

#include <math.h>
#include <string.h>

#include "codec/utf8.h"

static const char *const elements[] = {
    [RS_HTML_HTML] = "html",
    [RS_HTML_HEAD] = "head",
    [RS_HTML_META] = "meta",
    [RS_HTML_TITLE] = "title",
    [RS_HTML_STYLE] = "style",
    [RS_HTML_BODY] = "body",
    [RS_HTML_HEADER] = "header",
    [RS_HTML_MAIN] = "main",
    [RS_HTML_SECTION] = "section",
    [RS_HTML_FOOTER] = "footer",
    [RS_HTML_H1] = "h1",
    [RS_HTML_H2] = "h2",
    [RS_HTML_P] = "p",
    [RS_HTML_PRE] = "pre",
    [RS_HTML_SPAN] = "span",
    [RS_HTML_BDI] = "bdi",
    [RS_HTML_DIV] = "div",
    [RS_HTML_UL] = "ul",
    [RS_HTML_LI] = "li",
    [RS_HTML_DL] = "dl",
    [RS_HTML_DT] = "dt",
    [RS_HTML_DD] = "dd",
    [RS_HTML_FIGURE] = "figure",
    [RS_HTML_FIGCAPTION] = "figcaption",
    [RS_HTML_TABLE] = "table",
    [RS_HTML_THEAD] = "thead",
    [RS_HTML_TBODY] = "tbody",
    [RS_HTML_TR] = "tr",
    [RS_HTML_TH] = "th",
    [RS_HTML_TD] = "td",
    [RS_HTML_SVG] = "svg",
    [RS_HTML_G] = "g",
    [RS_HTML_RECT] = "rect",
    [RS_HTML_LINE] = "line",
    [RS_HTML_POLYLINE] = "polyline",
    [RS_HTML_CIRCLE] = "circle",
    [RS_HTML_TEXT] = "text",
};

static const char *const attributes[] = {
    [RS_HTML_LANG] = "lang",
    [RS_HTML_CHARSET] = "charset",
    [RS_HTML_NAME] = "name",
    [RS_HTML_CONTENT] = "content",
    [RS_HTML_HTTP_EQUIV] = "http-equiv",
    [RS_HTML_CLASS] = "class",
    [RS_HTML_SCOPE] = "scope",
    [RS_HTML_ROLE] = "role",
    [RS_HTML_TABINDEX] = "tabindex",
    [RS_HTML_ARIA_LABEL] = "aria-label",
    [RS_HTML_ARIA_HIDDEN] = "aria-hidden",
    [RS_HTML_VIEW_BOX] = "viewBox",
    [RS_HTML_PRESERVE_ASPECT_RATIO] = "preserveAspectRatio",
    [RS_HTML_X] = "x",
    [RS_HTML_Y] = "y",
    [RS_HTML_X1] = "x1",
    [RS_HTML_Y1] = "y1",
    [RS_HTML_X2] = "x2",
    [RS_HTML_Y2] = "y2",
    [RS_HTML_CX] = "cx",
    [RS_HTML_CY] = "cy",
    [RS_HTML_R] = "r",
    [RS_HTML_WIDTH] = "width",
    [RS_HTML_HEIGHT] = "height",
    [RS_HTML_POINTS] = "points",
    [RS_HTML_TEXT_ANCHOR] = "text-anchor",
};

/* ---- Characters ---- */

/* LRE, RLE, PDF, LRO, RLO and LRI, RLI, FSI, PDI. */
static bool directs(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool is_control(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code <= 0x9f);
}

static bool is_no_character(uint32_t code)
{
    return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

static void append_code(struct rs_strbuf *out, uint32_t code)
{
    char bytes[RS_UTF8_MAX];
    rs_strbuf_append_bytes(out, bytes, rs_utf8_encode(code, bytes));
}

static void escape_code(struct rs_strbuf *out, uint32_t code)
{
    switch (code) {
    case '<':
        rs_strbuf_append(out, "&lt;");
        return;
    case '>':
        rs_strbuf_append(out, "&gt;");
        return;
    case '&':
        rs_strbuf_append(out, "&amp;");
        return;
    case '"':
        rs_strbuf_append(out, "&quot;");
        return;
    case '\'':
        rs_strbuf_append(out, "&#39;");
        return;
    default:
        break;
    }
    if (is_control(code) || directs(code)) {
        rs_strbuf_printf(out, code < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)code);
    } else {
        append_code(out, is_no_character(code) ? RS_UTF8_REPLACEMENT : code);
    }
}

static void escape(struct rs_strbuf *out, struct rs_str text)
{
    for (size_t i = 0; i < text.length;) {
        uint32_t code = RS_UTF8_REPLACEMENT;
        const size_t used = rs_utf8_decode(text.data + i, text.data + text.length, &code);
        escape_code(out, used > 0 ? code : RS_UTF8_REPLACEMENT);
        i += used > 0 ? used : 1;
    }
}

/* ---- Elements ---- */

static bool is_void(enum rs_html_element element)
{
    return element == RS_HTML_META;
}

/* The call has its place; what is open gets its content now. */
static bool enter_content(struct rs_html *html)
{
    if (html->depth > 0 && is_void(html->open[html->depth - 1])) {
        html->misuse = true;
    }
    if (html->misuse) {
        return false;
    }
    if (html->in_tag) {
        rs_strbuf_append_char(html->out, '>');
        html->in_tag = false;
    }
    return true;
}

void rs_html_doctype(struct rs_html *html)
{
    html->misuse = html->misuse || html->depth > 0 || html->out->length > 0;
    rs_strbuf_append(html->out, html->misuse ? "" : "<!DOCTYPE html>\n");
}

void rs_html_begin(struct rs_html *html, enum rs_html_element element)
{
    html->misuse = html->misuse || html->depth == RS_HTML_DEPTH_MAX;
    if (!enter_content(html)) {
        return;
    }
    html->open[html->depth++] = element;
    html->in_tag = true;
    rs_strbuf_printf(html->out, "<%s", elements[element]);
}

void rs_html_attribute(struct rs_html *html, enum rs_html_attribute name, struct rs_str value)
{
    html->misuse = html->misuse || !html->in_tag;
    if (html->misuse) {
        return;
    }
    rs_strbuf_printf(html->out, " %s=\"", attributes[name]);
    escape(html->out, value);
    rs_strbuf_append_char(html->out, '"');
}

void rs_html_number(struct rs_html *html, enum rs_html_attribute name, double value)
{
    enum { NUMBER_BYTES = 400 };
    struct rs_strbuf text = RS_STRBUF_INIT(NUMBER_BYTES);
    rs_strbuf_printf(&text, "%.2f", isfinite(value) ? value : 0.0);
    while (text.length > 1 && text.data[text.length - 1] == '0') {
        text.data[--text.length] = '\0';
    }
    if (text.data[text.length - 1] == '.') {
        text.data[--text.length] = '\0';
    }
    rs_html_attribute(html, name, rs_strbuf_str(&text));
    rs_strbuf_release(&text);
}

void rs_html_text(struct rs_html *html, struct rs_str text)
{
    html->misuse = html->misuse || html->depth == 0 || html->open[html->depth - 1] == RS_HTML_STYLE;
    if (enter_content(html)) {
        escape(html->out, text);
    }
}

void rs_html_value(struct rs_html *html, struct rs_str text)
{
    rs_html_begin(html, RS_HTML_BDI);
    rs_html_text(html, text);
    rs_html_end(html);
}

void rs_html_style(struct rs_html *html, struct rs_str css)
{
    html->misuse = html->misuse || html->depth == 0 ||
                   html->open[html->depth - 1] != RS_HTML_STYLE ||
                   rs_str_find_byte(css, '<') != SIZE_MAX || rs_str_find_byte(css, '&') != SIZE_MAX;
    if (enter_content(html)) {
        rs_strbuf_append_str(html->out, css);
    }
}

/* These begin a line, so that a page can be read and compared. */
static bool is_block(enum rs_html_element element)
{
    return element != RS_HTML_SPAN && element != RS_HTML_BDI;
}

void rs_html_end(struct rs_html *html)
{
    html->misuse = html->misuse || html->depth == 0;
    if (html->misuse) {
        return;
    }
    const enum rs_html_element element = html->open[--html->depth];
    if (is_void(element)) {
        rs_strbuf_append(html->out, "/>\n");
        html->in_tag = false;
        return;
    }
    rs_strbuf_append(html->out, html->in_tag ? ">" : "");
    html->in_tag = false;
    rs_strbuf_printf(html->out, "</%s>%s", elements[element], is_block(element) ? "\n" : "");
}

void rs_html_begin_class(struct rs_html *html, enum rs_html_element element, const char *class_name)
{
    rs_html_begin(html, element);
    if (class_name) {
        rs_html_attribute(html, RS_HTML_CLASS, rs_str_from(class_name));
    }
}

void rs_html_line(struct rs_html *html, enum rs_html_element element, const char *class_name,
                  struct rs_str text)
{
    rs_html_begin_class(html, element, class_name);
    rs_html_text(html, text);
    rs_html_end(html);
}

bool rs_html_ok(const struct rs_html *html)
{
    return !html->misuse && html->depth == 0 && rs_strbuf_ok(html->out);
}
