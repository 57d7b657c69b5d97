/* Shares are not whole numbers: these would call 89.6 % 89 or 90. */
#include "check/engine/thresholds.h"

static enum rs_check_status weigh(bool fails, bool warns)
{
    return fails ? RS_CHECK_FAIL : warns ? RS_CHECK_WARN : RS_CHECK_PASS;
}

double rs_check_share_percent(uint64_t used, uint64_t of)
{
    return of > 0 ? (double)used * 100.0 / (double)of : 100.0;
}

enum rs_check_status rs_check_share_status(uint64_t used, uint64_t of)
{
    const double percent = rs_check_share_percent(used, of);
    return weigh(percent >= RS_CHECK_SHARE_FAIL, percent >= RS_CHECK_SHARE_WARN);
}

enum rs_check_status rs_check_skew_status(int64_t seconds)
{
    const uint64_t off = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    return weigh(off > RS_CHECK_SKEW_FAIL_SECONDS, off > RS_CHECK_SKEW_WARN_SECONDS);
}
