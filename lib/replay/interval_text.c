/* All of it is arithmetic on microseconds; a day has no other length in UTC as we count it. */
#include "replay/interval_text.h"

#include "base/timefmt.h"

enum { CLOCK_BYTES = 5, LENGTH_MAX = 1000000 };

#define SECOND_US ((int64_t)1000 * 1000)

static bool parse_time(const char *option, const char *text, int64_t *out_us, struct rs_error *err)
{
    if (rs_timefmt_parse(rs_str_from(text), out_us)) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"%s\": \"%s\" is no time", option, text);
    return rs_error_hint(err, "write it as 2026-11-23 or 2026-11-23T17:04:05Z; without an offset "
                              "it is UTC");
}

bool rs_range_parse(const char *from, const char *to, struct rs_range *out, struct rs_error *err)
{
    struct rs_range range = {0, 0};
    if (!parse_time("--from", from, &range.from_us, err) ||
        !parse_time("--to", to, &range.to_us, err)) {
        return false;
    }
    if (range.from_us >= range.to_us) {
        (void)rs_error_set(err, RS_E_USAGE, "--to=%s is not after --from=%s", to, from);
        return rs_error_hint(err, "events are taken that were received from --from on and before "
                                  "--to; for one day, --to is the next");
    }
    *out = range;
    return true;
}

bool rs_range_parse_length(const char *option, const char *text, int64_t *out_us,
                           struct rs_error *err)
{
    static const struct {
        char letter;
        int64_t us;
    } units[] = {{'s', SECOND_US},
                 {'m', 60 * SECOND_US},
                 {'h', 3600 * SECOND_US},
                 {'d', RS_DAY_US},
                 {'w', 7 * RS_DAY_US}};
    struct rs_str value = rs_str_from(text);
    size_t digits = value.length > 0 ? value.length - 1 : 0;
    uint64_t number = 0;
    bool ok = rs_str_parse_u64(rs_str_slice(value, 0, digits), 0, LENGTH_MAX, &number);
    for (size_t i = 0; ok && i < RS_COUNTOF(units); i++) {
        if (value.data[digits] == units[i].letter) {
            *out_us = (int64_t)number * units[i].us;
            return true;
        }
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"%s\": \"%s\" is no length of time", option, text);
    return rs_error_hint(err, "write a number and a unit: 30m, 6h, 1d or 1w");
}

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
