/* Blocks of addresses: what is one, which covers which, alone and together. */
#include "check/aws/cidr.h"

#include <string.h>

#include "rs/str.h"
#include "unit.h"

static struct rs_cidr block(const char *text)
{
    struct rs_cidr out = {.prefix = 0};
    if (!rs_cidr_parse(rs_str_from(text), &out)) {
        fail_msg("%s is no block", text);
    }
    return out;
}

static void test_cidr__text_is_read_and_written_in_one_form(void **state)
{
    static const struct {
        const char *text;
        const char *form;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"34.223.203.7/28", "34.223.203.0/28"},
        {"52.25.130.38", "52.25.130.38/32"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"255.255.255.255/1", "128.0.0.0/1"},
        {"203.0.113.255/31", "203.0.113.254/31"},
        {"::/0", "::/0"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1/128"},
        {"2001:db8:ffff::/33", "2001:db8:8000::/33"},
        {"fe80::1/10", "fe80::/10"},
        {"::ffff:1.2.3.4/128", "::ffff:1.2.3.4/128"},
    };
    char form[RS_CIDR_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct rs_cidr found = block(cases[i].text);
        rs_cidr_format(&found, form);
        assert_string_equal(form, cases[i].form);
    }
}

static void test_cidr__what_is_no_block_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0/8",
        "10.0.0.0.",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "10.0.0.0/08x",
        "::/129",
        "2001:db8::g",
        "10.0.0.256",
        "example.com",
        "10.0.0.0/8/8",
        "fe80::1%eth0",
        "[::1]",
        "010.0.0.1/8",
        "1234567890123456789012345678901234567890123456789012345678901234567890/8",
    };
    struct rs_cidr out = {.prefix = 7};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (rs_cidr_parse(rs_str_from(cases[i]), &out)) {
            fail_msg("\"%s\" is taken", cases[i]);
        }
    }
    assert_false(rs_cidr_parse((struct rs_str){"10.0.0.1\0", 9}, &out));
    assert_int_equal(out.prefix, 7);
}

static void test_cidr__a_block_covers_what_lies_in_it(void **state)
{
    static const struct {
        const char *outer;
        const char *inner;
        bool covers;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "10.0.0.0/8", true},
        {"10.0.0.0/9", "10.0.0.0/8", false},
        {"0.0.0.0/0", "1.2.3.4", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "1.2.3.4", false},
        {"::/0", "2001:db8::/32", true},
        {"2001:db8::/47", "2001:db8:1::", true},
        {"2001:db8::/48", "2001:db8:1::", false},
        {"1.2.3.4", "1.2.3.4", true},
        {"1.2.3.4", "1.2.3.5", false},
        {"128.0.0.0/1", "127.255.255.255", false},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        const struct rs_cidr outer = block(cases[i].outer);
        const struct rs_cidr inner = block(cases[i].inner);
        if (rs_cidr_covers(&outer, &inner) != cases[i].covers) {
            fail_msg("%s and %s", cases[i].outer, cases[i].inner);
        }
        assert_int_equal(rs_cidr_overlaps(&outer, &inner),
                         rs_cidr_covers(&outer, &inner) || rs_cidr_covers(&inner, &outer));
    }
}

static void test_cidr__several_blocks_cover_one_together(void **state)
{
    static const struct {
        const char *label;
        const char *block;
        const char *blocks[5];
        bool joined;
    } cases[] = {
        {"none", "10.0.0.0/8", {NULL}, false},
        {"two halves", "10.0.0.0/8", {"10.0.0.0/9", "10.128.0.0/9"}, true},
        {"in any order, one larger", "10.0.0.0/8", {"10.128.0.0/9", "10.0.0.0/8"}, true},
        {"a half", "10.0.0.0/8", {"10.0.0.0/9"}, false},
        {"the same half twice", "10.0.0.0/8", {"10.0.0.0/9", "10.0.0.0/9"}, false},
        {"one address lacks", "10.0.0.0/30", {"10.0.0.0/31", "10.0.0.2"}, false},
        {"all four", "10.0.0.0/30", {"10.0.0.3", "10.0.0.0/31", "10.0.0.2"}, true},
        {"a staircase",
         "10.0.0.0/24",
         {"10.0.0.0/25", "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/27"},
         true},
        {"a hole in it",
         "10.0.0.0/24",
         {"10.0.0.0/25", "10.0.0.128/26", "10.0.0.192/28", "10.0.0.224/27"},
         false},
        {"the world by halves", "0.0.0.0/0", {"0.0.0.0/1", "128.0.0.0/1"}, true},
        {"the other family", "0.0.0.0/0", {"::/0"}, false},
        {"IPv6 halves", "2001:db8::/32", {"2001:db8::/33", "2001:db8:8000::/33"}, true},
        {"IPv6, down to an address", "2001:db8::/127", {"2001:db8::", "2001:db8::1"}, true},
        {"beside it", "10.0.0.0/24", {"10.0.1.0/24", "10.0.2.0/23"}, false},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_cidr blocks[5];
        size_t count = 0;
        const struct rs_cidr one = block(cases[i].block);
        for (; count < 5 && cases[i].blocks[count]; count++) {
            blocks[count] = block(cases[i].blocks[count]);
        }
        if (rs_cidr_joined(&one, blocks, count) != cases[i].joined) {
            fail_msg("%s", cases[i].label);
        }
    }
}

static void test_cidr__halves_are_the_block(void **state)
{
    struct rs_cidr halves[2];
    char form[RS_CIDR_TEXT_MAX];
    const struct rs_cidr one = block("192.168.0.0/23");

    (void)state;
    rs_cidr_split(&one, halves);
    rs_cidr_format(&halves[0], form);
    assert_string_equal(form, "192.168.0.0/24");
    rs_cidr_format(&halves[1], form);
    assert_string_equal(form, "192.168.1.0/24");
    const struct rs_cidr address = block("1.2.3.4");
    assert_true(rs_cidr_is_split(&one));
    assert_false(rs_cidr_is_split(&address));
}

static void test_cidr__private_is_what_the_internet_does_not_reach(void **state)
{
    static const char *const own[] = {
        "10.1.2.3",  "172.16.0.0/12", "172.31.255.255", "192.168.7.0/24", "100.64.0.1",
        "127.0.0.1", "169.254.1.1",   "fd00::1",        "fe80::1",        "::1"};
    static const char *const outside[] = {"9.255.255.255", "172.32.0.0", "192.169.0.0",
                                          "100.128.0.0",   "8.0.0.0/6",  "0.0.0.0/0",
                                          "2001:db8::1",   "::2",        "::/0"};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(own); i++) {
        const struct rs_cidr one = block(own[i]);
        if (!rs_cidr_is_private(&one)) {
            fail_msg("%s", own[i]);
        }
    }
    for (size_t i = 0; i < RS_COUNTOF(outside); i++) {
        const struct rs_cidr one = block(outside[i]);
        if (rs_cidr_is_private(&one)) {
            fail_msg("%s", outside[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cidr__text_is_read_and_written_in_one_form),
        cmocka_unit_test(test_cidr__what_is_no_block_is_refused),
        cmocka_unit_test(test_cidr__a_block_covers_what_lies_in_it),
        cmocka_unit_test(test_cidr__several_blocks_cover_one_together),
        cmocka_unit_test(test_cidr__halves_are_the_block),
        cmocka_unit_test(test_cidr__private_is_what_the_internet_does_not_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
