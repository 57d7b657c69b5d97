/*
 * warehouse/session_internal.h - what the halves of a session share: session.c and session_copy.c.
 *
 * Pure:    no: network.   Threads: as warehouse/session.h.
 */
#ifndef RS_WAREHOUSE_SESSION_INTERNAL_H
#define RS_WAREHOUSE_SESSION_INTERNAL_H

#include "warehouse/session.h"

struct pg_conn;
struct pg_result;

struct rs_session {
    struct rs_sink sink; /* of the COPY under way; first, so that a sink is its session */
    struct pg_conn *conn;
    const struct rs_env *env;
    enum rs_dialect dialect;
    bool serverless;
    size_t unflushed_bytes; /* of the COPY under way */
    bool copying;
    bool shielded;
    bool broken; /* the server does not answer: only close is left */
};

bool rs_session_is_interrupted(const struct rs_session *session);
bool rs_session_fail_lost(struct rs_session *session, struct rs_error *err);
void rs_session_wait_socket(struct rs_session *session, short events);

/* Ask the server to end the statement under way. */
void rs_session_cancel(struct rs_session *session);

/* Give all that libpq holds to the kernel. */
RS_MUST_USE bool rs_session_flush(struct rs_session *session, struct rs_error *err);

/*
 * All results of what was sent: the last good one, to be cleared by the caller, or NULL with the
 * first error. A COPY that starts is returned at once.
 */
RS_MUST_USE struct pg_result *rs_session_collect(struct rs_session *session, struct rs_error *err);
RS_MUST_USE struct pg_result *rs_session_run(struct rs_session *session, const char *sql,
                                             struct rs_error *err);

/* Clear the result of a statement that returns no rows; false when there is none. */
bool rs_session_take_count(struct pg_result *result, uint64_t *out_rows);

/* Of the sink that a COPY FROM STDIN writes to. */
bool rs_session_copy_write(struct rs_sink *sink, const void *bytes, size_t count,
                           struct rs_error *err);

#endif
