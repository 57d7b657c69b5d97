/*
 * The rows of a run are small and few, so they are written as literals; only rejects and
 * discards, which can be many, come as COPY. The row of a run is deleted and written anew when
 * it ends, so that its last form does not depend on what was there.
 *
 * Names of inputs may be any bytes, and the database only takes UTF-8: they are repaired before
 * they are written, and in the same way before they are looked up.
 */
#include "ledger/history.h"

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/utf8.h"
#include "ledger/history_internal.h"
#include "ledger/window_log.h"
#include "warehouse/catalog.h"
#include "warehouse/copy.h"
#include "warehouse/ddl.h"
#include "warehouse/ledger.h"
#include "warehouse/queries.h"

enum {
    STATEMENT_BYTES = 1 << 20,
    INPUTS_PER_INSERT = 500,
    SHORT_BYTES = 64,
};

static const char *const status_names[] = {
    [RS_HISTORY_RUNNING] = "running", [RS_HISTORY_SUCCESS] = "success",
    [RS_HISTORY_PARTIAL] = "partial", [RS_HISTORY_FAILURE] = "failure",
    [RS_HISTORY_PAUSED] = "paused",   [RS_HISTORY_RESUMED] = "resumed",
};

void rs_history_append_text(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str text,
                            size_t max_bytes)
{
    char *repaired = rs_mem_alloc(RS_UTF8_GROWTH * text.length);
    struct rs_str clean = {repaired, rs_utf8_repair(text, repaired)};
    clean.length = rs_utf8_cut(clean, max_bytes);
    rs_sql_literal(sql, dialect, clean);
    rs_mem_free(repaired);
}

void rs_history_append_time(struct rs_strbuf *sql, int64_t us)
{
    char text[RS_TIMEFMT_MAX] = "";
    /* no byte of it is read differently in the two dialects */
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, (struct rs_str){text, rs_timefmt_format(us, text)});
}

static void append_insert(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table,
                          const char *columns)
{
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, schema, table);
    rs_strbuf_printf(sql, " (%s)\nVALUES ", columns);
}

bool rs_history_exec(struct rs_session *session, struct rs_strbuf *sql, struct rs_error *err)
{
    bool ok = rs_session_exec(session, sql, NULL, err);
    rs_strbuf_reset(sql);
    return ok;
}

const char *rs_history_status_name(enum rs_history_status status)
{
    return status_names[status];
}

/* Run the steps that widen columns, or the others: Redshift widens outside of transactions only. */
static bool run_steps(struct rs_session *session, const struct rs_plan *plan, bool widen,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    bool ok = true;
    for (size_t i = 0; i < plan->step_count && ok; i++) {
        if ((plan->steps[i].kind == RS_PLAN_WIDEN_COLUMN) == widen) {
            rs_ddl_append_step(&sql, plan->dialect, plan->schema, &plan->steps[i]);
            ok = rs_history_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

static bool run_plan(struct rs_session *session, const struct rs_plan *plan, struct rs_error *err)
{
    bool ok = run_steps(session, plan, true, err) && rs_session_exec_text(session, "BEGIN", err) &&
              run_steps(session, plan, false, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
    }
    return ok;
}

bool rs_history_ensure_tables(struct rs_session *session, struct rs_str schema,
                              void (*define)(struct rs_schema *schema, enum rs_dialect dialect),
                              struct rs_error *err)
{
    struct rs_schema wanted = {0};
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    if (!rs_catalog_read(session, schema, &existing, err)) {
        return false;
    }
    rs_schema_init(&wanted, schema);
    define(&wanted, rs_session_dialect(session));
    rs_plan_make(&wanted, &existing, rs_session_dialect(session), UINT64_MAX, &plan);
    bool ok = rs_plan_is_empty(&plan) || run_plan(session, &plan, err);
    if (!ok) {
        rs_error_prefix(err, "could not make the ledger in schema \"%.*s\"", RS_STR_ARG(schema));
    }
    rs_plan_release(&plan);
    rs_schema_release(&wanted);
    rs_schema_release(&existing);
    return ok;
}

bool rs_history_ensure(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    return rs_history_ensure_tables(session, schema, rs_ledger_define, err);
}

/* Append the row of a run that has not ended, or of a pause. */
static void append_mark(struct rs_strbuf *sql, const struct rs_history_run *run,
                        enum rs_history_status status)
{
    append_insert(sql, run->schema, RS_STR("rs_syncs"),
                  "\"sync_id\", \"started_at\", \"finished_at\", \"status\", \"tool_version\"");
    rs_strbuf_append_char(sql, '(');
    rs_history_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_history_append_time(sql, run->started_us);
    rs_strbuf_append(sql, ", ");
    if (status == RS_HISTORY_RUNNING) {
        rs_strbuf_append(sql, "NULL");
    } else {
        rs_history_append_time(sql, run->started_us);
    }
    rs_strbuf_printf(sql, ", '%s', ", status_names[status]);
    rs_history_append_text(sql, run->dialect, run->tool_version, SHORT_BYTES);
    rs_strbuf_append_char(sql, ')');
}

bool rs_history_start(struct rs_session *session, const struct rs_history_run *run,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    bool ok = rs_session_exec_text(session, "BEGIN", err);
    rs_strbuf_append(&sql, "UPDATE ");
    rs_sql_qualified(&sql, run->schema, RS_STR("rs_syncs"));
    rs_strbuf_append(&sql, " SET \"status\" = 'failure', \"finished_at\" = ");
    rs_history_append_time(&sql, run->started_us);
    rs_strbuf_append(&sql, ", \"error\" = 'interrupted: the run was killed, or lost its "
                           "connection, before it could say how it ended'\n"
                           "WHERE \"status\" = 'running'");
    ok = ok && rs_history_exec(session, &sql, err);
    rs_strbuf_reset(&sql);
    append_mark(&sql, run, RS_HISTORY_RUNNING);
    ok = ok && rs_history_exec(session, &sql, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
        rs_error_prefix(err, "could not record the start of the run");
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* Put the run's id where lines that were staged before it have another one. */
static bool name_run(struct rs_session *session, const struct rs_history_run *run,
                     const char *table, struct rs_str staged_id, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "UPDATE ");
    rs_sql_qualified(&sql, run->schema, rs_str_from(table));
    rs_strbuf_append(&sql, " SET \"sync_id\" = ");
    rs_history_append_text(&sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(&sql, " WHERE \"sync_id\" = ");
    rs_history_append_text(&sql, run->dialect, staged_id, SHORT_BYTES);
    bool ok = rs_history_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* Redshift takes a quoted field for NULL too, so what stands for NULL may be nobody's value. */
static bool copy_rows(struct rs_session *session, const struct rs_history_run *run,
                      const char *table, const struct rs_history_rows *rows, struct rs_error *err)
{
    bool staged = rows->files.url.length > 0;
    if (!rows->source.encode && !staged) {
        return true;
    }
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_strbuf null_text = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&null_text, "null-");
    rs_strbuf_append_str(&null_text, run->sync_id);
    struct rs_schema ledger = {0};
    rs_schema_init(&ledger, run->schema);
    rs_ledger_define(&ledger, run->dialect);
    struct rs_copy_into into = {
        .schema = run->schema,
        .name = rs_str_from(table),
        .columns = rs_schema_find_table(&ledger, rs_str_from(table)),
        .null_text = rs_strbuf_str(&null_text),
    };
    bool ok = true;
    if (staged) {
        rs_copy_append_s3(&sql, &into, &rows->files);
        ok = rs_history_exec(session, &sql, err);
    }
    if (ok && rows->staged_id.length > 0) {
        ok = name_run(session, run, table, rows->staged_id, err);
    }
    if (ok && rows->source.encode) {
        rs_copy_append_stdin(&sql, &into, false);
        struct rs_sink *sink = rs_session_copy_begin(session, &sql, err);
        ok = sink && rows->source.encode(rows->source.arg, sink, err) &&
             rs_session_copy_end(session, NULL, err);
    }
    rs_schema_release(&ledger);
    rs_strbuf_release(&null_text);
    rs_strbuf_release(&sql);
    return ok;
}

/* The rejects of an input are those of the last time that it was read. */
static bool forget_rejects(struct rs_session *session, const struct rs_history_run *run,
                           const struct rs_history_outcome *outcome, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    bool ok = true;
    for (size_t i = 0; i < outcome->read_again_count && ok; i++) {
        if (sql.length == 0) {
            rs_strbuf_append(&sql, "DELETE FROM ");
            rs_sql_qualified(&sql, run->schema, RS_STR("rs_rejects"));
            rs_strbuf_append(&sql, " WHERE \"input\" IN (");
        } else {
            rs_strbuf_append(&sql, ", ");
        }
        rs_history_append_text(&sql, run->dialect, outcome->read_again[i], RS_HISTORY_NAME_BYTES);
        if ((i + 1) % INPUTS_PER_INSERT == 0 || i + 1 == outcome->read_again_count) {
            rs_strbuf_append_char(&sql, ')');
            ok = rs_history_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

static void append_input(struct rs_strbuf *sql, const struct rs_history_run *run,
                         const struct rs_history_input *input, int64_t now_us)
{
    rs_strbuf_append_char(sql, '(');
    rs_history_append_text(sql, run->dialect, input->name, RS_HISTORY_NAME_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->size_bytes);
    rs_strbuf_append(sql, ", ");
    rs_history_append_text(sql, run->dialect, input->version, RS_HISTORY_VERSION_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_history_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_history_append_time(sql, now_us);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->events);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->rejects);
    rs_strbuf_append_char(sql, ')');
}

static bool insert_inputs(struct rs_session *session, const struct rs_history_run *run,
                          const struct rs_history_outcome *outcome, int64_t now_us,
                          struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    bool ok = true;
    for (size_t i = 0; i < outcome->input_count && ok; i++) {
        if (sql.length == 0) {
            append_insert(&sql, run->schema, RS_STR("rs_inputs"),
                          "\"name\", \"size_bytes\", \"version\", \"sync_id\", \"loaded_at\", "
                          "\"events\", \"rejects\"");
        } else {
            rs_strbuf_append(&sql, ",\n");
        }
        append_input(&sql, run, &outcome->inputs[i], now_us);
        if ((i + 1) % INPUTS_PER_INSERT == 0 || i + 1 == outcome->input_count) {
            ok = rs_history_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

static void append_outcome(struct rs_strbuf *sql, const struct rs_history_run *run,
                           const struct rs_history_outcome *outcome, int64_t now_us)
{
    const uint64_t counts[] = {outcome->events, outcome->rows,     outcome->rejects,
                               outcome->skips,  outcome->discards, outcome->duplicates};
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, run->schema, RS_STR("rs_syncs"));
    rs_strbuf_append(sql, " WHERE \"sync_id\" = ");
    rs_history_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ";\n");
    append_insert(sql, run->schema, RS_STR("rs_syncs"),
                  "\"sync_id\", \"started_at\", \"finished_at\", \"status\", \"events\", "
                  "\"rows\", \"rejects\", \"skips\", \"discards\", \"duplicates\", "
                  "\"prepare_seconds\", \"load_seconds\", \"notices\", \"error\", "
                  "\"tool_version\"");
    rs_strbuf_append_char(sql, '(');
    rs_history_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_history_append_time(sql, run->started_us);
    rs_strbuf_append(sql, ", ");
    rs_history_append_time(sql, now_us);
    rs_strbuf_printf(sql, ", '%s', ", status_names[outcome->status]);
    for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
        rs_strbuf_append_u64(sql, counts[i]);
        rs_strbuf_append(sql, ", ");
    }
    rs_strbuf_printf(sql, "%.3f, %.3f, ", outcome->prepare_seconds, outcome->load_seconds);
    rs_history_append_text(sql, run->dialect, outcome->notices, RS_LEDGER_TEXT_MAX);
    rs_strbuf_append(sql, ", ");
    rs_history_append_text(sql, run->dialect, outcome->error, RS_LEDGER_TEXT_MAX);
    rs_strbuf_append(sql, ", ");
    rs_history_append_text(sql, run->dialect, run->tool_version, SHORT_BYTES);
    rs_strbuf_append_char(sql, ')');
}

bool rs_history_finish(struct rs_session *session, const struct rs_history_run *run,
                       const struct rs_history_outcome *outcome, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    int64_t now_us = env->now_us(env);
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_outcome(&sql, run, outcome, now_us);
    rs_session_shield(session, outcome->status == RS_HISTORY_FAILURE);
    bool ok =
        rs_session_exec_text(session, "BEGIN", err) && forget_rejects(session, run, outcome, err) &&
        copy_rows(session, run, "rs_rejects", &outcome->rejected, err) &&
        copy_rows(session, run, "rs_discards", &outcome->discarded, err) &&
        insert_inputs(session, run, outcome, now_us, err) &&
        (outcome->windows.count == 0 || rs_window_log_put(session, run, &outcome->windows, err)) &&
        rs_history_exec(session, &sql, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
        rs_error_prefix(err, "could not record how the run ended");
    }
    rs_session_shield(session, false);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_history_set_paused(struct rs_session *session, const struct rs_history_run *run,
                           bool paused, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_mark(&sql, run, paused ? RS_HISTORY_PAUSED : RS_HISTORY_RESUMED);
    bool ok =
        rs_history_ensure(session, run->schema, err) && rs_session_exec(session, &sql, NULL, err);
    if (!ok) {
        rs_error_prefix(err, "could not %s schema \"%.*s\"", paused ? "pause" : "resume",
                        RS_STR_ARG(run->schema));
    }
    rs_strbuf_release(&sql);
    return ok;
}
