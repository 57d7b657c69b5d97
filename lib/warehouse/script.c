/*
 * Builds the statements one after the other: what they share, how a batch replaces rows, how it is
 * folded into a table, how it is made of what shards have staged, and the three scripts. A statement
 * that DELETEs names its tables in full, without an alias.
 */
#include "warehouse/script.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "transform/coltype.h"
#include "warehouse/ddl.h"

/*
 * A block's columns and their times have to find room on a page of PostgreSQL, which has 8160 bytes,
 * at 42 each in the worst case: a value of 27 and a time of 8, aligned. In Redshift what is joined for a
 * block, two values and two times of a column, has to find room in a row of an intermediate result.
 */
enum { BLOCK_COLUMNS = 180, NUMBER_BYTES = 16, ID_BYTES = 8192, NAME_MAX_BYTES = 1024 };

static const struct rs_str batch_name = RS_STR_INIT("rs_batch");
static const struct rs_str times_name = RS_STR_INIT("rs_batch_at");
static const struct rs_str shards_name = RS_STR_INIT("rs_shards");
static const struct rs_str shards_times_name = RS_STR_INIT("rs_shards_at");

/* The batch, its times, and what shards have staged of a fold table. */
static const char *const batches[RS_SCRIPT_BATCHES] = {"rs_batch", "rs_batch_at", "rs_shards",
                                                       "rs_shards_at"};

/* Add a step; its statement is appended to what is returned, until the next one is added. */
static struct rs_strbuf *add_step(struct rs_script *script, enum rs_script_kind kind, bool counts)
{
    script->steps =
        rs_mem_grow(script->steps, &script->capacity, script->count + 1, sizeof *script->steps);
    struct rs_script_step *step = &script->steps[script->count++];
    *step = (struct rs_script_step){
        .kind = kind, .sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX), .counts = counts};
    return &step->sql;
}

static void append_target(struct rs_strbuf *sql, const struct rs_script_target *target)
{
    rs_sql_qualified(sql, target->plan->schema, target->table->name);
}

static const struct rs_dialect_facts *facts_of(const struct rs_script_target *target)
{
    return rs_dialect_facts(target->plan->dialect);
}

/* Nothing of ours fits a column of a type that we do not know, so it is left alone. */
static bool is_ours(const struct rs_column *column)
{
    return column->type.type != RS_TYPE_OTHER;
}

/* Append the columns that are ours, each after the alias (such as "b."). */
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

/* What is done before the load, or not at all. */
static bool is_before(const struct rs_script_target *target, const struct rs_plan_step *step)
{
    return step->kind == RS_PLAN_KEEP_COLUMN ||
           (step->kind == RS_PLAN_WIDEN_COLUMN && facts_of(target)->widens_alone);
}

/* How many steps from this one on are the table's: they stand together. */
static size_t steps_of_table(const struct rs_script_target *target, size_t first)
{
    const struct rs_plan *plan = target->plan;
    size_t end = first;
    while (end < plan->step_count && rs_str_equal(plan->steps[end].owner, target->table->name) &&
           !is_before(target, &plan->steps[end])) {
        end++;
    }
    return end - first;
}

/*
 * Add the steps of the plan that belong to the table, but for what is done before the load. Each
 * ALTER waits for readers, and all who come after wait for it: so of a table there is one, if the
 * server can.
 */
static void add_ddl(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    for (size_t i = 0; i < plan->step_count;) {
        size_t ours = steps_of_table(target, i);
        if (ours == 0) {
            i++;
            continue;
        }
        i += rs_ddl_append_steps(add_step(script, RS_SCRIPT_SQL, false), plan->dialect,
                                 plan->schema, &plan->steps[i], ours);
    }
}

static void add_begin(struct rs_script *script)
{
    rs_strbuf_append(add_step(script, RS_SCRIPT_BEGIN, false), "BEGIN");
}

/*
 * Keep other writers out until the commit: between our DELETE and our INSERT somebody else could
 * put in a row of the same id, and both would stay. In PostgreSQL readers are not held up;
 * Redshift has one lock only, so there it is taken when the batch is ready.
 */
static void add_lock(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    const struct rs_table *side = rs_plan_find_side(plan, target->table->name);
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_LOCK, false);
    rs_strbuf_append(sql, "LOCK TABLE ");
    append_target(sql, target);
    rs_strbuf_append(sql, facts_of(target)->lock_mode);
    if (facts_of(target)->locks_first && side && !rs_plan_creates(plan, side->name)) {
        rs_strbuf_append(sql, ", ");
        rs_sql_qualified(sql, plan->schema, side->name);
    }
}

/* Add the COPY of the files of a manifest; url is empty: nothing. */
static struct rs_script_step *add_staged_copy(struct rs_script *script,
                                              const struct rs_script_target *target,
                                              enum rs_script_kind kind,
                                              const struct rs_copy_into *into, struct rs_str url)
{
    struct rs_copy_files files = target->stage->files;
    files.url = url;
    if (url.length == 0) {
        return NULL;
    }
    rs_copy_append_s3(add_step(script, kind, false), into, &files);
    return &script->steps[script->count - 1];
}

static void add_copy(struct rs_script *script, const struct rs_script_target *target,
                     enum rs_script_kind kind, const struct rs_copy_into *into, bool freeze)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    bool rows = kind == RS_SCRIPT_COPY_ROWS;
    bool counts = rows && (fold || target->fresh);
    if (!facts_of(target)->loads_from_s3) {
        rs_copy_append_stdin(add_step(script, kind, counts), into, freeze);
        return;
    }
    struct rs_script_step *step = add_staged_copy(
        script, target, kind, into, rows ? target->stage->files.url : target->stage->times_url);
    if (step) {
        step->counts = counts;
        step->staged_rows = target->stage->rows;
    }
}

/* The columns of the stream of times: id, and those of the table that have a time. */
static void list_times(const struct rs_table *table, struct rs_schema *out)
{
    static const struct rs_coltype type = {.type = RS_TYPE_TIMESTAMP};
    const struct rs_column *id = rs_table_find_column(table, RS_STR("id"));
    rs_schema_init(out, RS_STR(""));
    struct rs_table *times = rs_schema_add_table(out, times_name, RS_TABLE_LEDGER);
    rs_table_add_column(out, times, RS_STR("id"),
                        id ? id->type : rs_coltype_join(RS_KIND_STRING, 0), 0);
    for (size_t i = 0; i < table->column_count; i++) {
        if (rs_schema_has_time(table->columns[i].name)) {
            rs_table_add_column(out, times, table->columns[i].name, type, 0);
        }
    }
}

/*
 * Add a batch, a temporary table of these columns that is there before anything of the target is
 * locked.
 */
static void add_batch(struct rs_script *script, const struct rs_script_target *target,
                      const char *name, const struct rs_table *columns)
{
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_BATCH, false);
    script->steps[script->count - 1].batch = name;
    rs_strbuf_append(sql, "CREATE TEMPORARY TABLE ");
    rs_sql_ident(sql, rs_str_from(name));
    for (size_t i = 0; i < columns->column_count; i++) {
        struct rs_coltype type = columns->columns[i].type;
        rs_strbuf_append(sql, i == 0 ? " (\n    " : ",\n    ");
        rs_sql_ident(sql, columns->columns[i].name);
        rs_strbuf_append_char(sql, ' ');
        rs_coltype_append_ddl(
            is_ours(&columns->columns[i]) ? type : rs_coltype_join(RS_KIND_STRING, 0), sql);
    }
    rs_strbuf_append(sql, "\n)");
    rs_strbuf_append(sql, facts_of(target)->has_layout ? " DISTKEY(\"id\")" : "");
    rs_strbuf_append(sql, facts_of(target)->has_drop_on_commit ? " ON COMMIT DROP" : "");
}

static void mark_of_rows(struct rs_script *script, size_t first)
{
    for (size_t i = first; i < script->count; i++) {
        script->steps[i].of_rows = true;
    }
}

/* Make a batch of these columns and copy into it. */
static void add_filled_batch(struct rs_script *script, const struct rs_script_target *target,
                             enum rs_script_kind kind, const struct rs_table *columns)
{
    struct rs_str name = kind == RS_SCRIPT_COPY_TIMES ? times_name : batch_name;
    add_batch(script, target, name.data, columns);
    size_t first = script->count;
    add_copy(script, target, kind,
             &(struct rs_copy_into){RS_STR(""), name, columns, target->null_text}, false);
    if (facts_of(target)->needs_analyze) {
        struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
        rs_strbuf_append(sql, "ANALYZE ");
        rs_sql_ident(sql, name);
        rs_strbuf_append(sql, " (\"id\")");
    }
    mark_of_rows(script, first);
}

/* The rows that the last step reports are in the table then. */
static void mark_stores(struct rs_script *script)
{
    script->steps[script->count - 1].stores = true;
}

/*
 * Make sure that rows are found by id. Not when the table is made: an index costs about as much
 * as the COPY itself, and a table that is filled once never needs it. It makes merges faster and
 * nothing else, so a user who may not make one does without: that takes the table's owner, and
 * CREATE on its schema.
 */
static void add_index(struct rs_script *script, const struct rs_script_target *target,
                      struct rs_str table)
{
    if (!facts_of(target)->has_indexes) {
        return;
    }
    struct rs_strbuf name = RS_STRBUF_INIT(4096);
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_UNLESS, false);
    rs_sql_qualified(&name, target->plan->schema, table);
    rs_strbuf_append(sql, "SELECT CASE WHEN i.indrelid IS NULL THEN pg_get_userbyid(c.relowner) "
                          "END\n"
                          "FROM pg_class c LEFT JOIN (pg_index i JOIN pg_attribute a\n"
                          "        ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
                          "AND a.attname = 'id')\n"
                          "    ON i.indrelid = c.oid AND i.indpred IS NULL\n"
                          "WHERE c.oid = ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, rs_strbuf_str(&name));
    rs_strbuf_append(sql, "::regclass AND (i.indrelid IS NOT NULL OR NOT (\n"
                          "    pg_has_role(c.relowner, 'USAGE') AND "
                          "has_schema_privilege(c.relnamespace, 'CREATE')))\n"
                          "LIMIT 1");
    rs_ddl_append_index(add_step(script, RS_SCRIPT_SQL, false), target->plan->schema, table);
    rs_strbuf_release(&name);
}

/* Append "table"."column": DELETE takes no alias for its target in Redshift. */
static void append_of(struct rs_strbuf *sql, struct rs_str table, const char *column)
{
    rs_sql_qualified(sql, table, rs_str_from(column));
}

/*
 * Append a condition on the target's received_at, so that Redshift, which keeps a table's blocks
 * in its order, reads only those that matter.
 */
static void append_bound(struct rs_strbuf *sql, const struct rs_script_target *target,
                         const char *operator, int64_t us)
{
    char text[RS_TIMEFMT_MAX] = "";
    append_of(sql, target->table->name, "received_at");
    rs_strbuf_append(sql, operator);
    rs_sql_literal(sql, target->plan->dialect, (struct rs_str){text, rs_timefmt_format(us, text)});
}

/* The bounds can be used: the column is what they are written for. */
static bool has_bounds(const struct rs_script_target *target)
{
    const struct rs_column *received = rs_table_find_column(target->table, RS_STR("received_at"));
    return target->stage && target->stage->has_bounds && received &&
           received->type.type == RS_TYPE_TIMESTAMP;
}

/*
 * Append that two ids, given as SQL, are the same: to us "bob" and "bob " are two, whatever the
 * server thinks.
 */
static void append_same_id(struct rs_strbuf *sql, const struct rs_script_target *target,
                           const char *left, const char *right)
{
    rs_strbuf_printf(sql, "%s = %s", left, right);
    if (facts_of(target)->ignores_end_blanks) {
        rs_strbuf_printf(sql, " AND octet_length(%s) = octet_length(%s)", left, right);
    }
}

/* Append " WHERE": a row of the table and a row of the batch have one id. */
static void append_where_same(struct rs_strbuf *sql, const struct rs_script_target *target)
{
    struct rs_strbuf id = RS_STRBUF_INIT(NAME_MAX_BYTES);
    append_of(&id, target->table->name, "id");
    rs_strbuf_append(sql, "\nWHERE ");
    append_same_id(sql, target, rs_strbuf_cstr(&id), "\"rs_batch\".\"id\"");
    rs_strbuf_release(&id);
}

/*
 * Both DELETEs leave out stored rows that they could not be about. The first looks for rows newer
 * than one of the batch, so newer than its oldest. After it no row of the batch is older than the
 * stored one of its id, so what the second removes is no newer than the batch's newest. A lower
 * bound for the second would be wrong: an event that comes again may have a received_at of any
 * time before.
 */
static void add_deletes(struct rs_script *script, const struct rs_script_target *target)
{
    bool bounded = has_bounds(target);
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_OLDER, false);
    rs_strbuf_append(sql, "DELETE FROM \"rs_batch\" USING ");
    append_target(sql, target);
    append_where_same(sql, target);
    rs_strbuf_append(sql, "\n    AND (");
    append_of(sql, target->table->name, "received_at");
    rs_strbuf_append(sql,
                     " > \"rs_batch\".\"received_at\" OR (\"rs_batch\".\"received_at\" IS NULL "
                     "AND ");
    append_of(sql, target->table->name, "received_at");
    rs_strbuf_append(sql, " IS NOT NULL))");
    if (bounded) {
        rs_strbuf_append(sql, "\n    AND ");
        append_bound(sql, target, " > ", target->stage->oldest_us);
    }

    sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    append_target(sql, target);
    rs_strbuf_append(sql, " USING \"rs_batch\"");
    append_where_same(sql, target);
    if (bounded) {
        rs_strbuf_append(sql, "\n    AND (");
        append_bound(sql, target, " <= ", target->stage->newest_us);
        rs_strbuf_append(sql, " OR ");
        append_of(sql, target->table->name, "received_at");
        rs_strbuf_append(sql, " IS NULL)");
    }
}

/* Replace the rows of the target by those of the batch. */
static void add_replace(struct rs_script *script, const struct rs_script_target *target)
{
    if (!rs_plan_creates(target->plan, target->table->name)) {
        add_deletes(script, target);
    }
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, true);
    rs_strbuf_append(sql, "INSERT INTO ");
    append_target(sql, target);
    rs_strbuf_append(sql, " (");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\"");
    mark_stores(script);
}

/* --- folds ------------------------------------------------------------------------------------ */

/*
 * Folds a batch into a table of users or accounts. In the statements the aliases are
 *
 *   b  rs_batch      the rows of this run           t  the table
 *   k  rs_batch_at   their times, where older       s  its side table
 *   m0, m1 ...       rs_merged_0 ...: the outcome, in blocks of columns
 *
 * The outcome is computed in blocks of columns because four columns of input stand behind each,
 * and a row of a join may not pass 1664 columns, in Redshift 65535 bytes either. Where there is such a
 * limit the blocks are put into the table one by one, too. Its columns are numbered (v7: the value of the
 * side table's column 7, a7: its time there), so that no name grows past the dialect's maximum. Only
 * LEFT JOIN will do: Redshift gives no SUPER value out of a right or a full one.
 */

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

/*
 * What the batch says of a column wins over what is stored. Who has neither a value nor a time says
 * nothing; a time alone is that of a null which clears.
 */
static void append_wins(struct rs_strbuf *sql, const struct rs_column *column)
{
    bool clears = (column->kinds & RS_KIND_NULL) != 0;
    rs_strbuf_append(sql, clears ? "(" : "");
    append_field(sql, "b", column->name);
    rs_strbuf_append(sql, " IS NOT NULL");
    if (clears) {
        rs_strbuf_append(sql, " OR ");
        append_field(sql, "k", column->name);
        rs_strbuf_append(sql, " IS NOT NULL)");
    }
    rs_strbuf_append(sql, " AND (");
    append_field(sql, "t", column->name);
    rs_strbuf_append(sql, " IS NULL AND ");
    append_field(sql, "s", column->name);
    rs_strbuf_append(sql, " IS NULL OR ");
    append_batch_time(sql, column->name);
    rs_strbuf_append(sql, " >= ");
    append_stored_time(sql, column->name);
    rs_strbuf_append_char(sql, ')');
}

/* Append the time as the side table has it: none where it is the row's own received_at. */
static void append_older(struct rs_strbuf *sql,
                         void (*append_time)(struct rs_strbuf *, struct rs_str),
                         struct rs_str column)
{
    append_time(sql, column);
    rs_strbuf_append(sql, " < greatest(t.\"received_at\", b.\"received_at\") THEN ");
    append_time(sql, column);
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
                           struct rs_str name, size_t number)
{
    const struct rs_column *ours = find_in_batch(target, name);
    if (ours) {
        rs_strbuf_append(sql, ",\n    CASE WHEN ");
        append_wins(sql, ours);
        rs_strbuf_append(sql, " THEN ");
        append_field(sql, "b", name);
        rs_strbuf_append(sql, " ELSE ");
        append_field(sql, "t", name);
        rs_strbuf_printf(sql, " END AS v%zu", number);
    }
    rs_strbuf_append(sql, ",\n    CASE");
    if (ours) {
        rs_strbuf_append(sql, " WHEN ");
        append_wins(sql, ours);
        rs_strbuf_append(sql, " THEN CASE WHEN ");
        if (ours->kinds & RS_KIND_NULL) {
            append_field(sql, "b", name);
            rs_strbuf_append(sql, " IS NULL OR ");
        }
        append_older(sql, append_batch_time, name);
        rs_strbuf_append(sql, " END");
    }
    rs_strbuf_append(sql, " WHEN ");
    append_field(sql, "t", name);
    rs_strbuf_append(sql, " IS NULL THEN ");
    append_field(sql, "s", name);
    rs_strbuf_append(sql, " WHEN ");
    append_older(sql, append_stored_time, name);
    rs_strbuf_printf(sql, " END AS a%zu", number);
}

/* How a fold's columns are dealt out. */
struct blocks {
    const struct rs_table *side;
    size_t *of; /* a column of the side table but the first, which is the id: its block */
    size_t count;
};

/* What a column takes in a join: its values in the batch and in the table, and their times. */
static size_t joined_bytes(const struct rs_script_target *target, const struct rs_column *column)
{
    const struct rs_column *value = find_in_batch(target, column->name);
    bool varies = value && value->type.type == RS_TYPE_VARCHAR;
    return 2 * ((varies ? value->type.length : NUMBER_BYTES) + NUMBER_BYTES);
}

static void deal_out(const struct rs_script_target *target, struct blocks *blocks)
{
    const size_t max_bytes = facts_of(target)->join_max_bytes;
    size_t columns = 0;
    size_t bytes = 0;
    blocks->side = rs_plan_find_side(target->plan, target->table->name);
    blocks->of = rs_mem_zalloc(blocks->side->column_count, sizeof *blocks->of);
    blocks->count = 1;
    for (size_t i = 1; i < blocks->side->column_count; i++) {
        size_t wanted = joined_bytes(target, &blocks->side->columns[i]);
        bool wide = max_bytes > 0 && bytes + wanted > max_bytes - ID_BYTES;
        if (columns == BLOCK_COLUMNS || (columns > 0 && wide)) {
            blocks->count++;
            columns = 0;
            bytes = 0;
        }
        blocks->of[i] = blocks->count - 1;
        columns++;
        bytes += wanted;
    }
}

/* Compute the outcome of a block's columns for all ids of the batch. */
static void add_merged(struct rs_script *script, const struct rs_script_target *target,
                       const struct blocks *blocks, size_t block)
{
    const struct rs_table *side = blocks->side;
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_printf(sql, "CREATE TEMPORARY TABLE rs_merged_%zu%s AS\n", block,
                     facts_of(target)->has_drop_on_commit ? " ON COMMIT DROP" : "");
    rs_strbuf_append(sql, "SELECT b.\"id\" AS id,\n    greatest(t.\"received_at\", "
                          "b.\"received_at\") AS received_at");
    for (size_t i = 1; i < side->column_count; i++) {
        if (blocks->of[i] == block) {
            append_outcome(sql, target, side->columns[i].name, i);
        }
    }
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nLEFT JOIN ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t ON ");
    append_same_id(sql, target, "t.\"id\"", "b.\"id\"");
    rs_strbuf_append(sql, "\nLEFT JOIN ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " s ON ");
    append_same_id(sql, target, "s.\"id\"", "t.\"id\""); /* not that of a row that is gone */
    rs_strbuf_append(sql, "\nLEFT JOIN \"rs_batch_at\" k ON ");
    append_same_id(sql, target, "k.\"id\"", "b.\"id\"");
}

/* Append "rs_merged_0 m0 JOIN rs_merged_1 m1 ON m1.id = m0.id ..." of the blocks [first, end). */
static void append_merged_tables(struct rs_strbuf *sql, const struct rs_script_target *target,
                                 size_t first, size_t end)
{
    char first_id[32];
    (void)snprintf(first_id, sizeof first_id, "m%zu.id", first);
    rs_strbuf_printf(sql, "rs_merged_%zu m%zu", first, first);
    for (size_t block = first + 1; block < end; block++) {
        char id[32];
        (void)snprintf(id, sizeof id, "m%zu.id", block);
        rs_strbuf_printf(sql, "\nJOIN rs_merged_%zu m%zu ON ", block, block);
        append_same_id(sql, target, id, first_id);
    }
}

/* Put the blocks [first, end) into the rows that are there; the first has what is of the row alone. */
static void add_update(struct rs_script *script, const struct rs_script_target *target,
                       const struct blocks *blocks, size_t first, size_t end)
{
    const struct rs_table *side = blocks->side;
    bool of_row = first == 0 && rs_table_find_column(target->table, RS_STR("uuid_ts"));
    char id[32];
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "UPDATE ");
    append_target(sql, target);
    rs_strbuf_printf(sql, " t SET\n    \"received_at\" = m%zu.received_at", first);
    if (of_row) {
        rs_strbuf_append(sql, ",\n    \"uuid_ts\" = b.\"uuid_ts\"");
    }
    for (size_t i = 1; i < side->column_count; i++) {
        if (blocks->of[i] >= first && blocks->of[i] < end &&
            find_in_batch(target, side->columns[i].name)) {
            rs_strbuf_append(sql, ",\n    ");
            rs_sql_ident(sql, side->columns[i].name);
            rs_strbuf_printf(sql, " = m%zu.v%zu", blocks->of[i], i);
        }
    }
    rs_strbuf_append(sql, "\nFROM ");
    append_merged_tables(sql, target, first, end);
    (void)snprintf(id, sizeof id, "m%zu.id", first);
    if (first == 0) {
        rs_strbuf_append(sql, "\nJOIN \"rs_batch\" b ON ");
        append_same_id(sql, target, "b.\"id\"", id);
    }
    rs_strbuf_append(sql, "\nWHERE ");
    append_same_id(sql, target, "t.\"id\"", id);
}

static void add_updates(struct rs_script *script, const struct rs_script_target *target,
                        const struct blocks *blocks)
{
    size_t end = facts_of(target)->join_max_bytes > 0 ? 1 : blocks->count;
    add_update(script, target, blocks, 0, end);
    mark_stores(script);
    for (; end < blocks->count; end++) {
        add_update(script, target, blocks, end, end + 1);
    }
}

static void add_insert(struct rs_script *script, const struct rs_script_target *target)
{
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "INSERT INTO ");
    append_target(sql, target);
    rs_strbuf_append(sql, " (");
    append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    append_our_columns(sql, target->table, "b.");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\" b\nLEFT JOIN ");
    append_target(sql, target);
    rs_strbuf_append(sql, " t ON ");
    append_same_id(sql, target, "t.\"id\"", "b.\"id\"");
    rs_strbuf_append(sql, "\nWHERE t.\"id\" IS NULL");
    mark_stores(script);
}

/* Write the times that the outcome has, for rows with any. */
static void add_side(struct rs_script *script, const struct rs_script_target *target,
                     const struct blocks *blocks)
{
    const struct rs_table *side = blocks->side;
    struct rs_strbuf id = RS_STRBUF_INIT(NAME_MAX_BYTES);
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    append_of(&id, side->name, "id");
    rs_strbuf_append(sql, " USING \"rs_batch\"\nWHERE ");
    append_same_id(sql, target, rs_strbuf_cstr(&id), "\"rs_batch\".\"id\"");
    rs_strbuf_release(&id);

    sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, target->plan->schema, side->name);
    rs_strbuf_append(sql, " (");
    rs_ddl_append_columns(sql, side);
    rs_strbuf_append(sql, ")\nSELECT m0.id");
    for (size_t i = 1; i < side->column_count; i++) {
        rs_strbuf_printf(sql, ",\n    m%zu.a%zu", blocks->of[i], i);
    }
    rs_strbuf_append(sql, "\nFROM ");
    append_merged_tables(sql, target, 0, blocks->count);
    rs_strbuf_append(sql, "\nWHERE false");
    for (size_t i = 1; i < side->column_count; i++) {
        rs_strbuf_printf(sql, "\n    OR m%zu.a%zu IS NOT NULL", blocks->of[i], i);
    }
}

/* Fold the batch into the target and its side table. */
static void add_fold(struct rs_script *script, const struct rs_script_target *target)
{
    struct blocks blocks = {NULL, NULL, 0};
    deal_out(target, &blocks);
    for (size_t block = 0; block < blocks.count; block++) {
        add_merged(script, target, &blocks, block);
    }
    add_updates(script, target, &blocks);
    add_insert(script, target);
    add_side(script, target, &blocks);
    for (size_t block = 0; !facts_of(target)->has_drop_on_commit && block < blocks.count; block++) {
        rs_strbuf_printf(add_step(script, RS_SCRIPT_SQL, false), "DROP TABLE rs_merged_%zu", block);
    }
    rs_mem_free(blocks.of);
}

/* --- shards ----------------------------------------------------------------------------------- */

/*
 * What several shards have staged becomes a batch as one run has it. Files that have the same
 * columns are copied at once. An event may be in the files of two shards; of its rows the one with
 * the latest received_at stays, on a tie the one that was read last, which is what a run would have
 * staged. A user's rows stay as they are, a row a shard, and are folded shard by shard.
 */

static void add_copies(struct rs_script *script, const struct rs_script_target *target,
                       struct rs_str batch)
{
    const struct rs_script_shards *shards = target->stage->shards;
    for (size_t i = 0; i < shards->list_count; i++) {
        const struct rs_script_list *list = &shards->lists[i];
        struct rs_copy_into into = {RS_STR(""), batch, list->columns, list->null_text};
        struct rs_script_step *step =
            add_staged_copy(script, target, RS_SCRIPT_COPY_ROWS, &into, list->rows_url);
        if (step) {
            step->staged_rows = list->rows;
        }
    }
}

static void add_copies_of_times(struct rs_script *script, const struct rs_script_target *target,
                                struct rs_str batch)
{
    const struct rs_script_shards *shards = target->stage->shards;
    for (size_t i = 0; i < shards->list_count; i++) {
        const struct rs_script_list *list = &shards->lists[i];
        struct rs_copy_into into = {RS_STR(""), batch, list->times, list->null_text};
        (void)add_staged_copy(script, target, RS_SCRIPT_COPY_TIMES, &into, list->times_url);
    }
}

/* Append "<column of the batch> = <column of those that lost>". */
static void append_same_lost(struct rs_strbuf *sql, const char *column)
{
    append_of(sql, RS_STR("rs_batch"), column);
    rs_strbuf_append(sql, " = ");
    append_of(sql, RS_STR("rs_lost"), column);
}

/*
 * Number the rows of each id, the latest first, and remove all but the first: those that go are few,
 * and no two rows have the same place in the same shard. Ids that differ in blanks at their ends
 * alone are equal in Redshift, but not of the same length.
 */
static void add_duplicates(struct rs_script *script)
{
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_BATCH, false);
    script->steps[script->count - 1].batch = "rs_lost";
    rs_strbuf_printf(sql,
                     "CREATE TEMPORARY TABLE \"rs_lost\" AS\n"
                     "SELECT \"id\", \"%s\", \"%s\"\nFROM (SELECT \"id\", \"%s\", \"%s\", "
                     "row_number() OVER (PARTITION BY \"id\", octet_length(\"id\")\n    ORDER BY "
                     "coalesce(\"received_at\", TIMESTAMP '0001-01-01 00:00:00') DESC, "
                     "\"%s\" DESC, \"%s\" DESC) AS rank_of_id\n    FROM \"rs_batch\") r\n"
                     "WHERE rank_of_id > 1",
                     RS_SCRIPT_SHARD, RS_SCRIPT_PLACE, RS_SCRIPT_SHARD, RS_SCRIPT_PLACE,
                     RS_SCRIPT_PLACE, RS_SCRIPT_SHARD);
    sql = add_step(script, RS_SCRIPT_DUPLICATES, false);
    rs_strbuf_append(sql, "DELETE FROM \"rs_batch\" USING \"rs_lost\"\nWHERE ");
    append_same_lost(sql, "id");
    rs_strbuf_append(sql, " AND ");
    append_same_lost(sql, RS_SCRIPT_SHARD);
    rs_strbuf_append(sql, " AND ");
    append_same_lost(sql, RS_SCRIPT_PLACE);
    rs_strbuf_append(add_step(script, RS_SCRIPT_SQL, false), "DROP TABLE \"rs_lost\"");
}

static void add_fold_batches(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_script_shards *shards = target->stage->shards;
    struct rs_schema scratch = {0};
    list_times(target->table, &scratch);
    add_batch(script, target, batches[0], target->table);
    add_batch(script, target, batches[1], &scratch.tables[0]);
    add_batch(script, target, batches[2], shards->batch);
    add_batch(script, target, batches[3], shards->times);
    rs_schema_release(&scratch);
    add_copies(script, target, shards_name);
    add_copies_of_times(script, target, shards_times_name);
    rs_strbuf_append(add_step(script, RS_SCRIPT_COUNT, true),
                     "SELECT count(DISTINCT \"id\") FROM \"rs_shards\"");
}

/* Make the batches of what shards have staged, before the transaction begins. */
static void add_shard_batches(struct rs_script *script, const struct rs_script_target *target)
{
    if (target->table->kind == RS_TABLE_FOLD) {
        add_fold_batches(script, target);
        return;
    }
    add_batch(script, target, batches[0], target->stage->shards->batch);
    add_copies(script, target, RS_STR("rs_batch"));
    if (target->stage->shards->number_count > 1) {
        add_duplicates(script);
    }
}

/* Put the rows of one shard into a batch of these columns. */
static void add_fill(struct rs_script *script, const char *batch, const char *from,
                     const struct rs_table *columns, uint32_t shard)
{
    struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
    rs_strbuf_printf(sql, "INSERT INTO \"%s\" (", batch);
    rs_ddl_append_columns(sql, columns);
    rs_strbuf_append(sql, ")\nSELECT ");
    rs_ddl_append_columns(sql, columns);
    rs_strbuf_printf(sql, "\nFROM \"%s\" WHERE \"%s\" = %u", from, RS_SCRIPT_SHARD,
                     (unsigned)shard);
}

/* Fold the rows of each shard into the target, one after the other. */
static void add_shard_folds(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_script_shards *shards = target->stage->shards;
    struct rs_schema scratch = {0};
    list_times(target->table, &scratch);
    for (size_t i = 0; i < shards->number_count; i++) {
        for (size_t batch = 0; i > 0 && batch < 2; batch++) {
            rs_strbuf_printf(add_step(script, RS_SCRIPT_SQL, false), "DELETE FROM \"%s\"",
                             batches[batch]);
        }
        add_fill(script, batches[0], batches[2], target->table, shards->numbers[i]);
        add_fill(script, batches[1], batches[3], &scratch.tables[0], shards->numbers[i]);
        add_fold(script, target);
    }
    rs_schema_release(&scratch);
}

/* --- the scripts ------------------------------------------------------------------------------ */

static void add_fresh_side(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    const struct rs_table *side = rs_plan_find_side(plan, target->table->name);
    bool made = rs_plan_creates(plan, side->name);
    struct rs_schema scratch = {0};
    list_times(target->table, &scratch);
    if (!made) { /* times of rows that somebody removed from the table */
        struct rs_strbuf *sql = add_step(script, RS_SCRIPT_SQL, false);
        rs_strbuf_append(sql, "DELETE FROM ");
        rs_sql_qualified(sql, plan->schema, side->name);
    }
    add_copy(
        script, target, RS_SCRIPT_COPY_TIMES,
        &(struct rs_copy_into){plan->schema, side->name, &scratch.tables[0], target->null_text},
        made);
    rs_schema_release(&scratch);
}

static void make_fresh(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    bool made = rs_plan_creates(plan, target->table->name);
    add_begin(script);
    if (!made && facts_of(target)->locks_first) {
        add_lock(script, target); /* before all else, see warehouse/script.h */
    }
    add_ddl(script, target);
    if (!made && !facts_of(target)->locks_first) {
        add_lock(script, target);
    }
    /* somebody may have made it since it was planned: FREEZE fails then, other COPYs would not */
    if (!made || !facts_of(target)->has_copy_freeze) {
        rs_script_append_exists(add_step(script, RS_SCRIPT_EXPECT_EMPTY, false), plan->schema,
                                target->table->name);
    }
    add_copy(
        script, target, RS_SCRIPT_COPY_ROWS,
        &(struct rs_copy_into){plan->schema, target->table->name, target->table, target->null_text},
        made);
    mark_stores(script);
    if (target->table->kind == RS_TABLE_FOLD) {
        add_fresh_side(script, target);
    }
}

/* The batch goes with the commit; in PostgreSQL by itself. */
static void add_drops(struct rs_script *script, const struct rs_script_target *target)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    size_t count = !fold ? 1 : target->stage && target->stage->shards ? 4 : 2;
    for (size_t i = 0; !facts_of(target)->has_drop_on_commit && i < count; i++) {
        rs_strbuf_printf(add_step(script, RS_SCRIPT_SQL, false), "DROP TABLE \"%s\"", batches[i]);
    }
}

static void add_batches(struct rs_script *script, const struct rs_script_target *target)
{
    add_filled_batch(script, target, RS_SCRIPT_COPY_ROWS, target->table);
    if (target->table->kind == RS_TABLE_FOLD) {
        struct rs_schema scratch = {0};
        list_times(target->table, &scratch);
        add_filled_batch(script, target, RS_SCRIPT_COPY_TIMES, &scratch.tables[0]);
        rs_schema_release(&scratch);
    }
}

static void make_merge(struct rs_script *script, const struct rs_script_target *target)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    if (facts_of(target)->locks_first) {
        add_batches(script, target);
        add_begin(script);
        add_lock(script, target);
        add_ddl(script, target);
    } else {
        add_begin(script);
        add_batches(script, target);
        add_ddl(script, target);
        add_lock(script, target);
    }
    add_index(script, target, target->table->name);
    if (fold) {
        add_index(script, target, rs_plan_find_side(target->plan, target->table->name)->name);
    }
    size_t first = script->count;
    if (fold) {
        add_fold(script, target);
    } else {
        add_replace(script, target);
    }
    mark_of_rows(script, first);
    add_drops(script, target);
}

/* A table that the transaction makes is nobody else's, and cannot be locked before. */
static void make_of_shards(struct rs_script *script, const struct rs_script_target *target)
{
    add_shard_batches(script, target);
    add_begin(script);
    if (!rs_plan_creates(target->plan, target->table->name)) {
        add_lock(script, target);
    }
    add_ddl(script, target);
    if (target->table->kind == RS_TABLE_FOLD) {
        add_shard_folds(script, target);
    } else {
        add_replace(script, target);
    }
    add_drops(script, target);
}

void rs_script_append_exists(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table)
{
    rs_strbuf_append(sql, "SELECT 1 FROM ");
    rs_sql_qualified(sql, schema, table);
    rs_strbuf_append(sql, " LIMIT 1");
}

void rs_script_make(struct rs_script *out, const struct rs_script_target *target)
{
    *out = (struct rs_script){NULL, 0, 0};
    if (target->stage && target->stage->shards) {
        make_of_shards(out, target);
    } else if (target->fresh) {
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
