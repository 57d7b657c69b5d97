/*
 * sync/encoding.h - what a run does about characters that the database's encoding does not have.
 *
 *   rs_encoding_settle_names(pipeline, err)         before the plan: names that cannot be, go
 *   rs_encoding_leave_out(pipeline);                after it: their tables' values are discards
 *   rs_encoding_learn(pipeline, &seen, err)         what of these is missing?
 *   rs_encoding_text(pipeline, name, &out)          "\u6ce8" for what is, in a text for the ledger
 *   rs_encoding_fit_outcome(pipeline, &outcome, &fitted, err)   the same for all that it is told
 *
 * Values are the loads' (sync/load_tables.c). Where the encoding is UTF-8 nothing of this does
 * anything.
 *
 * Threads: main thread only.
 */
#ifndef RS_SYNC_ENCODING_H
#define RS_SYNC_ENCODING_H

#include "base/arena.h"
#include "codec/codepoints.h"
#include "ledger/ledger_runs.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "sync/pipeline_state.h"

/* Take tables and columns out of the wanted schema whose names cannot be, and say so in a notice. */
RS_MUST_USE bool rs_encoding_settle_names(struct rs_pipeline *pipeline, struct rs_error *err);

/* Put the tables among those of the plan that are left out. */
void rs_encoding_leave_out(struct rs_pipeline *pipeline);

RS_MUST_USE bool rs_encoding_learn(struct rs_pipeline *pipeline, const struct rs_codepoints *seen,
                                   struct rs_error *err);

/* Append the text as the ledger has it. Its characters have been learnt. */
void rs_encoding_text(const struct rs_pipeline *pipeline, struct rs_str text,
                      struct rs_strbuf *out);

/* Lines for the ledger, as another source makes them. */
struct rs_encoding_lines {
    const struct rs_pipeline *pipeline;
    struct rs_load_source from;
    const struct rs_table *table; /* how long its columns are */
};

struct rs_encoding_fitted {
    struct rs_schema ledger;
    struct rs_arena arena;
    struct rs_encoding_lines rejected;
    struct rs_encoding_lines discarded;
};

/*
 * Put what the ledger can store in place of the outcome's texts and lines.
 *
 * fitted  what they are then; all zero before, released with rs_encoding_release
 */
RS_MUST_USE bool rs_encoding_fit_outcome(struct rs_pipeline *pipeline,
                                         struct rs_ledger_outcome *outcome,
                                         struct rs_encoding_fitted *fitted, struct rs_error *err);

void rs_encoding_release(struct rs_encoding_fitted *fitted);

#endif
