/*
 * Read this first: a run of rs-sync, from top to bottom of take_steps.
 *
 *   rs_record_enter        the schema is this run's: lock, pause            (lib/sync/record.c)
 *   rs_list_inputs         operands -> inputs                               (lib/sync/read_events.c)
 *   rs_record_skip_loaded  less those that the ledger has                   (lib/sync/record.c)
 *   rs_read_events         inputs -> lines -> events -> cells in batches    (lib/sync/intake.c)
 *   rs_settle_schema       what all events showed, and the catalog -> types, plan, layout
 *   rs_settle_duplicates   one row an id in each table                      (lib/sync/settle.c)
 *   then one of            rs_plan_print                                    (lib/sync/plan_text.c)
 *                          rs_write_bundle                                  (lib/sync/write_bundle.c)
 *                          rs_load_tables, after rs_widen_columns           (lib/sync/widen_columns.c)
 *                          and, in Redshift, stage: rows -> files in S3     (lib/sync/staging.c)
 *                          rs_compare_tables: a window's rows with those there
 *                                                                           (lib/sync/compare.c)
 *
 * lib/shard has runs of other steps: one that stages a share of the rows, and one that loads what all
 * shares have staged. A run over a window takes a part of the events, of inputs that are listed
 * (lib/sync/run_window.c): rs-backfill replay and gap are such runs.
 *
 * Nothing outside of the process changes before the last lines, but for a row in a ledger that is
 * there already, which says that the run is at work, and for a file in S3 that says the same
 * (lib/sync/staging.c). A database is changed a table at a time, each in a transaction of its own;
 * the inputs are recorded as loaded after all of them, with rejects and discards, in one more. A
 * run that ends in between is done again by the next one: the same ids replace the same rows.
 */
#include "sync/pipeline.h"

#include "sync/compare.h"
#include "sync/keep_alive.h"
#include "sync/load_tables.h"
#include "sync/pipeline_init.h"
#include "sync/plan_text.h"
#include "sync/read_events.h"
#include "sync/reasons.h"
#include "sync/record.h"
#include "sync/settle.h"
#include "sync/staging.h"
#include "sync/widen_columns.h"
#include "sync/write_bundle.h"

/* Redshift takes rows from files in S3 alone. Reading and staging may each take hours. */
static bool stage(struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (!pipeline->staging) {
        return true;
    }
    if (!rs_keep_alive_hold(pipeline, err) || !rs_staging_sweep(pipeline->staging, err)) {
        return false;
    }
    rs_keep_alive_lend(pipeline);
    return rs_staging_write_tables(pipeline->staging, err) && rs_keep_alive_hold(pipeline, err);
}

static bool take_steps(void *arg, struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    (void)arg;
    if (!rs_record_enter(pipeline, err) || !rs_list_inputs(pipeline, err) ||
        !rs_record_skip_loaded(pipeline, err) || !rs_read_events(pipeline, err) ||
        !rs_settle_schema(pipeline, err) || !rs_settle_duplicates(pipeline, err)) {
        return false;
    }
    if (options->plan_only) {
        return rs_widen_foretell(pipeline, err) && rs_plan_print(pipeline, err);
    }
    if (options->window && options->window->compare) {
        return rs_compare_tables(pipeline, err);
    }
    rs_pipeline_list_tables(pipeline);
    bool ok = options->bundle ? rs_write_bundle(pipeline, err)
                              : rs_keep_alive_try(pipeline, rs_record_begin, err) &&
                                    rs_widen_columns(pipeline, err) && stage(pipeline, err) &&
                                    rs_load_tables(pipeline, err);
    return ok && rs_record_reject_file(pipeline, err);
}

/* All that could be loaded is, but some inputs could not be read. */
static bool fail_in_part(const struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_report *report = pipeline->report;
    (void)rs_error_set(
        err, RS_E_PARTIAL, "could not load %llu of %llu inputs: %s",
        (unsigned long long)report->inputs_failed,
        (unsigned long long)(report->inputs_failed + report->inputs + report->inputs_skipped),
        pipeline->damage.message);
    const char *hint = pipeline->damage.hint;
    return rs_error_hint(err, "%s, then run again: all others are %s", *hint ? hint : "mend it",
                         pipeline->share ? "staged" : "loaded");
}

static bool run(struct rs_pipeline *pipeline, const struct rs_pipeline_kind *kind,
                struct rs_error *err)
{
    bool done = kind->steps(kind->arg, pipeline, err);
    rs_reasons_collect(pipeline);
    if (!done) {
        rs_record_failure(pipeline, err);
        /* Files of a failure are there to be looked at, until a later run removes them. */
        if (pipeline->staging && (!pipeline->recorded || err->code == RS_E_INTERRUPTED)) {
            rs_staging_remove(pipeline->staging);
        }
        pipeline->report->status = err->code == RS_E_PARTIAL ? RS_SYNC_PARTIAL : RS_SYNC_FAILURE;
        return false;
    }
    bool whole = pipeline->damage.code == RS_OK;
    pipeline->report->status = whole ? RS_SYNC_SUCCESS : RS_SYNC_PARTIAL;
    return whole || fail_in_part(pipeline, err);
}

bool rs_pipeline_run(const struct rs_env *env, const struct rs_sync_options *options,
                     const struct rs_pipeline_kind *kind, struct rs_sync_report *report,
                     struct rs_error *err)
{
    struct rs_pipeline pipeline = {
        .env = env, .options = options, .report = report, .share = kind->share};
    report->status = RS_SYNC_FAILURE;
    bool ok = rs_pipeline_init(&pipeline, kind->option, err) && run(&pipeline, kind, err);
    rs_pipeline_release(&pipeline);
    return ok;
}

bool rs_sync_run(const struct rs_env *env, const struct rs_sync_options *options,
                 struct rs_sync_report *report, struct rs_error *err)
{
    static const struct rs_pipeline_kind plain = {.steps = take_steps};
    return rs_pipeline_run(env, options, &plain, report, err);
}
