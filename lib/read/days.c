/*
 * Days are milliseconds throughout, as the folders have them, so that nothing is rounded: a
 * number that is no midnight is no day.
 */
#include "read/days.h"

#include "base/timefmt.h"

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
    struct rs_days days = {.limited = first || last, .first_ms = INT64_MIN, .last_ms = INT64_MAX};
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

static void add_day(struct rs_day_set *set, int64_t day)
{
    for (uint32_t i = set->count < RS_DAY_SET_MAX ? set->count : RS_DAY_SET_MAX; i-- > 0;) {
        if (set->days[i] == day) {
            return;
        }
    }
    if (set->count < RS_DAY_SET_MAX) {
        set->days[set->count] = day;
    }
    set->count += set->count <= RS_DAY_SET_MAX ? 1 : 0;
}

void rs_day_set_add(struct rs_day_set *set, int64_t us)
{
    set->first_us = set->count == 0 || us < set->first_us ? us : set->first_us;
    set->last_us = set->count == 0 || us > set->last_us ? us : set->last_us;
    add_day(set, rs_day_of(us));
}

void rs_day_set_merge(struct rs_day_set *set, const struct rs_day_set *from)
{
    if (from->count == 0) {
        return;
    }
    int64_t first_us =
        set->count == 0 || from->first_us < set->first_us ? from->first_us : set->first_us;
    int64_t last_us =
        set->count == 0 || from->last_us > set->last_us ? from->last_us : set->last_us;
    for (uint32_t i = 0; i < from->count && i < RS_DAY_SET_MAX; i++) {
        add_day(set, from->days[i]);
    }
    set->count = from->count > RS_DAY_SET_MAX ? from->count : set->count;
    set->first_us = first_us;
    set->last_us = last_us;
}

bool rs_day_set_meets(const struct rs_day_set *set, const struct rs_interval *interval)
{
    if (set->count == 0 || interval->from_us >= interval->to_us ||
        set->last_us < interval->from_us || set->first_us >= interval->to_us) {
        return false;
    }
    if (set->count > RS_DAY_SET_MAX) {
        return true;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->days[i] >= rs_day_of(interval->from_us) &&
            set->days[i] <= rs_day_of(interval->to_us - 1)) {
            return true;
        }
    }
    return false;
}
