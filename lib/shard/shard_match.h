/*
 * shard/shard_match.h - a table's files from all shards, matched with what the table is now.
 *
 *   rs_shard_match(rs_shard_set_find(set, name), table, &arena, &batch, &err)
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_SHARD_SHARD_MATCH_H
#define RS_SHARD_SHARD_MATCH_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "shard/shard_set.h"
#include "warehouse/script.h"

struct rs_shard_batch {
    struct rs_script_shards shards;
    struct rs_script_list *lists; /* those of shards; URLs are the caller's to set */
};

/*
 * Say what goes where in the batch of a table: names and types of the batch, and the columns of each
 * list in the order of its files.
 *
 * table  wanted, and settled by rs_plan_make; borrowed for the call
 * out    lives as long as arena and the set
 * err    RS_E_INPUT when what was staged is not what the column takes now: the warehouse's columns
 *        have changed since; RS_E_LIMIT when the batch would have too many columns
 */
RS_MUST_USE bool rs_shard_match(const struct rs_shard_joined *joined, const struct rs_table *table,
                                struct rs_arena *arena, struct rs_shard_batch *out,
                                struct rs_error *err);

#endif
