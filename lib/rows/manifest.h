/*
 * rows/manifest.h - the file that tells COPY which objects to load: those, and no others.
 *
 *   struct rs_manifest manifest = RS_MANIFEST_INIT;
 *   rs_manifest_add(&manifest, "stage/shop/.../part-0000.csv.zst", 4711);
 *   rs_manifest_append(&manifest, RS_STR("bucket"), &text);
 *     -> {"entries":[{"url":"s3://bucket/stage/...","mandatory":true,"meta":{"content_length":4711}}]}
 *
 * Every entry is mandatory: without that word COPY passes over an object that is not there.
 *
 * Owns:    the list and its texts; released with rs_manifest_release.
 * Pure:    yes.   Threads: one thread at a time per object.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
#ifndef RS_ROWS_MANIFEST_H
#define RS_ROWS_MANIFEST_H

#include "rs/compiler.h"
#include "rs/strbuf.h"

struct rs_manifest_entry {
    char *key;
    uint64_t bytes;
};

struct rs_manifest {
    struct rs_manifest_entry *entries;
    size_t count;
    size_t capacity;
};

#define RS_MANIFEST_INIT ((struct rs_manifest){NULL, 0, 0})

/* key is copied; bytes is the object's size. */
void rs_manifest_add(struct rs_manifest *manifest, const char *key, uint64_t bytes);

/* Append the JSON, entries by key, so that it does not depend on who uploaded what when. */
void rs_manifest_append(struct rs_manifest *manifest, struct rs_str bucket, struct rs_strbuf *out);

void rs_manifest_release(struct rs_manifest *manifest);

#endif
