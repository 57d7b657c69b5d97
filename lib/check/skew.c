#include "rs/check/skew.h"

enum rs_check_status rs_check_skew_status(int64_t seconds)
{
    const int64_t off = seconds < 0 ? -seconds : seconds;
    return off > RS_CHECK_SKEW_FAIL_SECONDS   ? RS_CHECK_FAIL
           : off > RS_CHECK_SKEW_WARN_SECONDS ? RS_CHECK_WARN
                                              : RS_CHECK_PASS;
}
