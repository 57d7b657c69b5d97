/*
 * rs/ddl.h - the SQL that makes schemas and tables.
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
#ifndef RS_DDL_H
#define RS_DDL_H

#include "rs/compiler.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* The servers we speak to. */
enum rs_dialect { RS_DIALECT_POSTGRESQL, RS_DIALECT_REDSHIFT };

/* Append CREATE SCHEMA IF NOT EXISTS. */
RS_API void rs_ddl_append_schema(struct rs_strbuf *sql, struct rs_str schema);

/* Append CREATE TABLE IF NOT EXISTS. */
RS_API void rs_ddl_append_table(struct rs_strbuf *sql, enum rs_dialect dialect,
                                struct rs_str schema, const struct rs_table *table);

/* Append ("a", "b", ...) without the brackets: the names of a table's columns. */
RS_API void rs_ddl_append_columns(struct rs_strbuf *sql, const struct rs_table *table);

#endif
