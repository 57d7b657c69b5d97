/*
 * Clients that are not in use wait in a few slots of each bucket, which are taken and filled by
 * atomic exchange: objects are opened and closed by many threads, and none has to wait for that.
 */
#include "read/bucket.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "aws/region.h"
#include "base/mem.h"

enum { IDLE_MAX = 128 }; /* clients past these are not kept */

struct rs_bucket {
    struct rs_buckets *buckets;
    struct rs_bucket *next;
    char *name;
    char region[RS_REGION_MAX + 1]; /* "": not known yet */
    _Atomic(struct rs_s3 *) idle[IDLE_MAX];
};

struct rs_buckets {
    const struct rs_account *account;
    struct rs_bucket *first;
};

struct rs_buckets *rs_buckets_new(const struct rs_account *account)
{
    struct rs_buckets *buckets = rs_mem_zalloc(1, sizeof *buckets);
    buckets->account = account;
    return buckets;
}

static void free_bucket(struct rs_bucket *bucket)
{
    for (size_t i = 0; i < IDLE_MAX; i++) {
        rs_s3_free(atomic_load(&bucket->idle[i]));
    }
    rs_mem_free(bucket->name);
    rs_mem_free(bucket);
}

void rs_buckets_free(struct rs_buckets *buckets)
{
    if (!buckets) {
        return;
    }
    while (buckets->first) {
        struct rs_bucket *bucket = buckets->first;
        buckets->first = bucket->next;
        free_bucket(bucket);
    }
    rs_mem_free(buckets);
}

struct rs_bucket *rs_buckets_get(struct rs_buckets *buckets, struct rs_str name)
{
    for (struct rs_bucket *bucket = buckets->first; bucket; bucket = bucket->next) {
        if (rs_str_equal(rs_bucket_name(bucket), name)) {
            return bucket;
        }
    }
    struct rs_bucket *bucket = rs_mem_zalloc(1, sizeof *bucket);
    bucket->buckets = buckets;
    bucket->next = buckets->first;
    bucket->name = rs_mem_zalloc(name.length + 1, 1);
    memcpy(bucket->name, name.data, name.length);
    buckets->first = bucket;
    return bucket;
}

struct rs_str rs_bucket_name(const struct rs_bucket *bucket)
{
    return rs_str_from(bucket->name);
}

struct rs_s3 *rs_bucket_take(struct rs_bucket *bucket)
{
    for (size_t i = 0; i < IDLE_MAX; i++) {
        struct rs_s3 *s3 = atomic_exchange(&bucket->idle[i], NULL);
        if (s3) {
            return s3;
        }
    }
    return rs_account_s3(bucket->buckets->account, bucket->region[0] ? bucket->region : NULL);
}

void rs_bucket_give(struct rs_bucket *bucket, struct rs_s3 *s3)
{
    for (size_t i = 0; i < IDLE_MAX; i++) {
        struct rs_s3 *none = NULL;
        if (atomic_compare_exchange_strong(&bucket->idle[i], &none, s3)) {
            return;
        }
    }
    rs_s3_free(s3);
}

void rs_bucket_learn(struct rs_bucket *bucket, struct rs_s3 *s3)
{
    struct rs_error ignored = {0};
    const char *region = rs_s3_region(s3, rs_bucket_name(bucket), &ignored);
    (void)snprintf(bucket->region, sizeof bucket->region, "%s", region ? region : "");
}

/* ---- an open object ------------------------------------------------------------------------- */

struct object_bytes {
    struct rs_bytes bytes;
    struct rs_bucket *bucket;
    struct rs_s3 *s3;
    struct rs_s3_stream *stream;
    uint64_t left_bytes;
};

static bool read_object(struct rs_bytes *bytes, void *out, size_t size, size_t *count,
                        struct rs_error *err)
{
    struct object_bytes *object = (struct object_bytes *)(void *)bytes;
    if (!rs_s3_read(object->stream, out, size, count, err)) {
        return false;
    }
    object->left_bytes -= *count < object->left_bytes ? *count : object->left_bytes;
    return true;
}

static uint64_t guess_object(const struct rs_bytes *bytes)
{
    return ((const struct object_bytes *)(const void *)bytes)->left_bytes;
}

static void close_object(struct rs_bytes *bytes)
{
    struct object_bytes *object = (struct object_bytes *)(void *)bytes;
    rs_s3_close(object->stream);
    rs_bucket_give(object->bucket, object->s3);
    rs_mem_free(object);
}

struct rs_bytes *rs_bucket_open(struct rs_bucket *bucket, struct rs_str key, const char *etag,
                                struct rs_error *err)
{
    struct rs_str name = rs_bucket_name(bucket);
    struct rs_s3_object found = {.size_bytes = 0};
    struct object_bytes *object = rs_mem_zalloc(1, sizeof *object);
    *object = (struct object_bytes){.bytes = {read_object, guess_object, close_object},
                                    .bucket = bucket,
                                    .s3 = rs_bucket_take(bucket)};
    object->stream = rs_s3_open(object->s3, name, key, &found, err);
    object->left_bytes = found.size_bytes;
    bool same = !*etag || strcmp(etag, found.etag) == 0;
    if (object->stream && same) {
        return &object->bytes;
    }
    if (object->stream) {
        (void)rs_error_set(err, RS_E_INPUT,
                           "could not read \"s3://%.*s/%.*s\": it changed after it was listed",
                           RS_STR_ARG(name), RS_STR_ARG(key));
        (void)rs_error_hint(err, "run again, when nobody writes to it");
    }
    close_object(&object->bytes);
    return NULL;
}
