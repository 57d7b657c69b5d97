/*
 * codec/html.h - write a page of HTML and SVG, element by element, into a buffer.
 *
 *   struct rs_html html = RS_HTML_INIT(&buf);
 *   rs_html_begin(&html, RS_HTML_P);
 *   rs_html_attribute(&html, RS_HTML_CLASS, RS_STR("note"));
 *   rs_html_text(&html, RS_STR("1 < 2 of "));
 *   rs_html_value(&html, name);              what others have named stands by itself
 *   rs_html_end(&html);      -> <p class="note">1 &lt; 2 of <bdi>shop</bdi></p>
 *   if (!rs_html_ok(&html)) ...              checked once, at the end
 *
 * Elements and attributes are values of an enum, and all else is text that is escaped, so that
 * nothing but this file puts a byte of markup into a page: there is no script among the elements,
 * and no handler, address or style among the attributes.
 *
 * Form:    UTF-8; what is written is XML too. A byte that is no UTF-8 and a code that is no
 *          character become U+FFFD. Control characters but tab and line feed are written as \xNN or
 *          \uNNNN, and so are those that embed, override or isolate a direction: within an element
 *          they could end the isolation that <bdi> gives to letters which run from right to left.
 * Limits:  RS_HTML_DEPTH_MAX levels; the buffer's maximum. A call out of place (an attribute after
 *          content, an end too many) writes nothing more and shows in rs_html_ok.
 * Owns:    nothing; the buffer is borrowed and appended to.   Pure: yes.
 * Threads: one thread at a time per object.
 * Source:  https://html.spec.whatwg.org/multipage/syntax.html; Unicode Standard Annex 9.
 */
#ifndef RS_CODEC_HTML_H
#define RS_CODEC_HTML_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum rs_html_element {
    RS_HTML_HTML,
    RS_HTML_HEAD,
    RS_HTML_META,
    RS_HTML_TITLE, /* of the page, or of a shape in a picture */
    RS_HTML_STYLE,
    RS_HTML_BODY,
    RS_HTML_HEADER,
    RS_HTML_MAIN,
    RS_HTML_SECTION,
    RS_HTML_FOOTER,
    RS_HTML_H1,
    RS_HTML_H2,
    RS_HTML_P,
    RS_HTML_PRE,
    RS_HTML_SPAN,
    RS_HTML_BDI,
    RS_HTML_DIV,
    RS_HTML_UL,
    RS_HTML_LI,
    RS_HTML_DL,
    RS_HTML_DT,
    RS_HTML_DD,
    RS_HTML_FIGURE,
    RS_HTML_FIGCAPTION,
    RS_HTML_TABLE,
    RS_HTML_THEAD,
    RS_HTML_TBODY,
    RS_HTML_TR,
    RS_HTML_TH,
    RS_HTML_TD,
    RS_HTML_SVG,
    RS_HTML_G,
    RS_HTML_RECT,
    RS_HTML_LINE,
    RS_HTML_POLYLINE,
    RS_HTML_CIRCLE,
    RS_HTML_TEXT, /* of a picture */
};

enum rs_html_attribute {
    RS_HTML_LANG,
    RS_HTML_CHARSET,
    RS_HTML_NAME,
    RS_HTML_CONTENT,
    RS_HTML_HTTP_EQUIV,
    RS_HTML_CLASS,
    RS_HTML_SCOPE,
    RS_HTML_ROLE,
    RS_HTML_TABINDEX,
    RS_HTML_ARIA_LABEL,
    RS_HTML_ARIA_HIDDEN,
    RS_HTML_VIEW_BOX,
    RS_HTML_PRESERVE_ASPECT_RATIO,
    RS_HTML_X,
    RS_HTML_Y,
    RS_HTML_X1,
    RS_HTML_Y1,
    RS_HTML_X2,
    RS_HTML_Y2,
    RS_HTML_CX,
    RS_HTML_CY,
    RS_HTML_R,
    RS_HTML_WIDTH,
    RS_HTML_HEIGHT,
    RS_HTML_POINTS,
    RS_HTML_TEXT_ANCHOR,
};

enum { RS_HTML_DEPTH_MAX = 32 };

struct rs_html {
    struct rs_strbuf *out;
    enum rs_html_element open[RS_HTML_DEPTH_MAX]; /* innermost last */
    size_t depth;
    bool in_tag; /* attributes may follow */
    bool misuse;
};

#define RS_HTML_INIT(buf) ((struct rs_html){.out = (buf)})

/* Append the line that says what kind of document follows. */
void rs_html_doctype(struct rs_html *html);

void rs_html_begin(struct rs_html *html, enum rs_html_element element);

/* Of the element that has just begun; each name once. */
void rs_html_attribute(struct rs_html *html, enum rs_html_attribute name, struct rs_str value);

/* The same with a number, to two decimals. */
void rs_html_number(struct rs_html *html, enum rs_html_attribute name, double value);

void rs_html_text(struct rs_html *html, struct rs_str text);

/* Text that others made, isolated: whatever direction it has, what stands around it keeps its own. */
void rs_html_value(struct rs_html *html, struct rs_str text);

/* The style sheet of a <style>, which is taken as it is; a "<" or "&" in it is out of place. */
void rs_html_style(struct rs_html *html, struct rs_str css);

/* End the innermost element. */
void rs_html_end(struct rs_html *html);

/* An element of a class (NULL: of none) with a text. */
void rs_html_line(struct rs_html *html, enum rs_html_element element, const char *class_name,
                  struct rs_str text);

/* An element begins that has a class. */
void rs_html_begin_class(struct rs_html *html, enum rs_html_element element,
                         const char *class_name);

/* All elements have ended, nothing was out of place and all of it fitted. */
bool rs_html_ok(const struct rs_html *html);

#endif
