/*
 * The two dialects differ here in three places only: the keys of a new table, IF NOT EXISTS on
 * a column (which Redshift does not know), and the index.
 */
#include "warehouse/ddl.h"

static void append_column(struct rs_strbuf *sql, struct rs_str name, struct rs_coltype type)
{
    rs_sql_ident(sql, name);
    rs_strbuf_append_char(sql, ' ');
    rs_coltype_append_ddl(type, sql);
}

/* The table has the column, and rows can be dealt out and sorted by it: not by a super. */
static bool has_key(const struct rs_table *table, const char *name)
{
    const struct rs_column *column = rs_table_find_column(table, rs_str_from(name));
    return column && column->type.type != RS_TYPE_SUPER;
}

static void append_keys(struct rs_strbuf *sql, const struct rs_table *table)
{
    if (!has_key(table, "id")) {
        return;
    }
    rs_strbuf_append(sql, " DISTKEY(\"id\") SORTKEY(");
    rs_strbuf_append(sql, has_key(table, "received_at") ? "\"received_at\")" : "\"id\")");
}

static void append_alter(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table)
{
    rs_strbuf_append(sql, "ALTER TABLE ");
    rs_sql_qualified(sql, schema, table);
}

/* Append what follows the table's name in ALTER TABLE. */
static void append_change(struct rs_strbuf *sql, enum rs_dialect dialect,
                          const struct rs_plan_step *step)
{
    if (step->kind == RS_PLAN_WIDEN_COLUMN) {
        rs_strbuf_append(sql, " ALTER COLUMN ");
        rs_sql_ident(sql, step->column);
        rs_strbuf_append(sql, " TYPE ");
        rs_coltype_append_ddl(step->to, sql);
        return;
    }
    rs_strbuf_append(sql, rs_dialect_facts(dialect)->has_add_if_not_exists
                              ? " ADD COLUMN IF NOT EXISTS "
                              : " ADD COLUMN ");
    append_column(sql, step->column, step->to);
}

void rs_ddl_append_step(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                        const struct rs_plan_step *step)
{
    switch (step->kind) {
    case RS_PLAN_CREATE_SCHEMA:
        rs_ddl_append_schema(sql, schema);
        return;
    case RS_PLAN_CREATE_TABLE:
        rs_ddl_append_table(sql, dialect, schema, step->definition);
        return;
    case RS_PLAN_ADD_COLUMN:
    case RS_PLAN_WIDEN_COLUMN:
        append_alter(sql, schema, step->table);
        append_change(sql, dialect, step);
        return;
    case RS_PLAN_KEEP_COLUMN:
        return;
    }
}

static bool is_change(const struct rs_plan_step *step)
{
    return step->kind == RS_PLAN_ADD_COLUMN || step->kind == RS_PLAN_WIDEN_COLUMN;
}

size_t rs_ddl_append_steps(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                           const struct rs_plan_step *steps, size_t count)
{
    size_t done = 1;
    rs_ddl_append_step(sql, dialect, schema, steps);
    while (rs_dialect_facts(dialect)->alters_at_once && is_change(steps) && done < count &&
           is_change(&steps[done]) && rs_str_equal(steps[done].table, steps->table)) {
        rs_strbuf_append_char(sql, ',');
        append_change(sql, dialect, &steps[done++]);
    }
    return done;
}

void rs_ddl_append_schema(struct rs_strbuf *sql, struct rs_str schema)
{
    rs_strbuf_append(sql, "CREATE SCHEMA IF NOT EXISTS ");
    rs_sql_ident(sql, schema);
}

static void append_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                         const struct rs_table *table, const char *create)
{
    rs_strbuf_append(sql, create);
    rs_sql_qualified(sql, schema, table->name);
    rs_strbuf_append(sql, " (");
    for (size_t i = 0; i < table->column_count; i++) {
        rs_strbuf_append(sql, i == 0 ? "\n    " : ",\n    ");
        append_column(sql, table->columns[i].name, table->columns[i].type);
    }
    rs_strbuf_append(sql, "\n)");
    if (rs_dialect_facts(dialect)->has_layout) {
        append_keys(sql, table);
    }
}

void rs_ddl_append_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                         const struct rs_table *table)
{
    append_table(sql, dialect, schema, table, "CREATE TABLE IF NOT EXISTS ");
}

void rs_ddl_append_new_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                             const struct rs_table *table)
{
    append_table(sql, dialect, schema, table, "CREATE TABLE ");
}

void rs_ddl_append_index(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table)
{
    rs_strbuf_append(sql, "CREATE INDEX ON ");
    rs_sql_qualified(sql, schema, table);
    rs_strbuf_append(sql, " USING hash (\"id\")");
}

void rs_ddl_append_columns(struct rs_strbuf *sql, const struct rs_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        rs_strbuf_append(sql, i == 0 ? "" : ", ");
        rs_sql_ident(sql, table->columns[i].name);
    }
}
