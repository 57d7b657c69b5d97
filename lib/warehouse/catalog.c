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

bool rs_catalog_read(struct rs_session *session, struct rs_str name, struct rs_schema *out,
                     struct rs_error *err)
{
    struct rs_result *result = rs_session_query_params(session, rs_query_catalog, &name, 1, err);
    if (!result) {
        rs_error_prefix(err, "could not read the tables of schema \"%.*s\"", RS_STR_ARG(name));
        return false;
    }
    rs_schema_init(out, name);
    out->exists = rs_result_rows(result) > 0;
    fill(out, result, rs_session_facts(session)->keeps_dropped);
    rs_result_free(result);
    return true;
}
