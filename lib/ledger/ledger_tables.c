/*
 * The ledger's tables as data: a table's name before its columns.
 *
 * Names of inputs may be any bytes, and the database only takes UTF-8: they are repaired before
 * they are written, and in the same way before they are looked up.
 */
#include "ledger/ledger_tables.h"

#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/utf8.h"
#include "ledger/ledger_queries.h"
#include "warehouse/catalog.h"
#include "warehouse/ddl.h"

enum { STATEMENT_BYTES = 1 << 20 };

#define TEXT(bytes)                                                                                \
    {                                                                                              \
        .type = RS_TYPE_VARCHAR, .length = (bytes)                                                 \
    }
#define OF_TYPE(of_type)                                                                           \
    {                                                                                              \
        .type = (of_type)                                                                          \
    }

struct ledger_row {
    const char *table; /* NULL: a column of the table above */
    const char *column;
    struct rs_coltype type;
};

static const struct ledger_row ledger[] = {
    {"rs_discards", "table_name", TEXT(127)},
    {NULL, "column_name", TEXT(127)},
    {NULL, "row_id", TEXT(RS_LEDGER_TEXT_MAX)},
    {NULL, "received_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "value", TEXT(RS_LEDGER_TEXT_MAX)},
    {NULL, "reason", TEXT(64)},
    {NULL, "sync_id", TEXT(64)},

    {"rs_inputs", "name", TEXT(8192)},
    {NULL, "size_bytes", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "version", TEXT(512)},
    {NULL, "sync_id", TEXT(64)},
    {NULL, "loaded_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "events", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "rejects", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "lines", OF_TYPE(RS_TYPE_BIGINT)},

    {"rs_lock", "unused", TEXT(1)},

    {"rs_loads", "sync_id", TEXT(64)},
    {NULL, "table_name", TEXT(127)},
    {NULL, "rows", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "loaded_at", OF_TYPE(RS_TYPE_TIMESTAMP)},

    {"rs_rejects", "sync_id", TEXT(64)},
    {NULL, "input", TEXT(8192)},
    {NULL, "line", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "byte_offset", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "reason", TEXT(512)},
    {NULL, "text", TEXT(RS_LEDGER_TEXT_MAX)},
    {NULL, "rejected_at", OF_TYPE(RS_TYPE_TIMESTAMP)},

    {"rs_syncs", "sync_id", TEXT(64)},
    {NULL, "started_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "finished_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "status", TEXT(16)},
    {NULL, "events", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "rows", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "rejects", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "skips", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "discards", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "duplicates", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "prepare_seconds", OF_TYPE(RS_TYPE_DOUBLE)},
    {NULL, "load_seconds", OF_TYPE(RS_TYPE_DOUBLE)},
    {NULL, "notices", TEXT(RS_LEDGER_TEXT_MAX)},
    {NULL, "error", TEXT(RS_LEDGER_TEXT_MAX)},
    {NULL, "tool_version", TEXT(64)},
    {NULL, "lines", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "reasons", TEXT(RS_LEDGER_TEXT_MAX)},
};

static const struct ledger_row windows[] = {
    {"rs_windows", "replay", TEXT(64)},
    {NULL, "window_from", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "window_to", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "input", TEXT(8192)},
    {NULL, "inputs_digest", TEXT(64)},
    {NULL, "sync_id", TEXT(64)},
    {NULL, "events", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "rows", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "bytes", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "seconds", OF_TYPE(RS_TYPE_DOUBLE)},
    {NULL, "loaded_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
    {NULL, "closed_at", OF_TYPE(RS_TYPE_TIMESTAMP)},
};

static void define_tables(struct rs_schema *schema, const struct ledger_row *rows, size_t count,
                          enum rs_dialect dialect)
{
    struct rs_table *table = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rs_dialect_facts(dialect)->has_advisory_locks && rows[i].table &&
            strcmp(rows[i].table, "rs_lock") == 0) {
            continue;
        }
        if (rows[i].table) {
            table = rs_schema_add_table(schema, rs_str_from(rows[i].table), RS_TABLE_LEDGER);
        }
        rs_table_add_column(schema, table, rs_str_from(rows[i].column), rows[i].type, 0);
    }
}

void rs_ledger_define(struct rs_schema *schema, enum rs_dialect dialect)
{
    define_tables(schema, ledger, RS_COUNTOF(ledger), dialect);
}

void rs_ledger_define_windows(struct rs_schema *schema, enum rs_dialect dialect)
{
    define_tables(schema, windows, RS_COUNTOF(windows), dialect);
}

bool rs_ledger_has_table(struct rs_session *session, struct rs_str schema, const char *table,
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

struct rs_result *rs_ledger_list_schemas(struct rs_session *session, struct rs_str like,
                                         struct rs_error *err)
{
    return rs_session_query_params(session, rs_query_schemas, &like, 1, err);
}

bool rs_ledger_is_table(struct rs_str table)
{
    static const struct {
        const struct ledger_row *rows;
        size_t count;
    } parts[] = {{ledger, RS_COUNTOF(ledger)}, {windows, RS_COUNTOF(windows)}};
    for (size_t part = 0; part < RS_COUNTOF(parts); part++) {
        for (size_t i = 0; i < parts[part].count; i++) {
            const char *name = parts[part].rows[i].table;
            if (name && rs_str_equal(table, rs_str_from(name))) {
                return true;
            }
        }
    }
    return rs_str_equal(table, RS_STR("rs_pieces"));
}

void rs_ledger_append_text(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str text,
                           size_t max_bytes)
{
    char *repaired = rs_mem_alloc(RS_UTF8_GROWTH * text.length);
    struct rs_str clean = {repaired, rs_utf8_repair(text, repaired)};
    clean.length = rs_utf8_cut(clean, max_bytes);
    rs_sql_literal(sql, dialect, clean);
    rs_mem_free(repaired);
}

void rs_ledger_append_time(struct rs_strbuf *sql, int64_t us)
{
    char text[RS_TIMEFMT_MAX] = "";
    /* no byte of it is read differently in the two dialects */
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, (struct rs_str){text, rs_timefmt_format(us, text)});
}

void rs_ledger_append_insert(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table,
                             const char *columns)
{
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, schema, table);
    rs_strbuf_printf(sql, " (%s)\nVALUES ", columns);
}

bool rs_ledger_exec(struct rs_session *session, struct rs_strbuf *sql, struct rs_error *err)
{
    bool ok = rs_session_exec(session, sql, NULL, err);
    rs_strbuf_reset(sql);
    return ok;
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
            ok = rs_ledger_exec(session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

static bool run_plan(struct rs_session *session, const struct rs_plan *plan, struct rs_error *err)
{
    bool ok = run_steps(session, plan, true, err) && rs_session_begin(session, err) &&
              run_steps(session, plan, false, err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
    }
    return ok;
}

static bool ensure_tables(struct rs_session *session, struct rs_str schema,
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
    rs_plan_make(&wanted, &existing, rs_session_dialect(session), NULL, &plan);
    bool ok = rs_plan_is_empty(&plan) || run_plan(session, &plan, err);
    if (!ok) {
        rs_error_prefix(err, "could not make the ledger in schema \"%.*s\"", RS_STR_ARG(schema));
    }
    rs_plan_release(&plan);
    rs_schema_release(&wanted);
    rs_schema_release(&existing);
    return ok;
}

bool rs_ledger_ensure(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    return ensure_tables(session, schema, rs_ledger_define, err);
}

bool rs_ledger_ensure_windows(struct rs_session *session, struct rs_str schema,
                              struct rs_error *err)
{
    return ensure_tables(session, schema, rs_ledger_define_windows, err);
}
