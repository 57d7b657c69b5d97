/* source: which inputs operands stand for, in which order, and what is said of bad ones. */
#include <sys/resource.h>
#include <utime.h>

#include "read/source.h"
#include "scratch.h"
#include "unit.h"

enum { OPERANDS_MAX = 4 };

/* List operands that are names below the scratch folder ("-" and what begins with / as it is). */
static bool list_with(struct scratch *scratch, const char *const *names,
                      const struct rs_input_options *options, struct rs_input_list *list,
                      struct rs_error *err)
{
    char *operands[OPERANDS_MAX] = {NULL};
    size_t count = 0;
    for (; count < OPERANDS_MAX && names[count]; count++) {
        bool as_it_is = strcmp(names[count], "-") == 0 || names[count][0] == '/';
        operands[count] =
            rs_mem_strdup(as_it_is ? names[count] : scratch_path(scratch, names[count]));
    }
    *list = RS_INPUT_LIST_INIT;
    bool ok = rs_source_add_all(list, options, operands, count, err);
    for (size_t i = 0; i < count; i++) {
        rs_mem_free(operands[i]);
    }
    return ok;
}

static bool list_days(struct scratch *scratch, const char *const *names, struct rs_days days,
                      struct rs_input_list *list, struct rs_error *err)
{
    const struct rs_input_options options = {.days = days};
    return list_with(scratch, names, &options, list, err);
}

static bool list_in(struct scratch *scratch, const char *const *names, struct rs_input_list *list,
                    struct rs_error *err)
{
    return list_days(scratch, names, (struct rs_days){0}, list, err);
}

/* All names, without the scratch folder, one a line. */
static struct rs_strbuf names_of(const struct scratch *scratch, const struct rs_input_list *list)
{
    struct rs_strbuf names = RS_STRBUF_INIT(1 << 20);
    size_t skip = strlen(scratch->dir) + 1;
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->items[i].name;
        bool below = strncmp(name, scratch->dir, skip - 1) == 0;
        rs_strbuf_append(&names, below ? name + skip : name);
        rs_strbuf_append(&names, "\n");
    }
    return names;
}

static void make_tree(struct scratch *scratch)
{
    static const char *const files[] = {
        "in/b.ndjson",       "in/a.ndjson",    "in/a/z.ndjson", "in/a/B.txt", "in/a.d/x",
        "in/.hidden",        "in/.git/config", "in/\xc3\xa9",   "in/Z",       "in/9",
        "in/a/deep/er/f.gz", "other.ndjson",   ".dotted/x",
    };
    for (size_t i = 0; i < RS_COUNTOF(files); i++) {
        scratch_write(scratch, files[i], "{}\n", 3);
    }
    scratch_mkdir(scratch, "empty");
}

static void test_source__folders_are_listed_in_byte_order_and_operands_in_theirs(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *operands[OPERANDS_MAX];
        const char *names;
        size_t hidden;
    } cases[] = {
        {"a folder",
         {"in"},
         "in/9\nin/Z\nin/a/B.txt\nin/a/deep/er/f.gz\nin/a/z.ndjson\nin/a.d/x\nin/a.ndjson\n"
         "in/b.ndjson\nin/\xc3\xa9\n",
         2},
        {"a slash at the end", {"in/a/deep/"}, "in/a/deep/er/f.gz\n", 0},
        {"files", {"other.ndjson", "in/Z", "in/9"}, "other.ndjson\nin/Z\nin/9\n", 0},
        {"the same file twice", {"in/Z", "in/../in/Z", "in/Z"}, "in/Z\n", 0},
        {"a file before its folder",
         {"in/a/z.ndjson", "in/a"},
         "in/a/z.ndjson\nin/a/B.txt\nin/a/deep/er/f.gz\n",
         0},
        {"a folder below before the one above",
         {"in/a/deep", "in/a"},
         "in/a/deep/er/f.gz\nin/a/B.txt\nin/a/z.ndjson\n",
         0},
        {"an empty folder", {"empty"}, "", 0},
        {"a dotted folder that is named", {".dotted"}, ".dotted/x\n", 0},
        {"a dotted file that is named", {"in/.hidden"}, "in/.hidden\n", 0},
        {"standard input among files", {"in/Z", "-", "in/9"}, "in/Z\n-\nin/9\n", 0},
        {"nothing", {NULL}, "", 0},
    };
    struct scratch scratch = scratch_make();
    make_tree(&scratch);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        assert_true(list_in(&scratch, cases[i].operands, &list, &err));
        struct rs_strbuf names = names_of(&scratch, &list);
        if (strcmp(rs_strbuf_cstr(&names), cases[i].names) != 0 ||
            list.skipped_hidden != cases[i].hidden) {
            fail_msg("%s: %s", cases[i].label, rs_strbuf_cstr(&names));
        }
        rs_strbuf_release(&names);
        rs_input_list_release(&list);
    }
    scratch_remove(&scratch);
}

static void test_source__an_input_knows_its_size_time_and_real_path(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    scratch_write(&scratch, "in/a", "12345", 5);
    scratch_link(&scratch, "in/a", "link");
    struct utimbuf times = {1700000000, 1700000001};
    assert_int_equal(utime(scratch_path(&scratch, "in/a"), &times), 0);
    assert_true(list_in(&scratch, (const char *const[]){"link", NULL}, &list, &err));
    char *real = realpath(scratch_path(&scratch, "in/a"), NULL);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].name, scratch_path(&scratch, "link"));
    assert_string_equal(list.items[0].identity, real);
    assert_int_equal(list.items[0].size_bytes, 5);
    assert_string_equal(list.items[0].version, "1700000001000000000");
    assert_false(list.items[0].is_stdin || list.items[0].is_stream);
    assert_int_equal(rs_input_list_total_bytes(&list, NULL), 5);
    rs_input_list_release(&list);
    free(real);

    /* Below a folder the identity is put together; it must be what realpath says. */
    assert_true(list_in(&scratch, (const char *const[]){"in", NULL}, &list, &err));
    real = realpath(scratch_path(&scratch, "in/a"), NULL);
    assert_string_equal(list.items[0].identity, real);
    rs_input_list_release(&list);
    free(real);
    scratch_remove(&scratch);
}

static void test_source__links_are_followed_and_loops_end(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    scratch_write(&scratch, "in/sub/a", "1", 1);
    scratch_write(&scratch, "out/b", "2", 1);
    scratch_link(&scratch, "..", "in/sub/parent");
    scratch_link(&scratch, ".", "in/sub/self");
    scratch_link(&scratch, "../../out", "in/sub/there");
    scratch_link(&scratch, "../out/b", "in/to_b");
    scratch_link(&scratch, "sub", "in/zsub");
    assert_true(list_in(&scratch, (const char *const[]){"in", "in/zsub", NULL}, &list, &err));
    struct rs_strbuf names = names_of(&scratch, &list);
    assert_string_equal(rs_strbuf_cstr(&names), "in/sub/a\nin/sub/there/b\n");
    rs_strbuf_release(&names);
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__what_cannot_be_read_is_one_clear_error(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *operands[OPERANDS_MAX];
        enum rs_code code;
        const char *name;
        const char *reason;
    } cases[] = {
        {"a missing file", {"ok", "nope"}, RS_E_INPUT, "nope", "No such file or directory"},
        {"a file as a folder", {"ok/x"}, RS_E_INPUT, "ok/x", "Not a directory"},
        {"a dangling link", {"dangling"}, RS_E_INPUT, "dangling", "No such file or directory"},
        {"a dangling link alone in a folder",
         {"in"},
         RS_E_INPUT,
         "in/gone",
         "No such file or directory"},
        {"a link to itself", {"circle"}, RS_E_INPUT, "circle", "Too many levels of symbolic links"},
    };
    struct scratch scratch = scratch_make();
    scratch_write(&scratch, "ok", "1", 1);
    scratch_mkdir(&scratch, "in");
    scratch_link(&scratch, "nowhere", "dangling");
    scratch_link(&scratch, "nowhere", "in/gone");
    scratch_link(&scratch, "circle", "circle");
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        char want[1024] = "";
        assert_false(list_in(&scratch, cases[i].operands, &list, &err));
        (void)snprintf(want, sizeof want, "could not read \"%s/%s\": %s", scratch.dir,
                       cases[i].name, cases[i].reason);
        if (err.code != cases[i].code || strcmp(err.message, want) != 0 || err.hint[0] == '\0') {
            fail_msg("%s: %s", cases[i].label, err.message);
        }
        rs_input_list_release(&list);
    }
    scratch_remove(&scratch);
}

/* Root may read everything, so a test of permissions becomes somebody else for a while. */
static void test_source__what_must_not_be_read_fails_alone_when_it_is_opened(void **state)
{
    (void)state;
    static const char *const names[] = {"in/a", "in", "closed", "pipe", "closed/x"};
    struct scratch scratch = scratch_make();
    bool root = geteuid() == 0;
    scratch_write(&scratch, "ok", "1", 1);
    scratch_write(&scratch, "in/a", "1", 1);
    scratch_mkdir(&scratch, "closed");
    assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0), 0);
    assert_int_equal(chmod(scratch_path(&scratch, "in/a"), 0), 0);
    assert_int_equal(chmod(scratch_path(&scratch, "closed"), 0), 0);
    assert_int_equal(chmod(scratch.dir, 0755), 0);
    assert_true(!root || seteuid(65534) == 0);
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        struct rs_error err = {0};
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        assert_true(list_in(&scratch, (const char *const[]){"ok", names[i], NULL}, &list, &err));
        assert_int_equal(list.count, 2);
        struct rs_bytes *bytes = rs_source_open(&list.items[1], NULL, &err);
        if (bytes || !rs_input_failed_alone(&err) || !strstr(err.message, "Permission denied")) {
            fail_msg("%s: %s", names[i], err.message);
        }
        rs_error_clear(&err);
        bytes = rs_source_open(&list.items[0], NULL, &err);
        assert_non_null(bytes);
        bytes->close(bytes);
        rs_input_list_release(&list);
    }
    struct rs_error alone = {0};
    struct rs_input_list nothing = RS_INPUT_LIST_INIT;
    assert_false(list_in(&scratch, (const char *const[]){"closed", NULL}, &nothing, &alone));
    assert_non_null(strstr(alone.message, "Permission denied"));
    rs_input_list_release(&nothing);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(chmod(scratch_path(&scratch, "closed"), 0700), 0);
    scratch_remove(&scratch);
}

/* A process that has no descriptor left could read nothing else either. */
static void test_source__a_limit_of_the_process_is_no_fault_of_an_input(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    struct rlimit limit = {0};
    scratch_write(&scratch, "a", "1", 1);
    assert_true(list_in(&scratch, (const char *const[]){"a", NULL}, &list, &err));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int next = dup(STDERR_FILENO);
    assert_true(next >= 0);
    const struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = limit.rlim_max};
    assert_int_equal(close(next), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct rs_bytes *bytes = rs_source_open(&list.items[0], NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_null(bytes);
    assert_non_null(strstr(err.message, "Too many open files"));
    assert_false(rs_input_failed_alone(&err));
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__what_is_below_a_folder_and_cannot_be_read_is_listed_too(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    scratch_write(&scratch, "in/b", "1", 1);
    scratch_link(&scratch, "nowhere", "in/gone");
    assert_true(list_in(&scratch, (const char *const[]){"in", NULL}, &list, &err));
    struct rs_strbuf names = names_of(&scratch, &list);
    assert_string_equal(rs_strbuf_cstr(&names), "in/b\nin/gone\n");
    assert_null(rs_source_open(&list.items[1], NULL, &err));
    assert_true(rs_input_failed_alone(&err));
    rs_strbuf_release(&names);
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__patterns_leave_out_files_folders_and_parts_of_paths(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *operands[OPERANDS_MAX];
        const char *names;
        size_t excluded;
    } cases[] = {
        {"*.ndjson",
         {"in"},
         "in/9\nin/Z\nin/a/B.txt\nin/a/deep/er/f.gz\nin/a.d/x\nin/\xc3\xa9\n",
         3},
        {"deep", {"in/a"}, "in/a/B.txt\nin/a/z.ndjson\n", 1},
        {"deep/er", {"in/a"}, "in/a/B.txt\nin/a/z.ndjson\n", 1},
        {"deep/*.gz", {"in/a"}, "in/a/B.txt\nin/a/z.ndjson\n", 1},
        {"a", {"in/a/deep", "in/a.d"}, "in/a/deep/er/f.gz\nin/a.d/x\n", 0},
        {"[0-9Z]", {"in/Z", "in/9", "in/b.ndjson"}, "in/b.ndjson\n", 2},
        {"in/*", {"in/Z", "other.ndjson"}, "in/Z\nother.ndjson\n", 0},
        {"*", {"in"}, "", 7},
    };
    struct scratch scratch = scratch_make();
    make_tree(&scratch);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        const struct rs_input_options options = {.excludes = &cases[i].pattern, .exclude_count = 1};
        assert_true(list_with(&scratch, cases[i].operands, &options, &list, &err));
        struct rs_strbuf names = names_of(&scratch, &list);
        if (strcmp(rs_strbuf_cstr(&names), cases[i].names) != 0 ||
            list.skipped_excluded != cases[i].excluded) {
            fail_msg("%s: %zu, %s", cases[i].pattern, list.skipped_excluded,
                     rs_strbuf_cstr(&names));
        }
        rs_strbuf_release(&names);
        rs_input_list_release(&list);
    }
    scratch_remove(&scratch);
}

static void test_source__standard_input_can_be_named_once(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    assert_true(list_in(&scratch, (const char *const[]){"-", NULL}, &list, &err));
    assert_true(list.items[0].is_stdin && list.items[0].is_stream);
    assert_null(list.items[0].identity);
    assert_int_equal(rs_input_list_total_bytes(&list, NULL), 0);
    rs_input_list_release(&list);
    assert_false(list_in(&scratch, (const char *const[]){"-", "-", NULL}, &list, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_non_null(strstr(err.message, "twice"));
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__pipes_and_devices_are_streams_when_named_and_left_out_below(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    scratch_write(&scratch, "in/a", "1", 1);
    assert_int_equal(mkfifo(scratch_path(&scratch, "in/pipe"), 0600), 0);
    assert_true(list_in(&scratch,
                        (const char *const[]){"in/pipe", "in/../in/pipe", "/dev/null", NULL}, &list,
                        &err));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.items[i].is_stream && !list.items[i].is_stdin);
        assert_null(list.items[i].identity);
    }
    rs_input_list_release(&list);
    assert_true(list_in(&scratch, (const char *const[]){"in", NULL}, &list, &err));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.skipped_special, 1);
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__a_thousand_files_below_many_folders_are_all_there(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct rs_error err = {0};
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    char name[64] = "";
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "in/%02u/%03u", i % 37, i);
        scratch_write(&scratch, name, name, i % 10);
    }
    assert_true(list_in(&scratch, (const char *const[]){"in", NULL}, &list, &err));
    assert_int_equal(list.count, 1000);
    assert_int_equal(rs_input_list_total_bytes(&list, NULL), 100 * 45);
    for (size_t i = 1; i < list.count; i++) {
        assert_true(strcmp(list.items[i - 1].name, list.items[i].name) < 0);
    }
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void make_archive(struct scratch *scratch)
{
    static const char *const files[] = {
        "logs/s1/1762041600000/a.gz", "logs/s1/1762128000000/b.gz", "logs/s1/1762128000000/x/c.gz",
        "logs/s1/1762214400000/d.gz", "logs/s2/1762128000000/e.gz", "1762128000000/deep/f",
    };
    for (size_t i = 0; i < RS_COUNTOF(files); i++) {
        scratch_write(scratch, files[i], "{}\n", 3);
    }
    scratch_link(scratch, "logs/s1/1762128000000", "third");
    scratch_link(scratch, "1762128000000/deep", "1762041600000");
}

static void test_source__days_are_taken_by_their_folders(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *operands[OPERANDS_MAX];
        const char *since;
        const char *until;
        const char *names;
        size_t skipped;
    } cases[] = {
        {"a day",
         {"logs"},
         "2025-11-03",
         "2025-11-03",
         "logs/s1/1762128000000/b.gz\nlogs/s1/1762128000000/x/c.gz\nlogs/s2/1762128000000/e.gz\n",
         2},
        {"from a day on", {"logs/s1"}, "2025-11-04", NULL, "logs/s1/1762214400000/d.gz\n", 2},
        {"to a day", {"logs/s1/"}, NULL, "2025-11-02", "logs/s1/1762041600000/a.gz\n", 2},
        {"none of them", {"logs"}, "2026-01-01", NULL, "", 4},
        {"a day's folder",
         {"logs/s2/1762128000000"},
         "2025-11-03",
         NULL,
         "logs/s2/1762128000000/e.gz\n",
         0},
        {"another day's folder", {"logs/s1/1762128000000"}, "2025-11-04", NULL, "", 2},
        {"a file",
         {"logs/s2/1762128000000/e.gz"},
         "2025-11-03",
         "2025-11-03",
         "logs/s2/1762128000000/e.gz\n",
         0},
        {"a link's target has the day",
         {"third"},
         "2025-11-03",
         "2025-11-03",
         "third/b.gz\nthird/x/c.gz\n",
         0},
        {"a link's name comes first",
         {"1762041600000"},
         NULL,
         "2025-11-02",
         "1762041600000/f\n",
         0},
    };
    struct scratch scratch = scratch_make();
    make_archive(&scratch);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        struct rs_days days = {0};
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        assert_true(rs_days_parse(cases[i].since, cases[i].until, &days, &err));
        assert_true(list_days(&scratch, cases[i].operands, days, &list, &err));
        struct rs_strbuf names = names_of(&scratch, &list);
        rs_strbuf_append(&names, "");
        if (strcmp(names.data ? names.data : "", cases[i].names) != 0 ||
            list.skipped_days != cases[i].skipped) {
            fail_msg("%s: %zu left out, %s", cases[i].label, list.skipped_days,
                     names.data ? names.data : "");
        }
        rs_strbuf_release(&names);
        rs_input_list_release(&list);
    }
    scratch_remove(&scratch);
}

static void test_source__what_has_no_day_is_an_error_where_days_are_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *operands[OPERANDS_MAX];
        enum rs_code code;
        const char *message;
    } cases[] = {
        {{"logs"}, RS_E_INPUT, "logs/1762128000000.gz\": no folder of its path is called by one"},
        {{"logs/s1/1762128000000"}, RS_OK, ""},
        {{"logs/README"}, RS_E_INPUT, "logs/README\": no folder"},
        {{"logs/1762128000000.gz"}, RS_E_INPUT, "logs/1762128000000.gz\": no folder"},
        {{"-"}, RS_E_USAGE, "could not tell the day of \"-\": it is a stream"},
        {{"/dev/null"}, RS_E_USAGE, "could not tell the day of \"/dev/null\": it is a stream"},
    };
    struct scratch scratch = scratch_make();
    struct rs_days days = {0};
    struct rs_error err = {0};
    make_archive(&scratch);
    scratch_write(&scratch, "logs/README", "", 0);
    scratch_write(&scratch, "logs/1762128000000.gz", "", 0);
    assert_true(rs_days_parse("2025-11-03", NULL, &days, &err));
    assert_int_equal(unlink(scratch_path(&scratch, "third")), 0);
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_input_list list = RS_INPUT_LIST_INIT;
        rs_error_clear(&err);
        bool ok = list_days(&scratch, cases[i].operands, days, &list, &err);
        if (ok != (cases[i].code == RS_OK) || err.code != cases[i].code ||
            !strstr(err.message, cases[i].message)) {
            fail_msg("%s: %s", cases[i].operands[0], err.message);
        }
        rs_input_list_release(&list);
    }
    scratch_remove(&scratch);
}

static void test_source__what_cannot_be_read_of_another_day_is_left_out(void **state)
{
    (void)state;
    static const char *const operands[OPERANDS_MAX] = {"in/1762128000000", "in/1762214400000"};
    struct scratch scratch = scratch_make();
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    struct rs_days days = {0};
    struct rs_error err = {0};
    scratch_write(&scratch, "in/1762214400000/f", "", 0);
    scratch_mkdir(&scratch, "in/1762128000000");
    scratch_link(&scratch, "nowhere", "in/1762128000000/gone");
    scratch_link(&scratch, "nowhere", "in/1762214400000/gone");
    assert_true(rs_days_parse("2025-11-04", NULL, &days, &err));
    assert_true(list_days(&scratch, operands, days, &list, &err));
    struct rs_strbuf names = names_of(&scratch, &list);
    assert_string_equal(rs_strbuf_cstr(&names), "in/1762214400000/f\nin/1762214400000/gone\n");
    assert_int_equal(list.skipped_days, 1);
    rs_strbuf_release(&names);
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

static void test_source__an_input_tells_its_day_and_one_without_may_be_taken(void **state)
{
    (void)state;
    static const char *const operands[OPERANDS_MAX] = {"logs"};
    struct scratch scratch = scratch_make();
    struct rs_input_list list = RS_INPUT_LIST_INIT;
    struct rs_days days = {0};
    struct rs_error err = {0};
    size_t with_day = 0;
    make_archive(&scratch);
    scratch_write(&scratch, "logs/README", "", 0);
    assert_true(rs_days_parse("2025-11-03", "2025-11-03", &days, &err));
    days.takes_undated = true;
    assert_true(list_days(&scratch, operands, days, &list, &err));
    for (size_t i = 0; i < list.count; i++) {
        const struct rs_input *input = &list.items[i];
        assert_int_equal(input->has_day, strstr(input->name, "README") == NULL);
        assert_true(!input->has_day || input->day_ms == 1762128000000);
        with_day += input->has_day ? 1 : 0;
    }
    assert_true(with_day > 0 && with_day + 1 == list.count);
    rs_input_list_release(&list);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source__folders_are_listed_in_byte_order_and_operands_in_theirs),
        cmocka_unit_test(test_source__an_input_knows_its_size_time_and_real_path),
        cmocka_unit_test(test_source__links_are_followed_and_loops_end),
        cmocka_unit_test(test_source__what_cannot_be_read_is_one_clear_error),
        cmocka_unit_test(test_source__what_must_not_be_read_fails_alone_when_it_is_opened),
        cmocka_unit_test(test_source__a_limit_of_the_process_is_no_fault_of_an_input),
        cmocka_unit_test(test_source__what_is_below_a_folder_and_cannot_be_read_is_listed_too),
        cmocka_unit_test(test_source__patterns_leave_out_files_folders_and_parts_of_paths),
        cmocka_unit_test(test_source__standard_input_can_be_named_once),
        cmocka_unit_test(test_source__pipes_and_devices_are_streams_when_named_and_left_out_below),
        cmocka_unit_test(test_source__a_thousand_files_below_many_folders_are_all_there),
        cmocka_unit_test(test_source__days_are_taken_by_their_folders),
        cmocka_unit_test(test_source__what_has_no_day_is_an_error_where_days_are_asked_for),
        cmocka_unit_test(test_source__what_cannot_be_read_of_another_day_is_left_out),
        cmocka_unit_test(test_source__an_input_tells_its_day_and_one_without_may_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
