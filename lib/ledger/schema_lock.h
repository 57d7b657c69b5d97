/*
 * ledger/schema_lock.h - one run at a time into one schema: take the lock, and keep it alive.
 *
 *   rs_schema_lock_take(session, RS_STR("shop"), &err)    held until the session closes
 *   struct rs_schema_lock lock = {.session = session, .schema = RS_STR("shop")};
 *   rs_schema_lock_tick(&lock, env, &lost)                often, in a long run
 *   rs_schema_lock_check(&lock, &err)                     before what needs the lock
 *
 * In PostgreSQL an advisory lock, in Redshift a lock on the ledger's table rs_lock, which must be
 * there; both by a transaction that stays open: the session can do nothing else then. It ends with
 * the connection, however that ends. A pooler may stand between, as long as it takes transactions
 * for what they are: one that shares connections between statements refuses this one.
 *
 * Redshift ends a transaction that does nothing after six hours, and a session after what ALTER USER
 * ... SESSION TIMEOUT says, a minute at least; networks forget connections, too: hence the ticks.
 *
 * Pure:    no: statements on the session.   Owns: nothing.   Threads: as the session.
 * Source:  Amazon Redshift Management Guide, "Quotas and limits"; ALTER USER; PostgreSQL manual,
 *          "Advisory Locks".
 */
#ifndef RS_LEDGER_SCHEMA_LOCK_H
#define RS_LEDGER_SCHEMA_LOCK_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

enum { RS_SCHEMA_LOCK_TICK_US = 20 * 1000 * 1000 };

/* A lock that was taken. */
struct rs_schema_lock {
    struct rs_session *session; /* holds it; NULL: no session that has to be kept alive */
    struct rs_str schema;
    const char *hint;     /* when it is lost, after a sentence that says so; NULL: neither */
    uint64_t holder;      /* as rs_schema_lock_holder, where the caller has asked */
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

/*
 * Which process of the server holds the lock that the session has just taken. 0 where that cannot be
 * told (Redshift).
 */
RS_MUST_USE bool rs_schema_lock_holder(struct rs_session *session, uint64_t *out,
                                       struct rs_error *err);

/*
 * PostgreSQL: that process holds the lock at this moment, as any session can tell.
 *
 * err  RS_E_NET, retryable: it does not
 */
RS_MUST_USE bool rs_schema_lock_verify(struct rs_session *session, struct rs_str schema,
                                       uint64_t holder, struct rs_error *err);

/* The lock is held still. RS_E_NET when it was lost: another run may be at work. */
RS_MUST_USE bool rs_schema_lock_check(const struct rs_schema_lock *lock, struct rs_error *err);

/*
 * Keep the server from taking a transaction that does nothing for a forgotten one.
 *
 * lost     why the lock is no lock any more; once it is set, the lock is not asked again
 * returns  true every 20 seconds: it was time
 */
bool rs_schema_lock_tick(struct rs_schema_lock *lock, const struct rs_env *env,
                         struct rs_error *lost);

#endif
