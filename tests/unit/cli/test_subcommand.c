/*
 * Which subcommand a word names, and that its main gets what stands after it.
 */
#include "cli/subcommand.h"

#include <string.h>

#include "unit.h"

static int seen_argc;
static char **seen_argv;

static int run_replay(int argc, char **argv)
{
    seen_argc = argc;
    seen_argv = argv;
    return 3;
}

static int run_gap(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 4;
}

static const struct rs_subcommand subcommands[] = {
    {"replay", "again", run_replay},
    {"gap", "what is missing", run_gap},
    {.name = NULL},
};
static const struct rs_tool tool = {.name = "rs-tool",
                                    .summary = "Do things.",
                                    .operands = "",
                                    .manual = "rs-tool(1)",
                                    .subcommands = subcommands};

static void expect_refused(const char *word, const char *message, const char *hint)
{
    struct rs_error err = {0};
    assert_null(rs_subcommand_choose(&tool, word, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void test_subcommand__is_chosen_by_its_whole_name(void **state)
{
    struct rs_error err = {0};
    (void)state;
    assert_ptr_equal(rs_subcommand_choose(&tool, "gap", &err), &subcommands[1]);
    assert_int_equal(err.code, RS_OK);
    expect_refused("ga", "unknown subcommand \"ga\"",
                   "did you mean \"gap\"? --help lists the subcommands");
    expect_refused("repaly", "unknown subcommand \"repaly\"",
                   "did you mean \"replay\"? --help lists the subcommands");
    expect_refused("everything", "unknown subcommand \"everything\"",
                   "write replay or gap; --help says what they do");
}

static void test_subcommand__gets_its_own_command_line(void **state)
{
    char words[][8] = {"rs-tool", "replay", "-n", "shop"};
    char *argv[] = {words[0], words[1], words[2], words[3], NULL};
    (void)state;
    assert_int_equal(rs_subcommand_main(&tool, NULL, 4, argv), 3);
    assert_int_equal(seen_argc, 3);
    assert_ptr_equal(seen_argv, argv + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subcommand__is_chosen_by_its_whole_name),
        cmocka_unit_test(test_subcommand__gets_its_own_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
