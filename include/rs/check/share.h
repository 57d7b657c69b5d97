/*
 * rs/check/share.h - how full something is, and what that is worth.
 *
 *   rs_check_share_status(74, 100) -> RS_CHECK_PASS      rs_check_share_percent(74, 100) -> 74.0
 *   rs_check_share_status(75, 100) -> RS_CHECK_WARN
 *   rs_check_share_status(90, 100) -> RS_CHECK_FAIL
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CHECK_SHARE_H
#define RS_CHECK_SHARE_H

#include "rs/base/compiler.h"
#include "rs/check/result.h"

enum { RS_CHECK_SHARE_WARN = 75, RS_CHECK_SHARE_FAIL = 90 }; /* percent */

/* Of nothing, anything is all. */
double rs_check_share_percent(uint64_t used, uint64_t of);

enum rs_check_status rs_check_share_status(uint64_t used, uint64_t of);

#endif
