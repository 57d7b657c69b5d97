/* One line seen as a call: its fields, fields that come twice, and who keeps it out. */
#include "transform/event.h"

#include <string.h>

#include "base/mem.h"
#include "rs/strbuf.h"
#include "unit.h"

struct reading {
    struct rs_event_reader reader;
    struct rs_event event;
    char *block;
    const char *reason;
};

static bool read_line(struct reading *reading, const char *line)
{
    size_t length = strlen(line);
    rs_mem_free(reading->block);
    reading->block = rs_mem_alloc(length + RS_JSON_PADDING);
    memset(reading->block, '}', length + RS_JSON_PADDING);
    memcpy(reading->block, line, length);
    reading->reason = NULL;
    return rs_event_read(&reading->reader, (struct rs_str){reading->block, length}, &reading->event,
                         &reading->reason);
}

static void end_reading(struct reading *reading)
{
    rs_event_reader_release(&reading->reader);
    rs_mem_free(reading->block);
}

/* The raw text of a field's value, or NULL. */
static bool field_is(const struct reading *reading, enum rs_field field, const char *text)
{
    uint32_t token = reading->event.field[field];
    if (token == 0 || !text) {
        return token == 0 && !text;
    }
    struct rs_str value = rs_json_token_text(reading->event.text, &reading->event.tokens[token]);
    return rs_str_equal(value, rs_str_from(text));
}

static void test_event__each_call_is_known_by_its_type(void **state)
{
    static const struct {
        const char *line;
        enum rs_call_type call;
    } cases[] = {
        {"{\"type\":\"track\"}", RS_CALL_TRACK},
        {"{\"type\":\"identify\"}", RS_CALL_IDENTIFY},
        {"{\"type\":\"page\"}", RS_CALL_PAGE},
        {"{\"a\":[{}],\"type\":\"screen\"}", RS_CALL_SCREEN},
        {" {\"type\" : \"group\" } ", RS_CALL_GROUP},
        {"{\"\\u0074ype\":\"ali\\u0061s\"}", RS_CALL_ALIAS},
        {"{\"type\":null,\"type\":\"page\",\"type\":\"track\"}", RS_CALL_PAGE},
    };
    struct reading reading = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (!read_line(&reading, cases[i].line) || reading.event.call != cases[i].call) {
            fail_msg("%s: %s", cases[i].line, reading.reason ? reading.reason : "another call");
        }
    }
    end_reading(&reading);
}

static void test_event__what_is_no_call_says_why(void **state)
{
    static const char no_type[] = "the event has no type";
    static const char other[] = "the type is none of track, identify, page, screen, group, alias";
    static const struct {
        const char *line;
        const char *reason; /* NULL: what the tokenizer says */
    } cases[] = {
        {"{}", no_type},
        {"{\"type\":null}", no_type},
        {"{\"Type\":\"track\"}", no_type},
        {"{\"a\":{\"type\":\"track\"}}", no_type},
        {"{\"type\":\"Track\"}", other},
        {"{\"type\":\"\"}", other},
        {"{\"type\":\"tracks\"}", other},
        {"{\"type\":[\"track\"]}", other},
        {"{\"type\":7}", other},
        {"[]", "it is not a JSON object"},
        {"\"track\"", "it is not a JSON object"},
        {"null", "it is not a JSON object"},
        {"{\"type\":\"track\"", NULL},
        {"{\"type\":\"track\"}}", NULL},
        {"track", NULL},
        {"{'type':'track'}", NULL},
    };
    struct reading reading = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_false(read_line(&reading, cases[i].line));
        assert_non_null(reading.reason);
        if (cases[i].reason) {
            assert_string_equal(reading.reason, cases[i].reason);
        }
    }
    end_reading(&reading);
}

/* The reader guesses a key by its place: lines of other orders must not mislead it. */
static void test_event__fields_are_found_in_any_order(void **state)
{
    static const char *const lines[] = {
        "{\"type\":\"page\",\"messageId\":\"m\",\"name\":\"n\",\"x\":1,\"context\":{\"a\":1}}",
        "{\"messageId\":\"m\",\"type\":\"page\",\"context\":{\"a\":1},\"x\":2,\"name\":\"n\"}",
        "{\"context\":{\"a\":1},\"name\":\"n\",\"messageId\":\"m\",\"y\":{},\"type\":\"page\"}",
        "{\"\\u0063ontext\":{\"a\":1},\"n\\u0061me\":\"n\",\"messageId\":\"m\",\"type\":\"page\"}",
    };
    struct reading reading = {0};
    (void)state;
    for (size_t turn = 0; turn < 20; turn++) {
        assert_true(read_line(&reading, lines[turn * 7 % RS_COUNTOF(lines)]));
        assert_true(field_is(&reading, RS_FIELD_MESSAGE_ID, "m"));
        assert_true(field_is(&reading, RS_FIELD_NAME, "n"));
        assert_true(field_is(&reading, RS_FIELD_TYPE, "page"));
        assert_int_not_equal(reading.event.field[RS_FIELD_CONTEXT], 0);
        assert_int_equal(reading.event.field[RS_FIELD_TRAITS], 0);
        assert_false(reading.event.repeated);
    }
    end_reading(&reading);
}

static void test_event__the_first_value_that_is_not_null_counts(void **state)
{
    static const struct {
        const char *line;
        const char *user;
        bool repeated;
    } cases[] = {
        {"{\"type\":\"page\",\"userId\":\"a\"}", "a", false},
        {"{\"type\":\"page\",\"userId\":null}", NULL, false},
        {"{\"type\":\"page\",\"userId\":null,\"userId\":\"b\"}", "b", false},
        {"{\"type\":\"page\",\"userId\":\"a\",\"userId\":null}", "a", false},
        {"{\"type\":\"page\",\"userId\":\"a\",\"userId\":\"b\"}", "a", true},
        {"{\"type\":\"page\",\"x\":1,\"x\":2}", NULL, false},
    };
    struct reading reading = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_true(read_line(&reading, cases[i].line));
        assert_true(field_is(&reading, RS_FIELD_USER_ID, cases[i].user));
        assert_int_equal(reading.event.repeated, cases[i].repeated);
    }
    end_reading(&reading);
}

/* More keys than the reader has guesses for. */
static void test_event__fields_past_many_others_are_found(void **state)
{
    struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
    struct reading reading = {0};
    (void)state;
    rs_strbuf_append(&line, "{");
    for (int i = 0; i < 300; i++) {
        rs_strbuf_printf(&line, "\"key%d\":%d,", i, i);
    }
    rs_strbuf_append(&line, "\"userId\":\"u\",\"type\":\"track\"}");
    for (int turn = 0; turn < 2; turn++) {
        assert_true(read_line(&reading, rs_strbuf_cstr(&line)));
        assert_true(field_is(&reading, RS_FIELD_USER_ID, "u"));
    }
    end_reading(&reading);
    rs_strbuf_release(&line);
}

static void test_event__field_of_knows_top_level_keys(void **state)
{
    struct reading reading = {0};
    (void)state;
    assert_true(read_line(&reading, "{\"type\":\"page\",\"sent\\u0041t\":1,\"other\":2}"));
    assert_int_equal(rs_event_field_of(&reading.event, 1), RS_FIELD_TYPE);
    assert_int_equal(rs_event_field_of(&reading.event, 3), RS_FIELD_SENT_AT);
    assert_int_equal(rs_event_field_of(&reading.event, 5), RS_FIELD_NONE);
    end_reading(&reading);
}

static void test_event__integrations_may_keep_it_out(void **state)
{
    enum { YES = RS_CONSENT_YES, NO = RS_CONSENT_NO, ALL_FALSE = RS_CONSENT_ALL_FALSE };
    static const struct {
        const char *integrations;
        int w1;   /* the consent where the warehouse id is w1 */
        int none; /* where none is configured */
    } cases[] = {
        {"null", YES, YES},
        {"7", YES, YES},
        {"{}", YES, YES},
        {"{\"All\":true}", YES, YES},
        {"{\"All\":false}", ALL_FALSE, ALL_FALSE},
        {"{\"all\":false}", YES, YES},
        {"{\"All\":\"false\"}", YES, YES},
        {"{\"Warehouses\":{}}", YES, YES},
        {"{\"Warehouses\":{},\"All\":false}", ALL_FALSE, ALL_FALSE},
        {"{\"Warehouses\":{\"all\":false}}", NO, NO},
        {"{\"Warehouses\":{\"all\":true},\"All\":false}", YES, YES},
        {"{\"All\":true,\"Warehouses\":{\"all\":false}}", NO, NO},
        {"{\"Warehouses\":{\"all\":false,\"warehouseIds\":[\"w1\"]}}", YES, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[\"w1\"],\"all\":true}}", YES, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[\"w0\",\"w1\"]}}", YES, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[\"w\\u0031\"]},\"All\":false}", YES, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[\"w2\"]},\"All\":true}", NO, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[]}}", NO, NO},
        {"{\"Warehouses\":{\"warehouseIds\":[[\"w1\"],{\"w1\":1},1]}}", NO, NO},
        {"{\"Warehouses\":{\"warehouseIds\":\"w1\"},\"All\":false}", ALL_FALSE, ALL_FALSE},
        {"{\"Warehouses\":{\"all\":null},\"All\":false}", ALL_FALSE, ALL_FALSE},
        {"{\"Warehouses\":false}", NO, NO},
        {"{\"Warehouses\":true,\"All\":false}", YES, YES},
    };
    struct reading reading = {0};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 16);
        rs_strbuf_printf(&line, "{\"type\":\"page\",\"integrations\":%s}", cases[i].integrations);
        assert_true(read_line(&reading, rs_strbuf_cstr(&line)));
        if ((int)rs_event_consent(&reading.event, RS_STR("w1")) != cases[i].w1 ||
            (int)rs_event_consent(&reading.event, RS_STR("")) != cases[i].none) {
            fail_msg("%s", cases[i].integrations);
        }
        rs_strbuf_release(&line);
    }
    assert_true(read_line(&reading, "{\"type\":\"page\"}"));
    assert_int_equal(rs_event_consent(&reading.event, RS_STR("w1")), RS_CONSENT_YES);
    end_reading(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event__each_call_is_known_by_its_type),
        cmocka_unit_test(test_event__what_is_no_call_says_why),
        cmocka_unit_test(test_event__fields_are_found_in_any_order),
        cmocka_unit_test(test_event__the_first_value_that_is_not_null_counts),
        cmocka_unit_test(test_event__fields_past_many_others_are_found),
        cmocka_unit_test(test_event__field_of_knows_top_level_keys),
        cmocka_unit_test(test_event__integrations_may_keep_it_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
