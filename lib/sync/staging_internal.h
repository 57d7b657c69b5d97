/*
 * sync/staging_internal.h - what the two files of the staging share: staging.c, which knows the place and
 * the credentials, and staging_tables.c, which writes the tables.
 *
 * Threads: as sync/staging.h.
 */
#ifndef RS_SYNC_STAGING_INTERNAL_H
#define RS_SYNC_STAGING_INTERNAL_H

#include "aws/s3.h"
#include "aws/s3_place.h"
#include "aws/s3_upload.h"
#include "rows/compress.h"
#include "rows/manifest.h"
#include "sync/shard_doc.h"
#include "sync/staging.h"
#include "sync/units.h"

/* What one worker writes with. Times of a table without any are not sent. */
struct rs_desk {
    struct rs_s3 *s3;
    struct rs_s3_uploader *uploader;
    struct rs_compressor *rows;
    struct rs_compressor *times;
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
    struct rs_s3_place place; /* "prefix/shop/runs/SYNC-ID/"; of a shard below those of shards */
    struct rs_str runs;       /* a view of its prefix, without the id */
    struct rs_strbuf shards;  /* "prefix/shop/shards/" */
    uint64_t slices;
    enum rs_compression compression;
    struct rs_units units;
    struct rs_shard_part *parts; /* a unit: sizes of its files */
    struct rs_desk *desks;       /* a worker */
    struct rs_staged_table *tables;
    size_t table_count;
    struct rs_arena urls; /* of other lines, and of shards */
};

/* The key of a file of this run; to be freed. */
char *rs_staging_key(const struct rs_staging *staging, const char *name);

/* "prefix/shop/shards/0-of-3/" and a name; to be freed. */
char *rs_staging_shard_key(const struct rs_staging *staging, const struct rs_shard *shard,
                           const char *name);

/* Its URL; to be freed. */
char *rs_staging_url(const struct rs_staging *staging, const char *key);

/* An uploader and compressors for each worker; once. */
void rs_staging_make_desks(struct rs_staging *staging);

/*
 * A file on its way: CSV -> compressor -> counter -> uploader. It begins with its first byte, so
 * that one without any is never made.
 */
struct rs_staged_file {
    struct rs_sink sink;    /* takes the CSV; first, so that the sink is the file */
    struct rs_sink counter; /* takes the compressed bytes */
    struct rs_s3_uploader *uploader;
    struct rs_compressor *compressor;
    char *key;
    struct rs_sink *into;   /* the compressor's; NULL until there is something */
    struct rs_sink *upload; /* the uploader's */
    uint64_t bytes;
};

/* key is taken. The file stays where it is until it is finished. */
void rs_staged_file_begin(struct rs_staged_file *file, const struct rs_desk *desk,
                          struct rs_compressor *compressor, char *key);

/* End the file, whole or (ok is false) given up; *bytes is its size, 0 when it was never made. */
RS_MUST_USE bool rs_staged_file_finish(struct rs_staged_file *file, bool ok, uint64_t *bytes,
                                       struct rs_error *err);

/* The name of a file of other lines, such as those of rs_rejects. */
void rs_staging_lines_name(const struct rs_staging *staging, const char *name,
                           char out[RS_UNIT_NAME_MAX]);

/* Write lines as one file of this run; *bytes is its size, 0 when there were none. */
RS_MUST_USE bool rs_staging_write_file(struct rs_staging *staging, const char *name,
                                       const struct rs_load_source *lines, uint64_t *bytes,
                                       struct rs_error *err);

/* Files that COPY loads through the manifest at a URL, which is borrowed; without access. */
struct rs_copy_files rs_staging_files(const struct rs_staging *staging, const char *url);

/* "prefix/shop/shards/3-of-16/" -> 3 of 16 */
bool rs_staging_shard_of(const struct rs_staging *staging, struct rs_str folder,
                         struct rs_shard *out);

/* Write a manifest and return its URL, to be freed; NULL on failure. */
RS_MUST_USE char *rs_staging_write_manifest(struct rs_staging *staging, const char *name,
                                            struct rs_manifest *manifest, struct rs_error *err);

#endif
