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
 * One that stages a share for another run (struct rs_run_share) has the folder of the share in place
 * of runs/, and writes no manifests.
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

#include "aws/s3.h"
#include "aws/s3_place.h"
#include "aws/s3_upload.h"
#include "base/sink.h"
#include "connect/s3_access.h"
#include "ledger/ledger_runs.h"
#include "ledger/load.h"
#include "rows/compress.h"
#include "rows/encode.h"
#include "rows/manifest.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "sync/part_jobs.h"
#include "sync/pipeline_state.h"
#include "warehouse/copy.h"

/* What one worker writes with. Times of a table without any are not sent. */
struct rs_staging_writer {
    struct rs_s3 *s3;
    struct rs_s3_uploader *uploader;
    struct rs_compressor *rows;
    struct rs_compressor *times;
};

/* Sizes of the files of one part of a table; 0: there is no such file. */
struct rs_staged_part {
    uint64_t rows_bytes;
    uint64_t times_bytes;
};

/* Where the rows of a table are, and what they are. */
struct rs_staged_table {
    char *rows_url; /* of a manifest; NULL: it has no such files */
    char *times_url;
    struct rs_encode_counts counts;
    uint64_t bytes;
    const struct rs_script_shards *shards; /* of a commit; then there are no URLs here */
};

struct rs_staging {
    struct rs_pipeline *pipeline;
    struct rs_s3 *s3;
    struct rs_s3_place
        place;            /* "prefix/shop/runs/SYNC-ID/", or "prefix/shop/shards/0-of-3/SYNC-ID/" */
    struct rs_str schema; /* a view of its prefix: "prefix/shop/" */
    struct rs_str runs;   /* a view of its prefix, without the id */
    uint64_t slices;
    enum rs_compression compression;
    struct rs_part_jobs jobs;
    struct rs_staged_part *parts;      /* a job: sizes of its files */
    struct rs_staging_writer *writers; /* a worker */
    struct rs_staged_table *tables;
    size_t table_count;
    struct rs_arena urls; /* of other lines, and of shards */
};

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

/* Remove what this run has staged, whatever signals come. What cannot be removed is a notice, no error. */
void rs_staging_remove(struct rs_staging *staging);

/* --- for lib/shard, which stages shares and loads them ------------------------------------------- */

/* The key of a file of this run; to be freed. */
char *rs_staging_key(const struct rs_staging *staging, const char *name);

/* Its URL; to be freed. */
char *rs_staging_url(const struct rs_staging *staging, const char *key);

/* An uploader and compressors for each worker; once. */
void rs_staging_open_writers(struct rs_staging *staging);

/* The name of a file of other lines, such as those of rs_rejects. */
void rs_staging_lines_name(const struct rs_staging *staging, const char *name,
                           char out[RS_PART_NAME_MAX]);

/* Write lines as one file of this run; *bytes is its size, 0 when there were none. */
RS_MUST_USE bool rs_staging_write_file(struct rs_staging *staging, const char *name,
                                       const struct rs_load_source *lines, uint64_t *bytes,
                                       struct rs_error *err);

/* Files that COPY loads through the manifest at a URL, which is borrowed; without access. */
struct rs_copy_files rs_staging_files(const struct rs_staging *staging, const char *url);

/* Write a manifest and return its URL, to be freed; NULL on failure. */
RS_MUST_USE char *rs_staging_write_manifest(struct rs_staging *staging, const char *name,
                                            struct rs_manifest *manifest, struct rs_error *err);

#endif
