/*
 * shard/stage_shard.h - read one shard of the inputs and stage it; nothing is loaded.
 *
 *   rs_shard_stage(env, &options, &shard, &report, err)     for each shard, in any order, anywhere
 *   rs_shard_commit(env, &options, &report, err)            then, once: shard/commit_shards.h
 *
 * Threads: main thread only; the run starts and ends its own workers.
 */
#ifndef RS_SHARD_STAGE_SHARD_H
#define RS_SHARD_STAGE_SHARD_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "shard/shard.h"
#include "sync/sync.h"

/* As rs_sync_run, with a Redshift and a place for files; nothing is written to the database. */
RS_MUST_USE bool rs_shard_stage(const struct rs_env *env, const struct rs_sync_options *options,
                                const struct rs_shard *shard, struct rs_sync_report *report,
                                struct rs_error *err);

#endif
