/*
 * sync_options.h - the options of a run, which rs-sync and the subcommands of rs-backfill share.
 *
 *   struct rs_sync_options options = {.memory_bytes = RS_SYNC_MEMORY_DEFAULT};
 *   struct rs_sync_choices choices = RS_SYNC_CHOICES_INIT(&options);
 *   rs_sync_options_add_events(&choices, table, &count);     --exclude ... --max-new-columns
 *   rs_sync_options_add_run(&choices, table, &count);        --select ... --lock-timeout
 *   rs_sync_options_add_redshift(&choices, table, &count);   --stage ... --query-group
 *   rs_sync_options_add_aws(&options, table, &count);     --iam ... --s3-endpoint
 *   if (rs_app_options(...)) rs_sync_options_settle(&choices, &app);
 *   rs_sync_choices_release(&choices);
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_SYNC_OPTIONS_H
#define RS_CMD_SYNC_OPTIONS_H

#include "connect_options.h"
#include "sync/sync.h"

enum { RS_SYNC_JOBS_MAX = 64 };

/* What options write that is no member of the options. */
struct rs_sync_choices {
    struct rs_sync_options *options;
    unsigned compress;
    unsigned arrays;
    unsigned sse;
    unsigned opt_out;
    unsigned null_traits;
    struct rs_option_list excludes;
    struct rs_passwords passwords;
};

#define RS_SYNC_CHOICES_INIT(options_)                                                             \
    ((struct rs_sync_choices){                                                                     \
        .options = (options_), .compress = RS_COMPRESS_ZSTD, .arrays = RS_ARRAYS_TEXT})

/*
 * Which events, and what becomes of them: --exclude, --skip-archived, --warehouse-id, --opt-out,
 * --null-traits, --max-new-columns.
 */
void rs_sync_options_add_events(struct rs_sync_choices *choices, struct rs_option *table,
                                size_t *count);

/* --select, --compress, --threads, --memory, --lock-timeout. */
void rs_sync_options_add_run(struct rs_sync_choices *choices, struct rs_option *table,
                             size_t *count);

/* How rows go to Redshift: --stage first, --query-group last. */
void rs_sync_options_add_redshift(struct rs_sync_choices *choices, struct rs_option *table,
                                  size_t *count);

/* The way to the database and to AWS: --iam first, --s3-endpoint last. */
void rs_sync_options_add_aws(struct rs_sync_options *options, struct rs_option *table,
                             size_t *count);

/* The forms of schema, stage and role. RS_E_USAGE: what is wrong. */
RS_MUST_USE bool rs_sync_options_check_names(const struct rs_sync_options *options,
                                             struct rs_error *err);

/* The form of --max-rejects. */
RS_MUST_USE bool rs_sync_options_check_limit(const struct rs_sync_options *options,
                                             struct rs_error *err);

/* The forms of the endpoint and of inputs in S3. */
RS_MUST_USE bool rs_sync_options_check_addresses(const struct rs_sync_options *options,
                                                 struct rs_error *err);

/* A database, a schema and inputs are given, and all of them and the rest have their form. */
RS_MUST_USE bool rs_sync_options_check_source(const struct rs_sync_options *options,
                                              struct rs_error *err);

/* Put into the options what choices and app have: operands are inputs. */
void rs_sync_options_settle(struct rs_sync_choices *choices, struct rs_app *app);
void rs_sync_choices_release(struct rs_sync_choices *choices);

#endif
