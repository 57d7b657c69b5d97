/*
 * check/engine/thresholds.h - what a measure is worth: how full something is, how far a clock is
 * off.
 *
 *   rs_check_share_status(74, 100) -> RS_CHECK_PASS      rs_check_share_percent(74, 100) -> 74.0
 *   rs_check_share_status(75, 100) -> RS_CHECK_WARN
 *   rs_check_share_status(90, 100) -> RS_CHECK_FAIL
 *   rs_check_skew_status(59)       -> RS_CHECK_PASS
 *   rs_check_skew_status(-61)      -> RS_CHECK_WARN
 *   rs_check_skew_status(301)      -> RS_CHECK_FAIL      no signature is taken
 *
 * Pure:    yes.   Owns: nothing.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 *          (5 minutes); https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (15)
 */
#ifndef RS_CHECK_ENGINE_THRESHOLDS_H
#define RS_CHECK_ENGINE_THRESHOLDS_H

#include "check/engine/check_result.h"
#include "rs/compiler.h"

enum {
    RS_CHECK_SHARE_WARN = 75, /* percent */
    RS_CHECK_SHARE_FAIL = 90,
    RS_CHECK_SKEW_WARN_SECONDS = 60,
    RS_CHECK_SKEW_FAIL_SECONDS = 5 * 60,
};

/* Of nothing, anything is all. */
double rs_check_share_percent(uint64_t used, uint64_t of);

enum rs_check_status rs_check_share_status(uint64_t used, uint64_t of);

/* seconds  that our clock is ahead; negative: behind */
enum rs_check_status rs_check_skew_status(int64_t seconds);

#endif
