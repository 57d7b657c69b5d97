/*
 * warehouse/lock_holder.h - who has a lock that a load waits for.
 *
 *   if (rs_lock_holder_is_cause(&err)) {
 *       rs_session_rollback(session);
 *       rs_lock_holder_explain(session, &wait, &err);
 *   }
 *     -> err: process 4711 of user "ann" (psql) has a lock on it, in a transaction that began at
 *        2026-01-02 03:04:05 UTC
 *        hint: end it (SELECT pg_terminate_backend(4711)), or wait longer with --lock-timeout
 *
 * The server no longer knows whom a statement waited for when the wait is over, so all locks on the
 * tables are looked through that would be in its way.
 *
 * Pure:    no: network.   Threads: one thread at a time per session.
 * Source:  PostgreSQL manual, "pg_locks", "pg_stat_activity" and "Explicit Locking";
 *          https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
 */
#ifndef RS_WAREHOUSE_LOCK_HOLDER_H
#define RS_WAREHOUSE_LOCK_HOLDER_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/session.h"

/* What was waited for. */
struct rs_lock_wait {
    struct rs_str schema;
    struct rs_str table;
    struct rs_str side; /* another table that the load changes; empty: none */
    bool alters;        /* so readers are in the way too */
};

/* The error is of a statement that waited for a lock as long as it may. */
bool rs_lock_holder_is_cause(const struct rs_error *err);

/*
 * Put who has the lock in place of the error, which becomes RS_E_BUSY, retryable; where nobody is
 * found any more, that somebody had it. Outside of a transaction.
 */
void rs_lock_holder_explain(struct rs_session *session, const struct rs_lock_wait *wait,
                            struct rs_error *err);

/*
 * Append who has the lock as a sentence, without a full stop: "another transaction has a lock on it"
 * where nobody is found, or the user may not see others. Outside of a transaction.
 */
enum { RS_LOCK_HOLDER_MAX = 400 };
void rs_lock_holder_describe(struct rs_session *session, const struct rs_lock_wait *wait,
                             struct rs_strbuf *out);

#endif
