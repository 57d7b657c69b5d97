/* gzip: what goes in comes out, and data that is not whole is never taken for whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/gzip.h"
#include "scratch.h"

enum { PLAIN_BYTES = 700 << 10 };

/* Compress text in one write. */
static struct rs_strbuf compress(const void *text, size_t count, int level)
{
    struct rs_error err = {0};
    struct memory_sink memory = memory_sink_make();
    struct rs_gzip_encoder *encoder = rs_gzip_encoder_new(level);
    struct rs_sink *sink = rs_gzip_encoder_begin(encoder, &memory.sink);
    assert_true(sink->write(sink, text, count, &err));
    assert_true(rs_gzip_encoder_finish(encoder, &err));
    rs_gzip_encoder_free(encoder);
    return memory.bytes;
}

/* Decompress in pieces of in_step and out_step bytes; false on an error or a missing end. */
static bool decompress(struct rs_gzip_decoder *decoder, const void *bytes, size_t count,
                       size_t in_step, size_t out_step, struct rs_strbuf *out, struct rs_error *err)
{
    unsigned char *room = rs_mem_alloc(out_step);
    size_t given = 0;
    bool ok = true;
    while (ok && given < count) {
        size_t step = count - given < in_step ? count - given : in_step;
        struct rs_decode_io io = {.in = (const unsigned char *)bytes + given, .in_left = step};
        enum rs_decode_status status = RS_DECODE_OUTPUT;
        while (status == RS_DECODE_OUTPUT) {
            io.out = room;
            io.out_left = out_step;
            status = rs_gzip_decoder_run(decoder, &io, err);
            rs_strbuf_append_bytes(out, room, out_step - io.out_left);
        }
        ok = status == RS_DECODE_INPUT;
        assert_true(!ok || io.in_left == 0);
        given += step;
    }
    rs_mem_free(room);
    return ok && rs_gzip_decoder_at_end(decoder);
}

static void assert_bytes(struct rs_str got, const void *want, size_t count)
{
    assert_int_equal(got.length, count);
    assert_true(count == 0 || memcmp(got.data, want, count) == 0);
}

static void test_gzip__round_trips_at_every_level_and_step(void **state)
{
    (void)state;
    static const struct {
        int level;
        size_t in_step;
        size_t out_step;
    } cases[] = {{-5, 1 << 20, 1 << 20}, {0, 4096, 1 << 16}, {1, 1, 1 << 16},
                 {6, 1 << 20, 1},        {9, 7, 13},         {6, 65536, 65536},
                 {99, 100000, 3000}};
    char *text = scratch_rows(PLAIN_BYTES);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
        struct rs_strbuf packed = compress(text, PLAIN_BYTES, cases[i].level);
        struct rs_strbuf out = RS_STRBUF_INIT(PLAIN_BYTES);
        assert_true(decompress(decoder, packed.data, packed.length, cases[i].in_step,
                               cases[i].out_step, &out, &err));
        assert_bytes(rs_strbuf_str(&out), text, PLAIN_BYTES);
        rs_gzip_decoder_free(decoder);
        rs_strbuf_release(&out);
        rs_strbuf_release(&packed);
    }
    rs_mem_free(text);
}

static void test_gzip__bytes_do_not_depend_on_how_they_were_written(void **state)
{
    (void)state;
    char *text = scratch_rows(PLAIN_BYTES);
    uint64_t random = 42;
    for (int level = 1; level <= 9; level += 4) {
        struct rs_error err = {0};
        struct rs_strbuf want = compress(text, PLAIN_BYTES, level);
        struct rs_gzip_encoder *encoder = rs_gzip_encoder_new(level);
        for (size_t round = 0; round < 3; round++) {
            struct memory_sink memory = memory_sink_make();
            struct rs_sink *sink = rs_gzip_encoder_begin(encoder, &memory.sink);
            for (size_t given = 0; given < PLAIN_BYTES;) {
                size_t step = scratch_random(&random) % (round == 0 ? 50 : 90000);
                step = step < PLAIN_BYTES - given ? step : PLAIN_BYTES - given;
                assert_true(sink->write(sink, text + given, step, &err));
                given += step;
            }
            assert_true(rs_gzip_encoder_finish(encoder, &err));
            assert_bytes(rs_strbuf_str(&memory.bytes), want.data, want.length);
            rs_strbuf_release(&memory.bytes);
        }
        rs_gzip_encoder_free(encoder);
        rs_strbuf_release(&want);
    }
    rs_mem_free(text);
}

static void test_gzip__header_holds_neither_time_nor_name(void **state)
{
    (void)state;
    struct rs_strbuf packed = compress("hello\n", 6, 6);
    static const unsigned char header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    assert_memory_equal(packed.data, header, sizeof header);
    rs_strbuf_release(&packed);
}

static void test_gzip__hands_on_large_pieces(void **state)
{
    (void)state;
    struct rs_error err = {0};
    char *text = scratch_rows(4 << 20);
    struct memory_sink memory = memory_sink_make();
    struct rs_gzip_encoder *encoder = rs_gzip_encoder_new(1);
    struct rs_sink *sink = rs_gzip_encoder_begin(encoder, &memory.sink);
    for (size_t i = 0; i < 4 << 20; i += 1024) {
        assert_true(sink->write(sink, text + i, 1024, &err));
    }
    assert_true(rs_gzip_encoder_finish(encoder, &err));
    assert_true(memory.writes > 2);
    assert_true(memory.smallest_but_last >= 128 << 10);
    rs_gzip_encoder_free(encoder);
    rs_strbuf_release(&memory.bytes);
    rs_mem_free(text);
}

static void test_gzip__a_failing_sink_ends_the_member_and_the_encoder_begins_again(void **state)
{
    (void)state;
    char *text = scratch_rows(4 << 20);
    struct rs_gzip_encoder *encoder = rs_gzip_encoder_new(1);
    for (size_t fail_after = 0; fail_after < 3; fail_after++) {
        struct rs_error err = {0};
        struct memory_sink memory = memory_sink_make();
        memory.fail_after = fail_after;
        struct rs_sink *sink = rs_gzip_encoder_begin(encoder, &memory.sink);
        assert_false(sink->write(sink, text, 4 << 20, &err) &&
                     rs_gzip_encoder_finish(encoder, &err));
        assert_string_equal(err.message, "could not write \"memory\": full");
        rs_strbuf_release(&memory.bytes);
    }
    struct rs_error err = {0};
    struct memory_sink memory = memory_sink_make();
    struct rs_sink *sink = rs_gzip_encoder_begin(encoder, &memory.sink);
    assert_true(sink->write(sink, text, 1000, &err));
    assert_true(rs_gzip_encoder_finish(encoder, &err));
    struct rs_strbuf want = compress(text, 1000, 1);
    assert_bytes(rs_strbuf_str(&memory.bytes), want.data, want.length);
    rs_strbuf_release(&want);
    rs_strbuf_release(&memory.bytes);
    rs_gzip_encoder_free(encoder);
    rs_mem_free(text);
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
            struct rs_strbuf one = compress("one\n", 4, 6);
            struct rs_strbuf two = compress("", 0, 6);
            rs_strbuf_append_str(&one, rs_strbuf_str(&two));
            for (size_t z = 0; z < cases[i].zeros; z++) {
                rs_strbuf_append_char(&one, '\0');
            }
            struct rs_strbuf three = compress("three\n", 6, 6);
            rs_strbuf_append_str(&one, rs_strbuf_str(&three));
            for (size_t z = 0; z < cases[i].zeros; z++) {
                rs_strbuf_append_char(&one, '\0');
            }
            rs_strbuf_append_bytes(&one, cases[i].tail, cases[i].tail_bytes);
            struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
            bool ok = decompress(decoder, one.data, one.length, step, 100, &out, &err);
            if (ok != cases[i].ok) {
                fail_msg("%s: %d, %s", cases[i].label, ok, err.message);
            }
            assert_string_equal(rs_strbuf_cstr(&out), "one\nthree\n");
            rs_gzip_decoder_free(decoder);
            rs_strbuf_release(&three);
            rs_strbuf_release(&two);
            rs_strbuf_release(&one);
            rs_strbuf_release(&out);
        }
    }
}

static void test_gzip__data_cut_anywhere_but_between_members_is_not_whole(void **state)
{
    (void)state;
    char *text = scratch_rows(3000);
    struct rs_strbuf packed = compress(text, 3000, 6);
    size_t first = packed.length;
    struct rs_strbuf second = compress(text, 100, 6);
    rs_strbuf_append_str(&packed, rs_strbuf_str(&second));
    for (size_t cut = 0; cut <= packed.length; cut++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(4000);
        struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
        bool whole = decompress(decoder, packed.data, cut, 1000, 1000, &out, &err);
        assert_int_equal(err.code, RS_OK);
        assert_int_equal(whole, cut == first || cut == packed.length);
        rs_gzip_decoder_free(decoder);
        rs_strbuf_release(&out);
    }
    rs_strbuf_release(&second);
    rs_strbuf_release(&packed);
    rs_mem_free(text);
}

static void test_gzip__a_changed_bit_never_gives_other_data(void **state)
{
    (void)state;
    char *text = scratch_rows(300);
    struct rs_strbuf packed = compress(text, 300, 6);
    for (size_t bit = 0; bit < packed.length * 8; bit++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
        struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        bool ok = decompress(decoder, packed.data, packed.length, 1 << 20, 1000, &out, &err);
        /* Some bits carry nothing: the time, or what fills up the last byte before the trailer. */
        if (ok && (out.length != 300 || memcmp(out.data, text, 300) != 0)) {
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        }
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        rs_gzip_decoder_free(decoder);
        rs_strbuf_release(&out);
    }
    rs_strbuf_release(&packed);
    rs_mem_free(text);
}

static void test_gzip__says_where_and_why_data_is_damaged(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(1000);
    struct rs_strbuf packed = compress("hello\n", 6, 6);
    struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
    packed.data[packed.length - 6] ^= 1;
    assert_false(decompress(decoder, packed.data, packed.length, 1000, 1000, &out, &err));
    assert_int_equal(err.code, RS_E_INPUT);
    assert_string_equal(err.message, "the gzip data is damaged at byte 22: incorrect data check");
    assert_true(err.hint[0] != '\0');
    rs_gzip_decoder_free(decoder);
    decoder = rs_gzip_decoder_new();
    rs_error_clear(&err);
    assert_false(decompress(decoder, "plain text", 10, 1000, 1000, &out, &err));
    assert_string_equal(err.message, "the gzip data is damaged at byte 2: incorrect header check");
    rs_gzip_decoder_free(decoder);
    rs_strbuf_release(&packed);
    rs_strbuf_release(&out);
}

static void test_gzip__nothing_at_all_is_not_whole(void **state)
{
    (void)state;
    struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
    assert_false(rs_gzip_decoder_at_end(decoder));
    rs_gzip_decoder_free(decoder);
    rs_gzip_decoder_free(NULL);
    rs_gzip_encoder_free(NULL);
    assert_true(strlen(rs_gzip_library_version()) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip__round_trips_at_every_level_and_step),
        cmocka_unit_test(test_gzip__bytes_do_not_depend_on_how_they_were_written),
        cmocka_unit_test(test_gzip__header_holds_neither_time_nor_name),
        cmocka_unit_test(test_gzip__hands_on_large_pieces),
        cmocka_unit_test(test_gzip__a_failing_sink_ends_the_member_and_the_encoder_begins_again),
        cmocka_unit_test(test_gzip__members_may_follow_each_other_with_zeros_between),
        cmocka_unit_test(test_gzip__data_cut_anywhere_but_between_members_is_not_whole),
        cmocka_unit_test(test_gzip__a_changed_bit_never_gives_other_data),
        cmocka_unit_test(test_gzip__says_where_and_why_data_is_damaged),
        cmocka_unit_test(test_gzip__nothing_at_all_is_not_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
