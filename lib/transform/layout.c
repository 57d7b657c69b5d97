/*
 * A stream fills up to two tables: its own, and tracks (for track calls) or users or accounts
 * (for identify and group calls with an id). Which of its columns go where under which name is
 * said in one function, column_in; the rest is joining by name.
 */
#include "transform/layout.h"

#include "base/map.h"
#include "base/mem.h"
#include "transform/coltype.h"

/* The name that the stream's column has in the table; "" where it does not go there. */
static struct rs_str column_in(const struct rs_stream *stream, size_t number,
                               enum rs_layout_rows rows)
{
    const struct rs_stream_column *column = &stream->columns[number];
    size_t fold_id = stream->call == RS_CALL_IDENTIFY ? RS_STREAM_USER_ID : RS_STREAM_EXTRA;
    switch (rows) {
    case RS_LAYOUT_OWN:
        return column->name;
    case RS_LAYOUT_COMMON:
        return column->common ? column->name : RS_STR("");
    case RS_LAYOUT_FOLD:
        if (number == fold_id) {
            return RS_STR("id");
        }
        if (number < RS_STREAM_STANDARD_COUNT && number != RS_STREAM_RECEIVED_AT) {
            return RS_STR("");
        }
        return column->name;
    }
    return RS_STR("");
}

static bool has_event_column(const struct rs_stream *stream)
{
    return stream->call == RS_CALL_TRACK;
}

/* --- the schema ------------------------------------------------------------------------------ */

struct joined_column {
    unsigned kinds;
    uint64_t max_bytes;
    uint64_t value_count;
};

struct joined_table {
    struct rs_map *columns; /* name -> struct joined_column */
    enum rs_layout_rows rows;
};

static void join_column(struct joined_table *table, const struct rs_filter *filter,
                        struct rs_str table_name, struct rs_str name,
                        const struct joined_column *seen)
{
    if (!rs_filter_allows_column(filter, table_name, name)) {
        return;
    }
    void **slot = rs_map_put(table->columns, name);
    if (!*slot) {
        *slot = rs_mem_zalloc(1, sizeof(struct joined_column));
    }
    struct joined_column *column = *slot;
    column->kinds |= seen->kinds;
    column->max_bytes = seen->max_bytes > column->max_bytes ? seen->max_bytes : column->max_bytes;
    bool all = column->value_count > UINT64_MAX - seen->value_count;
    column->value_count = all ? UINT64_MAX : column->value_count + seen->value_count;
}

static void join_stream(struct joined_table *table, const struct rs_filter *filter,
                        struct rs_str table_name, const struct rs_stream *stream)
{
    for (size_t i = 0; i < stream->column_count; i++) {
        const struct rs_stream_column *column = &stream->columns[i];
        struct rs_str name = column_in(stream, i, table->rows);
        unsigned kinds = column->kinds;
        if (table->rows != RS_LAYOUT_FOLD) {
            kinds &= ~(unsigned)RS_KIND_NULL;
        }
        if (name.length > 0 && kinds != 0) {
            join_column(
                table, filter, table_name, name,
                &(struct joined_column){kinds, column->max_bytes,
                                        column->standard ? UINT64_MAX : column->value_count});
        }
    }
    join_column(table, filter, table_name, RS_STR("uuid_ts"),
                &(struct joined_column){RS_KIND_TIMESTAMP, 0, UINT64_MAX});
    if (has_event_column(stream)) {
        join_column(table, filter, table_name, RS_STR("event"),
                    &(struct joined_column){RS_KIND_STRING, stream->table.length, UINT64_MAX});
    }
}

static void join_targets(struct rs_map *tables, const struct rs_filter *filter,
                         const struct rs_stream *stream)
{
    struct rs_stream_target targets[2];
    size_t count = stream->stamp > 0 ? rs_stream_targets(stream, targets) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!rs_filter_allows_table(filter, targets[i].table)) {
            continue;
        }
        void **slot = rs_map_put(tables, targets[i].table);
        if (!*slot) {
            struct joined_table *table = rs_mem_zalloc(1, sizeof *table);
            table->columns = rs_map_new(0);
            table->rows = targets[i].rows;
            *slot = table;
        }
        join_stream(*slot, filter, targets[i].table, stream);
    }
}

/* The kinds that decide on a column's type. */
static unsigned kinds_as(unsigned kinds, enum rs_arrays arrays)
{
    bool text = arrays == RS_ARRAYS_TEXT && (kinds & RS_KIND_ARRAY) != 0;
    return text ? (kinds & ~(unsigned)RS_KIND_ARRAY) | RS_KIND_STRING : kinds;
}

/* Move a joined table into the schema and free it. */
static void settle_table(struct rs_schema *schema, struct rs_str name, struct joined_table *joined,
                         enum rs_arrays arrays)
{
    struct rs_table *table = rs_schema_add_table(
        schema, name, joined->rows == RS_LAYOUT_FOLD ? RS_TABLE_FOLD : RS_TABLE_EVENTS);
    for (size_t i = 0; i < rs_map_count(joined->columns); i++) {
        struct rs_str column_name = {0};
        struct joined_column *column = rs_map_at(joined->columns, i, &column_name);
        unsigned kinds = kinds_as(column->kinds, arrays);
        struct rs_coltype type = rs_coltype_join(kinds, column->max_bytes);
        struct rs_column *added =
            rs_table_add_column(schema, table, column_name, type, column->max_bytes);
        added->kinds = kinds;
        added->value_count = column->value_count;
        rs_mem_free(column);
    }
    rs_map_free(joined->columns);
    rs_mem_free(joined);
}

void rs_layout_schema(struct rs_projector *const *projectors, size_t count,
                      const struct rs_filter *filter, enum rs_arrays arrays,
                      struct rs_schema *schema)
{
    struct rs_map *tables = rs_map_new(0);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < rs_projector_stream_count(projectors[i]); j++) {
            join_targets(tables, filter, rs_projector_stream(projectors[i], j));
        }
    }
    for (size_t i = 0; i < rs_map_count(tables); i++) {
        struct rs_str name = {0};
        struct joined_table *joined = rs_map_at(tables, i, &name);
        settle_table(schema, name, joined, arrays);
    }
    rs_map_free(tables);
    rs_schema_sort(schema);
}

void rs_layout_note_names(const struct rs_projector *projector, struct rs_filter *filter)
{
    for (size_t i = 0; i < rs_projector_stream_count(projector); i++) {
        const struct rs_stream *stream = rs_projector_stream(projector, i);
        struct rs_stream_target targets[2];
        size_t count = rs_stream_targets(stream, targets);
        for (size_t j = 0; j < count; j++) {
            rs_filter_note_table(filter, targets[j].table);
            rs_filter_note_column(filter, targets[j].table, RS_STR("uuid_ts"));
            if (has_event_column(stream)) {
                rs_filter_note_column(filter, targets[j].table, RS_STR("event"));
            }
            for (size_t k = 0; k < stream->column_count; k++) {
                rs_filter_note_column(filter, targets[j].table,
                                      column_in(stream, k, targets[j].rows));
            }
        }
    }
}

/* --- the layout -------------------------------------------------------------------------------- */

/* name -> place + 1, of one table. */
static struct rs_map *places_of(const struct rs_table *table)
{
    struct rs_map *places = rs_map_new(0);
    for (size_t i = 0; i < table->column_count; i++) {
        *rs_map_put(places, table->columns[i].name) = (void *)(uintptr_t)(i + 1);
    }
    return places;
}

static int32_t place_of(const struct rs_map *places, struct rs_str name)
{
    uintptr_t found = (uintptr_t)rs_map_find(places, name);
    return found ? (int32_t)(found - 1) : RS_PLACE_NONE;
}

static const int32_t *places_in(struct rs_layout *layout, const struct rs_stream *stream,
                                const struct rs_layout_table *table, const struct rs_map *places,
                                const struct rs_filter *filter)
{
    int32_t *out = rs_arena_alloc(&layout->arena, stream->column_count * sizeof *out);
    for (size_t i = 0; i < stream->column_count; i++) {
        struct rs_str name = column_in(stream, i, table->rows);
        out[i] = RS_PLACE_NONE;
        if (name.length > 0 && rs_filter_allows_column(filter, table->table->name, name)) {
            out[i] = place_of(places, name);
            out[i] = out[i] == RS_PLACE_NONE ? RS_PLACE_DROPPED : out[i];
        }
    }
    return out;
}

static void add_source(struct rs_layout *layout, struct rs_layout_table *table, uint32_t worker,
                       const struct rs_stream *stream, const struct rs_map *places,
                       const struct rs_filter *filter)
{
    table->sources = rs_mem_grow(table->sources, &table->source_capacity, table->source_count + 1,
                                 sizeof *table->sources);
    layout->entries[worker][stream->number].source[table->rows == RS_LAYOUT_OWN ? 0 : 1] =
        (uint32_t)table->source_count;
    table->sources[table->source_count++] = (struct rs_layout_source){
        .worker = worker,
        .stream = stream->number,
        .columns = stream,
        .place = places_in(layout, stream, table, places, filter),
        .event = has_event_column(stream) ? stream->table : RS_STR(""),
    };
    if (has_event_column(stream)) {
        table->event_place = place_of(places, RS_STR("event"));
    }
}

/* Add the stream to the tables that it fills. tables: name -> number + 1. */
static void add_sources(struct rs_layout *layout, uint32_t worker, const struct rs_stream *stream,
                        const struct rs_map *tables, struct rs_map *const *places,
                        const struct rs_filter *filter)
{
    struct rs_stream_target targets[2];
    size_t count = stream->stamp > 0 ? rs_stream_targets(stream, targets) : 0;
    for (size_t i = 0; i < count; i++) {
        uintptr_t number = (uintptr_t)rs_map_find(tables, targets[i].table);
        if (number > 0) {
            layout->tables[number - 1].rows = targets[i].rows;
            add_source(layout, &layout->tables[number - 1], worker, stream, places[number - 1],
                       filter);
        }
    }
}

static void number_tables(struct rs_layout *layout, struct rs_projector *const *projectors)
{
    struct rs_map *numbers = rs_map_new(0);
    uint32_t **keys = rs_arena_zalloc(&layout->arena, layout->worker_count, sizeof *keys);
    size_t *counts = rs_arena_zalloc(&layout->arena, layout->worker_count, sizeof *counts);
    for (size_t i = 0; i < layout->worker_count; i++) {
        counts[i] = rs_projector_stream_count(projectors[i]);
        keys[i] = rs_arena_zalloc(&layout->arena, counts[i], sizeof **keys);
        for (size_t j = 0; j < counts[i]; j++) {
            void **slot = rs_map_put(numbers, rs_projector_stream(projectors[i], j)->table);
            *slot = *slot ? *slot : (void *)(uintptr_t)rs_map_count(numbers);
            keys[i][j] = (uint32_t)(uintptr_t)*slot;
        }
    }
    layout->stream_counts = counts;
    layout->own_key = (const uint32_t *const *)keys;
    rs_map_free(numbers);
}

void rs_layout_init(struct rs_layout *layout, struct rs_projector *const *projectors, size_t count,
                    const struct rs_filter *filter, const struct rs_schema *schema)
{
    struct rs_map *tables = rs_map_new(0);
    struct rs_map **places = rs_mem_zalloc(schema->table_count, sizeof *places);
    *layout = (struct rs_layout){.worker_count = count, .table_count = schema->table_count};
    number_tables(layout, projectors);
    layout->tables = rs_mem_zalloc(schema->table_count, sizeof *layout->tables);
    layout->entries = rs_arena_zalloc(&layout->arena, count, sizeof *layout->entries);
    for (size_t i = 0; i < schema->table_count; i++) {
        *rs_map_put(tables, schema->tables[i].name) = (void *)(uintptr_t)(i + 1);
        places[i] = places_of(&schema->tables[i]);
        layout->tables[i] =
            (struct rs_layout_table){.table = &schema->tables[i],
                                     .layout = layout,
                                     .uuid_ts_place = place_of(places[i], RS_STR("uuid_ts")),
                                     .event_place = RS_PLACE_NONE};
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t streams = layout->stream_counts[i];
        layout->entries[i] = rs_arena_zalloc(&layout->arena, streams, sizeof **layout->entries);
        for (size_t j = 0; j < streams; j++) {
            add_sources(layout, i, rs_projector_stream(projectors[i], j), tables, places, filter);
        }
    }
    for (size_t i = 0; i < schema->table_count; i++) {
        rs_map_free(places[i]);
    }
    rs_mem_free(places);
    rs_map_free(tables);
}

static const struct rs_layout_table *find_made(const struct rs_layout *made, struct rs_str name)
{
    for (size_t i = 0; i < made->table_count; i++) {
        if (rs_str_equal(made->tables[i].table->name, name)) {
            return made->tables[i].rows == RS_LAYOUT_FOLD ? NULL : &made->tables[i];
        }
    }
    return NULL;
}

static void keep_lost_of(struct rs_layout *layout, struct rs_layout_source *source,
                         const struct rs_layout_source *other)
{
    size_t count = source->columns->column_count;
    int32_t *place = rs_arena_alloc(&layout->arena, count * sizeof *place);
    for (size_t i = 0; i < count; i++) {
        place[i] = other->place[i] == RS_PLACE_NONE ? source->place[i] : RS_PLACE_NONE;
    }
    source->place = place;
}

void rs_layout_keep_lost(struct rs_layout *layout, const struct rs_layout *made)
{
    for (size_t i = 0; i < layout->table_count; i++) {
        const struct rs_layout_table *table = &layout->tables[i];
        for (size_t j = 0; j < table->source_count; j++) {
            struct rs_layout_source *source = &table->sources[j];
            struct rs_stream_target targets[2];
            size_t count = rs_stream_targets(source->columns, targets);
            for (size_t k = 0; k < count; k++) {
                const struct rs_layout_table *other = find_made(made, targets[k].table);
                if (other) {
                    keep_lost_of(layout, source,
                                 rs_layout_source_of(other, source->worker, source->stream));
                }
            }
        }
    }
}

void rs_layout_release(struct rs_layout *layout)
{
    for (size_t i = 0; i < layout->table_count; i++) {
        rs_mem_free(layout->tables[i].sources);
    }
    rs_mem_free(layout->tables);
    rs_arena_release(&layout->arena);
    *layout = (struct rs_layout){0};
}
