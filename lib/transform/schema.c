/*
 * Tables and columns in growing arrays, names in one arena. Standard columns come first, in the
 * order a reader of the table expects; the rest is sorted by name, so that the same events give
 * the same table whatever order or thread they came in.
 */
#include "rs/schema.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"

static const struct rs_str standard_columns[] = {
    RS_STR_INIT("id"),        RS_STR_INIT("received_at"), RS_STR_INIT("uuid_ts"),
    RS_STR_INIT("event"),     RS_STR_INIT("event_text"),  RS_STR_INIT("anonymous_id"),
    RS_STR_INIT("user_id"),   RS_STR_INIT("group_id"),    RS_STR_INIT("previous_id"),
    RS_STR_INIT("timestamp"), RS_STR_INIT("sent_at"),     RS_STR_INIT("original_timestamp"),
};

void rs_schema_init(struct rs_schema *schema, struct rs_str name)
{
    *schema = (struct rs_schema){.arena = rs_mem_zalloc(1, sizeof *schema->arena)};
    schema->name = rs_arena_copy(schema->arena, name);
}

void rs_schema_release(struct rs_schema *schema)
{
    for (size_t i = 0; i < schema->table_count; i++) {
        rs_mem_free(schema->tables[i].columns);
    }
    rs_mem_free(schema->tables);
    if (schema->arena) {
        rs_arena_release(schema->arena);
        rs_mem_free(schema->arena);
    }
    *schema = (struct rs_schema){0};
}

struct rs_table *rs_schema_add_table(struct rs_schema *schema, struct rs_str name,
                                     enum rs_table_kind kind)
{
    schema->tables = rs_mem_grow(schema->tables, &schema->table_capacity, schema->table_count + 1,
                                 sizeof *schema->tables);
    struct rs_table *table = &schema->tables[schema->table_count++];
    *table = (struct rs_table){.name = rs_arena_copy(schema->arena, name), .kind = kind};
    return table;
}

struct rs_column *rs_table_add_column(struct rs_schema *schema, struct rs_table *table,
                                      struct rs_str name, struct rs_coltype type,
                                      uint64_t max_bytes)
{
    table->columns = rs_mem_grow(table->columns, &table->column_capacity, table->column_count + 1,
                                 sizeof *table->columns);
    struct rs_column *column = &table->columns[table->column_count++];
    *column = (struct rs_column){
        .name = rs_arena_copy(schema->arena, name), .type = type, .max_bytes = max_bytes};
    return column;
}

struct rs_table *rs_schema_find_table(const struct rs_schema *schema, struct rs_str name)
{
    for (size_t i = 0; i < schema->table_count; i++) {
        if (rs_str_equal(schema->tables[i].name, name)) {
            return &schema->tables[i];
        }
    }
    return NULL;
}

struct rs_column *rs_table_find_column(const struct rs_table *table, struct rs_str name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (rs_str_equal(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

int rs_schema_standard_order(struct rs_str name)
{
    for (size_t i = 0; i < RS_COUNTOF(standard_columns); i++) {
        if (rs_str_equal(standard_columns[i], name)) {
            return (int)i;
        }
    }
    return -1;
}

static int compare_tables(const void *left, const void *right)
{
    return rs_str_compare(((const struct rs_table *)left)->name,
                          ((const struct rs_table *)right)->name);
}

static int compare_columns(const void *left, const void *right)
{
    const struct rs_column *a = left;
    const struct rs_column *b = right;
    int a_order = rs_schema_standard_order(a->name);
    int b_order = rs_schema_standard_order(b->name);
    if (a_order >= 0 && b_order >= 0) {
        return a_order - b_order;
    }
    if (a_order >= 0 || b_order >= 0) {
        return a_order >= 0 ? -1 : 1;
    }
    return rs_str_compare(a->name, b->name);
}

void rs_schema_sort(struct rs_schema *schema)
{
    for (size_t i = 0; i < schema->table_count; i++) {
        struct rs_table *table = &schema->tables[i];
        if (table->column_count > 1) {
            qsort(table->columns, table->column_count, sizeof *table->columns, compare_columns);
        }
    }
    if (schema->table_count > 1) {
        qsort(schema->tables, schema->table_count, sizeof *schema->tables, compare_tables);
    }
}

bool rs_schema_has_time(struct rs_str column)
{
    return !rs_str_equal(column, RS_STR("id")) && !rs_str_equal(column, RS_STR("received_at")) &&
           !rs_str_equal(column, RS_STR("uuid_ts"));
}
