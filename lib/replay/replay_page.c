/*
 * The page of a replay. Windows come in the order of the work, which is not that of time where some are
 * done again, so they are sorted before they are drawn.
 */
#include "replay/replay_page.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/report_page.h"
#include "replay/interval_text.h"
#include "sync/report.h"
#include "sync/run_charts.h"
#include "sync/table_sums.h"

enum { INTERVAL_BYTES = 128 };

struct rs_replay_page_window {
    enum rs_replay_state state;
    struct rs_interval interval;
    struct rs_run_point point;
    uint64_t inputs;
    uint64_t bytes;
    uint64_t events;
    double seconds;
    char *error;
};

static char *copy_of(const char *text)
{
    return text ? rs_mem_strdup(text) : NULL;
}

/* What a run has done to the schema and put into its tables. */
static void add_run(struct rs_replay_page *page, const struct rs_sync_report *run)
{
    page->tables = page->tables ? page->tables : rs_table_sums_new();
    for (size_t i = 0; i < run->table_count; i++) {
        rs_table_sums_add(page->tables, rs_str_from(run->tables[i].name), run->tables[i].rows);
    }
    page->changes = rs_mem_grow(page->changes, &page->change_capacity,
                                page->change_count + run->change_count, sizeof *page->changes);
    for (size_t i = 0; i < run->change_count; i++) {
        struct rs_sync_change change = run->changes[i];
        change.table = copy_of(change.table);
        change.column = copy_of(change.column);
        change.type = copy_of(change.type);
        page->changes[page->change_count++] = change;
    }
}

void rs_replay_page_add(struct rs_replay_page *page, const struct rs_replay_window *window)
{
    const struct rs_sync_report *run = window->report;
    page->windows =
        rs_mem_grow(page->windows, &page->capacity, page->count + 1, sizeof *page->windows);
    struct rs_replay_page_window *kept = &page->windows[page->count++];
    *kept = (struct rs_replay_page_window){
        .state = window->state,
        .interval = window->interval,
        .point = {.at_us = window->interval.from_us},
        .inputs = window->inputs,
        .bytes = window->bytes,
        .seconds = window->seconds,
        .error = copy_of(window->error),
    };
    if (run) {
        add_run(page, run);
        kept->events = run->events;
        kept->point.rows = run->rows;
        kept->point.rejects = run->rejects;
        kept->point.discards = run->discards;
        kept->point.prepare_seconds = run->prepare_seconds;
        kept->point.load_seconds = run->load_seconds;
    }
}

void rs_replay_page_release(struct rs_replay_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        rs_mem_free(page->windows[i].error);
    }
    rs_sync_changes_release(page->changes, page->change_count);
    rs_table_sums_free(page->tables);
    rs_mem_free(page->windows);
    *page = (struct rs_replay_page){0};
}

static int by_time(const void *left, const void *right)
{
    const struct rs_replay_page_window *a = left;
    const struct rs_replay_page_window *b = right;
    return (a->interval.from_us > b->interval.from_us) -
           (a->interval.from_us < b->interval.from_us);
}

static size_t describe_window(const void *item, struct rs_arena *arena,
                              struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_replay_page_window *window = item;
    struct rs_strbuf interval = RS_STRBUF_INIT(INTERVAL_BYTES);
    rs_interval_append(&interval, &window->interval);
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("window", rs_arena_copy(arena, rs_strbuf_str(&interval)).data,
                       .head = "received (UTC)"),
        RS_REPORT_TEXT("state", rs_replay_state_name(window->state), .head = "state"),
        RS_REPORT_COUNT("inputs", window->inputs, .head = "inputs"),
        RS_REPORT_COUNT("bytes", window->bytes, .head = "size"),
        RS_REPORT_COUNT("events", window->events, .head = "events"),
        RS_REPORT_COUNT("rows", window->point.rows, .head = "rows"),
        RS_REPORT_COUNT("rejects", window->point.rejects, .head = "rejects"),
        RS_REPORT_COUNT("discards", window->point.discards, .head = "discards"),
        RS_REPORT_SECONDS("seconds", window->seconds, .head = "time"),
        RS_REPORT_TEXT("error", window->error, .head = ""),
    };
    rs_strbuf_release(&interval);
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

/* Of the windows that this replay has run. */
static void draw_runs(struct rs_html *html, const struct rs_replay_page_window *windows,
                      size_t count)
{
    struct rs_run_point *points = rs_mem_zalloc(count, sizeof *points);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (windows[i].state == RS_REPLAY_DONE || windows[i].state == RS_REPLAY_FAILED) {
            points[used++] = windows[i].point;
        }
    }
    if (used > 0) {
        rs_page_section(html, "Rows and time");
        rs_run_charts_draw(html, points, used, "window");
        rs_html_end(html);
    }
    rs_mem_free(points);
}

static void write_windows(struct rs_html *html, const struct rs_replay_page *page)
{
    if (page->count == 0) {
        return;
    }
    struct rs_replay_page_window *sorted = rs_mem_zalloc(page->count, sizeof *sorted);
    for (size_t i = 0; i < page->count; i++) {
        sorted[i] = page->windows[i];
    }
    qsort(sorted, page->count, sizeof *sorted, by_time);
    draw_runs(html, sorted, page->count);
    rs_page_section(html, "Windows");
    rs_page_table(html, &(struct rs_page_rows){.describe = describe_window,
                                               .items = sorted,
                                               .count = page->count,
                                               .size_bytes = sizeof *sorted});
    rs_html_end(html);
    rs_mem_free(sorted);
}

void rs_replay_page_write(const struct rs_replay_page *page, const struct rs_replay_report *report,
                          const struct rs_replay_options *options, const struct rs_error *err,
                          struct rs_html *html)
{
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    const bool planned = options->dry_run && err->code == RS_OK;
    rs_page_begin(
        html,
        &(struct rs_page_head){
            .tool = "rs-backfill replay",
            .what = options->dry_run ? "Plan of a replay into schema" : "Replay into schema",
            .whom = report->schema ? report->schema : options->sync.schema,
            .status = planned ? "planned" : rs_replay_status_name(report->status),
            .mood = planned || report->status == RS_SYNC_SUCCESS ? RS_PAGE_GOOD
                    : report->status == RS_SYNC_PARTIAL          ? RS_PAGE_MIXED
                                                                 : RS_PAGE_BAD},
        err);
    rs_page_facts(html, counts, rs_replay_report_counts(report, counts));
    if (planned) {
        const struct rs_report_field estimate[] = {
            RS_REPORT_SECONDS("estimate_seconds", report->estimate_seconds),
            RS_REPORT_FLAG("estimate_is_measured", report->measured),
        };
        rs_page_facts(html, estimate, RS_COUNTOF(estimate));
    }
    rs_reasons_write(report->reasons, report->reason_count, html);
    write_windows(html, page);
    if (page->tables) {
        rs_table_sums_write(page->tables, html);
    }
    rs_sync_changes_write(page->changes, page->change_count, html);
}
