/*
 * rs-backfill gap - see man/rs-backfill.1.
 */
#include <stdlib.h>

#include "backfill.h"
#include "rs/cli/app.h"
#include "rs/cli/options.h"
#include "sync_rows.h"

enum { OPTIONS_MAX = 64 /* rows of the table, the last one too */ };

static const struct rs_help_topic topics[] = {
    {"redshift", "How rows go to Redshift.", "stage", "query-group"},
    {"aws", "How to get to the database and to AWS.", "iam", "s3-endpoint"},
    {.name = NULL},
};

static const struct rs_tool tool = {
    .name = "rs-backfill gap",
    .summary = "Find the days whose events are in an archive and not in the tables.",
    .operands = "FILE|DIR|s3://...",
    .manual = "rs-backfill(1)",
    .topics = topics,
};

int rs_backfill_gap_main(int argc, char **argv)
{
    struct rs_app app;
    struct rs_sync_options options = {.memory_bytes = RS_SYNC_MEMORY_DEFAULT};
    struct rs_sync_rows rows = RS_SYNC_ROWS_INIT(&options);
    struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
    struct rs_error err = {0};
    size_t count = 0;
    int status = EXIT_SUCCESS;
    const struct rs_option everyday[] = {
        RS_OPT_STRING('d', "dbname", &options.dbname, "CONNINFO",
                      "load into this database; '' is the PG* variables"),
        RS_OPT_STRING('n', "schema", &options.schema, "NAME",
                      "the source: the schema that holds its tables"),
    };

    rs_add_rows(table, &count, everyday, RS_COUNTOF(everyday));
    rs_add_run_rows(&rows, table, &count);
    rs_add_redshift_rows(&rows, table, &count);
    rs_add_aws_rows(&options, table, &count);
    rs_app_begin(&app, &tool, rs_tool_libraries);
    if (rs_app_options(&app, table, argc, argv, &err)) {
        rs_sync_rows_settle(&rows, &app);
        if (rs_sync_rows_check_names(&options, &err)) {
            (void)rs_error_set(&err, RS_E_USAGE, "could not do \"gap\": it is not there yet");
        }
    }
    return rs_app_end(&app, status, &err);
}
