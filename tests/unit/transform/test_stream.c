/* Streams: keys are found by guess or by hash, columns by name, and both stay in place. */
#include "transform/stream.h"

#include <stdio.h>
#include <string.h>

#include "rs/name.h"
#include "transform/coltype.h"
#include "unit.h"

static struct rs_stream *make(enum rs_call_type call)
{
    static struct rs_key_budget unlimited;
    return rs_stream_new(3, &(struct rs_stream_options){.call = call,
                                                        .table = RS_STR("t"),
                                                        .seed = 1,
                                                        .name_limit = RS_NAME_MAX,
                                                        .budget = &unlimited});
}

static void test_stream__standard_columns_have_their_numbers(void **state)
{
    static const char *const names[] = {"id",        "received_at",        "sent_at",
                                        "timestamp", "original_timestamp", "anonymous_id",
                                        "user_id"};
    static const char *const extra[RS_CALL_COUNT] = {[RS_CALL_TRACK] = "event_text",
                                                     [RS_CALL_IDENTIFY] = "",
                                                     [RS_CALL_PAGE] = "",
                                                     [RS_CALL_SCREEN] = "",
                                                     [RS_CALL_GROUP] = "group_id",
                                                     [RS_CALL_ALIAS] = "previous_id"};
    (void)state;
    for (size_t call = 0; call < RS_CALL_COUNT; call++) {
        struct rs_stream *stream = make((enum rs_call_type)call);
        assert_int_equal(stream->number, 3);
        assert_int_equal(stream->column_count, RS_STREAM_STANDARD_COUNT);
        for (int32_t i = 0; i < RS_STREAM_EXTRA; i++) {
            unsigned kind = i >= 1 && i <= 4 ? RS_KIND_TIMESTAMP : RS_KIND_STRING;
            assert_true(rs_str_equal(stream->columns[i].name, rs_str_from(names[i])));
            assert_int_equal(rs_stream_column(stream, rs_str_from(names[i]), false), i);
            assert_int_equal(stream->columns[i].kinds, kind);
            assert_true(stream->columns[i].common && stream->columns[i].standard);
        }
        const struct rs_stream_column *last = &stream->columns[RS_STREAM_EXTRA];
        assert_true(rs_str_equal(last->name, rs_str_from(extra[call])));
        assert_int_equal(last->kinds, extra[call][0] ? RS_KIND_STRING : 0);
        rs_stream_free(stream);
    }
    rs_stream_free(NULL);
}

static void test_stream__columns_are_one_a_name(void **state)
{
    enum { COLUMNS = 3000 };
    struct rs_stream *stream = make(RS_CALL_TRACK);
    char name[32];
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        for (int32_t i = 0; i < COLUMNS; i++) {
            int length = snprintf(name, sizeof name, "column_%d", i);
            struct rs_str text = {name, (size_t)length};
            assert_int_equal(rs_stream_column(stream, text, i % 2 == 0),
                             RS_STREAM_STANDARD_COUNT + i);
        }
    }
    assert_int_equal(stream->column_count, RS_STREAM_STANDARD_COUNT + COLUMNS);
    assert_true(stream->columns[RS_STREAM_STANDARD_COUNT].common);
    assert_false(stream->columns[RS_STREAM_STANDARD_COUNT + 1].common);
    rs_stream_free(stream);
}

/* The key of a path, with readable bytes behind its text that are no part of it. */
static struct rs_path_key *key_of(struct rs_stream *stream, struct rs_path *path, const char *text)
{
    char padded[64 + 8];
    memset(padded, '"', sizeof padded);
    memcpy(padded, text, strlen(text));
    return rs_stream_key(stream, path, NULL, (struct rs_str){padded, strlen(text)});
}

static struct rs_str raw_key(size_t i, char out[32])
{
    int length = snprintf(out, 32, "key %zu", i);
    return (struct rs_str){out, (size_t)length};
}

static void test_stream__keys_are_found_in_any_order(void **state)
{
    enum { KEYS = 1000 };
    static struct rs_path_key *keys[KEYS];
    static const size_t steps[] = {1, 1, 7, 999, 1};
    struct rs_stream *stream = make(RS_CALL_TRACK);
    char text[32];
    (void)state;
    for (size_t turn = 0; turn < RS_COUNTOF(steps); turn++) {
        struct rs_path_key *previous = NULL;
        for (size_t i = 0; i < KEYS; i++) {
            size_t number = i * steps[turn] % KEYS;
            struct rs_path_key *key =
                rs_stream_key(stream, stream->fields, previous, raw_key(number, text));
            if (turn == 0) {
                keys[number] = key;
                assert_int_equal(key->column, RS_NO_COLUMN);
            }
            assert_ptr_equal(key, keys[number]);
            assert_true(rs_str_equal(key->raw, raw_key(number, text)));
            assert_ptr_equal(previous ? previous->after : stream->fields->first, key);
            previous = key;
        }
    }
    assert_int_equal(stream->fields->count, KEYS);
    assert_int_equal(stream->context->count, 0);
    assert_ptr_not_equal(rs_stream_key(stream, stream->context, NULL, raw_key(0, text)), keys[0]);
    rs_stream_free(stream);
}

/* Keys of all lengths that differ in one byte, at every place of it. */
static void test_stream__keys_that_are_alike_are_told_apart(void **state)
{
    struct rs_stream *stream = make(RS_CALL_TRACK);
    char text[48] = "";
    size_t count = 0;
    (void)state;
    for (size_t length = 0; length <= 40; length++) {
        memset(text, 'k', length);
        struct rs_path_key *plain = key_of(stream, stream->fields, text);
        count++;
        for (size_t i = 0; i < length; i++) {
            text[i] = 'K';
            stream->fields->first = plain; /* a wrong guess */
            const struct rs_path_key *other = key_of(stream, stream->fields, text);
            assert_true(rs_str_equal(other->raw, rs_str_from(text)));
            assert_ptr_equal(key_of(stream, stream->fields, text), other);
            assert_int_equal(stream->fields->count, ++count);
            text[i] = 'k';
        }
    }
    rs_stream_free(stream);
}

static void test_stream__names_are_made_of_paths(void **state)
{
    struct rs_stream *stream = make(RS_CALL_TRACK);
    (void)state;
    struct rs_path_key *page = key_of(stream, stream->context, "pageInfo");
    struct rs_path *path = rs_stream_child(stream, stream->context, page, RS_STR("pageInfo"));
    assert_ptr_equal(rs_stream_child(stream, stream->context, page, RS_STR("pageInfo")), path);
    assert_true(path->context);
    struct rs_path_key *url = key_of(stream, path, "URL");
    assert_true(rs_stream_name_key(stream, path, url, RS_STR("URL")));
    assert_true(rs_str_equal(stream->columns[url->column].name, RS_STR("context_page_info_url")));
    assert_true(stream->columns[url->column].common);
    struct rs_path_key *user = key_of(stream, stream->fields, "userId");
    assert_true(rs_stream_name_key(stream, stream->fields, user, RS_STR("userId")));
    assert_true(rs_str_equal(stream->columns[user->column].name, RS_STR("_user_id")));
    assert_false(stream->columns[user->column].common);
    assert_int_equal(user->role, RS_KEY_PLAIN);
    rs_stream_free(stream);
}

static void test_stream__a_page_has_roles_for_name_and_category(void **state)
{
    static const struct {
        enum rs_call_type call;
        const char *key;
        enum rs_key_role role;
        const char *other; /* or NULL */
    } cases[] = {
        {RS_CALL_PAGE, "name", RS_KEY_NAME, "_name"},
        {RS_CALL_SCREEN, "Category", RS_KEY_CATEGORY, "_category"},
        {RS_CALL_PAGE, "names", RS_KEY_PLAIN, NULL},
        {RS_CALL_TRACK, "name", RS_KEY_PLAIN, NULL},
        {RS_CALL_IDENTIFY, "category", RS_KEY_PLAIN, NULL},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_stream *stream = make(cases[i].call);
        struct rs_str raw = rs_str_from(cases[i].key);
        struct rs_path_key *key = key_of(stream, stream->fields, cases[i].key);
        assert_true(rs_stream_name_key(stream, stream->fields, key, raw));
        assert_int_equal(key->role, cases[i].role);
        if (cases[i].other) {
            assert_true(
                rs_str_equal(stream->columns[key->other_column].name, rs_str_from(cases[i].other)));
        } else {
            assert_int_equal(key->other_column, RS_NO_COLUMN);
        }
        rs_stream_free(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream__standard_columns_have_their_numbers),
        cmocka_unit_test(test_stream__columns_are_one_a_name),
        cmocka_unit_test(test_stream__keys_are_found_in_any_order),
        cmocka_unit_test(test_stream__keys_that_are_alike_are_told_apart),
        cmocka_unit_test(test_stream__names_are_made_of_paths),
        cmocka_unit_test(test_stream__a_page_has_roles_for_name_and_category),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
