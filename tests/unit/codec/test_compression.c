/* Both forms: what goes in comes out, and data that is not whole is never taken for whole. */
#include "codec/gzip.h"
#include "codec/zst.h"
#include "compressed.h"
#include "unit.h"

enum { PLAIN_BYTES = 700 << 10 };

/* A test's state: the form that it is about. */
struct form {
    struct rs_encoder *(*encoder_new)(int level);
    struct rs_decoder *(*decoder_new)(void);
    const char *(*library_version)(void);
    int levels[7]; /* to make a round trip at */
    int least;     /* of the levels, 4 apart, to write in pieces at */
};

static struct form gzip = {.encoder_new = rs_gzip_encoder_new,
                           .decoder_new = rs_gzip_decoder_new,
                           .library_version = rs_gzip_library_version,
                           .levels = {-5, 0, 1, 6, 9, 6, 99},
                           .least = 1};
static struct form zstd = {.encoder_new = rs_zst_encoder_new,
                           .decoder_new = rs_zst_decoder_new,
                           .library_version = rs_zst_library_version,
                           .levels = {-5, 1, 3, 1, 9, 0, 19},
                           .least = -3};

static void assert_bytes(struct rs_str got, const void *want, size_t count)
{
    assert_int_equal(got.length, count);
    assert_true(count == 0 || memcmp(got.data, want, count) == 0);
}

static void test_compression__round_trips_at_every_level_and_step(void **state)
{
    const struct form *form = *state;
    static const struct {
        size_t in_step;
        size_t out_step;
    } cases[RS_COUNTOF(form->levels)] = {{1 << 20, 1 << 20}, {4096, 1 << 16}, {1, 1 << 16},
                                         {1 << 20, 1},       {7, 13},         {65536, 65536},
                                         {100000, 3000}};
    char *text = scratch_rows(PLAIN_BYTES);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf packed = compress(form->encoder_new(form->levels[i]), text, PLAIN_BYTES);
        struct rs_strbuf out = RS_STRBUF_INIT(PLAIN_BYTES);
        assert_true(decompress(form->decoder_new(), rs_strbuf_str(&packed), cases[i].in_step,
                               cases[i].out_step, &out, &err));
        assert_bytes(rs_strbuf_str(&out), text, PLAIN_BYTES);
        rs_strbuf_release(&out);
        rs_strbuf_release(&packed);
    }
    rs_mem_free(text);
}

static void test_compression__bytes_do_not_depend_on_writes(void **state)
{
    const struct form *form = *state;
    char *text = scratch_rows(PLAIN_BYTES);
    uint64_t random = 42;
    for (int level = form->least; level <= 9; level += 4) {
        struct rs_error err = {0};
        struct rs_strbuf want = compress(form->encoder_new(level), text, PLAIN_BYTES);
        struct rs_encoder *encoder = form->encoder_new(level);
        for (size_t round = 0; round < 3; round++) {
            struct memory_sink memory = memory_sink_make();
            struct rs_sink *sink = encoder->begin(encoder, &memory.sink);
            for (size_t given = 0; given < PLAIN_BYTES;) {
                size_t step = scratch_random(&random) % (round == 0 ? 50 : 90000);
                step = step < PLAIN_BYTES - given ? step : PLAIN_BYTES - given;
                assert_true(sink->write(sink, text + given, step, &err));
                given += step;
            }
            assert_true(encoder->finish(encoder, &err));
            assert_bytes(rs_strbuf_str(&memory.bytes), want.data, want.length);
            rs_strbuf_release(&memory.bytes);
        }
        rs_encoder_free(encoder);
        rs_strbuf_release(&want);
    }
    rs_mem_free(text);
}

static void test_compression__hands_on_large_pieces(void **state)
{
    const struct form *form = *state;
    struct rs_error err = {0};
    char *text = scratch_rows(4 << 20);
    struct memory_sink memory = memory_sink_make();
    struct rs_encoder *encoder = form->encoder_new(1);
    struct rs_sink *sink = encoder->begin(encoder, &memory.sink);
    for (size_t i = 0; i < 4 << 20; i += 1024) {
        assert_true(sink->write(sink, text + i, 1024, &err));
    }
    assert_true(encoder->finish(encoder, &err));
    assert_true(memory.writes > 2);
    assert_true(memory.smallest_but_last >= 128 << 10);
    rs_encoder_free(encoder);
    rs_strbuf_release(&memory.bytes);
    rs_mem_free(text);
}

static void test_compression__a_failing_sink_ends_the_frame(void **state)
{
    const struct form *form = *state;
    char *text = scratch_rows(4 << 20);
    struct rs_encoder *encoder = form->encoder_new(1);
    for (size_t fail_after = 0; fail_after < 3; fail_after++) {
        struct rs_error err = {0};
        struct memory_sink memory = memory_sink_make();
        memory.fail_after = fail_after;
        struct rs_sink *sink = encoder->begin(encoder, &memory.sink);
        assert_false(sink->write(sink, text, 4 << 20, &err) && encoder->finish(encoder, &err));
        assert_string_equal(err.message, "could not write \"memory\": full");
        rs_strbuf_release(&memory.bytes);
    }
    struct rs_error err = {0};
    struct memory_sink memory = memory_sink_make();
    struct rs_sink *sink = encoder->begin(encoder, &memory.sink);
    assert_true(sink->write(sink, text, 1000, &err));
    assert_true(encoder->finish(encoder, &err));
    struct rs_strbuf want = compress(form->encoder_new(1), text, 1000);
    assert_bytes(rs_strbuf_str(&memory.bytes), want.data, want.length);
    rs_strbuf_release(&want);
    rs_strbuf_release(&memory.bytes);
    rs_encoder_free(encoder);
    rs_mem_free(text);
}

static void test_compression__data_cut_but_between_frames_is_not_whole(void **state)
{
    const struct form *form = *state;
    char *text = scratch_rows(3000);
    struct rs_strbuf packed = compress(form->encoder_new(6), text, 3000);
    size_t first = packed.length;
    struct rs_strbuf second = compress(form->encoder_new(6), text, 100);
    rs_strbuf_append_str(&packed, rs_strbuf_str(&second));
    for (size_t cut = 0; cut <= packed.length; cut++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(4000);
        bool whole = decompress(form->decoder_new(), (struct rs_str){packed.data, cut}, 1000, 1000,
                                &out, &err);
        assert_int_equal(err.code, RS_OK);
        assert_int_equal(whole, cut == first || cut == packed.length);
        rs_strbuf_release(&out);
    }
    rs_strbuf_release(&second);
    rs_strbuf_release(&packed);
    rs_mem_free(text);
}

static void test_compression__a_changed_bit_never_gives_other_data(void **state)
{
    const struct form *form = *state;
    char *text = scratch_rows(300);
    struct rs_strbuf packed = compress(form->encoder_new(6), text, 300);
    for (size_t bit = 0; bit < packed.length * 8; bit++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        bool ok =
            decompress(form->decoder_new(), rs_strbuf_str(&packed), 1 << 20, 1000, &out, &err);
        /* Some bits carry nothing: the time, or what fills up the last byte before the trailer. */
        if (ok && (out.length != 300 || memcmp(out.data, text, 300) != 0)) {
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        }
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        rs_strbuf_release(&out);
    }
    rs_strbuf_release(&packed);
    rs_mem_free(text);
}

static void test_compression__nothing_at_all_is_not_whole(void **state)
{
    const struct form *form = *state;
    struct rs_decoder *decoder = form->decoder_new();
    assert_false(decoder->at_end(decoder));
    rs_decoder_free(decoder);
    rs_decoder_free(NULL);
    rs_encoder_free(NULL);
    assert_true(strlen(form->library_version()) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_compression__round_trips_at_every_level_and_step, &gzip),
        cmocka_unit_test_prestate(test_compression__bytes_do_not_depend_on_writes, &gzip),
        cmocka_unit_test_prestate(test_compression__hands_on_large_pieces, &gzip),
        cmocka_unit_test_prestate(test_compression__a_failing_sink_ends_the_frame, &gzip),
        cmocka_unit_test_prestate(test_compression__data_cut_but_between_frames_is_not_whole,
                                  &gzip),
        cmocka_unit_test_prestate(test_compression__a_changed_bit_never_gives_other_data, &gzip),
        cmocka_unit_test_prestate(test_compression__nothing_at_all_is_not_whole, &gzip),
        cmocka_unit_test_prestate(test_compression__round_trips_at_every_level_and_step, &zstd),
        cmocka_unit_test_prestate(test_compression__bytes_do_not_depend_on_writes, &zstd),
        cmocka_unit_test_prestate(test_compression__hands_on_large_pieces, &zstd),
        cmocka_unit_test_prestate(test_compression__a_failing_sink_ends_the_frame, &zstd),
        cmocka_unit_test_prestate(test_compression__data_cut_but_between_frames_is_not_whole,
                                  &zstd),
        cmocka_unit_test_prestate(test_compression__a_changed_bit_never_gives_other_data, &zstd),
        cmocka_unit_test_prestate(test_compression__nothing_at_all_is_not_whole, &zstd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
