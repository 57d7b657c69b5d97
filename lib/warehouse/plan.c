/*
 * For each wanted table: shorten names, then either plan its creation or walk its columns
 * against the existing ones. A column keeps the type that the warehouse has, so the encoder
 * later converts values to that; only a varchar may grow. Where a table has no room for all new
 * columns, those with the most values are kept, in order, and the rest leave the wanted table.
 *
 * The side table of a fold table mirrors every data column of the table as it will be, also
 * those that this run does not name: their values get older than the row when a newer call
 * leaves them out.
 *
 * Which tables find room is settled first, so that nothing is planned for one that does not.
 */
#include "warehouse/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rs/name.h"
#include "transform/coltype.h"

static const struct rs_coltype timestamp_type = {.type = RS_TYPE_TIMESTAMP};

static struct rs_plan_step *add_step(struct rs_plan *plan, enum rs_plan_step_kind kind,
                                     struct rs_str owner, struct rs_str table)
{
    plan->steps =
        rs_mem_grow(plan->steps, &plan->step_capacity, plan->step_count + 1, sizeof *plan->steps);
    struct rs_plan_step *step = &plan->steps[plan->step_count++];
    *step = (struct rs_plan_step){
        .kind = kind,
        .owner = rs_arena_copy(&plan->arena, owner),
        .table = rs_arena_copy(&plan->arena, table),
    };
    return step;
}

static void add_column_step(struct rs_plan *plan, struct rs_str owner, struct rs_str table,
                            const struct rs_column *column)
{
    struct rs_plan_step *step = add_step(plan, RS_PLAN_ADD_COLUMN, owner, table);
    step->column = rs_arena_copy(&plan->arena, column->name);
    step->to = column->type;
}

static void add_create_step(struct rs_plan *plan, struct rs_str owner, const struct rs_table *table)
{
    struct rs_table *copy = rs_arena_zalloc(&plan->arena, 1, sizeof *copy);
    struct rs_plan_step *step = add_step(plan, RS_PLAN_CREATE_TABLE, owner, table->name);
    copy->name = step->table;
    copy->kind = table->kind;
    copy->columns = rs_arena_zalloc(&plan->arena, table->column_count, sizeof *copy->columns);
    copy->column_count = table->column_count;
    copy->column_capacity = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        copy->columns[i] = table->columns[i];
        copy->columns[i].name = rs_arena_copy(&plan->arena, table->columns[i].name);
    }
    step->definition = copy;
}

static void add_dropped(struct rs_plan *plan, struct rs_str table, struct rs_str column,
                        bool limited)
{
    plan->dropped = rs_mem_grow(plan->dropped, &plan->dropped_capacity, plan->dropped_count + 1,
                                sizeof *plan->dropped);
    plan->dropped[plan->dropped_count++] = (struct rs_dropped_column){
        rs_arena_copy(&plan->arena, table), rs_arena_copy(&plan->arena, column), limited};
}

static struct rs_str fit_name(struct rs_schema *schema, enum rs_dialect dialect, struct rs_str name)
{
    char room[RS_NAME_MAX] = "";
    struct rs_str fitted = rs_sql_fit_name(dialect, name, room);
    return fitted.data == name.data ? name : rs_arena_copy(schema->arena, fitted);
}

static void fit_names(struct rs_schema *wanted, enum rs_dialect dialect)
{
    wanted->name = fit_name(wanted, dialect, wanted->name);
    for (size_t i = 0; i < wanted->table_count; i++) {
        struct rs_table *table = &wanted->tables[i];
        table->name = fit_name(wanted, dialect, table->name);
        for (size_t k = 0; k < table->column_count; k++) {
            table->columns[k].name = fit_name(wanted, dialect, table->columns[k].name);
        }
    }
}

/* Give a wanted column the type that it has in the warehouse, grown if it must be. */
static void settle_type(struct rs_plan *plan, struct rs_str owner, struct rs_str table,
                        struct rs_column *wanted, const struct rs_column *existing)
{
    struct rs_coltype from = existing->type;
    wanted->type = from;
    wanted->stored = true;
    if (from.type != RS_TYPE_VARCHAR || wanted->max_bytes <= from.length ||
        from.length >= RS_VARCHAR_MAX) {
        return;
    }
    wanted->type.length = rs_coltype_varchar_length(wanted->max_bytes);
    struct rs_plan_step *step = add_step(plan, RS_PLAN_WIDEN_COLUMN, owner, table);
    step->column = rs_arena_copy(&plan->arena, wanted->name);
    step->from = from;
    step->to = wanted->type;
}

/* Columns that are made: standard ones are wide at once, as some cannot be widened later. */
static void settle_new(struct rs_table *wanted, const struct rs_table *existing)
{
    for (size_t i = 0; i < wanted->column_count && wanted->kind != RS_TABLE_LEDGER; i++) {
        struct rs_column *column = &wanted->columns[i];
        if (column->type.type == RS_TYPE_VARCHAR && column->type.length < RS_VARCHAR_STANDARD &&
            rs_schema_standard_order(column->name) >= 0 &&
            !(existing && rs_table_find_column(existing, column->name))) {
            column->type.length = RS_VARCHAR_STANDARD;
        }
    }
}

/* The more values the sooner; of as many the first by order. */
static int compare_use(const void *left, const void *right)
{
    const struct rs_column *a = *(struct rs_column *const *)left;
    const struct rs_column *b = *(struct rs_column *const *)right;
    if (a->value_count != b->value_count) {
        return a->value_count > b->value_count ? -1 : 1;
    }
    return (a > b) - (a < b);
}

/*
 * How many new columns the limits let a table with room for so many more have. Those that every row
 * has are ours, and do not count.
 */
static size_t allow_columns(const struct rs_plan_limits *limits, size_t room, size_t ours)
{
    size_t half = (room + 1) / 2;
    size_t allowed = half < RS_PLAN_NEW_COLUMNS_MIN ? RS_PLAN_NEW_COLUMNS_MIN : half;
    if (!limits || limits->new_columns >= room) {
        return room;
    }
    allowed = limits->new_columns > 0 ? (size_t)limits->new_columns : allowed;
    return ours + allowed < room ? ours + allowed : room;
}

/* Take the least used of the new columns out of the wanted table, so that so many are left. */
static void drop_columns(struct rs_plan *plan, struct rs_table *wanted, struct rs_column **fresh,
                         size_t fresh_count, size_t allowed, bool limited)
{
    bool *drop = rs_mem_zalloc(wanted->column_count, sizeof *drop);
    size_t kept = 0;
    qsort(fresh, fresh_count, sizeof *fresh, compare_use);
    for (size_t i = allowed; i < fresh_count; i++) {
        drop[fresh[i] - wanted->columns] = true;
    }
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (drop[i]) {
            add_dropped(plan, wanted->name, wanted->columns[i].name, limited);
        } else {
            wanted->columns[kept++] = wanted->columns[i];
        }
    }
    wanted->column_count = kept;
    rs_mem_free(drop);
}

/* A null clears what a table has, but makes no column. */
static void leave_out_nulls(struct rs_table *wanted, const struct rs_table *existing)
{
    size_t kept = 0;
    for (size_t i = 0; i < wanted->column_count; i++) {
        const struct rs_column *column = &wanted->columns[i];
        if (column->kinds != RS_KIND_NULL ||
            (existing && rs_table_find_column(existing, column->name))) {
            wanted->columns[kept++] = *column;
        }
    }
    wanted->column_count = kept;
}

/* Leave no more columns in the wanted table than it has room for; existing is NULL for a new one. */
static void fit_columns(struct rs_plan *plan, struct rs_table *wanted,
                        const struct rs_table *existing, const struct rs_plan_limits *limits)
{
    struct rs_column **fresh = rs_mem_zalloc(wanted->column_count, sizeof(struct rs_column *));
    size_t total = existing ? existing->column_count + existing->dropped_count : 0;
    size_t room = total < RS_TABLE_MAX_COLUMNS ? RS_TABLE_MAX_COLUMNS - total : 0;
    size_t count = 0;
    size_t ours = 0;
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (!existing || !rs_table_find_column(existing, wanted->columns[i].name)) {
            fresh[count++] = &wanted->columns[i];
            ours += wanted->columns[i].value_count == UINT64_MAX ? 1 : 0;
        }
    }
    size_t allowed = allow_columns(limits, room, ours);
    if (count > allowed) {
        drop_columns(plan, wanted, fresh, count, allowed, allowed < room);
    }
    rs_mem_free(fresh);
}

/* Settle the columns of a table that exists. */
static void settle_columns(struct rs_plan *plan, struct rs_table *wanted,
                           const struct rs_table *existing)
{
    for (size_t i = 0; i < wanted->column_count; i++) {
        struct rs_column *column = &wanted->columns[i];
        const struct rs_column *old = rs_table_find_column(existing, column->name);
        if (old) {
            settle_type(plan, wanted->name, wanted->name, column, old);
        } else {
            add_column_step(plan, wanted->name, wanted->name, column);
        }
    }
}

static struct rs_str side_name(struct rs_arena *arena, struct rs_str owner)
{
    static const struct rs_str prefix = RS_STR_INIT("rs_");
    static const struct rs_str suffix = RS_STR_INIT("_at");
    size_t length = prefix.length + owner.length + suffix.length;
    char *text = rs_arena_alloc(arena, length);
    memcpy(text, prefix.data, prefix.length);
    memcpy(text + prefix.length, owner.data, owner.length);
    memcpy(text + prefix.length + owner.length, suffix.data, suffix.length);
    return (struct rs_str){text, length};
}

/* List the columns of a fold table's side table; old is the fold table as it is, or NULL. */
static struct rs_table *define_side(struct rs_plan *plan, const struct rs_table *wanted,
                                    const struct rs_table *old)
{
    struct rs_schema *sides = &plan->sides;
    struct rs_table *side =
        rs_schema_add_table(sides, side_name(&plan->arena, wanted->name), RS_TABLE_LEDGER);
    const struct rs_column *id = rs_table_find_column(wanted, RS_STR("id"));
    struct rs_coltype id_type = id ? id->type : rs_coltype_join(RS_KIND_STRING, 0);
    rs_table_add_column(sides, side, RS_STR("id"), id_type, id ? id->max_bytes : 0);
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (rs_schema_has_time(wanted->columns[i].name)) {
            rs_table_add_column(sides, side, wanted->columns[i].name, timestamp_type, 0);
        }
    }
    for (size_t i = 0; old && i < old->column_count; i++) {
        struct rs_str column = old->columns[i].name;
        if (rs_schema_has_time(column) && !rs_table_find_column(wanted, column)) {
            rs_table_add_column(sides, side, column, timestamp_type, 0);
        }
    }
    return side;
}

static void plan_side(struct rs_plan *plan, const struct rs_table *wanted,
                      const struct rs_schema *existing)
{
    struct rs_table *side = define_side(plan, wanted, rs_schema_find_table(existing, wanted->name));
    const struct rs_table *old = rs_schema_find_table(existing, side->name);
    if (!old) {
        add_create_step(plan, wanted->name, side);
        return;
    }
    for (size_t i = 0; i < side->column_count; i++) {
        struct rs_column *column = &side->columns[i];
        const struct rs_column *there = rs_table_find_column(old, column->name);
        if (there) {
            settle_type(plan, wanted->name, side->name, column, there);
        } else {
            add_column_step(plan, wanted->name, side->name, column);
        }
    }
}

/* How many tables have to be made for this one. */
static uint64_t tables_to_make(const struct rs_table *table, const struct rs_schema *existing)
{
    struct rs_arena arena = RS_ARENA_INIT;
    uint64_t count = rs_schema_find_table(existing, table->name) ? 0 : 1;
    if (table->kind == RS_TABLE_FOLD &&
        !rs_schema_find_table(existing, side_name(&arena, table->name))) {
        count++;
    }
    rs_arena_release(&arena);
    return count;
}

/*
 * Who comes first when there is room for few. What an event's table would have beside its
 * properties is in tracks; what users and accounts have is in the tables of the calls.
 */
enum rank { RANK_TRACKS, RANK_CALL, RANK_FOLD, RANK_EVENT, RANK_COUNT };

static enum rank rank_of(const struct rs_table *table)
{
    if (!rs_name_is_table_of_ours(table->name)) {
        return RANK_EVENT;
    }
    if (table->kind == RS_TABLE_FOLD) {
        return RANK_FOLD;
    }
    return rs_str_equal(table->name, RS_STR("tracks")) ? RANK_TRACKS : RANK_CALL;
}

/* Mark the tables of a rank for which there is no room left. */
static void mark_left_out(const struct rs_schema *wanted, const struct rs_schema *existing,
                          enum rank rank, uint64_t *room, bool *left_out)
{
    for (size_t i = 0; i < wanted->table_count; i++) {
        const struct rs_table *table = &wanted->tables[i];
        if (rank_of(table) != rank) {
            continue;
        }
        uint64_t count = tables_to_make(table, existing);
        left_out[i] = count > *room;
        *room -= left_out[i] ? 0 : count;
    }
}

/* Move the wanted tables that find no room to the plan's list of them. */
static void leave_out_tables(struct rs_plan *plan, struct rs_schema *wanted,
                             const struct rs_schema *existing, uint64_t room)
{
    bool *left_out = rs_mem_zalloc(wanted->table_count, sizeof *left_out);
    size_t kept = 0;
    for (unsigned rank = 0; rank < RANK_COUNT; rank++) {
        mark_left_out(wanted, existing, (enum rank)rank, &room, left_out);
    }
    for (size_t i = 0; i < wanted->table_count; i++) {
        if (left_out[i]) {
            (void)rs_schema_add_table(&plan->left_out, wanted->tables[i].name,
                                      wanted->tables[i].kind);
            rs_mem_free(wanted->tables[i].columns);
        } else {
            wanted->tables[kept++] = wanted->tables[i];
        }
    }
    wanted->table_count = kept;
    rs_mem_free(left_out);
}

void rs_plan_make(struct rs_schema *wanted, const struct rs_schema *existing,
                  enum rs_dialect dialect, const struct rs_plan_limits *limits, struct rs_plan *out)
{
    *out = (struct rs_plan){.dialect = dialect, .arena = RS_ARENA_INIT};
    fit_names(wanted, dialect);
    out->schema = rs_arena_copy(&out->arena, wanted->name);
    rs_schema_init(&out->sides, wanted->name);
    rs_schema_init(&out->left_out, wanted->name);
    if (limits && limits->new_tables < UINT64_MAX) {
        leave_out_tables(out, wanted, existing, limits->new_tables);
    }
    if (!existing->exists) {
        (void)add_step(out, RS_PLAN_CREATE_SCHEMA, RS_STR(""), RS_STR(""));
    }
    for (size_t i = 0; i < wanted->table_count; i++) {
        struct rs_table *table = &wanted->tables[i];
        const struct rs_table *old = rs_schema_find_table(existing, table->name);
        leave_out_nulls(table, old);
        fit_columns(out, table, old, limits);
        settle_new(table, old);
        if (old) {
            settle_columns(out, table, old);
        } else {
            add_create_step(out, table->name, table);
        }
        if (table->kind == RS_TABLE_FOLD) {
            plan_side(out, table, existing);
        }
    }
}

void rs_plan_release(struct rs_plan *plan)
{
    rs_mem_free(plan->steps);
    rs_mem_free(plan->dropped);
    rs_schema_release(&plan->sides);
    rs_schema_release(&plan->left_out);
    rs_arena_release(&plan->arena);
    *plan = (struct rs_plan){.arena = RS_ARENA_INIT};
}

static void limit(struct rs_schema *schema, struct rs_str table, struct rs_str column,
                  uint32_t length)
{
    struct rs_table *found = rs_schema_find_table(schema, table);
    struct rs_column *limited = found ? rs_table_find_column(found, column) : NULL;
    if (limited && limited->type.type == RS_TYPE_VARCHAR && limited->type.length > length) {
        limited->type.length = length;
    }
}

void rs_plan_keep_column(struct rs_plan *plan, struct rs_schema *wanted, struct rs_plan_step *step,
                         struct rs_str why)
{
    step->kind = RS_PLAN_KEEP_COLUMN;
    step->why = rs_arena_copy(&plan->arena, why);
    limit(wanted, step->owner, step->column, step->from.length);
    if (!rs_str_equal(step->table, step->owner)) {
        limit(&plan->sides, step->table, step->column, step->from.length);
    }
}

bool rs_plan_is_empty(const struct rs_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].kind != RS_PLAN_KEEP_COLUMN) {
            return false;
        }
    }
    return true;
}

bool rs_plan_creates(const struct rs_plan *plan, struct rs_str table)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].kind == RS_PLAN_CREATE_TABLE &&
            rs_str_equal(plan->steps[i].table, table)) {
            return true;
        }
    }
    return false;
}

const struct rs_table *rs_plan_find_side(const struct rs_plan *plan, struct rs_str owner)
{
    struct rs_arena arena = RS_ARENA_INIT;
    const struct rs_table *side = rs_schema_find_table(&plan->sides, side_name(&arena, owner));
    rs_arena_release(&arena);
    return side;
}
