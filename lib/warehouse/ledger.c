/* The ledger's tables as data: a table's name before its columns. */
#include "warehouse/ledger.h"

#include <string.h>

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

    {"rs_lock", "unused", TEXT(1)},

    {"rs_loads", "sync_id", TEXT(64)},
    {NULL, "table_name", TEXT(127)},
    {NULL, "rows", OF_TYPE(RS_TYPE_BIGINT)},
    {NULL, "loaded_at", OF_TYPE(RS_TYPE_TIMESTAMP)},

    {"rs_rejects", "sync_id", TEXT(64)},
    {NULL, "input", TEXT(8192)},
    {NULL, "line", OF_TYPE(RS_TYPE_BIGINT)},
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

static void define(struct rs_schema *schema, const struct ledger_row *rows, size_t count,
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
    define(schema, ledger, RS_COUNTOF(ledger), dialect);
}

void rs_ledger_define_windows(struct rs_schema *schema, enum rs_dialect dialect)
{
    define(schema, windows, RS_COUNTOF(windows), dialect);
}
