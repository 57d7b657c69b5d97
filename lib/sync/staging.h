/*
 * sync/staging.h - a run's rows on their way to Redshift: files in S3, and manifests of them.
 *
 *   staging = rs_staging_open(&pipeline, err);            before anything is read: can it be used?
 *   rs_staging_sweep(staging, err);                       what broken runs left goes
 *   rs_staging_write_tables(staging, err);                all workers encode, compress, upload
 *   rs_staging_take_access(staging, &access, err);        as whom COPY reads it
 *   rs_staging_find_table(staging, table, &access, &stage)
 *   rs_staging_remove(staging);                           after success; a failure keeps its files,
 *                                                         once the ledger knows the run
 *   rs_staging_free(staging);
 *
 * Under the prefix of --stage a run has a folder of its own,
 *
 *   SCHEMA/runs/SYNC-ID/TABLE/rows-0000.csv.zst, ... and TABLE/rows.manifest
 *   SCHEMA/runs/SYNC-ID/TABLE/times-0000.csv.zst, ... and TABLE/times.manifest   (users, accounts)
 *
 * A shard has a folder SCHEMA/shards/I-of-N/SYNC-ID/ instead, without manifests; a commit has one
 * of its own as a run has, and in it the manifests of what all shards have staged.
 *
 * The files of a table are of similar size, and where there are many, as many as a multiple of the
 * slices that work on a COPY.
 *
 * Pure:    no: S3, clock.
 * Owns:    clients, names and counts; what the find and take functions give out is valid as long
 *          as the staging, keys until rs_s3_access_release.
 * Threads: main thread only, but for rs_staging_take_access and rs_staging_find_table: any.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
 */
#ifndef RS_SYNC_STAGING_H
#define RS_SYNC_STAGING_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/sink.h"
#include "connect/s3_access.h"
#include "ledger/ledger_runs.h"
#include "ledger/load.h"
#include "rows/encode.h"
#include "sync/pipeline.h"
#include "sync/shard_set.h"
#include "warehouse/copy.h"

struct rs_staging;

/*
 * Find the bucket, and that it can be listed and written to.
 *
 * pipeline  borrowed until free; its session is open
 * err       RS_E_USAGE without --stage; RS_E_CONFIG without credentials; RS_E_NET when S3 cannot
 *           be reached or says no
 */
RS_MUST_USE struct rs_staging *rs_staging_open(struct rs_pipeline *pipeline, struct rs_error *err);

/* NULL is nothing. What is staged stays. */
void rs_staging_free(struct rs_staging *staging);

/* Remove the folders of earlier runs that the ledger knows; the caller holds the lock. */
RS_MUST_USE bool rs_staging_sweep(struct rs_staging *staging, struct rs_error *err);

/* Write the rows of all tables, once schema and duplicates are settled. */
RS_MUST_USE bool rs_staging_write_tables(struct rs_staging *staging, struct rs_error *err);

/* What was written of a wanted table. */
struct rs_encode_counts rs_staging_counts(const struct rs_staging *staging, size_t table);

/* Bytes of a table's files. */
uint64_t rs_staging_bytes(const struct rs_staging *staging, size_t table);

/* Write the lines of rs_discards that came of a table; those of shards are in S3 already. */
RS_MUST_USE bool rs_staging_copy_discards(const struct rs_staging *staging, size_t table,
                                          struct rs_sink *sink, struct rs_error *err);

/* As whom COPY reads: the role of --iam-role, else keys. Released with rs_s3_access_release. */
RS_MUST_USE bool rs_staging_take_access(const struct rs_staging *staging, struct rs_s3_access *out,
                                        struct rs_error *err);

/* Where the rows of a table are; access is borrowed by what comes out. */
struct rs_script_stage rs_staging_find_table(const struct rs_staging *staging, size_t table,
                                             const struct rs_s3_access *access);

/*
 * Write other CSV lines, such as those of rs_rejects, as one file.
 *
 * name  of the file, within the run's folder
 * out   where they are; without access
 */
RS_MUST_USE bool rs_staging_write_lines(struct rs_staging *staging, const char *name,
                                        const struct rs_load_source *lines,
                                        struct rs_copy_files *out, struct rs_error *err);

/*
 * Take what shards have staged as what is to be loaded: pipeline->shards, for the tables that
 * pipeline->wanted has and the plan has settled.
 */
RS_MUST_USE bool rs_staging_take_shards(struct rs_staging *staging, struct rs_error *err);

/*
 * Where the shards' lines of rs_rejects or rs_discards are; the caller sets the access. What comes
 * out lives as long as the staging.
 */
RS_MUST_USE bool rs_staging_find_lines(struct rs_staging *staging, const char *table,
                                       struct rs_ledger_rows *out, struct rs_error *err);

/*
 * Find the shards below the prefix and read what they say of themselves and their inputs.
 *
 * err  RS_E_INPUT when none is there, or one is damaged or of another version
 */
RS_MUST_USE bool rs_staging_find_shards(struct rs_staging *staging, struct rs_shard_set *set,
                                        struct rs_error *err);

/* Read what they say of their tables. */
RS_MUST_USE bool rs_staging_read_shards(struct rs_staging *staging, struct rs_shard_set *set,
                                        struct rs_error *err);

/*
 * Remove the shards' files, with what earlier attempts have left; what has come since stays. What
 * cannot be removed is a notice of the report, no error.
 */
void rs_staging_remove_shards(struct rs_staging *staging, const struct rs_shard_set *set);

/* Remove what this run has staged. What cannot be removed is a notice of the report, no error. */
void rs_staging_remove(struct rs_staging *staging);

#endif
