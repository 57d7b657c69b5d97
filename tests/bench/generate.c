/*
 * generate - write the benchmark's workload: what a web shop sends through analytics.js.
 *
 *   generate [MEGABYTES [SEED]] > events.ndjson        (defaults: 250 1)
 *
 * The same size and seed give the same bytes everywhere. Event number i draws all it needs from
 * a generator seeded with (SEED, i), so nothing is remembered between events, and a duplicate
 * (one in a hundred) is an earlier event made once more with a later receivedAt. Forty event
 * names, six call types, nested objects, arrays of products, unicode, escapes, integers past
 * 2^53, a property that is sometimes a number and sometimes a string, nulls.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

enum {
    USERS = 20000,
    DUPLICATE_PERCENT = 1,
    BUFFER_BYTES = 1 << 20,
    LINE_MAX_BYTES = 1 << 15,
};

static const int64_t start_ms = 1790812800000; /* 2026-10-01T00:00:00Z */

struct out {
    char *begin;
    char *at;
};

struct random {
    uint64_t state;
};

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators". */
static uint64_t draw(struct random *random)
{
    uint64_t z = (random->state += 0x9E3779B97F4A7C15U);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static uint64_t below(struct random *random, uint64_t end)
{
    return (draw(random) >> 11) % end;
}

static bool chance(struct random *random, unsigned percent)
{
    return below(random, 100) < percent;
}

static void put(struct out *out, const char *text)
{
    size_t length = strlen(text);

    memcpy(out->at, text, length);
    out->at += length;
}

static void put_number(struct out *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    memcpy(out->at, digits + at, sizeof digits - at);
    out->at += sizeof digits - at;
}

static void put_padded(struct out *out, uint64_t number, unsigned width)
{
    for (unsigned i = width; i > 0; i--) {
        out->at[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    out->at += width;
}

static void put_uuid(struct out *out, struct random *random)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t high = draw(random);
    uint64_t low = draw(random);

    for (unsigned i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? high : low;
        if (i == 8 || i == 12 || i == 16 || i == 20) {
            *out->at++ = '-';
        }
        *out->at++ = i == 12 ? '4' : hex[(half >> (60 - 4 * (i % 16))) & 15];
    }
}

/* "2026-10-01T00:00:00.000Z", with the quotes. Days to a date as H. Hinnant has it. */
static void put_time(struct out *out, int64_t ms)
{
    uint64_t days = (uint64_t)ms / 86400000 + 719468;
    uint64_t in_day = (uint64_t)ms % 86400000;
    uint64_t era_day = days % 146097;
    uint64_t year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
    uint64_t year_day = era_day - (365 * year + year / 4 - year / 100);
    uint64_t shifted = (5 * year_day + 2) / 153;
    uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;

    put(out, "\"");
    put_padded(out, year + days / 146097 * 400 + (month <= 2), 4);
    put(out, "-");
    put_padded(out, month, 2);
    put(out, "-");
    put_padded(out, year_day - (153 * shifted + 2) / 5 + 1, 2);
    put(out, "T");
    put_padded(out, in_day / 3600000, 2);
    put(out, ":");
    put_padded(out, in_day / 60000 % 60, 2);
    put(out, ":");
    put_padded(out, in_day / 1000 % 60, 2);
    put(out, ".");
    put_padded(out, in_day % 1000, 3);
    put(out, "Z\"");
}

static void put_time_field(struct out *out, const char *name, int64_t ms)
{
    put(out, ",\"");
    put(out, name);
    put(out, "\":");
    put_time(out, ms);
}

static void put_price(struct out *out, struct random *random)
{
    put_number(out, below(random, 400) + 1);
    put(out, ".");
    put_padded(out, below(random, 100), 2);
}

#define PICK(random, list) ((list)[below((random), RS_COUNTOF(list))])

static void put_product_list(struct out *out, struct random *random)
{
    uint64_t count = below(random, 4) + 1;

    put(out, "[");
    for (uint64_t i = 0; i < count; i++) {
        put(out, i ? ",{\"product_id\":\"" : "{\"product_id\":\"");
        put_number(out, below(random, 5000) + 10000);
        put(out, "\",\"name\":\"");
        put(out, PICK(random, products));
        put(out, "\",\"price\":");
        put_price(out, random);
        put(out, ",\"quantity\":");
        put_number(out, below(random, 5) + 1);
        put(out, ",\"category\":\"");
        put(out, PICK(random, categories));
        put(out, "\"}");
    }
    put(out, "]");
}

static void put_shipping(struct out *out, struct random *random)
{
    put(out, "{\"method\":\"");
    put(out, chance(random, 70) ? "standard" : "express");
    put(out, "\",\"price\":");
    put(out, chance(random, 50) ? "0" : "4.90");
    put(out, ",\"address\":{\"city\":\"");
    put(out, PICK(random, cities));
    put(out, "\",\"postalCode\":\"");
    put_padded(out, below(random, 100000), 5);
    put(out, "\",\"verified\":");
    put(out, chance(random, 80) ? "true}}" : "false}}");
}

static void put_filters(struct out *out, struct random *random)
{
    put(out, "[{\"type\":\"price\",\"value\":\"under-");
    put_number(out, below(random, 9) * 10 + 10);
    put(out, "\"},{\"type\":\"brand\",\"value\":\"");
    put(out, PICK(random, brands));
    put(out, "\"}]");
}

static void put_quoted(struct out *out, const char *text)
{
    put(out, "\"");
    put(out, text);
    put(out, "\"");
}

/* Values whose type differs from event to event. */
static void put_mixed_value(struct out *out, struct random *random, enum value value)
{
    uint64_t number = below(random, 30);

    if (value == VALUE_DISCOUNT && chance(random, 20)) {
        put(out, "null");
    } else if (chance(random, value == VALUE_DISCOUNT ? 5 : 30)) {
        put_quoted(out, value == VALUE_DISCOUNT ? "10%" : "payment");
    } else {
        put_number(out, number);
        put(out, value == VALUE_DISCOUNT && chance(random, 50) ? ".5" : "");
    }
}

static void put_value(struct out *out, struct random *random, enum value value, int64_t ms)
{
    if (value_words[value].count > 0) {
        put_quoted(out, value_words[value].list[below(random, value_words[value].count)]);
    } else if (value == VALUE_PRODUCT_ID) {
        put(out, "\"");
        put_number(out, below(random, 5000) + 10000);
        put(out, "\"");
    } else if (value == VALUE_SKU) {
        put(out, "\"SKU-");
        put_padded(out, below(random, 1000000), 6);
        put(out, "\"");
    } else if (value == VALUE_URL) {
        put(out, "\"https:\\/\\/cdn.shop.example\\/img\\/");
        put_number(out, below(random, 100000));
        put(out, ".webp\"");
    } else if (value == VALUE_CART_ID) {
        put(out, "\"");
        put_uuid(out, random);
        put(out, "\"");
    } else if (value == VALUE_FILTERS) {
        put_filters(out, random);
    } else if (value == VALUE_PRODUCTS) {
        put_product_list(out, random);
    } else if (value == VALUE_SHIPPING) {
        put_shipping(out, random);
    } else if (value == VALUE_DELIVERY) {
        put_time(out, ms + (int64_t)below(random, 10) * 86400000);
    } else if (value == VALUE_PRICE || value == VALUE_REVENUE) {
        put_price(out, random);
    } else if (value == VALUE_ORDER_ID) {
        put_number(out, 9007199254740993U + below(random, 1000000000));
    } else if (value == VALUE_DISCOUNT || value == VALUE_STEP) {
        put_mixed_value(out, random, value);
    } else if (value == VALUE_FIRST) {
        put(out, chance(random, 30) ? "true" : "false");
    } else {
        put_number(out, below(random, 5) + 1);
    }
}

static void put_properties(struct out *out, struct random *random, const struct event *event,
                           int64_t ms)
{
    put(out, ",\"properties\":{");
    for (size_t i = 0; i < FIELDS_MAX && event->values[i] != VALUE_END; i++) {
        put(out, i ? ",\"" : "\"");
        put(out, value_names[event->values[i]]);
        put(out, "\":");
        put_value(out, random, (enum value)event->values[i], ms);
    }
    put(out, "}");
}

/* What the browser adds to every call; the same for all the calls of one user but the page. */
static void put_context(struct out *out, struct random *random, uint64_t user)
{
    put(out, ",\"context\":{\"ip\":\"203.0.113.");
    put_number(out, user % 250 + 1);
    put(out,
        "\",\"library\":{\"name\":\"analytics.js\",\"version\":\"next-1.70.0\"},\"locale\":\"");
    put(out, locales[user % RS_COUNTOF(locales)]);
    put(out, "\",\"timezone\":\"");
    put(out, zones[user % RS_COUNTOF(zones)]);
    put(out, "\",\"userAgent\":\"");
    put(out, agents[user % RS_COUNTOF(agents)]);
    put(out, "\",\"screen\":{\"width\":");
    put(out, user % 3 ? "1920,\"height\":1080,\"density\":1" : "390,\"height\":844,\"density\":3");
    put(out, "},\"page\":{\"path\":\"/shop/");
    put_number(out, below(random, 5000));
    put(out, "\",\"referrer\":\"https://www.google.com/\",\"search\":\"\",\"title\":\"");
    put(out, PICK(random, products));
    put(out, " | Shop\",\"url\":\"https://www.shop.example/shop/");
    put_number(out, below(random, 5000));
    put(out, "\"}");
    if (chance(random, 25)) {
        put(out, ",\"campaign\":{\"name\":\"");
        put(out, PICK(random, campaigns));
        put(out, "\",\"source\":\"");
        put(out, PICK(random, sources));
        put(out, "\",\"medium\":\"cpc\"}");
    }
    if (chance(random, 10)) {
        put(out, ",\"traits\":{\"plan\":\"plus\",\"logins\":");
        put_number(out, below(random, 500));
        put(out, "}");
    }
    put(out, "}");
}

static void put_traits(struct out *out, struct random *random, uint64_t user, bool company)
{
    put(out, ",\"traits\":{\"name\":\"");
    put(out, company ? PICK(random, brands) : "Zo\303\253 M\303\274ller");
    put(out, "\",\"email\":\"user");
    put_number(out, user);
    put(out, "@mail.example\",\"createdAt\":");
    put_time(out, start_ms - (int64_t)(user % 1000) * 86400000);
    put(out, ",\"address\":{\"city\":\"");
    put(out, PICK(random, cities));
    put(out, "\",\"country\":\"DE\",\"geo\":{\"lat\":52.");
    put_padded(out, below(random, 10000), 4);
    put(out, ",\"lon\":13.");
    put_padded(out, below(random, 10000), 4);
    put(out, "}},\"age\":");
    put_number(out, 18 + user % 60);
    put(out, ",\"vip\":");
    put(out, user % 20 ? "false" : "true");
    put(out, ",\"tags\":[\"newsletter\",\"s\\u00e9lection\",");
    put_number(out, user % 7);
    put(out, "],\"lifetimeValue\":");
    put_price(out, random);
    put(out, "}");
}

static void put_page(struct out *out, struct random *random, bool screen)
{
    put(out, ",\"name\":\"");
    put(out, screen ? "Home" : PICK(random, categories));
    put(out, "\",\"properties\":{\"path\":\"/shop/");
    put_number(out, below(random, 5000));
    put(out, "\",\"referrer\":\"https://www.shop.example/\",\"title\":\"");
    put(out, PICK(random, products));
    put(out, "\",\"search\":\"?utm_source=");
    put(out, PICK(random, sources));
    put(out, "\",\"loadTimeMs\":");
    put_number(out, below(random, 4000));
    put(out, chance(random, 50) ? ".25}" : "}");
}

static uint64_t event_weights(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < RS_COUNTOF(events); i++) {
        sum += events[i].weight;
    }
    return sum;
}

/* The part that differs by call: type, and what goes with it. */
static void put_call(struct out *out, struct random *random, uint64_t user, int64_t ms)
{
    uint64_t which = below(random, 100);
    uint64_t at = below(random, event_weights());
    const struct event *event = events;

    if (which < 63) {
        while (at >= event->weight) {
            at -= event++->weight;
        }
        put(out, "\"type\":\"track\",\"event\":\"");
        put(out, event->name);
        put(out, "\"");
        put_properties(out, random, event, ms);
    } else if (which < 83) {
        put(out, "\"type\":\"page\"");
        put_page(out, random, false);
    } else if (which < 91) {
        put(out, "\"type\":\"identify\"");
        put_traits(out, random, user, false);
    } else if (which < 95) {
        put(out, "\"type\":\"screen\"");
        put_page(out, random, true);
    } else if (which < 98) {
        put(out, "\"type\":\"group\",\"groupId\":\"company-");
        put_number(out, user % 400);
        put(out, "\"");
        put_traits(out, random, user, true);
    } else {
        put(out, "\"type\":\"alias\",\"previousId\":\"anon-");
        put_number(out, user);
        put(out, "\"");
    }
}

/* Event number index, received late_ms later than it was the first time. */
static void put_event(struct out *out, uint64_t seed, uint64_t index, int64_t late_ms)
{
    struct random random = {seed * 0xD1B54A32D192ED03U + index};
    uint64_t user = below(&random, USERS);
    int64_t ms = start_ms + (int64_t)index * 9000 + (int64_t)below(&random, 9000);
    struct random person = {user};

    put(out, "{");
    put_call(out, &random, user, ms);
    put_context(out, &random, user);
    put(out, ",\"messageId\":\"ajs-next-");
    put_uuid(out, &random);
    put(out, "\",\"anonymousId\":\"");
    put_uuid(out, &person);
    put(out, user % 5 < 3 ? "\",\"userId\":\"user-" : "\",\"userId\":null");
    if (user % 5 < 3) {
        put_number(out, user);
        put(out, "\"");
    }
    put_time_field(out, "originalTimestamp", ms);
    put_time_field(out, "sentAt", ms + 40);
    put_time_field(out, "receivedAt", ms + 160 + late_ms);
    put_time_field(out, "timestamp", ms + 120);
    put(out, ",\"channel\":\"client\",\"integrations\":{},\"version\":2}\n");
}

int main(int argc, char **argv)
{
    uint64_t megabytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 250;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct out out = {malloc(BUFFER_BYTES + LINE_MAX_BYTES), NULL};
    uint64_t written_bytes = 0;

    out.at = out.begin;
    for (uint64_t i = 0; out.begin && written_bytes < megabytes * 1000000; i++) {
        struct random random = {seed ^ ~i};
        uint64_t back = chance(&random, DUPLICATE_PERCENT) ? below(&random, 5000) + 1 : 0;
        const char *line = out.at;

        put_event(&out, seed, back > i ? i : i - back, back > i ? 0 : (int64_t)back * 9000);
        written_bytes += (uint64_t)(out.at - line);
        if (out.at - out.begin >= BUFFER_BYTES) {
            fwrite(out.begin, 1, (size_t)(out.at - out.begin), stdout);
            out.at = out.begin;
        }
    }
    if (out.begin) {
        fwrite(out.begin, 1, (size_t)(out.at - out.begin), stdout);
        free(out.begin);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
