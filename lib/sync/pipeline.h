/*
 * sync/pipeline.h - what all runs have in common, whatever their steps are.
 *
 *   struct rs_pipeline_kind kind = {.option = "--commit", .steps = steps, .arg = &work};
 *   rs_pipeline_run(env, options, &kind, report, err)
 *
 * rs_sync_run is such a run, and so are those of lib/shard.
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_PIPELINE_H
#define RS_SYNC_PIPELINE_H

#include "sync/pipeline_state.h"

struct rs_pipeline_kind {
    const char *option;               /* as rs_pipeline_init; or NULL */
    const struct rs_run_share *share; /* the run stages it; or NULL */
    /* All that is done between the begin and the end of the run; err as rs_sync_run. */
    bool (*steps)(void *arg, struct rs_pipeline *pipeline, struct rs_error *err);
    void *arg;
};

/* Begin a run, take its steps, and say in report and ledger how it ended. err as rs_sync_run. */
RS_MUST_USE bool rs_pipeline_run(const struct rs_env *env, const struct rs_sync_options *options,
                                 const struct rs_pipeline_kind *kind, struct rs_sync_report *report,
                                 struct rs_error *err);

#endif
