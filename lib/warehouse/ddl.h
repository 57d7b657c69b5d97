/*
 * warehouse/ddl.h - the SQL of a plan's steps.
 *
 *   CREATE TABLE "shop"."tracks" (id varchar(512) ...)
 *     -> PostgreSQL: CREATE TABLE IF NOT EXISTS "shop"."tracks" ("id" varchar(512), ...)
 *     -> Redshift:   the same with DISTKEY("id") SORTKEY("received_at")
 *
 * Statements have no ";" at their end. A side table is sorted by its id, as it has no
 * received_at; the tables of the ledger are small and get neither key.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html and
 *          r_ALTER_TABLE.html: one column a statement, no ADD COLUMN IF NOT EXISTS.
 */
#ifndef RS_WAREHOUSE_DDL_H
#define RS_WAREHOUSE_DDL_H

#include "base/compiler.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "transform/schema.h"
#include "warehouse/plan.h"
#include "warehouse/sqltext.h"

/* Append the statement of one step. */
void rs_ddl_append_step(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                        const struct rs_plan_step *step);

/* Append CREATE SCHEMA IF NOT EXISTS. */
void rs_ddl_append_schema(struct rs_strbuf *sql, struct rs_str schema);

/* Append CREATE TABLE IF NOT EXISTS. */
void rs_ddl_append_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                         const struct rs_table *table);

/* Append CREATE TABLE, which fails where the table is there already. */
void rs_ddl_append_new_table(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                             const struct rs_table *table);

/*
 * Append the index that finds rows by id (PostgreSQL only; Redshift has none). A hash index: it
 * is only asked for equality, and unlike a B-tree it takes an id of any length.
 */
void rs_ddl_append_index(struct rs_strbuf *sql, struct rs_str schema, struct rs_str table);

/* Append ("a", "b", ...) without the brackets: the names of a table's columns. */
void rs_ddl_append_columns(struct rs_strbuf *sql, const struct rs_table *table);

#endif
