/*
 * Completion texts: what an option's value completes to, and that texts are quoted.
 * tests/cli/contract runs bash over the whole of it.
 */
#include "rs/cli/completion.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const modes[] = {"fast", "slow", NULL};
static const struct rs_tool tool = {"rs-tool", "Do a thing.", "FILE...", "rs-tool(1)", NULL};

static void complete(bool zsh, struct rs_strbuf *out)
{
    static bool flag;
    static unsigned number;
    static const char *string;
    const struct rs_option table[] = {
        RS_OPT_STRING('c', "config", &string, "FILE", "options: a [JSON] file, rs's"),
        RS_OPT_STRING(0, "bundle", &string, "DIR", "folder"),
        RS_OPT_STRING(0, "name", &string, "NAME", "name"),
        RS_OPT_ENUM(0, "mode", &number, modes, "HOW", "mode"),
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
        "'--config= --bundle= --name= --mode= --history --json --verbose'",
        "complete -F _rs_tool rs-tool\n",
    };
    (void)state;
    expect(false, parts, RS_COUNTOF(parts));
}

static void test_completion__zsh_knows_names_and_values_and_quotes_texts(void **state)
{
    static const char *const parts[] = {
        "#compdef rs-tool\n_arguments -s -S",
        " \\\n    '*-c+[options\\: a \\[JSON\\] file, rs'\\''s]:FILE:_files'",
        " \\\n    '*--config=[options\\: a \\[JSON\\] file, rs'\\''s]:FILE:_files'",
        "'*--bundle=[folder]:DIR:_files -/'",
        "'*--name=[name]:NAME:'",
        "'*--mode=[mode]:HOW:(fast slow)'",
        "'*--history=-[runs]::N:'",
        "'*--json[shared]'",
        "'*-v[shared]'",
        "'*:input:_files'\n",
    };
    (void)state;
    expect(true, parts, RS_COUNTOF(parts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completion__bash_knows_names_and_values),
        cmocka_unit_test(test_completion__zsh_knows_names_and_values_and_quotes_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
