/*
 * sync/write_bundle.h - a run's tables as a folder of CSV files, with the SQL that loads it.
 *
 * Pure:    no: files.   Threads: main thread only; it starts and ends its workers.
 */
#ifndef RS_SYNC_WRITE_BUNDLE_H
#define RS_SYNC_WRITE_BUNDLE_H

#include "sync/pipeline_state.h"

/* Write the folder of --bundle; it is there whole or not at all. */
RS_MUST_USE bool rs_write_bundle(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
