/*
 * ledger/ledger_runs.h - what was run and what is loaded, in the ledger's tables.
 *
 *   rs_lock_take(session, schema, &err)
 *   rs_history_ensure(session, schema, &err)
 *   rs_history_read_inputs(session, schema, loaded, &err)    which inputs to leave out
 *   rs_history_start(session, &run, &err)                    a row "running"
 *   ... rs_load_table for each table ...
 *   rs_history_finish(session, &run, &outcome, &err)         inputs, rejects, discards, result
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

#include "base/compiler.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "ledger/load.h"
#include "warehouse/session.h"

/* Of what names an input in the ledger; longer names are cut. */
enum {
    RS_HISTORY_NAME_BYTES = 8192,
    RS_HISTORY_VERSION_BYTES = 512,
};

enum rs_history_status {
    RS_HISTORY_RUNNING,
    RS_HISTORY_SUCCESS,
    RS_HISTORY_PARTIAL,
    RS_HISTORY_FAILURE,
    RS_HISTORY_PAUSED,
    RS_HISTORY_RESUMED,
};

/* "running", "success", "partial", "failure", "paused", "resumed". */
const char *rs_history_status_name(enum rs_history_status status);

struct rs_history_run {
    enum rs_dialect dialect; /* of the session */
    struct rs_str schema;
    struct rs_str sync_id;
    struct rs_str tool_version;
    int64_t started_us;
};

/* One input that is loaded now. */
struct rs_history_input {
    struct rs_str name;    /* its identity: a path, or an object's URL; any bytes */
    struct rs_str version; /* whatever changes when its contents do: mtime, ETag, hash */
    uint64_t size_bytes;
    uint64_t events;
    uint64_t rejects;
};

/*
 * CSV lines of one of the ledger's tables, its columns in their order, see ledger.c; no field is
 * NULL. All empty: none.
 */
struct rs_history_rows {
    struct rs_load_source source; /* PostgreSQL */
    struct rs_copy_files files;   /* Redshift: where they are staged */
    struct rs_str staged_id; /* of files: their sync_id, to become the run's; empty: it is that */
};

struct rs_window_mark;

/* What a run has to say about windows, see ledger/ledger_windows.h; count 0: nothing. */
struct rs_window_entry {
    struct rs_str replay;
    const struct rs_window_mark *marks;
    size_t count;
    uint64_t events; /* of the whole run */
    uint64_t rows;
    double seconds;
};

struct rs_history_outcome {
    enum rs_history_status status;
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
    const struct rs_history_input *inputs; /* that are loaded in full */
    size_t input_count;
    struct rs_history_rows rejected;  /* of rs_rejects */
    struct rs_history_rows discarded; /* of rs_discards */
    struct rs_window_entry windows;
    const struct rs_str *read_again; /* names of inputs whose rejects of earlier runs go */
    size_t read_again_count;
};

/* Is this one of the ledger's tables, and there? */
RS_MUST_USE bool rs_history_has_table(struct rs_session *session, struct rs_str schema,
                                      const char *table, bool *out, struct rs_error *err);

/*
 * Make the schema and what is missing of the ledger. What is there is not touched, so a user
 * without CREATE can run on tables that somebody else made.
 */
RS_MUST_USE bool rs_history_ensure(struct rs_session *session, struct rs_str schema,
                                   struct rs_error *err);

/*
 * Put a key for each loaded input into the map, see rs_history_input_is_loaded. The values are
 * not NULL and mean nothing.
 */
RS_MUST_USE bool rs_history_read_inputs(struct rs_session *session, struct rs_str schema,
                                        struct rs_map *loaded, struct rs_error *err);

/* An input of this name, size and version is loaded. */
bool rs_history_input_is_loaded(const struct rs_map *loaded, const struct rs_history_input *input);

/*
 * Write the row "running". The caller holds the lock, so rows "running" of other runs are of
 * runs that were killed: they become failures.
 */
RS_MUST_USE bool rs_history_start(struct rs_session *session, const struct rs_history_run *run,
                                  struct rs_error *err);

/*
 * Write how the run ended, with its inputs, rejects and discards, in one transaction. With
 * RS_HISTORY_FAILURE it works after an interrupt too.
 */
RS_MUST_USE bool rs_history_finish(struct rs_session *session, const struct rs_history_run *run,
                                   const struct rs_history_outcome *outcome, struct rs_error *err);

/* The last word of --pause or --resume on the schema was pause. */
RS_MUST_USE bool rs_history_is_paused(struct rs_session *session, struct rs_str schema,
                                      bool *out_paused, struct rs_error *err);

/* The ledger, which is there, has a row of this run. */
RS_MUST_USE bool rs_history_knows(struct rs_session *session, struct rs_str schema,
                                  struct rs_str sync_id, bool *out, struct rs_error *err);

/* The run's end is recorded. */
RS_MUST_USE bool rs_history_is_finished(struct rs_session *session,
                                        const struct rs_history_run *run, bool *out,
                                        struct rs_error *err);

/* A run or a pause is recorded. The ledger is there. */
RS_MUST_USE bool rs_history_is_used(struct rs_session *session, struct rs_str schema,
                                    bool *out_used, struct rs_error *err);

/* Pause or resume the schema (and make the ledger, if it must be). started_us is now. */
RS_MUST_USE bool rs_history_set_paused(struct rs_session *session, const struct rs_history_run *run,
                                       bool paused, struct rs_error *err);

/* The columns of rs_history_list. */
enum rs_history_column {
    RS_HISTORY_SYNC_ID,
    RS_HISTORY_STARTED_AT,  /* "2026-11-23 17:04:05.678" */
    RS_HISTORY_FINISHED_AT, /* NULL while running */
    RS_HISTORY_STATUS,
    RS_HISTORY_EVENTS, /* the counts and seconds are NULL for what is no finished run */
    RS_HISTORY_ROWS,
    RS_HISTORY_REJECTS,
    RS_HISTORY_SKIPS,
    RS_HISTORY_DISCARDS,
    RS_HISTORY_DUPLICATES,
    RS_HISTORY_PREPARE_SECONDS,
    RS_HISTORY_LOAD_SECONDS,
    RS_HISTORY_NOTICES,
    RS_HISTORY_ERROR,
    RS_HISTORY_TOOL_VERSION,
};

/* The last count rows of rs_syncs, newest first; no rows without a ledger. NULL on failure. */
RS_MUST_USE struct rs_result *rs_history_list(struct rs_session *session, struct rs_str schema,
                                              unsigned count, struct rs_error *err);

/* Of the same runs: sync_id, table_name and rows, sorted by the first two. NULL on failure. */
RS_MUST_USE struct rs_result *rs_history_list_tables(struct rs_session *session,
                                                     struct rs_str schema, unsigned count,
                                                     struct rs_error *err);

#endif
