/*
 * aws/iam_login.h - a user and a password of Redshift for some minutes, by way of IAM.
 *
 *   const struct rs_iam_login_options options = {
 *       .call = call, .profiles = profiles, .region = "eu-west-1", .cluster = "tea", .user = "rs"};
 *   struct rs_database_login login = RS_DATABASE_LOGIN_INIT;
 *   if (rs_iam_login_get(&options, &login, err)) ...
 *       login.host "tea.abc.eu-west-1.redshift.amazonaws.com", .port 5439, .user "IAM:rs",
 *       .password, .expires_us
 *   rs_database_login_release(&login);
 *
 * A connection that was opened with such a password stays open past its end.
 *
 * Pure:    no: network.
 * Owns:    see aws/database_login.h.
 * Threads: one thread at a time per rs_aws_call.
 * Source:  https://docs.aws.amazon.com/redshift/latest/mgmt/generating-iam-credentials-overview.html
 */
#ifndef RS_AWS_IAM_LOGIN_H
#define RS_AWS_IAM_LOGIN_H

#include "aws/aws_call.h"
#include "aws/database_login.h"
#include "aws/profile.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_iam_login_options {
    struct rs_aws_call *call;
    const struct rs_profiles *profiles; /* for endpoints that are not AWS's; NULL: none are */
    const char *region;
    const char *cluster;       /* a provisioned cluster's identifier, or ... */
    const char *workgroup;     /* ... a workgroup of Redshift Serverless */
    const char *user;          /* cluster: this user of the database; NULL: named by the IAM role */
    const char *database;      /* NULL: any */
    const char *const *groups; /* cluster, with user: groups to join for this login */
    size_t group_count;
    bool auto_create;          /* cluster, with user: create it where it is not there */
    unsigned duration_seconds; /* 900 to 3600; 0: 900 */
    const char *host;          /* where it is known already, nobody is asked; port too */
    unsigned port;
};

/*
 * Find out where the database listens, and get a user and a password for it.
 *
 * out  initialised; written only on success
 * err  RS_E_CONFIG when neither or both of cluster and workgroup are there; RS_E_NET when AWS cannot
 *      be reached or denies it, with a hint that names the permission; RS_E_INPUT when there is no
 *      such cluster, with the region in the hint; RS_E_BUSY when it has no endpoint: it is paused, or
 *      being created
 */
RS_MUST_USE bool rs_iam_login_get(const struct rs_iam_login_options *options,
                                  struct rs_database_login *out, struct rs_error *err);

#endif
