/*
 * UTF-8: every boundary of the valid ranges, and every place in a block that a bad byte can have.
 */
#include "codec/utf8.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *label;
    struct rs_str text;
    struct rs_str repaired; /* equal to text where text is valid and holds no NUL */
    bool valid;
} cases[] = {
    {"empty", RS_STR_INIT(""), RS_STR_INIT(""), true},
    {"ASCII", RS_STR_INIT("a~\x7f\x01"), RS_STR_INIT("a~\x7f\x01"), true},
    {"NUL", RS_STR_INIT("a\0b\0"), RS_STR_INIT("ab"), true},
    {"U+0080", RS_STR_INIT("\xc2\x80"), RS_STR_INIT("\xc2\x80"), true},
    {"U+07FF", RS_STR_INIT("\xdf\xbf"), RS_STR_INIT("\xdf\xbf"), true},
    {"U+0800", RS_STR_INIT("\xe0\xa0\x80"), RS_STR_INIT("\xe0\xa0\x80"), true},
    {"U+D7FF", RS_STR_INIT("\xed\x9f\xbf"), RS_STR_INIT("\xed\x9f\xbf"), true},
    {"U+E000", RS_STR_INIT("\xee\x80\x80"), RS_STR_INIT("\xee\x80\x80"), true},
    {"U+FFFF", RS_STR_INIT("\xef\xbf\xbf"), RS_STR_INIT("\xef\xbf\xbf"), true},
    {"U+10000", RS_STR_INIT("\xf0\x90\x80\x80"), RS_STR_INIT("\xf0\x90\x80\x80"), true},
    {"U+10FFFF", RS_STR_INIT("\xf4\x8f\xbf\xbf"), RS_STR_INIT("\xf4\x8f\xbf\xbf"), true},
    {"a tail alone", RS_STR_INIT("\x80"), RS_STR_INIT(BAD), false},
    {"the last tail alone", RS_STR_INIT("a\xbfz"), RS_STR_INIT("a" BAD "z"), false},
    {"C0", RS_STR_INIT("\xc0\x80"), RS_STR_INIT(BAD BAD), false},
    {"C1", RS_STR_INIT("\xc1\xbf"), RS_STR_INIT(BAD BAD), false},
    {"three bytes for U+007F", RS_STR_INIT("\xe0\x81\xbf"), RS_STR_INIT(BAD BAD BAD), false},
    {"three bytes for U+07FF", RS_STR_INIT("\xe0\x9f\xbf"), RS_STR_INIT(BAD BAD BAD), false},
    {"four bytes for U+FFFF", RS_STR_INIT("\xf0\x8f\xbf\xbf"), RS_STR_INIT(BAD BAD BAD BAD), false},
    {"U+D800", RS_STR_INIT("\xed\xa0\x80"), RS_STR_INIT(BAD BAD BAD), false},
    {"U+DFFF", RS_STR_INIT("\xed\xbf\xbf"), RS_STR_INIT(BAD BAD BAD), false},
    {"U+110000", RS_STR_INIT("\xf4\x90\x80\x80"), RS_STR_INIT(BAD BAD BAD BAD), false},
    {"F5", RS_STR_INIT("\xf5\x80\x80\x80"), RS_STR_INIT(BAD BAD BAD BAD), false},
    {"F8", RS_STR_INIT("\xf8\x88\x80\x80"), RS_STR_INIT(BAD BAD BAD BAD), false},
    {"FE and FF", RS_STR_INIT("\xfe\xff"), RS_STR_INIT(BAD BAD), false},
    {"two bytes cut", RS_STR_INIT("\xc3"), RS_STR_INIT(BAD), false},
    {"three bytes cut", RS_STR_INIT("\xe2\x82"), RS_STR_INIT(BAD BAD), false},
    {"four bytes cut", RS_STR_INIT("\xf0\x9f\x98"), RS_STR_INIT(BAD BAD BAD), false},
    {"cut by ASCII", RS_STR_INIT("\xe2\x82z"), RS_STR_INIT(BAD BAD "z"), false},
    {"cut by a lead", RS_STR_INIT("\xe2\xc3\xa9"), RS_STR_INIT(BAD "\xc3\xa9"), false},
    {"cut by NUL", RS_STR_INIT("\xc3\0z"), RS_STR_INIT(BAD "z"), false},
    {"one tail too many", RS_STR_INIT("\xc3\xa9\xa9"), RS_STR_INIT("\xc3\xa9" BAD), false},
};

/* Check one text in a block of exactly its size. */
static void check(const char *label, struct rs_str text, struct rs_str repaired, bool valid)
{
    char *block = rs_mem_alloc(text.length);
    char *out = rs_mem_alloc(text.length * RS_UTF8_GROWTH);

    if (text.length > 0) {
        memcpy(block, text.data, text.length);
    }
    const struct rs_str copy = {block, text.length};
    const struct rs_str result = {out, rs_utf8_repair(copy, out)};
    if (rs_utf8_valid(copy) != valid || !rs_str_equal(result, repaired)) {
        fail_msg("%s: %s, %.*s", label, rs_utf8_valid(copy) ? "valid" : "not valid",
                 RS_STR_ARG(result));
    }
    assert_true(rs_utf8_valid(result));
    rs_mem_free(block);
    rs_mem_free(out);
}

static void test_utf8__tells_valid_from_bad_and_repairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        check(cases[i].label, cases[i].text, cases[i].repaired, cases[i].valid);
    }
    assert_true(rs_utf8_valid((struct rs_str){NULL, 0}));
    assert_int_equal(rs_utf8_repair((struct rs_str){NULL, 0}, NULL), 0);
}

static void test_utf8__does_so_in_every_place_of_a_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        for (size_t at = 0; at <= 40; at++) {
            char text[64] = "";
            char repaired[64] = "";
            const struct rs_str from = cases[i].text;
            const struct rs_str to = cases[i].repaired;
            memset(text, 'a', sizeof(text));
            memset(repaired, 'a', sizeof(repaired));
            memcpy(text + at, from.data, from.length);
            memcpy(repaired + at, to.data, to.length);
            check(cases[i].label, (struct rs_str){text, 40 + from.length},
                  (struct rs_str){repaired, 40 + to.length}, cases[i].valid);
        }
    }
}

static void test_utf8__writes_and_reads_every_character(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char text[RS_UTF8_MAX] = "";
        uint32_t read = UINT32_MAX;
        if (code >= 0xd800 && code <= 0xdfff) {
            continue;
        }
        const size_t length = rs_utf8_encode(code, text);
        if (rs_utf8_decode(text, text + length, &read) != length || read != code ||
            !rs_utf8_valid((struct rs_str){text, length})) {
            fail_msg("U+%04x", (unsigned)code);
        }
        if (length > 1) {
            assert_int_equal(rs_utf8_decode(text, text + length - 1, &read), 0);
        }
    }
}

/* The ranges of table 3-7, said in another way than the code has them. */
static bool reference_valid(const uint8_t *b, size_t length)
{
    switch (length) {
    case 2:
        return b[0] >= 0xc2 && b[0] <= 0xdf && b[1] >= 0x80 && b[1] <= 0xbf;
    case 3: {
        const uint8_t low = b[0] == 0xe0 ? 0xa0 : 0x80;
        const uint8_t high = b[0] == 0xed ? 0x9f : 0xbf;
        return b[0] >= 0xe0 && b[0] <= 0xef && b[1] >= low && b[1] <= high && b[2] >= 0x80 &&
               b[2] <= 0xbf;
    }
    default: {
        const uint8_t low = b[0] == 0xf0 ? 0x90 : 0x80;
        const uint8_t high = b[0] == 0xf4 ? 0x8f : 0xbf;
        return b[0] >= 0xf0 && b[0] <= 0xf4 && b[1] >= low && b[1] <= high && b[2] >= 0x80 &&
               b[2] <= 0xbf && b[3] >= 0x80 && b[3] <= 0xbf;
    }
    }
}

static void test_utf8__agrees_with_the_table_of_the_standard(void **state)
{
    static const uint8_t tails[] = {0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xff};

    (void)state;
    for (unsigned pair = 0; pair < 0x8000; pair++) {
        for (size_t i = 0; i < RS_COUNTOF(tails) * RS_COUNTOF(tails); i++) {
            const uint8_t bytes[4] = {(uint8_t)(0x80 | pair >> 8), (uint8_t)pair,
                                      tails[i % RS_COUNTOF(tails)], tails[i / RS_COUNTOF(tails)]};
            const char *text = (const char *)bytes;
            const size_t want = reference_valid(bytes, 2)   ? 2
                                : reference_valid(bytes, 3) ? 3
                                : reference_valid(bytes, 4) ? 4
                                                            : 0;
            uint32_t code = 0;
            if (rs_utf8_decode(text, text + 4, &code) != want) {
                fail_msg("%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
            }
        }
    }
}

static void test_utf8__cuts_between_two_characters(void **state)
{
    static const struct {
        struct rs_str text;
        size_t max;
        size_t cut;
    } cuts[] = {
        {RS_STR_INIT("abc"), 3, 3},
        {RS_STR_INIT("abc"), 9, 3},
        {RS_STR_INIT("abc"), 2, 2},
        {RS_STR_INIT("abc"), 0, 0},
        {RS_STR_INIT(""), 0, 0},
        {RS_STR_INIT("caf\xc3\xa9"), 4, 3},
        {RS_STR_INIT("caf\xc3\xa9"), 5, 5},
        {RS_STR_INIT("caf\xc3\xa9!"), 5, 5},
        {RS_STR_INIT("\xe2\x82\xac!"), 2, 0},
        {RS_STR_INIT("\xe2\x82\xac!"), 3, 3},
        {RS_STR_INIT("a\xf0\x9f\x98\x80z"), 1, 1},
        {RS_STR_INIT("a\xf0\x9f\x98\x80z"), 2, 1},
        {RS_STR_INIT("a\xf0\x9f\x98\x80z"), 3, 1},
        {RS_STR_INIT("a\xf0\x9f\x98\x80z"), 4, 1},
        {RS_STR_INIT("a\xf0\x9f\x98\x80z"), 5, 5},
        {RS_STR_INIT("\x80\x80\x80\x80\x80\x80"), 5, 2},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cuts); i++) {
        assert_int_equal(rs_utf8_cut(cuts[i].text, cuts[i].max), cuts[i].cut);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8__tells_valid_from_bad_and_repairs),
        cmocka_unit_test(test_utf8__does_so_in_every_place_of_a_block),
        cmocka_unit_test(test_utf8__writes_and_reads_every_character),
        cmocka_unit_test(test_utf8__agrees_with_the_table_of_the_standard),
        cmocka_unit_test(test_utf8__cuts_between_two_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
