/*
 * Strings, numbers and single bytes: where the tokenizer's scanning ends and what it refuses.
 */
#include "codec/json_scan.h"

#include "json_padded.h"
#include "rs/strbuf.h"

static const char *const broken_numbers[] = {
    "01",
    "-01",
    "00",
    "-",
    "--1",
    "+1",
    "++1",
    "1.",
    "-1.",
    ".1",
    "-.1",
    "1.e1",
    "1.2.3",
    "1e",
    "1e+",
    "1E-",
    "1e1.5",
    "1e+-1",
    "0e",
    "0e+",
    "0x1",
    "1x",
    "1a",
    "1_000",
    "1,00x",
    "NaN",
    "-NaN",
    "Inf",
    "-Inf",
    "Infinity",
    "- 1",
    "1 e1",
    "1.5e",
    "2.e3",
    "1-",
    "1+1",
    "0.1.2",
    "-a",
    "0.",
    "9.e+",
    "012345678901234567890",
    "1234567890123456x",
    "1.1234567890123456e",
    "1.1234567890123456.",
    "\xef\xbc\x91",
};

static void test_json_scan__refuses_broken_numbers(void **state)
{
    static const struct {
        const char *before;
        const char *after;
    } frames[] = {{"", ""}, {"[", "]"}, {"{\"a\":", "}"}, {"{\"a\":[", "]}"}};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(broken_numbers); i++) {
        for (size_t j = 0; j < RS_COUNTOF(frames); j++) {
            struct rs_strbuf text = RS_STRBUF_INIT(200);
            struct rs_json_fault fault = {0};
            rs_strbuf_append(&text, frames[j].before);
            rs_strbuf_append(&text, broken_numbers[i]);
            rs_strbuf_append(&text, frames[j].after);
            if (accepts(rs_strbuf_str(&text), &fault)) {
                fail_msg("accepted: %s", rs_strbuf_cstr(&text));
            }
            rs_strbuf_release(&text);
        }
    }
}

static void test_json_scan__refuses_broken_strings(void **state)
{
    static const struct text_case cases[] = {
        CASE("open", "\""),
        CASE("open with text", "\"abc"),
        CASE("open and long", "\"0123456789abcdef0123456789abcdef"),
        CASE("open after escaped quote", "\"\\\""),
        CASE("open after backslash", "\"\\"),
        CASE("open name", "{\"a"),
        CASE("open in array", "[\"a]"),
        CASE("escape x", "[\"\\x41\"]"),
        CASE("escape a", "[\"\\a\"]"),
        CASE("escape v", "[\"\\v\"]"),
        CASE("escape 0", "[\"\\0\"]"),
        CASE("escape U", "[\"\\U0041\"]"),
        CASE("escape quote", "[\"\\'\"]"),
        CASE("escape space", "[\"\\ \"]"),
        CASE("escape NUL", "[\"\\\0\"]"),
        CASE("escape high byte", "[\"\\\xc3\xa9\"]"),
        CASE("escape newline", "[\"\\\n\"]"),
        CASE("u alone", "[\"\\u\"]"),
        CASE("u with 3", "[\"\\u123\"]"),
        CASE("u with 2", "[\"\\u12\"]"),
        CASE("u with g", "[\"\\u123g\"]"),
        CASE("u with G first", "[\"\\uG123\"]"),
        CASE("u with sign", "[\"\\u+123\"]"),
        CASE("u with space", "[\"\\u 123\"]"),
        CASE("u cut by the end", "\"\\u12"),
        CASE("second surrogate cut", "[\"\\ud800\\u\"]"),
        CASE("newline", "[\"a\nb\"]"),
        CASE("tab", "[\"\t\"]"),
        CASE("carriage return", "[\"\r\"]"),
        CASE("NUL", "[\"a\0b\"]"),
        CASE("unit separator", "[\"\x1f\"]"),
        CASE("newline in a name", "{\"a\nb\":1}"),
        CASE("newline in an opaque name", "[[{\"a\nb\":1}]]"),
        CASE("escape outside", "[\\n]"),
        CASE("escape outside 2", "[\\u0020\"a\"]"),
    };

    (void)state;
    expect(cases, RS_COUNTOF(cases), false);
}

static void test_json_scan__checks_every_byte_in_every_place(void **state)
{
    char text[64] = "";

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 35; at++) {
            struct rs_json_fault fault = {0};
            /* ["aaaa...a"] with one byte changed; what follows a backslash is an a. */
            for (size_t i = 0; i < 35; i++) {
                text[2 + i] = 'a';
            }
            text[0] = '[';
            text[1] = '"';
            text[37] = '"';
            text[38] = ']';
            text[2 + at] = (char)byte;
            const bool valid = byte >= 0x20 && byte != '"' && byte != '\\';
            assert_int_equal(accepts((struct rs_str){text, 39}, &fault), valid);
            if (byte < 0x20) {
                assert_int_equal(fault.offset, 2 + at);
                assert_string_equal(fault.reason, "control character in a string");
            }
        }
    }
}

static void test_json_scan__looks_at_16_bytes_as_one_would_at_each(void **state)
{
    char text[RS_SCAN_BYTES] = "";

    (void)state;
    for (unsigned round = 0; round < 4096; round++) {
        uint32_t stop = 0;
        uint32_t high = 0;
        uint32_t odd = 0;
        unsigned digits = RS_SCAN_BYTES;
        for (unsigned i = 0; i < RS_SCAN_BYTES; i++) {
            const uint8_t byte = (uint8_t)(round % 2 ? '0' + (round * 7 + i * i) % 12
                                                     : round * 37 + i * (round >> 4));
            text[i] = (char)byte;
            stop |= (uint32_t)(byte == '"' || byte == '\\' || byte < 0x20) << i;
            high |= (uint32_t)(byte >= 0x80) << i;
            odd |= (uint32_t)(byte >= 0x80 || byte == 0) << i;
            digits = digits == RS_SCAN_BYTES && (byte < '0' || byte > '9') ? i : digits;
        }
        const struct rs_scan seen = rs_scan_text(text);
        assert_int_equal(seen.stop, stop);
        assert_int_equal(seen.high, high);
        assert_int_equal(rs_scan_odd(text), odd);
        assert_int_equal(rs_scan_digits(text), digits);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_scan__refuses_broken_numbers),
        cmocka_unit_test(test_json_scan__refuses_broken_strings),
        cmocka_unit_test(test_json_scan__checks_every_byte_in_every_place),
        cmocka_unit_test(test_json_scan__looks_at_16_bytes_as_one_would_at_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
