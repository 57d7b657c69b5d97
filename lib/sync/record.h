/*
 * sync/record.h - a run's entries in the ledger, and its rejects and discards as CSV.
 *
 *   rs_record_enter(&pipeline, err)      lock, pause, "running"
 *   ... the tables are loaded ...
 *   rs_record_success(&pipeline, discards, err)   or   rs_record_failure(&pipeline, err)
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_RECORD_H
#define RS_SYNC_RECORD_H

#include "base/sink.h"
#include "rows/spool.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

/*
 * Take the schema for this run. Nothing is written but, where a ledger is, that it began.
 *
 * err  RS_E_BUSY when another run is at work or the schema is paused
 */
RS_MUST_USE bool rs_record_enter(struct rs_pipeline *pipeline, struct rs_error *err);

/* Mark the inputs that earlier runs loaded as left out; of a window all are read. */
RS_MUST_USE bool rs_record_skip_loaded(struct rs_pipeline *pipeline, struct rs_error *err);

/* The i-th input as the ledger has it; its texts are the input's. */
struct rs_ledger_input rs_record_input(const struct rs_pipeline *pipeline, size_t i);

/* Write the run's rejects as lines of rs_rejects; arg is the pipeline. */
RS_MUST_USE bool rs_record_encode_rejects(void *arg, struct rs_sink *sink, struct rs_error *err);

/* Make the schema and the ledger, if they are missing, and say that the run is at work. */
RS_MUST_USE bool rs_record_begin(struct rs_pipeline *pipeline, struct rs_error *err);

/* The run's end, when all tables are loaded: its inputs, rejects and discards, all or nothing. */
RS_MUST_USE bool rs_record_success(struct rs_pipeline *pipeline, struct rs_spool *discards,
                                   struct rs_error *err);

/* Say in the ledger how the run failed; err stays as it is, whatever comes of that. */
void rs_record_failure(struct rs_pipeline *pipeline, const struct rs_error *err);

/* --rejects=FILE can be written to, as far as that can be told before it is. */
RS_MUST_USE bool rs_record_check_reject_file(const struct rs_sync_options *options,
                                             struct rs_error *err);

/*
 * Append the rejected lines, byte for byte, to --rejects=FILE; without one, nothing.
 *
 * err  RS_E_PARTIAL: the run is committed, and only the file is missing
 */
RS_MUST_USE bool rs_record_reject_file(const struct rs_pipeline *pipeline, struct rs_error *err);

#endif
