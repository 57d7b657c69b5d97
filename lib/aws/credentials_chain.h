/*
 * aws/credentials_chain.h - the credentials that are set up here, wherever that is.
 *
 *   struct rs_credentials_options options = {.profile = profile};      NULL: as AWS_PROFILE says
 *   struct rs_credentials_provider *chain = rs_credentials_chain_new(&env, &options);
 *   chain->get(chain, &keys, err), as in aws/credentials.h
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
 * Threads: get and invalidate of a chain: any thread; one asks, the others wait for its answer.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
#ifndef RS_AWS_CREDENTIALS_CHAIN_H
#define RS_AWS_CREDENTIALS_CHAIN_H

#include "aws/credentials.h"
#include "base/env.h"
#include "rs/compiler.h"

struct rs_credentials_options {
    const char *profile; /* --profile; NULL or "": AWS_PROFILE, else "default". Borrowed */
    const char *region;  /* where STS is asked; NULL or "": as rs_profiles_region finds it */
};

/* The chain; env is borrowed for its life, options for the call. */
RS_MUST_USE struct rs_credentials_provider *
rs_credentials_chain_new(const struct rs_env *env, const struct rs_credentials_options *options);

#endif
