/*
 * backfill_sides.h - the options of the subcommands that are between two hosts.
 *
 *   struct rs_sides sides = {0};
 *   rs_add_side_rows(&sides, table, &count);
 *   ... rs_app_options ...
 *   if (rs_sides_settle(&sides, &err)) ... sides.hosts, sides.account
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_BACKFILL_SIDES_H
#define RS_CMD_BACKFILL_SIDES_H

#include "aws/account.h"
#include "base/error.h"
#include "cli/help.h"
#include "cli/options.h"
#include "migrate/hosts.h"
#include "migrate/migrate.h"

struct rs_sides {
    struct rs_hosts_options hosts;
    struct rs_account_options account;
    const char *stage;
    const char *iam_role; /* on both hosts; NULL: our keys */
    const char *from_role;
    const char *to_role;
    const char *profile;
    const char *region;
};

/* --from, --to, --schema, --to-schema. */
void rs_add_side_rows(struct rs_sides *sides, struct rs_option *table, size_t *count);

/* --stage and what COPY and UNLOAD are told; topic "redshift". */
void rs_add_stage_rows(struct rs_sides *sides, struct rs_option *table, size_t *count);

/* How to get to either host; topic "hosts". */
void rs_add_host_rows(struct rs_sides *sides, struct rs_option *table, size_t *count);

extern const struct rs_help_topic rs_side_topics[];

/* Check what one row cannot, and put together what several say. */
RS_MUST_USE bool rs_sides_settle(struct rs_sides *sides, struct rs_error *err);

/* Put what they say into a migration's options; texts are borrowed. */
void rs_sides_fill(const struct rs_sides *sides, struct rs_migrate_options *options);

#endif
