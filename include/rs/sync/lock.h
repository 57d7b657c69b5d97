/*
 * rs/sync/lock.h - one run at a time into one schema.
 *
 *   rs_lock_take(session, RS_STR("shop"), &err)    held until the session closes
 *
 * An advisory lock of the session in the database, so it ends with the connection, however that
 * ends; it needs a connection of its own for the whole run (no pooler that shares connections
 * between transactions).
 *
 * Pure:    no: statements on the session.   Threads: as the session.
 */
#ifndef RS_SYNC_LOCK_H
#define RS_SYNC_LOCK_H

#include "rs/base/compiler.h"
#include "rs/base/error.h"
#include "rs/base/str.h"
#include "rs/warehouse/session.h"

/*
 * Take the lock, then wait for what a killed run may have left at work on the server (a moment,
 * as a rule). Only PostgreSQL has such locks.
 *
 * err  RS_E_BUSY (retryable) when another run holds it
 */
RS_MUST_USE bool rs_lock_take(struct rs_session *session, struct rs_str schema,
                              struct rs_error *err);

#endif
