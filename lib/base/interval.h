/*
 * base/interval.h - an interval of time.
 *
 *   struct rs_interval day = {0, RS_DAY_US};
 *   rs_interval_has(&day, RS_DAY_US)               -> false: the end is not in it
 *   rs_day_of(-1)                                  -> -1
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_BASE_INTERVAL_H
#define RS_BASE_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#define RS_DAY_US ((int64_t)86400 * 1000 * 1000)

/* Instants from_us <= t < to_us, UTC. */
struct rs_interval {
    int64_t from_us;
    int64_t to_us;
};

static inline bool rs_interval_has(const struct rs_interval *interval, int64_t us)
{
    return us >= interval->from_us && us < interval->to_us;
}

static inline bool rs_interval_equal(const struct rs_interval *left,
                                     const struct rs_interval *right)
{
    return left->from_us == right->from_us && left->to_us == right->to_us;
}

/* The number of an instant's day since 1970, also before that. */
static inline int64_t rs_day_of(int64_t us)
{
    return us / RS_DAY_US - (us % RS_DAY_US < 0 ? 1 : 0);
}

#endif
