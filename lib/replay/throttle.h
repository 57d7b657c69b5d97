/*
 * replay/throttle.h - when a replay may go on: hours of the day, and rows a second.
 *
 *   rs_hours_parse("22:00-06:00", &hours, err)              UTC
 *   rs_hours_wait_us(&hours, now_us)                        0: it is time
 *   rs_rate_rest_us(rows, passed_us, rate)                  0: not too fast
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_REPLAY_THROTTLE_H
#define RS_REPLAY_THROTTLE_H

#include "rs/compiler.h"
#include "rs/error.h"

/* A part of each day; from after to: over midnight. All zero: the whole day. */
struct rs_hours {
    bool limited;
    int64_t from_us; /* since midnight */
    int64_t to_us;
};

/* Read --only-between: HH:MM-HH:MM. RS_E_USAGE. */
RS_MUST_USE bool rs_hours_parse(const char *text, struct rs_hours *out, struct rs_error *err);

/* How long until the hours begin; 0 within them. */
int64_t rs_hours_wait_us(const struct rs_hours *hours, int64_t now_us);

/*
 * How long to rest, so that rows in passed_us is no more than rate rows a second; 0 with rate 0.
 */
int64_t rs_rate_rest_us(uint64_t rows, int64_t passed_us, uint64_t rate);

#endif
