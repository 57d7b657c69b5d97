/*
 * UTF-8 against the byte ranges of the standard's table 3-7; what repair and cut promise.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The rows of the table: what the first and second bytes may be, and how many follow. */
static const struct {
    uint8_t first[2];
    uint8_t second[2];
    size_t length;
} rows[] = {
    {{0x00, 0x7f}, {0x00, 0xff}, 1}, {{0xc2, 0xdf}, {0x80, 0xbf}, 2},
    {{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, {0x80, 0xbf}, 3},
    {{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, {0x80, 0xbf}, 3},
    {{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, {0x80, 0xbf}, 4},
    {{0xf4, 0xf4}, {0x80, 0x8f}, 4},
};

/* Bytes of the character at p, 0 when there is none. */
static size_t reference_length(const uint8_t *p, size_t left)
{
    for (size_t i = 0; i < RS_COUNTOF(rows); i++) {
        if (p[0] < rows[i].first[0] || p[0] > rows[i].first[1] || left < rows[i].length) {
            continue;
        }
        if (rows[i].length > 1 && (p[1] < rows[i].second[0] || p[1] > rows[i].second[1])) {
            continue;
        }
        bool tails = true;
        for (size_t tail = 2; tail < rows[i].length; tail++) {
            tails = tails && p[tail] >= 0x80 && p[tail] <= 0xbf;
        }
        if (tails) {
            return rows[i].length;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rs_str text = {(const char *)data, size};
    char *want = rs_mem_alloc(size * RS_UTF8_GROWTH);
    char *got = rs_mem_alloc(size * RS_UTF8_GROWTH);
    size_t length = 0;
    bool valid = true;

    for (size_t i = 0; i < size;) {
        const size_t used = reference_length(data + i, size - i);
        uint32_t code = 0;
        claim(rs_utf8_decode(text.data + i, text.data + size, &code) == used);
        if (used == 0) {
            memcpy(want + length, "\xef\xbf\xbd", 3);
            length += 3;
            valid = false;
        } else if (data[i] != 0) {
            memcpy(want + length, data + i, used);
            length += used;
        }
        i += used ? used : 1;
    }
    claim(rs_utf8_valid(text) == valid);
    const struct rs_str repaired = {got, rs_utf8_repair(text, got)};
    claim(rs_str_equal(repaired, (struct rs_str){want, length}));
    claim(rs_utf8_valid(repaired));
    for (size_t max = 0; max <= size + 1; max += 1 + size / 64) {
        const size_t cut = rs_utf8_cut(text, max);
        claim(cut <= max && cut <= size && (max > size || max - cut < RS_UTF8_MAX));
        claim(!valid || rs_utf8_valid((struct rs_str){text.data, cut}));
        claim(!valid || max >= size || reference_length(data + cut, size - cut) > max - cut);
    }
    rs_mem_free(want);
    rs_mem_free(got);
    return 0;
}
