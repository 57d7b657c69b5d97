/*
 * cli/progress.h - one line on stderr that says how far a run is.
 *
 *   [#######-----]  61%  0:07 left   88 MB/s   loading product_viewed, 3 of 12 tables
 *
 *   rs_progress_init(&progress, env, RS_PROGRESS_BAR, 0);
 *   options.meter = rs_progress_begin(&progress);     who works says there how far it is
 *   rs_progress_end(&progress, ok);
 *
 * A thread reads the meter and draws, ten times a second, so that the line moves while the others
 * wait for a server. Lines of the log take the bar away by themselves; what else is written to the
 * terminal is written between rs_progress_hold and rs_progress_release.
 *
 * The cursor rests at the line's begin. A terminal that folds the line, as it was made narrower, keeps
 * the cursor with that character, so what is cleared from there on is all of the line.
 *
 * Pure:    rs_progress_rate_add, rs_progress_seconds_left and rs_progress_format are; the
 *          others read the clock of env and write to its log's descriptor.
 * Threads: main thread only, but for rs_progress_hold, _release and _erase: any.
 */
#ifndef RS_CLI_PROGRESS_H
#define RS_CLI_PROGRESS_H

#include <pthread.h>

#include "base/env.h"
#include "base/meter.h"
#include "rs/compiler.h"
#include "rs/strbuf.h"

/* Speed over the last seconds; starts as {0}. */
struct rs_progress_rate {
    bool started; /* there is a first point */
    bool known;   /* there is a speed */
    int64_t at_us;
    double done;
    double per_second;
};

/* Of the phase's unit, and of the whole. */
struct rs_progress_rates {
    struct rs_progress_rate amount;
    struct rs_progress_rate part;
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
    size_t columns; /* 0: what the terminal has whenever the line is drawn */
    struct rs_meter meter;
    struct rs_progress_rates rates;
    const char *phase; /* of the last drawing */
    int64_t drawn_us;
    int64_t started_us;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what is drawn, and of ended */
    pthread_cond_t changed;
    bool started;
    bool ended;
    bool visible; /* a bar stands on the terminal's last line */
};

/*
 * Take in that so much was done at now_us, a clock that only goes forward. The speed follows the
 * last three seconds or so, so that it neither jumps nor sticks. Points that are closer than
 * 50 ms to the one before change nothing.
 */
void rs_progress_rate_add(struct rs_progress_rate *rate, int64_t now_us, double done);

/* Seconds until all is done; negative when nobody knows. */
double rs_progress_seconds_left(const struct rs_progress_rate *rate, double done, double all);

/*
 * Append the line, at most columns - 1 wide, without a line end. A terminal that is too narrow for all
 * of it has no bar, then no more than the begin. columns is 0: no limit, no bar, what is done first.
 */
void rs_progress_format(const struct rs_meter_view *view, const struct rs_progress_rates *rates,
                        double elapsed_seconds, size_t columns, struct rs_strbuf *out);

/* env is borrowed for as long as progress is used. */
void rs_progress_init(struct rs_progress *progress, const struct rs_env *env,
                      enum rs_progress_style style, size_t columns);

/* Begin to show; NULL where nothing is shown. */
struct rs_meter *rs_progress_begin(struct rs_progress *progress);

/* Show how far the meter is, unless the last showing was a moment ago. What the thread does. */
void rs_progress_tick(struct rs_progress *progress);

/* Take the bar off the terminal, and draw none until the release. */
void rs_progress_hold(struct rs_progress *progress);
void rs_progress_release(struct rs_progress *progress);

/* Show that all is done (whole), take the bar off the terminal, and draw no more. */
void rs_progress_end(struct rs_progress *progress, bool whole);

/* What a line of log begins with, to take the place of a bar. The argument is a struct rs_progress. */
const char *rs_progress_erase(void *progress);

#endif
