/*
 * migrate/verify.h - hold a schema on one host against the same on another.
 *
 *   struct rs_verify_report report = {0};
 *   if (rs_verify_run(&env, &options, &report, &err)) ... report.count == 0: they are the same
 *   rs_verify_report_text(&report, &out);
 *   rs_verify_report_release(&report);
 *
 * Each table's days (by received_at) are counted and summed up in the databases
 * (migrate/row_checksum.h); for a day that differs, each column is. No row leaves a database.
 *
 * Pure:    no: databases.
 * Owns:    the report's texts; released with rs_verify_report_release.
 * Threads: main thread only; it starts and ends its own workers.
 */
#ifndef RS_MIGRATE_VERIFY_H
#define RS_MIGRATE_VERIFY_H

#include "base/env.h"
#include "base/meter.h"
#include "migrate/hosts.h"
#include "migrate/verify_report.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_verify_options {
    struct rs_hosts_options hosts;
    const char *tables;     /* names with commas between; NULL: all but the ledger's */
    unsigned jobs;          /* tables at a time; 0: 4 */
    struct rs_meter *meter; /* is told how far it is; or NULL */
};

RS_MUST_USE bool rs_verify_run(const struct rs_env *env, const struct rs_verify_options *options,
                               struct rs_verify_report *report, struct rs_error *err);

#endif
