/* All of it is arithmetic on microseconds; a day has no other length in UTC as we count it. */
#include "replay/interval_text.h"

#include "base/timefmt.h"

enum { LENGTH_MAX = 1000000, DATE_BYTES = 10, TIME_MAX_BYTES = 64 };

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

bool rs_interval_parse(const char *from, const char *to, struct rs_interval *out,
                       struct rs_error *err)
{
    struct rs_interval interval = {0, 0};
    if (!parse_time("--from", from, &interval.from_us, err) ||
        !parse_time("--to", to, &interval.to_us, err)) {
        return false;
    }
    if (interval.from_us >= interval.to_us) {
        (void)rs_error_set(err, RS_E_USAGE, "--to=%s is not after --from=%s", to, from);
        return rs_error_hint(err, "events are taken that were received from --from on and before "
                                  "--to; for one day, --to is the next");
    }
    *out = interval;
    return true;
}

bool rs_duration_parse(const char *option, const char *text, int64_t *out_us, struct rs_error *err)
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

static void append_time(struct rs_strbuf *out, int64_t us, bool day)
{
    char text[RS_TIMEFMT_MAX];
    size_t length = rs_timefmt_format(us, text);
    rs_strbuf_append_bytes(out, text, day ? DATE_BYTES : length);
}

void rs_interval_append(struct rs_strbuf *out, const struct rs_interval *interval)
{
    bool days = interval->from_us % RS_DAY_US == 0 && interval->to_us % RS_DAY_US == 0;
    append_time(out, interval->from_us, days);
    if (!days || interval->to_us - interval->from_us != RS_DAY_US) {
        rs_strbuf_append(out, " to ");
        append_time(out, interval->to_us, days);
    }
}

static void write_time(struct rs_json_writer *json, struct rs_str key, int64_t us)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TIME_MAX_BYTES);
    append_time(&text, us, false);
    text.data[DATE_BYTES] = 'T';
    rs_strbuf_append_char(&text, 'Z');
    rs_json_write_key(json, key);
    rs_json_write_str(json, rs_strbuf_str(&text));
    rs_strbuf_release(&text);
}

void rs_interval_write(struct rs_json_writer *json, const struct rs_interval *interval)
{
    write_time(json, RS_STR("from"), interval->from_us);
    write_time(json, RS_STR("to"), interval->to_us);
}
