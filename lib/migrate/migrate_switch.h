/*
 * migrate/migrate_switch.h - move a schema's rs-sync from one host to another, with no gap and no
 * double.
 *
 *   struct rs_migrate_switch_report report = {0};
 *   if (rs_migrate_switch_run(&env, &options, &report, &err)) ... no difference: done
 *   rs_migrate_switch_report_release(&report);
 *
 * In this order: pause the schema on the old host; wait until no run is under way there; migrate
 * what has changed since the last migration; verify; bring the ledger along; resume on the new
 * host. Each step finds out by itself what is done already, so that the whole can be run again at
 * any time. But for the pause nothing is changed on the old host, ever: rs-sync --resume there
 * takes all back, as long as nothing was loaded on the new one.
 *
 * Pure:    no: databases, S3, the clock.
 * Owns:    the report's parts; released with rs_migrate_switch_report_release.
 * Threads: main thread only.
 */
#ifndef RS_MIGRATE_MIGRATE_SWITCH_H
#define RS_MIGRATE_MIGRATE_SWITCH_H

#include "base/env.h"
#include "migrate/migrate.h"
#include "migrate/verify.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum rs_migrate_switch_step {
    RS_MIGRATE_SWITCH_PAUSE,
    RS_MIGRATE_SWITCH_WAIT,
    RS_MIGRATE_SWITCH_MIGRATE,
    RS_MIGRATE_SWITCH_VERIFY,
    RS_MIGRATE_SWITCH_LEDGER,
    RS_MIGRATE_SWITCH_RESUME,
};

struct rs_migrate_switch_options {
    struct rs_migrate_options migrate; /* all tables */
    enum rs_migrate_switch_step until; /* the last step that is done */
    unsigned wait_seconds;             /* for a run that is under way; 0: an hour */
};

struct rs_migrate_switch_report {
    bool was_done;  /* by an earlier run: nothing was left to do */
    unsigned steps; /* that are done, in their order */
    struct rs_migrate_report rows;
    struct rs_migrate_report ledger;
    struct rs_verify_report verified;
};

/* "pause", "wait", "migrate", "verify", "ledger", "resume"; ended by NULL. */
extern const char *const rs_migrate_switch_steps[];

/*
 * err  as rs_migrate_run; RS_E_BUSY when a run on the old host goes on for longer than it was
 *      waited for. With differences it ends after RS_MIGRATE_SWITCH_VERIFY, without an error.
 */
RS_MUST_USE bool rs_migrate_switch_run(const struct rs_env *env,
                                       const struct rs_migrate_switch_options *options,
                                       struct rs_migrate_switch_report *report,
                                       struct rs_error *err);
void rs_migrate_switch_report_release(struct rs_migrate_switch_report *report);
void rs_migrate_switch_report_json(const struct rs_migrate_switch_report *report,
                                   const struct rs_error *err, struct rs_strbuf *out);

#endif
