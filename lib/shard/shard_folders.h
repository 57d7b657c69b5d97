/*
 * shard/shard_folders.h - where shards are in S3: found, read and removed.
 *
 *   SCHEMA/shards/I-of-N/shard.json     and beside it what shard/shard_doc.h tells of
 *
 *   rs_shard_folders_find(staging, set, err)          who is there, and their inputs
 *   rs_shard_folders_read_tables(staging, set, err)   what they say of their tables
 *   rs_shard_folders_remove(staging, set);            when all is loaded
 *
 * Pure:    no: S3.   Threads: main thread only.
 */
#ifndef RS_SHARD_SHARD_FOLDERS_H
#define RS_SHARD_SHARD_FOLDERS_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "shard/shard.h"
#include "shard/shard_set.h"
#include "sync/staging.h"

/* Append a shard's folder, below the schema's: "shards/0-of-3/". */
void rs_shard_folder_append(const struct rs_shard *shard, struct rs_strbuf *out);

/* "prefix/shop/shards/0-of-3/" and a name; to be freed. */
char *rs_shard_folder_key(const struct rs_staging *staging, const struct rs_shard *shard,
                          const char *name);

/*
 * Find the shards below the prefix and read what they say of themselves and their inputs.
 *
 * err  RS_E_INPUT when none is there, or one is damaged or of another version
 */
RS_MUST_USE bool rs_shard_folders_find(struct rs_staging *staging, struct rs_shard_set *set,
                                       struct rs_error *err);

/* Read what they say of their tables. */
RS_MUST_USE bool rs_shard_folders_read_tables(struct rs_staging *staging, struct rs_shard_set *set,
                                              struct rs_error *err);

/*
 * Remove the shards' files, with what earlier attempts have left; what has come since stays. What
 * cannot be removed is a notice of the report, no error.
 */
void rs_shard_folders_remove(struct rs_staging *staging, const struct rs_shard_set *set);

#endif
