/*
 * All that is said over libpq, once login.c has connected. Each statement is sent, then one loop
 * waits on the socket in steps of 200 ms, so that an interrupt is seen: the server is asked to stop
 * and awaited for some seconds, so that the caller can roll back.
 *
 * What a COPY sends gathers in libpq's own buffer; every 256 KiB the rest is pushed out, so that a
 * slow server holds the writer back. What a COPY brings is handed on row by row, as libpq has it.
 */
#include "warehouse/session.h"

#include <libpq-fe.h>
#include <netinet/in.h>
#include <pg_config.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "warehouse/diagnose.h"
#include "warehouse/settings.h"

enum {
    POLL_MS = 200,
    CANCEL_WAIT_US = 10 * 1000 * 1000,
    SETTINGS_MAX = 4096,
    FLUSH_BYTES = 256 * 1024,
};

struct rs_session {
    struct rs_sink sink; /* of the COPY under way; first, so that a sink is its session */
    PGconn *conn;
    const struct rs_env *env;
    enum rs_dialect dialect;
    bool serverless;
    size_t unflushed_bytes; /* of the COPY under way */
    unsigned limit_ms;      /* of a statement; 0: none */
    int64_t limit_us;       /* monotonic: when the one under way is cancelled; 0: never */
    int64_t sent_us;        /* monotonic: when the one under way was sent */
    int64_t failed_us;      /* monotonic: the same of the last one that the server refused */
    bool copying;
    bool shielded;
    bool late;   /* the statement under way was cancelled, as its time was over */
    bool broken; /* the server does not answer: only close is left */
    bool pooled;
    bool carries_secrets;
    char sslmode[RS_LOGIN_SSLMODE_SIZE];
};

struct rs_result {
    PGresult *pg;
};

static bool is_interrupted(const struct rs_session *session)
{
    return !session->shielded && session->env->interrupted(session->env);
}

static bool fail_lost(struct rs_session *session, struct rs_error *err)
{
    struct rs_server_message message = {
        .sqlstate = RS_STR_INIT("08006"),
        .primary = session->broken ? RS_STR("the server does not answer")
                                   : rs_str_from(PQerrorMessage(session->conn)),
    };
    return rs_diagnose_statement(&message, err);
}

/*
 * Wait up to POLL_MS for the socket, and take in what came; also where the socket has nothing. Of a
 * record of TLS of more than 8 KiB, as proxies send them, libpq may leave a part in OpenSSL's memory,
 * of which poll does not know: when that is the end of an answer, nothing more comes.
 */
static void wait_socket(struct rs_session *session, short events)
{
    struct pollfd slot = {.fd = PQsocket(session->conn), .events = events};
    int ready = slot.fd >= 0 ? poll(&slot, 1, POLL_MS) : -1;
    if (ready == 0 || (ready > 0 && (slot.revents & ~POLLOUT))) {
        (void)PQconsumeInput(session->conn); /* a failure shows in PQstatus and PQgetResult */
    }
}

/* Give all that libpq holds to the kernel. */
static bool flush(struct rs_session *session, struct rs_error *err)
{
    for (;;) {
        int left = PQflush(session->conn);
        if (left == 0) {
            return true;
        }
        if (left < 0) {
            return fail_lost(session, err);
        }
        if (is_interrupted(session)) {
            return rs_env_check_interrupt(session->env, err);
        }
        wait_socket(session, POLLIN | POLLOUT);
    }
}

static void cancel(struct rs_session *session)
{
    char ignored[256] = "";
    PGcancel *request = PQgetCancel(session->conn);
    if (request) {
        (void)PQcancel(request, ignored, (int)sizeof ignored);
        PQfreeCancel(request);
    }
}

/* Is the time of the statement under way over? Once. */
static bool is_late(struct rs_session *session)
{
    if (session->late || session->limit_us == 0 ||
        session->env->monotonic_us(session->env) < session->limit_us) {
        return false;
    }
    session->late = true;
    return true;
}

/* The next result, or NULL at the end of a statement's results and when the session broke. */
static PGresult *next_result(struct rs_session *session, struct rs_error *err)
{
    const struct rs_env *env = session->env;
    int64_t give_up_us = 0;
    while (PQisBusy(session->conn) && PQstatus(session->conn) == CONNECTION_OK) {
        bool interrupted = give_up_us == 0 && is_interrupted(session);
        if (interrupted) {
            (void)!rs_env_check_interrupt(env, err);
        }
        if (interrupted || (give_up_us == 0 && is_late(session))) {
            cancel(session);
            give_up_us = env->monotonic_us(env) + CANCEL_WAIT_US;
        }
        if (give_up_us != 0 && env->monotonic_us(env) > give_up_us) {
            session->broken = true;
            return NULL;
        }
        (void)PQflush(session->conn);
        wait_socket(session, POLLIN);
    }
    return PQgetResult(session->conn);
}

static void fail_result(struct rs_session *session, const PGresult *result, struct rs_error *err)
{
    struct rs_server_message message = {
        .sqlstate = rs_str_from(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
        .primary = rs_str_from(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
        .detail = rs_str_from(PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL)),
        .hint = rs_str_from(PQresultErrorField(result, PG_DIAG_MESSAGE_HINT)),
        .context = rs_str_from(PQresultErrorField(result, PG_DIAG_CONTEXT)),
    };
    if (message.sqlstate.length == 0 && PQstatus(session->conn) != CONNECTION_OK) {
        message.sqlstate = RS_STR("08006");
    }
    if (message.primary.length == 0) {
        message.primary = rs_str_from(PQresultErrorMessage(result));
    }
    session->failed_us = session->sent_us;
    (void)rs_diagnose_statement(&message, err);
}

/*
 * The statement was cancelled, as its time was over: that counts, also where it came to its end before
 * the server had heard of it. Nobody can tell whether a cancel has hit it or its transaction.
 */
static void fail_late(const struct rs_session *session, struct rs_error *err)
{
    if (err->code == RS_E_INTERRUPTED || err->code == RS_E_NET) {
        return;
    }
    rs_error_clear(err);
    (void)rs_error_set(err, RS_E_BUSY, "could not run a statement: it took longer than %.1f s",
                       session->limit_ms / 1e3);
    (void)snprintf(err->detail, sizeof err->detail, "57014");
    err->retryable = true;
}

/*
 * All results of what was sent: the last good one, to be cleared by the caller, or NULL with
 * the first error. A COPY that starts is returned at once.
 */
static PGresult *collect(struct rs_session *session, struct rs_error *err)
{
    PGresult *last = NULL;
    PGresult *result = NULL;
    while ((result = next_result(session, err)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        PQclear(last);
        last = result;
        if (status == PGRES_COPY_OUT && err->code == RS_OK) {
            break;
        }
        if (status == PGRES_COPY_IN) {
            if (err->code == RS_OK) {
                break;
            }
            (void)PQputCopyEnd(session->conn, "interrupted"); /* the COPY began all the same */
        } else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
                   status != PGRES_EMPTY_QUERY) {
            fail_result(session, result, err);
        }
    }
    if (session->broken || (!last && PQstatus(session->conn) != CONNECTION_OK)) {
        (void)fail_lost(session, err);
    }
    if (session->late) {
        fail_late(session, err);
    }
    if (err->code != RS_OK) {
        PQclear(last);
        return NULL;
    }
    return last;
}

/* The session can take a statement now. */
static bool is_ready(struct rs_session *session, struct rs_error *err)
{
    if (session->broken || PQstatus(session->conn) != CONNECTION_OK) {
        return fail_lost(session, err);
    }
    return err->code == RS_OK &&
           (!is_interrupted(session) || rs_env_check_interrupt(session->env, err));
}

/* A statement that can be run: whole, and no secret that this session must not carry. */
static bool may_send(const struct rs_session *session, const struct rs_strbuf *sql,
                     struct rs_error *err)
{
    return rs_sql_ok(sql, err) &&
           (!sql->secret || rs_session_check_secrets(session, "a secret", "", err));
}

/* The clock of the statement that is sent next, whichever way. */
static void start_clock(struct rs_session *session)
{
    const bool limited = session->limit_ms > 0 && !session->shielded;
    session->late = false;
    session->sent_us = session->env->monotonic_us(session->env);
    session->limit_us = limited ? session->sent_us + (int64_t)session->limit_ms * 1000 : 0;
}

static PGresult *run(struct rs_session *session, const char *sql, struct rs_error *err)
{
    start_clock(session);
    if (is_ready(session, err) && !PQsendQuery(session->conn, sql)) {
        (void)fail_lost(session, err);
    }
    return err->code == RS_OK ? collect(session, err) : NULL;
}

static void on_notice(void *arg, const PGresult *notice)
{
    const struct rs_session *session = arg;
    struct rs_str severity = rs_str_from(PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED));
    struct rs_str text = rs_str_from(PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY));
    bool warning = rs_str_equal(severity, RS_STR("WARNING"));
    rs_log(&session->env->log, warning ? RS_LOG_INFO : RS_LOG_DEBUG, "server: %.*s",
           RS_STR_ARG(text));
}

static bool write_copy(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct rs_session *session = (struct rs_session *)sink;
    const char *rest = bytes;
    if (is_interrupted(session)) {
        return rs_env_check_interrupt(session->env, err);
    }
    while (count > 0) {
        size_t part = count < FLUSH_BYTES ? count : FLUSH_BYTES;
        int taken = PQputCopyData(session->conn, rest, (int)part);
        if (taken < 0) {
            return fail_lost(session, err);
        }
        if (taken > 0) {
            rest += part;
            count -= part;
            session->unflushed_bytes += part;
        }
        if (taken == 0 || session->unflushed_bytes >= FLUSH_BYTES) {
            session->unflushed_bytes = 0;
            if (!flush(session, err)) {
                return false;
            }
        }
    }
    return true;
}

/*
 * A pooler cannot tell its client the process that will serve it, as it may be another one for each
 * transaction; it makes up a number, by which it knows who wants to cancel.
 */
static bool is_pooled(const struct rs_session *session, const char *backend)
{
    uint64_t number = 0;
    return rs_dialect_facts(session->dialect)->has_poolers &&
           rs_str_parse_u64(rs_str_from(backend), 0, UINT64_MAX, &number) &&
           number != (uint64_t)PQbackendPID(session->conn);
}

/* Find out who answers, and set what each session needs. */
static bool set_up(struct rs_session *session, const struct rs_login *login, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SETTINGS_MAX);
    PGresult *result = run(session, "SELECT version(), pg_backend_pid()", err);
    bool ok = result != NULL;
    if (ok && PQntuples(result) == 1) {
        session->dialect = rs_dialect_of_version(PQgetvalue(result, 0, 0));
        session->pooled = is_pooled(session, PQgetvalue(result, 0, 1));
    }
    PQclear(result);
    rs_settings_append(&sql, session->dialect, session->pooled,
                       login->query_group ? login->query_group : RS_LOGIN_QUERY_GROUP);
    ok = ok && rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* The kernel's word for where the other end is: a name may lead anywhere. */
static bool is_peer_here(PGconn *conn)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    if (getpeername(PQsocket(conn), (struct sockaddr *)&peer, &size) != 0) {
        return false;
    }
    if (peer.ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)&peer)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    }
    const struct in_addr v4 = ((const struct sockaddr_in *)&peer)->sin_addr;
    return peer.ss_family == AF_UNIX ||
           (peer.ss_family == AF_INET && ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET);
}

/* Settle whether secrets may go over the connection. */
static void note_safety(struct rs_session *session, const struct rs_login *login)
{
    rs_login_read_sslmode(session->conn, session->sslmode);
    bool verified = PQsslInUse(session->conn) && rs_login_verifies(session->sslmode);
    session->carries_secrets =
        login->insecure_secrets || verified || (!login->leads_on && is_peer_here(session->conn));
}

struct rs_session *rs_session_open(const struct rs_env *env, const struct rs_login *login,
                                   struct rs_error *err)
{
    if (!rs_env_check_interrupt(env, err)) {
        return NULL;
    }
    struct rs_session *session = rs_mem_zalloc(1, sizeof *session);
    session->sink.write = write_copy;
    session->env = env;
    session->conn = rs_login_connect(env, login, &session->serverless, err);
    if (session->conn) {
        (void)PQsetNoticeReceiver(session->conn, on_notice, session);
        note_safety(session, login);
    }
    if (!session->conn || PQsetnonblocking(session->conn, 1) != 0 || !set_up(session, login, err)) {
        (void)rs_error_set(err, RS_E_NET, "could not set up the connection");
        rs_session_close(session);
        session = NULL;
    }
    return session;
}

void rs_session_close(struct rs_session *session)
{
    if (session) {
        PQfinish(session->conn);
        rs_mem_free(session);
    }
}

enum rs_dialect rs_session_dialect(const struct rs_session *session)
{
    return session->dialect;
}

const struct rs_dialect_facts *rs_session_facts(const struct rs_session *session)
{
    return rs_dialect_facts(session->dialect);
}

bool rs_session_stores_unicode(const struct rs_session *session)
{
    static const char *const names[] = {"UTF8", "UNICODE", "SQL_ASCII"};
    const char *encoding = PQparameterStatus(session->conn, "server_encoding");
    bool found = !encoding || !rs_session_facts(session)->has_encodings;
    for (size_t i = 0; i < RS_COUNTOF(names) && !found; i++) {
        found = strcmp(encoding, names[i]) == 0;
    }
    return found;
}

bool rs_session_is_pooled(const struct rs_session *session)
{
    return session->pooled;
}

bool rs_session_begin(struct rs_session *session, struct rs_error *err)
{
    return rs_session_exec_text(session, "BEGIN", err) &&
           (!session->pooled ||
            rs_session_exec_text(session, rs_session_facts(session)->local_settings, err));
}

const char *rs_session_database(const struct rs_session *session)
{
    return PQdb(session->conn);
}

bool rs_session_uses_tls(const struct rs_session *session)
{
    return PQsslInUse(session->conn) != 0;
}

bool rs_session_check_secrets(const struct rs_session *session, const char *what,
                              const char *advice, struct rs_error *err)
{
    if (session->carries_secrets) {
        return true;
    }
    (void)rs_error_set(err, RS_E_CONFIG, "could not send %s to \"%s\": %s (sslmode=%s)", what,
                       PQhost(session->conn),
                       PQsslInUse(session->conn) ? "nobody has verified its certificate"
                                                 : "the connection is not encrypted",
                       session->sslmode);
    return rs_error_hint(err,
                         "connect with sslmode=verify-full (and sslrootcert=FILE for roots of your "
                         "own)%s%s; --insecure-secrets is for a test bench",
                         *advice ? "; " : "", advice);
}

bool rs_session_is_serverless(const struct rs_session *session)
{
    return session->serverless;
}

const struct rs_env *rs_session_env(const struct rs_session *session)
{
    return session->env;
}

void rs_session_shield(struct rs_session *session, bool on)
{
    session->shielded = on;
}

void rs_session_limit(struct rs_session *session, unsigned ms)
{
    session->limit_ms = ms;
}

bool rs_session_is_late(const struct rs_error *err)
{
    return err->code == RS_E_BUSY && strcmp(err->detail, "57014") == 0;
}

unsigned rs_session_refusal_seconds(const struct rs_session *session)
{
    int64_t now_us = session->env->monotonic_us(session->env);
    return (unsigned)((now_us - session->failed_us) / 1000000);
}

/* Clear the result of a statement that returns no rows; false when there is none. */
static bool take_count(PGresult *result, uint64_t *out_rows)
{
    uint64_t rows = 0;
    if (result && out_rows) { /* a statement that counts nothing has an empty text: 0 */
        (void)!rs_str_parse_u64(rs_str_from(PQcmdTuples(result)), 0, UINT64_MAX, &rows);
        *out_rows = rows;
    }
    PQclear(result);
    return result != NULL;
}

bool rs_session_exec(struct rs_session *session, const struct rs_strbuf *sql, uint64_t *out_rows,
                     struct rs_error *err)
{
    return may_send(session, sql, err) &&
           take_count(run(session, rs_strbuf_cstr(sql), err), out_rows);
}

bool rs_session_exec_text(struct rs_session *session, const char *sql, struct rs_error *err)
{
    return take_count(run(session, sql, err), NULL);
}

static struct rs_result *wrap(PGresult *pg)
{
    struct rs_result *result = pg ? rs_mem_alloc(sizeof *result) : NULL;
    if (result) {
        result->pg = pg;
    }
    return result;
}

struct rs_result *rs_session_query(struct rs_session *session, const struct rs_strbuf *sql,
                                   struct rs_error *err)
{
    return may_send(session, sql, err) ? wrap(run(session, rs_strbuf_cstr(sql), err)) : NULL;
}

struct rs_result *rs_session_query_params(struct rs_session *session, const char *sql,
                                          const struct rs_str *params, size_t count,
                                          struct rs_error *err)
{
    struct rs_strbuf bound = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_sql_bind(&bound, session->dialect, sql, params, count);
    struct rs_result *result = rs_session_query(session, &bound, err);
    rs_strbuf_release(&bound);
    return result;
}

struct rs_result *rs_session_query_bound(struct rs_session *session, const char *sql,
                                         const char *const *params, size_t count,
                                         struct rs_error *err)
{
    start_clock(session);
    if (is_ready(session, err) &&
        !PQsendQueryParams(session->conn, sql, (int)count, NULL, params, NULL, NULL, 0)) {
        (void)fail_lost(session, err);
    }
    return err->code == RS_OK ? wrap(collect(session, err)) : NULL;
}

bool rs_session_slices(struct rs_session *session, uint64_t *out, struct rs_error *err)
{
    struct rs_error refusal = {0};
    bool ask = rs_session_facts(session)->has_slices && !session->serverless;
    PGresult *result = ask ? run(session, "SELECT count(*) FROM stv_slices", &refusal) : NULL;
    bool told = result && PQntuples(result) == 1 &&
                rs_str_parse_u64(rs_str_from(PQgetvalue(result, 0, 0)), 1, UINT32_MAX, out);
    PQclear(result);
    *out = told ? *out : RS_SESSION_SLICES_DEFAULT;
    if (refusal.code == RS_E_NET || refusal.code == RS_E_INTERRUPTED) {
        *err = refusal;
        return false;
    }
    session->serverless = session->serverless || (ask && !told);
    return true;
}

/* Run a short statement that an interrupt must not leave half-known. */
static PGresult *run_shielded(struct rs_session *session, const char *sql, struct rs_error *err)
{
    bool was = session->shielded;
    session->shielded = true;
    PGresult *result = run(session, sql, err);
    session->shielded = was;
    return result;
}

bool rs_session_commit(struct rs_session *session, struct rs_error *err)
{
    PGresult *result = run_shielded(session, "COMMIT", err);
    bool done = result && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    if (!done) {
        (void)rs_error_set(err, RS_E_DATABASE,
                           "could not commit: the server rolled the transaction back");
    }
    return done;
}

void rs_session_rollback(struct rs_session *session)
{
    struct rs_error ignored = {0};
    rs_session_copy_abort(session, "the load was given up");
    PGTransactionStatusType status = PQtransactionStatus(session->conn);
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR) {
        PQclear(run_shielded(session, "ROLLBACK", &ignored));
    }
}

struct rs_sink *rs_session_copy_begin(struct rs_session *session, const struct rs_strbuf *sql,
                                      struct rs_error *err)
{
    if (!may_send(session, sql, err)) {
        return NULL;
    }
    PGresult *result = run(session, rs_strbuf_cstr(sql), err);
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
        if (!flush(session, err)) {
            return false;
        }
    }
    return taken > 0 ? flush(session, err) : fail_lost(session, err);
}

bool rs_session_copy_end(struct rs_session *session, uint64_t *out_rows, struct rs_error *err)
{
    if (!put_end(session, NULL, err)) {
        return false;
    }
    session->copying = false;
    return take_count(collect(session, err), out_rows);
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
        PQclear(collect(session, &ignored));
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
            return fail_lost(session, err);
        }
        bool ok = size == 0 || out->write(out, row, (size_t)size, err);
        PQfreemem(row);
        if (!ok) {
            return false;
        }
        if (size == 0) {
            if (is_interrupted(session)) {
                return rs_env_check_interrupt(session->env, err);
            }
            wait_socket(session, POLLIN);
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
    cancel(session);
    if (take_rows(session, &nowhere, &ignored)) {
        PQclear(collect(session, &ignored));
    }
    session->shielded = was;
}

bool rs_session_copy_out(struct rs_session *session, const struct rs_strbuf *sql,
                         struct rs_sink *out, uint64_t *out_rows, struct rs_error *err)
{
    if (!may_send(session, sql, err)) {
        return false;
    }
    PGresult *result = run(session, rs_strbuf_cstr(sql), err);
    bool started = result && PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    if (!started) {
        return rs_error_set(err, RS_E_DATABASE, "could not start to copy rows");
    }
    if (!take_rows(session, out, err)) {
        drop_rows(session);
        return false;
    }
    return take_count(collect(session, err), out_rows);
}

size_t rs_result_rows(const struct rs_result *result)
{
    return (size_t)PQntuples(result->pg);
}

size_t rs_result_columns(const struct rs_result *result)
{
    return (size_t)PQnfields(result->pg);
}

struct rs_str rs_result_text(const struct rs_result *result, size_t row, size_t column)
{
    return (struct rs_str){PQgetvalue(result->pg, (int)row, (int)column),
                           (size_t)PQgetlength(result->pg, (int)row, (int)column)};
}

bool rs_result_is_null(const struct rs_result *result, size_t row, size_t column)
{
    return PQgetisnull(result->pg, (int)row, (int)column) != 0;
}

bool rs_result_u64(const struct rs_result *result, size_t row, size_t column, uint64_t *out,
                   struct rs_error *err)
{
    struct rs_str text = rs_result_text(result, row, column);
    if (rs_str_parse_u64(text, 0, UINT64_MAX, out)) {
        return true;
    }
    return rs_error_set(err, RS_E_DATABASE, "could not read a number: the server sent \"%.*s\"",
                        RS_STR_ARG(text));
}

void rs_result_free(struct rs_result *result)
{
    if (result) {
        PQclear(result->pg);
        rs_mem_free(result);
    }
}

const char *rs_session_library_version(void)
{
    return PG_VERSION;
}
