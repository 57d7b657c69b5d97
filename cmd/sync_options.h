/*
 * sync_rows.h - the options of a run, which rs-sync and the subcommands of rs-backfill share.
 *
 *   struct rs_sync_options options = {.memory_bytes = RS_SYNC_MEMORY_DEFAULT};
 *   struct rs_sync_rows rows = RS_SYNC_ROWS_INIT(&options);
 *   rs_add_run_rows(&rows, table, &count);        --select ... --memory
 *   rs_add_redshift_rows(&rows, table, &count);   --stage ... --query-group
 *   rs_add_aws_rows(&options, table, &count);     --iam ... --s3-endpoint
 *   if (rs_app_options(...)) rs_sync_rows_settle(&rows, &app);
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_SYNC_ROWS_H
#define RS_CMD_SYNC_ROWS_H

#include "connect_options.h"
#include "sync/sync.h"
#include "transform/extent.h"

enum { RS_SYNC_JOBS_MAX = 64 };

/* What rows write that is no member of the options. */
struct rs_sync_rows {
    struct rs_sync_options *options;
    unsigned compress;
    unsigned arrays;
};

#define RS_SYNC_ROWS_INIT(options_)                                                                \
    ((struct rs_sync_rows){                                                                        \
        .options = (options_), .compress = RS_COMPRESS_ZSTD, .arrays = RS_ARRAYS_TEXT})

/* --select, --warehouse-id, --compress, --threads, --memory. */
void rs_add_run_rows(struct rs_sync_rows *rows, struct rs_option *table, size_t *count);

/* How rows go to Redshift: --stage first, --query-group last. */
void rs_add_redshift_rows(struct rs_sync_rows *rows, struct rs_option *table, size_t *count);

/* The way to the database and to AWS: --iam first, --s3-endpoint last. */
void rs_add_aws_rows(struct rs_sync_options *options, struct rs_option *table, size_t *count);

/* The forms of schema, stage and role. RS_E_USAGE: what is wrong. */
RS_MUST_USE bool rs_sync_rows_check_names(const struct rs_sync_options *options,
                                          struct rs_error *err);

/* The forms of the endpoint and of inputs in S3. */
RS_MUST_USE bool rs_sync_rows_check_addresses(const struct rs_sync_options *options,
                                              struct rs_error *err);

/* A database, a schema and inputs are given, and all of them and the rest have their form. */
RS_MUST_USE bool rs_sync_rows_check_source(const struct rs_sync_options *options,
                                           struct rs_error *err);

/* A part of the events, of the subcommands that read an archive. */
struct rs_part_rows {
    const char *types;
    struct rs_option_list events; /* to be released */
};

/* --types and --events. */
void rs_add_part_rows(struct rs_part_rows *part, struct rs_option *table, size_t *count);

/* The calls that they name, as transform/extent.h has them. RS_E_USAGE. */
RS_MUST_USE bool rs_part_rows_check(const struct rs_part_rows *part, unsigned *calls,
                                    struct rs_error *err);

/* Put into the options what rows and app have for them: operands are inputs, progress is shown. */
void rs_sync_rows_settle(struct rs_sync_rows *rows, struct rs_app *app);

#endif
