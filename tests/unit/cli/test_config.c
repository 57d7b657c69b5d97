/*
 * Configuration files: what each kind of option takes, and that a mistake names file and key.
 */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rs/strbuf.h"
#include "unit.h"

static const char *const modes[] = {"zstd", "gzip", "none", NULL};

struct targets {
    const char *schema;
    bool plan;
    unsigned threads;
    uint64_t memory;
    unsigned mode;
    unsigned verbosity;
    unsigned pause;
    struct rs_option_list tags;
    struct rs_option_list inputs;
    struct rs_arena arena;
    struct rs_error err;
};

static char path[] = "/tmp/rs-test-config-XXXXXX";

static int make_file(void **state)
{
    int fd = mkstemp(path);
    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static bool load_from(struct targets *to, const char *name)
{
    const struct rs_option table[] = {
        RS_OPT_STRING('n', "schema", &to->schema, "NAME", "x"),
        RS_OPT_FLAG('p', "plan", &to->plan, "x"),
        RS_OPT_UINT('t', "threads", &to->threads, 1, 256, "N", "x"),
        RS_OPT_BYTES(0, "memory", &to->memory, 1 << 20, 1 << 30, "SIZE", "x"),
        RS_OPT_ENUM(0, "compress", &to->mode, modes, "HOW", "x"),
        RS_OPT_SET('q', "quiet", &to->verbosity, 0, "x"),
        RS_OPT_COUNT('v', "verbose", &to->verbosity, "x"),
        RS_OPT_ACTION("pause", &to->pause, 1, "x"),
        RS_OPT_LIST('T', "tag", &to->tags, "TAG", "x"),
        RS_OPT_END,
    };
    *to = (struct targets){.verbosity = 1, .arena = RS_ARENA_INIT};
    return rs_config_load(name, table, &to->arena, &to->inputs, &to->err);
}

static bool load(struct targets *to, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return load_from(to, path);
}

static void release(struct targets *to)
{
    rs_option_list_release(&to->tags);
    rs_option_list_release(&to->inputs);
    rs_arena_release(&to->arena);
}

static void test_config__stores_each_kind(void **state)
{
    struct targets to;
    (void)state;
    assert_true(load(&to, "{\"schema\": \"shop\", \"plan\": true, \"threads\": 4,"
                          " \"memory\": \"512M\", \"compress\": \"gzip\", \"verbose\": 2,"
                          " \"tag\": [\"a\", \"b\"], \"inputs\": [\"x\", \"-\"]}"));
    assert_string_equal(to.schema, "shop");
    assert_true(to.plan);
    assert_int_equal(to.threads, 4);
    assert_int_equal(to.memory, 512 << 20);
    assert_int_equal(to.mode, 1);
    assert_int_equal(to.verbosity, 3);
    assert_int_equal(to.tags.count, 2);
    assert_string_equal(to.tags.items[1], "b");
    assert_int_equal(to.inputs.count, 2);
    assert_string_equal(to.inputs.items[0], "x");
    assert_string_equal(to.inputs.items[1], "-");
    release(&to);
}

static void test_config__false_null_and_nothing_change_nothing(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"plan\": false, \"quiet\": false, \"verbose\": false}",
        "{\"schema\": null, \"threads\": null, \"memory\": null, \"plan\": null, \"inputs\": null}",
        "{\"verbose\": 0, \"inputs\": [], \"tag\": []}",
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        struct targets to;
        assert_true(load(&to, texts[i]));
        assert_null(to.schema);
        assert_false(to.plan);
        assert_int_equal(to.threads, 0);
        assert_int_equal(to.memory, 0);
        assert_int_equal(to.verbosity, 1);
        assert_int_equal(to.inputs.count, 0);
        release(&to);
    }
}

static void test_config__sizes_and_counts_have_two_forms(void **state)
{
    struct targets to;
    (void)state;
    assert_true(load(&to, "{\"memory\": 1048576, \"verbose\": true, \"threads\": 2.0}"));
    assert_int_equal(to.memory, 1048576);
    assert_int_equal(to.verbosity, 2);
    assert_int_equal(to.threads, 2);
    release(&to);
    assert_true(load(&to, "{\"quiet\": true}"));
    assert_int_equal(to.verbosity, 0);
    release(&to);
}

static void test_config__names_the_key_and_what_it_should_be(void **state)
{
    static const struct {
        const char *text;
        const char *message; /* after: could not use "FILE": */
        const char *hint;
    } cases[] = {
        {"{\"scema\": 1}", "unknown key \"scema\"",
         "did you mean \"schema\"? the keys are the long options"},
        {"{\"input\": []}", "unknown key \"input\"",
         "did you mean \"inputs\"? the keys are the long options"},
        {"{\"n\": \"shop\"}", "unknown key \"n\"", "the keys are the long options, and \"inputs\""},
        {"{\"--schema\": \"shop\"}", "unknown key \"--schema\"",
         "did you mean \"schema\"? the keys are the long options"},
        {"{\"\": 1}", "unknown key \"\"", "the keys are the long options, and \"inputs\""},
        {"{\"pause\": true}", "key \"pause\" is not for a file",
         "give --pause on the command line"},
        {"{\"schema\": 5}", "key \"schema\" is of the wrong type: number", "make it a string"},
        {"{\"schema\": {}}", "key \"schema\" is of the wrong type: object", "make it a string"},
        {"{\"plan\": \"yes\"}", "key \"plan\" is of the wrong type: string",
         "make it true or false"},
        {"{\"plan\": 1}", "key \"plan\" is of the wrong type: number", "make it true or false"},
        {"{\"threads\": \"2\"}", "key \"threads\" is of the wrong type: string",
         "make it a number"},
        {"{\"threads\": 2.5}", "key \"threads\": \"2.5\" is not a whole number from 1 to 256", ""},
        {"{\"threads\": 257}", "key \"threads\": \"257\" is not a whole number from 1 to 256", ""},
        {"{\"threads\": -1}", "key \"threads\": \"-1\" is not a whole number from 1 to 256", ""},
        {"{\"memory\": true}", "key \"memory\" is of the wrong type: boolean",
         "make it a size, for instance \"512M\""},
        {"{\"memory\": \"much\"}", "key \"memory\": \"much\" is not a size",
         "write a size like 512M or 2G"},
        {"{\"compress\": \"lz4\"}", "key \"compress\": \"lz4\" is not one of zstd, gzip, none", ""},
        {"{\"verbose\": 4}", "key \"verbose\" is of the wrong type: number",
         "make it true, false or a number from 0 to 3"},
        {"{\"inputs\": \"x\"}", "key \"inputs\" is of the wrong type: string",
         "make it an array of strings"},
        {"{\"inputs\": [\"x\", 1]}", "key \"inputs\" is of the wrong type: number",
         "make it an array of strings"},
        {"{\"tag\": \"x\"}", "key \"tag\" is of the wrong type: string",
         "make it an array of strings"},
        {"[]", "it is not an object but: array", "write {\"KEY\": VALUE, ...}, see rs-config(5)"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf message = RS_STRBUF_INIT(1024);
        struct targets to;
        rs_strbuf_printf(&message, "could not use \"%s\": %s", path, cases[i].message);
        assert_false(load(&to, cases[i].text));
        assert_int_equal(to.err.code, RS_E_CONFIG);
        assert_string_equal(to.err.message, rs_strbuf_cstr(&message));
        assert_string_equal(to.err.hint, cases[i].hint);
        rs_strbuf_release(&message);
        release(&to);
    }
}

static void test_config__a_file_that_cannot_be_used_is_named(void **state)
{
    static const char *const texts[] = {"", "{", "{\"schema\": }", "{\"schema\": \"shop\"} x",
                                        "{\"schema\": \"a\", \"schema\": \"b\"}"};
    struct targets to;
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(texts); i++) {
        assert_false(load(&to, texts[i]));
        assert_int_equal(to.err.code, RS_E_CONFIG);
        assert_non_null(strstr(to.err.message, path));
        release(&to);
    }
    assert_false(load_from(&to, "/nonexistent/rs.json"));
    assert_int_equal(to.err.code, RS_E_CONFIG);
    assert_non_null(strstr(to.err.message, "/nonexistent/rs.json"));
    release(&to);
}

static void test_config__a_file_over_the_limit_is_refused(void **state)
{
    FILE *file = fopen(path, "w");
    struct targets to;
    (void)state;
    assert_non_null(file);
    assert_true(fputs("{}", file) >= 0);
    for (size_t i = 0; i < RS_CONFIG_MAX_BYTES; i++) {
        assert_int_equal(putc(' ', file), ' ');
    }
    assert_int_equal(fclose(file), 0);
    assert_false(load_from(&to, path));
    assert_int_equal(to.err.code, RS_E_CONFIG);
    release(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config__stores_each_kind),
        cmocka_unit_test(test_config__false_null_and_nothing_change_nothing),
        cmocka_unit_test(test_config__sizes_and_counts_have_two_forms),
        cmocka_unit_test(test_config__names_the_key_and_what_it_should_be),
        cmocka_unit_test(test_config__a_file_that_cannot_be_used_is_named),
        cmocka_unit_test(test_config__a_file_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
