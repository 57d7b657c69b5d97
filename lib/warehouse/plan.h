/*
 * warehouse/plan.h - wanted schema minus existing schema = the steps between them.
 *
 *   rs_plan_make(&wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
 *   for each plan.steps[i]: rs_ddl_append_step(&sql, dialect, plan.schema, &plan.steps[i]);
 *   rs_plan_release(&plan);
 *
 * Making the plan also settles the wanted schema in place: a name that the dialect would cut
 * is shortened, a column that exists takes its type from there (a varchar is widened when the
 * run has a longer value, never narrowed), a new standard column is made wide, and a column or a
 * table that would be one too many leaves. Tables find room in this order, and by name: tracks,
 * the other tables of calls, fold tables, which need room for two, and those of events. Columns find
 * room by how many values the run has for them, and by name: what garbage brings, it brings once.
 *
 * A fold table (users, accounts) has a side table "rs_<table>_at": "id" and, for each other
 * column but received_at and uuid_ts, when its value was received. It holds a row only for an
 * id where some value is older than the row's received_at, or was cleared by a null; NULL there
 * means "as new as received_at" for a value, and "never" where the table has none. Side tables are
 * made and grown by the plan like any other.
 *
 * Order:   steps follow the wanted tables and their columns; a table's side table comes after.
 * Owns:    everything that the plan points at, until rs_plan_release.
 * Pure:    yes.   Threads: one thread at a time per object.
 * Source:  the event-to-table contract in rs-schema(7), "Types" and "Rows".
 */
#ifndef RS_WAREHOUSE_PLAN_H
#define RS_WAREHOUSE_PLAN_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "warehouse/sqltext.h"

enum rs_plan_step_kind {
    RS_PLAN_CREATE_SCHEMA,
    RS_PLAN_CREATE_TABLE, /* definition */
    RS_PLAN_ADD_COLUMN,   /* column, of type to */
    RS_PLAN_WIDEN_COLUMN, /* column, from, to; in Redshift before the load (warehouse/widen.h) */
    RS_PLAN_KEEP_COLUMN,  /* column, from, to: it should have been widened, and cannot be */
};

struct rs_plan_step {
    enum rs_plan_step_kind kind;
    struct rs_str owner; /* the wanted table whose load takes this step; empty: the schema's */
    struct rs_str table; /* the table that changes: the owner or its side table */
    struct rs_str column;
    struct rs_coltype from;
    struct rs_coltype to;
    const struct rs_table *definition;
    struct rs_str why;         /* what is in the way of a longer varchar; or empty */
    struct rs_str replacement; /* statements that come instead where it is refused; or empty */
};

/* A wanted column that found no room: its values are discards. */
struct rs_dropped_column {
    struct rs_str table;
    struct rs_str column;
    bool limited; /* the table had room, and the limit of new columns left it out */
};

struct rs_plan {
    enum rs_dialect dialect; /* that it is for */
    struct rs_str schema;
    struct rs_plan_step *steps;
    size_t step_count;
    size_t step_capacity;
    struct rs_dropped_column *dropped;
    size_t dropped_count;
    size_t dropped_capacity;
    struct rs_schema sides;    /* the side table of each wanted fold table, as it will be */
    struct rs_schema left_out; /* wanted tables that found no room, without their columns */
    struct rs_arena arena;
};

/*
 * How much of a database a run may take. Without such limits one run of garbage, of names or keys
 * that are ids, takes every table or column that there can be, for good.
 */
struct rs_plan_limits {
    uint64_t new_tables;  /* UINT64_MAX: any number */
    uint64_t new_columns; /* a table; 0: half of those that it has room for, at least
                             RS_PLAN_NEW_COLUMNS_MIN; UINT64_MAX: any number */
};

enum { RS_PLAN_NEW_COLUMNS_MIN = 50 };

/*
 * Compare, settle, plan.
 *
 * wanted    the run's schema, sorted; changed as said above
 * existing  what rs_catalog_read found; an empty schema that does not exist will do
 * limits    NULL: none
 * out       released with rs_plan_release
 */
void rs_plan_make(struct rs_schema *wanted, const struct rs_schema *existing,
                  enum rs_dialect dialect, const struct rs_plan_limits *limits,
                  struct rs_plan *out);

void rs_plan_release(struct rs_plan *plan);

/*
 * A column that was to be widened stays as it is: RS_PLAN_WIDEN_COLUMN becomes RS_PLAN_KEEP_COLUMN,
 * and wanted takes the length that there is, so that what is longer is a discard. Where it is the id
 * of a side table, ids of its owner are no longer either.
 *
 * step  of plan->steps
 * why   copied
 */
void rs_plan_keep_column(struct rs_plan *plan, struct rs_schema *wanted, struct rs_plan_step *step,
                         struct rs_str why);

/* Nothing is to change. */
bool rs_plan_is_empty(const struct rs_plan *plan);

/* The plan makes the table (so it is empty before the load). */
bool rs_plan_creates(const struct rs_plan *plan, struct rs_str table);

/* The side table of a fold table, with all columns that it will have; NULL when none. */
const struct rs_table *rs_plan_find_side(const struct rs_plan *plan, struct rs_str owner);

#endif
