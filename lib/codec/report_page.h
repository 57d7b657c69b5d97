/*
 * codec/report_page.h - the parts of a report as a page: --report=FILE.
 *
 *   struct rs_html html = RS_HTML_INIT(&buf);
 *   rs_page_begin(&html, &(struct rs_page_head){.tool = "rs-sync", .what = "A run into", ...});
 *   rs_page_facts(&html, counts, count);             the fields that --json has, in words
 *   rs_page_section(&html, "Tables");
 *   rs_page_table(&html, &(struct rs_page_rows){describe_table, tables, count, sizeof *tables});
 *   rs_html_end(&html);
 *   rs_page_end(&html, &foot);
 *
 * A page is one file that needs no other and runs no script; its policy forbids both. It follows the
 * reader's choice of light or dark, and is light on paper.
 *
 * Limits:  RS_PAGE_ROWS_MAX rows of a table; how many more there are is said.
 * Pure:    yes.   Owns: nothing.   Threads: reentrant.
 * Source:  https://www.w3.org/TR/CSP3/ (style-src of a hash)
 */
#ifndef RS_CODEC_REPORT_PAGE_H
#define RS_CODEC_REPORT_PAGE_H

#include "codec/html.h"
#include "codec/report_fields.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_PAGE_ROWS_MAX = 2000, RS_PAGE_MAX_BYTES = 64 << 20 };

/* How it went, for a colour; the word itself says it too. */
enum rs_page_mood { RS_PAGE_GOOD, RS_PAGE_MIXED, RS_PAGE_BAD };

struct rs_page_head {
    const char *tool;
    const char *what;   /* "Run into schema", our own words */
    const char *whom;   /* and the name behind them; NULL: none */
    const char *status; /* "success" */
    enum rs_page_mood mood;
};

/* Everything up to the first section, with the error that ended the work, if there is one. */
void rs_page_begin(struct rs_html *html, const struct rs_page_head *head,
                   const struct rs_error *err);

/* The last line, which says what made the page and when, and all that is open ends. */
void rs_page_end(struct rs_html *html, const char *tool, int64_t now_us);

/* A section begins, which rs_html_end ends. */
void rs_page_section(struct rs_html *html, const char *title);

/* Figures with what they count: the fields that have a key, but for texts that are NULL. */
void rs_page_facts(struct rs_html *html, const struct rs_report_field *fields, size_t count);

/* Sentences as a list; those before warning_count stand out. Nothing where there are none. */
void rs_page_sentences(struct rs_html *html, const char *title, const char *const *texts,
                       size_t count, size_t warning_count);

/* A list as a table of the fields that have a head. */
struct rs_page_rows {
    rs_report_fields_describe *describe;
    const void *items;
    size_t count;
    size_t size_bytes;
    const char *meter; /* the key of a count that is drawn as a bar as well; NULL: none */
};

void rs_page_table(struct rs_html *html, const struct rs_page_rows *rows);

/* A table that is written by hand: its heads, each "name" or ">number"; NULL ends them. */
void rs_page_begin_table(struct rs_html *html, const char *const *heads);
void rs_page_end_table(struct rs_html *html, size_t left_out);

/* Cells of it. */
void rs_page_cell(struct rs_html *html, struct rs_str value);
void rs_page_cell_number(struct rs_html *html, uint64_t number);
void rs_page_cell_seconds(struct rs_html *html, double seconds);
void rs_page_cell_meter(struct rs_html *html, double share, unsigned series);

#endif
