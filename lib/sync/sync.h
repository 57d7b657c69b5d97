/*
 * sync/sync.h - one run of rs-sync: what is asked for, and what came out.
 *
 *   struct rs_sync_options options = RS_SYNC_OPTIONS_DEFAULT;
 *   struct rs_sync_report report = {0};
 *   if (!rs_sync_run(&env, &options, &report, &err)) ...
 *   rs_sync_report_release(&report);
 *
 * Threads: main thread only; the run starts and ends its own workers.
 */
#ifndef RS_SYNC_SYNC_H
#define RS_SYNC_SYNC_H

#include "aws/account.h"
#include "base/env.h"
#include "base/meter.h"
#include "codec/html.h"
#include "connect/connect.h"
#include "rows/part.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "sync/reasons.h"
#include "sync/window.h"
#include "transform/layout.h"

struct rs_sync_options {
    char **inputs; /* files, folders, s3://..., "-"; borrowed */
    size_t input_count;
    const char *dbname; /* -d; NULL when no database is the target ("" means PG* alone) */
    struct rs_connect_options connect; /* how to get there; dbname and account are filled in */
    const char *bundle;                /* --bundle=DIR or NULL */
    const char *schema;                /* -n; NULL only where no schema is needed */
    const char *since;                 /* --since=DAY or NULL: of inputs in folders of days */
    const char *until;                 /* --until=DAY or NULL */
    const char *const *excludes;       /* --exclude: patterns, see read/source.h; borrowed */
    size_t exclude_count;
    bool skip_archived;       /* --skip-archived: objects in S3 */
    const char *select_file;  /* --select or NULL */
    const char *rejects_file; /* --rejects or NULL */
    const char *max_rejects;  /* --max-rejects as sync/reject_limit.h has it, or NULL */
    const char *warehouse_id; /* --warehouse-id or NULL */
    enum rs_opt_out opt_out;
    enum rs_null_traits null_traits;
    const char *stage;    /* s3://bucket/prefix for Redshift's files; NULL in load.sql: a
                                 placeholder */
    const char *iam_role; /* as whom COPY reads: an ARN, a chain of them, "default"; NULL: with
                                 keys of ours, in load.sql "default" */
    struct rs_account_options account; /* AWS: who we are, and where it is */
    enum rs_compression compress;
    enum rs_arrays arrays;         /* what a new column of arrays becomes; PostgreSQL: text alone */
    unsigned max_new_columns;      /* a table in one run; 0: see struct rs_plan_limits */
    unsigned max_tables;           /* that the database may have; 0: what is known of it */
    unsigned threads;              /* 0: as many as there are cores */
    unsigned lock_timeout_seconds; /* that a table's lock is waited for; 0: the default */
    unsigned jobs;                 /* connections that load at once; 0: 4 at most */
    uint64_t memory_bytes;         /* budget for rows in memory */
    bool plan_only;                /* --plan */
    const struct rs_sync_window *window; /* a part of the events, see sync/window.h; or NULL */
    struct rs_meter *meter;              /* is told how far the run is; or NULL */
};

#define RS_SYNC_MEMORY_DEFAULT ((uint64_t)512 << 20)

enum { RS_SYNC_ID_SIZE = 37 };

enum rs_sync_status { RS_SYNC_SUCCESS, RS_SYNC_PARTIAL, RS_SYNC_FAILURE };

struct rs_sync_table_report {
    char *name;
    uint64_t rows; /* rows that this run put in or renewed */
    uint64_t discards;
    char *error; /* why this table was not loaded; NULL when it was */
};

/* A table or column that the schema lacked; with --plan, that it lacks. */
struct rs_sync_change {
    const char *verb; /* "create table", "add column", "widen column", ...; static */
    char *table;      /* NULL: the schema itself */
    char *column;     /* NULL: the table as a whole, */
    uint64_t columns; /* which is made with as many */
    char *type;       /* of the column, as it is then; else NULL */
};

struct rs_sync_report {
    enum rs_sync_status status;
    char sync_id[RS_SYNC_ID_SIZE]; /* a UUID */
    char *schema;                  /* as it is in the database; NULL: not known yet */
    char *database;                /* its name; NULL: none is loaded */
    uint64_t inputs;               /* read in this run */
    uint64_t inputs_skipped;       /* loaded by an earlier run */
    uint64_t inputs_failed;        /* damaged, unreadable or no events; nothing of them is loaded */
    uint64_t inputs_suspect;       /* read, but with no event, or too many rejects for the limit */
    uint64_t input_bytes;          /* as stored, so compressed ones count compressed */
    uint64_t lines;                /* that are not blank: events, rejects and undated */
    uint64_t events;
    uint64_t rows; /* over all tables */
    uint64_t rejects;
    uint64_t skips_opt_out; /* integrations said no */
    uint64_t skips_select;  /* no selected table wanted the event */
    uint64_t undated;       /* with a window: nothing says when it was received; not among them */
    uint64_t discards;
    uint64_t discards_by[RS_DISCARD_REASONS];
    uint64_t duplicates;                 /* events whose id another event of the run had */
    struct rs_sync_table_report *tables; /* by name */
    size_t table_count;
    struct rs_sync_change *changes; /* of the schema, in their order; none without a database */
    size_t change_count;
    struct rs_reason *reasons; /* of rejects and discards, with an example each */
    size_t reason_count;
    bool past_limit; /* the rejects are more than --max-rejects lets pass */
    char **notices;  /* sentences for a person */
    size_t notice_count;
    size_t warning_count; /* of them, the first: those that --quiet keeps */
    double prepare_seconds;
    double load_seconds;
    bool schema_changes;       /* --plan: something is to change in the schema */
    struct rs_strbuf plan_sql; /* --plan: the SQL that would run */
};

/*
 * Read the inputs and fill the tables of the target, or make the bundle, or plan.
 *
 * report  filled as far as the run came, also on failure; released with rs_sync_report_release
 * err     RS_E_USAGE, RS_E_CONFIG: nothing was touched; RS_E_INPUT, RS_E_IO, RS_E_DATABASE:
 *         failed and nothing half-done; RS_E_PARTIAL: some tables or inputs are done, the next
 *         run does the rest; RS_E_NET; RS_E_BUSY; RS_E_INTERRUPTED
 */
RS_MUST_USE bool rs_sync_run(const struct rs_env *env, const struct rs_sync_options *options,
                             struct rs_sync_report *report, struct rs_error *err);

/*
 * The status of a run that was done, or planned, without an error: 3 where there is something to look at,
 * be it that the schema would change, 0 else.
 */
int rs_sync_report_exit_status(const struct rs_sync_report *report);

void rs_sync_report_release(struct rs_sync_report *report);

/* Append the report for a person (a table), or as one JSON object on one line. */
void rs_sync_report_text(const struct rs_sync_report *report, struct rs_strbuf *out);
void rs_sync_report_json(const struct rs_sync_report *report, const struct rs_error *err,
                         struct rs_strbuf *out);

/* The same as a page for --report, but for its end (codec/report_page.h); schema is what was named. */
void rs_sync_report_page(const struct rs_sync_report *report, const char *schema,
                         const struct rs_error *err, struct rs_html *html);

/* For whom the history is written. */
struct rs_history_style {
    size_t columns; /* of a terminal; 0: no limit */
    bool utf8;      /* symbols may be written */
};

/*
 * Print the last count runs of a schema: to out, as a table, or (style is NULL) as JSON lines, the newest
 * first. Of one run also the tables and the notices. And as a page for --report but for its end, unless
 * page is NULL.
 */
RS_MUST_USE bool rs_sync_history(const struct rs_env *env, const struct rs_sync_options *options,
                                 unsigned count, const struct rs_history_style *style,
                                 struct rs_strbuf *out, struct rs_html *page, struct rs_error *err);

/* Pause or resume a schema: while it is paused, runs end with RS_E_BUSY and change nothing. */
RS_MUST_USE bool rs_sync_set_paused(const struct rs_env *env, const struct rs_sync_options *options,
                                    bool paused, struct rs_error *err);

enum { RS_SELECTION_HEX_SIZE = 2 * 32 + 1 };

/*
 * What the file of --select says, as a SHA-256 in hex; "" where file is NULL. RS_E_CONFIG when it
 * cannot be read.
 */
RS_MUST_USE bool rs_sync_selection_digest(const char *file, char hex[RS_SELECTION_HEX_SIZE],
                                          struct rs_error *err);

#endif
