/*
 * The page of a run: what --json has, with the tables by their rows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/report_page.h"
#include "codec/words.h"
#include "sync/report.h"

/* Of a plan's SQL; all of it is what --plan prints. */
enum { SQL_SHOWN_BYTES = 1 << 20, PLACE_BYTES = 1024 };

static int by_rows(const void *left, const void *right)
{
    const struct rs_sync_table_report *a = left;
    const struct rs_sync_table_report *b = right;
    if ((a->error != NULL) != (b->error != NULL)) {
        return a->error ? -1 : 1;
    }
    if (a->rows != b->rows) {
        return a->rows > b->rows ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

/* What was not loaded comes first, and then what has most rows. */
static void write_tables(struct rs_html *html, const struct rs_sync_report *report)
{
    if (report->table_count == 0) {
        return;
    }
    struct rs_sync_table_report *tables = rs_mem_zalloc(report->table_count, sizeof *tables);
    memcpy(tables, report->tables, report->table_count * sizeof *tables);
    qsort(tables, report->table_count, sizeof *tables, by_rows);
    rs_page_section(html, "Tables");
    rs_page_table(html, &(struct rs_page_rows){.describe = rs_sync_report_table,
                                               .items = tables,
                                               .count = report->table_count,
                                               .size_bytes = sizeof *tables,
                                               .meter = "rows"});
    rs_html_end(html);
    rs_mem_free(tables);
}

static void write_times(struct rs_html *html, const struct rs_sync_report *report)
{
    static const char *const heads[] = {"time", ">seconds", "", NULL};
    const struct {
        const char *name;
        double seconds;
    } times[] = {{"preparing", report->prepare_seconds}, {"loading", report->load_seconds}};
    const double whole = report->prepare_seconds + report->load_seconds;
    if (whole <= 0) {
        return;
    }
    rs_page_section(html, "Time");
    rs_page_begin_table(html, heads);
    for (size_t i = 0; i < RS_COUNTOF(times); i++) {
        rs_html_begin(html, RS_HTML_TR);
        rs_page_cell(html, rs_str_from(times[i].name));
        rs_page_cell_seconds(html, times[i].seconds);
        rs_page_cell_meter(html, times[i].seconds / whole, (unsigned)i + 1);
        rs_html_end(html);
    }
    rs_page_end_table(html, 0);
    rs_html_end(html);
}

void rs_sync_changes_write(const struct rs_sync_change *changes, size_t count, struct rs_html *html)
{
    if (count == 0) {
        return;
    }
    rs_page_section(html, "New tables and columns");
    rs_page_table(html, &(struct rs_page_rows){.describe = rs_sync_report_change,
                                               .items = changes,
                                               .count = count,
                                               .size_bytes = sizeof *changes});
    rs_html_end(html);
}

/* "first: day.ndjson:12, orders.total", as far as it is known. */
static void write_place(const struct rs_reason *reason, struct rs_html *html)
{
    struct rs_strbuf place = RS_STRBUF_INIT(PLACE_BYTES);
    if (reason->input) {
        rs_strbuf_printf(&place, "%s:%llu", reason->input, (unsigned long long)reason->line);
    }
    if (reason->column) {
        rs_strbuf_printf(&place, "%s%s", place.length > 0 ? ", " : "", reason->column);
    }
    if (place.length > 0) {
        rs_html_begin(html, RS_HTML_P);
        rs_html_text(html, RS_STR("the first: "));
        rs_html_value(html, rs_strbuf_str(&place));
        rs_html_end(html);
    }
    rs_strbuf_release(&place);
}

/* How many for what, where the first is, what it is, and what to do. */
static void write_reason(const struct rs_reason *reason, struct rs_html *html)
{
    struct rs_strbuf count = RS_STRBUF_INIT(PLACE_BYTES);
    rs_words_count(&count, reason->count, rs_reason_kind_name(reason->kind));
    rs_html_begin_class(html, RS_HTML_DIV, "reason");
    rs_html_begin(html, RS_HTML_P);
    rs_html_line(html, RS_HTML_SPAN, "title", rs_strbuf_str(&count));
    rs_html_text(html, RS_STR(": "));
    rs_html_value(html, rs_str_from(reason->reason));
    rs_html_end(html);
    write_place(reason, html);
    if (reason->text) {
        rs_html_begin(html, RS_HTML_PRE);
        rs_html_value(html, rs_str_from(reason->text));
        rs_html_end(html);
    }
    if (reason->hint) {
        rs_html_begin(html, RS_HTML_P);
        rs_html_value(html, rs_str_from(reason->hint));
        rs_html_end(html);
    }
    rs_html_end(html);
    rs_strbuf_release(&count);
}

void rs_reasons_write(const struct rs_reason *reasons, size_t count, struct rs_html *html)
{
    if (count == 0) {
        return;
    }
    rs_page_section(html, "Rejects and discards");
    for (size_t i = 0; i < count; i++) {
        write_reason(&reasons[i], html);
    }
    rs_html_end(html);
}

static void write_plan(struct rs_html *html, const struct rs_sync_report *report)
{
    struct rs_str sql = rs_strbuf_str(&report->plan_sql);
    if (sql.length == 0) {
        return;
    }
    rs_page_section(html, "The SQL that would run");
    rs_html_begin(html, RS_HTML_PRE);
    rs_html_value(html, rs_str_slice(sql, 0, SQL_SHOWN_BYTES));
    rs_html_end(html);
    if (sql.length > SQL_SHOWN_BYTES) {
        rs_html_line(html, RS_HTML_P, NULL, RS_STR("The rest of it is not shown here."));
    }
    rs_html_end(html);
}

void rs_sync_report_page(const struct rs_sync_report *report, const char *schema,
                         const struct rs_error *err, struct rs_html *html)
{
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    const char *status = rs_sync_report_status(report, err);
    const bool good = strcmp(status, "success") == 0;
    const bool look = strcmp(status, "partial") == 0 || report->inputs_suspect > 0;
    const struct rs_page_head head = {
        .tool = "rs-sync",
        .what = report->plan_sql.length > 0 ? "Plan for schema" : "Run into schema",
        .whom = report->schema ? report->schema : schema,
        .status = status,
        .mood = good && !report->past_limit ? look ? RS_PAGE_MIXED : RS_PAGE_GOOD
                : look                      ? RS_PAGE_MIXED
                                            : RS_PAGE_BAD};
    const struct rs_report_field ids[] = {
        RS_REPORT_TEXT("database", report->database),
        RS_REPORT_TEXT("sync_id", report->sync_id[0] != '\0' ? report->sync_id : NULL),
    };
    rs_page_begin(html, &head, err);
    rs_page_facts(html, counts, rs_sync_report_counts(report, counts));
    rs_page_sentences(html, "Notices", (const char *const *)report->notices, report->notice_count,
                      report->warning_count);
    rs_reasons_write(report->reasons, report->reason_count, html);
    write_tables(html, report);
    write_times(html, report);
    rs_sync_changes_write(report->changes, report->change_count, html);
    write_plan(html, report);
    if (report->database || report->sync_id[0] != '\0') {
        rs_page_facts(html, ids, RS_COUNTOF(ids));
    }
}
