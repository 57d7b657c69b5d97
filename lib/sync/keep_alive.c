/* The lock's session says something at each tick, and the other one with it. */
#include "sync/keep_alive.h"

#include "connect/connect.h"
#include "ledger/schema_lock.h"

static bool is_needed(const struct rs_pipeline *pipeline)
{
    return pipeline->session && rs_dialect_facts(pipeline->dialect)->ends_idle_sessions;
}

void rs_keep_alive_tick(struct rs_pipeline *pipeline)
{
    struct rs_error ignored = {0};
    if (is_needed(pipeline) &&
        rs_schema_lock_tick(&pipeline->lock, pipeline->env, &pipeline->lock_lost)) {
        /* else rs_keep_alive_session */
        (void)!rs_session_exec_text(pipeline->session, "SELECT 1", &ignored);
    }
}

bool rs_keep_alive_lock(struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (pipeline->lock_lost.code != RS_OK) {
        *err = pipeline->lock_lost;
        return false;
    }
    return rs_schema_lock_check(&pipeline->lock, err) && rs_env_check_interrupt(pipeline->env, err);
}

bool rs_keep_alive_session(struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (!is_needed(pipeline) || rs_session_exec_text(pipeline->session, "SELECT 1", err)) {
        return true;
    }
    if (err->code != RS_E_NET) {
        return false;
    }
    struct rs_error lost = *err;
    rs_error_clear(err);
    struct rs_session *session = rs_connect_open(pipeline->connect, err);
    if (!session) {
        return false;
    }
    rs_log(&pipeline->env->log, RS_LOG_INFO, "opened the session anew: %s", lost.message);
    rs_session_close(pipeline->session);
    pipeline->session = session;
    return true;
}
