/*
 * One query over pg_catalog, which PostgreSQL and Redshift share (information_schema is slow in
 * Redshift and hides tables without a grant). Rows come sorted by table, so a table is complete
 * when the name changes.
 */
#include "warehouse/catalog.h"

#include "transform/coltype.h"
#include "warehouse/warehouse_queries.h"

static enum rs_table_kind kind_of(struct rs_str table)
{
    if (rs_str_starts(table, RS_STR("rs_"))) {
        return RS_TABLE_LEDGER;
    }
    bool fold = rs_str_equal(table, RS_STR("users")) || rs_str_equal(table, RS_STR("accounts"));
    return fold ? RS_TABLE_FOLD : RS_TABLE_EVENTS;
}

/* The server counts columns that were dropped against the most that a table may have. */
static void count_dropped(struct rs_table *table, const struct rs_result *result, size_t row)
{
    uint64_t all = 0;
    if (rs_str_parse_u64(rs_result_text(result, row, 3), 0, UINT16_MAX, &all)) {
        table->dropped_count = all > table->column_count ? all - table->column_count : 0;
    }
}

static void fill(struct rs_schema *schema, const struct rs_result *result, bool keeps_dropped)
{
    struct rs_table *table = NULL;
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        struct rs_str name = rs_result_text(result, row, 0);
        if (rs_result_is_null(result, row, 0)) {
            continue; /* a schema without tables */
        }
        if (!table || !rs_str_equal(table->name, name)) {
            table = rs_schema_add_table(schema, name, kind_of(name));
        }
        if (!rs_result_is_null(result, row, 1)) {
            rs_table_add_column(schema, table, rs_result_text(result, row, 1),
                                rs_coltype_parse(rs_result_text(result, row, 2)), 0);
        }
        if (keeps_dropped) {
            count_dropped(table, result, row);
        }
    }
}

/* Nothing of ours goes into a column that the server fills itself. */
static bool mark_generated(struct rs_session *session, struct rs_schema *schema,
                           struct rs_error *err)
{
    struct rs_result *result =
        rs_session_query_params(session, rs_query_generated_columns, &schema->name, 1, err);
    for (size_t row = 0; result && row < rs_result_rows(result); row++) {
        struct rs_table *table = rs_schema_find_table(schema, rs_result_text(result, row, 0));
        struct rs_column *column =
            table ? rs_table_find_column(table, rs_result_text(result, row, 1)) : NULL;
        if (column) {
            column->type = (struct rs_coltype){.type = RS_TYPE_OTHER};
        }
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

bool rs_catalog_read(struct rs_session *session, struct rs_str name, struct rs_schema *out,
                     struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, rs_query_catalog, &name, 1, err);
    struct rs_schema schema = {0};
    bool ok = result != NULL;
    if (ok) {
        rs_schema_init(&schema, name);
        schema.exists = rs_result_rows(result) > 0;
        fill(&schema, result, rs_session_facts(session)->keeps_dropped);
        ok = !rs_session_facts(session)->has_generated || mark_generated(session, &schema, err);
    }
    if (ok) {
        *out = schema;
    } else {
        rs_error_prefix(err, "could not read the tables of schema \"%.*s\"", RS_STR_ARG(name));
        rs_schema_release(&schema);
    }
    rs_result_free(result);
    return ok;
}
