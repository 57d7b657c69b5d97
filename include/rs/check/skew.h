/*
 * rs/check/skew.h - how far a clock is off, and what that is worth.
 *
 *   rs_check_skew_status(59)   -> RS_CHECK_PASS
 *   rs_check_skew_status(-61)  -> RS_CHECK_WARN
 *   rs_check_skew_status(301)  -> RS_CHECK_FAIL     no signature is taken
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 *          (5 minutes); https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (15)
 */
#ifndef RS_CHECK_SKEW_H
#define RS_CHECK_SKEW_H

#include "rs/base/compiler.h"
#include "rs/check/result.h"

enum {
    RS_CHECK_SKEW_WARN_SECONDS = 60,
    RS_CHECK_SKEW_FAIL_SECONDS = 5 * 60,
};

/* seconds  that our clock is ahead; negative: behind */
enum rs_check_status rs_check_skew_status(int64_t seconds);

#endif
