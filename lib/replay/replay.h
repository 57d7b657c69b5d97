/*
 * replay/replay.h - load the archived events of an interval of time again, window by window.
 *
 *   struct rs_replay_options options = {.sync = sync, .interval = interval, .window_us = RS_DAY_US, ...};
 *   struct rs_replay_report report = {0};
 *   if (!rs_replay_run(&env, &options, &report, &err)) ...
 *
 * Each window is a run of rs_sync_run over the events that were received in it (sync/window.h),
 * recorded in the transaction that ends the run: the same replay begins where an earlier one
 * stopped, until all of it was done; after that it is a new one. The lock of the schema is held by
 * each run alone, so that runs of rs-sync find their turn between them, and a window waits for
 * theirs. One SIGINT lets the run at hand end, and stops then.
 *
 * Pure:    no: reads the inputs, writes to the database, sleeps.
 * Threads: main thread only; callbacks come on it.
 */
#ifndef RS_REPLAY_REPLAY_H
#define RS_REPLAY_REPLAY_H

#include "base/env.h"
#include "base/interval.h"
#include "codec/report_fields.h"
#include "replay/throttle.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/sync.h"

enum rs_replay_state {
    RS_REPLAY_PLANNED, /* --dry-run */
    RS_REPLAY_BEFORE,  /* done by an earlier run of the same replay */
    RS_REPLAY_DONE,
    RS_REPLAY_FAILED, /* some of it was loaded, or nothing */
};

/* One or more windows that were loaded together. */
struct rs_replay_window {
    enum rs_replay_state state;
    struct rs_interval interval;
    size_t windows;
    size_t inputs; /* that were read */
    uint64_t bytes;
    const struct rs_sync_report *report; /* NULL: nothing was run */
    double seconds;
    const char *error; /* RS_REPLAY_FAILED */
};

struct rs_replay_options {
    struct rs_sync_options sync; /* of each run; its inputs are all sources, its meter all runs' */
    struct rs_interval interval;
    int64_t window_us;
    unsigned jobs; /* windows that one run loads; at least 1 */
    uint64_t rate; /* rows a second on the average; 0: no limit */
    struct rs_hours hours;
    int64_t wait_us; /* for the lock of another run, at most */
    unsigned calls;  /* as rs_interval_filter */
    const char *const *events;
    size_t event_count;
    bool dry_run;
    bool restart; /* what an earlier run of the same replay has done is done again */
    void (*window)(void *arg, const struct rs_replay_window *window);
    void *arg;
};

struct rs_replay_report {
    enum rs_sync_status status;
    size_t windows;        /* with events that may be in inputs */
    size_t windows_before; /* done by an earlier run */
    size_t windows_done;
    size_t windows_failed;
    size_t inputs; /* that there are */
    uint64_t read_bytes;
    uint64_t lines;
    uint64_t events;
    uint64_t rows;
    uint64_t rejects;
    uint64_t discards;
    uint64_t duplicates;
    uint64_t opt_outs;
    uint64_t unselected;
    uint64_t undated;        /* nothing says when they were received */
    uint64_t inputs_suspect; /* as in rs_sync_report */
    char *schema;            /* that was loaded; NULL: not known */
    char *database;
    struct rs_reason *reasons; /* of rejects and discards of all windows */
    size_t reason_count;
    double seconds;
    double estimate_seconds; /* --dry-run */
    bool measured;           /* the estimate goes by windows that were loaded; else by a guess */
};

/*
 * Load the interval.
 *
 * err  RS_E_PARTIAL when some windows were not loaded; RS_E_INTERRUPTED, RS_E_BUSY, RS_E_NET and
 *      others: what is recorded stays, and the same call goes on there
 */
RS_MUST_USE bool rs_replay_run(const struct rs_env *env, const struct rs_replay_options *options,
                               struct rs_replay_report *report, struct rs_error *err);

void rs_replay_report_release(struct rs_replay_report *report);

/* What a report says (codec/report_fields.h), for those who print it. */
const char *rs_replay_state_name(enum rs_replay_state state);
const char *rs_replay_status_name(enum rs_sync_status status);
size_t rs_replay_report_counts(const struct rs_replay_report *report,
                               struct rs_report_field out[RS_REPORT_FIELDS_MAX]);

/* Append what happened to a window as one JSON object on one line, or for a person. */
void rs_replay_window_json(const struct rs_replay_window *window, struct rs_strbuf *out);
void rs_replay_window_text(const struct rs_replay_window *window, struct rs_strbuf *out);

/* The summary, in the same two forms; dry_run: of what would be done. */
void rs_replay_report_json(const struct rs_replay_report *report, bool dry_run,
                           const struct rs_error *err, struct rs_strbuf *out);
void rs_replay_report_text(const struct rs_replay_report *report, bool dry_run,
                           struct rs_strbuf *out);

#endif
