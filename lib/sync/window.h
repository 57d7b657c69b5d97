/*
 * sync/window.h - a run over a part of the events, which are in inputs that others share.
 *
 *   struct rs_sync_window window = {.interval_filter = {.received = interval}, .inputs = inputs,
 *                                   .input_count = count, .seen = seen, .marks = mark, .arg = me};
 *   options.window = &window;
 *   rs_sync_run(env, &options, &report, err)
 *
 * Such a run neither asks nor tells which inputs are loaded: an input may hold events of other
 * windows. What it tells is in the table rs_windows, in the transaction that ends the run: the
 * marks that the caller gives when all inputs are read.
 *
 *   done   the window replay/from_us/to_us has its events in the tables
 *   wants  the window has to read that input too, and is not done
 *
 * With compare, nothing is loaded or written: rows that would be are compared with those that are
 * there, a table at a time (lib/sync/compare.c).
 *
 * Owns:    nothing.   Threads: the callbacks come on the thread that called rs_sync_run.
 */
#ifndef RS_SYNC_WINDOW_H
#define RS_SYNC_WINDOW_H

#include "connect/connect.h"
#include "ledger/ledger_windows.h"
#include "read/days.h"
#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "transform/interval_filter.h"

struct rs_window_marks {
    struct rs_window_mark *items; /* freed by the run; texts are borrowed */
    size_t count;
    size_t capacity;
};

/* What a table holds of a window, and what the inputs have. */
struct rs_window_difference {
    struct rs_str table;
    uint64_t events;     /* ids in the inputs */
    uint64_t rows;       /* in the table */
    uint64_t missing;    /* ids that are in no row */
    uint64_t superseded; /* ids whose event came again, after the window */
    uint64_t extra;      /* rows whose ids are in no input */
    uint64_t doubled;    /* rows beyond the first of an id */
};

struct rs_sync_window {
    struct rs_interval_filter interval_filter; /* calls and times; tables are made of events */
    const char *const *events; /* names of track events, or of their tables; none: all */
    size_t event_count;
    const struct rs_input *inputs;
    size_t input_count;
    const bool *known;          /* an input: what it has that is no row was told of before */
    struct rs_day_set *seen;    /* an input: filled */
    struct rs_connect *connect; /* gives the sessions; NULL: the run makes a way of its own */
    const char *replay;         /* the name of what the window is a part of; in rs_windows */
    void (*marks)(void *arg, struct rs_window_marks *out);
    void (*compare)(void *arg, const struct rs_window_difference *difference); /* or NULL */
    void *arg;
};

#endif
