/* Letters of the world's scripts, and what only looks like one. */
#include "transform/unicode.h"

#include "unit.h"

static void test_unicode__letters_marks_and_numbers_are_kept(void **state)
{
    static const uint32_t kept[] = {
        0xaa,   0xb2,   0xb5,   0xba,   0xbc,   0xc0,   0xd6,   0xd8,    0xf6,    0xf8,    0x17f,
        0x301,  0x391,  0x416,  0x5d0,  0x627,  0x661,  0x905,  0x94d,   0xe01,   0xe4d,   0x1100,
        0x1e9e, 0x2071, 0x2126, 0x2160, 0x3005, 0x3042, 0x30ab, 0x3400,  0x4e00,  0x6ce8,  0x9fff,
        0xac00, 0xd7a3, 0xf900, 0xff10, 0xff21, 0xff41, 0xff66, 0x10000, 0x1d400, 0x20000, 0x2fa1d,
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(kept); i++) {
        if (!rs_unicode_is_letter(kept[i])) {
            fail_msg("U+%04X is a letter", (unsigned)kept[i]);
        }
    }
}

static void test_unicode__punctuation_symbols_and_pictures_are_not(void **state)
{
    static const uint32_t dropped[] = {
        0x80,    0xa0,        0xa9,    0xab,    0xb4,    0xb6,    0xbb,     0xbf,    0xd7,
        0xf7,    0x37e,       0x55a,   0x60c,   0x66a,   0x964,   0xe3f,    0x2000,  0x200b,
        0x200d,  0x2026,      0x202e,  0x2066,  0x206f,  0x20ac,  0x2116,   0x2122,  0x2190,
        0x2200,  0x2460 + 60, 0x2500,  0x2665,  0x2764,  0x2e3a,  0x3000,   0x3001,  0x3002,
        0x3008,  0x300c,      0x3020,  0x3030,  0x303f,  0x30fb,  0xd800,   0xdfff,  0xe000,
        0xf8ff,  0xfe00,      0xfe0f,  0xfe10,  0xfe6b,  0xfeff,  0xff01,   0xff0c,  0xff1a,
        0xff20,  0xff3b,      0xff5b,  0xff65,  0xffe0,  0xfffd,  0x1f000,  0x1f1e6, 0x1f600,
        0x1f937, 0x1f9ff,     0xe0001, 0xe007f, 0xe0100, 0xf0000, 0x10ffff,
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(dropped); i++) {
        if (rs_unicode_is_letter(dropped[i])) {
            fail_msg("U+%04X is no letter", (unsigned)dropped[i]);
        }
    }
}

static void test_unicode__the_table_is_in_order(void **state)
{
    size_t changes = 0;
    (void)state;
    for (uint32_t code = 0x81; code <= 0x10ffff; code++) {
        changes += rs_unicode_is_letter(code) != rs_unicode_is_letter(code - 1);
    }
    assert_int_equal(changes, 2 * 273 - 2); /* the first range begins and the last ends the space */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unicode__letters_marks_and_numbers_are_kept),
        cmocka_unit_test(test_unicode__punctuation_symbols_and_pictures_are_not),
        cmocka_unit_test(test_unicode__the_table_is_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
