/*
 * sync/settle.h - the steps of a run between reading and writing: types, plan, layout, duplicates.
 *
 *   rs_settle_schema(pipeline, err) && rs_settle_duplicates(pipeline, err)
 *
 * One whose rows are loaded by another run has a plan of its own in place of rs_settle_schema,
 *
 *   rs_settle_wanted(pipeline, err)             pipeline->wanted and existing are there
 *   rs_plan_make(... UINT64_MAX, &pipeline->plan)
 *   rs_settle_layout(pipeline, &files);         columns are those of its files
 *   rs_settle_null_text(pipeline);
 *
 * Threads: main thread only; rs_settle_duplicates starts and ends its workers.
 */
#ifndef RS_SYNC_SETTLE_H
#define RS_SYNC_SETTLE_H

#include "sync/pipeline_state.h"

/* From what all events showed, and the catalog: wanted, existing, plan, layout, the text for NULL. */
RS_MUST_USE bool rs_settle_schema(struct rs_pipeline *pipeline, struct rs_error *err);

/* Its parts. files is borrowed as long as the layout, and has the tables of wanted. */
RS_MUST_USE bool rs_settle_wanted(struct rs_pipeline *pipeline, struct rs_error *err);
void rs_settle_layout(struct rs_pipeline *pipeline, const struct rs_schema *files);
void rs_settle_null_text(struct rs_pipeline *pipeline);

/* One row an id in each table; the report gets the number of those that lost. */
RS_MUST_USE bool rs_settle_duplicates(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
