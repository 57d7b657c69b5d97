/*
 * A first word without a dash is the subcommand, and all after it is its own. Anything else is
 * read as the command line of a tool that has no options beside the common ones; what is left
 * when none of these was an answer is a mistake.
 */
#include "cli/subcommand.h"

#include <stdlib.h>

#include "cli/nearest.h"
#include "cli/output.h"
#include "codec/json_write.h"
#include "rs/strbuf.h"

enum { NAMES_MAX_BYTES = 256, TEXT_MAX_BYTES = 4096 };

static void append_names(const struct rs_tool *tool, struct rs_strbuf *out)
{
    for (const struct rs_subcommand *row = tool->subcommands; row->name; row++) {
        const char *between = row == tool->subcommands ? "" : row[1].name ? ", " : " or ";
        rs_strbuf_printf(out, "%s%s", between, row->name);
    }
}

const struct rs_subcommand *rs_subcommand_choose(const struct rs_tool *tool, const char *name,
                                                 struct rs_error *err)
{
    struct rs_str word = rs_str_from(name);
    struct rs_nearest nearest = rs_nearest_of(word);
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX_BYTES);
    for (const struct rs_subcommand *row = tool->subcommands; row->name; row++) {
        if (rs_str_equal(word, rs_str_from(row->name))) {
            return row;
        }
        rs_nearest_offer(&nearest, row->name);
    }
    const char *rest = "";
    const struct rs_str shown = rs_options_shown(name, &rest);
    rs_error_set(err, RS_E_USAGE, "unknown subcommand \"%.*s%s\"", RS_STR_ARG(shown), rest);
    if (rs_nearest_name(&nearest)) {
        rs_error_hint(err, "did you mean \"%s\"? --help lists the subcommands",
                      rs_nearest_name(&nearest));
    } else {
        append_names(tool, &names);
        rs_error_hint(err, "write %s; --help says what they do", rs_strbuf_cstr(&names));
    }
    rs_strbuf_release(&names);
    return NULL;
}

/* Options without a subcommand before them, and none of them was an answer. */
static void refuse(const struct rs_app *app, struct rs_error *err)
{
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX_BYTES);
    const struct rs_tool *tool = app->tool;
    struct rs_error unknown = {0};
    if (app->operands.count > 0 && rs_subcommand_choose(tool, app->operands.items[0], &unknown)) {
        rs_error_set(err, RS_E_USAGE, "options stand before the subcommand \"%s\"",
                     app->operands.items[0]);
        rs_error_hint(err, "write %s %s [OPTION]...", tool->name, app->operands.items[0]);
    } else {
        append_names(tool, &names);
        rs_error_set(err, RS_E_USAGE, "no subcommand is given");
        rs_error_hint(err, "write %s as the first word; --help says what they do",
                      rs_strbuf_cstr(&names));
    }
    rs_strbuf_release(&names);
}

/* With --json a mistake is an object too. */
static void print_json(const struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&text);
    struct rs_error later = {0};
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, "failure");
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append(&text, "\n");
    (void)!rs_output_write(rs_strbuf_str(&text), &later); /* the end finds that out again */
    rs_strbuf_release(&text);
}

int rs_subcommand_main(const struct rs_tool *tool, const struct rs_app_library *libraries, int argc,
                       char **argv)
{
    static const struct rs_option none[] = {RS_OPT_END};
    const struct rs_subcommand *row = NULL;
    struct rs_error err = {0};
    struct rs_app app;

    if (argc > 1 && argv[1][0] != '-') {
        row = rs_subcommand_choose(tool, argv[1], &err);
        if (row) {
            return row->run(argc - 1, argv + 1);
        }
    }
    rs_app_begin(&app, tool, libraries);
    if (err.code == RS_OK && rs_app_options(&app, none, argc, argv, &err)) {
        refuse(&app, &err);
    }
    if (app.json && err.code != RS_OK) {
        print_json(&err);
    }
    return rs_app_end(&app, EXIT_SUCCESS, &err);
}
