/*
 * One thread says something at each tick, so that neither a pipe that is silent for hours nor one
 * long COPY keeps it from that. A mutex guards the lock's session, and the run's own for as long as
 * it is lent.
 */
#include "sync/keep_alive.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/mem.h"
#include "connect/connect.h"
#include "ledger/load.h"
#include "ledger/schema_lock.h"

enum { ATTEMPTS = 12, TICK_SECONDS = RS_SCHEMA_LOCK_TICK_US / 1000000 };

struct rs_keep_alive {
    struct rs_pipeline *pipeline;
    pthread_t thread;
    pthread_mutex_t mutex; /* for all below, the lock's session, and the run's while it is lent */
    pthread_cond_t changed;
    bool started;
    bool lent;
    bool ended;
};

/* --- the thread ---------------------------------------------------------------------------------- */

/* What fails shows when the session is needed. */
static void say_something(struct rs_session *session)
{
    struct rs_error ignored = {0};
    if (session) {
        (void)!rs_session_exec_text(session, "SELECT 1", &ignored);
    }
}

static void *keep(void *arg)
{
    struct rs_keep_alive *keep_alive = arg;
    struct rs_pipeline *pipeline = keep_alive->pipeline;
    (void)pthread_mutex_lock(&keep_alive->mutex);
    while (!keep_alive->ended) {
        struct timespec until = {0};
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += TICK_SECONDS;
        while (!keep_alive->ended &&
               pthread_cond_timedwait(&keep_alive->changed, &keep_alive->mutex, &until) == 0) {
        }
        if (!keep_alive->ended) {
            say_something(pipeline->lock.session);
            say_something(keep_alive->lent ? pipeline->session : NULL);
        }
    }
    (void)pthread_mutex_unlock(&keep_alive->mutex);
    return NULL;
}

/* Without the thread the sessions are as good as their server lets them be. */
static void start(struct rs_pipeline *pipeline)
{
    struct rs_keep_alive *keep_alive = rs_mem_zalloc(1, sizeof *keep_alive);
    pthread_condattr_t clock;
    sigset_t all;
    sigset_t before;
    keep_alive->pipeline = pipeline;
    pipeline->keep_alive = keep_alive;
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&keep_alive->mutex, NULL);
    (void)pthread_cond_init(&keep_alive->changed, &clock);
    (void)pthread_condattr_destroy(&clock);
    (void)sigfillset(&all); /* signals are for those who do the work */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    keep_alive->started = pthread_create(&keep_alive->thread, NULL, keep, keep_alive) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- the lock ------------------------------------------------------------------------------------ */

static void close_lock(struct rs_pipeline *pipeline)
{
    rs_session_close(pipeline->lock.session);
    pipeline->lock.session = NULL;
    pipeline->lock.holder = 0;
}

static bool open_lock(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_schema_lock *lock = &pipeline->lock;
    close_lock(pipeline);
    lock->session = rs_connect_open(pipeline->connect, err);
    if (lock->session && rs_schema_lock_take(lock->session, lock->schema, err) &&
        rs_schema_lock_holder(lock->session, &lock->holder, err)) {
        return true;
    }
    close_lock(pipeline);
    return false;
}

bool rs_keep_alive_take(struct rs_pipeline *pipeline, struct rs_error *err)
{
    pipeline->lock.schema = rs_strbuf_str(&pipeline->schema);
    if (!open_lock(pipeline, err)) {
        return false;
    }
    start(pipeline);
    return true;
}

/* May a session be tried for once more, after a while? */
static bool try_again(const struct rs_pipeline *pipeline, unsigned attempt, struct rs_error *err)
{
    const bool again = (err->code == RS_E_NET || err->code == RS_E_BUSY) && err->retryable;
    if (!again || pipeline->env->interrupted(pipeline->env) ||
        (err->code == RS_E_NET && attempt >= ATTEMPTS)) {
        return false;
    }
    return rs_pipeline_try_again(pipeline, attempt, err);
}

/* Has another run been at work since the lock was taken first? */
static bool find_others(const struct rs_pipeline *pipeline, struct rs_session *session,
                        const struct rs_ledger_run *run, bool *out, struct rs_error *err)
{
    *out = false;
    if (pipeline->recorded) {
        return rs_ledger_has_status(session, run, RS_LEDGER_FAILURE, out, err);
    }
    bool there = false; /* there was no ledger then */
    return rs_ledger_has_table(session, run->schema, "rs_syncs", &there, err) &&
           (!there || rs_ledger_is_used(session, run->schema, run->sync_id, out, err));
}

/* The lock is taken again: what has become of the schema? */
static bool look_around(struct rs_pipeline *pipeline, struct rs_session *session,
                        struct rs_error *err)
{
    const struct rs_ledger_run run = {.dialect = pipeline->dialect,
                                      .schema = pipeline->lock.schema,
                                      .sync_id = rs_str_from(pipeline->report->sync_id)};
    bool others = false;
    if (!find_others(pipeline, session, &run, &others, err)) {
        return false;
    }
    if (others && pipeline->planned) {
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not go on: the lock of schema \"%.*s\" was lost, and another run "
                           "has loaded meanwhile",
                           RS_STR_ARG(run.schema));
        return rs_error_hint(err, "run again: what is loaded stays, and nothing doubles");
    }
    rs_log(&pipeline->env->log, RS_LOG_NOTICE, "the lock of schema \"%.*s\" was lost and taken %s",
           RS_STR_ARG(run.schema), others ? "again, after another run" : "again");
    return !others || (rs_load_drain(session, run.schema, err) &&
                       (!pipeline->recorded || rs_ledger_resume(session, &run, err)));
}

static bool retake(struct rs_pipeline *pipeline, struct rs_session *session, struct rs_error *err)
{
    bool told = false;
    bool taken = false;
    for (unsigned attempt = 1; !taken; attempt++) {
        taken = open_lock(pipeline, err);
        if (!taken && err->code == RS_E_BUSY && !told) {
            told = true;
            rs_log(&pipeline->env->log, RS_LOG_NOTICE,
                   "waiting for another run, as the lock of schema \"%.*s\" was lost",
                   RS_STR_ARG(pipeline->lock.schema));
        }
        if (!taken && err->code == RS_E_BUSY && attempt > ATTEMPTS / 2) {
            attempt = ATTEMPTS / 2; /* the server answers: what it was away before does not count */
        }
        if (!taken && !try_again(pipeline, attempt, err)) {
            return false;
        }
    }
    if (!look_around(pipeline, session, err)) {
        close_lock(pipeline); /* whoever asks next gets no further */
        return false;
    }
    pipeline->relocked = true;
    return true;
}

bool rs_keep_alive_lock(struct rs_pipeline *pipeline, struct rs_session *session,
                        struct rs_error *err)
{
    struct rs_keep_alive *keep_alive = pipeline->keep_alive;
    bool held = true;
    if (keep_alive) {
        (void)pthread_mutex_lock(&keep_alive->mutex);
        held = pipeline->lock.session && rs_schema_lock_check(&pipeline->lock, err);
        if (!held && err->code != RS_E_INTERRUPTED) {
            rs_log(&pipeline->env->log, RS_LOG_INFO, "lost the lock: %s", err->message);
            rs_error_clear(err);
            held = retake(pipeline, session, err);
        }
        (void)pthread_mutex_unlock(&keep_alive->mutex);
    }
    return held && rs_env_check_interrupt(pipeline->env, err);
}

uint64_t rs_keep_alive_holder(struct rs_pipeline *pipeline)
{
    struct rs_keep_alive *keep_alive = pipeline->keep_alive;
    uint64_t holder = 0;
    if (keep_alive) {
        (void)pthread_mutex_lock(&keep_alive->mutex);
        holder = pipeline->lock.holder;
        (void)pthread_mutex_unlock(&keep_alive->mutex);
    }
    return holder;
}

/* --- the run's own session ----------------------------------------------------------------------- */

static void set_lent(struct rs_pipeline *pipeline, bool lent)
{
    struct rs_keep_alive *keep_alive = pipeline->keep_alive;
    if (keep_alive) {
        (void)pthread_mutex_lock(&keep_alive->mutex);
        keep_alive->lent = lent;
        (void)pthread_mutex_unlock(&keep_alive->mutex);
    }
}

void rs_keep_alive_lend(struct rs_pipeline *pipeline)
{
    set_lent(pipeline, true);
}

void rs_keep_alive_reclaim(struct rs_pipeline *pipeline)
{
    set_lent(pipeline, false);
}

bool rs_keep_alive_session(struct rs_pipeline *pipeline, struct rs_error *err)
{
    set_lent(pipeline, false);
    if (!pipeline->connect ||
        (pipeline->session && rs_session_exec_text(pipeline->session, "SELECT 1", err))) {
        return true;
    }
    if (pipeline->session && err->code != RS_E_NET) {
        return false;
    }
    rs_log(&pipeline->env->log, RS_LOG_INFO, "opening the session anew: %s",
           err->code == RS_OK ? "it was lost" : err->message);
    rs_error_clear(err);
    rs_session_close(pipeline->session);
    pipeline->session = rs_connect_open(pipeline->connect, err);
    return pipeline->session != NULL;
}

bool rs_keep_alive_try(struct rs_pipeline *pipeline,
                       bool (*act)(struct rs_pipeline *pipeline, struct rs_error *err),
                       struct rs_error *err)
{
    unsigned attempt = 1;
    while (!rs_keep_alive_session(pipeline, err) || (act && !act(pipeline, err))) {
        if (err->code != RS_E_NET || !try_again(pipeline, attempt++, err)) {
            return false;
        }
    }
    return true;
}

static bool hold_lock(struct rs_pipeline *pipeline, struct rs_error *err)
{
    return rs_keep_alive_lock(pipeline, pipeline->session, err);
}

bool rs_keep_alive_hold(struct rs_pipeline *pipeline, struct rs_error *err)
{
    return rs_keep_alive_try(pipeline, hold_lock, err);
}

void rs_keep_alive_end(struct rs_pipeline *pipeline)
{
    struct rs_keep_alive *keep_alive = pipeline->keep_alive;
    if (keep_alive) {
        (void)pthread_mutex_lock(&keep_alive->mutex);
        keep_alive->ended = true;
        (void)pthread_cond_broadcast(&keep_alive->changed);
        (void)pthread_mutex_unlock(&keep_alive->mutex);
        if (keep_alive->started) {
            (void)pthread_join(keep_alive->thread, NULL);
        }
        (void)pthread_cond_destroy(&keep_alive->changed);
        (void)pthread_mutex_destroy(&keep_alive->mutex);
        rs_mem_free(keep_alive);
        pipeline->keep_alive = NULL;
    }
    close_lock(pipeline);
}
