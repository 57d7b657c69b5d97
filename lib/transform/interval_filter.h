/*
 * transform/interval_filter.h - a part of the events: by when they were received, and what they are.
 *
 *   struct rs_interval_filter filter = {.received = day, .calls = 1U << RS_CALL_TRACK};
 *   rs_interval_has(&filter.received, received_us)
 *   rs_interval_filter_wants(&filter, RS_CALL_TRACK, RS_STR("order_completed"))   -> true
 *   rs_interval_filter_add_calls(RS_STR("track,identify"), &filter.calls, err)
 *
 * Owns:    nothing; tables are borrowed.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_TRANSFORM_INTERVAL_FILTER_H
#define RS_TRANSFORM_INTERVAL_FILTER_H

#include "base/interval.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/name.h"
#include "rs/str.h"

struct rs_interval_filter {
    struct rs_interval received;
    unsigned calls;              /* set of 1 << enum rs_call_type; 0: all calls */
    const struct rs_str *tables; /* of track calls, only those of these tables; none: all */
    size_t table_count;
};

/* Whether a call is wanted; table is that of a track call's event, "" without one. */
bool rs_interval_filter_wants(const struct rs_interval_filter *filter, enum rs_call_type call,
                              struct rs_str table);

/* Add the calls of a list with commas between, such as "track,page"; RS_E_USAGE. */
RS_MUST_USE bool rs_interval_filter_add_calls(struct rs_str list, unsigned *calls,
                                              struct rs_error *err);

#endif
