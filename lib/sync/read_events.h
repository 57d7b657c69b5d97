/*
 * sync/read_events.h - the first steps of a run: which inputs there are, and what is in them.
 *
 *   rs_list_inputs(pipeline, err)    operands -> inputs
 *   ... those that are not this run's are marked in left_out ...
 *   rs_read_events(pipeline, err)    inputs -> lines -> events -> cells in batches
 *
 * Threads: main thread only; rs_read_events starts and ends its workers.
 */
#ifndef RS_SYNC_READ_EVENTS_H
#define RS_SYNC_READ_EVENTS_H

#include "sync/pipeline_state.h"

/* List the inputs of the operands or of the window; none is left out yet. */
RS_MUST_USE bool rs_list_inputs(struct rs_pipeline *pipeline, struct rs_error *err);

/*
 * Read the inputs that are not left out. One that cannot be read, or proves damaged, is left out too,
 * with a notice, where others are there: pipeline->damage has the first one's error.
 */
RS_MUST_USE bool rs_read_events(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
