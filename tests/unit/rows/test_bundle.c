/* Bundles: complete or not there, and never in place of what was there. */
#include "rows/bundle.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"
#include "unit.h"

static size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    assert_int_equal(closedir(dir), 0);
    return count;
}

static void fill(struct rs_bundle *bundle)
{
    struct rs_error err = {0};
    assert_true(rs_bundle_make_dir(bundle, "tracks", &err));
    assert_true(rs_bundle_make_dir(bundle, "tracks", &err));
    assert_true(rs_bundle_write(bundle, "schema.json", RS_STR("{}"), &err));
    assert_true(rs_bundle_write(bundle, "tracks/part", RS_STR(""), &err));
    assert_false(rs_bundle_write(bundle, "schema.json", RS_STR("{}"), &err));
    assert_int_equal(err.code, RS_E_IO);
    char *path = rs_bundle_path(bundle, "tracks/part");
    assert_int_equal(access(path, R_OK), 0);
    rs_mem_free(path);
}

static void test_bundle__a_commit_gives_it_its_name(void **state)
{
    static const char *const names[] = {"out", "out/", "out//", "empty", "empty/"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        struct rs_error err = {0};
        struct rs_strbuf text = RS_STRBUF_INIT(100);
        struct scratch scratch = scratch_make();
        struct stat info = {0};
        scratch_mkdir(&scratch, "empty");
        struct rs_bundle *bundle = rs_bundle_open(scratch_path(&scratch, names[i]), &err);
        assert_non_null(bundle);
        fill(bundle);
        assert_int_equal(count_entries(scratch_path(&scratch, "empty")), 0);
        assert_int_not_equal(access(scratch_path(&scratch, "out"), F_OK), 0);
        assert_true(rs_bundle_commit(bundle, &err));
        rs_bundle_free(bundle);
        assert_int_equal(count_entries(scratch.dir), i < 3 ? 2 : 1);
        const char *dir = i < 3 ? "out" : "empty";
        assert_int_equal(count_entries(scratch_path(&scratch, dir)), 2);
        assert_int_equal(stat(scratch_path(&scratch, dir), &info), 0);
        mode_t mask = umask(0);
        (void)umask(mask);
        assert_int_equal(info.st_mode & 0777, 0777 & ~mask);
        assert_true(rs_fs_read_file(
            scratch_path(&scratch, i < 3 ? "out/schema.json" : "empty/schema.json"), &text, &err));
        assert_string_equal(rs_strbuf_cstr(&text), "{}");
        rs_strbuf_release(&text);
        scratch_remove(&scratch);
    }
}

static void test_bundle__without_a_commit_nothing_is_left(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct rs_bundle *bundle = rs_bundle_open(scratch_path(&scratch, "out"), &err);
    assert_non_null(bundle);
    fill(bundle);
    assert_int_equal(count_entries(scratch.dir), 1);
    rs_bundle_free(bundle);
    assert_int_equal(count_entries(scratch.dir), 0);
    rs_bundle_free(NULL);
    scratch_remove(&scratch);
}

static void test_bundle__what_is_there_is_not_touched(void **state)
{
    static const struct {
        const char *name;
        const char *says;
    } cases[] = {{"full", "the folder is not empty"},
                 {"hidden", "the folder is not empty"},
                 {"file", "Not a directory"}};
    (void)state;
    struct scratch scratch = scratch_make();
    scratch_write(&scratch, "full/a", "a", 1);
    scratch_write(&scratch, "hidden/.a", "a", 1);
    scratch_write(&scratch, "file", "a", 1);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        assert_null(rs_bundle_open(scratch_path(&scratch, cases[i].name), &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_int_equal(count_entries(scratch.dir), 3);
    }
    struct rs_error err = {0};
    assert_null(rs_bundle_open(scratch_path(&scratch, "no/such/folder"), &err));
    assert_int_equal(err.code, RS_E_IO);
    assert_true(err.hint[0] != '\0');
    scratch_remove(&scratch);
}

/* Somebody put something there while the bundle was made. */
static void test_bundle__a_commit_does_not_replace_what_came_meanwhile(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct scratch scratch = scratch_make();
    struct rs_bundle *bundle = rs_bundle_open(scratch_path(&scratch, "out"), &err);
    assert_non_null(bundle);
    fill(bundle);
    scratch_write(&scratch, "out/mine", "a", 1);
    assert_false(rs_bundle_commit(bundle, &err));
    assert_int_equal(err.code, RS_E_IO);
    rs_bundle_free(bundle);
    assert_int_equal(count_entries(scratch.dir), 1);
    assert_int_equal(access(scratch_path(&scratch, "out/mine"), F_OK), 0);
    scratch_remove(&scratch);
}

/* What a child does with a bundle that it has begun, before it ends. */
static void hold(struct rs_bundle *bundle, int ready)
{
    (void)bundle;
    (void)!write(ready, "r", 1);
    (void)pause();
}

static void find_no_memory(struct rs_bundle *bundle, int ready)
{
    (void)bundle;
    (void)ready;
    (void)close(STDERR_FILENO);
    rs_mem_free(
        rs_mem_resize(NULL, SIZE_MAX, 2)); /* no allocator is asked, a sanitizer's neither */
}

/* A child that has begun a bundle at that name below the folder, and is at work now or ended. */
static pid_t begin_in_child(struct scratch *scratch, const char *name,
                            void (*work)(struct rs_bundle *bundle, int ready))
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rs_error err = {0};
        (void)close(ends[0]);
        struct rs_bundle *bundle = rs_bundle_open(scratch_path(scratch, name), &err);
        if (bundle && rs_bundle_make_dir(bundle, "tracks", &err) &&
            rs_bundle_write(bundle, "tracks/part", RS_STR("1,2\n"), &err)) {
            work(bundle, ends[1]);
        }
        _exit(9);
    }
    (void)close(ends[1]);
    (void)!read(ends[0], &byte, 1);
    (void)close(ends[0]);
    return child;
}

static void test_bundle__what_a_dead_process_left_goes_and_what_a_live_one_makes_stays(void **state)
{
    static const char *const names[] = {"out", "empty"};
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        struct rs_error err = {0};
        struct scratch scratch = scratch_make();
        size_t swept = 0;
        bool inside = i == 1;
        scratch_mkdir(&scratch, "empty");
        scratch_write(&scratch, "out.partial-mine", "a", 1);
        scratch_write(&scratch, "out.partial-ABC123/tracks/part", "a", 1); /* not of a process */
        pid_t child = begin_in_child(&scratch, names[i], hold);
        assert_int_equal(count_entries(scratch.dir), inside ? 3 : 4);
        assert_int_equal(rs_bundle_check(scratch_path(&scratch, names[i]), &swept, &err), !inside);
        assert_int_equal(swept, 0);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        rs_error_clear(&err);
        assert_int_equal(count_entries(scratch.dir), inside ? 3 : 4);
        assert_true(rs_bundle_check(scratch_path(&scratch, names[i]), &swept, &err));
        assert_int_equal(swept, 1);
        assert_int_equal(count_entries(scratch.dir), 3);
        struct rs_bundle *bundle = rs_bundle_open(scratch_path(&scratch, names[i]), &err);
        assert_non_null(bundle);
        rs_bundle_free(bundle);
        scratch_remove(&scratch);
    }
}

static void test_bundle__without_memory_nothing_is_left(void **state)
{
    (void)state;
    int status = 0;
    struct scratch scratch = scratch_make();
    pid_t child = begin_in_child(&scratch, "out", find_no_memory);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(count_entries(scratch.dir), 0);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bundle__a_commit_gives_it_its_name),
        cmocka_unit_test(test_bundle__without_a_commit_nothing_is_left),
        cmocka_unit_test(test_bundle__what_is_there_is_not_touched),
        cmocka_unit_test(test_bundle__a_commit_does_not_replace_what_came_meanwhile),
        cmocka_unit_test(
            test_bundle__what_a_dead_process_left_goes_and_what_a_live_one_makes_stays),
        cmocka_unit_test(test_bundle__without_memory_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
