/*
 * sync/pipeline_state.h - the state of one run, handed from step to step, and small services to all steps.
 *
 *   rs_pipeline_notice(pipeline, "left out %zu files", count);     a sentence of the report
 *   rs_pipeline_try_again(pipeline, attempt, err)                  before an attempt is made again
 *
 * It is filled by rs_pipeline_init (sync/pipeline_init.h) and by the steps, in the order of
 * sync/pipeline.c.
 *
 * Owns:    everything but env, options, report, share and staged.
 * Threads: main thread only, but for what takes it as const: any.
 */
#ifndef RS_SYNC_PIPELINE_STATE_H
#define RS_SYNC_PIPELINE_STATE_H

#include "base/env.h"
#include "connect/connect.h"
#include "ledger/ledger_runs.h"
#include "ledger/schema_lock.h"
#include "read/input_list.h"
#include "rows/discard_examples.h"
#include "rows/encode.h"
#include "rows/table_writer.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/schema.h"
#include "rs/strbuf.h"
#include "sync/intake.h"
#include "sync/sync.h"
#include "transform/filter.h"
#include "transform/layout.h"
#include "warehouse/plan.h"
#include "warehouse/repertoire.h"
#include "warehouse/session.h"

enum { RS_FAILURE_NOTICES_MAX = 100 }; /* inputs that are named one by one */

/* A share of the input that a run stages, for another run to load with all other shares. */
struct rs_run_share {
    const char *folder; /* of its files, below the schema's: "shards/0-of-3/" */
    const char *row_id; /* stands for the run in its rows of rs_rejects and rs_discards */
    uint32_t number;    /* what its rows have in columns of the role RS_COLUMN_SHARD */
};

/* What other runs have read and staged, and this one loads. */
struct rs_run_staged {
    const struct rs_ledger_input *inputs; /* loaded when this run is */
    size_t input_count;
    /* Where their lines of rs_rejects or rs_discards are; as rs_staging_write_lines. */
    bool (*find_lines)(void *arg, const char *table, struct rs_ledger_rows *out,
                       struct rs_error *err);
    /* How many of a table's rows that lost are duplicates of the run. */
    uint64_t (*duplicates)(void *arg, const char *table, uint64_t lost);
    void *arg;
};

struct rs_pipeline {
    const struct rs_env *env;
    const struct rs_sync_options *options;
    struct rs_sync_report *report;
    unsigned threads;
    int64_t now_us;     /* the time of processing: uuid_ts */
    int64_t started_us; /* monotonic */
    struct rs_strbuf schema;
    struct rs_filter *filter;
    struct rs_days days;
    struct rs_connect *connect;         /* gives all sessions; NULL without a database */
    struct rs_session *session;         /* NULL without a database, and once it was lost */
    struct rs_schema_lock lock;         /* its session does nothing else */
    struct rs_keep_alive *keep_alive;   /* of the lock; NULL while there is none */
    bool relocked;                      /* the lock was lost and taken again */
    bool planned;                       /* the run goes by what it has seen of the tables */
    struct rs_account *account;         /* AWS; NULL where it is not needed */
    struct rs_staging *staging;         /* Redshift: where rows are staged; NULL with --plan */
    const struct rs_run_share *share;   /* this run stages it and loads nothing; or NULL */
    const struct rs_run_staged *staged; /* this run loads it and reads nothing; or NULL */
    enum rs_dialect dialect;
    size_t name_limit;                         /* bytes in an identifier */
    struct rs_input_list inputs;               /* with a window: views of its inputs */
    struct rs_interval_filter interval_filter; /* with a window: what it takes */
    bool *left_out;                            /* an input: loaded before, or unreadable */
    size_t elsewhere;                          /* inputs that are of other shards */
    size_t archived;        /* inputs that reading showed to be archived, with skip_archived */
    struct rs_error damage; /* the first one's error */
    bool recorded;          /* the ledger has a row of this run */
    struct rs_cardinality_limit *cardinality; /* of names that the events may bring */
    struct rs_intake intake;
    struct rs_discard_examples *discard_examples;
    struct rs_schema existing;
    struct rs_schema wanted;
    struct rs_repertoire repertoire; /* what of names and texts the database's encoding has */
    struct rs_schema misnamed;       /* wanted tables whose names it cannot have */
    struct rs_plan plan;
    struct rs_layout layout;
    struct rs_layout tables_left_out; /* those that found no room */
    uint64_t table_limit;             /* that the database may have; UINT64_MAX: no limit */
    struct rs_strbuf null_text;
};

/* The way to the options' database; freed with rs_connect_free when its sessions are closed. */
RS_MUST_USE struct rs_connect *rs_sync_connect(const struct rs_env *env,
                                               const struct rs_sync_options *options);

/* Give the report an entry for each wanted table, in their order. */
void rs_pipeline_list_tables(struct rs_pipeline *pipeline);

/* Put what came of a table into the report; rows: of the run's, that the table has now. */
void rs_pipeline_count_table(struct rs_pipeline *pipeline, size_t table,
                             const struct rs_encode_counts *counts, uint64_t rows);

/*
 * Leave an input out that cannot be read or used, and count it: nothing of it is loaded. It is said
 * unless that is all that there is to say.
 */
void rs_pipeline_leave_out(struct rs_pipeline *pipeline, size_t input, const struct rs_error *why,
                           bool tells);

/* What stands for the run in its rows of rs_rejects and rs_discards: its id, unless it is a share. */
struct rs_str rs_pipeline_row_id(const struct rs_pipeline *pipeline);

/* The run changes nothing in the database. */
bool rs_pipeline_only_reads(const struct rs_pipeline *pipeline);

/* Preparation ends now, and loading begins; it ends with the last call of the other. */
void rs_pipeline_start_loading(struct rs_pipeline *pipeline);
void rs_pipeline_end_loading(struct rs_pipeline *pipeline);

/* Add a sentence to the report; a warning is one that --quiet keeps. */
void rs_pipeline_notice(struct rs_pipeline *pipeline, const char *fmt, ...) RS_PRINTF(2, 3);
void rs_pipeline_warn(struct rs_pipeline *pipeline, const char *fmt, ...) RS_PRINTF(2, 3);

/*
 * Say why attempt + 1 at something in the database is made, wait, and clear err. False: err stays, and
 * was interrupted as rs_env_check_interrupt has it.
 */
RS_MUST_USE bool rs_pipeline_try_again(const struct rs_pipeline *pipeline, unsigned attempt,
                                       struct rs_error *err);

/* How long another's lock on a table is waited for. */
unsigned rs_pipeline_lock_seconds(const struct rs_pipeline *pipeline);

/* What all table writers of the run share; the caller sets layout and sinks. */
struct rs_table_writer_options rs_pipeline_writer_options(const struct rs_pipeline *pipeline);

#endif
