/*
 * Keys that stand for fields by another name.
 */
#include "transform/foreign_keys.h"

#include "json_padded.h"
#include "transform/event.h"
#include "unit.h"

static void test_foreign_keys__a_field_by_another_name_is_known(void **state)
{
    static const struct {
        struct rs_str key;
        enum rs_field field;
    } cases[] = {
        {RS_STR_INIT("user_id"), RS_FIELD_USER_ID},
        {RS_STR_INIT("userID"), RS_FIELD_USER_ID},
        {RS_STR_INIT("User-Id"), RS_FIELD_USER_ID},
        {RS_STR_INIT("message_id"), RS_FIELD_MESSAGE_ID},
        {RS_STR_INIT("received_at"), RS_FIELD_RECEIVED_AT},
        {RS_STR_INIT("original_timestamp"), RS_FIELD_ORIGINAL_TIMESTAMP},
        {RS_STR_INIT("event_name"), RS_FIELD_EVENT},
        {RS_STR_INIT("Properties"), RS_FIELD_PROPERTIES},
        {RS_STR_INIT("event_type"), RS_FIELD_NONE}, /* without a type it is no event */
        {RS_STR_INIT("channel"), RS_FIELD_NONE},
        {RS_STR_INIT("version"), RS_FIELD_NONE},
        {RS_STR_INIT("Name"), RS_FIELD_NONE}, /* of whom? */
        {RS_STR_INIT("user_id_of_an_other_thing_altogether"), RS_FIELD_NONE},
        {RS_STR_INIT("user$id"), RS_FIELD_NONE},
        {RS_STR_INIT(""), RS_FIELD_NONE},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        if (rs_foreign_key_field(cases[i].key) != cases[i].field) {
            fail_msg("\"%.*s\"", RS_STR_ARG(cases[i].key));
        }
    }
}

static void read_event(struct rs_event_reader *reader, const char *json)
{
    struct rs_event event;
    const char *reason = NULL;
    struct rs_str text = rs_str_from(json);
    char *padded = pad(text, "}");
    (void)!rs_event_read(reader, (struct rs_str){padded, text.length}, &event, &reason);
    rs_mem_free(padded);
}

static void test_foreign_keys__an_event_that_lacks_the_field_counts_once(void **state)
{
    struct rs_event_reader reader = {0};
    (void)state;
    for (int i = 0; i < 3; i++) { /* the second is read with what the first one's keys were */
        read_event(&reader,
                   "{\"type\":\"track\",\"user_id\":\"u\",\"userID\":\"u\",\"channel\":1}");
        read_event(&reader, "{\"type\":\"track\",\"user_id\":\"u\",\"userId\":\"u\"}");
        read_event(&reader, "{\"user_id\":\"u\",\"type\":\"track\",\"version\":1,\"channel\":1}");
        read_event(&reader, "{\"type\":\"track\",\"user_id\":\"u\",\"userId\":null,\"channel\":1}");
        /* What is no event, and is read again to see what it is, does not count. */
        read_event(&reader, "{\"user_id\":\"u\",\"userId\":null,\"channel\":1}");
        read_event(&reader, "{\"type\":\"Track\",\"user_id\":\"u\"}");
    }
    const struct rs_foreign_key *key = &reader.foreign.of[RS_FIELD_USER_ID];
    assert_int_equal(key->count, 9);
    assert_true(rs_str_equal((struct rs_str){key->name, key->length}, RS_STR("user_id")));
    for (size_t i = 0; i < RS_FIELD_COUNT; i++) {
        assert_true(i == RS_FIELD_USER_ID || reader.foreign.of[i].count == 0);
    }
    rs_event_reader_release(&reader);
}

static void test_foreign_keys__counts_of_threads_are_joined(void **state)
{
    struct rs_foreign_keys all = {0};
    struct rs_foreign_keys one = {0};
    struct rs_foreign_keys two = {0};
    (void)state;
    rs_foreign_keys_note(&one, RS_FIELD_EVENT, RS_STR("event_name"));
    rs_foreign_keys_note(&two, RS_FIELD_EVENT, RS_STR("eventName"));
    rs_foreign_keys_note(&two, RS_FIELD_EVENT, RS_STR("eventName"));
    rs_foreign_keys_join(&all, &one);
    rs_foreign_keys_join(&all, &two);
    const struct rs_foreign_key *key = &all.of[RS_FIELD_EVENT];
    assert_int_equal(key->count, 3);
    assert_true(rs_str_equal((struct rs_str){key->name, key->length}, RS_STR("eventName")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_keys__a_field_by_another_name_is_known),
        cmocka_unit_test(test_foreign_keys__an_event_that_lacks_the_field_counts_once),
        cmocka_unit_test(test_foreign_keys__counts_of_threads_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
