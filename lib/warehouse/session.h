/*
 * warehouse/session.h - one connection to a database, and all that goes over it.
 *
 *   struct rs_session *session = rs_session_open(&env, &login, &err);
 *   struct rs_result *result = rs_session_query(session, &sql, &err);
 *   rs_result_text(result, 0, 0)
 *   rs_result_free(result);
 *   struct rs_sink *sink = rs_session_copy_begin(session, &copy_sql, &err);
 *   sink->write(sink, csv, count, &err) && rs_session_copy_end(session, &rows, &err)
 *   rs_session_close(session);
 *
 * A statement ends early, with RS_E_INTERRUPTED, when env->interrupted says so: the server is
 * asked to cancel it, and the transaction is the caller's to roll back. A lost connection is
 * RS_E_NET, retryable; then only rs_session_close is left to call.
 *
 * Limits:  a statement of RS_SQL_STATEMENT_MAX bytes.   Pure: no: network, env, service files.
 * Owns:    a result is freed with rs_result_free; its texts live as long as it does.
 * Threads: one thread at a time per object.
 * Source:  PostgreSQL manual, libpq and "Environment Variables".
 */
#ifndef RS_WAREHOUSE_SESSION_H
#define RS_WAREHOUSE_SESSION_H

#include "base/env.h"
#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/login.h"
#include "warehouse/sqltext.h"

struct rs_session;
struct rs_result;

/*
 * Connect, find out which dialect the server speaks, and make the session ours: no timeouts, UTC,
 * ISO dates; in Redshift the login's query group, in PostgreSQL READ COMMITTED and an empty path.
 * Behind a pooler some of it is set by rs_session_begin.
 *
 * env    borrowed until close; the server's notices go to env->log
 * login  see warehouse/login.h; borrowed for the call. Unless the conninfo, a variable or a
 *        service says otherwise: connect_timeout=10, keepalives after 60 s, gssencmode=disable.
 * err    RS_E_NET when the server cannot be reached or refuses the login; RS_E_USAGE when the
 *        conninfo cannot be read
 */
RS_MUST_USE struct rs_session *rs_session_open(const struct rs_env *env,
                                               const struct rs_login *login, struct rs_error *err);

/* NULL is nothing. What was not committed is rolled back. */
void rs_session_close(struct rs_session *session);

/* What answers, and what is true of it. */
enum rs_dialect rs_session_dialect(const struct rs_session *session);
const struct rs_dialect_facts *rs_session_facts(const struct rs_session *session);

/* The name of the database that it is connected to; borrowed. */
const char *rs_session_database(const struct rs_session *session);

/* The database takes any character: its encoding is UTF-8, or none. */
bool rs_session_stores_unicode(const struct rs_session *session);

/* A pooler stands before the server (PostgreSQL). */
bool rs_session_is_pooled(const struct rs_session *session);

/*
 * BEGIN, and the settings that a session has where a pooler may give each of its transactions
 * another process of the server (PostgreSQL): what is set there for a whole session meets strangers.
 * Such a session has no settings, locks or temporary tables beyond a transaction.
 */
RS_MUST_USE bool rs_session_begin(struct rs_session *session, struct rs_error *err);

/* What goes over the connection is encrypted by TLS. */
bool rs_session_uses_tls(const struct rs_session *session);

/*
 * A secret may go over the session: keys of AWS, a password that is set. That is so where TLS has
 * verified the server's certificate, or where the other end is on this machine (127.0.0.0/8, ::1, a
 * socket of a file system) and no tunnel leads on from there, or where the login says that it may.
 * What counts is the session as it is, whoever chose its sslmode. A statement that is marked with
 * rs_strbuf_keep_secret is refused in the same way, before a byte of it is sent; this asks early.
 *
 * what    in the message: "AWS keys"
 * advice  what else can be done: "with --iam-role=ARN no keys are sent"; ""
 * err     RS_E_CONFIG
 */
RS_MUST_USE bool rs_session_check_secrets(const struct rs_session *session, const char *what,
                                          const char *advice, struct rs_error *err);

/*
 * The server is Redshift Serverless: by the host's name, or (once rs_session_slices was called)
 * because it told of no slices, as a Multi-AZ cluster does too. Such a server has SYS_ views
 * only, no STL_ and STV_ tables.
 */
bool rs_session_is_serverless(const struct rs_session *session);

/*
 * How many slices work on a COPY, asked of STV_SLICES each time. RS_SESSION_SLICES_DEFAULT when
 * the server does not say: Serverless, a user without the right, PostgreSQL. Not within a
 * transaction, which a refusal would end.
 *
 * err  only RS_E_NET and RS_E_INTERRUPTED: a refusal is no error
 */
enum { RS_SESSION_SLICES_DEFAULT = 16 };
RS_MUST_USE bool rs_session_slices(struct rs_session *session, uint64_t *out, struct rs_error *err);

/* The environment that the session was opened with. */
const struct rs_env *rs_session_env(const struct rs_session *session);

/*
 * While on, signals do not end statements: for the few short ones that put things right after
 * an interrupt.
 */
void rs_session_shield(struct rs_session *session, bool on);

/*
 * From now on cancel what a call sends when it takes longer than that; 0: it takes as long as it takes.
 * For what waits for a lock: statement_timeout is a time limit of the server's, but not all are known
 * to count a wait for LOCK. The error is one of rs_session_is_late, and a transaction is the caller's
 * to roll back. A server that does not heed the cancel within ten seconds is lost: RS_E_NET.
 * Commits and rollbacks have no limit.
 */
void rs_session_limit(struct rs_session *session, unsigned ms);

/* The error, RS_E_BUSY, is of what took longer than its limit. */
bool rs_session_is_late(const struct rs_error *err);

/* How long ago the last statement that the server refused was sent: its clock need not be ours. */
unsigned rs_session_refusal_seconds(const struct rs_session *session);

/*
 * Run statements that return no rows.
 *
 * out_rows  rows inserted, updated or deleted by the last of them; may be NULL
 * err       RS_E_DATABASE when the server refuses it (SQLSTATE in err->detail), retryable after
 *           a deadlock or a serialization failure
 */
RS_MUST_USE bool rs_session_exec(struct rs_session *session, const struct rs_strbuf *sql,
                                 uint64_t *out_rows, struct rs_error *err);

/* The same for a constant. */
RS_MUST_USE bool rs_session_exec_text(struct rs_session *session, const char *sql,
                                      struct rs_error *err);

/* Run one statement that returns rows. */
RS_MUST_USE struct rs_result *rs_session_query(struct rs_session *session,
                                               const struct rs_strbuf *sql, struct rs_error *err);

/*
 * Run one statement with $1 .. $count as the literals of texts (rs_sql_bind); a NULL data pointer
 * is SQL's NULL. RS_E_LIMIT when a text holds a NUL byte.
 */
RS_MUST_USE struct rs_result *rs_session_query_params(struct rs_session *session, const char *sql,
                                                      const struct rs_str *params, size_t count,
                                                      struct rs_error *err);

/*
 * The same with $1 .. $count bound by the server, in the extended protocol: for finding out what it
 * makes of them.
 */
RS_MUST_USE struct rs_result *rs_session_query_bound(struct rs_session *session, const char *sql,
                                                     const char *const *params, size_t count,
                                                     struct rs_error *err);

/* COMMIT; false when the server rolled back instead, or nobody knows (RS_E_NET). */
RS_MUST_USE bool rs_session_commit(struct rs_session *session, struct rs_error *err);

/* End an open transaction, if there is one, without its work; also after an interrupt. */
void rs_session_rollback(struct rs_session *session);

/*
 * Start a COPY FROM STDIN. The returned sink takes its bytes (gathered into large messages)
 * and is valid until rs_session_copy_end or rs_session_copy_abort.
 */
RS_MUST_USE struct rs_sink *rs_session_copy_begin(struct rs_session *session,
                                                  const struct rs_strbuf *sql,
                                                  struct rs_error *err);

/* End the COPY; false when the server did not take the rows. out_rows may be NULL. */
RS_MUST_USE bool rs_session_copy_end(struct rs_session *session, uint64_t *out_rows,
                                     struct rs_error *err);

/* End the COPY so that it fails. reason goes to the server's log. Nothing without a COPY. */
void rs_session_copy_abort(struct rs_session *session, const char *reason);

/*
 * Run a COPY ... TO STDOUT (PostgreSQL) and write what comes into out, a row a write. out_rows may
 * be NULL. When out fails the server is asked to stop, and the session can go on.
 */
RS_MUST_USE bool rs_session_copy_out(struct rs_session *session, const struct rs_strbuf *sql,
                                     struct rs_sink *out, uint64_t *out_rows, struct rs_error *err);

size_t rs_result_rows(const struct rs_result *result);
size_t rs_result_columns(const struct rs_result *result);

/* The text of a field; an empty text for NULL. */
struct rs_str rs_result_text(const struct rs_result *result, size_t row, size_t column);
bool rs_result_is_null(const struct rs_result *result, size_t row, size_t column);

/* A field as a number; false, with RS_E_DATABASE, when it is none. */
RS_MUST_USE bool rs_result_u64(const struct rs_result *result, size_t row, size_t column,
                               uint64_t *out, struct rs_error *err);

void rs_result_free(struct rs_result *result);

/* The version of libpq that we were built with: "15.20". */
const char *rs_session_library_version(void);

#endif
