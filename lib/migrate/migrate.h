/*
 * migrate/migrate.h - copy a schema from one host to another, piece by piece.
 *
 *   struct rs_migrate_options options = {.hosts = {...}, .stage = "s3://lake/stage"};
 *   struct rs_migrate_report report = {0};
 *   if (!rs_migrate_run(&env, &options, &report, &err)) ...
 *   rs_migrate_report_text(&report, &out);      migrate/migrate_report.h
 *   rs_migrate_report_release(&report);
 *
 * Tables that the new host lacks are made as they are on the old one; to those that are there,
 * columns are added. Each is cut into pieces (migrate/piece.h), and only pieces whose rows are not
 * yet there as they are now are copied. So a run that was broken off is finished by the next, and a
 * run after a run copies what has changed between.
 *
 * Pure:    no: databases, S3, the clock.
 * Owns:    the report's texts; released with rs_migrate_report_release.
 * Threads: main thread only; a run starts and ends its own workers.
 */
#ifndef RS_MIGRATE_MIGRATE_H
#define RS_MIGRATE_MIGRATE_H

#include "aws/account.h"
#include "base/env.h"
#include "base/meter.h"
#include "migrate/hosts.h"
#include "migrate/migrate_report.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_MIGRATE_PIECE_ROWS = 1000000, RS_MIGRATE_JOBS = 4 };

/* Which tables. */
enum rs_migrate_what {
    RS_MIGRATE_ROWS,   /* all but the ledger's */
    RS_MIGRATE_LEDGER, /* the ledger's, as a last step; rs_syncs is the last of them */
};

struct rs_migrate_options {
    struct rs_hosts_options hosts;
    const char *stage;     /* s3://bucket/prefix; NULL between two PostgreSQLs */
    const char *from_role; /* as whom UNLOAD writes: an ARN, "default"; NULL: with our keys */
    const char *to_role;   /* as whom COPY reads */
    struct rs_account_options account;
    const char *tables; /* names with commas between; NULL: all */
    const char *since;  /* a column: copy rows where it is greater than on the new host */
    const char *key;    /* with since: columns that tell rows apart; NULL: migrate/row_key.h */
    int64_t overlap_us; /* with since, a column of times: from how long before; 0: as manual says */
    uint64_t overlap;   /* the same of a column of numbers */
    unsigned jobs;      /* pieces at a time; 0: RS_MIGRATE_JOBS */
    uint64_t piece_rows; /* 0: RS_MIGRATE_PIECE_ROWS */
    bool again;          /* copy all pieces once more */
    const char *anew;    /* tables to be copied anew whoever has filled them; NULL: none */
    enum rs_migrate_what what;
    bool switching;          /* the new host's ledger may have been begun */
    struct rs_meter *meter;  /* is told how far it is; or NULL */
    void (*tick)(void *arg); /* called some times a second while pieces are copied; or NULL */
    void *tick_arg;
};

/*
 * err  RS_E_USAGE; RS_E_BUSY: another run is at work on the new host's schema; RS_E_DATABASE;
 *      RS_E_NET; RS_E_INTERRUPTED: a signal came, and the pieces under way were finished. Pieces
 *      that were copied stay in all cases.
 */
RS_MUST_USE bool rs_migrate_run(const struct rs_env *env, const struct rs_migrate_options *options,
                                struct rs_migrate_report *report, struct rs_error *err);

#endif
