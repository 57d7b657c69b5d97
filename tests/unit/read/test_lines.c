/* lines: where chunks are cut, whatever the bytes come from and however they arrive. */
#include <sys/wait.h>

#include "codec/gzip.h"
#include "codec/zst.h"
#include "compressed.h"
#include "read/lines.h"
#include "scratch.h"
#include "unit.h"

enum source { FROM_FILE, FROM_GZIP, FROM_ZSTD, FROM_PIPE, SOURCES };

static const char *const source_names[SOURCES] = {"f.ndjson", "f.gz", "f.zst", "pipe"};

/* The same text from a file, plain or compressed, or from a child that writes into a pipe. */
static pid_t offer(struct scratch *scratch, enum source source, const char *text, size_t count)
{
    struct rs_error err = {0};
    const char *name = source_names[source];
    if (source == FROM_FILE) {
        scratch_write(scratch, name, text, count);
    } else if (source != FROM_PIPE) {
        struct rs_strbuf packed = compress(
            source == FROM_GZIP ? rs_gzip_encoder_new(1) : rs_zst_encoder_new(-5), text, count);
        scratch_write(scratch, name, packed.data, packed.length);
        rs_strbuf_release(&packed);
    } else {
        (void)unlink(scratch_path(scratch, name));
        assert_int_equal(mkfifo(scratch_path(scratch, name), 0600), 0);
        pid_t child = fork();
        if (child == 0) {
            int fd = open(scratch_path(scratch, name), O_WRONLY);
            _exit(fd >= 0 && rs_fs_write_all(fd, text, count, name, &err) ? 0 : 1);
        }
        return child;
    }
    return 0;
}

/* What the header promises of the chunk that begins with these bytes. */
static struct rs_chunk expect(const char *rest, size_t left, bool in_long_line)
{
    struct rs_chunk want = {.kind = in_long_line ? RS_CHUNK_LONG_LINE : RS_CHUNK_LINES};
    if (!in_long_line && left < RS_CHUNK_BYTES) {
        want.length = left;
        return want;
    }
    if (!in_long_line) {
        for (size_t i = RS_CHUNK_BYTES; i > 0; i--) {
            if (rest[i - 1] == '\n') {
                want.length = i;
                return want;
            }
        }
    }
    const char *line_end = left > 0 ? memchr(rest, '\n', left) : NULL;
    size_t line = line_end ? (size_t)(line_end - rest) : left;
    size_t whole = line + (line_end ? 1 : 0);
    size_t bytes = line - (line_end && line > 0 && rest[line - 1] == '\r' ? 1 : 0);
    if (!in_long_line && bytes <= RS_LINE_MAX) {
        want.length = whole;
        return want;
    }
    size_t room = in_long_line ? RS_CHUNK_BYTES : RS_LINE_MAX + 2;
    want.kind = RS_CHUNK_LONG_LINE;
    want.first_piece = !in_long_line;
    want.last_piece = line_end ? whole <= room : left < room;
    want.length = whole < room ? whole : room;
    return want;
}

static void assert_chunk(const struct rs_chunk *got, const struct rs_chunk *want, const char *rest)
{
    static const char zeros[RS_CHUNK_PADDING];
    assert_int_equal(got->kind, want->kind);
    assert_int_equal(got->length, want->length);
    assert_true(got->length == 0 || memcmp(got->text, rest, got->length) == 0);
    assert_memory_equal(got->text + got->length, zeros, sizeof zeros);
    assert_int_equal(got->first_piece, want->first_piece);
    assert_int_equal(got->last_piece, want->last_piece);
    assert_true(got->memory_bytes >= got->length + RS_CHUNK_PADDING);
    assert_true(got->memory_bytes <= got->length + got->length / 2 + 8192);
}

/* Read text from one kind of source and compare every chunk with what was promised. */
static void check_source(struct scratch *scratch, enum source source, const char *text,
                         size_t count)
{
    struct rs_error err = {0};
    pid_t child = offer(scratch, source, text, count);
    char *path = rs_mem_strdup(scratch_path(scratch, source_names[source]));
    struct rs_input input = {.name = path, .is_stream = source == FROM_PIPE};
    struct rs_reader *reader = rs_reader_open(&input, NULL, &err);
    assert_non_null(reader);
    struct rs_chunk chunk = {0};
    enum rs_next next = RS_NEXT_END;
    size_t used = count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t line_begin = used;
    uint64_t line = 1;
    uint32_t index = 0;
    bool in_long_line = false;
    while ((next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
        struct rs_chunk want = expect(text + used, count - used, in_long_line);
        assert_chunk(&chunk, &want, text + used);
        assert_int_equal(chunk.index, index++);
        assert_int_equal(chunk.first_line, line);
        uint32_t lines = 0;
        size_t offset = 0;
        struct rs_str one = {0};
        while (chunk.kind == RS_CHUNK_LINES && rs_chunk_next_line(&chunk, &offset, &one)) {
            lines++;
            line++;
        }
        used += chunk.length;
        if (chunk.kind == RS_CHUNK_LINES) {
            assert_int_equal(chunk.line_count, lines);
            line_begin = used;
        } else if (chunk.last_piece) {
            size_t bytes = used - line_begin;
            bool ends = text[used - 1] == '\n';
            bytes -= ends ? text[used - 2] == '\r' ? 2 : 1 : 0;
            assert_int_equal(chunk.line_bytes, bytes);
            line++;
            line_begin = used;
        }
        in_long_line = chunk.kind == RS_CHUNK_LONG_LINE && !chunk.last_piece;
        rs_chunk_release(&chunk);
        assert_null(chunk.text);
    }
    assert_int_equal(next, RS_NEXT_END);
    assert_int_equal(rs_reader_next(reader, &chunk, &err), RS_NEXT_END);
    assert_int_equal(used, count);
    rs_reader_close(reader);
    rs_mem_free(path);
    int status = 0;
    assert_true(child == 0 || (waitpid(child, &status, 0) == child && status == 0));
}

static void check(struct scratch *scratch, const char *text, size_t count)
{
    for (enum source source = FROM_FILE; source < SOURCES; source++) {
        check_source(scratch, source, text, count);
    }
}

static void test_lines__small_inputs_of_all_shapes_are_one_chunk(void **state)
{
    (void)state;
    static const struct rs_str cases[] = {
        RS_STR_INIT(""),
        RS_STR_INIT("\n"),
        RS_STR_INIT("a"),
        RS_STR_INIT("a\n"),
        RS_STR_INIT("a\nb"),
        RS_STR_INIT("a\r\nb\r\n"),
        RS_STR_INIT("\r\n\r\n"),
        RS_STR_INIT("\r"),
        RS_STR_INIT("a\r"),
        RS_STR_INIT("a\0b\nc"),
        RS_STR_INIT("\n\n\nx\n\n"),
        RS_STR_INIT("\xef\xbb\xbf{}\n"),
        RS_STR_INIT("\xef\xbb"),
        RS_STR_INIT("\xef\xbb\xbf"),
        RS_STR_INIT("\xef\xbb\xbf\xef\xbb\xbf"),
        RS_STR_INIT("a\xef\xbb\xbf\n"),
    };
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        check(&scratch, cases[i].data, cases[i].length);
    }
    scratch_remove(&scratch);
}

static void test_lines__a_line_is_without_its_line_end(void **state)
{
    (void)state;
    char text[] = "one\ntwo\r\n\n\r\n\rfive\r\r\nsix\r";
    static const char *const lines[] = {"one", "two", "", "", "\rfive\r", "six\r"};
    struct rs_chunk chunk = {.text = text, .length = sizeof text - 1};
    struct rs_str line = {0};
    size_t offset = 0;
    for (size_t i = 0; i < RS_COUNTOF(lines); i++) {
        assert_true(rs_chunk_next_line(&chunk, &offset, &line));
        assert_true(rs_str_equal(line, rs_str_from(lines[i])));
    }
    assert_false(rs_chunk_next_line(&chunk, &offset, &line));
    assert_false(rs_chunk_next_line(&chunk, &offset, &line));
}

static void test_lines__chunks_end_at_the_last_line_end_that_fits(void **state)
{
    (void)state;
    static const size_t around[] = {0, 1, 2, 100, RS_CHUNK_BYTES / 3};
    enum { TOTAL = 3 * RS_CHUNK_BYTES + 5000 };
    struct scratch scratch = scratch_make();
    char *text = scratch_rows(TOTAL);
    check(&scratch, text, TOTAL);
    /* A line end as the last byte that fits, just after it, or well before it. */
    for (size_t i = 0; i < RS_COUNTOF(around); i++) {
        memset(text, 'x', TOTAL);
        text[RS_CHUNK_BYTES - 1 - around[i]] = '\n';
        text[2 * RS_CHUNK_BYTES - 1] = '\n';
        check_source(&scratch, FROM_FILE, text, TOTAL);
        check_source(&scratch, FROM_FILE, text, RS_CHUNK_BYTES);
        check_source(&scratch, FROM_ZSTD, text, RS_CHUNK_BYTES + 1);
        check_source(&scratch, FROM_PIPE, text, RS_CHUNK_BYTES + 1);
        check_source(&scratch, FROM_FILE, text, RS_CHUNK_BYTES - 1);
        memset(text, 'x', TOTAL);
        text[RS_CHUNK_BYTES + around[i]] = '\n';
        check_source(&scratch, FROM_FILE, text, TOTAL);
        check_source(&scratch, FROM_GZIP, text, RS_CHUNK_BYTES + around[i] + 1);
    }
    memset(text, '\n', TOTAL);
    check(&scratch, text, TOTAL);
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__a_line_of_the_maximum_is_a_line_and_one_more_byte_is_too_long(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t bytes;
        const char *after;
        size_t after_bytes;
    } cases[] = {
        {"the maximum, LF", RS_LINE_MAX, "\nnext\n", 6},
        {"the maximum, CR LF", RS_LINE_MAX, "\r\nnext\n", 7},
        {"the maximum, end", RS_LINE_MAX, "", 0},
        {"the maximum and CR, end", RS_LINE_MAX, "\r", 1},
        {"the maximum and CR, more", RS_LINE_MAX, "\rx\nnext\n", 8},
        {"one over, LF", RS_LINE_MAX + 1, "\nnext\n", 6},
        {"one over, CR LF", RS_LINE_MAX + 1, "\r\nnext\n", 7},
        {"one over, end", RS_LINE_MAX + 1, "", 0},
        {"two over, LF", RS_LINE_MAX + 2, "\nnext", 5},
        {"two over, end", RS_LINE_MAX + 2, "", 0},
        {"two over, CR LF", RS_LINE_MAX + 2, "\r\nnext", 6},
        {"a piece over, LF", RS_LINE_MAX + 2 + RS_CHUNK_BYTES, "\nnext\n", 6},
        {"a piece over, CR LF", RS_LINE_MAX + 1 + RS_CHUNK_BYTES, "\r\nnext\n", 7},
        {"a piece over, end", RS_LINE_MAX + 2 + RS_CHUNK_BYTES, "", 0},
        {"pieces over", RS_LINE_MAX + 3 * RS_CHUNK_BYTES + 77, "\nnext\n\nlast", 11},
        {"one below", RS_LINE_MAX - 1, "\nnext\n", 6},
    };
    enum { TOTAL = RS_LINE_MAX + 4 * RS_CHUNK_BYTES };
    struct scratch scratch = scratch_make();
    char *text = rs_mem_alloc(TOTAL);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        static const char before[] = "before\r\n";
        size_t skip = i % 2 ? sizeof before - 1 : 0;
        memcpy(text, before, sizeof before - 1);
        memset(text + skip, 'x', TOTAL - skip);
        memcpy(text + skip + cases[i].bytes, cases[i].after, cases[i].after_bytes);
        size_t count = skip + cases[i].bytes + cases[i].after_bytes;
        check_source(&scratch, i % 3 ? FROM_FILE : FROM_PIPE, text, count);
        check_source(&scratch, FROM_ZSTD, text, count);
    }
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__two_long_lines_after_each_other_and_a_mark_before_them(void **state)
{
    (void)state;
    enum { LONG = RS_LINE_MAX + RS_CHUNK_BYTES / 2, TOTAL = 2 * LONG + 100 };
    struct scratch scratch = scratch_make();
    char *text = rs_mem_alloc(TOTAL);
    memset(text, 'x', TOTAL);
    memcpy(text, "\xef\xbb\xbf", 3);
    text[LONG] = '\n';
    text[LONG + LONG] = '\n';
    text[LONG + LONG + 1] = '\n';
    check_source(&scratch, FROM_FILE, text, TOTAL);
    check_source(&scratch, FROM_ZSTD, text, TOTAL);
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__lines_of_all_lengths_come_out_whole(void **state)
{
    (void)state;
    enum { TOTAL = 24 << 20 };
    struct scratch scratch = scratch_make();
    char *text = rs_mem_alloc(TOTAL);
    uint64_t random = 7;
    memset(text, 'y', TOTAL);
    for (size_t at = 0; at < TOTAL;) {
        uint64_t kind = scratch_random(&random) % 100;
        size_t spread = kind < 40 ? 3 : kind < 80 ? 2000 : kind < 97 ? 400000 : 6000000;
        text[at] = '\n';
        if (at > 0 && kind % 2) {
            text[at - 1] = '\r';
        }
        at += 1 + scratch_random(&random) % spread;
    }
    check(&scratch, text, TOTAL);
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__a_small_file_takes_little_memory(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char *text = scratch_rows(200000);
    static const size_t sizes[] = {1, 10, 2000, 5000, 70000, 200000};
    for (size_t i = 0; i < RS_COUNTOF(sizes); i++) {
        for (enum source source = FROM_FILE; source <= FROM_ZSTD; source++) {
            struct rs_error err = {0};
            struct rs_chunk chunk = {0};
            (void)offer(&scratch, source, text, sizes[i]);
            char *path = rs_mem_strdup(scratch_path(&scratch, source_names[source]));
            struct rs_input input = {.name = path};
            struct rs_reader *reader = rs_reader_open(&input, NULL, &err);
            assert_int_equal(rs_reader_next(reader, &chunk, &err), RS_NEXT_ITEM);
            assert_true(chunk.memory_bytes <= sizes[i] + sizes[i] / 3 + 4096 + RS_CHUNK_PADDING);
            if (source == FROM_FILE) {
                assert_true(chunk.memory_bytes <= sizes[i] + RS_CHUNK_PADDING + 4);
                assert_int_equal(rs_reader_consumed_bytes(reader), sizes[i]);
            }
            rs_reader_close(reader);
            assert_int_equal(chunk.text[0], text[0]); /* outlives its reader */
            rs_chunk_release(&chunk);
            rs_mem_free(path);
        }
    }
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__data_cut_short_is_an_error_once_and_for_all(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char *text = scratch_rows(3 * RS_CHUNK_BYTES);
    for (enum source source = FROM_GZIP; source <= FROM_ZSTD; source++) {
        struct stat info = {0};
        (void)offer(&scratch, source, text, 2 * RS_CHUNK_BYTES);
        char *path = rs_mem_strdup(scratch_path(&scratch, source_names[source]));
        assert_int_equal(stat(path, &info), 0);
        for (off_t cut = 1; cut < 60000; cut = cut * 3 + 1) {
            struct rs_error err = {0};
            struct rs_chunk chunk = {0};
            enum rs_next next = RS_NEXT_ERROR;
            assert_int_equal(truncate(path, info.st_size - cut), 0);
            struct rs_input input = {.name = path};
            struct rs_reader *reader = rs_reader_open(&input, NULL, &err);
            while ((next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
                rs_chunk_release(&chunk);
            }
            assert_int_equal(next, RS_NEXT_ERROR);
            assert_non_null(strstr(err.message, "ends in the middle of a"));
            rs_error_clear(&err);
            assert_int_equal(rs_reader_next(reader, &chunk, &err), RS_NEXT_ERROR);
            assert_int_equal(err.code, RS_E_INPUT);
            rs_reader_close(reader);
            (void)offer(&scratch, source, text, 2 * RS_CHUNK_BYTES);
        }
        rs_mem_free(path);
    }
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_lines__an_input_that_cannot_be_opened_gives_no_reader(void **state)
{
    (void)state;
    struct rs_error err = {0};
    char name[] = "/nope/x";
    struct rs_input input = {.name = name};
    assert_null(rs_reader_open(&input, NULL, &err));
    assert_string_equal(err.message, "could not read \"/nope/x\": No such file or directory");
    rs_reader_close(NULL);
    struct rs_chunk none = {0};
    rs_chunk_release(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__small_inputs_of_all_shapes_are_one_chunk),
        cmocka_unit_test(test_lines__a_line_is_without_its_line_end),
        cmocka_unit_test(test_lines__chunks_end_at_the_last_line_end_that_fits),
        cmocka_unit_test(test_lines__a_line_of_the_maximum_is_a_line_and_one_more_byte_is_too_long),
        cmocka_unit_test(test_lines__two_long_lines_after_each_other_and_a_mark_before_them),
        cmocka_unit_test(test_lines__lines_of_all_lengths_come_out_whole),
        cmocka_unit_test(test_lines__a_small_file_takes_little_memory),
        cmocka_unit_test(test_lines__data_cut_short_is_an_error_once_and_for_all),
        cmocka_unit_test(test_lines__an_input_that_cannot_be_opened_gives_no_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
