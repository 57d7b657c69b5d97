/*
 * What the ledger knows. A schema or a ledger that is not there is an empty one.
 */
#include "base/mem.h"
#include "codec/utf8.h"
#include "ledger/ledger_queries.h"
#include "ledger/ledger_runs.h"
#include "warehouse/ddl.h"

enum { STATEMENT_BYTES = 1 << 20 };

bool rs_history_has_table(struct rs_session *session, struct rs_str schema, const char *table,
                          bool *out, struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, rs_query_tables, &schema, 1, err);
    if (!result) {
        return false;
    }
    *out = false;
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        *out = *out || rs_str_equal(rs_result_text(result, row, 0), rs_str_from(table));
    }
    rs_result_free(result);
    return true;
}

/* The key of one input in the map of those that are loaded. */
static void append_key(struct rs_strbuf *key, struct rs_str name, uint64_t size_bytes,
                       struct rs_str version)
{
    char *repaired = rs_mem_alloc(RS_UTF8_GROWTH * (name.length + version.length));
    struct rs_str text = {repaired, rs_utf8_repair(name, repaired)};
    text.length = rs_utf8_cut(text, RS_HISTORY_NAME_BYTES);
    rs_strbuf_append_str(key, text);
    rs_strbuf_append_char(key, '\0');
    rs_strbuf_append_u64(key, size_bytes);
    rs_strbuf_append_char(key, '\0');
    text.length = rs_utf8_repair(version, repaired);
    text.length = rs_utf8_cut(text, RS_HISTORY_VERSION_BYTES);
    rs_strbuf_append_str(key, text);
    rs_mem_free(repaired);
}

static bool fill_inputs(const struct rs_result *result, struct rs_map *loaded, struct rs_error *err)
{
    struct rs_strbuf key = RS_STRBUF_INIT(STATEMENT_BYTES);
    uint64_t size_bytes = 0;
    bool ok = true;
    for (size_t row = 0; row < rs_result_rows(result) && ok; row++) {
        ok = rs_result_u64(result, row, 1, &size_bytes, err);
        append_key(&key, rs_result_text(result, row, 0), size_bytes,
                   rs_result_text(result, row, 2));
        *rs_map_put(loaded, rs_strbuf_str(&key)) = loaded;
        rs_strbuf_reset(&key);
    }
    rs_strbuf_release(&key);
    return ok;
}

bool rs_history_read_inputs(struct rs_session *session, struct rs_str schema, struct rs_map *loaded,
                            struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_result *result = NULL;
    bool there = false;
    bool ok = rs_history_has_table(session, schema, "rs_inputs", &there, err);
    if (ok && there) {
        rs_sql_query(&sql, rs_query_inputs, schema);
        result = rs_session_query(session, &sql, err);
        ok = result && fill_inputs(result, loaded, err);
    }
    if (!ok) {
        rs_error_prefix(err, "could not read which inputs are loaded");
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_history_input_is_loaded(const struct rs_map *loaded, const struct rs_history_input *input)
{
    struct rs_strbuf key = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_key(&key, input->name, input->size_bytes, input->version);
    bool found = rs_map_find(loaded, rs_strbuf_str(&key)) != NULL;
    rs_strbuf_release(&key);
    return found;
}

bool rs_history_is_paused(struct rs_session *session, struct rs_str schema, bool *out_paused,
                          struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_result *result = NULL;
    bool there = false;
    bool ok = rs_history_has_table(session, schema, "rs_syncs", &there, err);
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

bool rs_history_knows(struct rs_session *session, struct rs_str schema, struct rs_str sync_id,
                      bool *out, struct rs_error *err)
{
    struct rs_result *result = find_status(session, schema, sync_id, err);
    *out = result && rs_result_rows(result) > 0;
    rs_result_free(result);
    return result != NULL;
}

bool rs_history_is_finished(struct rs_session *session, const struct rs_history_run *run, bool *out,
                            struct rs_error *err)
{
    struct rs_result *result = find_status(session, run->schema, run->sync_id, err);
    *out = result && rs_result_rows(result) > 0 &&
           !rs_str_equal(rs_result_text(result, 0, 0),
                         rs_str_from(rs_history_status_name(RS_HISTORY_RUNNING)));
    rs_result_free(result);
    return result != NULL;
}

bool rs_history_is_used(struct rs_session *session, struct rs_str schema, bool *out_used,
                        struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    rs_script_append_exists(&sql, schema, RS_STR("rs_syncs"));
    struct rs_result *result = rs_session_query(session, &sql, err);
    *out_used = result && rs_result_rows(result) > 0;
    rs_strbuf_release(&sql);
    rs_result_free(result);
    return result != NULL;
}

/* Run a query on the ledger that takes a count; no rows without a ledger. */
static struct rs_result *list(struct rs_session *session, struct rs_str schema, const char *query,
                              unsigned count, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_strbuf limit = RS_STRBUF_INIT(32);
    struct rs_result *result = NULL;
    bool there = false;
    if (!rs_history_has_table(session, schema, "rs_syncs", &there, err)) {
        goto out;
    }
    rs_strbuf_append_u64(&limit, there ? count : 0);
    if (there) {
        rs_sql_query(&sql, query, schema);
    } else {
        rs_strbuf_append(&sql, "SELECT 1 LIMIT $1");
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

struct rs_result *rs_history_list(struct rs_session *session, struct rs_str schema, unsigned count,
                                  struct rs_error *err)
{
    return list(session, schema, rs_query_runs, count, err);
}

struct rs_result *rs_history_list_tables(struct rs_session *session, struct rs_str schema,
                                         unsigned count, struct rs_error *err)
{
    return list(session, schema, rs_query_loads, count, err);
}
