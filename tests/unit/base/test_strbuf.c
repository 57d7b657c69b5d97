/* Text that is built: every append to the last byte of the maximum, and none past it. */
#include "rs/strbuf.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

static void test_strbuf__what_is_appended_is_there(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(1000);
    (void)state;
    assert_string_equal(rs_strbuf_cstr(&buf), "");
    assert_int_equal(rs_strbuf_str(&buf).length, 0);
    rs_strbuf_append(&buf, "a");
    rs_strbuf_append_str(&buf, RS_STR("b"));
    rs_strbuf_append_str(&buf, (struct rs_str){NULL, 0});
    rs_strbuf_append_bytes(&buf, "c\0d", 3);
    rs_strbuf_append_char(&buf, 'e');
    rs_strbuf_printf(&buf, "%d%s", 7, "f");
    assert_int_equal(buf.length, 8);
    assert_memory_equal(buf.data, "abc\0de7f", 9);
    assert_true(rs_strbuf_ok(&buf));
    rs_strbuf_reset(&buf);
    assert_string_equal(rs_strbuf_cstr(&buf), "");
    rs_strbuf_append(&buf, "again");
    assert_string_equal(rs_strbuf_cstr(&buf), "again");
    rs_strbuf_release(&buf);
    rs_strbuf_release(&buf);
}

static void test_strbuf__numbers_at_their_edges(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(1000);
    (void)state;
    rs_strbuf_append_u64(&buf, 0);
    rs_strbuf_append_char(&buf, ' ');
    rs_strbuf_append_u64(&buf, UINT64_MAX);
    rs_strbuf_append_char(&buf, ' ');
    rs_strbuf_append_i64(&buf, INT64_MIN);
    rs_strbuf_append_char(&buf, ' ');
    rs_strbuf_append_i64(&buf, INT64_MAX);
    rs_strbuf_append_char(&buf, ' ');
    rs_strbuf_append_i64(&buf, -1);
    assert_string_equal(rs_strbuf_cstr(&buf),
                        "0 18446744073709551615 -9223372036854775808 9223372036854775807 -1");
    rs_strbuf_release(&buf);
}

/* Append length bytes in one of the ways there are. */
static void append_in_way(struct rs_strbuf *buf, int way, const char *text)
{
    char *place = NULL;
    switch (way) {
    case 0:
        rs_strbuf_append(buf, text);
        return;
    case 1:
        rs_strbuf_printf(buf, "%s", text);
        return;
    case 2:
        for (const char *p = text; *p; p++) {
            rs_strbuf_append_char(buf, *p);
        }
        return;
    default:
        place = rs_strbuf_reserve(buf, strlen(text));
        if (place) {
            memcpy(place, text, strlen(text));
            rs_strbuf_commit(buf, strlen(text));
        }
    }
}

static void test_strbuf__the_maximum_is_reached_and_not_passed(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct rs_strbuf exact = RS_STRBUF_INIT(12);
        append_in_way(&exact, way, "01234567");
        append_in_way(&exact, way, "89ab");
        if (!rs_strbuf_ok(&exact) || exact.length != 12) {
            fail_msg("way %d: %zu bytes", way, exact.length);
        }
        assert_string_equal(rs_strbuf_cstr(&exact), "0123456789ab");
        append_in_way(&exact, way, "");
        assert_true(rs_strbuf_ok(&exact));
        append_in_way(&exact, way, "c");
        assert_false(rs_strbuf_ok(&exact));
        assert_string_equal(rs_strbuf_cstr(&exact), "0123456789ab");
        rs_strbuf_release(&exact);
    }
}

static void test_strbuf__overflow_is_sticky_until_a_reset(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(4);
    (void)state;
    rs_strbuf_append(&buf, "ab");
    rs_strbuf_append(&buf, "cde");
    assert_false(rs_strbuf_ok(&buf));
    rs_strbuf_append(&buf, "c");
    rs_strbuf_printf(&buf, "%d", 1);
    assert_null(rs_strbuf_reserve(&buf, 0));
    assert_string_equal(rs_strbuf_cstr(&buf), "ab");
    rs_strbuf_reset(&buf);
    assert_true(rs_strbuf_ok(&buf));
    rs_strbuf_append(&buf, "abcd");
    assert_true(rs_strbuf_ok(&buf));
    assert_null(rs_strbuf_reserve(&buf, SIZE_MAX));
    rs_strbuf_release(&buf);
}

static void test_strbuf__text_that_is_taken_leaves_an_empty_buffer(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(4);
    (void)state;
    char *empty = rs_strbuf_take(&buf);
    assert_string_equal(empty, "");
    rs_mem_free(empty);
    rs_strbuf_append(&buf, "abcd");
    char *text = rs_strbuf_take(&buf);
    assert_string_equal(text, "abcd");
    rs_mem_free(text);
    assert_string_equal(rs_strbuf_cstr(&buf), "");
    rs_strbuf_append(&buf, "abcd");
    assert_true(rs_strbuf_ok(&buf));
    rs_strbuf_append(&buf, "e");
    assert_false(rs_strbuf_ok(&buf)); /* the maximum stayed */
    rs_strbuf_release(&buf);
}

static void test_strbuf__a_secret_grows_like_any_text(void **state)
{
    struct rs_strbuf buf = RS_STRBUF_INIT(1000);
    (void)state;
    rs_strbuf_append(&buf, "key:");
    rs_strbuf_keep_secret(&buf);
    for (int i = 0; i < 90; i++) {
        rs_strbuf_append(&buf, "0123456789");
    }
    assert_int_equal(buf.length, 904);
    assert_string_equal(rs_strbuf_cstr(&buf) + 894, "0123456789");
    assert_int_equal(strncmp(buf.data, "key:0123", 8), 0);
    rs_strbuf_release(&buf);
    assert_false(buf.secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strbuf__what_is_appended_is_there),
        cmocka_unit_test(test_strbuf__numbers_at_their_edges),
        cmocka_unit_test(test_strbuf__the_maximum_is_reached_and_not_passed),
        cmocka_unit_test(test_strbuf__overflow_is_sticky_until_a_reset),
        cmocka_unit_test(test_strbuf__text_that_is_taken_leaves_an_empty_buffer),
        cmocka_unit_test(test_strbuf__a_secret_grows_like_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
