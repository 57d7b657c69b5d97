/* Pure formatting. */
#include "base/mem.h"
#include "codec/difference_charts.h"
#include "codec/report_fields.h"
#include "codec/report_page.h"
#include "codec/words.h"
#include "replay/gap.h"
#include "replay/interval_text.h"

enum { DAY_MAX_BYTES = 128 };

void rs_gap_report_release(struct rs_gap_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        rs_mem_free(report->rows[i].table);
    }
    rs_mem_free(report->rows);
    *report = (struct rs_gap_report){0};
}

/* A program has the day as an interval, ahead of these. */
static size_t describe_row(const void *item, struct rs_arena *arena,
                           struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_gap_row *row = item;
    struct rs_strbuf day = RS_STRBUF_INIT(DAY_MAX_BYTES);
    rs_interval_append(&day, &row->day);
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT(NULL, rs_arena_copy(arena, rs_strbuf_str(&day)).data, .head = "day"),
        RS_REPORT_TEXT("table", row->table, .head = "table"),
        RS_REPORT_COUNT("archive", row->events, .head = "archive"),
        RS_REPORT_COUNT("rows", row->rows, .head = "rows"),
        RS_REPORT_COUNT("missing", row->missing, .head = "missing"),
        RS_REPORT_COUNT("extra", row->extra, .head = "extra"),
        RS_REPORT_COUNT("doubled", row->doubled, .head = "doubled"),
        RS_REPORT_COUNT("superseded", row->superseded),
    };
    rs_strbuf_release(&day);
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_gap_report_text(const struct rs_gap_report *report, struct rs_strbuf *out)
{
    if (report->row_count > 0) {
        rs_report_fields_table(out, describe_row, report->rows, report->row_count,
                               sizeof *report->rows);
    }
    if (report->days_filled > 0) {
        rs_strbuf_append(out, "filled ");
        rs_words_count(out, report->days_filled, "day");
        rs_strbuf_append(out, ": ");
        rs_words_count(out, report->rows_filled, "row");
        rs_strbuf_append(out, "\n");
    }
    rs_strbuf_append(out, report->days_lacking > 0    ? "gap: "
                          : report->inputs_failed > 0 ? "no gap in what could be read: "
                                                      : "no gap: ");
    rs_words_count(out, report->days, "day");
    rs_strbuf_append(out, " of ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " compared in ");
    rs_words_seconds(out, report->seconds);
    if (report->days_lacking > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, report->days_lacking, "day");
        rs_strbuf_printf(out, " with %llu missing and %llu doubled rows",
                         (unsigned long long)report->missing, (unsigned long long)report->doubled);
    }
    if (report->extra > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, report->extra, "row");
        rs_strbuf_append(out, " of other sources");
    }
    rs_strbuf_append(out, "\n");
}

static void write_row(const struct rs_gap_row *row, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
    const struct rs_report_field event = RS_REPORT_TEXT("event", "difference");
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, &event, 1);
    rs_interval_write(&json, &row->day);
    rs_report_fields_json(&json, fields, describe_row(row, &arena, fields));
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
    rs_arena_release(&arena);
}

static const char *status_of(const struct rs_gap_report *report, const struct rs_error *err)
{
    return !report->ok                ? err->code == RS_E_PARTIAL ? "partial" : "failure"
           : report->days_lacking > 0 ? "gap"
                                      : "success";
}

static size_t describe_counts(const struct rs_gap_report *report,
                              struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_report_field fields[] = {
        RS_REPORT_COUNT("days", report->days),
        RS_REPORT_COUNT("inputs", report->inputs),
        RS_REPORT_COUNT("inputs_failed", report->inputs_failed),
        RS_REPORT_COUNT("days_lacking", report->days_lacking),
        RS_REPORT_COUNT("missing", report->missing),
        RS_REPORT_COUNT("extra", report->extra),
        RS_REPORT_COUNT("doubled", report->doubled),
        RS_REPORT_COUNT("days_filled", report->days_filled),
        RS_REPORT_COUNT("rows_filled", report->rows_filled),
        RS_REPORT_SECONDS("seconds", report->seconds),
    };
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_gap_report_json(const struct rs_gap_report *report, const struct rs_error *err,
                        struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field head[] = {
        RS_REPORT_TEXT("event", "summary"),
        RS_REPORT_TEXT("status", status_of(report, err)),
    };
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    for (size_t i = 0; i < report->row_count; i++) {
        write_row(&report->rows[i], out);
    }
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, head, RS_COUNTOF(head));
    rs_report_fields_json(&json, counts, describe_counts(report, counts));
    rs_json_write_end(&json, err);
}

static void draw_rows(const struct rs_gap_report *report, struct rs_html *html)
{
    struct rs_difference *items = rs_mem_zalloc(report->row_count, sizeof *items);
    for (size_t i = 0; i < report->row_count; i++) {
        const struct rs_gap_row *row = &report->rows[i];
        items[i] = (struct rs_difference){
            .table = row->table,
            .dated = true,
            .day = rs_day_of(row->day.from_us),
            .kinds = {(double)row->missing, (double)row->doubled, (double)row->extra},
        };
    }
    rs_page_section(html, "What differs");
    rs_difference_charts_draw(html, &(struct rs_difference_charts){
                                        .title = "Differing rows",
                                        .kinds = {"missing", "doubled", "extra"},
                                        .items = items,
                                        .count = report->row_count,
                                    });
    rs_html_end(html);
    rs_page_section(html, "Days and tables");
    rs_page_table(html, &(struct rs_page_rows){.describe = describe_row,
                                               .items = report->rows,
                                               .count = report->row_count,
                                               .size_bytes = sizeof *report->rows});
    rs_html_end(html);
    rs_mem_free(items);
}

void rs_gap_report_page(const struct rs_gap_report *report, const char *schema,
                        const struct rs_error *err, struct rs_html *html)
{
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_page_begin(
        html,
        &(struct rs_page_head){.tool = "rs-backfill gap",
                               .what = "Archive against schema",
                               .whom = schema,
                               .status = status_of(report, err),
                               .mood = !report->ok && err->code != RS_E_PARTIAL  ? RS_PAGE_BAD
                                       : report->ok && report->days_lacking == 0 ? RS_PAGE_GOOD
                                                                                 : RS_PAGE_MIXED},
        err);
    rs_page_facts(html, counts, describe_counts(report, counts));
    if (report->row_count > 0) {
        draw_rows(report, html);
    } else if (report->ok) {
        rs_html_line(html, RS_HTML_P, NULL, RS_STR("The tables have what the archive has."));
    }
}
