/*
 * check/bucket/bucket_facts.h - what the checks of the stage share: the client, and where objects
 * go.
 *
 * Owns:    run->bucket has its client and texts until rs_check_bucket_free.
 * Threads: the facts are of the bucket's lane; the functions take what they are given, so that the
 *          database's lane, whose "unload-copy" has a client of its own, calls them too.
 */
#ifndef RS_CHECK_BUCKET_BUCKET_FACTS_H
#define RS_CHECK_BUCKET_BUCKET_FACTS_H

#include "aws/s3.h"
#include "check/engine/check_run.h"

/* The folder below the stage that objects of checks are in. */
#define RS_CHECK_FOLDER "rs-check/"

struct rs_check_bucket_facts {
    struct rs_arena arena;
    struct rs_s3 *s3;
    struct rs_str bucket;
    const char *region; /* "" until it is known */
};

/*
 * The stage's bucket, and "PREFIX/rs-check/" below it, in the arena. False: the stage is no
 * address of S3.
 */
RS_MUST_USE bool rs_check_split_stage(const struct rs_check_run *run, struct rs_arena *arena,
                                      struct rs_str *bucket, struct rs_str *folder);

/*
 * Remove all objects whose keys begin so, up to 1,000.
 *
 * count  how many there were; written also when it fails
 * err    as rs_s3_list_next and rs_s3_delete_many
 */
RS_MUST_USE bool rs_check_remove(struct rs_s3 *s3, struct rs_str bucket, struct rs_str prefix,
                                 size_t *count, struct rs_error *err);

/* S3 says that these keys may not do this. */
bool rs_check_is_refused(const struct rs_error *err);

/* NULL is nothing. */
void rs_check_bucket_free(struct rs_check_bucket_facts *facts);

#endif
