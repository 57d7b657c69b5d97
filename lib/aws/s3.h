/*
 * aws/s3.h - objects in S3 buckets: put, get, look at, list and delete.
 *
 *   struct rs_s3_options options = {.credentials = chain};
 *   struct rs_s3 *s3 = rs_s3_new(env, &options);
 *   rs_s3_put(s3, RS_STR("bucket"), RS_STR("a b/c"), body, NULL, err)
 *   rs_s3_get(s3, RS_STR("bucket"), RS_STR("a b/c"), 1 << 20, &text, err)
 *   rs_s3_free(s3);
 *
 *   a stream:  rs_s3_open, rs_s3_read until count is 0, rs_s3_close
 *   a list:    rs_s3_list_new, rs_s3_list_next until it is no RS_NEXT_ITEM, rs_s3_list_free
 *   uploads:   aws/s3_upload.h
 *
 * The region of a bucket is the one given, or else asked of S3 once, and what S3's replies say is
 * kept. Buckets are asked for in the host's name, those with a dot in theirs in the path; with an
 * endpoint of its own, in the path unless virtual_host says otherwise. Each body that is sent goes
 * with its SHA-256, which the server checks. What may pass is tried again, see aws/aws_call.h.
 *
 * Errors:  "could not read "s3://b/k": NoSuchKey: ..."; a hint names the permission that is missing.
 * Limits:  keys of 1 to 1024 bytes, others are RS_E_INPUT and RS_E_LIMIT; 5 GiB in one put; RS_XML_MAX_BYTES of a page of a list.
 * Pure:    no: network, clock, sleep, randomness.
 * Owns:    its own connections; env, options and the provider are borrowed until rs_s3_free.
 * Threads: one thread at a time per object, its streams and lists included; a provider is shared.
 * Source:  https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
#ifndef RS_AWS_S3_H
#define RS_AWS_S3_H

#include "aws/credentials.h"
#include "base/env.h"
#include "base/next.h"
#include "net/http.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum { RS_S3_ETAG_MAX = 127, RS_S3_KEY_MAX = 1024 };

struct rs_s3;
struct rs_s3_list;
struct rs_s3_stream;

struct rs_s3_options {
    struct rs_credentials_provider *credentials; /* NULL: requests are not signed */
    const char *region;                          /* of the buckets; NULL: S3 is asked */
    const char *endpoint;   /* "https://host[:port]" instead of AWS's own; NULL: AWS's own */
    bool virtual_host;      /* with endpoint: the bucket goes into the host's name */
    const char *encryption; /* of what is put: NULL: as the bucket says, "AES256", "aws:kms" */
    const char *kms_key_id; /* with "aws:kms": NULL: the account's own key */
    bool request_payer;     /* we pay, where the bucket's owner has those pay who ask */
    unsigned attempts;      /* of each request; 0: the default of aws/aws_call.h */
    struct rs_http_limits limits; /* of each attempt; 0: the defaults of net/http.h */
};

struct rs_s3_object {
    struct rs_str key; /* in a list: until its next step; else empty */
    uint64_t size_bytes;
    int64_t modified_us;
    char etag[RS_S3_ETAG_MAX + 1]; /* without its quotes */
    bool is_prefix;                /* in a list with a delimiter: key is a common prefix */
    bool is_archived;              /* its class is GLACIER or DEEP_ARCHIVE, and no restored copy is
                                      known of; one that says nothing of it may be archived too */
};

RS_MUST_USE struct rs_s3 *rs_s3_new(const struct rs_env *env, const struct rs_s3_options *options);

/* Streams, lists and uploaders on it have to be gone. NULL is nothing. */
void rs_s3_free(struct rs_s3 *s3);

/*
 * The region that the bucket is in, asked of S3 if it is not known; valid until rs_s3_free. NULL:
 * there is no such bucket, or S3 did not answer.
 */
RS_MUST_USE const char *rs_s3_region(struct rs_s3 *s3, struct rs_str bucket, struct rs_error *err);

/* How a bucket encrypts what comes without a word about it. */
struct rs_s3_encryption {
    char algorithm[32]; /* "AES256", "aws:kms", "aws:kms:dsse"; "": it does not */
    char key[256];      /* of KMS; "": the account's own */
};

/* Ask for it. A bucket without is no error; detail is "AccessDenied" for lack of a permission. */
RS_MUST_USE bool rs_s3_read_encryption(struct rs_s3 *s3, struct rs_str bucket,
                                       struct rs_s3_encryption *out, struct rs_error *err);

/* Put body, up to 5 GiB, under key. object, if not NULL, gets its size and ETag. */
RS_MUST_USE bool rs_s3_put(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                           struct rs_str body, struct rs_s3_object *object, struct rs_error *err);

/* Append an object to out. RS_E_LIMIT when it is over max_bytes. */
RS_MUST_USE bool rs_s3_get(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                           size_t max_bytes, struct rs_strbuf *out, struct rs_error *err);

/*
 * Say how large an object is, its ETag, when it was made, and whether it is archived. err->detail is
 * "404" without one.
 */
RS_MUST_USE bool rs_s3_head(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                            struct rs_s3_object *object, struct rs_error *err);

/* Delete an object; one that is not there is fine. */
RS_MUST_USE bool rs_s3_delete(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                              struct rs_error *err);

/*
 * Delete many objects, a thousand a request.
 *
 * failed  for each key that could not be deleted, in no certain order; may be NULL
 * err     RS_E_PARTIAL, naming the first such key and how many they are; RS_E_INPUT, with nothing
 *         deleted, when a key is empty
 */
typedef void rs_s3_failed(void *arg, struct rs_str key, const char *code, const char *message);
RS_MUST_USE bool rs_s3_delete_many(struct rs_s3 *s3, struct rs_str bucket,
                                   const struct rs_str *keys, size_t count, rs_s3_failed *failed,
                                   void *arg, struct rs_error *err);

/*
 * Open an object to read it from its begin to its end. A connection that is cut is taken up where
 * it broke off, as long as the object is the same. object may be NULL. NULL: as rs_s3_get.
 */
RS_MUST_USE struct rs_s3_stream *rs_s3_open(struct rs_s3 *s3, struct rs_str bucket,
                                            struct rs_str key, struct rs_s3_object *object,
                                            struct rs_error *err);

/* Read 1 to size bytes; *count is 0 at the end. */
RS_MUST_USE bool rs_s3_read(struct rs_s3_stream *stream, void *out, size_t size, size_t *count,
                            struct rs_error *err);
void rs_s3_close(struct rs_s3_stream *stream);

struct rs_s3_list_options {
    struct rs_str prefix;
    struct rs_str start_after; /* only keys behind this one */
    struct rs_str delimiter;   /* keys that have it behind the prefix are folded into prefixes */
    unsigned page;             /* keys a request; 0: as S3 has it, 1000 */
    bool asks_restored;        /* which archived objects have a restored copy */
};

/* The objects of a bucket in the order of their keys' bytes; options are copied, NULL is all. */
RS_MUST_USE struct rs_s3_list *rs_s3_list_new(struct rs_s3 *s3, struct rs_str bucket,
                                              const struct rs_s3_list_options *options);
RS_MUST_USE enum rs_next rs_s3_list_next(struct rs_s3_list *list, struct rs_s3_object *object,
                                         struct rs_error *err);
void rs_s3_list_free(struct rs_s3_list *list);

#endif
