/*
 * Days are milliseconds throughout, as the folders have them, so that nothing is rounded: a
 * number that is no midnight is no day.
 */
#include "rs/read/days.h"

#include "rs/base/timefmt.h"

enum { DAY_MS = 86400000, DIGITS = 13, DATE_BYTES = 10, US_OF_MS = 1000 };

static bool parse_day(const char *option, const char *text, int64_t *out_ms, struct rs_error *err)
{
    struct rs_str day = rs_str_from(text);
    int64_t instant_us = 0;
    if (day.length == DATE_BYTES && rs_timefmt_parse(day, &instant_us)) {
        *out_ms = instant_us / US_OF_MS;
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE, "option \"%s\": \"%s\" is no day", option, text);
    return rs_error_hint(err, "write it as YYYY-MM-DD; days are those of UTC");
}

bool rs_days_parse(const char *since, const char *until, struct rs_days *out, struct rs_error *err)
{
    bool first = since && *since;
    bool last = until && *until;
    struct rs_days days = {first || last, INT64_MIN, INT64_MAX};
    if ((first && !parse_day("--since", since, &days.first_ms, err)) ||
        (last && !parse_day("--until", until, &days.last_ms, err))) {
        return false;
    }
    if (days.first_ms > days.last_ms) {
        (void)rs_error_set(err, RS_E_USAGE, "--until=%s is before --since=%s", until, since);
        return rs_error_hint(err, "both days are taken; for a single one give it twice");
    }
    *out = days;
    return true;
}

bool rs_days_has(const struct rs_days *days, int64_t day_ms)
{
    return !days->limited || (day_ms >= days->first_ms && day_ms <= days->last_ms);
}

bool rs_days_of_name(struct rs_str name, int64_t *out_ms)
{
    uint64_t number = 0;
    bool is_day = name.length == DIGITS && rs_str_parse_u64(name, 0, INT64_MAX, &number) &&
                  number % DAY_MS == 0;
    if (is_day) {
        *out_ms = (int64_t)number;
    }
    return is_day;
}

bool rs_days_of_path(struct rs_str path, size_t skip, int64_t *out_ms)
{
    bool found = false;
    size_t begin = 0;
    while (begin < path.length) {
        struct rs_str rest = rs_str_slice(path, begin, path.length);
        size_t length = rs_str_find_byte(rest, '/');
        if (length == SIZE_MAX) {
            break; /* the file's own name */
        }
        if (rs_days_of_name(rs_str_slice(rest, 0, length), out_ms)) {
            found = true;
            if (begin + length > skip) {
                break;
            }
        }
        begin += length + 1;
    }
    return found;
}
