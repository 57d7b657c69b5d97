/*
 * sync/keep_alive.h - the sessions of a run at a Redshift, while it does other work.
 *
 *   rs_keep_alive_tick(pipeline);                often; now and then it says something to the server
 *   rs_keep_alive_lock(pipeline, err)            before what needs the lock
 *   rs_keep_alive_session(pipeline, err)         before the session is used after a long time
 *
 * Redshift ends a session that does nothing for four hours, and a transaction, which is what holds
 * the lock, after six (ledger/schema_lock.h); networks forget connections much sooner. In
 * PostgreSQL the session itself holds the lock, and none of this does anything.
 *
 * Pure:    no: statements on both sessions.   Threads: main thread only.
 * Source:  Amazon Redshift Management Guide, "Quotas and limits".
 */
#ifndef RS_SYNC_KEEP_ALIVE_H
#define RS_SYNC_KEEP_ALIVE_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

/* Every few minutes: a short statement on each. A lock that is lost shows in rs_keep_alive_lock. */
void rs_keep_alive_tick(struct rs_pipeline *pipeline);

/* The lock is held still. RS_E_NET when it was lost: another run may be at work. */
RS_MUST_USE bool rs_keep_alive_lock(struct rs_pipeline *pipeline, struct rs_error *err);

/* The session answers; one that does not is opened anew. RS_E_NET, retryable. */
RS_MUST_USE bool rs_keep_alive_session(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
