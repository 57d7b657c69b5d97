/* Whole numbers alone would call 89.6 % 89 or 90. */
#include "rs/check/share.h"

double rs_check_share_percent(uint64_t used, uint64_t of)
{
    return of > 0 ? (double)used * 100.0 / (double)of : 100.0;
}

enum rs_check_status rs_check_share_status(uint64_t used, uint64_t of)
{
    const double percent = rs_check_share_percent(used, of);
    return percent >= RS_CHECK_SHARE_FAIL   ? RS_CHECK_FAIL
           : percent >= RS_CHECK_SHARE_WARN ? RS_CHECK_WARN
                                            : RS_CHECK_PASS;
}
