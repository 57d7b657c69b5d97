/*
 * The rows of a run are small and few, so they are written as literals; only rejects and
 * discards, which can be many, come as COPY. The row of a run is deleted and written anew when
 * it ends, so that its last form does not depend on what was there.
 */
#include "ledger/ledger_runs.h"

#include "ledger/ledger_queries.h"
#include "ledger/ledger_tables.h"
#include "warehouse/copy.h"

enum {
    STATEMENT_BYTES = 1 << 20,
    NAMES_PER_DELETE = 500,
    SHORT_BYTES = 64,
};

static const char *const status_names[] = {
    [RS_LEDGER_RUNNING] = "running", [RS_LEDGER_SUCCESS] = "success",
    [RS_LEDGER_PARTIAL] = "partial", [RS_LEDGER_FAILURE] = "failure",
    [RS_LEDGER_PAUSED] = "paused",   [RS_LEDGER_RESUMED] = "resumed",
};

const char *rs_ledger_status_name(enum rs_ledger_status status)
{
    return status_names[status];
}

/* Append the removal of a run's row, before another one takes its place. */
static void append_forget(struct rs_strbuf *sql, const struct rs_ledger_run *run)
{
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, run->schema, RS_STR("rs_syncs"));
    rs_strbuf_append(sql, " WHERE \"sync_id\" = ");
    rs_ledger_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ";\n");
}

/* Append the row of a run that has not ended, or of a pause. */
static void append_mark(struct rs_strbuf *sql, const struct rs_ledger_run *run,
                        enum rs_ledger_status status)
{
    rs_ledger_append_insert(
        sql, run->schema, RS_STR("rs_syncs"),
        "\"sync_id\", \"started_at\", \"finished_at\", \"status\", \"tool_version\"");
    rs_strbuf_append_char(sql, '(');
    rs_ledger_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, run->started_us);
    rs_strbuf_append(sql, ", ");
    if (status == RS_LEDGER_RUNNING) {
        rs_strbuf_append(sql, "NULL");
    } else {
        rs_ledger_append_time(sql, run->started_us);
    }
    rs_strbuf_printf(sql, ", '%s', ", status_names[status]);
    rs_ledger_append_text(sql, run->dialect, run->tool_version, SHORT_BYTES);
    rs_strbuf_append_char(sql, ')');
}

bool rs_ledger_start(struct rs_session *session, const struct rs_ledger_run *run,
                     struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    bool ok = rs_session_begin(session, err);
    rs_strbuf_append(&sql, "UPDATE ");
    rs_sql_qualified(&sql, run->schema, RS_STR("rs_syncs"));
    rs_strbuf_append(&sql, " SET \"status\" = 'failure', \"finished_at\" = ");
    rs_ledger_append_time(&sql, run->started_us);
    rs_strbuf_append(&sql, ", \"error\" = 'interrupted: the run was killed, or lost its "
                           "connection, before it could say how it ended'\n"
                           "WHERE \"status\" = 'running'");
    ok = ok && rs_ledger_exec(session, &sql, err);
    rs_strbuf_reset(&sql);
    append_forget(&sql, run); /* of an attempt that heard no answer */
    append_mark(&sql, run, RS_LEDGER_RUNNING);
    ok = ok && rs_ledger_exec(session, &sql, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
        rs_error_prefix(err, "could not record the start of the run");
    }
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_count_loads(struct rs_session *session, const struct rs_ledger_run *run,
                           uint64_t *out, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "SELECT count(DISTINCT \"table_name\") FROM ");
    rs_sql_qualified(&sql, run->schema, RS_STR("rs_loads"));
    rs_strbuf_append(&sql, " WHERE \"sync_id\" = ");
    rs_ledger_append_text(&sql, run->dialect, run->sync_id, SHORT_BYTES);
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, out, err);
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_resume(struct rs_session *session, const struct rs_ledger_run *run,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "UPDATE ");
    rs_sql_qualified(&sql, run->schema, RS_STR("rs_syncs"));
    rs_strbuf_append(&sql, " SET \"status\" = 'running', \"finished_at\" = NULL, \"error\" = NULL "
                           "WHERE \"sync_id\" = ");
    rs_ledger_append_text(&sql, run->dialect, run->sync_id, SHORT_BYTES);
    bool ok = rs_ledger_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* Put the run's id where lines that were staged before it have another one. */
static bool name_run(struct rs_session *session, const struct rs_ledger_run *run, const char *table,
                     struct rs_str staged_id, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "UPDATE ");
    rs_sql_qualified(&sql, run->schema, rs_str_from(table));
    rs_strbuf_append(&sql, " SET \"sync_id\" = ");
    rs_ledger_append_text(&sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(&sql, " WHERE \"sync_id\" = ");
    rs_ledger_append_text(&sql, run->dialect, staged_id, SHORT_BYTES);
    bool ok = rs_ledger_exec(session, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* Redshift takes a quoted field for NULL too, so what stands for NULL may be nobody's value. */
static bool copy_rows(struct rs_session *session, const struct rs_ledger_run *run,
                      const char *table, const struct rs_ledger_rows *rows, struct rs_error *err)
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
        ok = rs_ledger_exec(session, &sql, err);
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

/*
 * The rejects of an input that no run has loaded are those of the last time that it was read. An input
 * is called as it was given, which another may be called, too: rejects of a run that has loaded an
 * input with some stay, whatever their input.
 */
static bool forget_rejects(struct rs_session *session, const struct rs_ledger_run *run,
                           const struct rs_ledger_outcome *outcome, struct rs_error *err)
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
        rs_ledger_append_text(&sql, run->dialect, outcome->read_again[i], RS_LEDGER_NAME_BYTES);
        if ((i + 1) % NAMES_PER_DELETE == 0 || i + 1 == outcome->read_again_count) {
            rs_strbuf_append(&sql, ") AND \"sync_id\" NOT IN (SELECT \"sync_id\" FROM ");
            rs_sql_qualified(&sql, run->schema, RS_STR("rs_inputs"));
            rs_strbuf_append(&sql, " WHERE \"rejects\" > 0 AND \"sync_id\" IS NOT NULL)");
            ok = rs_ledger_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

static void append_outcome(struct rs_strbuf *sql, const struct rs_ledger_run *run,
                           const struct rs_ledger_outcome *outcome, int64_t now_us)
{
    const uint64_t counts[] = {outcome->events, outcome->rows,     outcome->rejects,
                               outcome->skips,  outcome->discards, outcome->duplicates};
    append_forget(sql, run);
    rs_ledger_append_insert(sql, run->schema, RS_STR("rs_syncs"),
                            "\"sync_id\", \"started_at\", \"finished_at\", \"status\", \"events\", "
                            "\"rows\", \"rejects\", \"skips\", \"discards\", \"duplicates\", "
                            "\"prepare_seconds\", \"load_seconds\", \"notices\", \"error\", "
                            "\"tool_version\", \"lines\", \"reasons\"");
    rs_strbuf_append_char(sql, '(');
    rs_ledger_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, run->started_us);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, now_us);
    rs_strbuf_printf(sql, ", '%s', ", status_names[outcome->status]);
    for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
        rs_strbuf_append_u64(sql, counts[i]);
        rs_strbuf_append(sql, ", ");
    }
    rs_strbuf_printf(sql, "%.3f, %.3f, ", outcome->prepare_seconds, outcome->load_seconds);
    rs_ledger_append_text(sql, run->dialect, outcome->notices, RS_LEDGER_TEXT_MAX);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, outcome->error, RS_LEDGER_TEXT_MAX);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, run->tool_version, SHORT_BYTES);
    rs_strbuf_printf(sql, ", %llu, ", (unsigned long long)outcome->lines);
    rs_ledger_append_text(sql, run->dialect, outcome->reasons, RS_LEDGER_TEXT_MAX);
    rs_strbuf_append_char(sql, ')');
}

bool rs_ledger_finish(struct rs_session *session, const struct rs_ledger_run *run,
                      const struct rs_ledger_outcome *outcome, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    int64_t now_us = env->now_us(env);
    struct rs_ledger_inputs inputs = {outcome->inputs, outcome->input_count, now_us};
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_outcome(&sql, run, outcome, now_us);
    rs_session_shield(session, outcome->status == RS_LEDGER_FAILURE);
    bool ok = rs_session_begin(session, err) &&
              rs_load_hold(session, run->dialect, run->schema, err) &&
              forget_rejects(session, run, outcome, err) &&
              copy_rows(session, run, "rs_rejects", &outcome->rejected, err) &&
              copy_rows(session, run, "rs_discards", &outcome->discarded, err) &&
              rs_ledger_put_inputs(session, run, &inputs, err) &&
              (outcome->windows.count == 0 ||
               rs_ledger_put_windows(session, run, &outcome->windows, err)) &&
              rs_ledger_exec(session, &sql, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
        rs_error_prefix(err, "could not record how the run ended");
    }
    rs_session_shield(session, false);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_set_paused(struct rs_session *session, const struct rs_ledger_run *run, bool paused,
                          struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_mark(&sql, run, paused ? RS_LEDGER_PAUSED : RS_LEDGER_RESUMED);
    bool ok =
        rs_ledger_ensure(session, run->schema, err) && rs_session_exec(session, &sql, NULL, err);
    if (!ok) {
        rs_error_prefix(err, "could not %s schema \"%.*s\"", paused ? "pause" : "resume",
                        RS_STR_ARG(run->schema));
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* --- what is known ----------------------------------------------------------------------- */

bool rs_ledger_is_paused(struct rs_session *session, struct rs_str schema, bool *out_paused,
                         struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_result *result = NULL;
    bool there = false;
    bool ok = rs_ledger_has_table(session, schema, "rs_syncs", &there, err);
    *out_paused = false;
    if (ok && there) {
        rs_sql_query(&sql, rs_query_paused, schema);
        result = rs_session_query(session, &sql, err);
        ok = result != NULL;
        *out_paused = ok && rs_result_rows(result) == 1 &&
                      rs_str_equal(rs_result_text(result, 0, 0), RS_STR("paused"));
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* The status of a run; no row without one. */
static struct rs_result *find_status(struct rs_session *session, struct rs_str schema,
                                     struct rs_str sync_id, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_result *result = NULL;
    rs_sql_query(&sql, rs_query_run_status, schema);
    if (rs_sql_ok(&sql, err)) {
        result = rs_session_query_params(session, rs_strbuf_cstr(&sql), &sync_id, 1, err);
    }
    rs_strbuf_release(&sql);
    return result;
}

bool rs_ledger_knows_run(struct rs_session *session, struct rs_str schema, struct rs_str sync_id,
                         bool *out, struct rs_error *err)
{
    struct rs_result *result = find_status(session, schema, sync_id, err);
    *out = result && rs_result_rows(result) > 0;
    rs_result_free(result);
    return result != NULL;
}

bool rs_ledger_has_status(struct rs_session *session, const struct rs_ledger_run *run,
                          enum rs_ledger_status status, bool *out, struct rs_error *err)
{
    struct rs_result *result = find_status(session, run->schema, run->sync_id, err);
    *out = result && rs_result_rows(result) > 0 &&
           rs_str_equal(rs_result_text(result, 0, 0), rs_str_from(status_names[status]));
    rs_result_free(result);
    return result != NULL;
}

bool rs_ledger_is_used(struct rs_session *session, struct rs_str schema, struct rs_str sync_id,
                       bool *out_used, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "SELECT 1 FROM ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_syncs"));
    rs_strbuf_append(&sql, " WHERE \"sync_id\" <> ");
    rs_sql_literal(&sql, rs_session_dialect(session), sync_id);
    rs_strbuf_append(&sql, " LIMIT 1");
    struct rs_result *result = rs_session_query(session, &sql, err);
    *out_used = result && rs_result_rows(result) > 0;
    rs_strbuf_release(&sql);
    rs_result_free(result);
    return result != NULL;
}

/* Append the columns of the list; one that an older version's table lacks is NULL. */
static void append_run_columns(struct rs_strbuf *sql, const struct rs_result *there)
{
    static const char *const names[] = {
        [RS_LEDGER_SYNC_ID] = "sync_id",
        [RS_LEDGER_STARTED_AT] = "started_at",
        [RS_LEDGER_FINISHED_AT] = "finished_at",
        [RS_LEDGER_STATUS] = "status",
        [RS_LEDGER_EVENTS] = "events",
        [RS_LEDGER_ROWS] = "rows",
        [RS_LEDGER_REJECTS] = "rejects",
        [RS_LEDGER_SKIPS] = "skips",
        [RS_LEDGER_DISCARDS] = "discards",
        [RS_LEDGER_DUPLICATES] = "duplicates",
        [RS_LEDGER_PREPARE_SECONDS] = "prepare_seconds",
        [RS_LEDGER_LOAD_SECONDS] = "load_seconds",
        [RS_LEDGER_NOTICES] = "notices",
        [RS_LEDGER_ERROR] = "error",
        [RS_LEDGER_TOOL_VERSION] = "tool_version",
        [RS_LEDGER_LINES] = "lines",
        [RS_LEDGER_REASONS] = "reasons",
    };
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        bool has = false;
        for (size_t row = 0; row < rs_result_rows(there); row++) {
            has = has || rs_str_equal(rs_result_text(there, row, 0), rs_str_from(names[i]));
        }
        rs_strbuf_append(sql, i == 0 ? "SELECT " : ", ");
        if (has) {
            rs_sql_ident(sql, rs_str_from(names[i]));
        } else {
            rs_strbuf_append(sql, "NULL");
        }
    }
    rs_strbuf_append(sql, "\n");
}

struct rs_result *rs_ledger_list_runs(struct rs_session *session, struct rs_str schema,
                                      unsigned count, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_strbuf limit = RS_STRBUF_INIT(32);
    struct rs_result *result = NULL;
    struct rs_result *there =
        rs_session_query_params(session, rs_query_run_columns, &schema, 1, err);
    if (there && rs_result_rows(there) == 0) {
        rs_strbuf_append(&sql, "SELECT 1 LIMIT 0");
        result = rs_session_query(session, &sql, err);
    } else if (there) {
        append_run_columns(&sql, there);
        rs_sql_query(&sql, rs_query_runs, schema);
        rs_strbuf_append_u64(&limit, count);
        struct rs_str param = rs_strbuf_str(&limit);
        result = rs_sql_ok(&sql, err)
                     ? rs_session_query_params(session, rs_strbuf_cstr(&sql), &param, 1, err)
                     : NULL;
    }
    rs_result_free(there);
    rs_strbuf_release(&limit);
    rs_strbuf_release(&sql);
    return result;
}

struct rs_result *rs_ledger_list_loads(struct rs_session *session, struct rs_str schema,
                                       unsigned count, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_strbuf limit = RS_STRBUF_INIT(32);
    struct rs_result *result = NULL;
    bool there = false;
    if (!rs_ledger_has_table(session, schema, "rs_syncs", &there, err)) {
        goto out;
    }
    rs_strbuf_append_u64(&limit, there ? count : 0);
    if (there) {
        rs_sql_query(&sql, rs_query_loads, schema);
    } else {
        rs_strbuf_append(&sql, "SELECT 1 LIMIT 0");
    }
    if (rs_sql_ok(&sql, err)) {
        struct rs_str param = rs_strbuf_str(&limit);
        result = rs_session_query_params(session, rs_strbuf_cstr(&sql), &param, 1, err);
    }
out:
    rs_strbuf_release(&limit);
    rs_strbuf_release(&sql);
    return result;
}

struct rs_result *rs_ledger_list_statuses(struct rs_session *session, struct rs_str schema,
                                          struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_strbuf_append(&sql, "SELECT \"sync_id\", \"status\" FROM ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_syncs"));
    struct rs_result *result = rs_session_query(session, &sql, err);
    rs_strbuf_release(&sql);
    return result;
}
