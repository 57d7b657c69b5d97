/*
 * warehouse/sqltext.h - names and values as SQL text.
 *
 *   rs_sql_ident(&sql, RS_STR("odd\"name"))                  -> "odd""name"
 *   rs_sql_qualified(&sql, RS_STR("shop"), RS_STR("tracks")) -> "shop"."tracks"
 *   rs_sql_literal(&sql, RS_DIALECT_POSTGRESQL, RS_STR("it's \\N")) -> 'it''s \N'
 *   rs_sql_literal(&sql, RS_DIALECT_REDSHIFT, RS_STR("it's \\N"))   -> 'it''s \\N'
 *   if (!rs_sql_ok(&sql, err)) return false;                 checked once, at the end
 *
 * Limits:  a name that is empty, and a name or value with a NUL byte, make the statement not
 *          ok, as text past the buffer's maximum does.
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_names.html; PostgreSQL manual,
 *          4.1 Lexical Structure. In Redshift a backslash escapes in an ordinary literal and
 *          E'' does not exist; PostgreSQL is run with standard_conforming_strings = on.
 */
#ifndef RS_WAREHOUSE_SQLTEXT_H
#define RS_WAREHOUSE_SQLTEXT_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/name.h"
#include "rs/str.h"
#include "rs/strbuf.h"
#include "warehouse/dialect.h"

enum { RS_SQL_STATEMENT_MAX = 16 << 20 }; /* bytes, Redshift's maximum */

/*
 * The name as it can stand in the dialect: itself, or cut on a UTF-8 boundary with "_" and 8
 * hex digits of a hash of the whole name, so that two long names stay two.
 *
 * out  room for RS_NAME_MAX bytes; holds what the result points at when it was cut
 */
struct rs_str rs_sql_fit_name(enum rs_dialect dialect, struct rs_str name, char *out);

/* Append a name, always quoted. */
void rs_sql_ident(struct rs_strbuf *sql, struct rs_str name);

/* Append "schema"."name". */
void rs_sql_qualified(struct rs_strbuf *sql, struct rs_str schema, struct rs_str name);

/* Append a string literal. */
void rs_sql_literal(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str value);

/*
 * Append a SUPER column as the text of its JSON; NULL is NULL, where JSON_SERIALIZE alone says
 * 'null', as of JSON's own null (Amazon Redshift Developer Guide, r_json_serialize.html).
 */
void rs_sql_super(struct rs_strbuf *sql, struct rs_str column);

/*
 * Append a statement with $1 .. $9 outside of its quoted texts and names replaced by literals, a
 * NULL data pointer by NULL. Values go in the text to every server: Redshift answers "Not
 * implemented" to bound parameters in subqueries, LIMIT and GROUP BY.
 *
 * text  as this file writes it: a quote within quotes is doubled; no comments
 */
void rs_sql_bind(struct rs_strbuf *sql, enum rs_dialect dialect, const char *text,
                 const struct rs_str *params, size_t count);

/*
 * Append a query of lib/warehouse/sql (warehouse/warehouse_queries.h) with each :schema in it
 * replaced by the quoted name of the schema.
 */
void rs_sql_query(struct rs_strbuf *sql, const char *query, struct rs_str schema);

/* False, with RS_E_LIMIT, when the text is too long or holds a name or value that cannot be. */
RS_MUST_USE bool rs_sql_ok(const struct rs_strbuf *sql, struct rs_error *err);

#endif
