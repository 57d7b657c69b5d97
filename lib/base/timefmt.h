/*
 * base/timefmt.h - instants as text and back.
 *
 *   "2026-11-23"                         -> 2026-11-23 00:00:00
 *   "2026-11-23T17:04:05.678+01:00"      -> 2026-11-23 16:04:05.678
 *   "2026-11-23 17:04"                   -> 2026-11-23 17:04:00
 *   "2026-02-30", "17:04", "2026-11-23t" -> no timestamp
 *
 * Shape:   instants are int64_t microseconds since 1970-01-01 00:00:00 UTC, from year 1 to 9999.
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7), "Types".
 */
#ifndef RS_BASE_TIMEFMT_H
#define RS_BASE_TIMEFMT_H

#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_TIMEFMT_MAX = 26, /* "YYYY-MM-DD hh:mm:ss.ffffff" */
};

/* The first and the last instant, 0001-01-01 00:00:00 and 9999-12-31 23:59:59.999999. */
#define RS_TIMEFMT_FIRST_US INT64_C(-62135596800000000)
#define RS_TIMEFMT_LAST_US  INT64_C(253402300799999999)

/*
 * Read a timestamp: YYYY-MM-DD, alone or with T or a space and hh:mm, hh:mm:ss or hh:mm:ss.f...,
 * then nothing, Z, +hh, +hhmm or +hh:mm (or -). No offset means UTC; fractions are cut to
 * microseconds. False when text is anything else, a field is out of range, or the instant is not
 * within RS_TIMEFMT_FIRST_US and RS_TIMEFMT_LAST_US.
 */
RS_MUST_USE bool rs_timefmt_parse(struct rs_str text, int64_t *out_us);

/*
 * Write "YYYY-MM-DD hh:mm:ss[.ffffff]" in UTC without trailing zeros in the fraction. Returns
 * the bytes written, at most RS_TIMEFMT_MAX; no NUL is added. out must have room for
 * RS_TIMEFMT_MAX bytes. An instant before the first or after the last is written as that one.
 */
size_t rs_timefmt_format(int64_t us, char *out);

#endif
