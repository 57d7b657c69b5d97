/*
 * replay/window_plan.h - which windows there are, which are done, and which inputs each reads.
 *
 *   struct rs_window_plan plan;
 *   rs_window_plan_init(&plan, &interval, window_us, err);
 *   rs_window_plan_add_input(&plan, true, day_ms, size_bytes);
 *   while ((count = rs_window_plan_next(&plan, most, &first)) > 0) {
 *       ... read the inputs for which rs_window_plan_takes(&plan, first, count, input) ...
 *       rs_window_plan_learn(&plan, first, count, input, &seen);    each of them
 *       rs_window_plan_done(&plan, first, count);
 *   }
 *
 * An input in a folder of a day is read for the windows of that day, any other for every window,
 * until it was read once: then it is known which days its events are of. An event that lies in
 * another day's folder makes its window read that input too, and be done once more, if it was
 * done without it; from then on a window looks into the next day's folder as well, so that no
 * more are done twice. The folder before the interval belongs to the first window, the one after it to
 * the last: where an archive sorts by another clock, that is where the edges' events are.
 *
 * Owns:    its arrays; released with rs_window_plan_release.
 * Limits:  RS_WINDOWS_MAX windows.
 * Pure:    yes.   Threads: one thread at a time per object.
 */
#ifndef RS_REPLAY_WINDOW_PLAN_H
#define RS_REPLAY_WINDOW_PLAN_H

#include "base/interval.h"
#include "read/days.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_WINDOWS_MAX = 1000000 };

struct rs_window {
    struct rs_interval interval;
    bool done;
    bool told; /* it was done at least once, and has told what its inputs have beside events */
};

struct rs_window_input {
    bool has_day;
    struct rs_interval day;
    uint64_t size_bytes;
    struct rs_day_set seen; /* known once it was read */
    size_t *wanted_by;      /* windows of other days that have to read it */
    size_t wanted_count;
    size_t wanted_capacity;
};

struct rs_window_plan {
    struct rs_interval interval;
    bool ahead;                /* windows read the next day's inputs too, as these have strays */
    struct rs_window *windows; /* oldest first */
    size_t count;
    struct rs_window_input *inputs;
    size_t input_count;
    size_t input_capacity;
};

/* Cut the interval into windows of window_us; the last one may be shorter. RS_E_LIMIT. */
RS_MUST_USE bool rs_window_plan_init(struct rs_window_plan *plan,
                                     const struct rs_interval *interval, int64_t window_us,
                                     struct rs_error *err);
void rs_window_plan_release(struct rs_window_plan *plan);

/* Add an input, whose number is how many there were before. */
void rs_window_plan_add_input(struct rs_window_plan *plan, bool has_day, int64_t day_ms,
                              uint64_t size_bytes);

/* The window of exactly this interval, or SIZE_MAX. */
size_t rs_window_plan_find(const struct rs_window_plan *plan, const struct rs_interval *interval);

/* The input belongs to the window by the folder that it is in. */
bool rs_window_plan_by_day(const struct rs_window_plan *plan, size_t window, size_t input);

/* The input has to be read for one of these windows, as far as that is known now. */
bool rs_window_plan_takes(const struct rs_window_plan *plan, size_t first, size_t count,
                          size_t input);

/*
 * What the input has beside events is told of by another window, or was: each input has one window
 * that does so, its day's first, or the first of all.
 */
bool rs_window_plan_is_told(const struct rs_window_plan *plan, size_t first, size_t count,
                            size_t input);

/* The window has to read the input, which is of another day; it is not done. */
void rs_window_plan_want(struct rs_window_plan *plan, size_t window, size_t input);

/*
 * The next windows that are not done and have inputs: up to most that follow each other. Those
 * without inputs are done. Returns how many; 0: all are done.
 */
size_t rs_window_plan_next(struct rs_window_plan *plan, size_t most, size_t *first);

/*
 * An input was read for the windows, for the first time: put is shown each other window that has
 * to read it too.
 */
void rs_window_plan_strays(const struct rs_window_plan *plan, size_t first, size_t count,
                           size_t input, const struct rs_day_set *seen,
                           void (*put)(void *arg, size_t window), void *arg);

/* Note which days the input has. Its strays' windows are not done. */
void rs_window_plan_learn(struct rs_window_plan *plan, size_t first, size_t count, size_t input,
                          const struct rs_day_set *seen);

void rs_window_plan_done(struct rs_window_plan *plan, size_t first, size_t count);

/* Bytes of the inputs that a window reads. */
uint64_t rs_window_plan_bytes(const struct rs_window_plan *plan, size_t window, size_t *inputs);

/*
 * The same of all windows that are not done, but those at hand. before is what it was, or 0: with
 * very many inputs and windows that is returned, as it takes too long to be asked again and again.
 */
uint64_t rs_window_plan_bytes_left(const struct rs_window_plan *plan, size_t first, size_t count,
                                   uint64_t before);

#endif
