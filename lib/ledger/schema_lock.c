/*
 * PostgreSQL: the lock's two 32-bit keys are a constant of ours and a hash of the schema's name;
 * advisory locks are per database already. Two names with one hash only keep each other waiting. It
 * is the transaction's and not the session's, as a pooler may give a session's next statement to
 * another process of the server, and the one that has the lock to anybody; a transaction has one
 * process to its end. It keeps nothing from being vacuumed: between statements, READ COMMITTED has
 * no snapshot, and a transaction that writes nothing has no number.
 *
 * Redshift: LOCK waits for as long as it takes, so a limit of time tells that somebody has it.
 *
 * A transaction that does nothing gets ended sooner or later, so a long run has to say something now
 * and then (rs_schema_lock_tick). A tick asks the clock, and that is all it does most of the time,
 * so that progress can call it.
 */
#include "ledger/schema_lock.h"

#include "base/map.h"
#include "rs/strbuf.h"
#include "warehouse/lock_holder.h"
#include "warehouse/sqltext.h"

enum {
    LOCK_CLASS = 0x72736c6b, /* "rslk" */
    LIMIT_MS = 3000,
};

static const struct rs_str lock_table = RS_STR_INIT("rs_lock");

static int lock_key(struct rs_str schema)
{
    return (int)(int32_t)(uint32_t)rs_hash64(schema, 0);
}

/* Begin a transaction and take the advisory lock in it. */
static bool try_lock(struct rs_session *session, struct rs_str schema, bool *taken,
                     struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_printf(&sql, "SELECT pg_try_advisory_xact_lock(%d, %d)", LOCK_CLASS,
                     lock_key(schema));
    struct rs_result *result =
        rs_session_begin(session, err) ? rs_session_query(session, &sql, err) : NULL;
    *taken = result && rs_str_equal(rs_result_text(result, 0, 0), RS_STR("t"));
    rs_strbuf_release(&sql);
    rs_result_free(result);
    if (!*taken) {
        rs_session_rollback(session);
    }
    return result != NULL;
}

/* Begin a transaction and lock rs_lock in it. */
static bool try_table(struct rs_session *session, struct rs_str schema, bool *taken,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "LOCK TABLE ");
    rs_sql_qualified(&sql, schema, lock_table);
    *taken = rs_session_exec_text(session, "BEGIN", err);
    rs_session_limit(session, LIMIT_MS);
    *taken = *taken && rs_session_exec(session, &sql, NULL, err);
    rs_session_limit(session, 0);
    rs_strbuf_release(&sql);
    if (rs_session_is_late(err)) {
        rs_session_rollback(session);
        rs_error_clear(err);
        return true;
    }
    return *taken;
}

static bool fail_taken(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    if (rs_session_facts(session)->has_advisory_locks) {
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not start: another run is loading schema \"%.*s\"",
                           RS_STR_ARG(schema));
        (void)rs_error_hint(err, "try again when it has ended; nothing was changed");
    } else {
        struct rs_strbuf holder = RS_STRBUF_INIT(RS_LOCK_HOLDER_MAX);
        const struct rs_lock_wait wait = {.schema = schema, .table = lock_table};
        rs_lock_holder_describe(session, &wait, &holder);
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not start: another run is loading schema \"%.*s\", or reads its "
                           "table rs_lock: %s",
                           RS_STR_ARG(schema), rs_strbuf_cstr(&holder));
        (void)rs_error_hint(err, "try again when that has ended; nothing was changed");
        rs_strbuf_release(&holder);
    }
    err->retryable = true;
    return false;
}

bool rs_schema_lock_take(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    bool advisory = rs_session_facts(session)->has_advisory_locks;
    bool taken = false;
    if (!(advisory ? try_lock : try_table)(session, schema, &taken, err)) {
        rs_error_prefix(err, "could not lock schema \"%.*s\"", RS_STR_ARG(schema));
        if (rs_session_is_pooled(session) && err->code != RS_E_INTERRUPTED) {
            err->hint[0] = '\0';
            (void)rs_error_hint(err, "a pooler stands before the server: it has to leave a "
                                     "transaction on one connection, as PgBouncer does with "
                                     "pool_mode=transaction or session");
        }
        return false;
    }
    return taken || fail_taken(session, schema, err);
}

bool rs_schema_lock_make_table(struct rs_session *session, struct rs_str schema,
                               struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "CREATE TABLE IF NOT EXISTS ");
    rs_sql_qualified(&sql, schema, lock_table);
    rs_strbuf_append(&sql, " (\"unused\" varchar(1))");
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_schema_lock_holder(struct rs_session *session, uint64_t *out, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(64);
    *out = 0;
    if (!rs_session_facts(session)->has_advisory_locks) {
        return true;
    }
    rs_strbuf_append(&sql, "SELECT pg_backend_pid()");
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, out, err);
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_schema_lock_verify(struct rs_session *session, struct rs_str schema, uint64_t holder,
                           struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_printf(&sql,
                     "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                     " AND database = (SELECT oid FROM pg_database"
                     " WHERE datname = current_database())"
                     " AND classid = %u::oid AND objid = %u::oid AND objsubid = 2 AND pid = %llu",
                     (unsigned)LOCK_CLASS, (unsigned)lock_key(schema), (unsigned long long)holder);
    struct rs_result *result = rs_session_query(session, &sql, err);
    const bool held = result && rs_result_rows(result) > 0;
    if (result && !held) {
        (void)rs_error_set(err, RS_E_NET, "the lock of schema \"%.*s\" was lost",
                           RS_STR_ARG(schema));
        err->retryable = true;
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return held;
}

bool rs_schema_lock_check(const struct rs_schema_lock *lock, struct rs_error *err)
{
    if (!lock->session || rs_session_exec_text(lock->session, "SELECT 1", err)) {
        return true;
    }
    if (lock->hint && err->code != RS_E_INTERRUPTED) {
        rs_error_prefix(err, "could not go on: the lock of schema \"%.*s\" was lost",
                        RS_STR_ARG(lock->schema));
        (void)rs_error_hint(err, "%s", lock->hint);
    }
    return false;
}

bool rs_schema_lock_tick(struct rs_schema_lock *lock, const struct rs_env *env,
                         struct rs_error *lost)
{
    int64_t now_us = env->monotonic_us(env);
    if (now_us < lock->next_tick_us) {
        return false;
    }
    lock->next_tick_us = now_us + RS_SCHEMA_LOCK_TICK_US;
    if (lost->code == RS_OK && !rs_schema_lock_check(lock, lost) &&
        lost->code == RS_E_INTERRUPTED) {
        rs_error_clear(lost); /* the run ends of itself */
    }
    return true;
}
