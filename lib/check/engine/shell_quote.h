/*
 * check/engine/shell_quote.h - commands that can be pasted into a shell.
 *
 *   rs_check_quote(out, "a b")             -> 'a b'
 *   rs_check_quote(out, "it's")            -> "it's"
 *   rs_check_quote(out, "it's $5")         -> 'it'\''s $5'
 *   rs_check_sql_name(out, "od\"d")       -> "od""d"
 *   rs_check_sql(out, "GRANT TEMP ON DATABASE %s TO %s", database, user)
 *       adds the command  psql "$ADMIN_URL" -c 'GRANT TEMP ON DATABASE "dev" TO "ann"'
 *
 * An administrator's connection is not known here, so commands have $ADMIN_URL for it.
 *
 * Pure:    yes.
 * Owns:    texts live as long as the result that they are made for.
 * Threads: one thread at a time per result.
 */
#ifndef RS_CHECK_ENGINE_SHELL_QUOTE_H
#define RS_CHECK_ENGINE_SHELL_QUOTE_H

#include "check/engine/check_result.h"
#include "rs/compiler.h"

#define RS_CHECK_ADMIN "\"$ADMIN_URL\""

/* A text as one word of a shell's command: quoted where it has to be. */
const char *rs_check_quote(struct rs_check_result *result, const char *text);

/* A name as SQL has it: always quoted. */
const char *rs_check_sql_name(struct rs_check_result *result, const char *name);

/* A text as SQL has it. */
const char *rs_check_sql_text(struct rs_check_result *result, const char *text);

/* Add a command by which an administrator runs a statement. */
void rs_check_sql(struct rs_check_result *result, const char *fmt, ...) RS_PRINTF(2, 3);

#endif
