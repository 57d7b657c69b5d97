/*
 * shard/commit_shards.h - load what all shards have staged, as one run would have loaded it.
 *
 * Threads: main thread only; the run starts and ends its own workers.
 */
#ifndef RS_SHARD_COMMIT_SHARDS_H
#define RS_SHARD_COMMIT_SHARDS_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/sync.h"

/*
 * As rs_sync_run, with options that name no inputs; the shards go when all is loaded.
 *
 * err  also RS_E_INPUT: a shard is missing, does not fit to the others, or is damaged
 */
RS_MUST_USE bool rs_shard_commit(const struct rs_env *env, const struct rs_sync_options *options,
                                 struct rs_sync_report *report, struct rs_error *err);

#endif
