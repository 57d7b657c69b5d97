/* Two figures are enough of a length of time; nobody plans a day by its seconds. */
#include "codec/words.h"

void rs_words_count(struct rs_strbuf *out, uint64_t number, const char *noun)
{
    rs_strbuf_append_u64(out, number);
    rs_strbuf_printf(out, " %s%s", noun, number == 1 ? "" : "s");
}

void rs_words_grouped(struct rs_strbuf *out, uint64_t number)
{
    enum { DIGITS_MAX = 24 };
    struct rs_strbuf digits = RS_STRBUF_INIT(DIGITS_MAX);
    rs_strbuf_append_u64(&digits, number);
    for (size_t i = 0; i < digits.length; i++) {
        rs_strbuf_append(out, i > 0 && (digits.length - i) % 3 == 0 ? "," : "");
        rs_strbuf_append_char(out, digits.data[i]);
    }
    rs_strbuf_release(&digits);
}

void rs_words_bytes(struct rs_strbuf *out, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB", "PB"};
    double shown = (double)bytes;
    size_t unit = 0;
    while (shown >= 999.95 && unit + 1 < RS_COUNTOF(units)) {
        shown /= 1000.0;
        unit++;
    }
    rs_strbuf_printf(out, "%.*f %s", unit > 0 ? 1 : 0, shown, bytes == 1 ? "byte" : units[unit]);
}

void rs_words_short(struct rs_strbuf *out, double number, const char *space)
{
    static const char *const units[] = {"", "K", "M", "G", "T"};
    size_t unit = 0;
    while (number >= 999.5 && unit + 1 < RS_COUNTOF(units)) {
        number /= 1000.0;
        unit++;
    }
    bool tenths = unit > 0 && number < 99.95;
    rs_strbuf_printf(out, "%.*f%s%s", tenths ? 1 : 0, number, space, units[unit]);
}

void rs_words_seconds(struct rs_strbuf *out, double seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    uint64_t whole = seconds < 1e15 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e15;
    if (seconds < 9.95) {
        rs_strbuf_printf(out, "%.1f s", seconds > 0 ? seconds : 0.0);
    } else if (whole < 2 * MINUTE) {
        rs_strbuf_printf(out, "%llu s", (unsigned long long)whole);
    } else if (whole < HOUR) {
        rs_strbuf_printf(out, "%llu min", (unsigned long long)((whole + MINUTE / 2) / MINUTE));
    } else if (whole < DAY) {
        rs_strbuf_printf(out, "%llu h %llu min", (unsigned long long)(whole / HOUR),
                         (unsigned long long)(whole % HOUR / MINUTE));
    } else {
        rs_words_count(out, whole / DAY, "day");
        rs_strbuf_printf(out, " %llu h", (unsigned long long)(whole % DAY / HOUR));
    }
}
