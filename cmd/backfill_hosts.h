/*
 * backfill_hosts.h - the options of the subcommands that are between two hosts.
 *
 *   struct rs_backfill_hosts given = {0};
 *   rs_backfill_hosts_add_databases(&given, table, &count);
 *   ... rs_app_options ...
 *   if (rs_backfill_hosts_settle(&given, &app, &err)) ... given.hosts, given.account
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_BACKFILL_HOSTS_H
#define RS_CMD_BACKFILL_HOSTS_H

#include "aws/account.h"
#include "cli/app.h"
#include "cli/help.h"
#include "cli/options.h"
#include "migrate/hosts.h"
#include "migrate/migrate.h"
#include "rs/error.h"

struct rs_backfill_hosts {
    struct rs_hosts_options hosts;
    struct rs_account_options account;
    const char *stage;
    unsigned sse;
    const char *iam_role; /* on both hosts; NULL: our keys */
    const char *from_role;
    const char *to_role;
    const char *profile;
    const char *region;
    bool insecure_secrets; /* on both hosts, as the next two */
    bool no_password;
    bool password;
    struct rs_passwords passwords;
};

/* --from, --to, --schema, --to-schema. */
void rs_backfill_hosts_add_databases(struct rs_backfill_hosts *given, struct rs_option *table,
                                     size_t *count);

/* --stage and what COPY and UNLOAD are told; topic "redshift". */
void rs_backfill_hosts_add_stage(struct rs_backfill_hosts *given, struct rs_option *table,
                                 size_t *count);

/* How to get to either host; topic "hosts". */
void rs_backfill_hosts_add_ways(struct rs_backfill_hosts *given, struct rs_option *table,
                                size_t *count);

extern const struct rs_help_topic rs_backfill_hosts_topics[];

/* Check what one row cannot, and put together what several say. To be released in any case. */
RS_MUST_USE bool rs_backfill_hosts_settle(struct rs_backfill_hosts *given, struct rs_app *app,
                                          struct rs_error *err);
void rs_backfill_hosts_release(struct rs_backfill_hosts *given);

/* Put what they say into a migration's options; texts are borrowed. */
void rs_backfill_hosts_fill(const struct rs_backfill_hosts *given,
                            struct rs_migrate_options *options);

#endif
