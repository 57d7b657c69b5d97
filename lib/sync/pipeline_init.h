/*
 * sync/pipeline_init.h - begin and end a run.
 *
 *   struct rs_pipeline pipeline = {.env = env, .options = options, .report = report};
 *   rs_pipeline_init(&pipeline, NULL, err) && ... the steps ...
 *   rs_pipeline_release(&pipeline);                                   in any case
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_PIPELINE_INIT_H
#define RS_SYNC_PIPELINE_INIT_H

#include "sync/pipeline_state.h"

/*
 * Check the options and open what they name: selection, database, account, and where rows are staged.
 *
 * pipeline  env, options, report and share are set, all else is zero; to be released, also on failure
 * option    asks for files in S3, which PostgreSQL does not load from: "--shard"; or NULL
 * err       as rs_sync_run
 */
RS_MUST_USE bool rs_pipeline_init(struct rs_pipeline *pipeline, const char *option,
                                  struct rs_error *err);
void rs_pipeline_release(struct rs_pipeline *pipeline);

#endif
