/*
 * The batch has the wanted columns under their names; what a file has beside them goes into columns
 * that are there to be left behind, "rs:skip:0" and on: COPY wants a column for each field. Each
 * list takes them from the first on, so there are as many as the list with the most has.
 */
#include "shard/shard_match.h"

#include <stdio.h>

#include "base/map.h"
#include "transform/coltype.h"

enum { NAME_MAX_BYTES = 32 };

static const struct rs_coltype number = {.type = RS_TYPE_BIGINT};
static const struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};

struct matching {
    struct rs_arena *arena; /* of what comes out */
    const struct rs_table *table;
    struct rs_map *wanted;  /* name -> column */
    struct rs_schema skips; /* two tables: of rows, of times */
    size_t used[2];         /* of them, by the list at hand */
};

enum { SKIP_ROWS, SKIP_TIMES };

static struct rs_table *new_table(struct rs_arena *arena, size_t capacity)
{
    struct rs_table *table = rs_arena_zalloc(arena, 1, sizeof *table);
    table->columns = rs_arena_zalloc(arena, capacity, sizeof *table->columns);
    table->column_capacity = capacity;
    return table;
}

/* name lives as long as the arena, or as the program. */
static void put_column(struct rs_table *table, struct rs_str name, struct rs_coltype type)
{
    table->columns[table->column_count++] = (struct rs_column){.name = name, .type = type};
}

/* The name of a column for what is left behind; wide enough for texts of max_bytes. */
static struct rs_str skip(struct matching *matching, int which, uint64_t max_bytes)
{
    struct rs_table *table = &matching->skips.tables[which];
    size_t place = matching->used[which]++;
    struct rs_coltype type =
        which == SKIP_TIMES ? timestamp : rs_coltype_join(RS_KIND_STRING, max_bytes);
    if (place == table->column_count) {
        char name[NAME_MAX_BYTES];
        (void)snprintf(name, sizeof name, "rs:skip:%zu", place);
        rs_table_add_column(&matching->skips, table, rs_str_from(name), type, 0);
    } else if (type.length > table->columns[place].type.length) {
        table->columns[place].type = type;
    }
    return rs_arena_copy(matching->arena, table->columns[place].name);
}

/* A column that was there when it was staged is of the same type now, or a longer varchar. */
static bool is_same(struct rs_coltype was, struct rs_coltype is)
{
    return was.type == is.type && was.precision == is.precision && was.scale == is.scale;
}

/* A column that is new to its shard can be loaded into one of this type as it was staged. */
static bool goes_into(const struct rs_column *staged, struct rs_coltype type)
{
    switch (type.type) {
    case RS_TYPE_VARCHAR:
        return true;
    case RS_TYPE_BIGINT:
    case RS_TYPE_BOOLEAN:
    case RS_TYPE_SUPER:
        return staged->type.type == type.type;
    case RS_TYPE_DOUBLE:
        return staged->type.type == RS_TYPE_DOUBLE ||
               (staged->kinds & ~(unsigned)RS_KIND_NULL) == RS_KIND_INTEGER;
    case RS_TYPE_TIMESTAMP:
        return staged->type.type == RS_TYPE_TIMESTAMP && type.scale == 0;
    case RS_TYPE_SMALLINT:
    case RS_TYPE_INTEGER:
    case RS_TYPE_REAL:
    case RS_TYPE_NUMERIC:
    case RS_TYPE_DATE:
    case RS_TYPE_TIMESTAMPTZ:
    case RS_TYPE_TEXT:
    case RS_TYPE_OTHER:
        break;
    }
    return false;
}

static bool refuse_room(const struct matching *matching, size_t columns, struct rs_error *err)
{
    (void)rs_error_set(
        err, RS_E_LIMIT,
        "could not commit table \"%.*s\": all shards together have %zu columns for it, "
        "and %d is the most",
        RS_STR_ARG(matching->table->name), columns, RS_TABLE_MAX_COLUMNS);
    return rs_error_hint(err, "load these inputs without --shard, or leave columns out with "
                              "--select");
}

/* wanted is NULL where the table has no room for the column. */
static bool check_column(const struct matching *matching, const struct rs_column *staged,
                         const struct rs_column *wanted, struct rs_error *err)
{
    if (!wanted) {
        return refuse_room(matching, matching->table->column_count + 1, err);
    }
    bool ok =
        staged->stored ? is_same(staged->type, wanted->type) : goes_into(staged, wanted->type);
    if (!ok) {
        struct rs_strbuf was = RS_STRBUF_INIT(64);
        struct rs_strbuf is = RS_STRBUF_INIT(64);
        rs_coltype_append_ddl(staged->type, &was);
        rs_coltype_append_ddl(wanted->type, &is);
        (void)rs_error_set(
            err, RS_E_INPUT,
            "could not commit table \"%.*s\": its column \"%.*s\" was %s when it was "
            "staged, and is %s now",
            RS_STR_ARG(matching->table->name), RS_STR_ARG(staged->name),
            was.length > 0 ? rs_strbuf_cstr(&was) : "of another type",
            is.length > 0 ? rs_strbuf_cstr(&is) : "of another type");
        rs_strbuf_release(&was);
        rs_strbuf_release(&is);
        return rs_error_hint(err, "the table has changed since: stage all shards again");
    }
    bool text = wanted->type.type == RS_TYPE_VARCHAR && !staged->stored &&
                staged->type.type != RS_TYPE_VARCHAR;
    if (text && staged->max_bytes > RS_VARCHAR_MAX) { /* a run would cut it, and say so */
        (void)rs_error_set(
            err, RS_E_LIMIT,
            "could not commit table \"%.*s\": in its column \"%.*s\" a value that is "
            "no string is longer than %d bytes, and another shard has strings",
            RS_STR_ARG(matching->table->name), RS_STR_ARG(staged->name), RS_VARCHAR_MAX);
        return rs_error_hint(err, "load these inputs without --shard");
    }
    return true;
}

/* List where the fields of a line of rows go. */
static bool match_rows(struct matching *matching, const struct rs_table *files,
                       struct rs_table *out, struct rs_error *err)
{
    for (size_t i = 0; i < files->column_count; i++) {
        const struct rs_column *staged = &files->columns[i];
        const struct rs_column *wanted = rs_map_find(matching->wanted, staged->name);
        bool has_text = i + 1 < files->column_count && staged[1].role == RS_COLUMN_TEXT;
        struct rs_str name = staged->name;
        switch (staged->role) {
        case RS_COLUMN_VALUE:
            if (staged->kinds != 0 && !check_column(matching, staged, wanted, err)) {
                return false;
            }
            if (!wanted || (has_text && wanted->type.type == RS_TYPE_VARCHAR)) {
                name = skip(matching, SKIP_ROWS, 0);
            }
            break;
        case RS_COLUMN_TEXT:
            wanted = rs_map_find(matching->wanted, staged[-1].name);
            name = wanted && wanted->type.type == RS_TYPE_VARCHAR
                       ? wanted->name
                       : skip(matching, SKIP_ROWS, staged->max_bytes);
            break;
        case RS_COLUMN_SHARD:
            name = RS_STR(RS_SCRIPT_SHARD);
            break;
        case RS_COLUMN_PLACE:
            name = RS_STR(RS_SCRIPT_PLACE);
            break;
        }
        put_column(out, name, staged->type);
    }
    return true;
}

/* The same for a line of times, see rows/table_writer.h. */
static void match_times(struct matching *matching, const struct rs_table *files,
                        struct rs_table *out)
{
    for (size_t i = 0; i < files->column_count; i++) {
        const struct rs_column *staged = &files->columns[i];
        bool id = rs_str_equal(staged->name, RS_STR("id"));
        if (staged->role == RS_COLUMN_SHARD) {
            put_column(out, RS_STR(RS_SCRIPT_SHARD), number);
        } else if (staged->role == RS_COLUMN_VALUE && (id || rs_schema_has_time(staged->name))) {
            bool wanted = rs_map_find(matching->wanted, staged->name) != NULL;
            put_column(out, wanted ? staged->name : skip(matching, SKIP_TIMES, 0), timestamp);
        }
    }
}

/* The columns of the batch, or of its times: what is wanted, then what is left behind. */
static const struct rs_table *define_batch(struct matching *matching, int which)
{
    const struct rs_table *table = matching->table;
    const struct rs_table *skips = &matching->skips.tables[which];
    struct rs_table *out =
        new_table(matching->arena, table->column_count + 2 + skips->column_count);
    for (size_t i = 0; i < table->column_count; i++) {
        struct rs_str name = rs_arena_copy(matching->arena, table->columns[i].name);
        bool id = rs_str_equal(name, RS_STR("id"));
        if (which == SKIP_ROWS || id) {
            put_column(out, name, table->columns[i].type);
        } else if (rs_schema_has_time(name)) {
            put_column(out, name, timestamp);
        }
    }
    put_column(out, RS_STR(RS_SCRIPT_SHARD), number);
    if (which == SKIP_ROWS) {
        put_column(out, RS_STR(RS_SCRIPT_PLACE), number);
    }
    for (size_t i = 0; i < skips->column_count; i++) {
        put_column(out, rs_arena_copy(matching->arena, skips->columns[i].name),
                   skips->columns[i].type);
    }
    return out;
}

static bool match_lists(struct matching *matching, const struct rs_shard_joined *joined,
                        struct rs_script_list *lists, struct rs_error *err)
{
    bool fold = matching->table->kind == RS_TABLE_FOLD;
    bool ok = true;
    for (size_t i = 0; ok && i < joined->list_count; i++) {
        const struct rs_shard_list *list = joined->lists[i];
        struct rs_table *rows = new_table(matching->arena, list->columns.column_count);
        struct rs_table *times =
            fold ? new_table(matching->arena, list->columns.column_count) : NULL;
        matching->used[SKIP_ROWS] = 0;
        matching->used[SKIP_TIMES] = 0;
        ok = match_rows(matching, &list->columns, rows, err);
        if (fold) {
            match_times(matching, &list->columns, times);
        }
        lists[i] = (struct rs_script_list){
            .columns = rows, .times = times, .null_text = list->null_text, .rows = list->rows};
    }
    return ok;
}

static bool match(struct matching *matching, const struct rs_shard_joined *joined,
                  struct rs_shard_batch *out, struct rs_error *err)
{
    const struct rs_table *table = matching->table;
    for (size_t i = 0; i < table->column_count; i++) {
        *rs_map_put(matching->wanted, table->columns[i].name) = &table->columns[i];
    }
    out->lists = rs_arena_zalloc(matching->arena, joined->list_count, sizeof *out->lists);
    if (!match_lists(matching, joined, out->lists, err)) {
        return false;
    }
    out->shards = (struct rs_script_shards){
        .batch = define_batch(matching, SKIP_ROWS),
        .times = table->kind == RS_TABLE_FOLD ? define_batch(matching, SKIP_TIMES) : NULL,
        .lists = out->lists,
        .list_count = joined->list_count,
        .numbers = joined->numbers,
        .number_count = joined->number_count};
    if (out->shards.batch->column_count > RS_TABLE_MAX_COLUMNS) {
        return refuse_room(matching, out->shards.batch->column_count, err);
    }
    return true;
}

bool rs_shard_match(const struct rs_shard_joined *joined, const struct rs_table *table,
                    struct rs_arena *arena, struct rs_shard_batch *out, struct rs_error *err)
{
    struct matching matching = {.arena = arena, .table = table, .wanted = rs_map_new(0)};
    rs_schema_init(&matching.skips, RS_STR(""));
    (void)rs_schema_add_table(&matching.skips, RS_STR("rows"), RS_TABLE_LEDGER);
    (void)rs_schema_add_table(&matching.skips, RS_STR("times"), RS_TABLE_LEDGER);
    bool ok = match(&matching, joined, out, err);
    rs_map_free(matching.wanted);
    rs_schema_release(&matching.skips);
    return ok;
}
