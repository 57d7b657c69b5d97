/*
 * migrate/row_key.h - the columns that tell a table's rows apart, for rows that take the place of
 * others.
 *
 *   rs_row_key_find(definition, &key)                  its PRIMARY KEY: order_id, line
 *   rs_row_key_parse("order_id,line", definition, &key, &err)      or what an option names
 *   rs_row_key_check(session, schema, definition, &key, "old", &err)
 *
 * A key that does not tell rows apart would have one row take the place of several. So it is looked
 * for in all rows, but where the server vouches for it: PostgreSQL for a PRIMARY KEY and for a UNIQUE
 * one over columns that are NOT NULL. Redshift takes note of keys and enforces none.
 *
 * Pure:    all but rs_row_key_check, which asks the session.   Threads: reentrant.
 * Owns:    nothing: a key's columns are those of the definition.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
 */
#ifndef RS_MIGRATE_ROW_KEY_H
#define RS_MIGRATE_ROW_KEY_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"
#include "warehouse/table_definition.h"

enum { RS_ROW_KEY_MAX = 32 /* columns; as many as PostgreSQL has in an index */ };

struct rs_row_key {
    const struct rs_table_definition_column *columns[RS_ROW_KEY_MAX];
    size_t count;
};

/*
 * Find a table's key: the primary one, else a unique one over columns that are NOT NULL, else its
 * column "id", whatever that is. False when it has none of them.
 */
bool rs_row_key_find(const struct rs_table_definition *definition, struct rs_row_key *out);

/* Read names with commas between. err RS_E_USAGE: the table has no such column, or there are too many. */
RS_MUST_USE bool rs_row_key_parse(const char *names, const struct rs_table_definition *definition,
                                  struct rs_row_key *out, struct rs_error *err);

/*
 * No two rows have the same key, and none has a NULL in it.
 *
 * definition  the table as it is on the session's host
 * host        "old" or "new", for the message
 * err         RS_E_USAGE: the key does not tell rows apart; RS_E_DATABASE
 */
RS_MUST_USE bool rs_row_key_check(struct rs_session *session, struct rs_str schema,
                                  const struct rs_table_definition *definition,
                                  const struct rs_row_key *key, const char *host,
                                  struct rs_error *err);

/* Append the condition that a row of the table has the same key as one of the other table. */
void rs_row_key_append_match(struct rs_strbuf *sql, enum rs_dialect dialect,
                             const struct rs_table_definition *definition,
                             const struct rs_row_key *key, struct rs_str other);

#endif
