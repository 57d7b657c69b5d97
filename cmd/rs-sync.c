/*
 * rs-sync - read Segment events and fill one table per event, in Redshift, PostgreSQL or a bundle.
 *
 * Reads the options, does what they ask through sync/sync.h, prints the result on standard
 * output. See man/rs-sync.1.
 */
#include <unistd.h>

#include "cli/app.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report_file.h"
#include "codec/report_page.h"
#include "shard/commit_shards.h"
#include "shard/stage_shard.h"
#include "sync/sync.h"
#include "sync_options.h"
#include "warehouse/login.h"

static const struct rs_help_topic topics[] = {
    {"events", "Which events, and what becomes of them.", "exclude", "max-new-columns"},
    {"redshift", "How rows go to Redshift.", "stage", "commit"},
    {"aws", "How to get to the database and to AWS.", "iam", "s3-endpoint"},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-sync",
    .summary = "Load Segment events into Redshift, PostgreSQL or a folder of files.",
    .operands = "FILE|DIR|s3://...|-...",
    .manual = "rs-sync(1)",
    .topics = topics,
};

enum {
    HISTORY_MAX = 1000000,
    HISTORY_DEFAULT = 10,
    OPTIONS_MAX = 64, /* rows of the table, the last one too */
};

static const size_t OUTPUT_MAX_BYTES = (size_t)1 << 30;

/* What is asked for beside a run. */
struct ask {
    unsigned history; /* runs to show; 0: not asked */
    unsigned pause;
    unsigned resume;
    unsigned commit;
    const char *report;    /* where a page is to be; NULL: nowhere */
    const char *shard;     /* "I/N" or NULL */
    struct rs_shard share; /* what it says */
};

static bool want_one_job(const struct rs_sync_options *options, const struct ask *ask,
                         struct rs_error *err)
{
    unsigned jobs =
        (ask->history > 0) + ask->pause + ask->resume + ask->commit + options->plan_only;
    if (jobs > 1) {
        return rs_error_set(
            err, RS_E_USAGE,
            "only one of --plan, --history, --pause, --resume and --commit can be given");
    }
    if (ask->shard && (jobs > 0 || options->bundle)) {
        rs_error_set(err, RS_E_USAGE, "--shard stages rows, and %s does something else",
                     options->bundle      ? "--bundle"
                     : options->plan_only ? "--plan"
                     : ask->commit        ? "--commit"
                     : ask->history > 0   ? "--history"
                     : ask->pause         ? "--pause"
                                          : "--resume");
        return rs_error_hint(err, "run --shard=I/N for each I, then --commit without it");
    }
    return true;
}

/* What shards and commits cannot do without, and what they cannot do with. */
static bool want_stage(const struct rs_sync_options *options, const struct ask *ask,
                       struct rs_error *err)
{
    const char *option = ask->commit ? "--commit" : "--shard";
    if (!ask->commit && !ask->shard) {
        return true;
    }
    if (!options->dbname) {
        rs_error_set(err, RS_E_USAGE, "%s needs a database", option);
        return rs_error_hint(err, "give it with -d CONNINFO; -d '' takes the PG* variables alone");
    }
    if (!options->stage) {
        rs_error_set(err, RS_E_USAGE, "%s needs a place in S3", option);
        return rs_error_hint(err, "name a prefix, the same for all shards and for --commit, with "
                                  "--stage=s3://BUCKET/PREFIX");
    }
    if (ask->commit && options->input_count > 0) {
        rs_error_set(err, RS_E_USAGE, "--commit takes no input: \"%s\"", options->inputs[0]);
        return rs_error_hint(err, "it loads what shards have staged; inputs go with --shard=I/N");
    }
    return true;
}

static bool want_target(const struct rs_sync_options *options, bool ledger, struct rs_error *err)
{
    if (ledger && !options->dbname) {
        rs_error_set(err, RS_E_USAGE, "--history, --pause and --resume need a database");
        return rs_error_hint(err, "give it with -d CONNINFO; -d '' takes the PG* variables alone");
    }
    if (options->dbname && options->bundle && !ledger) {
        rs_error_set(err, RS_E_USAGE, "both --dbname and --bundle are given");
        return rs_error_hint(err, "run once for each of the two");
    }
    if (!options->dbname && !options->bundle && !options->plan_only) {
        rs_error_set(err, RS_E_USAGE, "no target is given");
        return rs_error_hint(err, "-d HOST:5439/DATABASE loads into Redshift or PostgreSQL (-d '' "
                                  "takes the PG* variables alone), --bundle=DIR writes files");
    }
    if (!options->dbname && (options->connect.ssh || options->connect.iam)) {
        rs_error_set(err, RS_E_USAGE, "--ssh and --iam need a database");
        return rs_error_hint(err, "give it with -d CONNINFO, for instance -d dev");
    }
    if (options->bundle && *options->bundle == '\0') {
        return rs_error_set(err, RS_E_USAGE, "option \"--bundle\": the folder's name is empty");
    }
    return true;
}

static bool want_inputs(const struct rs_sync_options *options, const struct ask *ask, bool ledger,
                        struct rs_error *err)
{
    if (options->input_count > 0 && ledger) {
        rs_error_set(err, RS_E_USAGE, "--history, --pause and --resume take no input: \"%s\"",
                     options->inputs[0]);
        return rs_error_hint(err, "the number of runs is written --history=N");
    }
    if (options->input_count == 0 && !ledger && !ask->commit) {
        rs_error_set(err, RS_E_USAGE, "no input is given");
        return rs_error_hint(err,
                             "name files or folders, s3://BUCKET/PREFIX, or - for standard input");
    }
    return true;
}

/* The rules between options that one row cannot say. */
static bool check(struct rs_sync_options *options, struct ask *ask, struct rs_error *err)
{
    bool ledger = ask->history > 0 || ask->pause || ask->resume;
    if (!want_one_job(options, ask, err) || !want_stage(options, ask, err) ||
        !want_target(options, ledger, err) || !rs_connect_check(&options->connect, err) ||
        !rs_sync_options_check_names(options, err) || !rs_sync_options_check_limit(options, err) ||
        !want_inputs(options, ask, ledger, err) || !rs_sync_options_check_addresses(options, err) ||
        (ask->shard && !rs_shard_parse(ask->shard, &ask->share, err))) {
        return false;
    }
    if (options->plan_only) {
        options->bundle = NULL; /* a plan writes no files; without -d it is made from nothing */
    }
    return true;
}

/* Fill the tables, or plan. */
static int run(struct rs_app *app, struct rs_sync_options *options, const struct ask *ask,
               struct rs_strbuf *out, struct rs_error *err)
{
    struct rs_sync_report report = {0};
    options->meter = rs_progress_begin(&app->progress);
    bool ok = ask->shard    ? rs_shard_stage(&app->env, options, &ask->share, &report, err)
              : ask->commit ? rs_shard_commit(&app->env, options, &report, err)
                            : rs_sync_run(&app->env, options, &report, err);
    bool partial = report.status == RS_SYNC_PARTIAL;
    rs_progress_end(&app->progress, ok);
    for (size_t i = 0; i < report.notice_count; i++) {
        rs_log(&app->env.log, i < report.warning_count ? RS_LOG_WARNING : RS_LOG_NOTICE, "%s",
               report.notices[i]);
    }
    if (app->json) {
        rs_sync_report_json(&report, err, out);
    } else if (ok && options->plan_only) {
        rs_strbuf_append_str(out, rs_strbuf_str(&report.plan_sql));
    } else if ((ok && app->env.log.level >= RS_LOG_NOTICE) || partial) { /* -q: no news */
        rs_sync_report_text(&report, out);
    }
    if (ask->report) {
        struct rs_strbuf page = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
        struct rs_html html = RS_HTML_INIT(&page);
        rs_sync_report_page(&report, options->schema, err, &html);
        rs_report_file_write(&app->env, ask->report, tool.name, &html, err);
        rs_strbuf_release(&page);
    }
    int status = rs_sync_report_exit_status(&report);
    rs_sync_report_release(&report);
    return status;
}

/* A terminal has its columns; what is written to a file or a pipe is not cut. */
static struct rs_history_style history_style(const struct rs_app *app)
{
    const struct rs_env *env = &app->env;
    bool terminal = rs_output_is_terminal(STDOUT_FILENO);
    return (struct rs_history_style){
        .columns = terminal ? rs_output_columns(STDOUT_FILENO) : 0,
        .utf8 = rs_output_is_utf8(rs_env_variable(env, "LC_ALL"), rs_env_variable(env, "LC_CTYPE"),
                                  rs_env_variable(env, "LANG")),
    };
}

/* Show the history, or change whether runs are paused. */
static int ask_ledger(const struct rs_app *app, const struct rs_sync_options *options,
                      const struct ask *ask, struct rs_strbuf *out, struct rs_error *err)
{
    struct rs_sync_report report = {0};
    struct rs_strbuf page = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    struct rs_html html = RS_HTML_INIT(&page);
    bool ok = false;
    if (ask->history > 0) {
        struct rs_history_style style = history_style(app);
        ok = rs_sync_history(&app->env, options, ask->history, app->json ? NULL : &style, out,
                             ask->report ? &html : NULL, err);
        if (ok && ask->report) {
            rs_report_file_write(&app->env, ask->report, tool.name, &html, err);
        }
    } else {
        ok = rs_sync_set_paused(&app->env, options, ask->pause > 0, err);
        if (ok && !app->json) {
            rs_log(&app->env.log, RS_LOG_NOTICE, "schema \"%s\" is %s", options->schema,
                   ask->pause ? "paused: runs into it end with status 75" : "going on");
        }
        if (ok && app->json) {
            rs_strbuf_append(out, ask->pause ? "{\"status\":\"success\",\"paused\":true}\n"
                                             : "{\"status\":\"success\",\"paused\":false}\n");
        }
    }
    if (!ok && app->json) {
        rs_strbuf_reset(out);
        rs_sync_report_json(&report, err, out);
    }
    rs_strbuf_release(&page);
    return ok ? 0 : EXIT_FAILURE;
}

/*
 * Do what is asked and print its result; with an error from reading the options, only that.
 * Returns the exit status where there is no error.
 */
static int work(struct rs_app *app, struct rs_sync_options *options, struct ask *ask,
                struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_sync_report nothing = {0};
    int status = EXIT_FAILURE;
    if (err->code != RS_OK || !check(options, ask, err) ||
        !rs_report_file_check(&app->env, ask->report, err)) {
        if (app->json) {
            rs_sync_report_json(&nothing, err, &out);
        }
    } else if (ask->history > 0 || ask->pause || ask->resume) {
        status = ask_ledger(app, options, ask, &out, err);
    } else {
        status = run(app, options, ask, &out, err);
    }
    if (!rs_strbuf_ok(&out)) {
        rs_error_set(err, RS_E_LIMIT, "could not print the result: it is over 1 GiB");
    }
    if (!rs_output_write(rs_strbuf_str(&out), err)) {
        status = EXIT_FAILURE;
    }
    rs_strbuf_release(&out);
    return status;
}

/* All that the command line can say. */
struct command {
    struct rs_sync_options options;
    struct rs_sync_choices choices;
    struct ask ask;
};

static void add_everyday(struct command *command, struct rs_option *table, size_t *count)
{
    struct rs_sync_options *o = &command->options;
    const struct rs_option rows[] = {
        RS_OPT_STRING('d', "dbname", &o->dbname, "CONNINFO",
                      "load into this database; '' is the PG* variables"),
        RS_OPT_STRING(0, "bundle", &o->bundle, "DIR",
                      "write CSV files, schema.json and load.sql to DIR"),
        RS_OPT_STRING('n', "schema", &o->schema, "NAME",
                      "the source: the schema that holds its tables"),
        RS_OPT_FLAG(0, "plan", &o->plan_only,
                    "print the SQL that would run; exit 3 on schema changes"),
        RS_OPT_STRING(0, "since", &o->since, "DAY", NULL),
        RS_OPT_STRING(0, "until", &o->until, "DAY", "days of an archive to read, as 2026-11-23"),
        RS_OPT_STRING(0, "rejects", &o->rejects_file, "FILE", NULL),
        RS_OPT_STRING(0, "max-rejects", &o->max_rejects, "N|N%",
                      "keep lines that are no events; limit"),
        RS_OPT_STRING(0, "report", &command->ask.report, "FILE", RS_REPORT_HELP),
    };
    const struct rs_option actions[] = {
        RS_OPT_UINT(0, "jobs", &o->jobs, 1, RS_SYNC_JOBS_MAX, "N",
                    "tables loaded at a time (default: up to 4)"),
        RS_OPT_ACTION_UINT("history", &command->ask.history, 1, HISTORY_MAX, HISTORY_DEFAULT, "N",
                           NULL),
        RS_OPT_ACTION("pause", &command->ask.pause, 1, NULL),
        RS_OPT_ACTION("resume", &command->ask.resume, 1, "last N runs (default: 10); stop, go on"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
    rs_sync_options_add_run(&command->choices, table, count);
    rs_options_append(table, count, actions, RS_COUNTOF(actions));
}

/* The topic "redshift". */
static void add_redshift(struct command *command, struct rs_option *table, size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_ACTION_STRING("shard", &command->ask.shard, "I/N",
                             "stage share I, from 0, of N; load nothing"),
        RS_OPT_ACTION("commit", &command->ask.commit, 1, "load what all shards have staged"),
    };
    rs_sync_options_add_redshift(&command->choices, table, count);
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

int main(int argc, char **argv)
{
    struct rs_app app;
    struct command command = {.options = {.memory_bytes = RS_SYNC_MEMORY_DEFAULT}};
    struct rs_sync_options *options = &command.options;
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = 0;

    command.choices = RS_SYNC_CHOICES_INIT(options);
    add_everyday(&command, table, &count);
    rs_sync_options_add_events(&command.choices, table, &count);
    add_redshift(&command, table, &count);
    rs_sync_options_add_aws(options, table, &count);
    rs_login_process_init();
    rs_app_begin(&app, &tool, rs_tool_libraries);
    if (rs_app_options(&app, table, argc, argv, &err) || err.code != RS_OK) {
        rs_sync_options_settle(&command.choices, &app);
        status = work(&app, options, &command.ask, &err);
    }
    rs_sync_choices_release(&command.choices);
    return rs_app_end(&app, status, &err);
}
