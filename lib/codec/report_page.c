/*
 * The style sheet is the one thing on a page that is not escaped text; the policy allows no other
 * than the one with its digest. Colours are of the set by Okabe and Ito, which colour-blind people
 * tell apart, made so that they differ in brightness as well: on paper without colours the first is
 * dark, the second light with an edge, the third lighter.
 */
#include "codec/report_page.h"

#include <string.h>

#include "base/arena.h"
#include "base/timefmt.h"
#include "codec/base64.h"
#include "codec/chart.h"
#include "codec/digest.h"
#include "codec/words.h"

enum { WORDS_BYTES = 4096 };

static const char STYLE[] =
    ":root{color-scheme:light dark;--back:#fff;--fore:#1b1f24;--dim:#57606a;--line:#d5dae0;"
    "--card:#f5f7f9;--s1:#00578a;--s2:#eba41c;--e2:#8f6300;--s3:#d3dae0;--e3:#66727d;"
    "--good:#0b6b3a;--mixed:#855700;--bad:#a3201d;--room:#0000000d}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--back:#14181d;--fore:#e6e9ec;"
    "--dim:#9da7b1;--line:#363f48;--card:#1d232a;--s1:#5ab4e8;--s2:#e69f00;--e2:#ffd27a;"
    "--s3:#4a545e;--e3:#a8b3bd;--good:#5fd08c;--mixed:#f0b64c;--bad:#ff8f87;--room:#ffffff14}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:72rem;background:var(--back);"
    "color:var(--fore);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{margin:0;font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}\n"
    "h2{margin:2.2rem 0 .7rem;font-size:1.15rem}\n"
    "p,li,dd,td,th{overflow-wrap:anywhere}\n"
    "bdi{white-space:pre-wrap}\n"
    "header p{margin:.3rem 0 0;color:var(--dim)}\n"
    ".status{display:inline-block;padding:.05rem .7rem;border:2px solid;border-radius:1rem;"
    "font-weight:600}\n"
    ".status.good{color:var(--good)}.status.mixed{color:var(--mixed)}.status.bad{color:var(--bad)}"
    "\n"
    "pre{overflow-x:auto;padding:.7rem 1rem;background:var(--card);border:1px solid var(--line);"
    "font-size:.85rem}\n"
    ".error,.reason{margin:1rem 0;padding:.7rem 1rem;border-left:.3rem solid var(--bad);"
    "background:var(--card)}\n"
    ".error p,.reason p{margin:0}.error p+p{margin-top:.4rem;color:var(--dim)}\n"
    ".reason{border-color:var(--s2);padding:.4rem 1rem}.reason p+p{color:var(--dim)}\n"
    ".reason pre{margin:.3rem 0;padding:.1rem .5rem;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    ".facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.6rem;"
    "margin:1.3rem 0 0}\n"
    ".facts div{padding:.5rem .8rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:.4rem}\n"
    ".facts dt{color:var(--dim);font-size:.85rem}\n"
    ".facts dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}\n"
    ".facts .wide{grid-column:1/-1}.facts .wide dd{font-size:1rem}\n"
    ".facts .none dd{color:var(--dim)}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:1.2rem 2rem}\n"
    "figure{margin:0;max-width:38rem}\n"
    "figcaption{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:baseline}\n"
    ".title{font-weight:600}.key{color:var(--dim);font-size:.9rem}\n"
    ".swatch{width:.8rem;height:.8rem;margin-right:.35rem;vertical-align:-.08rem}\n"
    "svg{overflow:visible}.plot{display:block;width:100%;height:auto}\n"
    ".plot text{fill:var(--dim);font-size:13px;font-variant-numeric:tabular-nums}\n"
    ".axis{stroke:var(--dim)}.mark{stroke:var(--line)}\n"
    ".s1{fill:var(--s1)}.s2{fill:var(--s2);stroke:var(--e2)}.s3{fill:var(--s3);stroke:var(--e3)}\n"
    ".s2,.s3{stroke-width:.6}.meter .s2,.meter .s3{stroke:none}\n"
    ".l1,.l2,.l3{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--s1)}\n"
    ".l2{stroke:var(--e2);stroke-dasharray:6 3}.l3{stroke:var(--e3);stroke-dasharray:2 2}\n"
    ".room{fill:transparent}.point:hover .room{fill:var(--room)}\n"
    ".strip,.meter{display:block;width:100%;min-width:4rem;height:.7rem}\n"
    ".v0{fill:var(--room)}.v1,.v2,.v3,.v4{fill:var(--s1)}\n"
    ".v1{fill-opacity:.4}.v2{fill-opacity:.6}.v3{fill-opacity:.8}\n"
    ".scroll{overflow-x:auto}\n"
    "table{width:100%;border-collapse:collapse;font-size:.93rem}\n"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
    "vertical-align:top}\n"
    "td:not(.n,.m){min-width:5rem}td:first-child{min-width:8rem}\n"
    "th{color:var(--dim);font-weight:600;white-space:nowrap}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".m{width:30%;padding-top:.7rem}\n"
    "@media(max-width:30rem){.m{width:20%}.meter{min-width:2.5rem}"
    "table{font-size:.85rem}th,td{padding:.3rem .35rem}th{white-space:normal}}\n"
    "ul{padding-left:1.2rem}.warning{color:var(--mixed)}\n"
    "footer{margin-top:2.5rem;color:var(--dim);font-size:.85rem}\n"
    "@media print{body{max-width:none;padding:0;font-size:10pt}.scroll,pre{overflow:visible}"
    "pre{white-space:pre-wrap}tr,figure,.facts div,.error,.reason{break-inside:avoid}"
    "h2{break-after:avoid}.charts{grid-template-columns:1fr 1fr}}\n";

static const char *const moods[] = {
    [RS_PAGE_GOOD] = "status good", [RS_PAGE_MIXED] = "status mixed", [RS_PAGE_BAD] = "status bad"};

/* ---- The frame ---- */

static void write_meta(struct rs_html *html, enum rs_html_attribute name, const char *value,
                       const char *content)
{
    rs_html_begin(html, RS_HTML_META);
    rs_html_attribute(html, name, rs_str_from(value));
    if (content) {
        rs_html_attribute(html, RS_HTML_CONTENT, rs_str_from(content));
    }
    rs_html_end(html);
}

static void write_policy(struct rs_html *html)
{
    struct rs_strbuf policy = RS_STRBUF_INIT(WORDS_BYTES);
    unsigned char digest[RS_SHA256_BYTES];
    rs_sha256(RS_STR(STYLE), digest);
    rs_strbuf_append(&policy, "default-src 'none'; style-src 'sha256-");
    rs_base64_append(&policy, (struct rs_str){(const char *)digest, sizeof digest});
    rs_strbuf_append(&policy, "'; base-uri 'none'; form-action 'none'");
    write_meta(html, RS_HTML_HTTP_EQUIV, "Content-Security-Policy", rs_strbuf_cstr(&policy));
    rs_strbuf_release(&policy);
}

static void write_head(struct rs_html *html, const struct rs_page_head *head)
{
    rs_html_begin(html, RS_HTML_HEAD);
    write_meta(html, RS_HTML_CHARSET, "utf-8", NULL);
    write_policy(html);
    write_meta(html, RS_HTML_NAME, "viewport", "width=device-width, initial-scale=1");
    rs_html_begin(html, RS_HTML_TITLE);
    rs_html_text(html, rs_str_from(head->tool));
    rs_html_text(html, RS_STR(": "));
    rs_html_text(html, rs_str_from(head->whom ? head->whom : head->what));
    rs_html_text(html, RS_STR(", "));
    rs_html_text(html, rs_str_from(head->status));
    rs_html_end(html);
    rs_html_begin(html, RS_HTML_STYLE);
    rs_html_style(html, RS_STR(STYLE));
    rs_html_end(html);
    rs_html_end(html);
}

static void write_error(struct rs_html *html, const struct rs_error *err)
{
    if (err->code == RS_OK) {
        return;
    }
    rs_html_begin_class(html, RS_HTML_DIV, "error");
    rs_html_begin(html, RS_HTML_P);
    rs_html_value(html, rs_str_from(err->message));
    rs_html_end(html);
    if (err->hint[0] != '\0') {
        rs_html_begin(html, RS_HTML_P);
        rs_html_value(html, rs_str_from(err->hint));
        rs_html_end(html);
    }
    rs_html_end(html);
}

void rs_page_begin(struct rs_html *html, const struct rs_page_head *head,
                   const struct rs_error *err)
{
    rs_html_doctype(html);
    rs_html_begin(html, RS_HTML_HTML);
    rs_html_attribute(html, RS_HTML_LANG, RS_STR("en"));
    write_head(html, head);
    rs_html_begin(html, RS_HTML_BODY);
    rs_html_begin(html, RS_HTML_HEADER);
    rs_html_begin(html, RS_HTML_H1);
    rs_html_text(html, rs_str_from(head->what));
    if (head->whom) {
        rs_html_text(html, RS_STR(" "));
        rs_html_value(html, rs_str_from(head->whom));
    }
    rs_html_end(html);
    rs_html_line(html, RS_HTML_P, moods[head->mood], rs_str_from(head->status));
    rs_html_end(html);
    rs_html_begin(html, RS_HTML_MAIN);
    write_error(html, err);
}

void rs_page_end(struct rs_html *html, const char *tool, int64_t now_us)
{
    struct rs_strbuf text = RS_STRBUF_INIT(WORDS_BYTES);
    char now[RS_TIMEFMT_MAX];
    const int64_t second_us = 1000000;
    const size_t length = rs_timefmt_format(now_us - now_us % second_us, now);
    rs_html_end(html);
    rs_strbuf_printf(&text, "Made by %s %s at %.*s UTC.", tool, RS_VERSION, (int)length, now);
    rs_html_line(html, RS_HTML_FOOTER, NULL, rs_strbuf_str(&text));
    rs_html_end(html);
    rs_html_end(html);
    rs_strbuf_release(&text);
}

void rs_page_section(struct rs_html *html, const char *title)
{
    rs_html_begin(html, RS_HTML_SECTION);
    rs_html_line(html, RS_HTML_H2, NULL, rs_str_from(title));
}

/* ---- Figures ---- */

/* "skips_opt_out" is "skips opt out", and what counts bytes or seconds says so by its unit. */
static void write_key(struct rs_html *html, const char *key)
{
    struct rs_strbuf words = RS_STRBUF_INIT(WORDS_BYTES);
    struct rs_str name = rs_str_from(strcmp(key, "seconds") == 0 ? "time" : key);
    if (rs_str_ends(name, RS_STR("_seconds"))) {
        name.length -= sizeof "_seconds" - 1;
    }
    for (size_t i = 0; i < name.length; i++) {
        rs_strbuf_append_char(&words, name.data[i] == '_' ? ' ' : name.data[i]);
    }
    rs_html_line(html, RS_HTML_DT, NULL, rs_strbuf_str(&words));
    rs_strbuf_release(&words);
}

static void append_field(const struct rs_report_field *field, struct rs_strbuf *out)
{
    switch (field->kind) {
    case RS_REPORT_KIND_TEXT:
        rs_strbuf_append(out, field->text ? field->text : "");
        return;
    case RS_REPORT_KIND_COUNT:
        if (field->key && rs_str_ends(rs_str_from(field->key), RS_STR("bytes"))) {
            rs_words_bytes(out, field->number);
        } else {
            rs_words_grouped(out, field->number);
        }
        return;
    case RS_REPORT_KIND_SECONDS:
        rs_words_seconds(out, field->seconds);
        return;
    case RS_REPORT_KIND_FLAG:
        rs_strbuf_append(out, field->number != 0 ? "yes" : "no");
        return;
    }
}

static const char *class_of(const struct rs_report_field *field)
{
    return field->kind == RS_REPORT_KIND_TEXT                            ? "wide"
           : field->kind != RS_REPORT_KIND_SECONDS && field->number == 0 ? "none"
                                                                         : NULL;
}

void rs_page_facts(struct rs_html *html, const struct rs_report_field *fields, size_t count)
{
    rs_html_begin_class(html, RS_HTML_DL, "facts");
    for (size_t i = 0; i < count; i++) {
        struct rs_strbuf words = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
        if (!fields[i].key || (fields[i].kind == RS_REPORT_KIND_TEXT && !fields[i].text)) {
            continue;
        }
        append_field(&fields[i], &words);
        rs_html_begin_class(html, RS_HTML_DIV, class_of(&fields[i]));
        write_key(html, fields[i].key);
        rs_html_begin(html, RS_HTML_DD);
        rs_html_value(html, rs_strbuf_str(&words));
        rs_html_end(html);
        rs_html_end(html);
        rs_strbuf_release(&words);
    }
    rs_html_end(html);
}

void rs_page_sentences(struct rs_html *html, const char *title, const char *const *texts,
                       size_t count, size_t warning_count)
{
    if (count == 0) {
        return;
    }
    rs_page_section(html, title);
    rs_html_begin(html, RS_HTML_UL);
    for (size_t i = 0; i < count; i++) {
        rs_html_begin_class(html, RS_HTML_LI, i < warning_count ? "warning" : NULL);
        rs_html_value(html, rs_str_from(texts[i]));
        rs_html_end(html);
    }
    rs_html_end(html);
    rs_html_end(html);
}

/* ---- Tables ---- */

void rs_page_begin_table(struct rs_html *html, const char *const *heads)
{
    rs_html_begin_class(html, RS_HTML_DIV, "scroll");
    rs_html_attribute(html, RS_HTML_TABINDEX, RS_STR("0")); /* keys can move what is too wide */
    rs_html_begin(html, RS_HTML_TABLE);
    rs_html_begin(html, RS_HTML_THEAD);
    rs_html_begin(html, RS_HTML_TR);
    for (size_t i = 0; heads[i]; i++) {
        const bool number = heads[i][0] == '>';
        rs_html_begin_class(html, heads[i][0] != '\0' ? RS_HTML_TH : RS_HTML_TD,
                            number ? "n" : NULL);
        if (heads[i][0] != '\0') {
            rs_html_attribute(html, RS_HTML_SCOPE, RS_STR("col"));
        }
        rs_html_text(html, rs_str_from(heads[i] + (number ? 1 : 0)));
        rs_html_end(html);
    }
    rs_html_end(html);
    rs_html_end(html);
    rs_html_begin(html, RS_HTML_TBODY);
}

void rs_page_end_table(struct rs_html *html, size_t left_out)
{
    struct rs_strbuf text = RS_STRBUF_INIT(WORDS_BYTES);
    rs_html_end(html);
    rs_html_end(html);
    rs_html_end(html);
    if (left_out > 0) {
        rs_strbuf_append(&text, "And ");
        rs_words_grouped(&text, left_out);
        rs_strbuf_append(&text, " more, which are not shown here.");
        rs_html_line(html, RS_HTML_P, NULL, rs_strbuf_str(&text));
    }
    rs_strbuf_release(&text);
}

void rs_page_cell(struct rs_html *html, struct rs_str value)
{
    rs_html_begin(html, RS_HTML_TD);
    rs_html_value(html, value);
    rs_html_end(html);
}

static void write_figure(struct rs_html *html, const struct rs_report_field *field)
{
    struct rs_strbuf words = RS_STRBUF_INIT(WORDS_BYTES);
    append_field(field, &words);
    rs_html_line(html, RS_HTML_TD, "n", rs_strbuf_str(&words));
    rs_strbuf_release(&words);
}

void rs_page_cell_number(struct rs_html *html, uint64_t number)
{
    const struct rs_report_field field = RS_REPORT_COUNT(NULL, number);
    write_figure(html, &field);
}

void rs_page_cell_seconds(struct rs_html *html, double seconds)
{
    const struct rs_report_field field = RS_REPORT_SECONDS(NULL, seconds);
    write_figure(html, &field);
}

void rs_page_cell_meter(struct rs_html *html, double share, unsigned series)
{
    rs_html_begin_class(html, RS_HTML_TD, "m");
    rs_chart_meter(html, share, series);
    rs_html_end(html);
}

static bool is_metered(const struct rs_page_rows *rows, const struct rs_report_field *field)
{
    return rows->meter && field->key && strcmp(rows->meter, field->key) == 0;
}

/* The greatest count that is drawn as a bar. */
static uint64_t greatest_of(const struct rs_page_rows *rows, struct rs_arena *arena)
{
    struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
    const char *item = rows->items;
    uint64_t greatest = 0;
    for (size_t i = 0; rows->meter && i < rows->count; i++, item += rows->size_bytes) {
        const size_t count = rows->describe(item, arena, fields);
        for (size_t j = 0; j < count; j++) {
            if (is_metered(rows, &fields[j]) && fields[j].number > greatest) {
                greatest = fields[j].number;
            }
        }
        rs_arena_reset(arena);
    }
    return greatest;
}

static void write_heads(struct rs_html *html, const struct rs_page_rows *rows,
                        struct rs_arena *arena)
{
    struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
    const char *heads[2 * RS_REPORT_FIELDS_MAX + 1];
    struct rs_strbuf head = RS_STRBUF_INIT(WORDS_BYTES);
    const void *none = rs_arena_zalloc(arena, 1, rows->size_bytes);
    const size_t count = rows->describe(none, arena, fields);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].head) {
            rs_strbuf_reset(&head);
            rs_strbuf_append(&head, fields[i].kind == RS_REPORT_KIND_TEXT ? "" : ">");
            rs_strbuf_append(&head, fields[i].head);
            heads[used++] = rs_arena_copy(arena, rs_strbuf_str(&head)).data;
            if (is_metered(rows, &fields[i])) {
                heads[used++] = "";
            }
        }
    }
    heads[used] = NULL;
    rs_page_begin_table(html, heads);
    rs_strbuf_release(&head);
    rs_arena_reset(arena);
}

static void write_row(struct rs_html *html, const struct rs_page_rows *rows,
                      const struct rs_report_field *fields, size_t count, uint64_t greatest)
{
    rs_html_begin(html, RS_HTML_TR);
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].head) {
            continue;
        }
        if (fields[i].kind == RS_REPORT_KIND_TEXT) {
            rs_page_cell(html, rs_str_from(fields[i].text));
        } else {
            write_figure(html, &fields[i]);
        }
        if (is_metered(rows, &fields[i])) {
            const double whole = greatest > 0 ? (double)greatest : 1.0;
            rs_page_cell_meter(html, (double)fields[i].number / whole, 1);
        }
    }
    rs_html_end(html);
}

void rs_page_table(struct rs_html *html, const struct rs_page_rows *rows)
{
    struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
    struct rs_arena arena = RS_ARENA_INIT;
    const uint64_t greatest = greatest_of(rows, &arena);
    const size_t shown = rows->count < RS_PAGE_ROWS_MAX ? rows->count : RS_PAGE_ROWS_MAX;
    const char *item = rows->items;
    write_heads(html, rows, &arena);
    for (size_t i = 0; i < shown; i++, item += rows->size_bytes) {
        write_row(html, rows, fields, rows->describe(item, &arena, fields), greatest);
        rs_arena_reset(&arena);
    }
    rs_page_end_table(html, rows->count - shown);
    rs_arena_release(&arena);
}
