/*
 * ledger/schema_lock.h - one run at a time into one schema: take the lock, and keep it alive.
 *
 *   rs_schema_lock_take(session, RS_STR("shop"), &err)    held until the session closes
 *   struct rs_schema_lock lock = {.session = session, .schema = RS_STR("shop")};
 *   rs_schema_lock_tick(&lock, env, &lost)                often, in a long run
 *   rs_schema_lock_check(&lock, &err)                     before what needs the lock
 *
 * In PostgreSQL an advisory lock of the session; in Redshift a lock on the ledger's table rs_lock,
 * which must be there, by a transaction that stays open: the session can do nothing else then. It
 * ends with the connection, however that ends; it needs a connection of its own for the whole run
 * (no pooler that shares connections between transactions).
 *
 * Redshift ends a transaction that does nothing after six hours, and networks forget connections
 * much sooner: hence the ticks. In PostgreSQL they say nothing.
 *
 * Pure:    no: statements on the session.   Owns: nothing.   Threads: as the session.
 * Source:  Amazon Redshift Management Guide, "Quotas and limits".
 */
#ifndef RS_LEDGER_SCHEMA_LOCK_H
#define RS_LEDGER_SCHEMA_LOCK_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

enum { RS_SCHEMA_LOCK_TICK_US = 120 * 1000 * 1000 };

/* A lock that was taken. */
struct rs_schema_lock {
    struct rs_session *session; /* holds it; NULL: no session that has to be kept alive */
    struct rs_str schema;
    const char *hint;     /* when it is lost, after a sentence that says so; NULL: neither */
    int64_t next_tick_us; /* monotonic; 0: at once */
};

/*
 * Take the lock.
 *
 * err  RS_E_BUSY (retryable) when another run holds it
 */
RS_MUST_USE bool rs_schema_lock_take(struct rs_session *session, struct rs_str schema,
                                     struct rs_error *err);

/* Redshift: make rs_lock, unless it is there. */
RS_MUST_USE bool rs_schema_lock_make_table(struct rs_session *session, struct rs_str schema,
                                           struct rs_error *err);

/* The lock is held still. RS_E_NET when it was lost: another run may be at work. */
RS_MUST_USE bool rs_schema_lock_check(const struct rs_schema_lock *lock, struct rs_error *err);

/*
 * Keep the server from taking a transaction that does nothing for a forgotten one.
 *
 * lost     why the lock is no lock any more; once it is set, the lock is not asked again
 * returns  true every two minutes: it was time, also for other sessions
 */
bool rs_schema_lock_tick(struct rs_schema_lock *lock, const struct rs_env *env,
                         struct rs_error *lost);

#endif
