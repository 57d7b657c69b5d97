/*
 * script_internal.h - what the two files that write scripts share: script.c and script_fold.c.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_WAREHOUSE_SCRIPT_INTERNAL_H
#define RS_WAREHOUSE_SCRIPT_INTERNAL_H

#include "rs/warehouse/script.h"

/* Add a step; its statement is to be appended to what is returned, until the next one is added. */
struct rs_strbuf *rs_script_add(struct rs_script *script, enum rs_script_kind kind, bool counts);

bool rs_script_is_redshift(const struct rs_script_target *target);

/* Nothing of ours fits a column of a type that we do not know, so it is left alone. */
bool rs_script_is_ours(const struct rs_column *column);

/* Append "schema"."table". */
void rs_script_append_target(struct rs_strbuf *sql, const struct rs_script_target *target);

/* Append "table"."column": DELETE takes no alias for its target in Redshift. */
void rs_script_append_of(struct rs_strbuf *sql, struct rs_str table, const char *column);

/* Append the columns that are ours, each after the alias (such as "b."). */
void rs_script_append_our_columns(struct rs_strbuf *sql, const struct rs_table *table,
                                  const char *alias);

/* Make sure that rows of the target or its side table are found by id (PostgreSQL). */
void rs_script_add_index(struct rs_script *script, const struct rs_script_target *target,
                         struct rs_str table);

/* Fold the batch into the target and its side table. */
void rs_script_add_fold(struct rs_script *script, const struct rs_script_target *target);

#endif
