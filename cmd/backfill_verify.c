/*
 * rs-backfill verify - hold a schema on one host against another. See man/rs-backfill.1.
 */
#include <stdlib.h>

#include "backfill.h"
#include "backfill_hosts.h"
#include "backfill_progress.h"
#include "cli/app.h"
#include "cli/output.h"
#include "cli/report_file.h"
#include "codec/report_page.h"
#include "connect_options.h"
#include "migrate/verify.h"

enum {
    OPTIONS_MAX = 64 /* rows of the table, the last one too */,
    JOBS_MAX = 64,
    EXIT_DIFFERS = 3
};

static const size_t OUTPUT_MAX_BYTES = (size_t)1 << 28;

static const struct rs_help_topic topics[] = {
    {"hosts", "How to get to the two hosts and to AWS.", "from-iam", "s3-endpoint"},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-backfill verify",
    .summary = "Compare a schema on two hosts: counts and checksums, day by day.",
    .operands = "",
    .manual = "rs-backfill(1)",
    .topics = topics,
};

/* page: where a page is to be; NULL: nowhere */
static void write_page(const struct rs_env *env, const struct rs_verify_options *options,
                       const struct rs_verify_report *report, const char *page,
                       struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_PAGE_MAX_BYTES);
    struct rs_html html = RS_HTML_INIT(&text);
    rs_verify_report_page(report, options->hosts.schema, err, &html);
    rs_report_file_write(env, page, tool.name, &html, err);
    rs_strbuf_release(&text);
}

static int run(struct rs_app *app, struct rs_verify_options *options, const char *page,
               struct rs_error *err)
{
    struct rs_strbuf out = RS_STRBUF_INIT(OUTPUT_MAX_BYTES);
    struct rs_verify_report report = {0};
    bool begun = err->code == RS_OK && rs_report_file_check(&app->env, page, err);
    if (begun) {
        options->meter = rs_backfill_progress_begin(app);
    }
    bool ok = begun && rs_verify_run(&app->env, options, &report, err);
    rs_progress_end(&app->progress, ok);
    int status = report.count > 0 ? EXIT_DIFFERS : EXIT_SUCCESS;
    for (size_t i = 0; i < report.notice_count; i++) {
        rs_log(&app->env.log, RS_LOG_NOTICE, "%s", report.notices[i]);
    }
    if (app->json) {
        rs_verify_report_json(&report, err, &out);
    } else if (ok && (app->env.log.level >= RS_LOG_NOTICE || report.count > 0)) {
        rs_verify_report_text(&report, &out);
    }
    (void)!rs_output_write(rs_strbuf_str(&out), err);
    if (begun && page) {
        write_page(&app->env, options, &report, page, err);
    }
    rs_verify_report_release(&report);
    rs_strbuf_release(&out);
    return status;
}

int rs_backfill_verify_main(int argc, char **argv)
{
    struct rs_app app;
    struct rs_backfill_hosts given = {0};
    struct rs_verify_options options = {.jobs = 0};
    const char *report = NULL;
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = EXIT_SUCCESS;
    const struct rs_option everyday[] = {
        RS_OPT_STRING(0, "tables", &options.tables, "NAMES",
                      "only these, with commas between (else: all)"),
        RS_OPT_UINT(0, "jobs", &options.jobs, 1, JOBS_MAX, "N", "tables at a time (default: 4)"),
        RS_OPT_STRING(0, "report", &report, "FILE", RS_REPORT_HELP),
    };

    rs_backfill_hosts_add_databases(&given, table, &count);
    rs_options_append(table, &count, everyday, RS_COUNTOF(everyday));
    rs_backfill_hosts_add_ways(&given, table, &count);
    rs_app_begin(&app, &tool, rs_tool_libraries);
    if (rs_app_options(&app, table, argc, argv, &err) || err.code != RS_OK) {
        if (err.code == RS_OK && rs_backfill_hosts_settle(&given, &app, &err)) {
            options.hosts = given.hosts;
        }
        status = run(&app, &options, report, &err);
    }
    rs_backfill_hosts_release(&given);
    return rs_app_end(&app, status, &err);
}
