/* An input is known by its name, size and version, each as it is written: repaired and cut. */
#include "ledger/ledger_inputs.h"

#include "base/mem.h"
#include "codec/utf8.h"
#include "ledger/ledger_queries.h"

enum { STATEMENT_BYTES = 1 << 20, INPUTS_PER_INSERT = 500, SHORT_BYTES = 64 };

/* The key of one input in the map of those that are loaded. */
static void append_key(struct rs_strbuf *key, struct rs_str name, uint64_t size_bytes,
                       struct rs_str version)
{
    char *repaired = rs_mem_alloc(RS_UTF8_GROWTH * (name.length + version.length));
    struct rs_str text = {repaired, rs_utf8_repair(name, repaired)};
    text.length = rs_utf8_cut(text, RS_LEDGER_NAME_BYTES);
    rs_strbuf_append_str(key, text);
    rs_strbuf_append_char(key, '\0');
    rs_strbuf_append_u64(key, size_bytes);
    rs_strbuf_append_char(key, '\0');
    text.length = rs_utf8_repair(version, repaired);
    text.length = rs_utf8_cut(text, RS_LEDGER_VERSION_BYTES);
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

bool rs_ledger_read_inputs(struct rs_session *session, struct rs_str schema, struct rs_map *loaded,
                           struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(STATEMENT_BYTES);
    struct rs_result *result = NULL;
    bool there = false;
    bool ok = rs_ledger_has_table(session, schema, "rs_inputs", &there, err);
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

bool rs_ledger_input_is_loaded(const struct rs_map *loaded, const struct rs_ledger_input *input)
{
    struct rs_strbuf key = RS_STRBUF_INIT(STATEMENT_BYTES);
    append_key(&key, input->name, input->size_bytes, input->version);
    bool found = rs_map_find(loaded, rs_strbuf_str(&key)) != NULL;
    rs_strbuf_release(&key);
    return found;
}

static void append_input(struct rs_strbuf *sql, const struct rs_ledger_run *run,
                         const struct rs_ledger_input *input, int64_t loaded_us)
{
    rs_strbuf_append_char(sql, '(');
    rs_ledger_append_text(sql, run->dialect, input->name, RS_LEDGER_NAME_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->size_bytes);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, input->version, RS_LEDGER_VERSION_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_text(sql, run->dialect, run->sync_id, SHORT_BYTES);
    rs_strbuf_append(sql, ", ");
    rs_ledger_append_time(sql, loaded_us);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->events);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->rejects);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, input->lines);
    rs_strbuf_append_char(sql, ')');
}

bool rs_ledger_put_inputs(struct rs_session *session, const struct rs_ledger_run *run,
                          const struct rs_ledger_inputs *inputs, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    bool ok = true;
    for (size_t i = 0; i < inputs->count && ok; i++) {
        if (sql.length == 0) {
            rs_ledger_append_insert(
                &sql, run->schema, RS_STR("rs_inputs"),
                "\"name\", \"size_bytes\", \"version\", \"sync_id\", \"loaded_at\", "
                "\"events\", \"rejects\", \"lines\"");
        } else {
            rs_strbuf_append(&sql, ",\n");
        }
        append_input(&sql, run, &inputs->items[i], inputs->loaded_us);
        if ((i + 1) % INPUTS_PER_INSERT == 0 || i + 1 == inputs->count) {
            ok = rs_ledger_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}
