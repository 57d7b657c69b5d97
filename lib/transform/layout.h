/*
 * transform/layout.h - from what all workers have seen to the schema that a run wants, and
 * from the settled schema back to each worker's cells.
 *
 *   rs_layout_schema(projectors, count, filter, arrays, &schema);   tables, columns, joined types
 *   ... warehouse/plan.h settles the types with those of the catalog ...
 *   rs_layout_init(&layout, projectors, count, filter, &schema);
 *   layout.tables[t].sources[s].place[column] -> place in schema.tables[t].columns
 *
 * Owns:    a layout its arrays; freed with rs_layout_release. It refers to the schema and the
 *          projectors' streams, which must outlive it.
 * Pure:    yes.   Threads: a finished layout may be shared for reading.
 */
#ifndef RS_TRANSFORM_LAYOUT_H
#define RS_TRANSFORM_LAYOUT_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/schema.h"
#include "transform/filter.h"
#include "transform/project.h"

/*
 * Add to schema every table that the streams fill and the filter allows, with the join of all
 * kinds seen in each column. The schema comes out sorted.
 */
void rs_layout_schema(struct rs_projector *const *projectors, size_t count,
                      const struct rs_filter *filter, enum rs_arrays arrays,
                      struct rs_schema *schema);

/* Note in the filter every table and column that the projector has seen. */
void rs_layout_note_names(const struct rs_projector *projector, struct rs_filter *filter);

enum {
    RS_PLACE_NONE = -1,    /* not a column of this table */
    RS_PLACE_DROPPED = -2, /* wanted, but the table has no room: values are discards */
};

struct rs_layout_source {
    uint32_t worker;
    uint32_t stream;
    const struct rs_stream *columns; /* names of the columns, for discards */
    const int32_t *place;            /* one a column of the stream */
    struct rs_str event;             /* value of the column "event"; "" for NULL */
};

struct rs_layout_table {
    const struct rs_table *table;
    enum rs_layout_rows rows;
    int32_t uuid_ts_place;
    int32_t event_place; /* or RS_PLACE_NONE */
    struct rs_layout_source *sources;
    size_t source_count;
    size_t source_capacity;
    const struct rs_layout *layout;
};

/* Numbers of a stream's sources in the tables it fills: its own table's, then the other's. */
struct rs_layout_entry {
    uint32_t source[2];
};

struct rs_layout {
    struct rs_layout_table *tables; /* one a table of the schema, in its order */
    size_t table_count;
    size_t worker_count;
    const size_t *stream_counts; /* a worker */
    /* [worker][stream] -> a number for the stream's own table; equal tables, equal numbers */
    const uint32_t *const *own_key;
    struct rs_layout_entry **entries; /* [worker][stream] */
    struct rs_arena arena;
};

/* What a stream, which fills the table, puts where in it. */
static inline const struct rs_layout_source *
rs_layout_source_of(const struct rs_layout_table *table, uint32_t worker, uint32_t stream)
{
    const struct rs_layout_entry *entry = &table->layout->entries[worker][stream];
    return &table->sources[entry->source[table->rows == RS_LAYOUT_OWN ? 0 : 1]];
}

/* The layout stays where it is from now on: its tables point to it. */
void rs_layout_init(struct rs_layout *layout, struct rs_projector *const *projectors, size_t count,
                    const struct rs_filter *filter, const struct rs_schema *schema);
void rs_layout_release(struct rs_layout *layout);

/*
 * Of a layout of tables that are not made, keep the places of values that are lost with them: a
 * value that the event's other table takes (tracks, or what the call itself fills) gets
 * RS_PLACE_NONE. A folding table keeps one row of many, so it takes nothing in this sense.
 *
 * made  the layout of the tables that are
 */
void rs_layout_keep_lost(struct rs_layout *layout, const struct rs_layout *made);

#endif
