/*
 * aws/s3_place.h - where a run keeps its files in S3: a bucket, and a prefix of its own.
 *
 *   struct rs_s3_place place;
 *   rs_s3_place_init(&place, "s3://bucket/stage", RS_STR("shop/runs/4711/"), err)
 *   rs_s3_place_find_region(&place, account, s3, err)        what COPY has to be told
 *   rs_s3_place_append_key(&place, RS_STR("a.csv"), &key)    "stage/shop/runs/4711/a.csv"
 *   rs_s3_place_append_root(&place, &url)                    "s3://bucket/", and a key behind it
 *   rs_s3_place_remove(&place, s3, &removal, err)            all that is there, or some of it
 *   rs_s3_place_release(&place);
 *
 * Limits:  a prefix of RS_S3_KEY_MAX bytes.   Pure: no: network, but for init and append.
 * Owns:    init/release; the URL is borrowed until then.
 * Threads: with a region it is only read; an S3 client each thread has of its own.
 */
#ifndef RS_AWS_S3_PLACE_H
#define RS_AWS_S3_PLACE_H

#include "aws/account.h"
#include "aws/s3.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

struct rs_s3_place {
    struct rs_str bucket;    /* a view of the URL */
    struct rs_strbuf prefix; /* "stage/shop/runs/4711/" */
    char *region;            /* of the bucket, for COPY and UNLOAD; NULL: they are told none */
};

/*
 * folder  below the URL's prefix, which gets a slash where it lacks one; ends with a slash itself
 * err     RS_E_USAGE when the URL is no address in S3; RS_E_LIMIT when it is too long. Released is
 *         the place in any case
 */
RS_MUST_USE bool rs_s3_place_init(struct rs_s3_place *place, const char *url, struct rs_str folder,
                                  struct rs_error *err);
void rs_s3_place_release(struct rs_s3_place *place);

/* Ask S3 for the bucket and keep its region, if a cluster has to be told it. */
RS_MUST_USE bool rs_s3_place_find_region(struct rs_s3_place *place,
                                         const struct rs_account *account, struct rs_s3 *s3,
                                         struct rs_error *err);

/* Append the key of what is called name there. */
void rs_s3_place_append_key(const struct rs_s3_place *place, struct rs_str name,
                            struct rs_strbuf *out);

/* Append what is before a key in its URL. */
void rs_s3_place_append_root(const struct rs_s3_place *place, struct rs_strbuf *out);

/* What is to go of the bucket's objects. */
struct rs_s3_removal {
    struct rs_str prefix; /* of their keys, whole */
    bool (*goes)(const struct rs_s3_removal *removal, const struct rs_s3_object *object);
    const void *arg; /* of goes, which NULL stands for all */
    uint64_t bytes;  /* out: of the objects that go */
};

/* Delete them, a thousand a request. What was listed goes even when the list breaks off. */
RS_MUST_USE bool rs_s3_place_remove(const struct rs_s3_place *place, struct rs_s3 *s3,
                                    struct rs_s3_removal *removal, struct rs_error *err);

#endif
