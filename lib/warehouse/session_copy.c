/*
 * COPY over a session, in both directions. Data that goes to the server gathers in libpq's own buffer;
 * every 256 KiB the rest is pushed out, so that a slow server holds the writer back. Data that comes
 * is handed on row by row, as libpq has it.
 */
#include <libpq-fe.h>
#include <poll.h>

#include "warehouse/session_internal.h"

enum { FLUSH_BYTES = 256 * 1024 };

bool rs_session_copy_write(struct rs_sink *sink, const void *bytes, size_t count,
                           struct rs_error *err)
{
    struct rs_session *session = (struct rs_session *)sink;
    const char *rest = bytes;
    if (rs_session_is_interrupted(session)) {
        return rs_env_check_interrupt(session->env, err);
    }
    while (count > 0) {
        size_t part = count < FLUSH_BYTES ? count : FLUSH_BYTES;
        int taken = PQputCopyData(session->conn, rest, (int)part);
        if (taken < 0) {
            return rs_session_fail_lost(session, err);
        }
        if (taken > 0) {
            rest += part;
            count -= part;
            session->unflushed_bytes += part;
        }
        if (taken == 0 || session->unflushed_bytes >= FLUSH_BYTES) {
            session->unflushed_bytes = 0;
            if (!rs_session_flush(session, err)) {
                return false;
            }
        }
    }
    return true;
}

struct rs_sink *rs_session_copy_begin(struct rs_session *session, const struct rs_strbuf *sql,
                                      struct rs_error *err)
{
    if (!rs_sql_ok(sql, err)) {
        return NULL;
    }
    PGresult *result = rs_session_run(session, rs_strbuf_cstr(sql), err);
    session->copying = result && PQresultStatus(result) == PGRES_COPY_IN;
    PQclear(result);
    session->unflushed_bytes = 0;
    if (session->copying) {
        return &session->sink;
    }
    (void)rs_error_set(err, RS_E_DATABASE, "could not start to copy rows");
    return NULL;
}

/* Tell the server that the rows end, or (with a reason) that they are not to count. */
static bool put_end(struct rs_session *session, const char *reason, struct rs_error *err)
{
    int taken = 0;
    while ((taken = PQputCopyEnd(session->conn, reason)) == 0) {
        if (!rs_session_flush(session, err)) {
            return false;
        }
    }
    return taken > 0 ? rs_session_flush(session, err) : rs_session_fail_lost(session, err);
}

bool rs_session_copy_end(struct rs_session *session, uint64_t *out_rows, struct rs_error *err)
{
    if (!put_end(session, NULL, err)) {
        return false;
    }
    session->copying = false;
    return rs_session_take_count(rs_session_collect(session, err), out_rows);
}

void rs_session_copy_abort(struct rs_session *session, const char *reason)
{
    struct rs_error ignored = {0};
    bool was = session->shielded;
    if (!session->copying) {
        return;
    }
    session->copying = false;
    session->shielded = true;
    if (put_end(session, reason, &ignored)) {
        PQclear(rs_session_collect(session, &ignored));
    }
    session->shielded = was;
}

/* Hand on what the server sends until the COPY ends. */
static bool take_rows(struct rs_session *session, struct rs_sink *out, struct rs_error *err)
{
    for (;;) {
        char *row = NULL;
        int size = PQgetCopyData(session->conn, &row, 1);
        if (size == -1) {
            return true;
        }
        if (size == -2) {
            return rs_session_fail_lost(session, err);
        }
        bool ok = size == 0 || out->write(out, row, (size_t)size, err);
        PQfreemem(row);
        if (!ok) {
            return false;
        }
        if (size == 0) {
            if (rs_session_is_interrupted(session)) {
                return rs_env_check_interrupt(session->env, err);
            }
            rs_session_wait_socket(session, POLLIN);
        }
    }
}

static bool drop_bytes(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    (void)sink;
    (void)bytes;
    (void)count;
    (void)err;
    return true;
}

/* Have the server stop sending, and take what is under way. */
static void drop_rows(struct rs_session *session)
{
    struct rs_error ignored = {0};
    struct rs_sink nowhere = {.write = drop_bytes};
    bool was = session->shielded;
    session->shielded = true;
    rs_session_cancel(session);
    if (take_rows(session, &nowhere, &ignored)) {
        PQclear(rs_session_collect(session, &ignored));
    }
    session->shielded = was;
}

bool rs_session_copy_out(struct rs_session *session, const struct rs_strbuf *sql,
                         struct rs_sink *out, uint64_t *out_rows, struct rs_error *err)
{
    if (!rs_sql_ok(sql, err)) {
        return false;
    }
    PGresult *result = rs_session_run(session, rs_strbuf_cstr(sql), err);
    bool started = result && PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    if (!started) {
        return rs_error_set(err, RS_E_DATABASE, "could not start to copy rows");
    }
    if (!take_rows(session, out, err)) {
        drop_rows(session);
        return false;
    }
    return rs_session_take_count(rs_session_collect(session, err), out_rows);
}
