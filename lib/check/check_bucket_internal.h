/*
 * check_bucket_internal.h - what the checks of the stage share.
 */
#ifndef RS_CHECK_CHECK_BUCKET_INTERNAL_H
#define RS_CHECK_CHECK_BUCKET_INTERNAL_H

#include "rs/aws/s3.h"
#include "rs/check/check.h"

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

/* Remove all objects whose keys begin so; how many there were goes to count. */
RS_MUST_USE bool rs_check_remove(struct rs_s3 *s3, struct rs_str bucket, struct rs_str prefix,
                                 size_t *count, struct rs_error *err);

/* S3 says that these keys may not do this. */
bool rs_check_is_refused(const struct rs_error *err);

#endif
