/*
 * sync/shard_set_internal.h - what the two files of the set share: shard_set.c, which joins what shards
 * say, and shard_match.c, which says what goes where in the batch of a table.
 *
 * Threads: as sync/shard_set.h.
 */
#ifndef RS_SYNC_SHARD_SET_INTERNAL_H
#define RS_SYNC_SHARD_SET_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "sync/shard_set.h"

struct rs_shard_set {
    struct rs_shard_entry *entries; /* by N and I */
    size_t entry_count;
    size_t entry_capacity;
    struct rs_ledger_input *inputs;
    size_t input_count;
    size_t input_capacity;
    struct rs_map *tables; /* name -> what begins with a struct rs_shard_joined */
    struct rs_arena arena;
};

#endif
