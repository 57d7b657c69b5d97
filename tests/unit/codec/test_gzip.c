/* gzip: its header, what may stand between members, and what is said of damage. */
#include "codec/gzip.h"
#include "compressed.h"
#include "unit.h"

static void test_gzip__header_holds_neither_time_nor_name(void **state)
{
    (void)state;
    struct rs_strbuf packed = compress(rs_gzip_encoder_new(6), "hello\n", 6);
    static const unsigned char header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    assert_memory_equal(packed.data, header, sizeof header);
    rs_strbuf_release(&packed);
}

static void test_gzip__members_may_follow_each_other_with_zeros_between(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t zeros;
        const char *tail;
        size_t tail_bytes;
        bool ok;
    } cases[] = {
        {"nothing after", 0, "", 0, true},
        {"zeros after", 513, "", 0, true},
        {"text after", 0, "garbage", 7, false},
        {"text after zeros", 9, "garbage", 7, false},
        {"half a magic number after", 0, "\x1f", 1, false},
        {"a magic number after", 0, "\x1f\x8b", 2, false},
        {"a wrong magic number after", 0, "\x1f\x8c\x08\x00", 4, false},
        {"another method after", 0, "\x1f\x8b\x07\x00", 4, false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        for (size_t step = 1; step < 600; step += 599 / 2) {
            struct rs_error err = {0};
            struct rs_strbuf out = RS_STRBUF_INIT(1000);
            struct rs_strbuf one = compress(rs_gzip_encoder_new(6), "one\n", 4);
            struct rs_strbuf two = compress(rs_gzip_encoder_new(6), "", 0);
            rs_strbuf_append_str(&one, rs_strbuf_str(&two));
            for (size_t z = 0; z < cases[i].zeros; z++) {
                rs_strbuf_append_char(&one, '\0');
            }
            struct rs_strbuf three = compress(rs_gzip_encoder_new(6), "three\n", 6);
            rs_strbuf_append_str(&one, rs_strbuf_str(&three));
            for (size_t z = 0; z < cases[i].zeros; z++) {
                rs_strbuf_append_char(&one, '\0');
            }
            rs_strbuf_append_bytes(&one, cases[i].tail, cases[i].tail_bytes);
            bool ok = decompress(rs_gzip_decoder_new(), rs_strbuf_str(&one), step, 100, &out, &err);
            if (ok != cases[i].ok) {
                fail_msg("%s: %d, %s", cases[i].label, ok, err.message);
            }
            assert_string_equal(rs_strbuf_cstr(&out), "one\nthree\n");
            rs_strbuf_release(&three);
            rs_strbuf_release(&two);
            rs_strbuf_release(&one);
            rs_strbuf_release(&out);
        }
    }
}

static void test_gzip__says_where_and_why_data_is_damaged(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    struct rs_strbuf packed = compress(rs_gzip_encoder_new(6), "hello\n", 6);
    packed.data[packed.length - 6] ^= 1;
    assert_false(decompress(rs_gzip_decoder_new(), rs_strbuf_str(&packed), 1000, 1000, &out, &err));
    assert_int_equal(err.code, RS_E_INPUT);
    assert_string_equal(err.message, "the gzip data is damaged at byte 22: incorrect data check");
    assert_true(err.hint[0] != '\0');
    rs_error_clear(&err);
    assert_false(decompress(rs_gzip_decoder_new(), RS_STR("plain text"), 1000, 1000, &out, &err));
    assert_string_equal(err.message, "the gzip data is damaged at byte 2: incorrect header check");
    rs_strbuf_release(&packed);
    rs_strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip__header_holds_neither_time_nor_name),
        cmocka_unit_test(test_gzip__members_may_follow_each_other_with_zeros_between),
        cmocka_unit_test(test_gzip__says_where_and_why_data_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
