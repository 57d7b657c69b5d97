/*
 * rs-backfill gap - find the days whose events are in an archive and not in the tables.
 *
 * Reads the options and hands them to replay/gap.h.
 */
#include <stdlib.h>

#include "backfill.h"
#include "backfill_archive.h"
#include "backfill_progress.h"
#include "cli/output.h"
#include "cli/report_file.h"
#include "codec/report_page.h"
#include "replay/gap.h"
#include "replay/interval_text.h"

enum {
    OPTIONS_MAX = 64, /* rows of the table, the last one too */
    EXIT_GAP = 3,
};

static const size_t OUTPUT_MAX_BYTES = (size_t)1 << 30;

static const struct rs_help_topic topics[] =
    RS_BACKFILL_ARCHIVE_TOPICS("What a day takes, and how it is read.");

static const struct rs_tool tool = {
    .name = "rs-backfill gap",
    .summary = "Find the days whose events are in an archive and not in the tables.",
    .operands = "FILE|DIR|s3://...",
    .manual = "rs-backfill(1)",
    .topics = topics,
};

struct command {
    struct rs_app app;
    struct rs_gap_options gap;
    struct rs_sync_choices choices;
    struct rs_backfill_archive archive;
    const char *report; /* where a page is to be; NULL: nowhere */
};

static void add_everyday(struct command *command, struct rs_option *table, size_t *count)
{
    struct rs_gap_options *gap = &command->gap;
    const struct rs_option filling[] = {
        RS_OPT_FLAG(0, "fill", &gap->fill, "load the days that lack rows, or have some twice"),
        RS_OPT_STRING(0, "wait", &command->archive.wait, "LENGTH",
                      "for another run's lock, with --fill (default: 1h)"),
        RS_OPT_STRING(0, "report", &command->report, "FILE", RS_REPORT_HELP),
    };
    rs_backfill_archive_add_source(&command->archive, &gap->sync,
                                   "compare with this database; '' is the PG* variables", table,
                                   count);
    rs_backfill_archive_add_part(&command->archive, table, count);
    rs_options_append(table, count, filling, RS_COUNTOF(filling));
}

static bool check(struct command *command, struct rs_error *err)
{
    struct rs_gap_options *gap = &command->gap;
    gap->has_interval = command->archive.from || command->archive.to;
    if (!rs_sync_options_check_source(&gap->sync, err)) {
        return false;
    }
    if (gap->has_interval && (!command->archive.from || !command->archive.to)) {
        (void)rs_error_set(err, RS_E_USAGE, "only one end of the range of time is given");
        return rs_error_hint(err, "name both --from and --to, or none for all days of the archive");
    }
    return (!gap->has_interval ||
            rs_interval_parse(command->archive.from, command->archive.to, &gap->interval, err)) &&
           rs_duration_parse("--wait", command->archive.wait, &gap->wait_us, err) &&
           rs_backfill_archive_check_part(&command->archive, &gap->calls, err);
}

static void print(struct command *command, const struct rs_gap_report *report, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    bool news = command->app.env.log.level >= RS_LOG_NOTICE || report->row_count > 0;
    if (command->app.json) {
        rs_gap_report_json(report, err, &text);
    } else if ((err->code == RS_OK && news) || err->code == RS_E_PARTIAL) {
        rs_gap_report_text(report, &text);
    }
    if (!rs_strbuf_ok(&text)) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not print the result: it is over 1 GiB");
    }
    rs_progress_end(&command->app.progress, err->code == RS_OK);
    (void)!rs_output_write(rs_strbuf_str(&text), err);
    rs_strbuf_release(&text);
}

static void write_page(struct command *command, const struct rs_gap_report *report,
                       struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    struct rs_html html = RS_HTML_INIT(&text);
    rs_gap_report_page(report, command->gap.sync.schema, err, &html);
    rs_report_file_write(&command->app.env, command->report, tool.name, &html, err);
    rs_strbuf_release(&text);
}

static int work(struct command *command, struct rs_error *err)
{
    struct rs_gap_report report = {0};
    bool begun = err->code == RS_OK && check(command, err) &&
                 rs_report_file_check(&command->app.env, command->report, err);
    if (begun) {
        command->gap.sync.meter = rs_backfill_progress_begin(&command->app);
        command->gap.events = (const char *const *)command->archive.events.items;
        command->gap.event_count = command->archive.events.count;
        (void)!rs_gap_run(&command->app.env, &command->gap, &report, err);
    }
    print(command, &report, err);
    if (begun && command->report) {
        write_page(command, &report, err);
    }
    int status = report.days_lacking > 0 ? EXIT_GAP : EXIT_SUCCESS;
    rs_gap_report_release(&report);
    return status;
}

int rs_backfill_gap_main(int argc, char **argv)
{
    struct command command = {.gap = {.sync.memory_bytes = RS_SYNC_MEMORY_DEFAULT},
                              .archive.wait = "1h"};
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = EXIT_SUCCESS;

    command.choices = RS_SYNC_CHOICES_INIT(&command.gap.sync);
    add_everyday(&command, table, &count);
    rs_sync_options_add_events(&command.choices, table, &count);
    rs_sync_options_add_run(&command.choices, table, &count);
    rs_sync_options_add_redshift(&command.choices, table, &count);
    rs_sync_options_add_aws(&command.gap.sync, table, &count);
    rs_app_begin(&command.app, &tool, rs_tool_libraries);
    if (rs_app_options(&command.app, table, argc, argv, &err) || err.code != RS_OK) {
        rs_sync_options_settle(&command.choices, &command.app);
        status = work(&command, &err);
    }
    rs_option_list_release(&command.archive.events);
    rs_sync_choices_release(&command.choices);
    return rs_app_end(&command.app, status, &err);
}
