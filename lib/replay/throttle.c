/* All of it is arithmetic on microseconds; a run, once begun, goes at full speed. */
#include "replay/throttle.h"

#include "base/interval.h"
#include "rs/str.h"

enum { CLOCK_BYTES = 5 };

#define SECOND_US ((int64_t)1000 * 1000)

/* Read HH:MM, to 24:00. */
static bool parse_clock(struct rs_str text, int64_t *out_us)
{
    uint64_t hour = 0;
    uint64_t minute = 0;
    if (text.length != CLOCK_BYTES || text.data[2] != ':' ||
        !rs_str_parse_u64(rs_str_slice(text, 0, 2), 0, 24, &hour) ||
        !rs_str_parse_u64(rs_str_slice(text, 3, CLOCK_BYTES), 0, hour == 24 ? 0 : 59, &minute)) {
        return false;
    }
    *out_us = ((int64_t)hour * 60 + (int64_t)minute) * 60 * SECOND_US;
    return true;
}

bool rs_hours_parse(const char *text, struct rs_hours *out, struct rs_error *err)
{
    struct rs_str value = rs_str_from(text);
    struct rs_hours hours = {.limited = true};
    if (value.length == 2 * CLOCK_BYTES + 1 && value.data[CLOCK_BYTES] == '-' &&
        parse_clock(rs_str_slice(value, 0, CLOCK_BYTES), &hours.from_us) &&
        parse_clock(rs_str_slice(value, CLOCK_BYTES + 1, value.length), &hours.to_us) &&
        hours.from_us != hours.to_us) {
        *out = hours;
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"--only-between\": \"%s\" is no part of a day",
                       text);
    return rs_error_hint(err, "write it as HH:MM-HH:MM, in UTC, for instance 22:00-06:00");
}

int64_t rs_hours_wait_us(const struct rs_hours *hours, int64_t now_us)
{
    int64_t now = now_us % RS_DAY_US;
    if (!hours->limited) {
        return 0;
    }
    bool in = hours->from_us < hours->to_us ? now >= hours->from_us && now < hours->to_us
                                            : now >= hours->from_us || now < hours->to_us;
    int64_t wait = hours->from_us - now;
    return in ? 0 : wait < 0 ? wait + RS_DAY_US : wait;
}

int64_t rs_rate_rest_us(uint64_t rows, int64_t passed_us, uint64_t rate)
{
    if (rate == 0) {
        return 0;
    }
    double wanted_us = (double)rows / (double)rate * (double)SECOND_US;
    double rest_us = wanted_us - (double)passed_us;
    return rest_us > 0 ? (int64_t)rest_us : 0;
}
