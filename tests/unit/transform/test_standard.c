/* The cells that every event has: ids, timestamps that stand in for others, fields come twice. */
#include "transform/standard.h"

#include "projection.h"
#include "unit.h"

/* A whole event, and the cells it has from the first on. */
struct whole_case {
    const char *label;
    const char *line;
    const char *cells;
};

static void check_whole(const struct whole_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct projection p = projection_make(NULL);
        if (projection_line(&p, cases[i].line) != RS_OUTCOME_ROW) {
            fail_msg("%s: no row", cases[i].label);
        }
        if (strcmp(projection_cells(&p), cases[i].cells) != 0) {
            fail_msg("%s:\n%s", cases[i].label, projection_cells(&p));
        }
        projection_free(&p);
    }
}

static void test_standard__ids_are_strings_whatever_the_event_holds(void **state)
{
    static const struct projection_case cases[] = {
        {"strings", "page", ",\"anonymousId\":\"a\",\"userId\":\"u\"",
         "anonymous_id string a\nuser_id string u\n"},
        {"timestamps are strings", "page", ",\"userId\":\"2026-01-01\"",
         "user_id string 2026-01-01\n"},
        {"numbers keep their text", "page", ",\"anonymousId\":1.50,\"userId\":12345678901234567890",
         "anonymous_id string 1.50\nuser_id string 12345678901234567890\n"},
        {"booleans", "page", ",\"userId\":true", "user_id string true\n"},
        {"empty ones count as missing", "page", ",\"userId\":\"\"", ""},
        {"null is not", "page", ",\"userId\":null", ""},
        {"arrays and objects count as missing", "page",
         ",\"anonymousId\":{\"a\": 1},\"userId\":[1, 2]",
         "anonymous_id !type {\"a\":1}\nuser_id !type [1,2]\n"},
        {"text of a discard is clean", "page", ",\"userId\":{\"a\":\"\xff\\u0000\"}",
         "user_id !type {\"a\":\"\xef\xbf\xbd\"}\n"},
        {"group", "group", ",\"groupId\":7", "group_id string 7\n"},
        {"group, none", "group", ",\"groupId\":[7]", "group_id !type [7]\n"},
        {"alias", "alias", ",\"previousId\":\"p\",\"userId\":\"u\"",
         "user_id string u\nprevious_id string p\n"},
        {"fields of other calls are not stored", "track",
         ",\"groupId\":\"g\",\"previousId\":\"p\",\"name\":\"n\",\"category\":\"c\",\"event\":"
         "\"E\"",
         "event_text string E\n"},
        {"nor are unknown ones", "page",
         ",\"channel\":\"c\",\"version\":1,\"writeKey\":\"k\",\"projectId\":\"p\",\"_metadata\":{}",
         ""},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

static void test_standard__a_missing_message_id_is_made_from_the_line(void **state)
{
    static const char *const lines[] = {
        "{\"type\":\"page\"}",
        "{\"type\":\"page\",\"messageId\":\"\"}",
        "{\"type\":\"page\",\"messageId\":null}",
        "{\"type\":\"page\",\"messageId\":\"\\u0000\"}",
        "{\"type\":\"page\",\"messageId\":[1]}",
        "{\"type\":\"page\",\"messageId\":{}}",
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(lines); i++) {
        char id[64] = "";
        struct projection p = projection_make(NULL);
        assert_int_equal(projection_line(&p, lines[i]), RS_OUTCOME_ROW);
        memcpy(id, projection_cells(&p), sizeof id - 1);
        assert_int_equal(strncmp(id, "id string rs-", 13), 0);
        assert_int_equal(strspn(id + 13, "0123456789abcdef"), 32);
        assert_int_equal(id[45], '\n');
        if (i == 0) {
            assert_int_equal(strncmp(id, "id string rs-46c98a646244390d4ed314e6e306cd7e", 45), 0);
        }
        assert_int_equal(projection_line(&p, lines[i]), RS_OUTCOME_ROW);
        assert_memory_equal(projection_cells(&p), id, 46); /* again the same */
        assert_int_equal(strstr(projection_cells(&p), "id !type") != NULL, i >= 4);
        projection_free(&p);
    }
}

static void test_standard__timestamps_stand_in_for_those_that_are_missing(void **state)
{
    static const struct whole_case cases[] = {
        {"all four",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-04\","
         "\"timestamp\":\"2026-01-03\",\"sentAt\":\"2026-01-02\",\"originalTimestamp\":"
         "\"2026-01-01\"}",
         "id string m\nreceived_at instant 2026-01-04 00:00:00\ntimestamp instant 2026-01-03 "
         "00:00:00\nsent_at instant 2026-01-02 00:00:00\noriginal_timestamp instant 2026-01-01 "
         "00:00:00\n"},
        {"none: the time of processing", "{\"type\":\"page\",\"messageId\":\"m\"}",
         "id string m\nreceived_at instant 2026-12-31 00:00:00\ntimestamp instant 2026-12-31 "
         "00:00:00\n"},
        {"received_at is timestamp",
         "{\"type\":\"page\",\"messageId\":\"m\",\"timestamp\":\"2026-01-03T00:00:00.25+01:00\","
         "\"sentAt\":\"2026-01-02\"}",
         "id string m\nreceived_at instant 2026-01-02 23:00:00.25\ntimestamp instant 2026-01-02 "
         "23:00:00.25\nsent_at instant 2026-01-02 00:00:00\n"},
        {"received_at is sent_at",
         "{\"type\":\"page\",\"messageId\":\"m\",\"sentAt\":\"2026-01-02\"}",
         "id string m\nreceived_at instant 2026-01-02 00:00:00\ntimestamp instant 2026-01-02 "
         "00:00:00\nsent_at instant 2026-01-02 00:00:00\n"},
        {"timestamp is corrected by the clocks",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-04\","
         "\"sentAt\":\"2027-01-01T00:00:10\",\"originalTimestamp\":\"2027-01-01\"}",
         "id string m\nreceived_at instant 2026-01-04 00:00:00\ntimestamp instant 2026-01-03 "
         "23:59:50\nsent_at instant 2027-01-01 00:00:10\noriginal_timestamp instant 2027-01-01 "
         "00:00:00\n"},
        {"timestamp is original_timestamp",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-04\","
         "\"originalTimestamp\":\"2026-01-01\"}",
         "id string m\nreceived_at instant 2026-01-04 00:00:00\ntimestamp instant 2026-01-01 "
         "00:00:00\noriginal_timestamp instant 2026-01-01 00:00:00\n"},
        {"a correction past the calendar is none",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"0001-01-02\","
         "\"sentAt\":\"9999-12-31\",\"originalTimestamp\":\"2026-01-01\"}",
         "id string m\nreceived_at instant 0001-01-02 00:00:00\ntimestamp instant 2026-01-01 "
         "00:00:00\nsent_at instant 9999-12-31 00:00:00\noriginal_timestamp instant 2026-01-01 "
         "00:00:00\n"},
        {"what is none counts as missing and is a discard",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"soon\",\"timestamp\":[1],"
         "\"sentAt\":1767225600,\"originalTimestamp\":\"2026-01-01\"}",
         "id string m\nreceived_at instant 2026-12-31 00:00:00\ntimestamp instant 2026-01-01 "
         "00:00:00\nreceived_at !type soon\ntimestamp !type [1]\nsent_at !type 1767225600\n"
         "original_timestamp instant 2026-01-01 00:00:00\n"},
    };
    (void)state;
    check_whole(cases, RS_COUNTOF(cases));
}

static void test_standard__the_row_knows_when_it_was_received(void **state)
{
    struct projection p = projection_make(NULL);
    (void)state;
    assert_int_equal(projection_line(&p, "{\"type\":\"page\",\"receivedAt\":\"1970-01-02\"}"),
                     RS_OUTCOME_ROW);
    assert_true(projection_row(&p)->received_us == INT64_C(86400000000));
    assert_int_equal(projection_line(&p, "{\"type\":\"page\"}"), RS_OUTCOME_ROW);
    assert_true(projection_row(&p)->received_us == PROJECTION_NOW_US);
    projection_free(&p);
}

static void test_standard__fields_that_come_twice_are_not_lost(void **state)
{
    static const struct whole_case cases[] = {
        {"the first counts",
         "{\"type\":\"track\",\"messageId\":\"m\",\"messageId\":\"n\",\"event\":\"A\",\"event\":"
         "\"B\",\"receivedAt\":\"2026-01-02\",\"receivedAt\":\"2026-01-03\",\"userId\":\"u\","
         "\"userId\":[1]}",
         "id string m\nreceived_at instant 2026-01-02 00:00:00\ntimestamp instant 2026-01-02 "
         "00:00:00\nuser_id string u\nevent_text string A\nid !collision n\nevent_text "
         "!collision B\nreceived_at !collision 2026-01-03\nuser_id !collision [1]\n"},
        {"objects add up, and the context stays common",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-02\",\"context\":{\"a\":"
         "1},\"properties\":{\"x\":1},\"properties\":{\"x\":2,\"y\":3},\"context\":{\"b\":2}}",
         "id string m\nreceived_at instant 2026-01-02 00:00:00\ntimestamp instant 2026-01-02 "
         "00:00:00\ncontext_a integer 1\ncontext_b integer 2\nx integer 1\nx !collision 2\n"
         "y integer 3\n"},
        {"name of a page",
         "{\"type\":\"page\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-02\",\"name\":\"a\","
         "\"name\":\"b\"}",
         "id string m\nreceived_at instant 2026-01-02 00:00:00\ntimestamp instant 2026-01-02 "
         "00:00:00\nname string a\nname !collision b\n"},
    };
    (void)state;
    check_whole(cases, RS_COUNTOF(cases));
}

static void test_standard__what_is_no_object_counts_as_absent(void **state)
{
    static const struct projection_case cases[] = {
        {"context", "page", ",\"context\":\"c\"", "context !type c\n"},
        {"properties", "page", ",\"properties\":[1, 2]", "properties !type [1,2]\n"},
        {"traits", "group", ",\"traits\":7", "traits !type 7\n"},
        {"null is nothing", "page", ",\"context\":null,\"properties\":null", ""},
        {"traits of a page are not stored", "page", ",\"traits\":{\"a\":1}", ""},
        {"properties of an identify neither", "identify", ",\"properties\":{\"a\":1}", ""},
        {"an alias may have either", "alias", ",\"traits\":{\"a\":1},\"properties\":{\"b\":2}",
         "b integer 2\na integer 1\n"},
        {"context.traits flatten", "page", ",\"context\":{\"traits\":{\"a\":1}}",
         "context_traits_a integer 1\n"},
    };
    (void)state;
    check_cases(cases, RS_COUNTOF(cases));
}

/* What rows are found by is cut once, for the table and for us. */
static void test_standard__long_ids_are_cut(void **state)
{
    static const struct {
        const char *type;
        const char *field;
        const char *column;
    } cases[] = {{"page", "messageId", "id"},
                 {"identify", "userId", "user_id"},
                 {"group", "groupId", "group_id"}};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 20);
        struct rs_strbuf expected = RS_STRBUF_INIT(1 << 20);
        struct projection p = projection_make(NULL);
        rs_strbuf_printf(&line, "{\"type\":\"%s\",\"%s\":\"%*s\xc3\xa9\"}", cases[i].type,
                         cases[i].field, RS_VARCHAR_MAX - 1, "x");
        rs_strbuf_printf(&expected, "%s string %*s\n", cases[i].column, RS_VARCHAR_MAX - 1, "x");
        assert_int_equal(projection_line(&p, rs_strbuf_cstr(&line)), RS_OUTCOME_ROW);
        const char *cells = projection_cells(&p);
        assert_non_null(strstr(cells, rs_strbuf_cstr(&expected)));
        rs_strbuf_reset(&expected);
        rs_strbuf_printf(&expected, "%s !truncated %*s\xc3\xa9\n", cases[i].column,
                         RS_VARCHAR_MAX - 1, "x");
        assert_non_null(strstr(cells, rs_strbuf_cstr(&expected)));
        rs_strbuf_release(&line);
        rs_strbuf_release(&expected);
        projection_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard__ids_are_strings_whatever_the_event_holds),
        cmocka_unit_test(test_standard__a_missing_message_id_is_made_from_the_line),
        cmocka_unit_test(test_standard__timestamps_stand_in_for_those_that_are_missing),
        cmocka_unit_test(test_standard__the_row_knows_when_it_was_received),
        cmocka_unit_test(test_standard__fields_that_come_twice_are_not_lost),
        cmocka_unit_test(test_standard__long_ids_are_cut),
        cmocka_unit_test(test_standard__what_is_no_object_counts_as_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
