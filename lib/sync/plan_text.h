/*
 * sync/plan_text.h - a run's plan in words and in SQL.
 *
 * Pure:    yes, but for the spill files behind the rows.   Threads: main thread only.
 */
#ifndef RS_SYNC_PLAN_TEXT_H
#define RS_SYNC_PLAN_TEXT_H

#include "sync/pipeline_state.h"

/* Log what will change in the schema; where there is one, the report gets it too, once. */
void rs_plan_tell(const struct rs_pipeline *pipeline);

/* Put the plan into the report: the SQL that would run, and what would not fit. */
RS_MUST_USE bool rs_plan_print(struct rs_pipeline *pipeline, struct rs_error *err);

/* Append the SQL that would load a bundle into Redshift from S3. */
void rs_plan_append_load_sql(const struct rs_pipeline *pipeline, struct rs_strbuf *out);

#endif
