/*
 * rs-backfill migrate - carry a schema from one host to another. See man/rs-backfill.1.
 */
#include <stdlib.h>

#include "backfill.h"
#include "backfill_hosts.h"
#include "backfill_progress.h"
#include "cli/app.h"
#include "cli/output.h"
#include "connect_options.h"
#include "migrate/migrate.h"
#include "replay/interval_text.h"

enum { OPTIONS_MAX = 64 /* rows of the table, the last one too */, JOBS_MAX = 64 };

static const uint64_t PIECE_ROWS_MAX = (uint64_t)1 << 31;
static const size_t OUTPUT_MAX_BYTES = (size_t)1 << 26;

static const struct rs_tool tool = {
    .name = "rs-backfill migrate",
    .summary = "Carry a schema from one host to another, piece by piece.",
    .operands = "",
    .manual = "rs-backfill(1)",
    .topics = rs_backfill_hosts_topics,
};

static void run(struct rs_app *app, struct rs_migrate_options *options, struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_migrate_report report = {0};
    options->meter = rs_backfill_progress_begin(app);
    bool ok = err->code == RS_OK && rs_migrate_run(&app->env, options, &report, err);
    rs_progress_end(&app->progress, ok);
    for (size_t i = 0; i < report.warning_count; i++) {
        rs_log(&app->env.log, RS_LOG_WARNING, "%s", report.warnings[i]);
    }
    for (size_t i = 0; i < report.notice_count; i++) {
        rs_log(&app->env.log, RS_LOG_NOTICE, "%s", report.notices[i]);
    }
    if (app->json) {
        rs_migrate_report_json(&report, err, &out);
    } else if ((ok && app->env.log.level >= RS_LOG_NOTICE) || (!ok && report.pieces > 0)) {
        rs_migrate_report_text(&report, &out);
    }
    (void)!rs_output_write(rs_strbuf_str(&out), err);
    rs_migrate_report_release(&report);
    rs_strbuf_release(&out);
}

/* A length of time, or a number. */
static bool take_overlap(const char *text, struct rs_migrate_options *options, struct rs_error *err)
{
    return rs_str_parse_u64(rs_str_from(text), 1, UINT32_MAX, &options->overlap) ||
           rs_duration_parse("--overlap", text, &options->overlap_us, err);
}

int rs_backfill_migrate_main(int argc, char **argv)
{
    struct rs_app app;
    struct rs_backfill_hosts given = {0};
    struct rs_migrate_options options = {.jobs = 0};
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    unsigned piece_rows = 0;
    const char *again = NULL;
    const char *overlap = NULL;
    size_t count = 0;
    const struct rs_option everyday[] = {
        RS_OPT_STRING(0, "tables", &options.tables, "NAMES",
                      "only these, with commas between (else: all)"),
        RS_OPT_STRING(0, "since", &options.since, "COLUMN",
                      "rows where it is greater than on the new host"),
        RS_OPT_STRING(0, "key", &options.key, "COLUMNS",
                      "with --since: tell rows apart (default: the key)"),
        RS_OPT_STRING(0, "overlap", &overlap, "LENGTH", "with --since: from that long before (1h)"),
        RS_OPT_OPTIONAL("again", &again, "", "TABLES",
                        "carry also what is there (all, or these anew)"),
        RS_OPT_UINT(0, "jobs", &options.jobs, 1, JOBS_MAX, "N", "pieces at a time (default: 4)"),
        RS_OPT_UINT(0, "piece-rows", &piece_rows, 1, PIECE_ROWS_MAX, "N",
                    "rows of a piece at most (default: 1000000)"),
    };

    rs_backfill_hosts_add_databases(&given, table, &count);
    rs_options_append(table, &count, everyday, RS_COUNTOF(everyday));
    rs_backfill_hosts_add_stage(&given, table, &count);
    rs_backfill_hosts_add_ways(&given, table, &count);
    rs_app_begin(&app, &tool, rs_tool_libraries);
    if (rs_app_options(&app, table, argc, argv, &err) || err.code != RS_OK) {
        if (err.code == RS_OK && rs_backfill_hosts_settle(&given, &app, &err)) {
            rs_backfill_hosts_fill(&given, &options);
            options.piece_rows = piece_rows;
            options.again = again && again[0] == '\0';
            options.anew = again && again[0] != '\0' ? again : NULL;
        }
        if (err.code == RS_OK && overlap) {
            (void)!take_overlap(overlap, &options, &err);
        }
        if (err.code == RS_OK && again && options.since) {
            rs_error_set(&err, RS_E_USAGE, "--again and --since exclude each other");
            (void)rs_error_hint(&err, "--again carries what is there, --since what is new");
        }
        run(&app, &options, &err);
    }
    rs_backfill_hosts_release(&given);
    return rs_app_end(&app, EXIT_SUCCESS, &err);
}
