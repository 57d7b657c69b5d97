/*
 * ledger/load.h - load one table of a run in one transaction.
 *
 *   struct rs_load_request request = {.plan = &plan, .table = table, .null_text = RS_STR("\\N"),
 *                                     .rows = {encode_rows, arg}, .sync_id = id};
 *   rs_load_table(session, &request, &rows, &err)
 *
 * The transaction holds the table's DDL, its rows (see warehouse/script.h) and its row in
 * rs_loads, but not a varchar that is widened in Redshift, which was done before: after a crash, a
 * kill or a lost connection the table's rows are as they were before or as they are after. Loading
 * the same rows again changes nothing.
 *
 * PostgreSQL takes the rows as streams; Redshift copies the same bytes from files that were staged
 * before, and how many rows it took is compared with how many were written.
 *
 * Streams: CSV (RFC 4180), lines ended by LF, no header, an unquoted null text for NULL.
 *   rows   the columns of the table, in its order; for a fold table one row an id, each column
 *          holding its latest value of the run and received_at the newest of the run
 *   times  of a fold table: id, then a timestamp for each column of the table but id,
 *          received_at and uuid_ts, in the table's order: when the column's value was received,
 *          where that is before the row's received_at, or the column was cleared by a null; else
 *          NULL. Only ids with any such time.
 *
 * Pure:    no: statements on the session.
 * Threads: one thread at a time per session; loads of different tables on different sessions
 *          may run side by side.
 */
#ifndef RS_LEDGER_LOAD_H
#define RS_LEDGER_LOAD_H

#include "base/meter.h"
#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/plan.h"
#include "warehouse/script.h"
#include "warehouse/session.h"

/* Writes a whole stream into the sink, from the start at each call. */
struct rs_load_source {
    bool (*encode)(void *arg, struct rs_sink *sink, struct rs_error *err);
    void *arg;
};

/* Takes the same rows one by one; end_row follows the bytes of each, with what names it. */
struct rs_load_taker {
    struct rs_sink rows;
    struct rs_sink times;
    bool (*end_row)(struct rs_load_taker *taker, uint64_t ref, struct rs_error *err);
};

/*
 * What to do about rows that the server refuses, as too large or for a character that its encoding
 * does not have: later streams have less of them.
 */
struct rs_load_refusals {
    bool (*encode)(void *arg, struct rs_load_taker *taker, struct rs_error *err);
    void (*refuse)(void *arg, uint64_t ref);
    /* Ask which characters those are; *found: some that were not known. */
    bool (*learn)(void *arg, struct rs_session *session, bool *found, struct rs_error *err);
    void *arg;
};

struct rs_load_request {
    const struct rs_plan *plan; /* that settled the table; also names the schema */
    const struct rs_table *table;
    struct rs_str null_text;
    struct rs_load_source rows;          /* PostgreSQL */
    struct rs_load_source times;         /* PostgreSQL; of fold tables only */
    struct rs_load_refusals refusals;    /* PostgreSQL; without them such a row fails the load */
    const struct rs_script_stage *stage; /* Redshift */
    struct rs_str sync_id;
    unsigned lock_wait_ms; /* how long a statement may wait for another's lock; 0: without end */
    uint64_t lock_holder;  /* PostgreSQL: rs_schema_lock_holder's; 0: nobody locks the schema */
    bool again;            /* an earlier call lost its connection, and may have been committed */
    struct rs_meter_piece *piece; /* has begun; its steps are the script's; or NULL */
};

/* What a load found out. */
struct rs_load_result {
    uint64_t rows;       /* put in or renewed */
    uint64_t duplicates; /* rows of shards that have lost to a row of another one */
    uint64_t older;      /* rows that have lost to a stored one */
    uint64_t stored;     /* by the server's count: rows - duplicates - older, unless a trigger or a
                            rule on the table keeps some or moves them; not known: UINT64_MAX */
    bool unindexed;      /* merged without an index on "id", which this user may not make */
};

/*
 * Load the table. The ledger must be there (rs_ledger_ensure).
 *
 * err       RS_E_DATABASE, retryable after a deadlock or a serialization failure; RS_E_BUSY,
 *           retryable, when another's lock was waited for too long: it says whose; RS_E_NET
 *           (retryable) when the connection broke; what encode reported. Nothing was changed,
 *           but for a connection that broke at the commit: then nobody knows until the ledger is
 *           asked, which the next call does where request->again is set.
 */
RS_MUST_USE bool rs_load_table(struct rs_session *session, const struct rs_load_request *request,
                               struct rs_load_result *out, struct rs_error *err);

/*
 * Append the statements that rs_load_table would run, each ended by ";\n", for a person. Keys in
 * request->stage would be shown: give none.
 */
void rs_load_append_sql(const struct rs_load_request *request, struct rs_strbuf *out);

/*
 * Begin the transaction of a load, while the schema is locked still: rs_load_drain waits for its end,
 * and its waits for locks have the request's limit.
 */
RS_MUST_USE bool rs_load_begin(struct rs_session *session, const struct rs_load_request *request,
                               struct rs_error *err);

/*
 * In a transaction that has begun: rs_load_drain waits for its end. Redshift does without: there it
 * is the write to rs_loads that is waited for.
 */
RS_MUST_USE bool rs_load_hold(struct rs_session *session, enum rs_dialect dialect,
                              struct rs_str schema, struct rs_error *err);

/*
 * Wait until no transaction of rs_load_table is under way in the schema. A run that was killed
 * may leave one whose COMMIT the server is still carrying out; what the ledger and the catalog
 * say is only the truth after this.
 */
RS_MUST_USE bool rs_load_drain(struct rs_session *session, struct rs_str schema,
                               struct rs_error *err);

#endif
