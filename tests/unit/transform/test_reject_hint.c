/*
 * What is guessed of lines that are no events.
 */
#include "transform/reject_hint.h"

#include <string.h>

#include "unit.h"

static const char FAULT[] = "expected a value";

static void test_reject_hint__says_what_was_seen(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
        const char *hint; /* a part of it; NULL: there is none */
    } cases[] = {
        {"{\"type\":\"Track\"}", RS_REJECT_OTHER_TYPE,
         "the type is \"Track\": Segment writes \"track\""},
        {"{\"type\" : \"IDENTIFY\"}", RS_REJECT_OTHER_TYPE, "Segment writes \"identify\""},
        {"{\"type\":\"click\"}", RS_REJECT_OTHER_TYPE,
         "the type is \"click\": Segment's are track"},
        {"{\"type\":1}", RS_REJECT_OTHER_TYPE, "the type is no text"},
        {"{\"type\":[\"track\"]}", RS_REJECT_OTHER_TYPE, "the type is no text"},
        {"{\"context\":{\"device\":{\"type\":\"ios\"}},\"type\":\"Page\"}", RS_REJECT_OTHER_TYPE,
         "the type is \"Page\": Segment writes \"page\""},
        {"{\"a\":\"\\\"type\\\":\\\"x\\\"\",\"b\":\"type\",\"type\":\"Page\"}",
         RS_REJECT_OTHER_TYPE, "the type is \"Page\""},
        {"{\"context\":{\"type\":\"ios\"},\"ty", RS_REJECT_OTHER_TYPE, NULL},
        {"{\"a\":1,\"type\":\"Tra", RS_REJECT_OTHER_TYPE, NULL}, /* the rest was not kept */
        {"{\"event\":\"X\"}", RS_REJECT_NO_TYPE, "nothing says which call it is"},
        {"{'type':'track'}", FAULT, "single quotes"},
        {"{\"a\":NaN}", FAULT, "NaN and Infinity are no JSON"},
        {"{\"a\":undefined}", FAULT, "undefined is JavaScript's word"},
        {"{\"a\":-Infinity}", FAULT, "NaN and Infinity are no JSON"},
        {"{\"a\":None}", FAULT, "Python's words"},
        {"{\"a\":1,}", FAULT, "a comma stands before a bracket"},
        {"{\"a\":[1, 2 , ]}", FAULT, "a comma stands before a bracket"},
        {"{\"a\":1},", FAULT, "a comma stands behind the object"},
        {"{type:\"track\"}", FAULT, "names stand without quotes"},
        {"id,name,received_at", FAULT, "looks like CSV"},
        {"\"id\";\"name\";\"received_at\"", FAULT, "looks like CSV"},
        {"2026-01-01 INFO {\"type\":\"track\"}", FAULT, "text stands before the object"},
        {"{\"type\":\"track\",\"event\":\"X", FAULT, "it ends before its object does"},
        {"{", FAULT, "it ends before its object does"},
        {"\"{\\\"type\\\":\\\"track\\\"}\"", FAULT, "a string that holds JSON"},
        {"<html>", FAULT, "HTML or XML"},
        {"\xef\xbb\xbf{\"type\":\"track\"}", FAULT, "a byte-order mark"},
        {"{\"a\":\"NaN, None, {x: 'y',}\"} x", FAULT, NULL}, /* in a string all is fine */
        {"hello", FAULT, NULL},
        {"", FAULT, NULL},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(256);
        bool found = rs_reject_hint(rs_str_from(cases[i].text), true, cases[i].reason, &out);
        assert_true(rs_strbuf_ok(&out));
        if (found != (cases[i].hint != NULL) ||
            (found && !strstr(rs_strbuf_cstr(&out), cases[i].hint))) {
            fail_msg("%s: \"%s\"", cases[i].text, rs_strbuf_cstr(&out));
        }
        rs_strbuf_release(&out);
    }
}

static void test_reject_hint__takes_any_bytes(void **state)
{
    struct rs_strbuf out = RS_STRBUF_INIT(256);
    (void)state;
    assert_true(rs_reject_hint(RS_STR("\xff\xfe{\0\"\0t\0"), true, FAULT, &out));
    assert_non_null(strstr(rs_strbuf_cstr(&out), "NUL bytes"));
    rs_strbuf_reset(&out);
    assert_true(
        rs_reject_hint(RS_STR("{\"type\":\"\xff\x1b[2J\"}"), true, RS_REJECT_OTHER_TYPE, &out));
    assert_true(rs_strbuf_ok(&out));
    rs_strbuf_reset(&out);
    assert_false(rs_reject_hint(RS_STR("{\"a\":\"\\"), false, FAULT, &out)); /* it may go on */
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reject_hint__says_what_was_seen),
        cmocka_unit_test(test_reject_hint__takes_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
