/*
 * aws/sts.h - AWS's Security Token Service: who we are, and the keys of a role.
 *
 *   const struct rs_service sts = {.call = call, .region = region, .endpoint = endpoint};
 *   struct rs_sts_role role = {.arn = "arn:aws:iam::123456789012:role/loader"};
 *   rs_sts_assume_role(&sts, &role, &credentials, err)
 *   rs_sts_identity(&sts, &identity, err)      identity.arn, .account
 *
 * Pure:    no: network.   Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its
 *          neighbours, version 2011-06-15.
 */
#ifndef RS_AWS_STS_H
#define RS_AWS_STS_H

#include "aws/credentials.h"
#include "aws/service.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

/* A role and how to ask for it; NULL and 0 leave out what need not be there. */
struct rs_sts_role {
    const char *arn;
    const char *session_name;  /* NULL: "rs-" and the time */
    const char *external_id;   /* AssumeRole alone */
    unsigned duration_seconds; /* 900 to 43200; 0: an hour */
};

struct rs_sts_identity {
    char account[16];
    char arn[512];
    char user_id[128];
};

/* AssumeRole, signed with the keys of service->call. */
RS_MUST_USE bool rs_sts_assume_role(const struct rs_service *service,
                                    const struct rs_sts_role *role, struct rs_credentials *out,
                                    struct rs_error *err);

/* AssumeRoleWithWebIdentity: the token takes the place of keys, so the request is not signed. */
RS_MUST_USE bool rs_sts_assume_web(const struct rs_service *service, const struct rs_sts_role *role,
                                   struct rs_str token, struct rs_credentials *out,
                                   struct rs_error *err);

/* GetCallerIdentity, which needs no permission. */
RS_MUST_USE bool rs_sts_identity(const struct rs_service *service, struct rs_sts_identity *out,
                                 struct rs_error *err);

#endif
