/*
 * A tick asks the clock, and that is all it does most of the time, so that progress can call it.
 */
#include "sync/hold.h"

#include "connect/connect.h"
#include "ledger/lock.h"

#define TICK_US ((int64_t)120 * 1000 * 1000)

static bool is_needed(const struct rs_pipeline *pipeline)
{
    return pipeline->session && rs_dialect_facts(pipeline->dialect)->ends_idle_sessions;
}

static void touch_lock(struct rs_pipeline *pipeline)
{
    struct rs_error *lost = &pipeline->lock_lost;
    if (!pipeline->lock || lost->code != RS_OK || rs_lock_touch(pipeline->lock, lost)) {
        return;
    }
    if (lost->code == RS_E_INTERRUPTED) {
        rs_error_clear(lost); /* the run ends of itself */
        return;
    }
    rs_error_prefix(lost, "could not go on: the lock of schema \"%s\" was lost",
                    rs_strbuf_cstr(&pipeline->schema));
    (void)rs_error_hint(lost, "run again: what is loaded stays, and nothing doubles");
}

void rs_hold_tick(struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    struct rs_error ignored = {0};
    if (!is_needed(pipeline) || env->monotonic_us(env) < pipeline->next_tick_us) {
        return;
    }
    pipeline->next_tick_us = env->monotonic_us(env) + TICK_US;
    touch_lock(pipeline);
    (void)!rs_session_exec_text(pipeline->session, "SELECT 1", &ignored); /* else rs_hold_session */
}

bool rs_hold_check(struct rs_pipeline *pipeline, struct rs_error *err)
{
    touch_lock(pipeline);
    if (pipeline->lock_lost.code == RS_OK) {
        return rs_env_check_interrupt(pipeline->env, err);
    }
    *err = pipeline->lock_lost;
    return false;
}

bool rs_hold_session(struct rs_pipeline *pipeline, struct rs_error *err)
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
