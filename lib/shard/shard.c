/*
 * A column of the warehouse's that this shard has not seen is empty in its files; kinds 0 says so.
 * It is there for the sake of the others: files with the same columns are loaded by one COPY.
 */
#include "shard/shard.h"

#include <stdio.h>

#include "base/map.h"
#include "transform/coltype.h"
#include "warehouse/script.h"

enum {
    NAME_MAX_BYTES = 32,
    PADDED_MAX = 1200, /* a table's columns, so that the new ones of other shards have room too */
};

bool rs_shard_parse(const char *text, struct rs_shard *out, struct rs_error *err)
{
    struct rs_str whole = rs_str_from(text);
    size_t slash = rs_str_find_byte(whole, '/');
    uint64_t number = 0;
    uint64_t count = 0;
    if (slash == SIZE_MAX ||
        !rs_str_parse_u64(rs_str_slice(whole, 0, slash), 0, UINT32_MAX, &number) ||
        !rs_str_parse_u64(rs_str_slice(whole, slash + 1, whole.length), 0, UINT32_MAX, &count)) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--shard\": \"%s\" is not I/N", text);
        return rs_error_hint(err, "write the shard's number and how many there are, as 0/3");
    }
    if (count < 1 || count > RS_SHARD_COUNT_MAX) {
        return rs_error_set(err, RS_E_USAGE, "option \"--shard\": \"%s\" is not of 1 to %d shards",
                            text, RS_SHARD_COUNT_MAX);
    }
    if (number >= count) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--shard\": there is no shard %llu of %llu",
                           (unsigned long long)number, (unsigned long long)count);
        return rs_error_hint(err, "shards count from 0: the last one is %llu/%llu",
                             (unsigned long long)count - 1, (unsigned long long)count);
    }
    *out = (struct rs_shard){(uint32_t)number, (uint32_t)count};
    return true;
}

bool rs_shard_has(const struct rs_shard *shard, struct rs_str identity)
{
    return rs_hash64(identity, 0) % shard->count == shard->number;
}

static struct rs_column *copy_column(struct rs_schema *out, struct rs_table *table,
                                     const struct rs_column *column)
{
    struct rs_column *copy =
        rs_table_add_column(out, table, column->name, column->type, column->max_bytes);
    copy->kinds = column->kinds;
    copy->stored = column->stored;
    return copy;
}

/* The column may turn out to be a string. Standard columns never do. */
static bool needs_text(const struct rs_column *column)
{
    return !column->stored && column->type.type == RS_TYPE_TIMESTAMP &&
           rs_schema_standard_order(column->name) < 0;
}

static void add_text(struct rs_schema *out, struct rs_table *table)
{
    const struct rs_column *value = &table->columns[table->column_count - 1];
    struct rs_coltype type = rs_coltype_join(RS_KIND_STRING, value->max_bytes);
    uint64_t max_bytes = value->max_bytes;
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof name, "rs:text:%zu", table->column_count);
    rs_table_add_column(out, table, rs_str_from(name), type, max_bytes)->role = RS_COLUMN_TEXT;
}

/* Add what the warehouse's table has and this shard has not, unless that would be very many. */
static void pad(struct rs_schema *out, struct rs_table *table, const struct rs_table *existing)
{
    size_t own = table->column_count;
    for (size_t i = 0; i < existing->column_count; i++) {
        struct rs_column column = existing->columns[i];
        struct rs_table seen = *table;
        seen.column_count = own;
        if (column.type.type != RS_TYPE_OTHER && !rs_table_find_column(&seen, column.name)) {
            column.stored = true;
            (void)copy_column(out, table, &column);
        }
    }
    if (table->column_count > PADDED_MAX) {
        table->column_count = own;
    }
}

/* List the table's values in the order in which any shard would. */
static void list_values(struct rs_schema *out, const struct rs_table *wanted,
                        const struct rs_table *existing)
{
    rs_schema_init(out, RS_STR(""));
    struct rs_table *table = rs_schema_add_table(out, wanted->name, wanted->kind);
    for (size_t i = 0; i < wanted->column_count; i++) {
        (void)copy_column(out, table, &wanted->columns[i]);
    }
    if (existing) {
        pad(out, table, existing);
    }
    rs_schema_sort(out);
}

static void define_table(struct rs_schema *out, const struct rs_table *wanted,
                         const struct rs_table *existing)
{
    static const struct rs_coltype number = {.type = RS_TYPE_BIGINT};
    struct rs_table *table = rs_schema_add_table(out, wanted->name, wanted->kind);
    struct rs_schema values = {0};
    list_values(&values, wanted, existing);
    for (size_t i = 0; i < values.tables[0].column_count; i++) {
        (void)copy_column(out, table, &values.tables[0].columns[i]);
        if (needs_text(&values.tables[0].columns[i])) {
            add_text(out, table);
        }
    }
    rs_schema_release(&values);
    rs_table_add_column(out, table, RS_STR(RS_SCRIPT_SHARD), number, 0)->role = RS_COLUMN_SHARD;
    rs_table_add_column(out, table, RS_STR(RS_SCRIPT_PLACE), number, 0)->role = RS_COLUMN_PLACE;
}

bool rs_shard_define_files(const struct rs_schema *wanted, const struct rs_schema *existing,
                           struct rs_schema *out, struct rs_error *err)
{
    rs_schema_init(out, wanted->name);
    for (size_t i = 0; i < wanted->table_count; i++) {
        const struct rs_table *table = &wanted->tables[i];
        define_table(out, table, rs_schema_find_table(existing, table->name));
        if (out->tables[i].column_count > RS_TABLE_MAX_COLUMNS) {
            (void)rs_error_set(err, RS_E_LIMIT,
                               "could not stage table \"%.*s\": with what shards need beside them, "
                               "its columns are %zu, and %d is the most",
                               RS_STR_ARG(table->name), out->tables[i].column_count,
                               RS_TABLE_MAX_COLUMNS);
            return rs_error_hint(err,
                                 "load it without --shard, or leave columns out with --select");
        }
    }
    return true;
}

bool rs_shard_check_dropped(const struct rs_plan *plan, const struct rs_schema *existing,
                            struct rs_error *err)
{
    for (size_t i = 0; i < plan->dropped_count; i++) {
        struct rs_str name = plan->dropped[i].table;
        const struct rs_table *table = rs_schema_find_table(existing, name);
        if (!table || table->column_count < RS_TABLE_MAX_COLUMNS) {
            (void)rs_error_set(
                err, RS_E_LIMIT,
                "could not stage table \"%.*s\": it has no room for all its columns, "
                "and which ones it takes is for one run to say",
                RS_STR_ARG(name));
            return rs_error_hint(err,
                                 "load it without --shard, or leave columns out with --select");
        }
    }
    return true;
}
