/*
 * Keys that stand in variables. Half a pair is a mistake that the SDKs refuse too: going on to
 * another source would work with other rights than was meant.
 */
#include "aws/credentials_source.h"

static enum rs_credentials_found half(const char *set, const char *unset, struct rs_error *why)
{
    rs_error_set(why, RS_E_CONFIG,
                 "could not use the AWS credentials of the environment: %s is set, %s is not", set,
                 unset);
    rs_error_hint(why, "set both, or none of them");
    return RS_CREDENTIALS_FAILED;
}

enum rs_credentials_found rs_credentials_from_env(const struct rs_credentials_seek *seek,
                                                  struct rs_credentials *out, struct rs_error *why)
{
    static const char id_name[] = "AWS_ACCESS_KEY_ID";
    static const char secret_name[] = "AWS_SECRET_ACCESS_KEY";
    const char *id = rs_env_variable(seek->env, id_name);
    const char *secret = rs_env_variable(seek->env, secret_name);
    const char *token = rs_env_variable(seek->env, "AWS_SESSION_TOKEN");

    if (!id && !secret) {
        rs_error_set(why, RS_E_CONFIG, "%s is not set", id_name);
        return RS_CREDENTIALS_ABSENT;
    }
    if (!id || !secret) {
        return id ? half(id_name, secret_name, why) : half(secret_name, id_name, why);
    }
    rs_credentials_set(out, rs_str_from(id), rs_str_from(secret), rs_str_from(token),
                       RS_CREDENTIALS_NEVER);
    return RS_CREDENTIALS_FOUND;
}
