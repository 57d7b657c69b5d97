/*
 * The tokenizer: what is JSON and what is not, where it says a fault is, and the tape's shape.
 */
#include "codec/json_token.h"

#include "json_padded.h"
#include "rs/strbuf.h"

static void test_json_token__takes_every_valid_text(void **state)
{
    static const struct text_case cases[] = {
        CASE("empty object", "{}"),
        CASE("empty array", "[]"),
        CASE("spaced empties", " { } "),
        CASE("array of empties", "[[],{},[[]],[{}],\"\"]"),
        CASE("empty name", "{\"\":0}"),
        CASE("same name twice", "{\"a\":1,\"a\":2}"),
        CASE("null alone", "null"),
        CASE("true alone", "true"),
        CASE("false alone", "false"),
        CASE("string alone", "\"\""),
        CASE("number alone", "42"),
        CASE("negative alone", "-0"),
        CASE("fraction alone", "-0.1"),
        CASE("exponent alone", "1e2"),
        CASE("number and space", " 7 "),
        CASE("all white space", "\t\n\r [\t\n\r 1\t\n\r ,\t\n\r 2\t\n\r ]\t\n\r "),
        CASE("spaced object", " { \"a\" : 1 , \"b\" : { } , \"c\" : [ ] } "),
        CASE("zero", "[0]"),
        CASE("zero with fraction", "[0.0]"),
        CASE("zero with exponent", "[0e0,0E+1,0e-1]"),
        CASE("exponents", "[1E22,1e-2,1E+2,1.5e3,123.456e78]"),
        CASE("very small", "[0.0000000000000000000000000000000000000000000000000000000000001]"),
        CASE("very long", "[123456789012345678901234567890123456789012345678901234567890]"),
        CASE("16 digits", "[1234567890123456,12345678901234567,123456789012345]"),
        CASE("long fraction", "[1.1234567890123456789012345678901234567890,1.123456789012345]"),
        CASE("overflowing", "[1e9999,-1e9999,1e-9999]"),
        CASE("escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
        CASE("hex digits", "[\"\\u0123\\u4567\\u89ab\\ucdef\\uCDEF\"]"),
        CASE("escaped NUL", "[\"\\u0000\"]"),
        CASE("surrogate pair", "[\"\\ud83d\\ude00\"]"),
        CASE("lone surrogates", "[\"\\ud800\",\"\\udc00\",\"\\ud800\\ud800\",\"\\ud800n\"]"),
        CASE("backslash u escaped", "[\"\\\\u\"]"),
        CASE("UTF-8", "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]"),
        CASE("not UTF-8, for the caller to repair", "[\"\xff\xc0\x80\xed\xa0\x80\"]"),
        CASE("DEL", "[\"\x7f\"]"),
        CASE("line separators", "[\"\xe2\x80\xa8\xe2\x80\xa9\"]"),
        CASE("escape as a name", "{\"a\\nb\":1}"),
        CASE("string of 16", "[\"0123456789abcdef\"]"),
        CASE("string of 40", "[\"0123456789abcdef0123456789abcdef01234567\"]"),
        CASE("brackets in strings", "[\"[\",\"{\",\"]\",\"}\",\",\",\":\"]"),
        CASE("comment-like string", "[\"/**/ //\"]"),
        CASE("literals", "[true,false,null]"),
        CASE("deep mix", "{\"a\":[{\"b\":[{\"c\":{\"d\":[]}}]}]}"),
    };

    (void)state;
    expect(cases, RS_COUNTOF(cases), true);
}

static void test_json_token__refuses_what_is_no_value(void **state)
{
    static const struct text_case cases[] = {
        CASE("nothing", ""),
        CASE("white space", " \t\r\n"),
        CASE("two values", "1 2"),
        CASE("two objects", "{}{}"),
        CASE("trailing bracket", "[]]"),
        CASE("trailing brace", "{}}"),
        CASE("trailing comma", "{},"),
        CASE("trailing text", "[1]x"),
        CASE("trailing comment", "{\"a\":1}/**/"),
        CASE("trailing hash", "{}#"),
        CASE("NUL behind", "{}\0"),
        CASE("NUL before", "\0{}"),
        CASE("form feed", "[\f1]"),
        CASE("vertical tab", "[1\v]"),
        CASE("byte-order mark", "\xef\xbb\xbf{}"),
        CASE("no-break space", "[\xc2\xa0]"),
        CASE("word joiner", "[\xe2\x81\xa0]"),
        CASE("bare bytes", "\xff"),
        CASE("bare comma", ","),
        CASE("bare colon", ":"),
        CASE("bare star", "*"),
        CASE("single quotes", "['a']"),
        CASE("no quotes", "{a:1}"),
        CASE("true cut", "[tru]"),
        CASE("false cut", "[fals]"),
        CASE("null cut", "[nul]"),
        CASE("true alone cut", "tru"),
        CASE("false alone cut", "fals"),
        CASE("null alone cut", "nul"),
        CASE("capital", "[True]"),
        CASE("capitals", "[NULL]"),
        CASE("literal too long", "[trueish]"),
        CASE("undefined", "[undefined]"),
        CASE("comment", "[/*x*/1]"),
        CASE("angle brackets", "<.>"),
    };

    (void)state;
    expect(cases, RS_COUNTOF(cases), false);
}

static void test_json_token__refuses_broken_arrays_and_objects(void **state)
{
    static const struct text_case cases[] = {
        CASE("open array", "["),
        CASE("open array with value", "[1"),
        CASE("open array after comma", "[1,"),
        CASE("open object", "{"),
        CASE("open object with name", "{\"a\""),
        CASE("open object with colon", "{\"a\":"),
        CASE("open object with value", "{\"a\":1"),
        CASE("open object with string", "{\"a\":\"b\""),
        CASE("open object after comma", "{\"a\":1,"),
        CASE("open inside", "{\"a\":{\"b\":1}"),
        CASE("open array inside", "{\"a\":[1}"),
        CASE("open object inside array", "[{\"a\":1]"),
        CASE("closed otherwise", "[1}"),
        CASE("object closed otherwise", "{\"a\":1]"),
        CASE("comma alone", "[,]"),
        CASE("comma first", "[,1]"),
        CASE("comma last", "[1,]"),
        CASE("two commas", "[1,,2]"),
        CASE("no comma", "[1 2]"),
        CASE("no comma between strings", "[\"a\" \"b\"]"),
        CASE("no comma between arrays", "[[][]]"),
        CASE("colon in an array", "[\"a\":1]"),
        CASE("object: comma alone", "{,}"),
        CASE("object: comma first", "{,\"a\":1}"),
        CASE("object: comma last", "{\"a\":1,}"),
        CASE("object: two commas", "{\"a\":1,,\"b\":2}"),
        CASE("object: no comma", "{\"a\":1 \"b\":2}"),
        CASE("object: no colon", "{\"a\" 1}"),
        CASE("object: two colons", "{\"a\"::1}"),
        CASE("object: comma for colon", "{\"a\",1}"),
        CASE("object: no value", "{\"a\":}"),
        CASE("object: name alone", "{\"a\"}"),
        CASE("object: number as name", "{1:1}"),
        CASE("object: null as name", "{null:1}"),
        CASE("object: array as name", "{[]:1}"),
        CASE("opaque: comma last", "{\"a\":[1,]}"),
        CASE("opaque: comma first", "{\"a\":[,1]}"),
        CASE("opaque: no comma", "{\"a\":[1 2]}"),
        CASE("opaque: colon", "{\"a\":[1:2]}"),
        CASE("opaque: closed otherwise", "{\"a\":[{\"b\":1]}"),
        CASE("opaque: object's comma last", "{\"a\":[{\"b\":1,}]}"),
        CASE("opaque: no name", "{\"a\":[{1:1}]}"),
        CASE("opaque: no colon", "{\"a\":[{\"b\"1}]}"),
        CASE("opaque: no value", "{\"a\":[{\"b\":}]}"),
        CASE("opaque: comma before close", "{\"a\":[[],]}"),
        CASE("opaque: open", "{\"a\":[[[["),
        CASE("opaque: brace after bracket", "{\"a\":[{]}"),
    };

    (void)state;
    expect(cases, RS_COUNTOF(cases), false);
}

static void test_json_token__refuses_every_byte_that_begins_nothing(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const char texts[2][3] = {{'[', (char)byte, ']'}, {'1', (char)byte, ' '}};
        const bool space = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        const bool digit = byte >= '0' && byte <= '9';
        struct rs_json_fault fault = {0};
        assert_int_equal(accepts((struct rs_str){texts[0], 3}, &fault), space || digit);
        assert_int_equal(accepts((struct rs_str){texts[1], 3}, &fault), space || digit);
    }
}

static void test_json_token__refuses_every_beginning_of_a_text(void **state)
{
    static const struct rs_str text = RS_STR_INIT(
        "{\"type\":\"track\", \"n\":[-1.25e+3, {\"a\":[true,{}]}],\"o\":{\"caf\\u00e9\":"
        "{\"x\":null}},\"long\":\"0123456789abcdef0123456789\\\\\",\"f\":false,\"z\":0.5}");
    struct rs_json_fault fault = {0};

    (void)state;
    assert_true(accepts(text, &fault));
    for (size_t length = 0; length < text.length; length++) {
        assert_false(accepts((struct rs_str){text.data, length}, &fault));
    }
}

static void test_json_token__counts_512_levels_and_no_more(void **state)
{
    static const char *const opens[] = {"[", "{\"a\":", "[{\"a\":", "{\"a\":["};
    static const char *const closes[] = {"]", "}", "}]", "]}"};
    static const size_t levels_each[] = {1, 1, 2, 2};

    (void)state;
    for (size_t kind = 0; kind < RS_COUNTOF(opens); kind++) {
        for (size_t extra = 0; extra < 2; extra++) {
            struct rs_strbuf text = RS_STRBUF_INIT(8192);
            struct rs_json_fault fault = {0};
            const size_t count = RS_JSON_DEPTH_MAX / levels_each[kind];
            for (size_t i = 0; i < count; i++) {
                rs_strbuf_append(&text, opens[kind]);
            }
            rs_strbuf_append(&text, extra ? "[]" : "0");
            for (size_t i = 0; i < count; i++) {
                rs_strbuf_append(&text, closes[kind]);
            }
            assert_true(rs_strbuf_ok(&text));
            assert_int_equal(accepts(rs_strbuf_str(&text), &fault), extra == 0);
            if (extra) {
                assert_string_equal(fault.reason, "nesting deeper than 512 levels");
            }
            rs_strbuf_release(&text);
        }
    }
}

static void test_json_token__says_where_and_why(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *reason;
    } cases[] = {
        {"", 0, "unexpected end of the text"},
        {"  ", 2, "unexpected end of the text"},
        {"{\"a\":1", 6, "unexpected end of the text"},
        {"{\"a\":tru", 5, "expected a value"},
        {"{\"a\":01}", 5, "malformed number"},
        {"{\"a\":-}", 5, "malformed number"},
        {"{\"a\":x}", 5, "expected a value"},
        {"{\"a\":}", 5, "expected a value"},
        {"[1,]", 3, "expected a value"},
        {"{a:1}", 1, "expected a member name"},
        {"{\"a\":1,}", 7, "expected a member name"},
        {"{\"a\" 1}", 5, "expected a colon"},
        {"{\"a\":1 \"b\":2}", 7, "expected a comma or the end of an object"},
        {"[1 2]", 3, "expected a comma or the end of an array"},
        {"{\"a\":[1 2]}", 8, "expected a comma or the end of an array or object"},
        {"{\"a\":\"b", 5, "unterminated string"},
        {"{\"a\":\"b\\x\"}", 7, "invalid escape in a string"},
        {"{\"a\":\"b\\u12\"}", 7, "invalid escape in a string"},
        {"{\"a\":\"\x01\"}", 6, "control character in a string"},
        {"{} {}", 3, "text after the value"},
        {"\xff", 0, "expected a value"},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_json_fault fault = {0};
        assert_false(accepts(rs_str_from(cases[i].text), &fault));
        if (fault.offset != cases[i].offset ||
            rs_str_compare(rs_str_from(fault.reason), rs_str_from(cases[i].reason)) != 0) {
            fail_msg("%s: \"%s\" at %zu", cases[i].text, fault.reason, fault.offset);
        }
    }
}

/* Write the value at index i: its kind's sign, text and flags; returns the index after it. */
static size_t dump(struct rs_str text, const struct rs_json_tape *tape, size_t i,
                   struct rs_strbuf *out)
{
    static const char signs[] = {'n', 'f', 't', '#', '\'', '[', '{'};
    const struct rs_json_token *token = &tape->tokens[i];
    const size_t next = token->next;

    assert_in_range(next, i + 1, tape->count);
    rs_strbuf_append_char(out, signs[token->kind]);
    if (token->kind != RS_JSON_OBJECT || next == i + 1) {
        rs_strbuf_append_str(out, rs_json_token_text(text, token));
    }
    rs_strbuf_append(out, token->flags & RS_JSON_ESCAPED ? "!e" : "");
    rs_strbuf_append(out, token->flags & RS_JSON_NON_ASCII ? "!u" : "");
    rs_strbuf_append(out, token->flags & RS_JSON_SPACED ? "!s" : "");
    rs_strbuf_append(out, token->flags & RS_JSON_FRACTION ? "!f" : "");
    for (size_t at = i + 1; at < next;) {
        rs_strbuf_append_char(out, ' ');
        at = dump(text, tape, at, out);
    }
    rs_strbuf_append(out, next > i + 1 ? ")" : "");
    return next;
}

static void test_json_token__lays_a_text_out_on_the_tape(void **state)
{
    static const struct {
        const char *text;
        const char *tape;
    } cases[] = {
        {"{}", "{{}"},
        {" { } ", "{{ }"},
        {"[]", "[[]"},
        {"null", "nnull"},
        {" \"a\\n\" ", "'a\\n!e"},
        {" -1.5 ", "#-1.5!f"},
        {"1e2", "#1e2!f"},
        {"{\"a\":1}", "{ 'a #1)"},
        {"{\"a\":-0.5,\"b\":2E1,\"c\":12}", "{ 'a #-0.5!f 'b #2E1!f 'c #12)"},
        {"{\"a\":true,\"b\":false,\"c\":null}", "{ 'a ttrue 'b ffalse 'c nnull)"},
        {"{\"a\":{\"b\":{\"c\":\"d\"}},\"e\":\"\"}", "{ 'a { 'b { 'c 'd)) 'e ')"},
        {"{\"a\":{},\"b\":{ },\"c\":1}", "{ 'a {{} 'b {{ } 'c #1)"},
        {"{\"a\":[]}", "{ 'a [[])"},
        {"{\"a\":[1,[2,{\"b\":3}]],\"c\":4}", "{ 'a [[1,[2,{\"b\":3}]] 'c #4)"},
        {"{\"a\":[1.5]}", "{ 'a [[1.5])"},
        {"{\"a\":[1, 2]}", "{ 'a [[1, 2]!s)"},
        {"{\"a\":[[{ \"b\":1}]]}", "{ 'a [[[{ \"b\":1}]]!s)"},
        {"{\"a\":[\" x\"]}", "{ 'a [[\" x\"])"},
        {"{\"a\":[{\"\\n\":1}]}", "{ 'a [[{\"\\n\":1}]!e)"},
        {"{\"a\":[\"\xc3\xa9\",\"\\u00e9\" ]}", "{ 'a [[\"\xc3\xa9\",\"\\u00e9\" ]!e!u!s)"},
        {"{\"\xc3\xa9\":\"\\\"\xff\"}", "{ '\xc3\xa9!u '\\\"\xff!e!u)"},
        {"{\"a\":\"0123456789abcdef\xc3\xa9\",\"b\":\"0123456789abcdef\\/\"}",
         "{ 'a '0123456789abcdef\xc3\xa9!u 'b '0123456789abcdef\\/!e)"},
        {"{\"a\":\"b\",\"\xc3\xa9\":0}", "{ 'a 'b '\xc3\xa9!u #0)"},
        {"[1,\"a\",null,[2],{\"b\":[3]}]", "[[1,\"a\",null,[2],{\"b\":[3]}] #1 'a nnull [[2] "
                                           "{{\"b\":[3]})"},
        {"[1.5, {\"a\":\"\\n\"}]", "[[1.5, {\"a\":\"\\n\"}]!e!s #1.5!f {{\"a\":\"\\n\"}!e)"},
    };
    struct rs_json_tape tape = {0};

    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        struct rs_json_fault fault = {0};
        char *block = pad(rs_str_from(cases[i].text), "\"");
        const struct rs_str text = {block, rs_str_from(cases[i].text).length};
        assert_true(rs_json_tokenize(text, &tape, &fault));
        assert_int_equal(dump(text, &tape, 0, &out), tape.count);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].tape);
        rs_strbuf_release(&out);
        rs_mem_free(block);
    }
    rs_json_tape_release(&tape);
    assert_null(tape.tokens);
}

static void test_json_token__grows_the_tape_with_the_text(void **state)
{
    struct rs_strbuf text = RS_STRBUF_INIT(1 << 20);
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};

    (void)state;
    rs_strbuf_append(&text, "{\"a\":{");
    for (unsigned i = 0; i < 20000; i++) {
        rs_strbuf_printf(&text, "%s\"k%u\":%u", i ? "," : "", i, i);
    }
    rs_strbuf_append(&text, "}}");
    const size_t length = text.length;
    for (unsigned i = 0; i < RS_JSON_PADDING; i++) {
        rs_strbuf_append_char(&text, '}');
    }
    assert_true(rs_strbuf_ok(&text));
    assert_true(rs_json_tokenize((struct rs_str){text.data, length}, &tape, &fault));
    assert_int_equal(tape.count, 1 + 2 + 2 * 20000);
    assert_int_equal(tape.tokens[2].next, tape.count);
    assert_int_equal(tape.tokens[2].length, length - 6);
    rs_json_tape_release(&tape);
    rs_strbuf_release(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_token__takes_every_valid_text),
        cmocka_unit_test(test_json_token__refuses_what_is_no_value),
        cmocka_unit_test(test_json_token__refuses_broken_arrays_and_objects),
        cmocka_unit_test(test_json_token__refuses_every_byte_that_begins_nothing),
        cmocka_unit_test(test_json_token__refuses_every_beginning_of_a_text),
        cmocka_unit_test(test_json_token__counts_512_levels_and_no_more),
        cmocka_unit_test(test_json_token__says_where_and_why),
        cmocka_unit_test(test_json_token__lays_a_text_out_on_the_tape),
        cmocka_unit_test(test_json_token__grows_the_tape_with_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
