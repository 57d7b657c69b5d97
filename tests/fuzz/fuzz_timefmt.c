/*
 * Timestamps: what is read is within its range, is written in the one form, and that form is read
 * as the same instant again. A digit more or less at the end never changes the second.
 */
#include "base/timefmt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Write and read again. */
static void check_round(int64_t us)
{
    char text[RS_TIMEFMT_MAX];
    int64_t again = 0;
    size_t length = rs_timefmt_format(us, text);
    check(length >= 19 && length <= RS_TIMEFMT_MAX && length != 20);
    check(length == 19 || text[length - 1] != '0');
    check(rs_timefmt_parse((struct rs_str){text, length}, &again));
    check(again == us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t us = 0;
    struct rs_str text = {(const char *)data, size};
    if (rs_timefmt_parse(text, &us)) {
        check(us >= RS_TIMEFMT_FIRST_US && us <= RS_TIMEFMT_LAST_US);
        check(size >= 10 && data[4] == '-' && data[7] == '-');
        check_round(us);
    }
    if (size >= sizeof us) {
        memcpy(&us, data, sizeof us);
        us = us < RS_TIMEFMT_FIRST_US || us > RS_TIMEFMT_LAST_US ? us % RS_TIMEFMT_LAST_US : us;
        us = us < RS_TIMEFMT_FIRST_US ? RS_TIMEFMT_FIRST_US : us;
        check_round(us);
    }
    return 0;
}
