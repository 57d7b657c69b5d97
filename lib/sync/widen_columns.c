/*
 * PostgreSQL's columns grow within the loads, but for those that cannot. In Redshift they are widened
 * one after the other, over one connection that is opened when there is any to widen. What passes by
 * itself (a conflict, a connection that breaks) is tried again. What does not pass and is no refusal
 * (a full disk, a privilege, a lock past --lock-timeout) is left to the load of the table, which fails
 * alone and is done by the next run: discards would be for good.
 */
#include "sync/widen_columns.h"

#include "connect/connect.h"
#include "sync/keep_alive.h"
#include "warehouse/table_definition_read.h"
#include "warehouse/widen.h"

enum { ATTEMPTS = 8 };

static bool is_to_do(const struct rs_pipeline *pipeline)
{
    bool any = false;
    for (size_t i = 0; i < pipeline->plan.step_count; i++) {
        any = any || pipeline->plan.steps[i].kind == RS_PLAN_WIDEN_COLUMN;
    }
    return any && pipeline->connect;
}

static void keep_column(struct rs_pipeline *pipeline, struct rs_plan_step *step,
                        const struct rs_widening *widening)
{
    bool id = rs_str_equal(step->column, RS_STR("id"));
    rs_plan_keep_column(&pipeline->plan, &pipeline->wanted, step, rs_strbuf_str(&widening->why));
    rs_pipeline_notice(pipeline,
                       "column \"%.*s\" of \"%.*s\" stays varchar(%u), as %s refuses to widen "
                       "it (%.*s): %s do not fit are discards",
                       RS_STR_ARG(step->column), RS_STR_ARG(step->table),
                       (unsigned)step->from.length, rs_dialect_facts(pipeline->dialect)->name,
                       RS_STR_ARG(step->why), id ? "rows whose ids" : "values that");
}

static void note(struct rs_pipeline *pipeline, struct rs_plan_step *step,
                 const struct rs_widening *widening)
{
    switch (widening->way) {
    case RS_WIDEN_IN_PLACE:
        break;
    case RS_WIDEN_ENCODE:
        rs_pipeline_notice(pipeline,
                           "column \"%.*s\" of \"%.*s\" has ENCODE lzo now, to be widened to "
                           "varchar(%u): Redshift refused it before (%s)",
                           RS_STR_ARG(step->column), RS_STR_ARG(step->table),
                           (unsigned)step->to.length, rs_strbuf_cstr(&widening->why));
        break;
    case RS_WIDEN_REPLACE:
        rs_pipeline_notice(
            pipeline,
            "a new column \"%.*s\" of varchar(%u) has taken the place of the old one "
            "in \"%.*s\", as Redshift refuses to widen it (%s): it is the last one",
            RS_STR_ARG(step->column), (unsigned)step->to.length, RS_STR_ARG(step->table),
            rs_strbuf_cstr(&widening->why));
        break;
    case RS_WIDEN_KEEP:
        keep_column(pipeline, step, widening);
        break;
    }
}

static bool widen_once(struct rs_pipeline *pipeline, struct rs_session **session,
                       struct rs_plan_step *step, struct rs_error *err)
{
    struct rs_widening widening = RS_WIDENING_INIT;
    widening.lock_timeout_ms = rs_pipeline_lock_seconds(pipeline) * 1000;
    if (!*session) {
        *session = rs_connect_open(pipeline->connect, err);
    }
    bool ok = *session && rs_widen_column(*session, pipeline->plan.schema, step, &widening, err);
    if (ok) {
        note(pipeline, step, &widening);
    } else if (err->code == RS_E_NET) {
        rs_session_close(*session);
        *session = NULL;
    }
    rs_widening_release(&widening);
    return ok;
}

static bool widen(struct rs_pipeline *pipeline, struct rs_session **session,
                  struct rs_plan_step *step, struct rs_str *locked, struct rs_error *err)
{
    const struct rs_env *env = pipeline->env;
    if (rs_str_equal(step->table, *locked)) {
        return true; /* and so is this column's table: one wait for it is enough */
    }
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0 && !rs_pipeline_try_again(pipeline, attempt, err)) {
            break;
        }
        if (widen_once(pipeline, session, step, err)) {
            return true;
        }
        if (!err->retryable || err->code == RS_E_BUSY || env->interrupted(env)) {
            break;
        }
    }
    *locked = err->code == RS_E_BUSY ? step->table : *locked;
    if (err->code != RS_E_DATABASE && err->code != RS_E_BUSY) {
        rs_error_prefix(err, "could not widen column \"%.*s\" of table \"%.*s\"",
                        RS_STR_ARG(step->column), RS_STR_ARG(step->table));
        return false;
    }
    rs_log(&env->log, RS_LOG_WARNING, "could not widen column \"%.*s\" of table \"%.*s\": %s",
           RS_STR_ARG(step->column), RS_STR_ARG(step->table), err->message);
    rs_error_clear(err);
    return true; /* the load of this table fails, if a value is too long; the others do not */
}

/* Keep the columns that loads could not widen; the others are theirs (PostgreSQL). */
static bool keep_used(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_plan *plan = &pipeline->plan;
    bool ok = true;
    for (size_t i = 0; i < plan->step_count && ok; i++) {
        struct rs_plan_step *step = &plan->steps[i];
        struct rs_widening widening = RS_WIDENING_INIT;
        ok = step->kind != RS_PLAN_WIDEN_COLUMN ||
             rs_widening_find_user(pipeline->session, plan->schema, step, &widening, err);
        if (ok && widening.way == RS_WIDEN_KEEP) {
            keep_column(pipeline, step, &widening);
        }
        rs_widening_release(&widening);
    }
    return ok;
}

bool rs_widen_columns(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_session *session = NULL;
    struct rs_str locked = RS_STR("");
    bool ok = true;
    if (!is_to_do(pipeline)) {
        return true;
    }
    if (!rs_dialect_facts(pipeline->dialect)->widens_alone) {
        return rs_keep_alive_try(pipeline, keep_used, err);
    }
    rs_keep_alive_lend(pipeline);
    for (size_t i = 0; i < pipeline->plan.step_count && ok; i++) {
        struct rs_plan_step *step = &pipeline->plan.steps[i];
        ok = step->kind != RS_PLAN_WIDEN_COLUMN || widen(pipeline, &session, step, &locked, err);
    }
    rs_session_close(session);
    return ok && rs_keep_alive_try(pipeline, NULL, err);
}

static bool foretell(struct rs_pipeline *pipeline, struct rs_session *session,
                     const struct rs_table_definitions *definitions, struct rs_plan_step *step,
                     struct rs_error *err)
{
    struct rs_plan *plan = &pipeline->plan;
    struct rs_widening widening = RS_WIDENING_INIT;
    bool ok = rs_widening_foretell(session, definitions, step, &widening, err);
    if (ok && widening.way == RS_WIDEN_KEEP) {
        keep_column(pipeline, step, &widening);
    } else if (ok) {
        step->why = rs_arena_copy(&plan->arena, rs_strbuf_str(&widening.why));
        step->replacement = rs_arena_copy(&plan->arena, rs_strbuf_str(&widening.sql));
    }
    rs_widening_release(&widening);
    return ok;
}

/* A catalog that this user may not read whole tells nothing, and the plan is as it was. */
bool rs_widen_foretell(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_table_definitions definitions = {0};
    if (!is_to_do(pipeline)) {
        return true;
    }
    if (!rs_dialect_facts(pipeline->dialect)->widens_alone) {
        return rs_keep_alive_try(pipeline, keep_used, err);
    }
    struct rs_session *session = rs_connect_open(pipeline->connect, err);
    bool read =
        session && rs_table_definitions_read(session, pipeline->plan.schema, &definitions, err);
    bool ok = read;
    for (size_t i = 0; i < pipeline->plan.step_count && ok; i++) {
        struct rs_plan_step *step = &pipeline->plan.steps[i];
        ok = step->kind != RS_PLAN_WIDEN_COLUMN ||
             foretell(pipeline, session, &definitions, step, err);
    }
    if (read) {
        rs_table_definitions_release(&definitions);
    }
    rs_session_close(session);
    if (!read && err->code == RS_E_DATABASE) {
        rs_error_clear(err);
        ok = true;
    }
    return ok;
}
