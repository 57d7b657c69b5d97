/*
 * transform/interval_filter.h - a part of the events: by when they were received, and what they are.
 *
 *   struct rs_extent extent = {.from_us = from, .to_us = to, .calls = 1U << RS_CALL_TRACK};
 *   rs_extent_has(&extent, received_us)                        -> from <= received_us < to
 *   rs_extent_wants(&extent, RS_CALL_TRACK, RS_STR("order_completed"))   -> true
 *   rs_extent_add_calls(RS_STR("track,identify"), &extent.calls, err)
 *
 * Owns:    nothing; tables are borrowed.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_TRANSFORM_INTERVAL_FILTER_H
#define RS_TRANSFORM_INTERVAL_FILTER_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/str.h"
#include "transform/call.h"

struct rs_extent {
    int64_t from_us;             /* received_at: this one is in */
    int64_t to_us;               /* this one is not */
    unsigned calls;              /* set of 1 << enum rs_call_type; 0: all calls */
    const struct rs_str *tables; /* of track calls, only those of these tables; none: all */
    size_t table_count;
};

static inline bool rs_extent_has(const struct rs_extent *extent, int64_t received_us)
{
    return received_us >= extent->from_us && received_us < extent->to_us;
}

/* Whether a call is wanted; table is that of a track call's event, "" without one. */
bool rs_extent_wants(const struct rs_extent *extent, enum rs_call_type call, struct rs_str table);

/* Add the calls of a list with commas between, such as "track,page"; RS_E_USAGE. */
RS_MUST_USE bool rs_extent_add_calls(struct rs_str list, unsigned *calls, struct rs_error *err);

#endif
