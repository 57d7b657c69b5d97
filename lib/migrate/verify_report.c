/* What differs, as a table or as JSON. */
#include "migrate/verify_report.h"

#include "base/interval.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/difference_charts.h"
#include "codec/report_fields.h"
#include "codec/report_page.h"
#include "codec/words.h"

void rs_verify_report_release(struct rs_verify_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        rs_mem_free(report->differences[i].table);
        rs_mem_free(report->differences[i].day);
        rs_mem_free(report->differences[i].what);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_mem_free(report->differences);
    rs_mem_free(report->notices);
    *report = (struct rs_verify_report){0};
}

static size_t describe_difference(const void *item, struct rs_arena *arena,
                                  struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_verify_difference *row = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("table", row->table, .head = "table"),
        RS_REPORT_TEXT("day", row->day, .head = "day"),
        RS_REPORT_COUNT("from_rows", row->from_rows, .head = "old rows"),
        RS_REPORT_COUNT("to_rows", row->to_rows, .head = "new rows"),
        RS_REPORT_TEXT("columns", row->what, .head = "columns"),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_verify_report_text(const struct rs_verify_report *report, struct rs_strbuf *out)
{
    if (report->count > 0) {
        rs_report_fields_table(out, describe_difference, report->differences, report->count,
                               sizeof *report->differences);
    }
    rs_words_count(out, report->rows, "row");
    rs_strbuf_printf(out,
                     " of %llu tables compared in %.1f s: ", (unsigned long long)report->tables,
                     report->seconds);
    rs_words_count(out, report->count, "difference");
    rs_strbuf_append_char(out, '\n');
}

static const char *status_of(const struct rs_verify_report *report, const struct rs_error *err)
{
    return err->code != RS_OK ? "failure" : report->count > 0 ? "different" : "success";
}

static size_t describe_counts(const struct rs_verify_report *report,
                              struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_report_field fields[] = {
        RS_REPORT_COUNT("tables", report->tables),
        RS_REPORT_COUNT("rows", report->rows),
        RS_REPORT_SECONDS("seconds", report->seconds),
    };
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_verify_report_json(const struct rs_verify_report *report, const struct rs_error *err,
                           struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field status = RS_REPORT_TEXT("status", status_of(report, err));
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, &status, 1);
    rs_report_fields_json(&json, counts, describe_counts(report, counts));
    rs_report_fields_json_array(&json, "differences", describe_difference, report->differences,
                                report->count, sizeof *report->differences);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_end(&json, err);
}

/* A day of a table counts once, as what is the matter with it. */
static struct rs_difference difference_of(const struct rs_verify_difference *row)
{
    int64_t us = 0;
    struct rs_difference item = {.table = row->table};
    item.dated = rs_timefmt_parse(rs_str_from(row->day), &us);
    item.day = rs_day_of(us);
    item.kinds[0] = row->to_rows < row->from_rows ? 1 : 0;
    item.kinds[1] = row->to_rows > row->from_rows ? 1 : 0;
    item.kinds[2] = row->to_rows == row->from_rows ? 1 : 0;
    return item;
}

static void draw_differences(const struct rs_verify_report *report, struct rs_html *html)
{
    struct rs_difference *items = rs_mem_zalloc(report->count, sizeof *items);
    for (size_t i = 0; i < report->count; i++) {
        items[i] = difference_of(&report->differences[i]);
    }
    rs_page_section(html, "What differs");
    rs_difference_charts_draw(
        html, &(struct rs_difference_charts){.title = "Differing tables",
                                             .kinds = {"fewer rows", "more rows", "other values"},
                                             .items = items,
                                             .count = report->count});
    rs_html_end(html);
    rs_page_section(html, "Tables and days");
    rs_page_table(html, &(struct rs_page_rows){.describe = describe_difference,
                                               .items = report->differences,
                                               .count = report->count,
                                               .size_bytes = sizeof *report->differences});
    rs_html_end(html);
    rs_mem_free(items);
}

void rs_verify_report_page(const struct rs_verify_report *report, const char *schema,
                           const struct rs_error *err, struct rs_html *html)
{
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_page_begin(html,
                  &(struct rs_page_head){.tool = "rs-backfill verify",
                                         .what = "Old host against new: schema",
                                         .whom = schema,
                                         .status = status_of(report, err),
                                         .mood = err->code != RS_OK  ? RS_PAGE_BAD
                                                 : report->count > 0 ? RS_PAGE_MIXED
                                                                     : RS_PAGE_GOOD},
                  err);
    rs_page_facts(html, counts, describe_counts(report, counts));
    rs_page_sentences(html, "Notices", (const char *const *)report->notices, report->notice_count,
                      0);
    if (report->count > 0) {
        draw_differences(report, html);
    } else if (err->code == RS_OK) {
        rs_html_line(html, RS_HTML_P, NULL, RS_STR("Both hosts have the same."));
    }
}
