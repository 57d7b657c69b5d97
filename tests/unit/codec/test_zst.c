/* zstd: its checksum, what may stand between frames, and what is said of damage. */
#include "codec/zst.h"
#include "compressed.h"
#include "unit.h"

static void test_zst__a_frame_carries_a_checksum(void **state)
{
    (void)state;
    struct rs_strbuf packed = compress(rs_zst_encoder_new(1), "hello\n", 6);
    static const unsigned char magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
    assert_memory_equal(packed.data, magic, sizeof magic);
    assert_int_equal(packed.data[4] & 4, 4);
    rs_strbuf_release(&packed);
}

static void test_zst__frames_may_follow_each_other_and_skippable_ones_are_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct rs_str before;
        struct rs_str after;
        bool ok;
    } cases[] = {
        {"nothing", RS_STR_INIT(""), RS_STR_INIT(""), true},
        {"skippable frames",
         RS_STR_INIT("\x50\x2a\x4d\x18\x03\0\0\0"
                     "abc"),
         RS_STR_INIT("\x5f\x2a\x4d\x18\x03\0\0\0"
                     "abc"),
         true},
        {"half a skippable frame", RS_STR_INIT(""), RS_STR_INIT("\x50\x2a\x4d\x18\x03"), false},
        {"an empty skippable frame", RS_STR_INIT(""), RS_STR_INIT("\x50\x2a\x4d\x18\0\0\0\0"),
         true},
        {"text", RS_STR_INIT(""), RS_STR_INIT("garbage"), false},
        {"zeros", RS_STR_INIT(""), RS_STR_INIT("\0\0\0\0\0\0\0\0"), false},
        {"a byte", RS_STR_INIT(""), RS_STR_INIT("\x28"), false},
        {"a magic number", RS_STR_INIT(""), RS_STR_INIT("\x28\xb5\x2f\xfd"), false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        for (size_t step = 1; step < 600; step += 599 / 2) {
            struct rs_error err = {0};
            struct rs_strbuf out = RS_STRBUF_INIT(1000);
            struct rs_strbuf all = RS_STRBUF_INIT(1000);
            struct rs_strbuf one = compress(rs_zst_encoder_new(1), "one\n", 4);
            struct rs_strbuf two = compress(rs_zst_encoder_new(1), "", 0);
            struct rs_strbuf three = compress(rs_zst_encoder_new(1), "three\n", 6);
            rs_strbuf_append_str(&all, cases[i].before);
            rs_strbuf_append_str(&all, rs_strbuf_str(&one));
            rs_strbuf_append_str(&all, cases[i].before);
            rs_strbuf_append_str(&all, rs_strbuf_str(&two));
            rs_strbuf_append_str(&all, rs_strbuf_str(&three));
            rs_strbuf_append_str(&all, cases[i].after);
            bool ok = decompress(rs_zst_decoder_new(), rs_strbuf_str(&all), step, 100, &out, &err);
            if (ok != cases[i].ok) {
                fail_msg("%s: %d, %s", cases[i].label, ok, err.message);
            }
            assert_string_equal(rs_strbuf_cstr(&out), "one\nthree\n");
            rs_strbuf_release(&three);
            rs_strbuf_release(&two);
            rs_strbuf_release(&one);
            rs_strbuf_release(&all);
            rs_strbuf_release(&out);
        }
    }
}

static void test_zst__says_what_is_wrong_with_a_frame(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct rs_str bytes;
        enum rs_code code;
        const char *message;
        const char *hint;
    } cases[] = {
        {"a window of 128 MiB", RS_STR_INIT("\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00"), RS_OK, "", ""},
        {"a window of 144 MiB", RS_STR_INIT("\x28\xb5\x2f\xfd\x00\x89\x01\x00\x00"), RS_E_LIMIT,
         "the zstd data needs a window of more than 128 MiB of memory",
         "compress it again with zstd --long=27 or less"},
        {"a window of 2 GiB", RS_STR_INIT("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"), RS_E_LIMIT,
         "the zstd data needs a window of more than 128 MiB of memory",
         "compress it again with zstd --long=27 or less"},
        {"a dictionary", RS_STR_INIT("\x28\xb5\x2f\xfd\x01\x50\x07\x01\x00\x00"), RS_E_INPUT,
         "the zstd data needs a dictionary", "compress it again without a dictionary"},
        {"no zstd data", RS_STR_INIT("plain text"), RS_E_INPUT,
         "the zstd data is damaged after byte 0: it does not begin with a frame",
         "copy or compress the file again; zstd -t tells whether it is whole"},
        {"a format of before 2016", RS_STR_INIT("\x27\xb5\x2f\xfd\x00\x50\x01\x00\x00"), RS_E_INPUT,
         "the zstd data is damaged after byte 0: it does not begin with a frame",
         "copy or compress the file again; zstd -t tells whether it is whole"},
        {"text after a frame", RS_STR_INIT("\x28\xb5\x2f\xfd\x00\x50\x01\x00\x00text"), RS_E_INPUT,
         "at byte 9, after a whole zstd frame, stands something else",
         "cut the file off there, or compress it again"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(1000);
        (void)decompress(rs_zst_decoder_new(), cases[i].bytes, 1000, 1000, &out, &err);
        if (err.code != cases[i].code || strcmp(err.message, cases[i].message) != 0 ||
            strcmp(err.hint, cases[i].hint) != 0) {
            fail_msg("%s: %s; %s", cases[i].label, err.message, err.hint);
        }
        rs_strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zst__a_frame_carries_a_checksum),
        cmocka_unit_test(test_zst__frames_may_follow_each_other_and_skippable_ones_are_passed_over),
        cmocka_unit_test(test_zst__says_what_is_wrong_with_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
