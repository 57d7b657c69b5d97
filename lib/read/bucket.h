/*
 * read/bucket.h - the S3 buckets that a run reads from: keys, connections, and open objects.
 *
 *   struct rs_buckets *buckets = rs_buckets_new(account);
 *   struct rs_bucket *bucket = rs_buckets_get(buckets, RS_STR("lake"));
 *   struct rs_s3 *s3 = rs_bucket_take(bucket);      to list with; rs_bucket_give(bucket, s3)
 *   struct rs_bytes *bytes = rs_bucket_open(bucket, key, etag, err);
 *   bytes->close(bytes);
 *   rs_buckets_free(buckets);
 *
 * Each open object has a client of its own, and so a connection; a closed one's is used again by
 * the next, so that a thousand small objects cost no thousand handshakes.
 *
 * Pure:    no: network.
 * Threads: take, give and open: any thread. All else: one thread at a time.
 */
#ifndef RS_READ_BUCKET_H
#define RS_READ_BUCKET_H

#include "aws/account.h"
#include "aws/s3.h"
#include "base/env.h"
#include "read/bytes.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

struct rs_buckets;
struct rs_bucket;

/* account is borrowed until rs_buckets_free. */
RS_MUST_USE struct rs_buckets *rs_buckets_new(const struct rs_account *account);

/* Frees the buckets too; their objects have to be closed. NULL is nothing. */
void rs_buckets_free(struct rs_buckets *buckets);

/* The bucket of that name; it need not be there. */
RS_MUST_USE struct rs_bucket *rs_buckets_get(struct rs_buckets *buckets, struct rs_str name);

struct rs_str rs_bucket_name(const struct rs_bucket *bucket);

/* Take a client that nobody else uses, and give it back. */
RS_MUST_USE struct rs_s3 *rs_bucket_take(struct rs_bucket *bucket);
void rs_bucket_give(struct rs_bucket *bucket, struct rs_s3 *s3);

/* Remember the region that a client found the bucket in, for clients that are made later. */
void rs_bucket_learn(struct rs_bucket *bucket, struct rs_s3 *s3);

/*
 * Open an object.
 *
 * etag   that it had when it was listed; "": any
 * err    RS_E_INPUT when it is not there or is another by now; RS_E_NET when it is not allowed, or
 *        S3 does not answer; RS_E_INTERRUPTED
 */
RS_MUST_USE struct rs_bytes *rs_bucket_open(struct rs_bucket *bucket, struct rs_str key,
                                            const char *etag, struct rs_error *err);

#endif
