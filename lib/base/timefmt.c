/*
 * Timestamps by arithmetic alone: strptime and timegm read locales and zones. This takes 10 to
 * 18 ns, and an event has four to eight timestamps while every other string is tried as one.
 * "YYYY-MM-" and "hh:mm:ss" are read as eight bytes at once: after an exclusive or with the
 * shape's zeros and punctuation a digit is 0..9 and punctuation is 0, which one addition checks
 * for all eight, and one multiplication makes two-digit numbers of neighbours.
 * Days are counted from 0000-03-01, so that the leap day is a year's last and every month's start
 * is one linear formula (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
#include "base/timefmt.h"

#include <string.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

#define DATE_SHAPE UINT64_C(0x2D30302D30303030) /* "0000-00-" */
#define DATE_LIMIT UINT64_C(0x7F76767F76767676)
#define TIME_SHAPE UINT64_C(0x30303A30303A3030) /* "00:00:00" */
#define TIME_LIMIT UINT64_C(0x76767F76767F7676)

enum {
    DATE_LENGTH = 10,      /* YYYY-MM-DD */
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
    DAYS_PER_ERA = 146097, /* 400 years */
    FRACTION_DIGITS = 6,   /* that are kept */
};

/* Eight bytes, the first lowest; compilers make one load of it. */
static inline uint64_t load_eight(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

/*
 * Read eight bytes of digits and punctuation. shape has a '0' for a digit; limit has 0x76 there
 * (9 + 0x76 is the last without the high bit) and 0x7F for punctuation. In *pairs byte i becomes
 * 10 times the digit i plus the digit after it.
 */
static inline bool read_shape(const char *text, uint64_t shape, uint64_t limit, uint64_t *pairs)
{
    uint64_t digits = load_eight(text) ^ shape;
    *pairs = digits * 10 + (digits >> 8);
    return (((digits + limit) | digits) & UINT64_C(0x8080808080808080)) == 0;
}

static inline unsigned pair_at(uint64_t pairs, unsigned byte)
{
    return (unsigned)(pairs >> (byte * 8)) & 0xFF;
}

/* Two digits at text, or a number above 99. */
static inline unsigned two_digits(const char *text)
{
    unsigned tens = (unsigned)(unsigned char)text[0] - '0';
    unsigned ones = (unsigned)(unsigned char)text[1] - '0';
    return ((tens > 9) | (ones > 9)) ? 100 : tens * 10 + ones;
}

static inline unsigned days_in_month(unsigned year, unsigned month)
{
    if (month == 2) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return leap ? 29 : 28;
    }
    return 30 + ((month + (month >> 3)) & 1);
}

/* Days since 1970-01-01 of a date in year 1 to 9999. */
static inline int64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
    unsigned before_march = month <= 2;
    unsigned y = year - before_march;
    unsigned m = month + 12 * before_march - 3; /* March is 0 */
    unsigned days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    return (int64_t)days - DAYS_TO_1970;
}

static inline bool parse_date(const char *text, int64_t *out_us)
{
    uint64_t pairs = 0;
    if (!read_shape(text, DATE_SHAPE, DATE_LIMIT, &pairs)) {
        return false;
    }
    unsigned year = pair_at(pairs, 0) * 100 + pair_at(pairs, 2);
    unsigned month = pair_at(pairs, 5);
    unsigned day = two_digits(text + 8);
    if ((year < 1) | (month - 1 > 11) | (day - 1 > 30)) {
        return false;
    }
    if (day > 28 && day > days_in_month(year, month)) {
        return false;
    }
    *out_us = days_from_date(year, month, day) * DAY_US;
    return true;
}

/* Read ".f..." at *at: one digit or more, cut to microseconds. */
static inline bool parse_fraction(const char **at, const char *end, int64_t *us)
{
    static const unsigned scale[FRACTION_DIGITS + 1] = {0, 100000, 10000, 1000, 100, 10, 1};
    const char *begin = *at + 1;
    const char *kept = end - begin > FRACTION_DIGITS ? begin + FRACTION_DIGITS : end;
    const char *p = begin;
    unsigned value = 0;
    for (; p < kept && (unsigned)(unsigned char)*p - '0' <= 9; p++) {
        value = value * 10 + ((unsigned)(unsigned char)*p - '0');
    }
    *us += value * scale[p - begin];
    bool found = p > begin;
    while (p < end && (unsigned)(unsigned char)*p - '0' <= 9) {
        p++;
    }
    *at = p;
    return found;
}

/* Read "hh:mm", "hh:mm:ss" or "hh:mm:ss.f..." at *at, and add it. */
static inline bool parse_time(const char **at, const char *end, int64_t *us)
{
    const char *p = *at;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (end - p >= 8 && p[5] == ':') {
        uint64_t pairs = 0;
        if (!read_shape(p, TIME_SHAPE, TIME_LIMIT, &pairs)) {
            return false;
        }
        hour = pair_at(pairs, 0);
        minute = pair_at(pairs, 3);
        second = pair_at(pairs, 6);
        *at = p + 8;
    } else if (end - p >= 5 && p[2] == ':') {
        hour = two_digits(p);
        minute = two_digits(p + 3);
        *at = p + 5;
    } else {
        return false;
    }
    if ((hour > 23) | (minute > 59) | (second > 59)) {
        return false;
    }
    *us += (int64_t)(hour * 3600 + minute * 60 + second) * SECOND_US;
    bool has_fraction = *at == p + 8 && *at < end && **at == '.';
    return !has_fraction || parse_fraction(at, end, us);
}

/* Read nothing, "Z", "+hh", "+hhmm" or "+hh:mm" (or "-") up to the end, and take it away. */
static bool parse_offset(const char *p, const char *end, int64_t *us)
{
    ptrdiff_t length = end - p;
    if (length == 0 || (length == 1 && *p == 'Z')) {
        return true;
    }
    if (*p != '+' && *p != '-') {
        return false;
    }
    unsigned hour = length < 3 ? 100 : two_digits(p + 1);
    unsigned minute = length == 3 ? 0 : 100;
    if (length == 6 && p[3] == ':') {
        minute = two_digits(p + 4);
    } else if (length == 5) {
        minute = two_digits(p + 3);
    }
    if ((hour > 23) | (minute > 59)) {
        return false;
    }
    int64_t offset = (int64_t)(hour * 60 + minute) * 60 * SECOND_US;
    *us -= *p == '+' ? offset : -offset;
    return *us >= RS_TIMEFMT_FIRST_US && *us <= RS_TIMEFMT_LAST_US;
}

bool rs_timefmt_parse(struct rs_str text, int64_t *out_us)
{
    int64_t us = 0;
    if (text.length < DATE_LENGTH || !parse_date(text.data, &us)) {
        return false;
    }
    if (text.length > DATE_LENGTH) {
        const char *p = text.data + DATE_LENGTH;
        const char *end = text.data + text.length;
        if (*p != 'T' && *p != ' ') {
            return false;
        }
        p++;
        if (!parse_time(&p, end, &us) || !parse_offset(p, end, &us)) {
            return false;
        }
    }
    *out_us = us;
    return true;
}

static inline char *put_two(char *out, unsigned value)
{
    static const char digits[] = "00010203040506070809101112131415161718192021222324"
                                 "25262728293031323334353637383940414243444546474849"
                                 "50515253545556575859606162636465666768697071727374"
                                 "75767778798081828384858687888990919293949596979899";
    memcpy(out, digits + (size_t)value * 2, 2);
    return out + 2;
}

/* Write "YYYY-MM-DD" of a day counted from 0000-03-01. */
static char *put_date(char *out, unsigned days)
{
    unsigned era = days / DAYS_PER_ERA;
    unsigned day_of_era = days % DAYS_PER_ERA;
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned m = (5 * day_of_year + 2) / 153;
    unsigned month = m < 10 ? m + 3 : m - 9;
    unsigned year = era * 400 + year_of_era + (month <= 2);
    out = put_two(out, year / 100);
    out = put_two(out, year % 100);
    *out++ = '-';
    out = put_two(out, month);
    *out++ = '-';
    return put_two(out, day_of_year - (153 * m + 2) / 5 + 1);
}

size_t rs_timefmt_format(int64_t us, char *out)
{
    us = us < RS_TIMEFMT_FIRST_US ? RS_TIMEFMT_FIRST_US : us;
    us = us > RS_TIMEFMT_LAST_US ? RS_TIMEFMT_LAST_US : us;
    uint64_t since_era = (uint64_t)(us + DAYS_TO_1970 * DAY_US);
    uint64_t in_day = since_era % (uint64_t)DAY_US;
    unsigned seconds = (unsigned)(in_day / (uint64_t)SECOND_US);
    unsigned fraction = (unsigned)(in_day % (uint64_t)SECOND_US);
    char *p = put_date(out, (unsigned)(since_era / (uint64_t)DAY_US));
    *p++ = ' ';
    p = put_two(p, seconds / 3600);
    *p++ = ':';
    p = put_two(p, seconds / 60 % 60);
    *p++ = ':';
    p = put_two(p, seconds % 60);
    if (fraction != 0) {
        *p++ = '.';
        p = put_two(p, fraction / 10000);
        p = put_two(p, fraction / 100 % 100);
        p = put_two(p, fraction % 100);
        while (p[-1] == '0') {
            p--;
        }
    }
    return (size_t)(p - out);
}
