/*
 * replay/interval_text.h - times, lengths of time and hours of the day, as options say them.
 *
 *   rs_range_parse("2026-11-01", "2026-11-03T12:00:00Z", &range, err)
 *   rs_range_parse_length("--window", "1d", &us, err)       s, m, h, d, w
 *   rs_hours_parse("22:00-06:00", &hours, err)              of the day, UTC
 *   rs_hours_wait_us(&hours, now_us)                        0: it is time
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 3339.
 */
#ifndef RS_REPLAY_INTERVAL_TEXT_H
#define RS_REPLAY_INTERVAL_TEXT_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/str.h"

#define RS_DAY_US ((int64_t)86400 * 1000 * 1000)

/* Instants from_us <= t < to_us. */
struct rs_range {
    int64_t from_us;
    int64_t to_us;
};

/* Read --from and --to: a day, which is its midnight, or an RFC 3339 time. RS_E_USAGE. */
RS_MUST_USE bool rs_range_parse(const char *from, const char *to, struct rs_range *out,
                                struct rs_error *err);

/* Read a length of time such as 90s, 30m, 6h, 1d or 2w; option is for messages. RS_E_USAGE. */
RS_MUST_USE bool rs_range_parse_length(const char *option, const char *text, int64_t *out_us,
                                       struct rs_error *err);

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
