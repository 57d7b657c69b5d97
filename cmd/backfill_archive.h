/*
 * backfill_archive.h - the options of the subcommands that read an archive: replay and gap.
 *
 *   struct rs_backfill_archive archive = {.wait = "1h"};
 *   rs_backfill_archive_add_source(&archive, &sync, "load into this database", table, &count);
 *   rs_backfill_archive_add_part(&archive, table, &count);
 *   ... rs_app_options ...
 *   rs_backfill_archive_check_part(&archive, &calls, &err)
 *   rs_option_list_release(&archive.events);
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_BACKFILL_ARCHIVE_H
#define RS_CMD_BACKFILL_ARCHIVE_H

#include "cli/help.h"
#include "sync_options.h"

/* The topics of their help; run says what --exclude, the first option of a run, begins. */
#define RS_BACKFILL_ARCHIVE_TOPICS(run)                                                            \
    {                                                                                              \
        {"run", run, "exclude", "memory"},                                                         \
            {"redshift", "How rows go to Redshift.", "stage", "query-group"},                      \
            {"aws", "How to get to the database and to AWS.", "iam", "s3-endpoint"},               \
        {                                                                                          \
            .name = NULL                                                                           \
        }                                                                                          \
    }

struct rs_backfill_archive {
    const char *from; /* an interval of received_at */
    const char *to;
    const char *wait;
    const char *types;
    struct rs_option_list events; /* to be released */
};

/* --dbname, --schema, --from and --to; the help of --dbname says what the database is for. */
void rs_backfill_archive_add_source(struct rs_backfill_archive *archive,
                                    struct rs_sync_options *sync, const char *dbname_help,
                                    struct rs_option *table, size_t *count);

/* --types and --events. */
void rs_backfill_archive_add_part(struct rs_backfill_archive *archive, struct rs_option *table,
                                  size_t *count);

/* The calls that they name, as transform/interval_filter.h has them. RS_E_USAGE. */
RS_MUST_USE bool rs_backfill_archive_check_part(const struct rs_backfill_archive *archive,
                                                unsigned *calls, struct rs_error *err);

#endif
