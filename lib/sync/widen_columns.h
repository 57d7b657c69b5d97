/*
 * sync/widen_columns.h - longer varchars, before rows are staged or encoded in their lengths.
 *
 *   rs_widen_foretell(pipeline, err)    --plan: nothing changes
 *   rs_widen_columns(pipeline, err)     the columns are wide, or the plan keeps them as they are
 *
 * In PostgreSQL, which widens within the load's transaction, only what is in the way is looked for.
 *
 * Pure:    no: the run's session, in Redshift one of its own, where the plan has a column to widen.
 * Threads: main thread only.
 */
#ifndef RS_SYNC_WIDEN_COLUMNS_H
#define RS_SYNC_WIDEN_COLUMNS_H

#include "sync/pipeline_state.h"

/* Foretell what rs_widen_columns will do; the plan's steps say so. */
RS_MUST_USE bool rs_widen_foretell(struct rs_pipeline *pipeline, struct rs_error *err);

/*
 * Widen the columns of the plan. One that cannot be costs no other anything: it is kept, its values
 * are encoded for the length that it has, and a notice says so.
 *
 * err  RS_E_NET, RS_E_INTERRUPTED; RS_E_DATABASE (retryable) when conflicts did not end
 */
RS_MUST_USE bool rs_widen_columns(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
