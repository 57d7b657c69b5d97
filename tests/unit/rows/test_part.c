/* Files of rows: what is written is what a decompressor reads, file after file. */
#include "rows/part.h"

#include "codec/gzip.h"
#include "codec/zst.h"
#include "scratch.h"
#include "unit.h"

/* Decompress all of stored; the result is to be freed. */
static char *decompress(enum rs_compression compression, struct rs_str stored, size_t room)
{
    struct rs_error err = {0};
    enum { SPARE = 64 }; /* a decoder wants room to find the end */
    char *out = rs_mem_alloc(room + SPARE);
    struct rs_decode_io io = {.in = (const unsigned char *)stored.data,
                              .in_left = stored.length,
                              .out = (unsigned char *)out,
                              .out_left = room + SPARE};
    if (compression == RS_COMPRESS_NONE) {
        assert_int_equal(stored.length, room);
        memcpy(out, room > 0 ? stored.data : "", room);
    } else {
        struct rs_decoder *decoder =
            compression == RS_COMPRESS_GZIP ? rs_gzip_decoder_new() : rs_zst_decoder_new();
        while (io.in_left > 0) {
            assert_int_not_equal(decoder->run(decoder, &io, &err), RS_DECODE_ERROR);
        }
        assert_int_equal(io.out_left, SPARE);
        assert_true(decoder->at_end(decoder));
        rs_decoder_free(decoder);
    }
    return out;
}

static void write_file(struct rs_part *part, const char *path, const char *rows, size_t count,
                       size_t step)
{
    struct rs_error err = {0};
    struct rs_sink *sink = rs_part_begin(part, path, &err);
    assert_non_null(sink);
    for (size_t done = 0; done < count; done += step) {
        size_t now = step > count - done ? count - done : step;
        assert_true(sink->write(sink, rows + done, now, &err));
    }
    assert_true(rs_part_finish(part, &err));
}

static void test_part__what_is_written_is_read_back(void **state)
{
    static const size_t counts[] = {0, 1, 100, 700000, 5};
    (void)state;
    struct scratch scratch = scratch_make();
    char *rows = scratch_rows(700000);
    for (enum rs_compression kind = RS_COMPRESS_ZSTD; kind <= RS_COMPRESS_NONE; kind++) {
        struct rs_part *part = rs_part_new(kind);
        for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
            struct rs_error err = {0};
            struct rs_strbuf stored = RS_STRBUF_INIT(1 << 24);
            struct rs_strbuf again = RS_STRBUF_INIT(1 << 24);
            const char *path = scratch_path(&scratch, "part");
            write_file(part, path, rows, counts[i], 1000);
            assert_true(rs_fs_read_file(path, &stored, &err));
            char *text = decompress(kind, rs_strbuf_str(&stored), counts[i]);
            assert_memory_equal(text, rows, counts[i]);
            assert_true(counts[i] < 1000 || kind == RS_COMPRESS_NONE ||
                        stored.length < counts[i] / 2);
            assert_int_equal(unlink(path), 0);
            write_file(part, path, rows, counts[i], 777); /* the cuts do not matter */
            assert_true(rs_fs_read_file(path, &again, &err));
            assert_true(rs_str_equal(rs_strbuf_str(&again), rs_strbuf_str(&stored)));
            assert_int_equal(unlink(path), 0);
            rs_mem_free(text);
            rs_strbuf_release(&stored);
            rs_strbuf_release(&again);
        }
        rs_part_free(part);
    }
    rs_part_free(NULL);
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_part__a_file_that_is_there_is_an_error(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    scratch_write(&scratch, "part", "mine", 4);
    for (enum rs_compression kind = RS_COMPRESS_ZSTD; kind <= RS_COMPRESS_NONE; kind++) {
        struct rs_error err = {0};
        struct rs_strbuf text = RS_STRBUF_INIT(100);
        struct rs_part *part = rs_part_new(kind);
        assert_null(rs_part_begin(part, scratch_path(&scratch, "part"), &err));
        assert_int_equal(err.code, RS_E_IO);
        rs_error_clear(&err);
        assert_null(rs_part_begin(part, scratch_path(&scratch, "no/part"), &err));
        rs_error_clear(&err);
        assert_true(rs_fs_read_file(scratch_path(&scratch, "part"), &text, &err));
        assert_string_equal(rs_strbuf_cstr(&text), "mine");
        write_file(part, scratch_path(&scratch, "other"), "a", 1, 1); /* it goes on */
        assert_int_equal(unlink(scratch_path(&scratch, "other")), 0);
        rs_part_free(part);
        rs_strbuf_release(&text);
    }
    scratch_remove(&scratch);
}

static void test_part__a_full_disk_is_an_error(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    struct scratch scratch = scratch_make();
    char *rows = scratch_rows(3 << 20);
    for (enum rs_compression kind = RS_COMPRESS_ZSTD; kind <= RS_COMPRESS_NONE; kind++) {
        struct rs_error err = {0};
        struct rs_part *part = rs_part_new(kind);
        struct rs_sink *sink = rs_part_begin(part, scratch_path(&scratch, "part"), &err);
        assert_non_null(sink);
        int full = open("/dev/full", O_WRONLY);
        int file = full - 1; /* opened just before */
        assert_true(full > 0 && dup2(full, file) == file);
        bool ok = sink->write(sink, rows, 3 << 20, &err);
        assert_false(rs_part_finish(part, &err) && ok);
        assert_int_equal(err.code, RS_E_IO);
        assert_int_equal(close(full), 0);
        rs_part_free(part);
        assert_int_equal(unlink(scratch_path(&scratch, "part")), 0);
    }
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_part__one_that_is_left_open_is_closed(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct rs_part *part = rs_part_new(RS_COMPRESS_ZSTD);
    assert_non_null(rs_part_begin(part, scratch_path(&scratch, "part"), &err));
    rs_part_free(part);
    assert_string_equal(rs_compression_suffix(RS_COMPRESS_ZSTD), ".zst");
    assert_string_equal(rs_compression_suffix(RS_COMPRESS_GZIP), ".gz");
    assert_string_equal(rs_compression_suffix(RS_COMPRESS_NONE), "");
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part__what_is_written_is_read_back),
        cmocka_unit_test(test_part__a_file_that_is_there_is_an_error),
        cmocka_unit_test(test_part__a_full_disk_is_an_error),
        cmocka_unit_test(test_part__one_that_is_left_open_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
