/*
 * cli/progress.h - one line on stderr that says how far a run is.
 *
 *   reading [#########---------------]  38%  612 MB/s  1.2M events  0:07 left
 *
 *   rs_progress_init(&progress, env, true, 80, RS_PROGRESS_BAR);
 *   rs_progress_update(&progress, &now);      as often as you like; drawn ten times a second
 *   rs_progress_clear(&progress);             before a line of log, and at the end
 *
 * Pure:    rs_progress_rate_add, rs_progress_seconds_left and rs_progress_format are; the
 *          others read the clock of env and write to its log's descriptor.
 * Threads: updates come from one thread; rs_progress_clear may come from any.
 */
#ifndef RS_CLI_PROGRESS_H
#define RS_CLI_PROGRESS_H

#include <stdatomic.h>

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/strbuf.h"

/* How far the run is. */
struct rs_progress_now {
    const char *phase;    /* "reading" */
    uint64_t done_bytes;  /* of the phase */
    uint64_t total_bytes; /* 0 when not known */
    uint64_t events;      /* so far */
    uint64_t rows;        /* loaded so far; 0: not shown */
    const char *counted;  /* what done and total are, where they are no bytes: "rows". Then events
                             is a number of bytes */
    uint64_t rejects;     /* so far; 0: not shown */
};

/* Speed over the last seconds; starts as {0}. */
struct rs_progress_rate {
    bool started; /* there is a first point */
    bool known;   /* there is a speed */
    int64_t at_us;
    uint64_t bytes;
    double bytes_per_second;
};

enum rs_progress_style {
    RS_PROGRESS_OFF,
    RS_PROGRESS_BAR,   /* drawn over in place */
    RS_PROGRESS_LINES, /* a line every few seconds, for a log file */
    RS_PROGRESS_LOG,   /* a message of the log every minute, for runs of hours */
};

struct rs_progress {
    const struct rs_env *env;
    enum rs_progress_style style;
    size_t columns;
    const char *phase; /* of the last update */
    int64_t drawn_us;
    int64_t started_us;
    struct rs_progress_rate rate;
    atomic_bool visible; /* a bar stands on the terminal's last line */
};

/*
 * Take in that bytes were done at now_us, a clock that only goes forward. The speed follows the
 * last three seconds or so, so that it neither jumps nor sticks. Points that are closer than
 * 50 ms to the one before change nothing.
 */
void rs_progress_rate_add(struct rs_progress_rate *rate, int64_t now_us, uint64_t bytes);

/* Seconds until total_bytes are done; negative when nobody knows. */
double rs_progress_seconds_left(const struct rs_progress_rate *rate, uint64_t done_bytes,
                                uint64_t total_bytes);

/*
 * Append the line, at most columns wide, without a line end. The bar is as wide as fits, and is
 * left out when that is under 10 places or columns is 0, which means no limit.
 */
void rs_progress_format(const struct rs_progress_now *now, const struct rs_progress_rate *rate,
                        double elapsed_seconds, size_t columns, struct rs_strbuf *out);

/* env is borrowed for as long as progress is used. */
void rs_progress_init(struct rs_progress *progress, const struct rs_env *env,
                      enum rs_progress_style style, size_t columns);

/* Show now, unless the last showing was a moment ago. now's phase is borrowed until the next. */
void rs_progress_update(struct rs_progress *progress, const struct rs_progress_now *now);

/* Take the bar off the terminal, if one is there. The argument is a struct rs_progress. */
void rs_progress_clear(void *progress);

#endif
