/*
 * sync/compare.h - what a window's inputs have, compared with what the tables have.
 *
 * Pure:    no: the database.   Threads: main thread only.
 */
#ifndef RS_SYNC_COMPARE_H
#define RS_SYNC_COMPARE_H

#include "sync/pipeline_state.h"

/* Compare what would be loaded with what is there; the window's compare is told of each table. */
RS_MUST_USE bool rs_compare_tables(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
