/*
 * rs-backfill switch - move a schema's rs-sync to another host. See man/rs-backfill.1.
 */
#include <stdlib.h>

#include "backfill.h"
#include "backfill_hosts.h"
#include "backfill_progress.h"
#include "cli/app.h"
#include "cli/output.h"
#include "connect_options.h"
#include "migrate/migrate_switch.h"

enum {
    OPTIONS_MAX = 64, /* rows of the table, the last one too */
    JOBS_MAX = 64,
    WAIT_MAX = 1000000,
    EXIT_DIFFERS = 3,
};

static const size_t OUTPUT_MAX_BYTES = (size_t)1 << 28;

static const struct rs_tool tool = {
    .name = "rs-backfill switch",
    .summary = "Move a schema's rs-sync to another host: pause, migrate, verify, resume.",
    .operands = "",
    .manual = "rs-backfill(1)",
    .topics = rs_backfill_hosts_topics,
};

static void print(const struct rs_app *app, const struct rs_migrate_switch_report *report,
                  const struct rs_migrate_switch_options *options, struct rs_strbuf *out)
{
    bool news = app->env.log.level >= RS_LOG_NOTICE;
    if (report->verified.count > 0) {
        rs_verify_report_text(&report->verified, out);
        rs_strbuf_append(out, "not switched: the old host stays paused\n");
    } else if (report->was_done && news) {
        rs_strbuf_append(out, "switched already: nothing is left to do\n");
    } else if (news) {
        rs_strbuf_printf(out, "%llu rows in %llu pieces carried, %llu rows verified\n",
                         (unsigned long long)report->rows.rows,
                         (unsigned long long)report->rows.pieces,
                         (unsigned long long)report->verified.rows);
        rs_strbuf_append(out, options->until == RS_MIGRATE_SWITCH_RESUME
                                  ? "switched: rs-sync goes on at the new host\n"
                                  : "not switched yet: run it again without --until\n");
    }
}

static int run(struct rs_app *app, struct rs_migrate_switch_options *options, struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_migrate_switch_report report = {.was_done = false};
    options->migrate.meter = rs_backfill_progress_begin(app);
    bool ok = err->code == RS_OK && rs_migrate_switch_run(&app->env, options, &report, err);
    rs_progress_end(&app->progress, ok);
    int status = report.verified.count > 0 ? EXIT_DIFFERS : EXIT_SUCCESS;
    for (size_t i = 0; i < report.rows.warning_count; i++) {
        rs_log(&app->env.log, RS_LOG_WARNING, "%s", report.rows.warnings[i]);
    }
    for (size_t i = 0; i < report.rows.notice_count; i++) {
        rs_log(&app->env.log, RS_LOG_NOTICE, "%s", report.rows.notices[i]);
    }
    if (app->json) {
        rs_migrate_switch_report_json(&report, err, &out);
    } else if (ok) {
        print(app, &report, options, &out);
    }
    (void)!rs_output_write(rs_strbuf_str(&out), err);
    rs_migrate_switch_report_release(&report);
    rs_strbuf_release(&out);
    return status;
}

int rs_backfill_switch_main(int argc, char **argv)
{
    struct rs_app app;
    struct rs_backfill_hosts given = {0};
    struct rs_migrate_switch_options options = {.wait_seconds = 0};
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    unsigned until = RS_MIGRATE_SWITCH_RESUME;
    size_t count = 0;
    int status = EXIT_SUCCESS;
    const struct rs_option everyday[] = {
        RS_OPT_ENUM(0, "until", &until, rs_migrate_switch_steps, "STEP",
                    "stop after pause, wait, migrate, verify or ledger"),
        RS_OPT_UINT(0, "wait", &options.wait_seconds, 1, WAIT_MAX, "SECONDS",
                    "for a run under way to end (default: 3600)"),
        RS_OPT_UINT(0, "jobs", &options.migrate.jobs, 1, JOBS_MAX, "N",
                    "pieces at a time (default: 4)"),
    };

    rs_backfill_hosts_add_databases(&given, table, &count);
    rs_options_append(table, &count, everyday, RS_COUNTOF(everyday));
    rs_backfill_hosts_add_stage(&given, table, &count);
    rs_backfill_hosts_add_ways(&given, table, &count);
    rs_app_begin(&app, &tool, rs_tool_libraries);
    if (rs_app_options(&app, table, argc, argv, &err) || err.code != RS_OK) {
        if (err.code == RS_OK && rs_backfill_hosts_settle(&given, &app, &err)) {
            options.until = (enum rs_migrate_switch_step)until;
            rs_backfill_hosts_fill(&given, &options.migrate);
        }
        status = run(&app, &options, &err);
    }
    rs_backfill_hosts_release(&given);
    return rs_app_end(&app, status, &err);
}
