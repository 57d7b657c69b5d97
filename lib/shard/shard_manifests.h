/*
 * shard/shard_manifests.h - what shards have staged as what a run loads: manifests of their files.
 *
 *   rs_shard_manifests_write(staging, set, err)                       of all tables
 *   rs_shard_manifests_find_lines(staging, set, "rs_rejects", &rows, err)
 *
 * Pure:    no: S3.
 * Owns:    nothing: what comes out lives as long as staging and set.
 * Threads: main thread only.
 */
#ifndef RS_SHARD_SHARD_MANIFESTS_H
#define RS_SHARD_SHARD_MANIFESTS_H

#include "ledger/ledger_runs.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "shard/shard_set.h"
#include "sync/staging.h"

/*
 * Take what the shards have staged as what is to be loaded, for the tables that the run wants and the
 * plan has settled.
 */
RS_MUST_USE bool rs_shard_manifests_write(struct rs_staging *staging, struct rs_shard_set *set,
                                          struct rs_error *err);

/* Where the shards' lines of rs_rejects or rs_discards are; the caller sets the access. */
RS_MUST_USE bool rs_shard_manifests_find_lines(struct rs_staging *staging,
                                               const struct rs_shard_set *set, const char *table,
                                               struct rs_ledger_rows *out, struct rs_error *err);

#endif
