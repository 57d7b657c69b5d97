/*
 * A window has at most one row that says it is done, with an empty input, and one for each input
 * that it wants beside those of its own days. A window that is done anew is written anew.
 */
#include "ledger/ledger_windows.h"

#include "base/timefmt.h"
#include "ledger/ledger_queries.h"
#include "ledger/ledger_tables.h"

enum { STATEMENT_BYTES = 1 << 20, SHORT_BYTES = 64, MARKS_PER_STATEMENT = 200 };

static void append_table(struct rs_strbuf *sql, struct rs_str schema)
{
    rs_sql_qualified(sql, schema, RS_STR("rs_windows"));
}

/* Append "WHERE": rows of the replay that is not closed. */
static void append_open(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str replay)
{
    rs_strbuf_append(sql, " WHERE \"closed_at\" IS NULL AND \"replay\" = ");
    rs_ledger_append_text(sql, dialect, replay, SHORT_BYTES);
}

/* The window is not done, or is to be written anew; what it wants stays. */
static void append_forget(struct rs_strbuf *sql, const struct rs_ledger_run *run,
                          struct rs_str replay, const struct rs_window_mark *mark)
{
    rs_strbuf_append(sql, "DELETE FROM ");
    append_table(sql, run->schema);
    append_open(sql, run->dialect, replay);
    rs_strbuf_append(sql, " AND \"window_from\" = ");
    rs_ledger_append_time(sql, mark->window.from_us);
    rs_strbuf_append(sql, " AND \"window_to\" = ");
    rs_ledger_append_time(sql, mark->window.to_us);
    rs_strbuf_append(sql, " AND \"input\" = '';\n");
}

static void append_mark(struct rs_strbuf *sql, const struct rs_ledger_run *run,
                        const struct rs_ledger_windows *entry, const struct rs_window_mark *mark,
                        double seconds, int64_t now_us)
{
    rs_strbuf_append(sql, "INSERT INTO ");
    append_table(sql, run->schema);
    rs_strbuf_append(sql, " (\"replay\", \"window_from\", \"window_to\", \"input\", "
                          "\"inputs_digest\", \"sync_id\", \"events\", \"rows\", \"bytes\", "
                          "\"seconds\", \"loaded_at\")\nVALUES (");
    rs_ledger_append_text(sql, run->dialect, entry->replay, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, mark->window.from_us);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, mark->window.to_us);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, mark->input, RS_LEDGER_NAME_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, mark->inputs_digest, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_printf(sql, ", %llu, %llu, %llu, %.3f, ", (unsigned long long)entry->events,
                     (unsigned long long)entry->rows, (unsigned long long)mark->bytes, seconds);
    rs_ledger_append_time(sql, now_us);
    rs_strbuf_append(sql, ");\n");
}

/* The run's seconds, as its bytes, are shared by the windows that it has loaded. */
static double seconds_of_one(const struct rs_ledger_windows *entry)
{
    size_t windows = 0;
    for (size_t i = 0; i < entry->count; i++) {
        windows += entry->marks[i].input.length == 0 ? 1 : 0;
    }
    return windows > 0 ? entry->seconds / (double)windows : 0.0;
}

bool rs_ledger_put_windows(struct rs_session *session, const struct rs_ledger_run *run,
                           const struct rs_ledger_windows *entry, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    int64_t now_us = env->now_us(env);
    double seconds = seconds_of_one(entry);
    bool ok = true;
    for (size_t i = 0; i < entry->count && ok; i++) {
        append_forget(&sql, run, entry->replay, &entry->marks[i]);
        append_mark(&sql, run, entry, &entry->marks[i], seconds, now_us);
        if ((i + 1) % MARKS_PER_STATEMENT == 0 || i + 1 == entry->count) {
            ok = rs_ledger_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* Run a query on rs_windows; *out is NULL without one where there is no such table. */
static bool ask(struct rs_session *session, struct rs_str schema, const char *query,
                const struct rs_str *replay, struct rs_result **out, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    bool there = false;
    *out = NULL;
    bool ok = rs_ledger_has_table(session, schema, "rs_windows", &there, err);
    if (ok && there) {
        rs_sql_query(&sql, query, schema);
        *out = rs_session_query_params(session, rs_strbuf_cstr(&sql), replay, replay ? 1 : 0, err);
        ok = *out != NULL;
    }
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_ledger_read_windows(struct rs_session *session, struct rs_str schema, struct rs_str replay,
                            void (*put)(void *arg, const struct rs_window_mark *mark), void *arg,
                            struct rs_error *err)
{
    struct rs_result *result = NULL;
    bool ok = ask(session, schema, rs_query_windows, &replay, &result, err);
    size_t rows = result ? rs_result_rows(result) : 0;
    for (size_t row = 0; row < rows; row++) {
        struct rs_window_mark mark = {.input = rs_result_text(result, row, 2),
                                      .inputs_digest = rs_result_text(result, row, 3)};
        if (rs_timefmt_parse(rs_result_text(result, row, 0), &mark.window.from_us) &&
            rs_timefmt_parse(rs_result_text(result, row, 1), &mark.window.to_us)) {
            put(arg, &mark);
        }
    }
    rs_result_free(result);
    if (!ok) {
        rs_error_prefix(err, "could not read how far the replay has come");
    }
    return ok;
}

bool rs_ledger_window_speed(struct rs_session *session, struct rs_str schema,
                            double *bytes_per_second, struct rs_error *err)
{
    struct rs_result *result = NULL;
    uint64_t speed = 0;
    bool ok = ask(session, schema, rs_query_window_speed, NULL, &result, err);
    if (ok && result && rs_result_rows(result) == 1 && !rs_result_is_null(result, 0, 0)) {
        ok = rs_result_u64(result, 0, 0, &speed, err);
    }
    *bytes_per_second = (double)speed;
    rs_result_free(result);
    return ok;
}

bool rs_ledger_close_windows(struct rs_session *session, struct rs_str schema, struct rs_str replay,
                             struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    bool there = false;
    if (!rs_ledger_has_table(session, schema, "rs_windows", &there, err) || !there) {
        return err->code == RS_OK;
    }
    rs_strbuf_append(&sql, "UPDATE ");
    append_table(&sql, schema);
    rs_strbuf_append(&sql, " SET \"closed_at\" = ");
    rs_ledger_append_time(&sql, env->now_us(env));
    append_open(&sql, rs_session_dialect(session), replay);
    bool ok = rs_ledger_exec(session, &sql, err);
    if (!ok) {
        rs_error_prefix(err, "could not record the end of the replay");
    }
    rs_strbuf_release(&sql);
    return ok;
}
