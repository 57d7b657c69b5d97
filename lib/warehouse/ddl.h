/*
 * warehouse/ddl.h - the SQL of a plan's steps; tables and schemas alone are rs/ddl.h.
 *
 * Statements have no ";" at their end.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html: one column a
 *          statement, no ADD COLUMN IF NOT EXISTS.
 */
#ifndef RS_WAREHOUSE_DDL_H
#define RS_WAREHOUSE_DDL_H

#include "rs/ddl.h"
#include "warehouse/plan.h"

/* Append the statement of one step; nothing for RS_PLAN_KEEP_COLUMN. */
void rs_ddl_append_step(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                        const struct rs_plan_step *step);

/*
 * Append the statement of the first of the steps, and of those after it what the server takes in the
 * same one: a table's columns. Returns how many steps that are; count is 1 at least.
 */
size_t rs_ddl_append_steps(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                           const struct rs_plan_step *steps, size_t count);

/* Append CREATE TABLE, which fails where the table is there already. */
void rs_ddl_append_new_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                             const struct rs_table *table);

/*
 * Append the index that finds rows by id (PostgreSQL only; Redshift has none). A hash index: it
 * is only asked for equality, and unlike a B-tree it takes an id of any length.
 */
void rs_ddl_append_index(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table);

#endif
