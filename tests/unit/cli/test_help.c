/*
 * The text of --help, as a whole.
 */
#include "cli/help.h"

#include "unit.h"

static const char *const modes[] = {"a", "b", NULL};

static void expect_topic(const struct rs_tool *tool, const struct rs_option *table,
                         const struct rs_help_topic *topic, const char *text)
{
    struct rs_strbuf out = RS_STRBUF_INIT(4096);
    rs_help_format(tool, table, topic, &out);
    assert_string_equal(rs_strbuf_cstr(&out), text);
    rs_strbuf_release(&out);
}

static void expect(const struct rs_tool *tool, const struct rs_option *table, const char *text)
{
    expect_topic(tool, table, NULL, text);
}

static void test_help__shows_every_kind_in_columns(void **state)
{
    const struct rs_tool tool = {"rs-tool", "Do a thing.", "FILE...", "rs-tool(1)", NULL, NULL};
    bool flag = false;
    unsigned number = 0;
    const char *string = NULL;
    const struct rs_option table[] = {
        RS_OPT_STRING('n', "schema", &string, "NAME", "the schema"),
        RS_OPT_FLAG(0, "plan", &flag, "only print"),
        RS_OPT_ACTION_UINT("history", &number, 1, 9, 5, "N", "the last N runs"),
        RS_OPT_ENUM(0, "mode", &number, modes, NULL, "how"),
        RS_OPT_FLAG(0, "json", &flag, NULL),
        RS_OPT_FLAG('v', "verbose", &flag, "two on one line"),
        RS_OPT_FLAG(0, "help", &flag, NULL),
        RS_OPT_FLAG(0, "version", &flag, ""),
        RS_OPT_END,
    };
    (void)state;
    expect(&tool, table,
           "usage: rs-tool [OPTION]... FILE...\n"
           "Do a thing.\n"
           "\n"
           "  -n, --schema=NAME  the schema\n"
           "      --plan         only print\n"
           "      --history[=N]  the last N runs\n"
           "      --mode=a|b     how\n"
           "      --json, -v, --verbose  two on one line\n"
           "      --help, --version\n"
           "The manual is rs-tool(1).\n");
}

static void test_help__a_tool_without_operands_and_options(void **state)
{
    const struct rs_tool tool = {"rs-tool", "Do a thing.", "", "rs-tool(1)", NULL, NULL};
    const struct rs_option table[] = {RS_OPT_END};
    (void)state;
    expect(&tool, table, "usage: rs-tool [OPTION]...\nDo a thing.\n\nThe manual is rs-tool(1).\n");
}

static void test_help__a_last_row_without_text_ends_the_list(void **state)
{
    const struct rs_tool tool = {"rs-tool", "Do a thing.", "", "rs-tool(1)", NULL, NULL};
    bool flag = false;
    const struct rs_option table[] = {RS_OPT_FLAG(0, "plan", &flag, NULL), RS_OPT_END};
    (void)state;
    expect(&tool, table,
           "usage: rs-tool [OPTION]...\nDo a thing.\n\n      --plan\nThe manual is rs-tool(1).\n");
}

static void test_help__a_topic_has_a_screen_of_its_own(void **state)
{
    const struct rs_help_topic topics[] = {{"cloud", "Far away.", "stage", "key"}, {.name = NULL}};
    const struct rs_tool tool = {"rs-tool", "Do a thing.", "", "rs-tool(1)", topics, NULL};
    bool flag = false;
    const struct rs_option table[] = {
        RS_OPT_FLAG(0, "plan", &flag, "only print"), RS_OPT_FLAG(0, "stage", &flag, "there"),
        RS_OPT_FLAG(0, "lock", &flag, NULL),         RS_OPT_FLAG(0, "key", &flag, "both"),
        RS_OPT_FLAG(0, "json", &flag, "as JSON"),    RS_OPT_END,
    };
    (void)state;
    assert_null(rs_help_find(&tool, "clouds"));
    expect(&tool, table,
           "usage: rs-tool [OPTION]...\nDo a thing.\n\n"
           "      --plan  only print\n      --json  as JSON\n"
           "More: --help=cloud. The manual is rs-tool(1).\n");
    expect_topic(&tool, table, rs_help_find(&tool, "cloud"),
                 "usage: rs-tool [OPTION]...\nFar away.\n\n"
                 "      --stage        there\n      --lock, --key  both\n"
                 "The manual is rs-tool(1).\n");
}

static void test_help__lists_subcommands_before_options(void **state)
{
    static const struct rs_subcommand subcommands[] = {
        {"replay", "load again", NULL},
        {"gap", "find what is missing", NULL},
        {.name = NULL},
    };
    const struct rs_tool tool = {"rs-tool", "Do things.", "", "rs-tool(1)", NULL, subcommands};
    bool flag = false;
    const struct rs_option table[] = {RS_OPT_FLAG(0, "json", &flag, "an object"), RS_OPT_END};
    (void)state;
    expect(&tool, table,
           "usage: rs-tool SUBCOMMAND [OPTION]...\n"
           "Do things.\n"
           "\n"
           "  replay  load again\n"
           "  gap     find what is missing\n"
           "\n"
           "      --json  an object\n"
           "More: rs-tool SUBCOMMAND --help. The manual is rs-tool(1).\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help__shows_every_kind_in_columns),
        cmocka_unit_test(test_help__a_tool_without_operands_and_options),
        cmocka_unit_test(test_help__a_last_row_without_text_ends_the_list),
        cmocka_unit_test(test_help__a_topic_has_a_screen_of_its_own),
        cmocka_unit_test(test_help__lists_subcommands_before_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
