/*
 * base/iam_denial.h - what AWS says was not allowed, and on what.
 *
 *   "User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: kms:Decrypt on resource:
 *    arn:aws:kms:eu-west-1:1:key/2 because no identity-based policy allows the kms:Decrypt action"
 *     -> "kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/2"
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
#ifndef RS_BASE_IAM_DENIAL_H
#define RS_BASE_IAM_DENIAL_H

#include "rs/compiler.h"
#include "rs/str.h"

/* Views of the text. */
struct rs_iam_denial {
    struct rs_str action;
    struct rs_str resource; /* its ARN, whose partition and region are right */
};

/*
 * Find it anywhere in a text; false where that names no action or no ARN, or was cut within the ARN.
 *
 * room  bytes that text stands in: one that fills them was cut
 */
RS_MUST_USE bool rs_iam_denial_find(const char *text, size_t room, struct rs_iam_denial *out);

/* The action is one on a key of KMS, which has a policy of its own to be allowed in as well. */
bool rs_iam_denial_is_of_key(const struct rs_iam_denial *denial);

#endif
