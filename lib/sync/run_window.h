/*
 * sync/run_window.h - what a run over a window (sync/window.h) does otherwise than one over all events.
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_RUN_WINDOW_H
#define RS_SYNC_RUN_WINDOW_H

#include "ledger/ledger_windows.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "sync/pipeline_state.h"

/* Take its inputs, and name the tables of its events. */
void rs_window_open(struct rs_pipeline *pipeline);
void rs_window_close(struct rs_pipeline *pipeline);

/* Note in seen which inputs are read through. */
void rs_window_note_read(struct rs_pipeline *pipeline);

/* What the run says about its window in the ledger; marks is to be released. */
void rs_window_describe(const struct rs_pipeline *pipeline, struct rs_window_marks *marks,
                        struct rs_ledger_windows *out);

/* Names of the inputs that have rejects; to be freed. */
RS_MUST_USE const struct rs_str *rs_window_read_again(const struct rs_pipeline *pipeline,
                                                      size_t *count);

#endif
