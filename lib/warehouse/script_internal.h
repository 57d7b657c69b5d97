/*
 * warehouse/script_internal.h - what the two files that write scripts share: script.c and script_fold.c.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_WAREHOUSE_SCRIPT_INTERNAL_H
#define RS_WAREHOUSE_SCRIPT_INTERNAL_H

#include "warehouse/script.h"

/* The batch, its times, and what shards have staged of a fold table. */
extern const char *const rs_script_batches[RS_SCRIPT_BATCHES];

/* Add a step; its statement is to be appended to what is returned, until the next one is added. */
struct rs_strbuf *rs_script_add(struct rs_script *script, enum rs_script_kind kind, bool counts);

/* The server that the script is for. */
const struct rs_dialect_facts *rs_script_facts(const struct rs_script_target *target);

/* Nothing of ours fits a column of a type that we do not know, so it is left alone. */
bool rs_script_is_ours(const struct rs_column *column);

/* Append "schema"."table". */
void rs_script_append_target(struct rs_strbuf *sql, const struct rs_script_target *target);

/* Append "table"."column": DELETE takes no alias for its target in Redshift. */
void rs_script_append_of(struct rs_strbuf *sql, struct rs_str table, const char *column);

/*
 * Append that two ids, given as SQL, are the same. Redshift compares varchars as if they had no
 * blanks at their ends, and to us "bob" and "bob " are two.
 */
void rs_script_append_same_id(struct rs_strbuf *sql, const struct rs_script_target *target,
                              const char *left, const char *right);

/* Append the columns that are ours, each after the alias (such as "b."). */
void rs_script_append_our_columns(struct rs_strbuf *sql, const struct rs_table *table,
                                  const char *alias);

/* Make sure that rows of the target or its side table are found by id (PostgreSQL). */
void rs_script_add_index(struct rs_script *script, const struct rs_script_target *target,
                         struct rs_str table);

/*
 * Add a batch, a temporary table of these columns that is there before anything of the target is
 * locked.
 */
void rs_script_add_batch(struct rs_script *script, const struct rs_script_target *target,
                         const char *name, const struct rs_table *columns);

/* Add the COPY of the files of a manifest (Redshift); url is empty: nothing. */
struct rs_script_step *rs_script_add_copy(struct rs_script *script,
                                          const struct rs_script_target *target,
                                          enum rs_script_kind kind, const struct rs_copy_into *into,
                                          struct rs_str url);

/* The columns of the stream of times: id, and those of the table that have a time. */
void rs_script_list_times(const struct rs_table *table, struct rs_schema *out);

/* Replace the rows of the target by those of the batch. */
void rs_script_add_replace(struct rs_script *script, const struct rs_script_target *target);

/* Make the batches of what shards have staged, before the transaction begins. */
void rs_script_add_shard_batches(struct rs_script *script, const struct rs_script_target *target);

/* Fold the rows of each shard into the target, one after the other. */
void rs_script_add_shard_folds(struct rs_script *script, const struct rs_script_target *target);

/* Fold the batch into the target and its side table. */
void rs_script_add_fold(struct rs_script *script, const struct rs_script_target *target);

#endif
