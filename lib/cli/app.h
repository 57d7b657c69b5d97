/*
 * cli/app.h - what every tool does the same way: options, messages, the end.
 *
 *   struct rs_app app;
 *   rs_app_begin(&app, &tool);
 *   if (rs_app_options(&app, table, argc, argv, &err) && work(&app.env, &err)) status = 0;
 *   return rs_app_end(&app, status, &err);
 *
 * Owns:    the app's members until rs_app_end; the env's log goes through its progress bar.
 * Threads: main thread only; app.env may be used from workers.
 */
#ifndef RS_CLI_APP_H
#define RS_CLI_APP_H

#include "base/arena.h"
#include "base/env.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* A library that --version names: "libpq " and a function that gives "15.8". */
struct rs_app_library {
    const char *name;
    const char *(*version)(void);
};

struct rs_app {
    const struct rs_tool *tool;
    const struct rs_app_library *libraries; /* ended by a row without version; may be NULL */
    struct rs_env env;
    struct rs_progress progress;
    struct rs_option_list operands; /* of the command line, else the configuration's inputs */
    bool json;                      /* --json */
    bool color;                     /* of standard output */

    /* What the common options say, and what holds their values. */
    const char *config_file;
    bool log_json;
    unsigned verbosity; /* 0 -q, 1, 2 -v, 3 -vv */
    unsigned progress_when;
    unsigned color_when;
    const char *help_topic;
    unsigned action;
    unsigned completion;
    struct rs_options_line line;
    struct rs_arena arena;
};

/* Set up the environment and catch signals. */
void rs_app_begin(struct rs_app *app, const struct rs_tool *tool,
                  const struct rs_app_library *libraries);

/*
 * Read the command line and the file of --config, by a table that the common options are added
 * to (--config, --json, --log-json, -q, -v, --progress, --color, --help, --version,
 * --completion), and set up log, colour and progress by them.
 *
 * Returns false without an error when there is nothing left to do: --help[=TOPIC], --version and
 * --completion are answered here.
 */
RS_MUST_USE bool rs_app_options(struct rs_app *app, const struct rs_option *table, int argc,
                                char **argv, struct rs_error *err);

/*
 * Take the progress bar away, make sure that standard output is written, print the error if
 * there is one, release all. Returns the exit status: the error's, or else status.
 */
RS_MUST_USE int rs_app_end(struct rs_app *app, int status, struct rs_error *err);

#endif
