/*
 * rs/schema.h - what the tables of one source are, or should be.
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
#ifndef RS_SCHEMA_H
#define RS_SCHEMA_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum rs_type {
    RS_TYPE_BOOLEAN,
    RS_TYPE_BIGINT,
    RS_TYPE_DOUBLE,
    RS_TYPE_TIMESTAMP,
    RS_TYPE_VARCHAR, /* length in bytes */
    RS_TYPE_SUPER,   /* any JSON value (Redshift) */
    /* Types that we never make, but may find in a catalog. */
    RS_TYPE_SMALLINT,
    RS_TYPE_INTEGER,
    RS_TYPE_REAL,
    RS_TYPE_NUMERIC, /* precision and scale; precision 0 means unlimited (PostgreSQL) */
    RS_TYPE_DATE,
    RS_TYPE_TIMESTAMPTZ,
    RS_TYPE_TEXT,  /* no limit (PostgreSQL); takes any value */
    RS_TYPE_OTHER, /* nothing of ours is sure to fit: every value is a discard */
};

enum { RS_VARCHAR_MIN = 512, RS_VARCHAR_MAX = 65535 };

struct rs_coltype {
    enum rs_type type;
    uint32_t length;    /* bytes, of a varchar */
    uint16_t precision; /* of a numeric */
    uint16_t scale;     /* of a numeric; of a timestamp(n): 6 - n, the digits that it lacks */
};

/*
 * Append the type as DDL has it: "bigint", "varchar(512)", "double precision"; nothing for
 * RS_TYPE_OTHER.
 */
RS_API void rs_coltype_append_ddl(struct rs_coltype type, struct rs_strbuf *out);

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

/* What a column holds. The files of a shard (shard/shard.h) have more than values. */
enum rs_column_role {
    RS_COLUMN_VALUE,
    RS_COLUMN_TEXT,  /* the text that the value of the column before it had in the event */
    RS_COLUMN_SHARD, /* the number of the shard that has the row */
    RS_COLUMN_PLACE, /* where the row stands in the order read: a later one is greater */
};

struct rs_column {
    struct rs_str name;
    struct rs_coltype type;
    uint64_t max_bytes;   /* the run's longest value as text; 0 in a catalog's schema */
    uint64_t value_count; /* of the run; UINT64_MAX: every row has one; 0 in a catalog's schema */
    unsigned kinds;       /* set of enum rs_kind: what the run has seen; 0 in a catalog's schema */
    bool stored;          /* a wanted column that the warehouse has: its type is from there */
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

RS_API void rs_schema_init(struct rs_schema *schema, struct rs_str name);
RS_API void rs_schema_release(struct rs_schema *schema);

RS_API struct rs_table *rs_schema_add_table(struct rs_schema *schema, struct rs_str name,
                                            enum rs_table_kind kind);
RS_API struct rs_column *rs_table_add_column(struct rs_schema *schema, struct rs_table *table,
                                             struct rs_str name, struct rs_coltype type,
                                             uint64_t max_bytes);

/* NULL when there is none. Linear in the number of tables or columns. */
RS_API struct rs_table *rs_schema_find_table(const struct rs_schema *schema, struct rs_str name);
RS_API struct rs_column *rs_table_find_column(const struct rs_table *table, struct rs_str name);

/* Put tables and columns in order, see above. */
RS_API void rs_schema_sort(struct rs_schema *schema);

/*
 * In a fold table, the column has a time of its own: when its value was received. It is not id,
 * received_at or uuid_ts.
 */
RS_API bool rs_schema_has_time(struct rs_str column);

/* Place of a standard column (0 = "id"), or -1 when name is none. */
RS_API int rs_schema_standard_order(struct rs_str name);

#endif
