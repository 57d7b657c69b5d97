/*
 * Builds the statements one after the other. In those that merge, the aliases are
 *
 *   b  rs_batch      the rows of this run           t  the table
 *   k  rs_batch_at   their times, where older       s  its side table
 *   m0, m1 ...       rs_merged_0 ...: the outcome, in blocks of columns
 *
 * The outcome is computed in blocks of columns because four columns of input stand behind each,
 * and a row of a join may not pass 1664 columns. Its columns are numbered (v7: the value of the
 * side table's column 7, a7: its time), so that no name grows past the dialect's maximum.
 */
#include "rs/warehouse/script.h"

#include "rs/base/mem.h"
#include "rs/warehouse/copy.h"
#include "rs/warehouse/ddl.h"

enum { BLOCK_COLUMNS = 256 };

static const struct rs_str batch_name = RS_STR_INIT("rs_batch");
static const struct rs_str times_name = RS_STR_INIT("rs_batch_at");

/* The time of a value whose row has none: older than all. */
static const char oldest[] = "TIMESTAMP '0001-01-01 00:00:00'";

static struct rs_strbuf *add(struct rs_script *script, enum rs_script_kind kind, bool counts)
{
    script->steps =
        rs_mem_grow(script->steps, &script->capacity, script->count + 1, sizeof *script->steps);
    struct rs_script_step *step = &script->steps[script->count++];
    *step = (struct rs_script_step){kind, RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX), counts};
    return &step->sql;
}

static void add_text(struct rs_script *script, const char *sql)
{
    rs_strbuf_append(add(script, RS_SCRIPT_SQL, false), sql);
}

static void append_target(struct rs_strbuf *sql, const struct rs_script_target *target)
{
    rs_sql_qualified(sql, target->plan->schema, target->table->name);
}

static void append_field(struct rs_strbuf *sql, const char *alias, struct rs_str column)
{
    rs_strbuf_append(sql, alias);
    rs_strbuf_append_char(sql, '.');
    rs_sql_ident(sql, column);
}

/* Nothing of ours fits a column of a type that we do not know, so it is left alone. */
static bool is_ours(const struct rs_column *column)
{
    return column->type.type != RS_TYPE_OTHER;
}

static void append_our_columns(struct rs_strbuf *sql, const struct rs_table *table,
                               const char *alias)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        if (is_ours(&table->columns[i])) {
            rs_strbuf_append(sql, first ? "" : ", ");
            rs_strbuf_append(sql, alias);
            rs_sql_ident(sql, table->columns[i].name);
            first = false;
        }
    }
}

static void add_ddl(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        if (rs_str_equal(plan->steps[i].owner, target->table->name)) {
            rs_ddl_append_step(add(script, RS_SCRIPT_SQL, false), RS_DIALECT_POSTGRESQL,
                               plan->schema, &plan->steps[i]);
        }
    }
}

/*
 * Keep other writers out until the commit: between our DELETE and our INSERT somebody else could
 * put in a row of the same id, and both would stay. Readers are not held up.
 */
static void add_lock(struct rs_script *script, const struct rs_script_target *target)
{
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "LOCK TABLE ");
    append_target(sql, target);
    rs_strbuf_append(sql, " IN SHARE ROW EXCLUSIVE MODE");
}

static void add_copy(struct rs_script *script, const struct rs_script_target *target,
                     enum rs_script_kind kind, const struct rs_copy_stdin *copy)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    bool counts = kind == RS_SCRIPT_COPY_ROWS && (fold || target->fresh);
    rs_copy_append_stdin(add(script, kind, counts), copy);
}

/* The columns of the stream of times: id, and those of the table that have a time. */
static void list_times(const struct rs_script_target *target, struct rs_schema *scratch)
{
    static const struct rs_coltype type = {.type = RS_TYPE_TIMESTAMP};
    const struct rs_table *table = target->table;
    const struct rs_column *id = rs_table_find_column(table, RS_STR("id"));
    rs_schema_init(scratch, RS_STR(""));
    struct rs_table *times = rs_schema_add_table(scratch, times_name, RS_TABLE_LEDGER);
    rs_table_add_column(scratch, times, RS_STR("id"),
                        id ? id->type : rs_coltype_join(RS_KIND_STRING, 0), 0);
    for (size_t i = 0; i < table->column_count; i++) {
        if (rs_schema_has_time(table->columns[i].name)) {
            rs_table_add_column(scratch, times, table->columns[i].name, type, 0);
        }
    }
}

static void add_fresh_side(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    const struct rs_table *side = rs_plan_find_side(plan, target->table->name);
    bool made = rs_plan_creates(plan, side->name);
    struct rs_schema scratch = {0};
    list_times(target, &scratch);
    if (!made) { /* times of rows that somebody removed from the table */
        struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
        rs_strbuf_append(sql, "DELETE FROM ");
        rs_sql_qualified(sql, plan->schema, side->name);
    }
    add_copy(script, target, RS_SCRIPT_COPY_TIMES,
             &(struct rs_copy_stdin){.schema = plan->schema,
                                     .name = side->name,
                                     .table = &scratch.tables[0],
                                     .null_text = target->null_text,
                                     .freeze = made});
    rs_schema_release(&scratch);
}

static void make_fresh(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    bool made = rs_plan_creates(plan, target->table->name);
    add_ddl(script, target);
    if (!made) {
        add_lock(script, target);
        rs_script_append_exists(add(script, RS_SCRIPT_EXPECT_EMPTY, false), plan->schema,
                                target->table->name);
    }
    add_copy(script, target, RS_SCRIPT_COPY_ROWS,
             &(struct rs_copy_stdin){.schema = plan->schema,
                                     .name = target->table->name,
                                     .table = target->table,
                                     .null_text = target->null_text,
                                     .freeze = made});
    if (target->table->kind == RS_TABLE_FOLD) {
        add_fresh_side(script, target);
    }
}

/* Copy into a temporary table of these columns, before anything of the target is locked. */
static void add_batch(struct rs_script *script, const struct rs_script_target *target,
                      enum rs_script_kind kind, const struct rs_table *columns)
{
    struct rs_str name = kind == RS_SCRIPT_COPY_TIMES ? times_name : batch_name;
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "CREATE TEMPORARY TABLE ");
    rs_sql_ident(sql, name);
    for (size_t i = 0; i < columns->column_count; i++) {
        struct rs_coltype type = columns->columns[i].type;
        rs_strbuf_append(sql, i == 0 ? " (\n    " : ",\n    ");
        rs_sql_ident(sql, columns->columns[i].name);
        rs_strbuf_append_char(sql, ' ');
        rs_coltype_append_ddl(
            is_ours(&columns->columns[i]) ? type : rs_coltype_join(RS_KIND_STRING, 0), sql);
    }
    rs_strbuf_append(sql, "\n) ON COMMIT DROP");
    add_copy(
        script, target, kind,
        &(struct rs_copy_stdin){.name = name, .table = columns, .null_text = target->null_text});
    sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "ANALYZE ");
    rs_sql_ident(sql, name);
    rs_strbuf_append(sql, " (\"id\")");
}

/*
 * Make sure that rows are found by id. Not when the table is made: an index costs about as much
 * as the COPY itself, and a table that is filled once never needs it.
 */
static void add_index(struct rs_script *script, const struct rs_script_target *target,
                      struct rs_str table)
{
    struct rs_strbuf name = RS_STRBUF_INIT(4096);
    struct rs_strbuf *sql = add(script, RS_SCRIPT_UNLESS, false);
    rs_sql_qualified(&name, target->plan->schema, table);
    rs_strbuf_append(sql, "SELECT EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a "
                          "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]\n"
                          "WHERE a.attname = 'id' AND i.indpred IS NULL AND i.indrelid = ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, rs_strbuf_str(&name));
    rs_strbuf_append(sql, "::regclass)");
    rs_ddl_append_index(add(script, RS_SCRIPT_SQL, false), target->plan->schema, table);
    rs_strbuf_release(&name);
}

static void add_replace(struct rs_script *script, const struct rs_script_target *target)
{
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM \"rs_batch\" b USING ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t\nWHERE t.\"id\" = b.\"id\" AND coalesce(t.\"received_at\" > "
                          "b.\"received_at\", t.\"received_at\" IS NOT NULL)");

    sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t USING \"rs_batch\" b\nWHERE t.\"id\" = b.\"id\"");

    sql = add(script, RS_SCRIPT_SQL, true);
    rs_strbuf_append(sql, "INSERT INTO ");
    append_target(sql, target);
    rs_strbuf_append(sql, " (");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\"");
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
    return column && is_ours(column) ? column : NULL;
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
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_printf(sql, "CREATE TEMPORARY TABLE rs_merged_%zu ON COMMIT DROP AS\n", block);
    rs_strbuf_append(sql, "SELECT b.\"id\" AS id,\n    greatest(t.\"received_at\", "
                          "b.\"received_at\") AS received_at");
    for (size_t i = begin; i < block_end(side, begin); i++) {
        append_outcome(sql, target, side->columns[i].name, i);
    }
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nLEFT JOIN ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t ON t.\"id\" = b.\"id\"\nLEFT JOIN ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " s ON s.\"id\" = b.\"id\"\n"
                          "LEFT JOIN \"rs_batch_at\" k ON k.\"id\" = b.\"id\"");
}

/* Append "rs_merged_0 m0 JOIN rs_merged_1 m1 ON m1.id = m0.id ...". */
static void append_merged_tables(struct rs_strbuf *sql, size_t blocks)
{
    rs_strbuf_append(sql, "rs_merged_0 m0");
    for (size_t block = 1; block < blocks; block++) {
        rs_strbuf_printf(sql, "\nJOIN rs_merged_%zu m%zu ON m%zu.id = m0.id", block, block, block);
    }
}

static void add_update(struct rs_script *script, const struct rs_script_target *target,
                       const struct rs_table *side, size_t blocks)
{
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "UPDATE ");
    append_target(sql, target);
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
    append_merged_tables(sql, blocks);
    rs_strbuf_append(sql, "\nJOIN \"rs_batch\" b ON b.\"id\" = m0.id\nWHERE t.\"id\" = m0.id");
}

static void add_insert(struct rs_script *script, const struct rs_script_target *target)
{
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "INSERT INTO ");
    append_target(sql, target);
    rs_strbuf_append(sql, " (");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    append_our_columns(sql, target->table, "b.");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nWHERE NOT EXISTS (SELECT 1 FROM ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t WHERE t.\"id\" = b.\"id\")");
}

/* Write the times that are older than their row's received_at, for rows that have any. */
static void add_side(struct rs_script *script, const struct rs_script_target *target,
                     const struct rs_table *side, size_t blocks)
{
    struct rs_strbuf *sql = add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " s USING \"rs_batch\" b\nWHERE s.\"id\" = b.\"id\"");

    sql = add(script, RS_SCRIPT_SQL, false);
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
    append_merged_tables(sql, blocks);
    rs_strbuf_append(sql, "\nWHERE false");
    for (size_t i = 1; i < side->column_count; i++) {
        rs_strbuf_printf(sql, "\n    OR m%zu.a%zu < m0.received_at", (i - 1) / BLOCK_COLUMNS, i);
    }
}

static void add_fold(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_table *side = rs_plan_find_side(target->plan, target->table->name);
    size_t blocks = 0;
    add_index(script, target, side->name);
    for (size_t begin = 1; begin < side->column_count || blocks == 0; begin += BLOCK_COLUMNS) {
        add_merged(script, target, side, begin, blocks++);
    }
    add_update(script, target, side, blocks);
    add_insert(script, target);
    add_side(script, target, side, blocks);
}

static void make_merge(struct rs_script *script, const struct rs_script_target *target)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    add_batch(script, target, RS_SCRIPT_COPY_ROWS, target->table);
    if (fold) {
        struct rs_schema scratch = {0};
        list_times(target, &scratch);
        add_batch(script, target, RS_SCRIPT_COPY_TIMES, &scratch.tables[0]);
        rs_schema_release(&scratch);
    }
    add_ddl(script, target);
    add_lock(script, target);
    add_index(script, target, target->table->name);
    if (fold) {
        add_fold(script, target);
    } else {
        add_replace(script, target);
    }
}

void rs_script_append_exists(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table)
{
    rs_strbuf_append(sql, "SELECT EXISTS (SELECT 1 FROM ");
    rs_sql_qualified(sql, schema, table);
    rs_strbuf_append_char(sql, ')');
}

void rs_script_make(struct rs_script *out, const struct rs_script_target *target)
{
    *out = (struct rs_script){NULL, 0, 0};
    add_text(out, "BEGIN");
    if (target->fresh) {
        make_fresh(out, target);
    } else {
        make_merge(out, target);
    }
}

void rs_script_release(struct rs_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        rs_strbuf_release(&script->steps[i].sql);
    }
    rs_mem_free(script->steps);
    *script = (struct rs_script){NULL, 0, 0};
}
