/*
 * ledger/ledger_runs.h - the table rs_syncs of the ledger: runs into a schema, and pauses.
 *
 *   rs_ledger_start(session, &run, &err)                     a row "running"
 *   ... rs_load_table for each table ...
 *   rs_ledger_finish(session, &run, &outcome, &err)          inputs, rejects, discards, result
 *
 * Reads take a schema or a ledger that is not there for an empty one, and never write.
 * Writes happen in one transaction each: the inputs of a run are loaded, and its rejects and
 * discards are there, or none of them is.
 *
 * Pure:    no: statements on the session; the clock is the session's.
 * Threads: as the session.
 */
#ifndef RS_LEDGER_LEDGER_RUNS_H
#define RS_LEDGER_LEDGER_RUNS_H

#include "ledger/ledger_inputs.h"
#include "ledger/ledger_tables.h"
#include "ledger/ledger_windows.h"
#include "ledger/load.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

enum rs_ledger_status {
    RS_LEDGER_RUNNING,
    RS_LEDGER_SUCCESS,
    RS_LEDGER_PARTIAL,
    RS_LEDGER_FAILURE,
    RS_LEDGER_PAUSED,
    RS_LEDGER_RESUMED,
};

/* "running", "success", "partial", "failure", "paused", "resumed". */
const char *rs_ledger_status_name(enum rs_ledger_status status);

/*
 * CSV lines of one of the ledger's tables, its columns in their order, see ledger_tables.c; no
 * field is NULL. All empty: none.
 */
struct rs_ledger_rows {
    struct rs_load_source source; /* PostgreSQL */
    struct rs_copy_files files;   /* Redshift: where they are staged */
    struct rs_str staged_id; /* of files: their sync_id, to become the run's; empty: it is that */
};

struct rs_ledger_outcome {
    enum rs_ledger_status status;
    uint64_t lines;
    uint64_t events;
    uint64_t rows;
    uint64_t rejects;
    uint64_t skips;
    uint64_t discards;
    uint64_t duplicates;
    double prepare_seconds;
    double load_seconds;
    struct rs_str notices; /* cut to RS_LEDGER_TEXT_MAX */
    struct rs_str error;
    struct rs_str reasons; /* of rejects and discards, as JSON; no longer than that */
    const struct rs_ledger_input *inputs; /* that are loaded in full */
    size_t input_count;
    struct rs_ledger_rows rejected;  /* of rs_rejects */
    struct rs_ledger_rows discarded; /* of rs_discards */
    struct rs_ledger_windows windows;
    const struct rs_str *read_again; /* names of inputs whose rejects of earlier runs go */
    size_t read_again_count;
};

/*
 * Write the row "running". The caller holds the lock, so rows "running" of other runs are of
 * runs that were killed: they become failures.
 */
RS_MUST_USE bool rs_ledger_start(struct rs_session *session, const struct rs_ledger_run *run,
                                 struct rs_error *err);

/* How many tables the ledger says that the run has loaded. */
RS_MUST_USE bool rs_ledger_count_loads(struct rs_session *session, const struct rs_ledger_run *run,
                                       uint64_t *out, struct rs_error *err);

/* The run is at work still, though another one has started meanwhile and taken it for dead. */
RS_MUST_USE bool rs_ledger_resume(struct rs_session *session, const struct rs_ledger_run *run,
                                  struct rs_error *err);

/*
 * Write how the run ended, with its inputs, rejects and discards, in one transaction. With
 * RS_LEDGER_FAILURE it works after an interrupt too.
 */
RS_MUST_USE bool rs_ledger_finish(struct rs_session *session, const struct rs_ledger_run *run,
                                  const struct rs_ledger_outcome *outcome, struct rs_error *err);

/* The last word of --pause or --resume on the schema was pause. */
RS_MUST_USE bool rs_ledger_is_paused(struct rs_session *session, struct rs_str schema,
                                     bool *out_paused, struct rs_error *err);

/* The ledger, which is there, has a row of this run. */
RS_MUST_USE bool rs_ledger_knows_run(struct rs_session *session, struct rs_str schema,
                                     struct rs_str sync_id, bool *out, struct rs_error *err);

/* The run is recorded with this status. */
RS_MUST_USE bool rs_ledger_has_status(struct rs_session *session, const struct rs_ledger_run *run,
                                      enum rs_ledger_status status, bool *out,
                                      struct rs_error *err);

/* A run but this one ("": any), or a pause, is recorded. The ledger is there. */
RS_MUST_USE bool rs_ledger_is_used(struct rs_session *session, struct rs_str schema,
                                   struct rs_str sync_id, bool *out_used, struct rs_error *err);

/* Pause or resume the schema (and make the ledger, if it must be). started_us is now. */
RS_MUST_USE bool rs_ledger_set_paused(struct rs_session *session, const struct rs_ledger_run *run,
                                      bool paused, struct rs_error *err);

/* The columns of rs_ledger_list_runs. */
enum rs_ledger_column {
    RS_LEDGER_SYNC_ID,
    RS_LEDGER_STARTED_AT,  /* "2026-11-23 17:04:05.678" */
    RS_LEDGER_FINISHED_AT, /* NULL while running */
    RS_LEDGER_STATUS,
    RS_LEDGER_EVENTS, /* the counts and seconds are NULL for what is no finished run */
    RS_LEDGER_ROWS,
    RS_LEDGER_REJECTS,
    RS_LEDGER_SKIPS,
    RS_LEDGER_DISCARDS,
    RS_LEDGER_DUPLICATES,
    RS_LEDGER_PREPARE_SECONDS,
    RS_LEDGER_LOAD_SECONDS,
    RS_LEDGER_NOTICES,
    RS_LEDGER_ERROR,
    RS_LEDGER_TOOL_VERSION,
    RS_LEDGER_LINES,   /* NULL too where a version before it wrote the row */
    RS_LEDGER_REASONS, /* the same */
};

/* The last count rows of rs_syncs, newest first; no rows without a ledger. NULL on failure. */
RS_MUST_USE struct rs_result *rs_ledger_list_runs(struct rs_session *session, struct rs_str schema,
                                                  unsigned count, struct rs_error *err);

/* Of the same runs: sync_id, table_name and rows, sorted by the first two. NULL on failure. */
RS_MUST_USE struct rs_result *rs_ledger_list_loads(struct rs_session *session, struct rs_str schema,
                                                   unsigned count, struct rs_error *err);

/* Of all runs and pauses: sync_id and status. The ledger is there. NULL on failure. */
RS_MUST_USE struct rs_result *rs_ledger_list_statuses(struct rs_session *session,
                                                      struct rs_str schema, struct rs_error *err);

#endif
