/*
 * PostgreSQL: the lock's two 32-bit keys are a constant of ours and a hash of the schema's name;
 * advisory locks are per database already. Two names with one hash only keep each other waiting.
 *
 * Redshift: LOCK waits for as long as it takes, so a statement_timeout tells that somebody has it.
 * A transaction that does nothing gets ended after six hours, so a long run has to say something
 * now and then (rs_schema_lock_tick). A tick asks the clock, and that is all it does most of the
 * time, so that progress can call it.
 */
#include "ledger/schema_lock.h"

#include <string.h>

#include "base/map.h"
#include "rs/strbuf.h"
#include "warehouse/sqltext.h"

enum {
    LOCK_CLASS = 0x72736c6b, /* "rslk" */
    TIMEOUT_MS = 3000,
};

static bool try_lock(struct rs_session *session, struct rs_str schema, bool *taken,
                     struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_printf(&sql, "SELECT pg_try_advisory_lock(%d, %d)", LOCK_CLASS,
                     (int)(int32_t)(uint32_t)rs_hash64(schema, 0));
    struct rs_result *result = rs_session_query(session, &sql, err);
    *taken = result && rs_str_equal(rs_result_text(result, 0, 0), RS_STR("t"));
    rs_strbuf_release(&sql);
    rs_result_free(result);
    return result != NULL;
}

/* Begin a transaction and lock rs_lock in it. */
static bool try_table(struct rs_session *session, struct rs_str schema, bool *taken,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_printf(&sql, "SET statement_timeout TO %d", TIMEOUT_MS);
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_reset(&sql);
    rs_strbuf_append(&sql, "LOCK TABLE ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_lock"));
    ok = ok && rs_session_exec_text(session, "BEGIN", err) &&
         rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    *taken = ok && rs_session_exec_text(session, "SET statement_timeout TO 0", err);
    if (strcmp(err->detail, "57014") == 0) { /* canceled, as the time was over */
        rs_error_clear(err);
        return true;
    }
    return *taken;
}

bool rs_schema_lock_take(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    bool advisory = rs_session_facts(session)->has_advisory_locks;
    bool taken = false;
    if (!(advisory ? try_lock : try_table)(session, schema, &taken, err)) {
        rs_error_prefix(err, "could not lock schema \"%.*s\"", RS_STR_ARG(schema));
        return false;
    }
    if (!taken) {
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not start: another run is loading schema \"%.*s\"",
                           RS_STR_ARG(schema));
        err->retryable = true;
        return rs_error_hint(
            err, advisory ? "try again when it has ended; nothing was changed"
                          : "try again when it has ended, or the session that "
                            "reads rs_lock (see svv_transactions); nothing was changed");
    }
    return true;
}

bool rs_schema_lock_make_table(struct rs_session *session, struct rs_str schema,
                               struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "CREATE TABLE IF NOT EXISTS ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_lock"));
    rs_strbuf_append(&sql, " (\"unused\" varchar(1))");
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_schema_lock_check(const struct rs_schema_lock *lock, struct rs_error *err)
{
    if (!lock->session || rs_session_facts(lock->session)->has_advisory_locks ||
        rs_session_exec_text(lock->session, "SELECT 1", err)) {
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
