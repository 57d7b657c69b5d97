/*
 * The forms in which options can be written, where values go, and what is said about mistakes.
 */
#include "cli/options.h"

#include <string.h>

#include "unit.h"

enum { ARGS_MAX = 12 };

static const char *const modes[] = {"zstd", "gzip", "none", NULL};

/* The targets of the table that all tests use. */
struct targets {
    const char *schema;
    const char *dbname;
    bool plan;
    unsigned threads;
    uint64_t memory;
    unsigned mode;
    unsigned verbosity;
    unsigned history;
    unsigned pause;
    unsigned help;
    struct rs_option_list tags;
};

struct run {
    struct targets to;
    struct rs_options_line line;
    struct rs_error err;
};

/* Read words, ended by NULL, as a command line. */
static bool parse(struct run *run, const char *const *words)
{
    struct targets *to = &run->to;
    const struct rs_option table[] = {
        RS_OPT_STRING('n', "schema", &to->schema, "NAME", "x"),
        RS_OPT_STRING('d', "dbname", &to->dbname, "CONNINFO", "x"),
        RS_OPT_FLAG('p', "plan", &to->plan, "x"),
        RS_OPT_UINT('t', "threads", &to->threads, 1, 256, "N", "x"),
        RS_OPT_BYTES(0, "memory", &to->memory, 1 << 20, 1 << 30, "SIZE", "x"),
        RS_OPT_ENUM(0, "compress", &to->mode, modes, "HOW", "x"),
        RS_OPT_SET('q', "quiet", &to->verbosity, 0, "x"),
        RS_OPT_COUNT('v', "verbose", &to->verbosity, "x"),
        RS_OPT_ACTION_UINT("history", &to->history, 1, 100, 10, "N", "x"),
        RS_OPT_ACTION("pause", &to->pause, 1, "x"),
        RS_OPT_LIST('T', "tag", &to->tags, "TAG", "x"),
        {.name = "help", .kind = RS_OPTION_SET, .to.number = &to->help, .value = 1, .last = true},
        RS_OPT_END,
    };
    static char tool[] = "tool";
    static char text[ARGS_MAX][64];
    char *argv[ARGS_MAX + 2] = {tool};
    int argc = 1;
    *run = (struct run){.to.verbosity = 1};
    for (; words[argc - 1]; argc++) {
        size_t size = strlen(words[argc - 1]) + 1;
        assert_true(argc <= ARGS_MAX && size <= sizeof text[0]);
        memcpy(text[argc - 1], words[argc - 1], size);
        argv[argc] = text[argc - 1];
    }
    return rs_options_scan(table, argc, argv, &run->line, &run->err) &&
           rs_options_apply(&run->line, &run->err);
}

static void release(struct run *run)
{
    rs_options_line_release(&run->line);
    rs_option_list_release(&run->to.tags);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_options__take_a_value_in_every_form(void **state)
{
    static const char *const cases[][ARGS_MAX] = {
        {"--schema=shop"},
        {"--schema", "shop"},
        {"-nshop"},
        {"-n", "shop"},
        {"-pn", "shop"},
        {"-pqnshop"},
        {"--schema=other", "-n", "shop"},
        {"file", "--schema=shop"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct run run;
        assert_true(parse(&run, cases[i]));
        assert_string_equal(run.to.schema, "shop");
        release(&run);
    }
}

static void test_options__keep_a_value_as_it_is(void **state)
{
    static const struct {
        const char *words[ARGS_MAX];
        const char *value;
    } cases[] = {
        {{"--schema="}, ""},     {{"-n", ""}, ""},   {{"--schema=--plan"}, "--plan"},
        {{"-n-n"}, "-n"},        {{"-n=x"}, "=x"},   {{"--schema=a=b"}, "a=b"},
        {{"--schema=--"}, "--"}, {{"-n", "-"}, "-"}, {{"-n", "-1"}, "-1"},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct run run;
        assert_true(parse(&run, cases[i].words));
        assert_string_equal(run.to.schema, cases[i].value);
        assert_int_equal(run.line.operands.count, 0);
        assert_false(run.to.plan);
        release(&run);
    }
}

static void test_options__collect_operands_anywhere(void **state)
{
    struct run run;
    (void)state;
    assert_true(parse(&run, WORDS("a", "--plan", "-", "-q", "b", "--", "--plan", "--", "-x")));
    static const char *const operands[] = {"a", "-", "b", "--plan", "--", "-x"};
    assert_int_equal(run.line.operands.count, RS_COUNTOF(operands));
    for (size_t i = 0; i < RS_COUNTOF(operands); i++) {
        assert_string_equal(run.line.operands.items[i], operands[i]);
    }
    assert_true(run.to.plan);
    release(&run);
}

static void test_options__store_each_kind(void **state)
{
    struct run run;
    (void)state;
    assert_true(parse(&run, WORDS("-p", "-t4", "--memory=512M", "--compress=none", "-qvv", "-v",
                                  "--pause", "-T", "a", "--tag=b")));
    assert_true(run.to.plan);
    assert_int_equal(run.to.threads, 4);
    assert_int_equal(run.to.memory, 512 << 20);
    assert_int_equal(run.to.mode, 2);
    assert_int_equal(run.to.verbosity, 3);
    assert_int_equal(run.to.pause, 1);
    assert_int_equal(run.to.tags.count, 2);
    assert_string_equal(run.to.tags.items[0], "a");
    assert_string_equal(run.to.tags.items[1], "b");
    release(&run);
}

static void test_options__an_optional_value_only_comes_after_an_equals_sign(void **state)
{
    struct run run;
    (void)state;
    assert_true(parse(&run, WORDS("--history", "5")));
    assert_int_equal(run.to.history, 10);
    assert_int_equal(run.line.operands.count, 1);
    release(&run);
    assert_true(parse(&run, WORDS("--history=5")));
    assert_int_equal(run.to.history, 5);
    assert_int_equal(run.line.operands.count, 0);
    release(&run);
}

static void test_options__reading_ends_after_a_last_one(void **state)
{
    struct run run;
    (void)state;
    assert_true(parse(&run, WORDS("--help", "--nonsense", "--threads=many")));
    assert_int_equal(run.to.help, 1);
    assert_int_equal(run.line.use_count, 1);
    release(&run);
}

static void test_options__no_words_are_fine(void **state)
{
    static const char *const none[] = {NULL};
    struct run run;
    (void)state;
    assert_true(parse(&run, none));
    assert_int_equal(run.line.use_count, 0);
    release(&run);
}

static void test_options__say_what_is_wrong_and_what_to_do(void **state)
{
    static const struct {
        const char *words[ARGS_MAX];
        const char *message;
        const char *hint;
    } cases[] = {
        {{"--scema=x"},
         "unknown option \"--scema\"",
         "did you mean \"--schema\"? --help lists the options"},
        {{"--sche=x"},
         "unknown option \"--sche\"",
         "did you mean \"--schema\"? --help lists the options"},
        {{"--frobnicate"}, "unknown option \"--frobnicate\"", "--help lists the options"},
        {{"--=x"}, "unknown option \"--\"", "--help lists the options"},
        {{"-x"}, "unknown option \"-x\"", "--help lists the options"},
        {{"-px"}, "unknown option \"-x\"", "--help lists the options"},
        {{"-plan"},
         "unknown option \"-plan\"",
         "did you mean \"--plan\"? --help lists the options"},
        {{"--workers"},
         "unknown option \"--workers\"",
         "did you mean \"--threads\"? --help lists the options"},
        {{"--sc"},
         "unknown option \"--sc\"",
         "did you mean \"--schema\"? --help lists the options"},
        {{"-help"},
         "unknown option \"-help\"",
         "did you mean \"--help\"? --help lists the options"},
        {{"-compress=zstd"},
         "unknown option \"-compress=zstd\"",
         "did you mean \"--compress\"? --help lists the options"},
        {{"--plan=yes"}, "option \"--plan\" takes no value", "leave out \"=\" and what follows"},
        {{"--pause="}, "option \"--pause\" takes no value", "leave out \"=\" and what follows"},
        {{"--schema"}, "option \"--schema\" needs a value", "give it as --schema=NAME"},
        {{"-n"}, "option \"--schema\" needs a value", "give it as --schema=NAME"},
        {{"-n", "--plan"},
         "option \"-n\" took \"--plan\" for its value",
         "give \"-n\" a value; one that is meant so is written --schema=--plan"},
        {{"-pn", "-t4"},
         "option \"-pn\" took \"-t\" for its value",
         "give \"-pn\" a value; one that is meant so is written --schema=-t"},
        {{"-n", "-tpostgresql://ann:secret@db/shop"},
         "option \"-n\" took \"-t\" for its value",
         "give \"-n\" a value; one that is meant so is written --schema=-t"},
        {{"--schema", "--memory=1M"},
         "option \"--schema\" took \"--memory\" for its value",
         "give \"--schema\" a value; one that is meant so is written --schema=--memory"},
        {{"--threads=0"}, "option \"--threads\": \"0\" is not a whole number from 1 to 256", ""},
        {{"--threads=257"},
         "option \"--threads\": \"257\" is not a whole number from 1 to 256",
         ""},
        {{"--threads="}, "option \"--threads\": \"\" is not a whole number from 1 to 256", ""},
        {{"-t", "-1"}, "option \"--threads\": \"-1\" is not a whole number from 1 to 256", ""},
        {{"--history=0"}, "option \"--history\": \"0\" is not a whole number from 1 to 100", ""},
        {{"--memory=lots"},
         "option \"--memory\": \"lots\" is not a size",
         "write a size like 512M or 2G"},
        {{"--memory=5"},
         "option \"--memory\": \"5\" is out of range",
         "write a size from 1M to 1G"},
        {{"--memory=2G"},
         "option \"--memory\": \"2G\" is out of range",
         "write a size from 1M to 1G"},
        {{"--compress=lz4"}, "option \"--compress\": \"lz4\" is not one of zstd, gzip, none", ""},
        {{"--compress=gz"},
         "option \"--compress\": \"gz\" is not one of zstd, gzip, none",
         "did you mean \"gzip\"?"},
        {{"--compress=gzi"},
         "option \"--compress\": \"gzi\" is not one of zstd, gzip, none",
         "did you mean \"gzip\"?"},
        {{"--compress="}, "option \"--compress\": \"\" is not one of zstd, gzip, none", ""},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct run run;
        assert_false(parse(&run, cases[i].words));
        assert_int_equal(run.err.code, RS_E_USAGE);
        assert_string_equal(run.err.message, cases[i].message);
        assert_string_equal(run.err.hint, cases[i].hint);
        release(&run);
    }
}

static void test_options__a_mistake_keeps_what_was_read_before_it(void **state)
{
    struct run run;
    (void)state;
    assert_false(parse(&run, WORDS("--plan", "--nonsense", "-q")));
    assert_int_equal(run.line.use_count, 1);
    assert_string_equal(run.line.uses[0].option->name, "plan");
    release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__take_a_value_in_every_form),
        cmocka_unit_test(test_options__keep_a_value_as_it_is),
        cmocka_unit_test(test_options__collect_operands_anywhere),
        cmocka_unit_test(test_options__store_each_kind),
        cmocka_unit_test(test_options__an_optional_value_only_comes_after_an_equals_sign),
        cmocka_unit_test(test_options__reading_ends_after_a_last_one),
        cmocka_unit_test(test_options__no_words_are_fine),
        cmocka_unit_test(test_options__say_what_is_wrong_and_what_to_do),
        cmocka_unit_test(test_options__a_mistake_keeps_what_was_read_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
