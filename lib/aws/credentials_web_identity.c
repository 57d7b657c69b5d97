/*
 * A token in a file, given by Kubernetes (IRSA) or a CI system, is exchanged for a role's keys. The
 * file is read each time: whoever wrote it renews it, too.
 */
#include "aws/credentials_source.h"
#include "aws/sts.h"
#include "base/fsutil.h"
#include "base/mem.h"
#include "rs/strbuf.h"

enum { TOKEN_MAX_BYTES = 64 << 10, ATTEMPTS = 3 };

static bool exchange(const struct rs_credentials_seek *seek,
                     const struct rs_credentials_web_identity *identity, struct rs_str token,
                     struct rs_credentials *out, struct rs_error *err)
{
    const struct rs_aws_call_options options = {.attempts = ATTEMPTS};
    const struct rs_sts_role role = {.arn = identity->role_arn,
                                     .session_name = identity->session_name};
    struct rs_aws_call *call = rs_aws_call_new(seek->env, seek->http, NULL, &options);
    const struct rs_service sts = {.call = call,
                                   .region = rs_credentials_sts_region(seek),
                                   .endpoint = rs_credentials_sts_endpoint(seek)};
    bool ok = rs_sts_assume_web(&sts, &role, token, out, err);

    rs_aws_call_free(call);
    return ok;
}

bool rs_credentials_assume_web(const struct rs_credentials_seek *seek,
                               const struct rs_credentials_web_identity *identity,
                               struct rs_credentials *out, struct rs_error *err)
{
    struct rs_strbuf token = RS_STRBUF_INIT(TOKEN_MAX_BYTES);
    bool ok = false;

    (void)!rs_strbuf_reserve(&token, TOKEN_MAX_BYTES);
    if (rs_fs_read_file(identity->token_file, &token, err)) {
        struct rs_str text = rs_str_trim(rs_strbuf_str(&token));
        ok = text.length > 0
                 ? exchange(seek, identity, text, out, err)
                 : rs_error_set(err, RS_E_CONFIG, "could not use the token in \"%s\": it is empty",
                                identity->token_file);
    } else {
        rs_error_hint(err, "AWS_WEB_IDENTITY_TOKEN_FILE or web_identity_token_file names it");
    }
    rs_mem_wipe(token.data, token.length);
    rs_strbuf_release(&token);
    return ok;
}

enum rs_credentials_found rs_credentials_from_web_identity(const struct rs_credentials_seek *seek,
                                                           struct rs_credentials *out,
                                                           struct rs_error *why)
{
    const struct rs_credentials_web_identity identity = {
        .token_file = rs_env_variable(seek->env, "AWS_WEB_IDENTITY_TOKEN_FILE"),
        .role_arn = rs_env_variable(seek->env, "AWS_ROLE_ARN"),
        .session_name = rs_env_variable(seek->env, "AWS_ROLE_SESSION_NAME"),
    };

    if (!identity.token_file) {
        rs_error_set(why, RS_E_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
        return RS_CREDENTIALS_ABSENT;
    }
    if (!identity.role_arn) {
        rs_error_set(why, RS_E_CONFIG,
                     "could not use AWS_WEB_IDENTITY_TOKEN_FILE: AWS_ROLE_ARN is not set");
        rs_error_hint(why, "set AWS_ROLE_ARN to the role that the token is for");
        return RS_CREDENTIALS_FAILED;
    }
    return rs_credentials_assume_web(seek, &identity, out, why) ? RS_CREDENTIALS_FOUND
                                                                : RS_CREDENTIALS_FAILED;
}
