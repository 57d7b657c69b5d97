/* chunks: what is cut, whatever the bytes come from and however they arrive. */
#include <sys/wait.h>

#include "codec/gzip.h"
#include "codec/zst.h"
#include "compressed.h"
#include "read/chunks.h"
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

/* A cut where it stands in the input; parts of one that is too long are one. */
struct event {
    uint32_t kind;
    uint64_t line;
    uint64_t byte;
    uint64_t length;
};

struct events {
    struct event *items;
    size_t count;
    size_t capacity;
};

static void add_event(struct events *events, struct event event)
{
    events->items =
        rs_mem_grow(events->items, &events->capacity, events->count + 1, sizeof *events->items);
    events->items[events->count++] = event;
}

static void add_cuts(struct events *events, const struct rs_json_cut *cuts, size_t count,
                     uint64_t line, uint64_t byte)
{
    for (size_t i = 0; i < count; i++) {
        add_event(events, (struct event){cuts[i].kind, line + cuts[i].line, byte + cuts[i].offset,
                                         cuts[i].length});
    }
}

static void add_part(struct events *events, bool first, uint64_t line, uint64_t byte,
                     uint64_t length)
{
    if (first) {
        add_event(events, (struct event){RS_JSON_CUT_LONG, line, byte, 0});
    }
    events->items[events->count - 1].length += length;
}

/* What a text holds, given at once. */
static struct events expect(const char *text, size_t count)
{
    struct events events = {0};
    struct rs_json_cutter cutter = RS_JSON_CUTTER_INIT;
    struct rs_json_cuts cuts = {0};
    size_t at = count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    char *padded = rs_mem_zalloc(count + RS_JSON_CUT_PADDING, 1);
    uint64_t line = 1;
    memcpy(padded, text, count);
    do {
        bool was_long = cutter.is_long;
        enum rs_json_cut_status status = rs_json_cut(&cutter, padded + at, count - at, true, &cuts);
        add_cuts(&events, cuts.items, cuts.count, line, at);
        if (status == RS_JSON_CUT_PART) {
            add_part(&events, !was_long, line, at, cuts.used);
        }
        at += cuts.used;
        line += cuts.line_ends;
    } while (at < count || cutter.is_long);
    rs_json_cuts_release(&cuts);
    rs_mem_free(padded);
    return events;
}

static void assert_chunk(const struct rs_chunk *chunk, const char *text)
{
    static const char zeros[RS_CHUNK_PADDING];
    assert_memory_equal(chunk->text + chunk->length, zeros, sizeof zeros);
    assert_true(chunk->length == 0 || memcmp(chunk->text, text, chunk->length) == 0);
    assert_true(chunk->memory_bytes >= chunk->length + RS_CHUNK_PADDING);
    assert_true(chunk->memory_bytes <= chunk->length + chunk->length / 2 + 8192);
    for (size_t i = 1; i < chunk->cut_count; i++) { /* a row's number has 20 bits */
        const struct rs_json_cut *cut = &chunk->cuts[i];
        assert_true(cut->kind == RS_JSON_CUT_DAMAGED || cut->kind == RS_JSON_CUT_LONG ||
                    cut->offset + cut->length <= RS_JSON_CUT_CALL + RS_JSON_CUT_WINDOW);
    }
}

/* Read text from one kind of source and compare every event with what the text holds. */
static void check_source(struct scratch *scratch, enum source source, const char *text,
                         size_t count)
{
    struct rs_error err = {0};
    pid_t child = offer(scratch, source, text, count);
    char *path = rs_mem_strdup(scratch_path(scratch, source_names[source]));
    struct rs_input input = {.name = path, .is_stream = source == FROM_PIPE};
    struct rs_reader *reader = rs_reader_open(&input, NULL, &err);
    assert_non_null(reader);
    struct events want = expect(text, count);
    struct events got = {0};
    struct rs_chunk chunk = {0};
    enum rs_next next = RS_NEXT_END;
    size_t used = count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    uint64_t line = 1;
    uint32_t index = 0;
    while ((next = rs_reader_next(reader, &chunk, &err)) == RS_NEXT_ITEM) {
        assert_chunk(&chunk, text + used);
        assert_int_equal(chunk.index, index++);
        assert_int_equal(chunk.first_line, line);
        assert_int_equal(chunk.first_byte, used);
        if (chunk.kind == RS_CHUNK_PART) {
            add_part(&got, chunk.first_part, line, used, chunk.length);
        }
        add_cuts(&got, chunk.cuts, chunk.cut_count, line, used);
        used += chunk.length;
        line += rs_json_count_lines(chunk.text, chunk.length);
    }
    assert_int_equal(next, RS_NEXT_END);
    assert_int_equal(rs_reader_next(reader, &chunk, &err), RS_NEXT_END);
    assert_int_equal(used, count);
    assert_int_equal(got.count, want.count);
    for (size_t i = 0; i < want.count; i++) {
        assert_int_equal(got.items[i].kind, want.items[i].kind);
        assert_int_equal(got.items[i].line, want.items[i].line);
        assert_int_equal(got.items[i].byte, want.items[i].byte);
        assert_int_equal(got.items[i].length, want.items[i].length);
    }
    rs_mem_free(want.items);
    rs_mem_free(got.items);
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

static void test_chunks__small_inputs_of_all_shapes_are_one_chunk(void **state)
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
        RS_STR_INIT("a\tb\nc"),
        RS_STR_INIT("\n\n\nx\n\n"),
        RS_STR_INIT("\xef\xbb\xbf{}\n"),
        RS_STR_INIT("\xef\xbb"),
        RS_STR_INIT("\xef\xbb\xbf"),
        RS_STR_INIT("\xef\xbb\xbf\xef\xbb\xbf"),
        RS_STR_INIT("a\xef\xbb\xbf\n"),
        RS_STR_INIT("{\"a\":1}"),
        RS_STR_INIT("{\"a\":1}\r\n{}\n"),
        RS_STR_INIT("[{\"a\":1},{}]"),
        RS_STR_INIT("[{\"a\":1},\n"),
        RS_STR_INIT("\xef\xbb\xbf[\n {\n }\n]\n"),
        RS_STR_INIT("\x1e{}\n\x1e{}\n"),
    };
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        check(&scratch, cases[i].data, cases[i].length);
    }
    scratch_remove(&scratch);
}

/* Events of some hundred bytes up to total, with a text between them. */
static char *make_events(size_t total, const char *before, const char *between)
{
    enum { EVENT_MAX = 1000 };
    char *text = rs_mem_alloc(total + EVENT_MAX);
    size_t at = (size_t)snprintf(text, EVENT_MAX, "%s", before);
    for (size_t i = 0; at < total; i++) {
        at += (size_t)snprintf(text + at, EVENT_MAX, "{\"i\":%zu,\"x\":[{\"y\":\"%0*d}{\"}]}%s", i,
                               (int)(i * 7919 % 700), 0, between);
    }
    text[total] = '\0';
    return text;
}

static void test_chunks__events_are_whole_where_chunks_end(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"", "\n"}, {"[", ","}, {"[\n", ",\r\n"}, {"", ""}, {"\x1e", "\n\x1e"}, {"{\"a\":[", ",\n"},
    };
    enum { TOTAL = 3 * RS_CHUNK_BYTES + 5000 };
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < RS_COUNTOF(forms); i++) {
        char *text = make_events(TOTAL, forms[i][0], forms[i][1]);
        check(&scratch, text, TOTAL);
        for (size_t less = 0; less < 3; less++) {
            check_source(&scratch, FROM_FILE, text, RS_CHUNK_BYTES - less);
            check_source(&scratch, FROM_PIPE, text, RS_CHUNK_BYTES + less);
        }
        rs_mem_free(text);
    }
    scratch_remove(&scratch);
}

static void test_chunks__lines_of_nothing_come_to_no_event(void **state)
{
    (void)state;
    enum { TOTAL = 3 * RS_CHUNK_BYTES + 5000 };
    struct scratch scratch = scratch_make();
    char *text = rs_mem_alloc(TOTAL);
    memset(text, '\n', TOTAL);
    check(&scratch, text, TOTAL);
    memset(text, ' ', TOTAL);
    check_source(&scratch, FROM_FILE, text, TOTAL);
    rs_mem_free(text);
    scratch_remove(&scratch);
}

/* Bytes from begin on that are a value, or a line that is none. */
static void write_long(char *begin, size_t bytes, bool value)
{
    memset(begin, 'x', bytes);
    if (value) {
        memcpy(begin, "{\"x\":\"", 6);
        memcpy(begin + bytes - 2, "\"}", 2);
    }
}

static void test_chunks__an_event_of_the_maximum_is_one_and_one_more_byte_is_too_long(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        const char *after;
    } cases[] = {
        {RS_JSON_CUT_MAX - 1, "\nnext\n"},
        {RS_JSON_CUT_MAX, "\nnext\n"},
        {RS_JSON_CUT_MAX, "\r\n{}\n"},
        {RS_JSON_CUT_MAX, ""},
        {RS_JSON_CUT_MAX, " \n{}"},
        {RS_JSON_CUT_MAX + 1, "\n{}\n"},
        {RS_JSON_CUT_MAX + 1, "\r\nnext"},
        {RS_JSON_CUT_MAX + 1, ""},
        {RS_JSON_CUT_MAX + RS_CHUNK_BYTES, "{}\n"},
        {RS_JSON_CUT_MAX + 3 * RS_CHUNK_BYTES + 77, "\n{}\n\nlast"},
    };
    enum { TOTAL = RS_JSON_CUT_MAX + 4 * RS_CHUNK_BYTES };
    struct scratch scratch = scratch_make();
    char *text = rs_mem_alloc(TOTAL);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        static const char before[] = "{\"b\":1}\n";
        size_t skip = i % 2 ? sizeof before - 1 : 0;
        memcpy(text, before, sizeof before - 1);
        for (int value = 0; value < 2; value++) {
            write_long(text + skip, cases[i].bytes, value != 0);
            memcpy(text + skip + cases[i].bytes, cases[i].after, strlen(cases[i].after));
            size_t count = skip + cases[i].bytes + strlen(cases[i].after);
            check_source(&scratch, i % 3 ? FROM_FILE : FROM_PIPE, text, count);
        }
    }
    rs_mem_free(text);
    scratch_remove(&scratch);
}

static void test_chunks__two_long_lines_after_each_other_and_a_mark_before_them(void **state)
{
    (void)state;
    enum { LONG = RS_JSON_CUT_MAX + RS_CHUNK_BYTES / 2, TOTAL = 2 * LONG + 100 };
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

static void test_chunks__lines_of_all_lengths_come_out_whole(void **state)
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

static void test_chunks__a_small_file_takes_little_memory(void **state)
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

static void test_chunks__data_cut_short_is_an_error_once_and_for_all(void **state)
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

static void test_chunks__an_input_that_cannot_be_opened_gives_no_reader(void **state)
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
        cmocka_unit_test(test_chunks__small_inputs_of_all_shapes_are_one_chunk),
        cmocka_unit_test(test_chunks__events_are_whole_where_chunks_end),
        cmocka_unit_test(test_chunks__lines_of_nothing_come_to_no_event),
        cmocka_unit_test(test_chunks__an_event_of_the_maximum_is_one_and_one_more_byte_is_too_long),
        cmocka_unit_test(test_chunks__two_long_lines_after_each_other_and_a_mark_before_them),
        cmocka_unit_test(test_chunks__lines_of_all_lengths_come_out_whole),
        cmocka_unit_test(test_chunks__a_small_file_takes_little_memory),
        cmocka_unit_test(test_chunks__data_cut_short_is_an_error_once_and_for_all),
        cmocka_unit_test(test_chunks__an_input_that_cannot_be_opened_gives_no_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
