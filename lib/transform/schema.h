/*
 * transform/schema.h - what the tables of one source are, or should be.
 *
 *   rs_schema_init(&schema, RS_STR("shop"));
 *   table = rs_schema_add_table(&schema, RS_STR("tracks"), RS_TABLE_EVENTS);
 *   rs_table_add_column(&schema, table, RS_STR("id"), type, max_bytes);
 *   rs_schema_sort(&schema);
 *
 * The same shape holds what a run wants and what a catalog has; warehouse/plan.h compares
 * the two.
 *
 * Order:   tables by name; columns: the standard ones as in rs_schema_standard_order, then
 *          the others by name. So a schema does not depend on the order of events.
 * Owns:    names are copied into the schema's arena. Pointers to tables and columns are valid
 *          until the next add or sort.
 * Pure:    yes.   Threads: one thread at a time per object.
 */
#ifndef RS_TRANSFORM_SCHEMA_H
#define RS_TRANSFORM_SCHEMA_H

#include "base/compiler.h"
#include "base/str.h"
#include "transform/coltype.h"

enum {
    RS_TABLE_MAX_COLUMNS = 1600, /* a table's maximum in Redshift and in PostgreSQL */
};

/* What a new column of nothing but arrays becomes. */
enum rs_arrays {
    RS_ARRAYS_TEXT,  /* a varchar of their JSON text */
    RS_ARRAYS_SUPER, /* a super; in Redshift alone */
};

enum rs_table_kind {
    RS_TABLE_EVENTS, /* one row an event: a later received_at replaces the row of the same id */
    RS_TABLE_FOLD,   /* users, accounts: each column keeps its latest non-null value */
    RS_TABLE_LEDGER, /* the tool's own: rs_* */
};

/* What a column holds. The files of a shard (sync/shard.h) have more than values. */
enum rs_column_role {
    RS_COLUMN_VALUE,
    RS_COLUMN_TEXT,  /* the text that the value of the column before it had in the event */
    RS_COLUMN_SHARD, /* the number of the shard that has the row */
    RS_COLUMN_PLACE, /* where the row stands in the order read: a later one is greater */
};

struct rs_column {
    struct rs_str name;
    struct rs_coltype type;
    uint64_t max_bytes; /* the run's longest value as text; 0 in a catalog's schema */
    unsigned kinds;     /* set of enum rs_kind: what the run has seen; 0 in a catalog's schema */
    bool stored;        /* a wanted column that the warehouse has: its type is from there */
    enum rs_column_role role;
};

struct rs_table {
    struct rs_str name;
    enum rs_table_kind kind;
    struct rs_column *columns;
    size_t column_count;
    size_t column_capacity;
};

struct rs_arena;

struct rs_schema {
    struct rs_str name; /* the schema in the database */
    bool exists;        /* in a catalog's schema: the database has it */
    struct rs_table *tables;
    size_t table_count;
    size_t table_capacity;
    struct rs_arena *arena; /* names */
};

void rs_schema_init(struct rs_schema *schema, struct rs_str name);
void rs_schema_release(struct rs_schema *schema);

struct rs_table *rs_schema_add_table(struct rs_schema *schema, struct rs_str name,
                                     enum rs_table_kind kind);
struct rs_column *rs_table_add_column(struct rs_schema *schema, struct rs_table *table,
                                      struct rs_str name, struct rs_coltype type,
                                      uint64_t max_bytes);

/* NULL when there is none. Linear in the number of tables or columns. */
struct rs_table *rs_schema_find_table(const struct rs_schema *schema, struct rs_str name);
struct rs_column *rs_table_find_column(const struct rs_table *table, struct rs_str name);

/* Put tables and columns in order, see above. */
void rs_schema_sort(struct rs_schema *schema);

/*
 * In a fold table, the column has a time of its own: when its value was received. It is not id,
 * received_at or uuid_ts.
 */
bool rs_schema_has_time(struct rs_str column);

/* Place of a standard column (0 = "id"), or -1 when name is none. */
int rs_schema_standard_order(struct rs_str name);

#endif
