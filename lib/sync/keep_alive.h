/*
 * sync/keep_alive.h - the sessions of a run, while it does other work.
 *
 *   rs_keep_alive_take(pipeline, err)            the lock of the schema is ours; a thread sees to it
 *   rs_keep_alive_lend(pipeline);                nobody uses the run's session for a while
 *   rs_keep_alive_session(pipeline, err)         before the session is used after that
 *   rs_keep_alive_try(pipeline, act, err)        something short on it, again where it is lost
 *   rs_keep_alive_lock(pipeline, session, err)   before what needs the lock
 *   rs_keep_alive_end(pipeline);
 *
 * Servers end sessions that do nothing (idle_session_timeout, SESSION TIMEOUT of a user of Redshift,
 * a minute at least), transactions that do nothing, and at times any session; networks forget
 * connections. So every 20 seconds both sessions say something, whatever else the run waits for; one
 * that is lost all the same is opened anew. What was read is in memory and on disk and outlives them.
 *
 * A lock that was lost is taken again, and waited for where another run has it. Whether another run
 * was at work in between shows in the ledger: each one, when it starts, marks the runs that have not
 * ended as failed. Where none was, the run goes on. Where one was, it goes on too as long as it has
 * not looked at the tables (pipeline->planned): the same ids replace the same rows. Later, what it has
 * planned may be wrong, and it ends.
 *
 * Pure:    no: a thread, and statements on both sessions.
 * Threads: main thread only, but for rs_keep_alive_lock and rs_keep_alive_holder: any.
 * Source:  Amazon Redshift Management Guide, "Quotas and limits"; PostgreSQL manual, "Client
 *          Connection Defaults".
 */
#ifndef RS_SYNC_KEEP_ALIVE_H
#define RS_SYNC_KEEP_ALIVE_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/pipeline_state.h"

/* Take the lock of the schema over a session of its own. RS_E_BUSY: another run holds it. */
RS_MUST_USE bool rs_keep_alive_take(struct rs_pipeline *pipeline, struct rs_error *err);

/*
 * The lock is held still, or again.
 *
 * session  open and idle; the ledger is asked over it
 * err      RS_E_BUSY when another run was at work since it was lost; RS_E_NET when the server cannot
 *          be reached
 */
RS_MUST_USE bool rs_keep_alive_lock(struct rs_pipeline *pipeline, struct rs_session *session,
                                    struct rs_error *err);

/* As rs_schema_lock_holder, of the lock as it is held now; 0 without one. */
uint64_t rs_keep_alive_holder(struct rs_pipeline *pipeline);

/* The run's session is not used until rs_keep_alive_session. */
void rs_keep_alive_lend(struct rs_pipeline *pipeline);

/* The run's session is the caller's again, whether it answers or not. */
void rs_keep_alive_reclaim(struct rs_pipeline *pipeline);

/* The run's session answers; one that does not, or is NULL, is opened anew. RS_E_NET, retryable. */
RS_MUST_USE bool rs_keep_alive_session(struct rs_pipeline *pipeline, struct rs_error *err);

/*
 * Have act use the session, and again over another one where it was lost meanwhile. act may be NULL:
 * the session is all that is wanted.
 */
RS_MUST_USE bool rs_keep_alive_try(struct rs_pipeline *pipeline,
                                   bool (*act)(struct rs_pipeline *pipeline, struct rs_error *err),
                                   struct rs_error *err);

/* After long work elsewhere: the run's session answers and the lock is held, still or again. */
RS_MUST_USE bool rs_keep_alive_hold(struct rs_pipeline *pipeline, struct rs_error *err);

/* Let the lock go. Without one, nothing. */
void rs_keep_alive_end(struct rs_pipeline *pipeline);

#endif
