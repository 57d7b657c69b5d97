/*
 * aws/account.h - who we are to AWS and where it is: what all S3 clients of a run share.
 *
 *   struct rs_account_options options = {.profile = "loader"};
 *   struct rs_account *account = rs_account_open(&env, &options, err);
 *   struct rs_s3 *s3 = rs_account_s3(account, NULL);        one for each thread
 *   rs_s3_free(s3);
 *   rs_account_close(account);
 *
 * What the options leave open comes from AWS's variables and shared files.
 *
 * Pure:    no: variables and files; no network before a client is used.
 * Owns:    options are copied. Clients have to be gone before rs_account_close.
 * Threads: an open account is only read; its credentials are shared.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
#ifndef RS_AWS_ACCOUNT_H
#define RS_AWS_ACCOUNT_H

#include "aws/credentials.h"
#include "aws/s3.h"
#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* NULL and "" leave a thing open. */
struct rs_account_options {
    const char *profile;          /* of the shared files: --profile */
    const char *region;           /* --region */
    const char *s3_endpoint;      /* "https://host[:port]": --s3-endpoint */
    const char *encryption;       /* of what is put into S3: "AES256", "aws:kms" */
    const char *kms_key_id;       /* with "aws:kms" */
    bool request_payer;           /* --request-payer */
    unsigned attempts;            /* of each request to S3; 0: the default of aws/aws_call.h */
    struct rs_http_limits limits; /* of each attempt at S3; 0: the defaults of net/http.h */
};

struct rs_account;

/*
 * Say whether S3 can be asked there: RS_E_CONFIG for what is no server's address alone, which may
 * hold a password and is not repeated then.
 */
RS_MUST_USE bool rs_account_check_endpoint(const char *endpoint, struct rs_error *err);

/*
 * env is borrowed until close.
 *
 * err  RS_E_CONFIG when the shared files cannot be read, or the endpoint is no address, or the
 *      region no region
 */
RS_MUST_USE struct rs_account *rs_account_open(const struct rs_env *env,
                                               const struct rs_account_options *options,
                                               struct rs_error *err);

/* NULL is nothing. */
void rs_account_close(struct rs_account *account);

/*
 * A new client; freed by the caller with rs_s3_free.
 *
 * region  of its buckets, where that is known; NULL: S3 is asked. A server that is not AWS's is
 *         taken to be in the region of the options
 */
RS_MUST_USE struct rs_s3 *rs_account_s3(const struct rs_account *account, const char *region);

/* The same in another environment, borrowed until it is freed: one without signals, to clear up. */
RS_MUST_USE struct rs_s3 *rs_account_s3_in(const struct rs_account *account,
                                           const struct rs_env *env, const char *region);

/*
 * COPY and UNLOAD have to be told a bucket's region, as it may be another than the cluster's. A server
 * that is not AWS's has one only if the options name it.
 */
bool rs_account_tells_region(const struct rs_account *account);

/* The region of the options, the variables or the profile; NULL: none is said. */
const char *rs_account_region(const struct rs_account *account);

/* Where a service ("s3", "sts") is asked that is not AWS's own; NULL: it is. */
const char *rs_account_endpoint(const struct rs_account *account, const char *service);

struct rs_credentials_provider *rs_account_credentials(const struct rs_account *account);

#endif
