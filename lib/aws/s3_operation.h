/*
 * aws/s3_operation.h - one operation of S3: where it goes, how it is sent, and its failures.
 *
 *   const struct rs_s3_operation operation = {.verb = "read", .permission = "s3:GetObject",
 *                                             .method = "GET", .bucket = bucket, .key = key};
 *   rs_s3_send(s3, &operation, &reply, err)
 *
 * For the files of S3 alone; the others have aws/s3.h.
 *
 * Pure:    no: network.   Threads: one thread at a time per rs_s3.
 */
#ifndef RS_AWS_S3_OPERATION_H
#define RS_AWS_S3_OPERATION_H

#include "aws/aws_call.h"
#include "aws/region.h"
#include "aws/s3.h"
#include "base/arena.h"
#include "base/map.h"

struct rs_s3 {
    const struct rs_env *env;
    struct rs_s3_options options;
    struct rs_http *http;
    struct rs_aws_call *call;
    struct rs_map *regions; /* a bucket -> char[RS_REGION_MAX + 1] */
};

struct rs_s3_operation {
    const char *verb;       /* "read", for messages */
    const char *permission; /* "s3:GetObject", for hints */
    const char *method;
    struct rs_str bucket;
    struct rs_str key; /* not empty, unless it is on_bucket: DELETE without one is of the bucket */
    bool on_bucket;
    const struct rs_url_param *query;
    size_t query_count;
    const struct rs_http_header *headers;
    size_t header_count;
    bool makes_object; /* the headers of encryption go with it */
    struct rs_str body;
    size_t max_body_bytes;
    struct rs_http_limits limits;
};

/*
 * Make the operation a request to where its bucket is; what is made for it is in the arena. The
 * region is asked for if it is not known.
 */
RS_MUST_USE bool rs_s3_prepare(struct rs_s3 *s3, const struct rs_s3_operation *operation,
                               struct rs_arena *arena, struct rs_aws_call_request *request,
                               struct rs_error *err);

/* Send the operation; once more when S3 says that the bucket is in another region. */
RS_MUST_USE bool rs_s3_send(struct rs_s3 *s3, const struct rs_s3_operation *operation,
                            struct rs_http_reply *reply, struct rs_error *err);

/* Give a failed operation's error the hint that belongs to it. */
void rs_s3_explain(const struct rs_s3 *s3, const struct rs_s3_operation *operation,
                   const struct rs_aws_failure *failure, struct rs_error *err);

/* Keep the region that a failure tells; true when that is news, so that asking again may help. */
RS_MUST_USE bool rs_s3_learn(struct rs_s3 *s3, struct rs_str bucket,
                             const struct rs_aws_failure *failure);

/* Objects of that storage class have to be restored before they can be read. */
bool rs_s3_class_is_archive(struct rs_str storage_class);

/* The ETag header without its quotes. */
void rs_s3_copy_etag(char out[RS_S3_ETAG_MAX + 1], struct rs_str text);

#endif
