/*
 * aws/credentials.h - who we are to AWS: keys, where they come from, and when they end.
 *
 *   struct rs_credentials_options options = {.profile = profile};      NULL: as AWS_PROFILE says
 *   struct rs_credentials_provider *chain = rs_credentials_chain_new(&env, &options);
 *   struct rs_credentials keys = RS_CREDENTIALS_INIT;
 *   if (!chain->get(chain, &keys, err)) ...      before each request: it answers from memory
 *   rs_credentials_release(&keys);
 *   chain->invalidate(chain, &keys);             the server said ExpiredToken: ask again
 *   rs_credentials_provider_free(chain);
 *
 * The chain asks in the order of the AWS SDKs and stays with the first source that is set up:
 *   1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   2. AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN
 *   3. the profile, in the shared files: keys, role_arn with source_profile, credential_source or
 *      web_identity_token_file, credential_process
 *   4. AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
 *   5. the instance's metadata service, IMDSv2
 * A profile that is named by the options is asked before the environment. A source that is set up
 * and fails ends the search: its error says why.
 *
 * Limits:  keys, tokens and replies to 64 KiB; answers of the container and the instance are waited
 *          for some seconds, credential_process for 60. A failure is kept for five seconds.
 * Pure:    no: reads variables, files, the clock; runs credential_process; speaks HTTP.
 * Owns:    struct rs_credentials owns its texts; all that was secret is wiped before it is freed.
 * Threads: get and invalidate of a chain: any thread; one asks, the others wait for its answer.
 *          rs_credentials: one thread at a time per object.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
#ifndef RS_AWS_CREDENTIALS_H
#define RS_AWS_CREDENTIALS_H

#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"

#define RS_CREDENTIALS_NEVER INT64_MAX

struct rs_credentials {
    char *access_key_id;
    char *secret_access_key;
    char *session_token; /* NULL: there is none */
    int64_t expires_us;  /* an instant, UTC, or RS_CREDENTIALS_NEVER */
};

#define RS_CREDENTIALS_INIT ((struct rs_credentials){NULL, NULL, NULL, RS_CREDENTIALS_NEVER})

/* Copy these texts in; what was there is wiped. An empty token is none. */
void rs_credentials_set(struct rs_credentials *credentials, struct rs_str access_key_id,
                        struct rs_str secret_access_key, struct rs_str session_token,
                        int64_t expires_us);

/* Copy all of from; what was there is wiped. */
void rs_credentials_copy(struct rs_credentials *to, const struct rs_credentials *from);

/* Wipe and free the texts; the object is empty again. */
void rs_credentials_release(struct rs_credentials *credentials);

/* A maker of providers embeds this as the first member of its own struct. */
struct rs_credentials_provider {
    /*
     * Write keys that hold now to out, which is initialised and replaced.
     *
     * err   RS_E_CONFIG when none are set up, or what is set up is wrong; RS_E_NET (retryable)
     *       when their source did not answer
     */
    bool (*get)(struct rs_credentials_provider *provider, struct rs_credentials *out,
                struct rs_error *err);

    /*
     * These keys, which get answered, were refused: the next get asks the source again, unless
     * there are others by then.
     */
    void (*invalidate)(struct rs_credentials_provider *provider,
                       const struct rs_credentials *refused);

    void (*free)(struct rs_credentials_provider *provider);
};

/* Free a provider of any kind; NULL is nothing. */
void rs_credentials_provider_free(struct rs_credentials_provider *provider);

/* A provider that always answers the same; credentials are copied. */
RS_MUST_USE struct rs_credentials_provider *
rs_credentials_fixed_new(const struct rs_credentials *credentials);

struct rs_credentials_options {
    const char *profile; /* --profile; NULL or "": AWS_PROFILE, else "default". Borrowed */
    const char *region;  /* where STS is asked; NULL or "": as rs_profiles_region finds it */
};

/* The chain; env is borrowed for its life, options for the call. */
RS_MUST_USE struct rs_credentials_provider *
rs_credentials_chain_new(const struct rs_env *env, const struct rs_credentials_options *options);

#endif
