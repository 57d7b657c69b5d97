/*
 * Completion texts: what an option's value completes to, and that texts are quoted.
 * tests/cli/contract runs bash over the whole of it.
 */
#include "cli/completion.h"

#include <string.h>

#include "unit.h"

static const char *const checks[] = {"dns", "aws:tcp", NULL};
static const char *const modes[] = {"fast", "slow", NULL};
static const struct rs_tool tool = {"rs-tool", "Do a thing.", "FILE...", "rs-tool(1)", NULL, NULL};

static void complete(bool zsh, struct rs_strbuf *out)
{
    static bool flag;
    static unsigned number;
    static const char *string;
    static struct rs_option_list list;
    const struct rs_option table[] = {
        RS_OPT_STRING('c', "config", &string, "FILE", "options: a [JSON] file, rs's"),
        RS_OPT_STRING(0, "bundle", &string, "DIR", "folder"),
        RS_OPT_STRING(0, "name", &string, "NAME", "name"),
        RS_OPT_ENUM(0, "mode", &number, modes, "HOW", "mode"),
        {.name = "only",
         .kind = RS_OPTION_LIST,
         .to.list = &list,
         .operand = "NAMES",
         .help = "only",
         .names = checks},
        {.letter = 't',
         .name = "topic",
         .kind = RS_OPTION_STRING,
         .to.string = &string,
         .operand = "TOPIC",
         .help = "topic",
         .names = modes,
         .optional = true},
        RS_OPT_ACTION_UINT("history", &number, 1, 9, 5, "N", "runs"),
        RS_OPT_FLAG(0, "json", &flag, NULL),
        RS_OPT_FLAG('v', "verbose", &flag, "shared"),
        RS_OPT_END,
    };
    *out = RS_STRBUF_INIT(16384);
    if (zsh) {
        rs_completion_zsh(&tool, table, out);
    } else {
        rs_completion_bash(&tool, table, out);
    }
    assert_true(rs_strbuf_ok(out));
}

static void expect(bool zsh, const char *const *parts, size_t count)
{
    struct rs_strbuf out;
    complete(zsh, &out);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(strstr(rs_strbuf_cstr(&out), parts[i]));
    }
    rs_strbuf_release(&out);
}

static void test_completion__bash_knows_names_and_values(void **state)
{
    static const char *const parts[] = {
        "_rs_tool()\n{\n",
        "    -c | --config)\n        compopt -o filenames\n"
        "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n        return\n",
        "    --bundle)\n        compopt -o filenames\n"
        "        mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n        return\n",
        "    --name)\n        return\n",
        "    --mode)\n        mapfile -t COMPREPLY < <(compgen -W 'fast slow' -- \"$cur\")\n",
        "    --only)\n        mapfile -t COMPREPLY < <(compgen -W 'dns aws:tcp' -P "
        "\"${cur%\"${cur##*,}\"}\" -- \"${cur##*,}\")\n",
        "    --topic)\n        mapfile -t COMPREPLY < <(compgen -W 'fast slow' -- \"$cur\")\n",
        "'--config= --bundle= --name= --mode= --only= --topic --history --json --verbose'",
        "complete -F _rs_tool rs-tool\n",
    };
    (void)state;
    expect(false, parts, RS_COUNTOF(parts));
}

static void test_completion__zsh_knows_names_and_values_and_quotes_texts(void **state)
{
    static const char *const parts[] = {
        "#compdef rs-tool\n",
        "_rs_tool()\n{\n_arguments -s -S",
        " \\\n    '*-c+[options\\: a \\[JSON\\] file, rs'\\''s]:FILE:_files'",
        " \\\n    '*--config=[options\\: a \\[JSON\\] file, rs'\\''s]:FILE:_files'",
        "'*--bundle=[folder]:DIR:_files -/'",
        "'*--name=[name]:NAME:'",
        "'*--mode=[mode]:HOW:(fast slow)'",
        "'*--only=[only]:NAMES:_values -s , name dns aws\\:tcp'",
        "'*--topic=-[topic]::TOPIC:(fast slow)'",
        "'*--history=-[runs]::N:'",
        "'*--json[shared]'",
        "'*-v[shared]'",
        "'*:input:_files'\n}\n",
    };
    (void)state;
    expect(true, parts, RS_COUNTOF(parts));
}

static const struct rs_subcommand subcommands[] = {
    {"replay", "load again", NULL},
    {"gap", "find what is missing", NULL},
    {.name = NULL},
};

/* The text of a tool with subcommands, or of one of them, is this as a whole. */
static void expect_text(const struct rs_tool *which, bool zsh, const char *text)
{
    static bool flag;
    const struct rs_option table[] = {RS_OPT_FLAG(0, "json", &flag, "an object"), RS_OPT_END};
    struct rs_strbuf out = RS_STRBUF_INIT(16384);
    if (zsh) {
        rs_completion_zsh(which, table, &out);
        rs_completion_zsh_end(which, &out);
    } else {
        rs_completion_bash(which, table, &out);
    }
    if (zsh) {
        assert_string_equal(rs_strbuf_cstr(&out), text);
    } else {
        assert_non_null(strstr(rs_strbuf_cstr(&out), text));
    }
    rs_strbuf_release(&out);
}

static void test_completion__leaves_the_rest_to_the_subcommand(void **state)
{
    const struct rs_tool all = {"rs-tool", "", "", "rs-tool(1)", NULL, subcommands};
    (void)state;
    expect_text(&all, false,
                "_rs_tool()\n{\n"
                "    case ${COMP_WORDS[1]} in\n"
                "    replay | gap)\n"
                "        if ((COMP_CWORD > 1)); then\n"
                "            _rs_tool_\"${COMP_WORDS[1]}\"\n"
                "            return\n");
    expect_text(&all, false, "compgen -W 'replay gap' -- \"$cur\")\n    fi\n}\n");
    expect_text(&all, true,
                "#compdef rs-tool\n"
                "# zsh completion for rs-tool: eval this behind compinit, or save it as\n"
                "# _rs-tool in a folder of $fpath\n"
                "_rs_tool()\n{\n"
                "    case $words[2] in\n"
                "    (replay|gap)\n"
                "        if (( CURRENT > 2 )); then\n"
                "            local sub=_rs_tool_$words[2]\n"
                "            shift words\n"
                "            (( CURRENT-- ))\n"
                "            $sub\n"
                "            return\n"
                "        fi\n"
                "        ;;\n"
                "    esac\n"
                "_arguments -s -S \\\n"
                "    '*--json[an object]' \\\n"
                "    '1:subcommand:(replay gap)'\n"
                "}\n"
                "if [[ ${funcstack[1]:-} == _rs-tool ]]; then\n"
                "    _rs_tool \"$@\"\n"
                "else\n"
                "    compdef _rs_tool rs-tool\n"
                "fi\n");
}

static void test_completion__of_a_subcommand_is_a_function(void **state)
{
    const struct rs_tool one = {"rs-tool replay", "", "FILE...", "rs-tool(1)", NULL, NULL};
    struct rs_strbuf out = RS_STRBUF_INIT(16384);
    const struct rs_option none[] = {RS_OPT_END};
    (void)state;
    rs_completion_bash(&one, none, &out);
    assert_true(rs_str_starts(rs_strbuf_str(&out), RS_STR("_rs_tool_replay()\n{\n    local cur=")));
    assert_null(strstr(rs_strbuf_cstr(&out), "complete -F"));
    rs_strbuf_release(&out);
    expect_text(&one, true,
                "_rs_tool_replay()\n{\n"
                "_arguments -s -S \\\n"
                "    '*--json[an object]' \\\n"
                "    '*:input:_files'\n"
                "}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completion__bash_knows_names_and_values),
        cmocka_unit_test(test_completion__zsh_knows_names_and_values_and_quotes_texts),
        cmocka_unit_test(test_completion__leaves_the_rest_to_the_subcommand),
        cmocka_unit_test(test_completion__of_a_subcommand_is_a_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
