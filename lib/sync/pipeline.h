/*
 * sync/pipeline.h - the state of one run, handed from step to step.
 *
 *   rs_pipeline_init(&pipeline, env, options, report, err) && rs_pipeline_run(&pipeline, err)
 *   rs_pipeline_release(&pipeline);
 *
 * The steps stand in lib/sync/pipeline.c; writing what they prepared is done by one of
 *   rs_write_bundle   a folder of CSV files and SQL
 *   rs_load_tables    tables in PostgreSQL
 *
 * Owns:    everything but env, options and report.
 * Threads: main thread only.
 */
#ifndef RS_SYNC_PIPELINE_H
#define RS_SYNC_PIPELINE_H

#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "connect/connect.h"
#include "ledger/ledger_runs.h"
#include "ledger/schema_lock.h"
#include "read/input_list.h"
#include "rows/spool.h"
#include "rows/table_writer.h"
#include "sync/intake.h"
#include "sync/sync.h"
#include "transform/filter.h"
#include "transform/layout.h"
#include "transform/schema.h"
#include "warehouse/plan.h"
#include "warehouse/session.h"

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
    struct rs_connect *connect;  /* gives all sessions; NULL without a database */
    struct rs_session *session;  /* NULL without a database */
    struct rs_schema_lock lock;  /* Redshift: its session does nothing else */
    struct rs_error lock_lost;   /* Redshift: why lock is no lock any more */
    struct rs_account *account;  /* AWS; NULL where it is not needed */
    struct rs_staging *staging;  /* Redshift: where rows are staged; NULL with --plan */
    struct rs_shard_set *shards; /* --commit: what was staged; NULL until it is read */
    enum rs_dialect dialect;
    size_t name_limit;                         /* bytes in an identifier */
    struct rs_input_list inputs;               /* with a window: views of its inputs */
    struct rs_interval_filter interval_filter; /* with a window: what it takes */
    bool *left_out;                            /* an input: loaded before, or damaged */
    bool *damaged;                             /* an input */
    size_t elsewhere;                          /* inputs that are of other shards */
    struct rs_error damage;                    /* the first one's error */
    bool recorded;                             /* the ledger has a row of this run */
    struct rs_intake intake;
    struct rs_schema existing;
    struct rs_schema wanted;
    struct rs_schema files; /* --shard: wanted with what its files have beside it */
    struct rs_plan plan;
    struct rs_layout layout;
    struct rs_layout unmade; /* tables that found no room */
    uint64_t table_limit;    /* that the database may have; UINT64_MAX: no limit */
    struct rs_strbuf null_text;
};

RS_MUST_USE bool rs_pipeline_init(struct rs_pipeline *pipeline, const struct rs_env *env,
                                  const struct rs_sync_options *options,
                                  struct rs_sync_report *report, struct rs_error *err);
void rs_pipeline_release(struct rs_pipeline *pipeline);

/* The way to the options' database; freed with rs_connect_free when its sessions are closed. */
RS_MUST_USE struct rs_connect *rs_sync_connect(const struct rs_env *env,
                                               const struct rs_sync_options *options);

/* Free the rows and all that was read. */
void rs_pipeline_release_intake(struct rs_pipeline *pipeline);

/* Bytes in an identifier of the dialect. */
size_t rs_sync_name_limit(enum rs_dialect dialect);

/* Run all steps. The report is filled as far as they came. */
RS_MUST_USE bool rs_pipeline_run(struct rs_pipeline *pipeline, struct rs_error *err);

/* The table's entry in the report; one a wanted table, in its order. */
void rs_pipeline_list_tables(struct rs_pipeline *pipeline);

/* What stands for the run in its rows of rs_rejects and rs_discards: its id, unless it is a shard. */
struct rs_str rs_pipeline_row_id(const struct rs_pipeline *pipeline);

/* Add a sentence to the report. */
void rs_pipeline_notice(struct rs_pipeline *pipeline, const char *fmt, ...) RS_PRINTF(2, 3);

/* What one worker has done of a phase, by the weight of rows. */
struct rs_pipeline_share {
    unsigned worker;
    unsigned workers;
    uint64_t done;  /* by this worker */
    uint64_t total; /* of all */
    uint64_t rows;  /* loaded by this worker */
};

/* Show how far a phase is: worker 0's share stands for all; the others' calls do nothing. */
void rs_pipeline_progress(struct rs_pipeline *pipeline, const char *phase,
                          const struct rs_pipeline_share *share);

/* Wait before attempt + 1 at something in the database. False: as rs_env_check_interrupt. */
RS_MUST_USE bool rs_pipeline_rest(const struct rs_pipeline *pipeline, unsigned attempt,
                                  struct rs_error *err);

/* What all table writers of the run share; the caller sets layout and sinks. */
struct rs_table_writer_options rs_pipeline_writer_options(const struct rs_pipeline *pipeline);

/* Log what will change in the schema (lib/sync/plan_text.c). */
void rs_plan_log(const struct rs_pipeline *pipeline);

/* Put the plan into the report: the SQL that would run, and what would not fit. */
RS_MUST_USE bool rs_plan_print(struct rs_pipeline *pipeline, struct rs_error *err);

/* Append the SQL that would load a bundle into Redshift from S3. */
void rs_pipeline_append_load_sql(const struct rs_pipeline *pipeline, struct rs_strbuf *out);

/* Stage this shard's share (lib/sync/shard_write.c). Nothing is written to the database. */
RS_MUST_USE bool rs_shard_write(struct rs_pipeline *pipeline, struct rs_error *err);

/* With a window (lib/sync/window.c): take its inputs, and name the tables of its events. */
void rs_window_open(struct rs_pipeline *pipeline);
void rs_window_close(struct rs_pipeline *pipeline);

/* With a window: which inputs are read through. */
void rs_window_note_read(struct rs_pipeline *pipeline);

/* With a window: what the run says about it in the ledger; marks is to be released. */
void rs_window_describe(const struct rs_pipeline *pipeline, struct rs_window_marks *marks,
                        struct rs_ledger_windows *out);

/* With a window: names of the inputs that have rejects; to be freed. */
RS_MUST_USE const struct rs_str *rs_window_read_again(const struct rs_pipeline *pipeline,
                                                      size_t *count);

/* Compare what would be loaded with what is there (lib/sync/compare.c). */
RS_MUST_USE bool rs_compare_tables(struct rs_pipeline *pipeline, struct rs_error *err);

/* The run changes nothing in the database. */
bool rs_pipeline_only_reads(const struct rs_pipeline *pipeline);

/* Load what all shards have staged (lib/sync/commit.c). */
RS_MUST_USE bool rs_commit_run(struct rs_pipeline *pipeline, struct rs_error *err);

/* Load the tables and record the run; what was staged goes. */
RS_MUST_USE bool rs_pipeline_load(struct rs_pipeline *pipeline, struct rs_error *err);

/* Write the bundle (lib/sync/write_bundle.c). */
RS_MUST_USE bool rs_write_bundle(struct rs_pipeline *pipeline, struct rs_error *err);

/*
 * Load the tables (lib/sync/load_tables.c), each in a transaction of its own, several at once.
 * discards gets the lines of rs_discards, in the order of the tables.
 *
 * err  RS_E_PARTIAL when some tables were loaded and some were not; else what the first said
 */
RS_MUST_USE bool rs_load_tables(struct rs_pipeline *pipeline, struct rs_spool *discards,
                                struct rs_error *err);

#endif
