/*
 * staging_internal.h - what the two files of the staging share: staging.c, which knows the place and
 * the credentials, and staging_tables.c, which writes the tables.
 *
 * Threads: as rs/sync/staging.h.
 */
#ifndef RS_SYNC_STAGING_INTERNAL_H
#define RS_SYNC_STAGING_INTERNAL_H

#include "rs/aws/s3.h"
#include "rs/aws/s3_upload.h"
#include "rs/stage/compress.h"
#include "rs/stage/manifest.h"
#include "rs/sync/staging.h"
#include "rs/sync/units.h"

/* What one worker writes with. Times of a table without any are not sent. */
struct rs_desk {
    struct rs_s3 *s3;
    struct rs_s3_uploader *uploader;
    struct rs_compressor *rows;
    struct rs_compressor *times;
};

/* Sizes of the files of one part of a table; 0: it has no such file. */
struct rs_unit_files {
    uint64_t rows_bytes;
    uint64_t times_bytes;
};

/* The manifests of a table; NULL: it has no such files. */
struct rs_staged_table {
    char *rows_url;
    char *times_url;
};

struct rs_staging {
    struct rs_pipeline *pipeline;
    struct rs_s3 *s3;
    struct rs_str bucket;   /* a view of the option */
    struct rs_strbuf runs;  /* "prefix/shop/runs/" */
    struct rs_strbuf place; /* "prefix/shop/runs/SYNC-ID/" */
    char *region;           /* of the bucket, for COPY; NULL: as the cluster's */
    uint64_t slices;
    char *lines[2]; /* manifests of other lines */
    size_t line_count;
    struct rs_units units;
    struct rs_unit_files *files; /* a unit */
    struct rs_desk *desks;       /* a worker */
    struct rs_staged_table *tables;
};

/* The key of a file of this run; to be freed. */
char *rs_staging_key(const struct rs_staging *staging, const char *name);

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

/* Write a manifest and return its URL, to be freed; NULL on failure. */
RS_MUST_USE char *rs_staging_write_manifest(struct rs_staging *staging, const char *name,
                                            struct rs_manifest *manifest, struct rs_error *err);

#endif
