/*
 * rs-backfill replay - load the archived events of a time range, window by window.
 *
 * Reads the options and hands them to replay/replay.h. With --json each window is an object on
 * a line of its own as soon as it is loaded, and the summary is the last one.
 */
#include <stdlib.h>

#include "backfill.h"
#include "backfill_archive.h"
#include "backfill_progress.h"
#include "cli/output.h"
#include "cli/report_file.h"
#include "codec/report_page.h"
#include "replay/interval_text.h"
#include "replay/replay_page.h"

enum {
    OPTIONS_MAX = 64, /* rows of the table, the last one too */
    WINDOWS_AT_ONCE_MAX = 1000,
    RATE_MAX = 1000000000,
    LINE_MAX_BYTES = 1 << 16,
    EXIT_LOOK_AT_IT = 3,
};

static const struct rs_help_topic topics[] =
    RS_BACKFILL_ARCHIVE_TOPICS("What a window takes, and how it is read.");

static const struct rs_tool tool = {
    .name = "rs-backfill replay",
    .summary = "Load archived events of a time range, window by window.",
    .operands = "FILE|DIR|s3://...",
    .manual = "rs-backfill(1)",
    .topics = topics,
};

struct command {
    struct rs_app app;
    struct rs_replay_options replay;
    struct rs_sync_choices choices;
    struct rs_backfill_archive archive;
    const char *window;
    const char *only_between;
    unsigned rate;
    const char *report; /* where a page is to be; NULL: nowhere */
    struct rs_replay_page page;
    struct rs_error output; /* of what could not be printed */
};

static void add_everyday(struct command *command, struct rs_option *table, size_t *count)
{
    struct rs_replay_options *replay = &command->replay;
    const struct rs_option rows[] = {
        RS_OPT_STRING(0, "window", &command->window, "LENGTH",
                      "what is loaded and recorded at once (default: 1d)"),
        RS_OPT_UINT(0, "jobs", &replay->jobs, 1, WINDOWS_AT_ONCE_MAX, "N",
                    "windows that one run loads together (default: 1)"),
    };
    const struct rs_option care[] = {
        RS_OPT_STRING(0, "max-rejects", &replay->sync.max_rejects, "N|N%",
                      "lines of a window that may be no events (default: 10%)"),
        RS_OPT_UINT(0, "rate", &command->rate, 1, RATE_MAX, "ROWS",
                    "a second, on the average; rests between windows"),
        RS_OPT_STRING(0, "only-between", &command->only_between, "HOURS",
                      "begin windows then only: 22:00-06:00, UTC"),
        RS_OPT_STRING(0, "wait", &command->archive.wait, "LENGTH",
                      "for another run's lock (default: 1h)"),
        RS_OPT_FLAG(0, "dry-run", &replay->dry_run, "show windows, inputs and bytes; load nothing"),
        RS_OPT_FLAG(0, "restart", &replay->restart, "load again what this replay has loaded"),
        RS_OPT_STRING(0, "report", &command->report, "FILE", RS_REPORT_HELP),
    };
    rs_backfill_archive_add_source(&command->archive, &replay->sync,
                                   "load into this database; '' is the PG* variables", table,
                                   count);
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
    rs_backfill_archive_add_part(&command->archive, table, count);
    rs_options_append(table, count, care, RS_COUNTOF(care));
}

/* ---- What is shown ---- */

static void print(struct command *command, const struct rs_strbuf *line)
{
    rs_progress_hold(&command->app.progress);
    if (command->output.code == RS_OK && rs_output_write(rs_strbuf_str(line), &command->output)) {
        (void)!rs_output_flush(&command->output);
    }
    rs_progress_release(&command->app.progress);
}

static void show_window(void *arg, const struct rs_replay_window *window)
{
    struct command *command = arg;
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    const struct rs_log *log = &command->app.env.log;
    if (command->report) {
        rs_replay_page_add(&command->page, window);
    }
    if (command->app.json) {
        rs_replay_window_json(window, &line);
        print(command, &line);
    } else {
        rs_replay_window_text(window, &line);
        if (window->state == RS_REPLAY_PLANNED) {
            rs_strbuf_append_char(&line, '\n');
            print(command, &line);
        } else {
            rs_log(log, window->error ? RS_LOG_WARNING : RS_LOG_INFO, "%s", rs_strbuf_cstr(&line));
        }
    }
    rs_strbuf_release(&line);
}

static void print_summary(struct command *command, const struct rs_replay_report *report,
                          const struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(LINE_MAX_BYTES);
    bool dry_run = command->replay.dry_run;
    bool news = command->app.env.log.level >= RS_LOG_NOTICE;
    if (command->app.json) {
        rs_replay_report_json(report, dry_run, err, &text);
    } else if ((err->code == RS_OK && news) || err->code == RS_E_PARTIAL) {
        rs_replay_report_text(report, dry_run, &text);
    }
    print(command, &text);
    rs_strbuf_release(&text);
}

static void write_page(struct command *command, const struct rs_replay_report *report,
                       struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    struct rs_html html = RS_HTML_INIT(&text);
    rs_replay_page_write(&command->page, report, &command->replay, err, &html);
    rs_report_file_write(&command->app.env, command->report, tool.name, &html, err);
    rs_strbuf_release(&text);
}

/* ---- What options have to do with each other ---- */

static bool want_interval(struct command *command, struct rs_error *err)
{
    if (!command->archive.from || !command->archive.to) {
        (void)rs_error_set(err, RS_E_USAGE, "no range of time is given");
        return rs_error_hint(err, "name both ends: --from=2026-11-01 --to=2026-12-01 is November");
    }
    return rs_interval_parse(command->archive.from, command->archive.to, &command->replay.interval,
                             err);
}

static bool want_lengths(struct command *command, struct rs_error *err)
{
    struct rs_replay_options *replay = &command->replay;
    if (!rs_duration_parse("--window", command->window, &replay->window_us, err) ||
        !rs_duration_parse("--wait", command->archive.wait, &replay->wait_us, err) ||
        (command->only_between && !rs_hours_parse(command->only_between, &replay->hours, err))) {
        return false;
    }
    if (replay->window_us == 0) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--window\": a window has no length");
        return rs_error_hint(err, "write a number and a unit: 6h, 1d or 1w");
    }
    return true;
}

static bool check(struct command *command, struct rs_error *err)
{
    const struct rs_sync_options *sync = &command->replay.sync;
    return rs_sync_options_check_source(sync, err) && rs_sync_options_check_limit(sync, err) &&
           want_interval(command, err) && want_lengths(command, err) &&
           rs_backfill_archive_check_part(&command->archive, &command->replay.calls, err);
}

/* ---- The work ---- */

static int work(struct command *command, struct rs_error *err)
{
    struct rs_replay_report report = {.status = RS_SYNC_FAILURE};
    bool begun = err->code == RS_OK && check(command, err) &&
                 rs_report_file_check(&command->app.env, command->report, err);
    if (begun) {
        command->replay.sync.meter = rs_backfill_progress_begin(&command->app);
        command->replay.rate = command->rate;
        command->replay.events = (const char *const *)command->archive.events.items;
        command->replay.event_count = command->archive.events.count;
        command->replay.window = show_window;
        command->replay.arg = command;
        (void)!rs_replay_run(&command->app.env, &command->replay, &report, err);
    }
    rs_progress_end(&command->app.progress, err->code == RS_OK);
    print_summary(command, &report, err);
    if (begun && command->report) {
        write_page(command, &report, err);
    }
    if (err->code == RS_OK && command->output.code != RS_OK) {
        *err = command->output;
    }
    int status = report.inputs_suspect > 0 ? EXIT_LOOK_AT_IT : EXIT_SUCCESS;
    rs_replay_report_release(&report);
    return status;
}

int rs_backfill_replay_main(int argc, char **argv)
{
    struct command command = {
        .replay = {.sync.memory_bytes = RS_SYNC_MEMORY_DEFAULT, .jobs = 1},
        .window = "1d",
        .archive.wait = "1h",
    };
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = EXIT_SUCCESS;

    command.choices = RS_SYNC_CHOICES_INIT(&command.replay.sync);
    add_everyday(&command, table, &count);
    rs_sync_options_add_events(&command.choices, table, &count);
    rs_sync_options_add_run(&command.choices, table, &count);
    rs_sync_options_add_redshift(&command.choices, table, &count);
    rs_sync_options_add_aws(&command.replay.sync, table, &count);
    rs_app_begin(&command.app, &tool, rs_tool_libraries);
    if (rs_app_options(&command.app, table, argc, argv, &err) || err.code != RS_OK) {
        rs_sync_options_settle(&command.choices, &command.app);
        status = work(&command, &err);
    }
    rs_replay_page_release(&command.page);
    rs_option_list_release(&command.archive.events);
    rs_sync_choices_release(&command.choices);
    return rs_app_end(&command.app, status, &err);
}
