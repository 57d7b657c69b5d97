/*
 * ledger/schema_lock.h - one run at a time into one schema.
 *
 *   rs_lock_take(session, RS_STR("shop"), &err)    held until the session closes
 *   rs_lock_touch(session, &err)                   every few minutes, in a long run
 *
 * In PostgreSQL an advisory lock of the session; in Redshift a lock on the ledger's table rs_lock,
 * which must be there, by a transaction that stays open: the session can do nothing else then. It
 * ends with the connection, however that ends; it needs a connection of its own for the whole run
 * (no pooler that shares connections between transactions).
 *
 * Pure:    no: statements on the session.   Threads: as the session.
 */
#ifndef RS_LEDGER_SCHEMA_LOCK_H
#define RS_LEDGER_SCHEMA_LOCK_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/str.h"
#include "warehouse/session.h"

/*
 * Take the lock.
 *
 * err  RS_E_BUSY (retryable) when another run holds it
 */
RS_MUST_USE bool rs_lock_take(struct rs_session *session, struct rs_str schema,
                              struct rs_error *err);

/* Keep the server from taking a transaction that does nothing for a forgotten one. */
RS_MUST_USE bool rs_lock_touch(struct rs_session *session, struct rs_error *err);

#endif
