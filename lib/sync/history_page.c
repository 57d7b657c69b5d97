/*
 * Runs come from the ledger as texts; those that are at work still, and pauses, stand in the list of
 * runs alone, as they have no counts.
 */
#include "sync/history_page.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/report_page.h"
#include "ledger/ledger_runs.h"
#include "sync/reasons.h"
#include "sync/report.h"
#include "sync/run_charts.h"
#include "sync/table_sums.h"

enum { NUMBER_BYTES = 64, SECOND_TEXT = 19 /* "2026-11-23 17:04:05" */ };

/* What the runs have done together. */
struct sums {
    uint64_t runs; /* that have ended */
    uint64_t success;
    uint64_t partial;
    uint64_t failure;
    uint64_t events;
    uint64_t rows;
    uint64_t rejects;
    uint64_t discards;
    double seconds;
};

struct history {
    const struct rs_result *runs;
    const struct rs_result *loads;
    struct rs_run_point *points; /* the oldest first */
    size_t point_count;
    struct sums sums;
    struct rs_table_sums *tables;
    struct rs_arena arena;
};

static uint64_t number_at(const struct rs_result *result, size_t row, size_t column)
{
    uint64_t number = 0;
    return rs_str_parse_u64(rs_result_text(result, row, column), 0, UINT64_MAX, &number) ? number
                                                                                         : 0;
}

static double seconds_at(const struct rs_result *result, size_t row, size_t column)
{
    struct rs_strbuf text = RS_STRBUF_INIT(NUMBER_BYTES);
    rs_strbuf_append_str(&text, rs_result_text(result, row, column));
    const double seconds = strtod(rs_strbuf_cstr(&text), NULL);
    rs_strbuf_release(&text);
    return seconds > 0 ? seconds : 0;
}

static bool has_status(const struct history *history, size_t run, enum rs_ledger_status status)
{
    return rs_str_equal(rs_result_text(history->runs, run, RS_LEDGER_STATUS),
                        rs_str_from(rs_ledger_status_name(status)));
}

static void add_run(struct history *history, size_t run)
{
    struct sums *sums = &history->sums;
    struct rs_run_point point = {
        .rows = number_at(history->runs, run, RS_LEDGER_ROWS),
        .rejects = number_at(history->runs, run, RS_LEDGER_REJECTS),
        .discards = number_at(history->runs, run, RS_LEDGER_DISCARDS),
        .prepare_seconds = seconds_at(history->runs, run, RS_LEDGER_PREPARE_SECONDS),
        .load_seconds = seconds_at(history->runs, run, RS_LEDGER_LOAD_SECONDS),
    };
    const bool success = has_status(history, run, RS_LEDGER_SUCCESS);
    const bool partial = has_status(history, run, RS_LEDGER_PARTIAL);
    const bool failure = has_status(history, run, RS_LEDGER_FAILURE);
    if ((!success && !partial && !failure) ||
        !rs_timefmt_parse(rs_result_text(history->runs, run, RS_LEDGER_STARTED_AT), &point.at_us)) {
        return;
    }
    history->points[history->point_count++] = point;
    sums->runs++;
    sums->success += success ? 1 : 0;
    sums->partial += partial ? 1 : 0;
    sums->failure += failure ? 1 : 0;
    sums->events += number_at(history->runs, run, RS_LEDGER_EVENTS);
    sums->rows += point.rows;
    sums->rejects += point.rejects;
    sums->discards += point.discards;
    sums->seconds += point.prepare_seconds + point.load_seconds;
}

static void add_loads(struct history *history)
{
    history->tables = rs_table_sums_new();
    for (size_t i = 0; i < rs_result_rows(history->loads); i++) {
        rs_table_sums_add(history->tables, rs_result_text(history->loads, i, 1),
                          number_at(history->loads, i, 2));
    }
}

/* Of all runs, the oldest first. */
static void write_reasons(const struct history *history, struct rs_html *html)
{
    struct rs_reason *all = NULL;
    size_t count = 0;
    for (size_t run = rs_result_rows(history->runs); run > 0; run--) {
        struct rs_reason *reasons = NULL;
        size_t reason_count = 0;
        rs_reasons_parse(rs_result_text(history->runs, run - 1, RS_LEDGER_REASONS), &reasons,
                         &reason_count);
        rs_reasons_join(&all, &count, reasons, reason_count);
        rs_reasons_release(reasons, reason_count);
    }
    rs_reasons_write(all, count, html);
    rs_reasons_release(all, count);
}

/* ---- What is written ---- */

static void write_facts(const struct history *history, struct rs_html *html)
{
    const struct sums *sums = &history->sums;
    const struct rs_report_field fields[] = {
        RS_REPORT_COUNT("runs", sums->runs),
        RS_REPORT_COUNT("success", sums->success),
        RS_REPORT_COUNT("partial", sums->partial),
        RS_REPORT_COUNT("failure", sums->failure),
        RS_REPORT_COUNT("events", sums->events),
        RS_REPORT_COUNT("rows", sums->rows),
        RS_REPORT_COUNT("rejects", sums->rejects),
        RS_REPORT_COUNT("discards", sums->discards),
        RS_REPORT_COUNT("tables", rs_table_sums_count(history->tables)),
        RS_REPORT_SECONDS("time", sums->seconds),
    };
    rs_page_facts(html, fields, RS_COUNTOF(fields));
}

/* Notices and the error of a run, each in a line of its cell. */
static struct rs_str words_of(const struct history *history, size_t run, struct rs_strbuf *out)
{
    struct rs_str error = rs_result_text(history->runs, run, RS_LEDGER_ERROR);
    struct rs_str notices = rs_result_text(history->runs, run, RS_LEDGER_NOTICES);
    rs_strbuf_reset(out);
    rs_strbuf_append_str(out, error);
    rs_strbuf_append(out, error.length > 0 && notices.length > 0 ? "\n" : "");
    rs_strbuf_append_str(out, notices);
    return rs_strbuf_str(out);
}

static void write_run(const struct history *history, size_t run, struct rs_strbuf *words,
                      struct rs_html *html)
{
    static const enum rs_ledger_column counts[] = {RS_LEDGER_EVENTS, RS_LEDGER_ROWS,
                                                   RS_LEDGER_REJECTS, RS_LEDGER_DISCARDS};
    static const enum rs_ledger_column times[] = {RS_LEDGER_PREPARE_SECONDS,
                                                  RS_LEDGER_LOAD_SECONDS};
    const bool counted = !rs_result_is_null(history->runs, run, RS_LEDGER_ROWS);
    rs_html_begin(html, RS_HTML_TR);
    rs_page_cell(html, rs_str_slice(rs_result_text(history->runs, run, RS_LEDGER_STARTED_AT), 0,
                                    SECOND_TEXT));
    rs_page_cell(html, rs_result_text(history->runs, run, RS_LEDGER_STATUS));
    for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
        if (counted) {
            rs_page_cell_number(html, number_at(history->runs, run, counts[i]));
        } else {
            rs_page_cell(html, RS_STR(""));
        }
    }
    for (size_t i = 0; i < RS_COUNTOF(times); i++) {
        if (counted) {
            rs_page_cell_seconds(html, seconds_at(history->runs, run, times[i]));
        } else {
            rs_page_cell(html, RS_STR(""));
        }
    }
    rs_page_cell(html, words_of(history, run, words));
    rs_html_end(html);
}

static void write_runs(const struct history *history, struct rs_html *html)
{
    static const char *const heads[] = {"started (UTC)",     "status",    ">events",    ">rows",
                                        ">rejects",          ">discards", ">preparing", ">loading",
                                        "error and notices", NULL};
    const size_t count = rs_result_rows(history->runs);
    const size_t shown = count < RS_PAGE_ROWS_MAX ? count : RS_PAGE_ROWS_MAX;
    struct rs_strbuf words = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    rs_page_section(html, "Runs");
    rs_page_begin_table(html, heads);
    for (size_t run = 0; run < shown; run++) {
        write_run(history, run, &words, html);
    }
    rs_page_end_table(html, count - shown);
    rs_html_end(html);
    rs_strbuf_release(&words);
}

void rs_history_page(const struct rs_result *runs, const struct rs_result *tables,
                     struct rs_str schema, struct rs_html *html)
{
    const size_t count = rs_result_rows(runs);
    struct history history = {.runs = runs, .loads = tables, .arena = RS_ARENA_INIT};
    const struct rs_error none = {0};
    history.points = rs_mem_zalloc(count > 0 ? count : 1, sizeof *history.points);
    for (size_t run = count; run > 0; run--) {
        add_run(&history, run - 1);
    }
    add_loads(&history);
    struct rs_strbuf status = RS_STRBUF_INIT(NUMBER_BYTES);
    if (count > 0) {
        rs_strbuf_append(&status, "the last: ");
        rs_strbuf_append_str(&status, rs_result_text(runs, 0, RS_LEDGER_STATUS));
    } else {
        rs_strbuf_append(&status, "no run yet");
    }
    const bool failed = count > 0 && has_status(&history, 0, RS_LEDGER_FAILURE);
    const bool good = count > 0 && has_status(&history, 0, RS_LEDGER_SUCCESS);
    rs_page_begin(html,
                  &(struct rs_page_head){.tool = "rs-sync",
                                         .what = "Runs into schema",
                                         .whom = rs_arena_copy(&history.arena, schema).data,
                                         .status = rs_strbuf_cstr(&status),
                                         .mood = good     ? RS_PAGE_GOOD
                                                 : failed ? RS_PAGE_BAD
                                                          : RS_PAGE_MIXED},
                  &none);
    if (count == 0) {
        rs_html_line(html, RS_HTML_P, NULL, RS_STR("No run has been recorded in this schema."));
    } else {
        write_facts(&history, html);
        rs_page_section(html, "Rows and time");
        rs_run_charts_draw(html, history.points, history.point_count, "run");
        rs_html_end(html);
        write_reasons(&history, html);
        rs_table_sums_write(history.tables, html);
        write_runs(&history, html);
    }
    rs_strbuf_release(&status);
    rs_mem_free(history.points);
    rs_table_sums_free(history.tables);
    rs_arena_release(&history.arena);
}
