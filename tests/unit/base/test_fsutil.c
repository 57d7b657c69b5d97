/* fsutil: whole files, folders that come and go, links that are never followed. */
#include <sys/wait.h>

#include "scratch.h"
#include "unit.h"

static bool exists(struct scratch *scratch, const char *name)
{
    struct stat info = {0};
    return lstat(scratch_path(scratch, name), &info) == 0;
}

static void test_fsutil__reads_a_whole_file_up_to_the_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t bytes;
        size_t max;
        bool ok;
    } cases[] = {
        {"empty", 0, 0, true},
        {"one byte too many", 1, 0, false},
        {"exactly", 200000, 200000, true},
        {"over", 200001, 200000, false},
        {"room left", 70000, 1 << 20, true},
    };
    struct scratch scratch = scratch_make();
    char *rows = scratch_rows(300000);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_strbuf out = RS_STRBUF_INIT(cases[i].max);
        scratch_write(&scratch, "f", rows, cases[i].bytes);
        bool ok = rs_fs_read_file(scratch_path(&scratch, "f"), &out, &err);
        if (ok != cases[i].ok || (ok && out.length != cases[i].bytes) ||
            (ok && memcmp(rs_strbuf_cstr(&out), rows, out.length) != 0) ||
            (!ok && err.code != RS_E_LIMIT)) {
            fail_msg("%s: %s", cases[i].label, err.message);
        }
        rs_strbuf_release(&out);
    }
    rs_mem_free(rows);
    scratch_remove(&scratch);
}

static void test_fsutil__reads_standard_input_by_its_name(void **state)
{
    (void)state;
    int ends[2] = {-1, -1};
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    assert_int_equal(close(ends[1]), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    assert_int_equal(close(ends[0]), 0);
    assert_true(rs_fs_read_file("-", &out, &err));
    assert_string_equal(rs_strbuf_cstr(&out), "hello");
    rs_strbuf_release(&out);
    if (saved >= 0) {
        assert_true(dup2(saved, STDIN_FILENO) >= 0);
        assert_int_equal(close(saved), 0);
    }
}

/* Its writer may come when the reader waits already, and may be slow. */
static void test_fsutil__reads_a_pipe_whose_writer_comes_late(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    assert_int_equal(mkfifo(scratch_path(&scratch, "p"), 0600), 0);
    pid_t child = fork();
    if (child == 0) { /* open(2) returns when the reader is there */
        int fd = open(scratch_path(&scratch, "p"), O_WRONLY);
        _exit(write(fd, "late", 4) == 4 ? 0 : 1);
    }
    bool ok = rs_fs_read_file(scratch_path(&scratch, "p"), &out, &err);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(ok);
    assert_string_equal(rs_strbuf_cstr(&out), "late");
    assert_int_equal(status, 0);
    rs_strbuf_release(&out);
    scratch_remove(&scratch);
}

static void test_fsutil__errors_name_the_path_and_the_reason(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct rs_strbuf out = RS_STRBUF_INIT(100);
    assert_false(rs_fs_read_file("/nope/x", &out, &err));
    assert_string_equal(err.message, "could not read \"/nope/x\": No such file or directory");
    assert_int_equal(err.code, RS_E_IO);
    rs_error_clear(&err);
    assert_false(rs_fs_read_file("/", &out, &err));
    assert_string_equal(err.message, "could not read \"/\": Is a directory");
    rs_error_clear(&err);
    assert_false(rs_fs_make_dir("/nope/x", &err));
    assert_string_equal(err.message,
                        "could not make the folder \"/nope/x\": No such file or directory");
    rs_error_clear(&err);
    assert_int_equal(rs_fs_open_temp("/nope", &err), -1);
    assert_string_equal(err.message,
                        "could not make a temporary file in \"/nope\": No such file or directory");
    assert_true(err.hint[0] != '\0');
    rs_error_clear(&err);
    int full = open("/dev/full", O_WRONLY);
    if (full >= 0) {
        assert_false(rs_fs_write_all(full, "x", 1, "out.csv", &err));
        assert_string_equal(err.message, "could not write \"out.csv\": No space left on device");
        assert_true(err.hint[0] != '\0');
        assert_int_equal(close(full), 0);
    }
}

static void test_fsutil__writes_all_to_a_pipe_that_takes_it_in_small_parts(void **state)
{
    (void)state;
    enum { BYTES = 1 << 20 };
    int ends[2] = {-1, -1};
    char *rows = scratch_rows(BYTES);
    struct rs_error err = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        _exit(rs_fs_write_all(ends[1], rows, BYTES, "pipe", &err) ? 0 : 1);
    }
    assert_int_equal(close(ends[1]), 0);
    char piece[5000];
    size_t got = 0;
    ssize_t count = 0;
    while ((count = read(ends[0], piece, sizeof piece)) > 0) {
        assert_memory_equal(piece, rows + got, (size_t)count);
        got += (size_t)count;
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(got, BYTES);
    assert_int_equal(close(ends[0]), 0);
    rs_mem_free(rows);
}

static void test_fsutil__making_a_folder_that_is_there_is_fine_a_file_is_not(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    assert_true(rs_fs_make_dir(scratch_path(&scratch, "d"), &err));
    assert_true(rs_fs_make_dir(scratch_path(&scratch, "d"), &err));
    scratch_write(&scratch, "f", "1", 1);
    assert_false(rs_fs_make_dir(scratch_path(&scratch, "f"), &err));
    assert_non_null(strstr(err.message, "File exists"));
    scratch_remove(&scratch);
}

static void test_fsutil__removes_a_tree_and_never_what_links_point_to(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    scratch_write(&scratch, "keep/f", "1", 1);
    scratch_write(&scratch, "tree/a/b/c/d", "1", 1);
    scratch_write(&scratch, "tree/.hidden/x", "1", 1);
    scratch_mkdir(&scratch, "tree/empty");
    scratch_link(&scratch, "../keep", "tree/link");
    scratch_link(&scratch, "../../../keep", "tree/a/b/link");
    scratch_link(&scratch, "nowhere", "tree/dangling");
    scratch_link(&scratch, "keep", "link");
    assert_true(rs_fs_remove_tree(scratch_path(&scratch, "tree"), &err));
    assert_false(exists(&scratch, "tree"));
    assert_true(rs_fs_remove_tree(scratch_path(&scratch, "link/"), &err));
    assert_false(exists(&scratch, "link"));
    assert_true(exists(&scratch, "keep/f"));
    assert_true(rs_fs_remove_tree(scratch_path(&scratch, "keep/f"), &err));
    assert_true(rs_fs_remove_tree(scratch_path(&scratch, "keep/"), &err));
    assert_false(exists(&scratch, "keep"));
    assert_true(rs_fs_remove_tree(scratch_path(&scratch, "never/was"), &err));
    scratch_remove(&scratch);
}

static void test_fsutil__a_temporary_file_has_no_name_and_is_not_inherited(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct stat info = {0};
    char back[4] = "";
    int fd = rs_fs_open_temp(scratch.dir, &err);
    assert_true(fd >= 0);
    assert_int_equal(rmdir(scratch.dir), 0);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_nlink, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_true(rs_fs_write_all(fd, "abc", 3, "temporary file", &err));
    assert_int_equal(pread(fd, back, 3, 0), 3);
    assert_string_equal(back, "abc");
    assert_int_equal(close(fd), 0);
    fd = rs_fs_open_temp(NULL, &err);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    fd = rs_fs_open_temp("", &err);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static void test_fsutil__joins_with_one_slash(void **state)
{
    (void)state;
    static const struct {
        const char *dir;
        const char *name;
        const char *path;
    } cases[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}, {".", "", "./"},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        char *path = rs_fs_join(cases[i].dir, cases[i].name);
        assert_string_equal(path, cases[i].path);
        rs_mem_free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fsutil__reads_a_whole_file_up_to_the_maximum),
        cmocka_unit_test(test_fsutil__reads_standard_input_by_its_name),
        cmocka_unit_test(test_fsutil__reads_a_pipe_whose_writer_comes_late),
        cmocka_unit_test(test_fsutil__errors_name_the_path_and_the_reason),
        cmocka_unit_test(test_fsutil__writes_all_to_a_pipe_that_takes_it_in_small_parts),
        cmocka_unit_test(test_fsutil__making_a_folder_that_is_there_is_fine_a_file_is_not),
        cmocka_unit_test(test_fsutil__removes_a_tree_and_never_what_links_point_to),
        cmocka_unit_test(test_fsutil__a_temporary_file_has_no_name_and_is_not_inherited),
        cmocka_unit_test(test_fsutil__joins_with_one_slash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
