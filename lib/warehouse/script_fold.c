/*
 * Folds a batch into a table of users or accounts. In the statements the aliases are
 *
 *   b  rs_batch      the rows of this run           t  the table
 *   k  rs_batch_at   their times, where older       s  its side table
 *   m0, m1 ...       rs_merged_0 ...: the outcome, in blocks of columns
 *
 * The outcome is computed in blocks of columns because four columns of input stand behind each,
 * and a row of a join may not pass 1664 columns. Its columns are numbered (v7: the value of the
 * side table's column 7, a7: its time), so that no name grows past the dialect's maximum. Only
 * LEFT JOIN will do: Redshift gives no SUPER value out of a right or a full one.
 */
#include "warehouse/script_internal.h"

#include <stdio.h>

#include "warehouse/ddl.h"

enum { BLOCK_COLUMNS = 256, NAME_MAX_BYTES = 1024 };

/* The time of a value whose row has none: older than all. */
static const char oldest[] = "TIMESTAMP '0001-01-01 00:00:00'";

static void append_field(struct rs_strbuf *sql, const char *alias, struct rs_str column)
{
    rs_strbuf_append(sql, alias);
    rs_strbuf_append_char(sql, '.');
    rs_sql_ident(sql, column);
}

/* When the batch's value of a column was received. */
static void append_batch_time(struct rs_strbuf *sql, struct rs_str column)
{
    rs_strbuf_append(sql, "coalesce(");
    append_field(sql, "k", column);
    rs_strbuf_append(sql, ", b.\"received_at\", ");
    rs_strbuf_append(sql, oldest);
    rs_strbuf_append_char(sql, ')');
}

/* When the stored value of a column was received. */
static void append_stored_time(struct rs_strbuf *sql, struct rs_str column)
{
    rs_strbuf_append(sql, "coalesce(");
    append_field(sql, "s", column);
    rs_strbuf_append(sql, ", t.\"received_at\", ");
    rs_strbuf_append(sql, oldest);
    rs_strbuf_append_char(sql, ')');
}

/* The batch's value of a column wins over the stored one. */
static void append_wins(struct rs_strbuf *sql, struct rs_str column)
{
    append_field(sql, "b", column);
    rs_strbuf_append(sql, " IS NOT NULL AND (");
    append_field(sql, "t", column);
    rs_strbuf_append(sql, " IS NULL OR ");
    append_batch_time(sql, column);
    rs_strbuf_append(sql, " >= ");
    append_stored_time(sql, column);
    rs_strbuf_append_char(sql, ')');
}

/* The column of the batch that fills a side table's column, or NULL. */
static const struct rs_column *find_in_batch(const struct rs_script_target *target,
                                             struct rs_str name)
{
    const struct rs_column *column = rs_table_find_column(target->table, name);
    return column && rs_script_is_ours(column) ? column : NULL;
}

/* Append ", <value> AS v7, <time> AS a7" of one column. */
static void append_outcome(struct rs_strbuf *sql, const struct rs_script_target *target,
                           struct rs_str column, size_t number)
{
    bool in_batch = find_in_batch(target, column) != NULL;
    if (in_batch) {
        rs_strbuf_append(sql, ",\n    CASE WHEN ");
        append_wins(sql, column);
        rs_strbuf_append(sql, " THEN ");
        append_field(sql, "b", column);
        rs_strbuf_append(sql, " ELSE ");
        append_field(sql, "t", column);
        rs_strbuf_printf(sql, " END AS v%zu", number);
    }
    rs_strbuf_append(sql, ",\n    CASE");
    if (in_batch) {
        rs_strbuf_append(sql, " WHEN ");
        append_wins(sql, column);
        rs_strbuf_append(sql, " THEN ");
        append_batch_time(sql, column);
    }
    rs_strbuf_append(sql, " WHEN ");
    append_field(sql, "t", column);
    rs_strbuf_append(sql, " IS NOT NULL THEN ");
    append_stored_time(sql, column);
    rs_strbuf_printf(sql, " END AS a%zu", number);
}

static size_t block_end(const struct rs_table *side, size_t begin)
{
    size_t end = begin + BLOCK_COLUMNS;
    return end < side->column_count ? end : side->column_count;
}

/* Compute the outcome of the columns [begin, end) of the side table for all ids of the batch. */
static void add_merged(struct rs_script *script, const struct rs_script_target *target,
                       const struct rs_table *side, size_t begin, size_t block)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_printf(sql, "CREATE TEMPORARY TABLE rs_merged_%zu%s AS\n", block,
                     rs_script_facts(target)->has_drop_on_commit ? " ON COMMIT DROP" : "");
    rs_strbuf_append(sql, "SELECT b.\"id\" AS id,\n    greatest(t.\"received_at\", "
                          "b.\"received_at\") AS received_at");
    for (size_t i = begin; i < block_end(side, begin); i++) {
        append_outcome(sql, target, side->columns[i].name, i);
    }
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nLEFT JOIN ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " t ON ");
    rs_script_append_same_id(sql, target, "t.\"id\"", "b.\"id\"");
    rs_strbuf_append(sql, "\nLEFT JOIN ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " s ON ");
    rs_script_append_same_id(sql, target, "s.\"id\"", "b.\"id\"");
    rs_strbuf_append(sql, "\nLEFT JOIN \"rs_batch_at\" k ON ");
    rs_script_append_same_id(sql, target, "k.\"id\"", "b.\"id\"");
}

/* Append "rs_merged_0 m0 JOIN rs_merged_1 m1 ON m1.id = m0.id ...". */
static void append_merged_tables(struct rs_strbuf *sql, const struct rs_script_target *target,
                                 size_t blocks)
{
    rs_strbuf_append(sql, "rs_merged_0 m0");
    for (size_t block = 1; block < blocks; block++) {
        char id[32];
        (void)snprintf(id, sizeof id, "m%zu.id", block);
        rs_strbuf_printf(sql, "\nJOIN rs_merged_%zu m%zu ON ", block, block);
        rs_script_append_same_id(sql, target, id, "m0.id");
    }
}

static void add_update(struct rs_script *script, const struct rs_script_target *target,
                       const struct rs_table *side, size_t blocks)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "UPDATE ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " t SET\n    \"received_at\" = m0.received_at");
    if (rs_table_find_column(target->table, RS_STR("uuid_ts"))) {
        rs_strbuf_append(sql, ",\n    \"uuid_ts\" = b.\"uuid_ts\"");
    }
    for (size_t i = 1; i < side->column_count; i++) {
        if (find_in_batch(target, side->columns[i].name)) {
            rs_strbuf_append(sql, ",\n    ");
            rs_sql_ident(sql, side->columns[i].name);
            rs_strbuf_printf(sql, " = m%zu.v%zu", (i - 1) / BLOCK_COLUMNS, i);
        }
    }
    rs_strbuf_append(sql, "\nFROM ");
    append_merged_tables(sql, target, blocks);
    rs_strbuf_append(sql, "\nJOIN \"rs_batch\" b ON ");
    rs_script_append_same_id(sql, target, "b.\"id\"", "m0.id");
    rs_strbuf_append(sql, "\nWHERE ");
    rs_script_append_same_id(sql, target, "t.\"id\"", "m0.id");
}

static void add_insert(struct rs_script *script, const struct rs_script_target *target)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " (");
    rs_script_append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    rs_script_append_our_columns(sql, target->table, "b.");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nLEFT JOIN ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " t ON ");
    rs_script_append_same_id(sql, target, "t.\"id\"", "b.\"id\"");
    rs_strbuf_append(sql, "\nWHERE t.\"id\" IS NULL");
}

/* Write the times that are older than their row's received_at, for rows that have any. */
static void add_side(struct rs_script *script, const struct rs_script_target *target,
                     const struct rs_table *side, size_t blocks)
{
    struct rs_strbuf id = RS_STRBUF_INIT(NAME_MAX_BYTES);
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_script_append_of(&id, side->name, "id");
    rs_strbuf_append(sql, " USING \"rs_batch\"\nWHERE ");
    rs_script_append_same_id(sql, target, rs_strbuf_cstr(&id), "\"rs_batch\".\"id\"");
    rs_strbuf_release(&id);

    sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " (");
    rs_ddl_append_columns(sql, side);
    rs_strbuf_append(sql, ")\nSELECT m0.id");
    for (size_t i = 1; i < side->column_count; i++) {
        size_t block = (i - 1) / BLOCK_COLUMNS;
        rs_strbuf_printf(sql, ",\n    CASE WHEN m%zu.a%zu < m0.received_at THEN m%zu.a%zu END",
                         block, i, block, i);
    }
    rs_strbuf_append(sql, "\nFROM ");
    append_merged_tables(sql, target, blocks);
    rs_strbuf_append(sql, "\nWHERE false");
    for (size_t i = 1; i < side->column_count; i++) {
        rs_strbuf_printf(sql, "\n    OR m%zu.a%zu < m0.received_at", (i - 1) / BLOCK_COLUMNS, i);
    }
}

void rs_script_add_fold(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_table *side = rs_plan_find_side(target->plan, target->table->name);
    size_t blocks = 0;
    rs_script_add_index(script, target, side->name);
    for (size_t begin = 1; begin < side->column_count || blocks == 0; begin += BLOCK_COLUMNS) {
        add_merged(script, target, side, begin, blocks++);
    }
    add_update(script, target, side, blocks);
    add_insert(script, target);
    add_side(script, target, side, blocks);
    for (size_t block = 0; !rs_script_facts(target)->has_drop_on_commit && block < blocks;
         block++) {
        rs_strbuf_printf(rs_script_add(script, RS_SCRIPT_SQL, false), "DROP TABLE rs_merged_%zu",
                         block);
    }
}
