/*
 * aws/secrets_api.h - a login kept in AWS Secrets Manager, and changed without a moment in
 * which it is wrong.
 *
 *   struct rs_secret_store *store = rs_secret_store_new(&env, &options);
 *   rs_secret_store_put(store, &login, false, &err)     before the server has the password
 *   rs_secret_store_settle(store, &err)                 after: it is the current one now
 *   rs_secret_store_free(store);
 *
 * A secret that is not there is made. In one that is there the new login waits as AWSPENDING, as
 * Redshift's own rotation has it, until settle moves AWSCURRENT to it; the one before it is
 * AWSPREVIOUS then.
 *
 * Form:    {"engine":"redshift","host":...,"port":...,"username":...,"password":...,"dbname":...,
 *          "dbClusterIdentifier":...}
 * Pure:    no: network, AWS's files and variables.
 * Owns:    the object; texts of the options are borrowed until free. Secrets are wiped.
 * Threads: one thread at a time per object.
 * Source:  https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 *          and .../apireference/API_PutSecretValue.html, API_UpdateSecretVersionStage.html
 */
#ifndef RS_AWS_SECRETS_API_H
#define RS_AWS_SECRETS_API_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

struct rs_secret_store_options {
    const char *name;    /* or ARN */
    const char *profile; /* NULL: AWS_PROFILE, "default" */
    const char *region;  /* NULL: AWS_REGION, the profile's */
    bool insecure;       /* an endpoint of http:// may have the password from elsewhere, too */
};

struct rs_secret_login {
    const char *engine; /* "redshift" or "postgres" */
    const char *host;
    const char *port;
    const char *dbname;
    const char *user;
    struct rs_str password;
    const char *cluster; /* NULL: not one, or not known */
};

struct rs_secret_store;

RS_MUST_USE struct rs_secret_store *
rs_secret_store_new(const struct rs_env *env, const struct rs_secret_store_options *options);

/*
 * Put the login into the secret.
 *
 * only_missing  a secret that is there is left alone
 * err           RS_E_CONFIG: no region, a broken profile, an endpoint without TLS; else as rs_aws_call_send
 */
RS_MUST_USE bool rs_secret_store_put(struct rs_secret_store *store,
                                     const struct rs_secret_login *login, bool only_missing,
                                     struct rs_error *err);

/* Make what was put the current one. Nothing where it is so already. */
RS_MUST_USE bool rs_secret_store_settle(struct rs_secret_store *store, struct rs_error *err);

/* NULL is nothing. */
void rs_secret_store_free(struct rs_secret_store *store);

#endif
