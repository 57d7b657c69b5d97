/*
 * Builds the statements one after the other; how a batch is folded into a table stands in
 * script_fold.c, how a batch is made of what shards have staged in script_shards.c. A statement
 * that DELETEs names its tables in full, without an alias.
 */
#include "warehouse/script.h"

#include "base/mem.h"
#include "base/timefmt.h"
#include "warehouse/ddl.h"
#include "warehouse/script_internal.h"

enum { NAME_MAX_BYTES = 1024 };

static const struct rs_str batch_name = RS_STR_INIT("rs_batch");
static const struct rs_str times_name = RS_STR_INIT("rs_batch_at");

const char *const rs_script_batches[RS_SCRIPT_BATCHES] = {"rs_batch", "rs_batch_at", "rs_shards",
                                                          "rs_shards_at"};

struct rs_strbuf *rs_script_add(struct rs_script *script, enum rs_script_kind kind, bool counts)
{
    script->steps =
        rs_mem_grow(script->steps, &script->capacity, script->count + 1, sizeof *script->steps);
    struct rs_script_step *step = &script->steps[script->count++];
    *step = (struct rs_script_step){
        .kind = kind, .sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX), .counts = counts};
    return &step->sql;
}

void rs_script_append_target(struct rs_strbuf *sql, const struct rs_script_target *target)
{
    rs_sql_qualified(sql, target->plan->schema, target->table->name);
}

const struct rs_dialect_facts *rs_script_facts(const struct rs_script_target *target)
{
    return rs_dialect_facts(target->plan->dialect);
}

/* Nothing of ours fits a column of a type that we do not know, so it is left alone. */
bool rs_script_is_ours(const struct rs_column *column)
{
    return column->type.type != RS_TYPE_OTHER;
}

void rs_script_append_our_columns(struct rs_strbuf *sql, const struct rs_table *table,
                                  const char *alias)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        if (rs_script_is_ours(&table->columns[i])) {
            rs_strbuf_append(sql, first ? "" : ", ");
            rs_strbuf_append(sql, alias);
            rs_sql_ident(sql, table->columns[i].name);
            first = false;
        }
    }
}

static bool stands_alone(const struct rs_script_target *target, const struct rs_step *step)
{
    return rs_script_facts(target)->widens_alone && step->kind == RS_STEP_WIDEN_COLUMN;
}

/* Add the steps of the plan that belong to the table: those that stand alone, or the others. */
static void add_ddl(struct rs_script *script, const struct rs_script_target *target, bool alone)
{
    const struct rs_plan *plan = target->plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct rs_step *step = &plan->steps[i];
        if (rs_str_equal(step->owner, target->table->name) && stands_alone(target, step) == alone) {
            enum rs_script_kind kind = alone ? RS_SCRIPT_ALONE : RS_SCRIPT_SQL;
            rs_ddl_append_step(rs_script_add(script, kind, false), plan->dialect, plan->schema,
                               step);
        }
    }
}

static void add_begin(struct rs_script *script)
{
    rs_strbuf_append(rs_script_add(script, RS_SCRIPT_BEGIN, false), "BEGIN");
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
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "LOCK TABLE ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, rs_script_facts(target)->lock_mode);
    if (rs_script_facts(target)->locks_first && side && !rs_plan_creates(plan, side->name)) {
        rs_strbuf_append(sql, ", ");
        rs_sql_qualified(sql, plan->schema, side->name);
    }
}

struct rs_script_step *rs_script_add_copy(struct rs_script *script,
                                          const struct rs_script_target *target,
                                          enum rs_script_kind kind, const struct rs_copy_into *into,
                                          struct rs_str url)
{
    struct rs_copy_files files = target->stage->files;
    files.url = url;
    if (url.length == 0) {
        return NULL;
    }
    rs_copy_append_s3(rs_script_add(script, kind, false), into, &files);
    return &script->steps[script->count - 1];
}

static void add_copy(struct rs_script *script, const struct rs_script_target *target,
                     enum rs_script_kind kind, const struct rs_copy_into *into, bool freeze)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    bool rows = kind == RS_SCRIPT_COPY_ROWS;
    bool counts = rows && (fold || target->fresh);
    if (!rs_script_facts(target)->loads_from_s3) {
        rs_copy_append_stdin(rs_script_add(script, kind, counts), into, freeze);
        return;
    }
    struct rs_script_step *step = rs_script_add_copy(
        script, target, kind, into, rows ? target->stage->files.url : target->stage->times_url);
    if (step) {
        step->counts = counts;
        step->staged_rows = target->stage->rows;
    }
}

void rs_script_list_times(const struct rs_table *table, struct rs_schema *out)
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

static void add_fresh_side(struct rs_script *script, const struct rs_script_target *target)
{
    const struct rs_plan *plan = target->plan;
    const struct rs_table *side = rs_plan_find_side(plan, target->table->name);
    bool made = rs_plan_creates(plan, side->name);
    struct rs_schema scratch = {0};
    rs_script_list_times(target->table, &scratch);
    if (!made) { /* times of rows that somebody removed from the table */
        struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
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
    add_ddl(script, target, true);
    add_begin(script);
    if (!made && rs_script_facts(target)->locks_first) {
        add_lock(script, target); /* before all else, see warehouse/script.h */
    }
    add_ddl(script, target, false);
    if (!made && !rs_script_facts(target)->locks_first) {
        add_lock(script, target);
    }
    /* somebody may have made it since it was planned: FREEZE fails then, other COPYs would not */
    if (!made || !rs_script_facts(target)->has_copy_freeze) {
        rs_script_append_exists(rs_script_add(script, RS_SCRIPT_EXPECT_EMPTY, false), plan->schema,
                                target->table->name);
    }
    add_copy(
        script, target, RS_SCRIPT_COPY_ROWS,
        &(struct rs_copy_into){plan->schema, target->table->name, target->table, target->null_text},
        made);
    if (target->table->kind == RS_TABLE_FOLD) {
        add_fresh_side(script, target);
    }
}

void rs_script_add_batch(struct rs_script *script, const struct rs_script_target *target,
                         const char *name, const struct rs_table *columns)
{
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_BATCH, false);
    script->steps[script->count - 1].batch = name;
    rs_strbuf_append(sql, "CREATE TEMPORARY TABLE ");
    rs_sql_ident(sql, rs_str_from(name));
    for (size_t i = 0; i < columns->column_count; i++) {
        struct rs_coltype type = columns->columns[i].type;
        rs_strbuf_append(sql, i == 0 ? " (\n    " : ",\n    ");
        rs_sql_ident(sql, columns->columns[i].name);
        rs_strbuf_append_char(sql, ' ');
        rs_coltype_append_ddl(
            rs_script_is_ours(&columns->columns[i]) ? type : rs_coltype_join(RS_KIND_STRING, 0),
            sql);
    }
    rs_strbuf_append(sql, "\n)");
    rs_strbuf_append(sql, rs_script_facts(target)->has_layout ? " DISTKEY(\"id\")" : "");
    rs_strbuf_append(sql, rs_script_facts(target)->has_drop_on_commit ? " ON COMMIT DROP" : "");
}

/* Make a batch of these columns and copy into it. */
static void add_batch(struct rs_script *script, const struct rs_script_target *target,
                      enum rs_script_kind kind, const struct rs_table *columns)
{
    struct rs_str name = kind == RS_SCRIPT_COPY_TIMES ? times_name : batch_name;
    rs_script_add_batch(script, target, name.data, columns);
    add_copy(script, target, kind,
             &(struct rs_copy_into){RS_STR(""), name, columns, target->null_text}, false);
    if (rs_script_facts(target)->needs_analyze) {
        struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
        rs_strbuf_append(sql, "ANALYZE ");
        rs_sql_ident(sql, name);
        rs_strbuf_append(sql, " (\"id\")");
    }
}

/*
 * Make sure that rows are found by id. Not when the table is made: an index costs about as much
 * as the COPY itself, and a table that is filled once never needs it.
 */
void rs_script_add_index(struct rs_script *script, const struct rs_script_target *target,
                         struct rs_str table)
{
    if (!rs_script_facts(target)->has_indexes) {
        return;
    }
    struct rs_strbuf name = RS_STRBUF_INIT(4096);
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_UNLESS, false);
    rs_sql_qualified(&name, target->plan->schema, table);
    rs_strbuf_append(sql, "SELECT 1 FROM pg_index i JOIN pg_attribute a "
                          "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]\n"
                          "WHERE a.attname = 'id' AND i.indpred IS NULL AND i.indrelid = ");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, rs_strbuf_str(&name));
    rs_strbuf_append(sql, "::regclass LIMIT 1");
    rs_ddl_append_index(rs_script_add(script, RS_SCRIPT_SQL, false), target->plan->schema, table);
    rs_strbuf_release(&name);
}

/* Append "table"."column": DELETE takes no alias for its target in Redshift. */
void rs_script_append_of(struct rs_strbuf *sql, struct rs_str table, const char *column)
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
    rs_script_append_of(sql, target->table->name, "received_at");
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

void rs_script_append_same_id(struct rs_strbuf *sql, const struct rs_script_target *target,
                              const char *left, const char *right)
{
    rs_strbuf_printf(sql, "%s = %s", left, right);
    if (rs_script_facts(target)->ignores_end_blanks) {
        rs_strbuf_printf(sql, " AND octet_length(%s) = octet_length(%s)", left, right);
    }
}

/* Append " WHERE": a row of the table and a row of the batch have one id. */
static void append_where_same(struct rs_strbuf *sql, const struct rs_script_target *target)
{
    struct rs_strbuf id = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_script_append_of(&id, target->table->name, "id");
    rs_strbuf_append(sql, "\nWHERE ");
    rs_script_append_same_id(sql, target, rs_strbuf_cstr(&id), "\"rs_batch\".\"id\"");
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
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM \"rs_batch\" USING ");
    rs_script_append_target(sql, target);
    append_where_same(sql, target);
    rs_strbuf_append(sql, "\n    AND (");
    rs_script_append_of(sql, target->table->name, "received_at");
    rs_strbuf_append(sql,
                     " > \"rs_batch\".\"received_at\" OR (\"rs_batch\".\"received_at\" IS NULL "
                     "AND ");
    rs_script_append_of(sql, target->table->name, "received_at");
    rs_strbuf_append(sql, " IS NOT NULL))");
    if (bounded) {
        rs_strbuf_append(sql, "\n    AND ");
        append_bound(sql, target, " > ", target->stage->oldest_us);
    }

    sql = rs_script_add(script, RS_SCRIPT_SQL, false);
    rs_strbuf_append(sql, "DELETE FROM ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " USING \"rs_batch\"");
    append_where_same(sql, target);
    if (bounded) {
        rs_strbuf_append(sql, "\n    AND (");
        append_bound(sql, target, " <= ", target->stage->newest_us);
        rs_strbuf_append(sql, " OR ");
        rs_script_append_of(sql, target->table->name, "received_at");
        rs_strbuf_append(sql, " IS NULL)");
    }
}

void rs_script_add_replace(struct rs_script *script, const struct rs_script_target *target)
{
    if (!rs_plan_creates(target->plan, target->table->name)) {
        add_deletes(script, target);
    }
    struct rs_strbuf *sql = rs_script_add(script, RS_SCRIPT_SQL, true);
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_script_append_target(sql, target);
    rs_strbuf_append(sql, " (");
    rs_script_append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, ")\nSELECT ");
    rs_script_append_our_columns(sql, target->table, "");
    rs_strbuf_append(sql, "\nFROM \"rs_batch\"");
}

/* The batch goes with the commit; in PostgreSQL by itself. */
static void add_drops(struct rs_script *script, const struct rs_script_target *target)
{
    bool fold = target->table->kind == RS_TABLE_FOLD;
    size_t count = !fold ? 1 : target->stage && target->stage->shards ? 4 : 2;
    for (size_t i = 0; !rs_script_facts(target)->has_drop_on_commit && i < count; i++) {
        rs_strbuf_printf(rs_script_add(script, RS_SCRIPT_SQL, false), "DROP TABLE \"%s\"",
                         rs_script_batches[i]);
    }
}

static void add_batches(struct rs_script *script, const struct rs_script_target *target)
{
    add_batch(script, target, RS_SCRIPT_COPY_ROWS, target->table);
    if (target->table->kind == RS_TABLE_FOLD) {
        struct rs_schema scratch = {0};
        rs_script_list_times(target->table, &scratch);
        add_batch(script, target, RS_SCRIPT_COPY_TIMES, &scratch.tables[0]);
        rs_schema_release(&scratch);
    }
}

static void make_merge(struct rs_script *script, const struct rs_script_target *target)
{
    if (rs_script_facts(target)->locks_first) {
        add_ddl(script, target, true);
        add_batches(script, target);
        add_begin(script);
        add_lock(script, target);
        add_ddl(script, target, false);
    } else {
        add_begin(script);
        add_batches(script, target);
        add_ddl(script, target, false);
        add_lock(script, target);
    }
    rs_script_add_index(script, target, target->table->name);
    if (target->table->kind == RS_TABLE_FOLD) {
        rs_script_add_fold(script, target);
    } else {
        rs_script_add_replace(script, target);
    }
    add_drops(script, target);
}

/* A table that the transaction makes is nobody else's, and cannot be locked before. */
static void make_of_shards(struct rs_script *script, const struct rs_script_target *target)
{
    add_ddl(script, target, true);
    rs_script_add_shard_batches(script, target);
    add_begin(script);
    if (!rs_plan_creates(target->plan, target->table->name)) {
        add_lock(script, target);
    }
    add_ddl(script, target, false);
    if (target->table->kind == RS_TABLE_FOLD) {
        rs_script_add_shard_folds(script, target);
    } else {
        rs_script_add_replace(script, target);
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
