/*
 * bucket.h - a bucket of its own on the test's S3 server for each test.
 *
 *   if (!bucket_server_is_there()) return 77;         in main: ctest takes that for a skip
 *   struct bucket bucket;
 *   bucket_make(&bucket, NULL);                       NULL: the gateway of RS_TEST_S3
 *   rs_s3_put(bucket.s3, bucket.name, ...)
 *   bucket_remove(&bucket);                           with all that is in it
 *
 * tests/lib/s3 start prints the variables.
 */
#ifndef RS_TESTS_BUCKET_H
#define RS_TESTS_BUCKET_H

#include <stdio.h>
#include <stdlib.h>

#include "aws/aws_call.h"
#include "aws/s3.h"
#include "base/env.h"
#include "base/mem.h"
#include "unit.h"

struct bucket {
    struct rs_env env;
    struct rs_credentials_provider *keys;
    struct rs_s3 *s3;
    struct rs_str name;
    char text[64];
};

static inline bool bucket_server_is_there(void)
{
    const char *endpoint = getenv("RS_TEST_S3");
    if (endpoint && *endpoint) {
        return true;
    }
    (void)fprintf(stderr, "SKIPPED: RS_TEST_S3 names no S3 server to test with\n");
    return false;
}

static inline struct rs_credentials_provider *bucket_keys(const char *secret, const char *token)
{
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    rs_credentials_set(&keys, rs_str_from(getenv("RS_TEST_S3_KEY")),
                       rs_str_from(secret ? secret : getenv("RS_TEST_S3_SECRET")),
                       rs_str_from(token), RS_CREDENTIALS_NEVER);
    struct rs_credentials_provider *provider = rs_credentials_fixed_new(&keys);
    rs_credentials_release(&keys);
    return provider;
}

/* PUT or DELETE of the bucket itself, which the library has no use for. */
static inline void bucket_call(struct bucket *bucket, const char *method)
{
    struct rs_error err = {0};
    struct rs_http *http = rs_http_new(&bucket->env, NULL);
    struct rs_aws_call *call = rs_aws_call_new(&bucket->env, http, bucket->keys, NULL);
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    char path[80];
    (void)snprintf(path, sizeof path, "/%s", bucket->text);
    const struct rs_aws_call_request request = {.service = "s3",
                                                .region = "us-east-1",
                                                .method = method,
                                                .endpoint = getenv("RS_TEST_S3"),
                                                .path = rs_str_from(path),
                                                .what = "make or remove a bucket"};
    if (!rs_aws_call_send(call, &request, &reply, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    rs_http_reply_release(&reply);
    rs_aws_call_free(call);
    rs_http_free(http);
}

/* options may be NULL; an endpoint and credentials are filled in where it has none. */
static inline void bucket_make(struct bucket *bucket, const struct rs_s3_options *options)
{
    struct rs_s3_options filled = options ? *options : (struct rs_s3_options){0};
    rs_env_init_system(&bucket->env, "test");
    bucket->keys = bucket_keys(NULL, NULL);
    filled.endpoint = filled.endpoint ? filled.endpoint : getenv("RS_TEST_S3");
    filled.credentials = filled.credentials ? filled.credentials : bucket->keys;
    bucket->s3 = rs_s3_new(&bucket->env, &filled);
    (void)snprintf(bucket->text, sizeof bucket->text, "rs-%016llx",
                   (unsigned long long)bucket->env.random_u64(&bucket->env));
    bucket->name = rs_str_from(bucket->text);
    bucket_call(bucket, "PUT");
}

/* All keys of the bucket; how many there are. */
static inline size_t bucket_count(struct bucket *bucket)
{
    struct rs_error err = {0};
    struct rs_s3_object object;
    struct rs_s3_list *list = rs_s3_list_new(bucket->s3, bucket->name, NULL);
    enum rs_next next;
    size_t count = 0;
    while ((next = rs_s3_list_next(list, &object, &err)) == RS_NEXT_ITEM) {
        count++;
    }
    if (next != RS_NEXT_END) {
        fail_msg("%s", err.message);
    }
    rs_s3_list_free(list);
    return count;
}

/* Delete all objects, as a run would. */
static inline void bucket_empty(struct bucket *bucket)
{
    struct rs_error err = {0};
    struct rs_s3_object object;
    struct rs_s3_list *list = rs_s3_list_new(bucket->s3, bucket->name, NULL);
    struct rs_str *keys = NULL;
    size_t capacity = 0;
    size_t count = 0;
    while (rs_s3_list_next(list, &object, &err) == RS_NEXT_ITEM) {
        keys = rs_mem_grow(keys, &capacity, count + 1, sizeof *keys);
        keys[count].data = rs_mem_copy(object.key.data, object.key.length);
        keys[count++].length = object.key.length;
    }
    if (!rs_s3_delete_many(bucket->s3, bucket->name, keys, count, NULL, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < count; i++) {
        rs_mem_free((void *)(uintptr_t)keys[i].data);
    }
    rs_mem_free(keys);
    rs_s3_list_free(list);
}

static inline void bucket_remove(struct bucket *bucket)
{
    bucket_empty(bucket);
    bucket_call(bucket, "DELETE");
    rs_s3_free(bucket->s3);
    rs_credentials_provider_free(bucket->keys);
}

#endif
