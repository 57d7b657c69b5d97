/*
 * replay/gap.h - what an archive has and the tables have not, a day at a time.
 *
 *   struct rs_gap_options options = {.sync = sync, .row = show_row, ...};
 *   struct rs_gap_report report = {0};
 *   if (!rs_gap_run(&env, &options, &report, &err)) ...
 *
 * The events of a day, by received_at, go the way of a run as far as its rows, and their ids are
 * compared with those of the rows that each table has of that day (lib/sync/compare.c). With fill
 * the days that lack rows, or have some twice, are loaded, and compared once more.
 *
 * Limits:  2^26 ids of one table in one day; 16 bytes of memory for each, on both sides.
 * Pure:    no: reads the inputs and the database; with fill, writes.
 * Threads: main thread only; callbacks come on it.
 */
#ifndef RS_REPLAY_GAP_H
#define RS_REPLAY_GAP_H

#include "base/env.h"
#include "base/interval.h"
#include "codec/html.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "sync/sync.h"

/* A table that differs from the archive on a day. */
struct rs_gap_row {
    struct rs_interval day;
    char *table;
    uint64_t events;     /* ids in the archive */
    uint64_t rows;       /* in the table */
    uint64_t missing;    /* ids without a row */
    uint64_t extra;      /* rows without an event */
    uint64_t doubled;    /* rows past the first of an id */
    uint64_t superseded; /* ids whose event came again on a later day, which is no difference */
};

struct rs_gap_options {
    struct rs_sync_options sync; /* its inputs are all sources, its meter all runs' */
    bool has_interval;
    struct rs_interval interval; /* else all days that the archive has */
    unsigned calls;              /* as rs_interval_filter */
    const char *const *events;
    size_t event_count;
    bool fill;
    int64_t wait_us; /* with fill: for the lock of another run, at most */
};

struct rs_gap_report {
    bool ok;
    size_t days; /* that were compared */
    size_t inputs;
    size_t inputs_failed; /* that could not be read: their days are compared without them */
    uint64_t missing;
    uint64_t extra;
    uint64_t doubled;
    size_t days_lacking; /* with a missing or a doubled row, at the end */
    size_t days_filled;
    uint64_t rows_filled;
    double seconds;
    struct rs_gap_row *rows; /* all that differ, by day and table */
    size_t row_count;
    size_t row_capacity;
};

/*
 * Compare, and fill.
 *
 * report  filled as far as it came; released with rs_gap_report_release
 * err     RS_E_PARTIAL when inputs could not be read: all else is done; RS_E_LIMIT; and as
 *         rs_sync_run
 */
RS_MUST_USE bool rs_gap_run(const struct rs_env *env, const struct rs_gap_options *options,
                            struct rs_gap_report *report, struct rs_error *err);
void rs_gap_report_release(struct rs_gap_report *report);

/* Append the days that differ and a summary: as a table, or as JSON lines. */
void rs_gap_report_text(const struct rs_gap_report *report, struct rs_strbuf *out);
void rs_gap_report_json(const struct rs_gap_report *report, const struct rs_error *err,
                        struct rs_strbuf *out);

/* The page for --report but for its end (codec/report_page.h); schema is what was named. */
void rs_gap_report_page(const struct rs_gap_report *report, const char *schema,
                        const struct rs_error *err, struct rs_html *html);

#endif
