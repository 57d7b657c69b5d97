/* decompress: the form is told by the first bytes, and what was cut short is never whole. */
#include <sys/wait.h>

#include "codec/gzip.h"
#include "codec/zst.h"
#include "compressed.h"
#include "read/decompress.h"
#include "scratch.h"
#include "unit.h"

static struct rs_strbuf gzip(const void *text, size_t count)
{
    return compress(rs_gzip_encoder_new(6), text, count);
}

static struct rs_strbuf zstd(const void *text, size_t count)
{
    return compress(rs_zst_encoder_new(1), text, count);
}

/* Read an input to its end in pieces of step bytes. */
static bool read_input(const struct rs_input *input, const struct rs_env *env, size_t step,
                       struct rs_strbuf *out, struct rs_error *err)
{
    char *piece = rs_mem_alloc(step);
    struct rs_decompress *data = rs_decompress_open(input, env, err);
    bool ok = data != NULL;
    size_t count = 1;
    while (ok && count > 0) {
        ok = rs_decompress_read(data, piece, step, &count, err);
        rs_strbuf_append_bytes(out, piece, ok ? count : 0);
        /* Fewer than asked for means the end, and the end stays the end. */
        if (ok && count < step) {
            ok = rs_decompress_read(data, piece, step, &count, err);
            assert_int_equal(count, 0);
        }
    }
    rs_decompress_close(data);
    rs_mem_free(piece);
    return ok;
}

static bool read_file(struct scratch *scratch, const char *name, size_t step, struct rs_strbuf *out,
                      struct rs_error *err)
{
    char *path = rs_mem_strdup(scratch_path(scratch, name));
    struct rs_input input = {.name = path, .identity = path};
    bool ok = read_input(&input, NULL, step, out, err);
    rs_mem_free(path);
    return ok;
}

static void test_decompress__the_first_bytes_tell_the_form_and_the_name_does_not(void **state)
{
    (void)state;
    static const char *const names[] = {"a.ndjson", "a.ndjson.gz", "a.zst", "a"};
    static const size_t steps[] = {61, 400, 1000, 1 << 20};
    struct scratch scratch = scratch_make();
    char *rows = scratch_rows(300000);
    struct rs_strbuf forms[4] = {gzip(rows, 300000), zstd(rows, 300000), RS_STRBUF_INIT(1 << 20),
                                 RS_STRBUF_INIT(1 << 20)};
    rs_strbuf_append_bytes(&forms[2], rows, 300000);
    rs_strbuf_append_bytes(&forms[3], "\x5a\x2a\x4d\x18\x02\0\0\0hi", 10);
    rs_strbuf_append_str(&forms[3], rs_strbuf_str(&forms[1]));
    for (size_t f = 0; f < RS_COUNTOF(forms); f++) {
        for (size_t n = 0; n < RS_COUNTOF(names); n++) {
            struct rs_error err = {0};
            struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
            scratch_write(&scratch, names[n], forms[f].data, forms[f].length);
            assert_true(read_file(&scratch, names[n], steps[n], &out, &err));
            assert_int_equal(out.length, 300000);
            assert_memory_equal(out.data, rows, 300000);
            rs_strbuf_release(&out);
        }
        rs_strbuf_release(&forms[f]);
    }
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_decompress__short_inputs_are_plain_unless_they_begin_a_mark(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct rs_str bytes;
        const char *message; /* after the name; "" when it is plain */
    } cases[] = {
        {"a", RS_STR_INIT(""), ""},
        {"a", RS_STR_INIT("{"), ""},
        {"a", RS_STR_INIT("("), ""},
        {"a", RS_STR_INIT("P*M"), ""},
        {"a", RS_STR_INIT("\n\n\n"), ""},
        {"a.gz", RS_STR_INIT("abc"), ""},
        {"a.zst", RS_STR_INIT("{}\n"), ""},
        {"a.gz", RS_STR_INIT(""), "it is empty, not gzip data"},
        {"a.zst", RS_STR_INIT(""), "it is empty, not zstd data"},
        {"a", RS_STR_INIT("\x1f"), "the gzip data ends in the middle of a member"},
        {"a.gz", RS_STR_INIT("\x1f\x8b"), "the gzip data ends in the middle of a member"},
        {"a", RS_STR_INIT("\x28\xb5"), "the zstd data ends in the middle of a frame"},
        {"a", RS_STR_INIT("\x28\xb5\x2f"), "the zstd data ends in the middle of a frame"},
        {"a.zst", RS_STR_INIT("\x28"), "the zstd data ends in the middle of a frame"},
        {"a.zst", RS_STR_INIT("P*M"), "the zstd data ends in the middle of a frame"},
        {"a", RS_STR_INIT("\x28\xb5\x2f\xfd"), "the zstd data ends in the middle of a frame"},
        {"a", RS_STR_INIT("\x50\x2a\x4d\x18"), "the zstd data ends in the middle of a frame"},
    };
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(100);
        char want[1024] = "";
        scratch_write(&scratch, cases[i].name, cases[i].bytes.data, cases[i].bytes.length);
        bool plain = cases[i].message[0] == '\0';
        bool ok = read_file(&scratch, cases[i].name, 10, &out, &err);
        if (!plain) {
            (void)snprintf(want, sizeof want, "could not read \"%s\": %s",
                           scratch_path(&scratch, cases[i].name), cases[i].message);
        }
        if (ok != plain || strcmp(err.message, want) != 0 || (!plain && err.hint[0] == '\0') ||
            (plain && !rs_str_equal(rs_strbuf_str(&out), cases[i].bytes))) {
            fail_msg("case %zu: %d, %s", i, ok, err.message);
        }
        rs_strbuf_release(&out);
    }
    scratch_remove(&scratch);
}

static void test_decompress__a_file_cut_anywhere_is_an_error_that_names_it(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char *rows = scratch_rows(2000);
    struct rs_strbuf forms[2] = {gzip(rows, 2000), zstd(rows, 2000)};
    for (size_t f = 0; f < 2; f++) {
        size_t first = forms[f].length;
        struct rs_strbuf second = f == 0 ? gzip(rows, 50) : zstd(rows, 50);
        rs_strbuf_append_str(&forms[f], rs_strbuf_str(&second));
        for (size_t cut = 1; cut <= forms[f].length; cut++) {
            struct rs_error err = {0};
            struct rs_strbuf out = RS_STRBUF_INIT(4000);
            const char *name = f == 0 ? "x.gz" : "x.zst";
            scratch_write(&scratch, name, forms[f].data, cut);
            bool ok = read_file(&scratch, name, cut % 2 ? 1 << 16 : 100, &out, &err);
            assert_int_equal(ok, cut == first || cut == forms[f].length);
            if (!ok) {
                assert_int_equal(err.code, RS_E_INPUT);
                assert_non_null(strstr(err.message, name));
                assert_non_null(strstr(err.message, "ends in the middle of a"));
                assert_string_equal(err.hint, "the file was cut short; copy it again");
            }
            rs_strbuf_release(&out);
        }
        rs_strbuf_release(&second);
        rs_strbuf_release(&forms[f]);
    }
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_decompress__damage_is_an_error_that_names_the_input(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    struct rs_strbuf packed = gzip("hello\n", 6);
    char want[1024] = "";
    packed.data[packed.length - 8] ^= 1;
    scratch_write(&scratch, "x.gz", packed.data, packed.length);
    assert_false(read_file(&scratch, "x.gz", 10, &out, &err));
    (void)snprintf(want, sizeof want,
                   "could not read \"%s\": the gzip data is damaged at byte 22: "
                   "incorrect data check",
                   scratch_path(&scratch, "x.gz"));
    assert_string_equal(err.message, want);
    rs_strbuf_release(&packed);
    rs_strbuf_release(&out);
    scratch_remove(&scratch);
}

static void test_decompress__errors_of_the_system_name_the_input(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *message;
    } cases[] = {
        {"/nope", "could not read \"/nope\": No such file or directory"},
        {"/", "could not read \"/\": Is a directory"},
        {"/proc/self/mem", "could not read \"/proc/self/mem\": Input/output error"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(100);
        char *name = rs_mem_strdup(cases[i].name);
        struct rs_input input = {.name = name};
        assert_false(read_input(&input, NULL, 10, &out, &err));
        assert_int_equal(err.code, RS_E_INPUT);
        assert_string_equal(err.message, cases[i].message);
        rs_strbuf_release(&out);
        rs_mem_free(name);
    }
}

/* A child that writes bytes to fd in pieces of step, waiting now and then. */
static pid_t start_writer(int fd, int other_end, const void *bytes, size_t count, size_t step)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rs_error err = {0};
        (void)close(other_end);
        for (size_t given = 0; given < count; given += step) {
            size_t left = count - given;
            const char *next = (const char *)bytes + given;
            if (!rs_fs_write_all(fd, next, left < step ? left : step, "pipe", &err)) {
                _exit(1);
            }
            if (given % (step * 64) == 0) {
                struct timespec pause = {0, 1000000};
                (void)nanosleep(&pause, NULL);
            }
        }
        _exit(0);
    }
    return child;
}

static void wait_for(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_decompress__standard_input_may_come_in_drops_and_not_block(void **state)
{
    (void)state;
    char dash[] = "-";
    struct rs_input input = {.name = dash, .is_stdin = true, .is_stream = true};
    char *rows = scratch_rows(20000);
    int saved = dup(STDIN_FILENO);
    for (size_t f = 0; f < 3; f++) {
        int ends[2] = {-1, -1};
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
        struct rs_strbuf packed = f == 0 ? gzip(rows, 20000) : zstd(rows, 20000);
        assert_int_equal(pipe(ends), 0);
        pid_t child = f == 2 ? start_writer(ends[1], ends[0], rows, 20000, 7)
                             : start_writer(ends[1], ends[0], packed.data, packed.length, 3);
        assert_int_equal(close(ends[1]), 0);
        assert_int_equal(fcntl(ends[0], F_SETFL, f == 1 ? O_NONBLOCK : 0), 0);
        assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
        assert_int_equal(close(ends[0]), 0);
        assert_true(read_input(&input, NULL, 3000, &out, &err));
        assert_int_equal(out.length, 20000);
        assert_memory_equal(out.data, rows, 20000);
        assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0); /* stays open */
        wait_for(child);
        rs_strbuf_release(&packed);
        rs_strbuf_release(&out);
    }
    if (saved >= 0) {
        assert_true(dup2(saved, STDIN_FILENO) >= 0);
        assert_int_equal(close(saved), 0);
    }
    rs_mem_free(rows);
}

static void test_decompress__a_named_pipe_waits_for_its_writer(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(1 << 20);
    char *path = rs_mem_strdup(scratch_path(&scratch, "pipe"));
    struct rs_input input = {.name = path, .is_stream = true};
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        struct timespec pause = {0, 50000000};
        (void)nanosleep(&pause, NULL); /* the reader opens first */
        int fd = open(path, O_WRONLY);
        _exit(fd >= 0 && rs_fs_write_all(fd, "late\n", 5, path, &err) ? 0 : 1);
    }
    assert_true(read_input(&input, NULL, 100, &out, &err));
    assert_string_equal(rs_strbuf_cstr(&out), "late\n");
    wait_for(child);
    rs_strbuf_release(&out);
    rs_mem_free(path);
    scratch_remove(&scratch);
}

static bool interrupted_now(const struct rs_env *env)
{
    unsigned *asked = env->user;
    return ++*asked > 2;
}

static void test_decompress__a_signal_ends_the_wait_for_a_pipe(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    char *path = rs_mem_strdup(scratch_path(&scratch, "pipe"));
    struct rs_input input = {.name = path, .is_stream = true};
    unsigned asked = 0;
    struct rs_env env = {.interrupted = interrupted_now, .user = &asked};
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(read_input(&input, &env, 100, &out, &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    rs_strbuf_release(&out);
    rs_mem_free(path);
    scratch_remove(&scratch);
}

static void test_decompress__counts_stored_bytes_and_guesses_what_is_left(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    char *rows = scratch_rows(1 << 20);
    char piece[1000] = "";
    size_t count = 0;
    char *path = rs_mem_strdup(scratch_path(&scratch, "f"));
    struct rs_input input = {.name = path};
    scratch_write(&scratch, "f", rows, 1 << 20);
    struct rs_decompress *data = rs_decompress_open(&input, NULL, &err);
    assert_int_equal(rs_decompress_guess_left(data), 1 << 20);
    assert_true(rs_decompress_read(data, piece, 1000, &count, &err));
    assert_int_equal(rs_decompress_guess_left(data), (1 << 20) - 1000);
    assert_int_equal(rs_decompress_taken_bytes(data), 1000);
    rs_decompress_close(data);

    struct rs_strbuf packed = gzip(rows, 1 << 20);
    scratch_write(&scratch, "f", packed.data, packed.length);
    data = rs_decompress_open(&input, NULL, &err);
    assert_true(rs_decompress_guess_left(data) >= packed.length);
    while (rs_decompress_read(data, piece, 1000, &count, &err) && count > 0) {
        assert_true(rs_decompress_taken_bytes(data) <= packed.length);
    }
    assert_int_equal(rs_decompress_taken_bytes(data), packed.length);
    rs_decompress_close(data);
    rs_decompress_close(NULL);
    rs_strbuf_release(&packed);
    rs_mem_free(path);
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_decompress__a_file_that_grows_or_shrinks_is_read_to_its_end(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    char piece[100] = "";
    size_t count = 0;
    char *path = rs_mem_strdup(scratch_path(&scratch, "f"));
    struct rs_input input = {.name = path, .size_bytes = 10};
    scratch_write(&scratch, "f", "0123456789", 10);
    struct rs_decompress *data = rs_decompress_open(&input, NULL, &err);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "abcdef", 6), 6);
    assert_int_equal(close(fd), 0);
    assert_true(rs_decompress_read(data, piece, 12, &count, &err));
    assert_int_equal(count, 12);
    assert_true(rs_decompress_read(data, piece + 12, 80, &count, &err));
    assert_int_equal(count, 4);
    assert_string_equal(piece, "0123456789abcdef");
    rs_decompress_close(data);
    data = rs_decompress_open(&input, NULL, &err);
    assert_int_equal(truncate(path, 6), 0);
    assert_true(rs_decompress_read(data, piece, 80, &count, &err));
    assert_int_equal(count, 6);
    rs_decompress_close(data);
    rs_mem_free(path);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decompress__the_first_bytes_tell_the_form_and_the_name_does_not),
        cmocka_unit_test(test_decompress__short_inputs_are_plain_unless_they_begin_a_mark),
        cmocka_unit_test(test_decompress__a_file_cut_anywhere_is_an_error_that_names_it),
        cmocka_unit_test(test_decompress__damage_is_an_error_that_names_the_input),
        cmocka_unit_test(test_decompress__errors_of_the_system_name_the_input),
        cmocka_unit_test(test_decompress__standard_input_may_come_in_drops_and_not_block),
        cmocka_unit_test(test_decompress__a_named_pipe_waits_for_its_writer),
        cmocka_unit_test(test_decompress__a_signal_ends_the_wait_for_a_pipe),
        cmocka_unit_test(test_decompress__counts_stored_bytes_and_guesses_what_is_left),
        cmocka_unit_test(test_decompress__a_file_that_grows_or_shrinks_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
