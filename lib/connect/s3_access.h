/*
 * connect/s3_access.h - as whom COPY and UNLOAD use S3: a role of the cluster's, or our own keys.
 *
 *   struct rs_s3_access access;
 *   rs_s3_access_take(&access, role, rs_account_credentials(account), err)
 *   files.access = access.copy;
 *   ... COPY or UNLOAD; where it failed: rs_s3_access_renew(&access, &err)
 *   rs_s3_access_release(&access);
 *
 * Pure:    no: network, clock, files, by the provider.
 * Owns:    take/release; the role is borrowed until then, and copy is a view of both.
 * Threads: reentrant.
 */
#ifndef RS_CONNECT_S3_ACCESS_H
#define RS_CONNECT_S3_ACCESS_H

#include "aws/credentials.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/copy.h"
#include "warehouse/session.h"

struct rs_s3_access {
    struct rs_copy_access copy;
    struct rs_credentials keys;
    struct rs_credentials_provider *provider; /* of the keys; NULL: a role */
};

/*
 * COPY and UNLOAD over this session may be told what they will be told: with a role no keys are
 * sent, else as rs_session_check_secrets. Before anything is done that would be for nothing.
 *
 * option  by which a role is named: "--iam-role"
 */
RS_MUST_USE bool rs_s3_access_check(const struct rs_session *session, const char *role,
                                    const char *option, struct rs_error *err);

/*
 * Take the role ("default" for the cluster's own), or, when it is NULL, keys that hold now. Released
 * it has to be in any case.
 */
RS_MUST_USE bool rs_s3_access_take(struct rs_s3_access *access, const char *role,
                                   struct rs_credentials_provider *provider, struct rs_error *err);
void rs_s3_access_release(struct rs_s3_access *access);

/*
 * A COPY or UNLOAD failed: where it was because these keys had run out, their source is asked for
 * others, as it is when S3 says so to ourselves (aws/aws_call.h). Where it has none, err is not
 * retryable any more, and says what to do. Any other failure is left as it is.
 */
void rs_s3_access_renew(struct rs_s3_access *access, struct rs_error *err);

#endif
