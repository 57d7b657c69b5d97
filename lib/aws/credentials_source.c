/*
 * What the sources have in common: small local HTTP services, keys as JSON, and where STS is.
 * A message may name a field of a reply, never its value.
 */
#include "aws/credentials_source.h"

#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/json_doc.h"
#include "net/retry.h"

enum { PAUSE_MS = 400, PAUSE_MAX_MS = 5000 };

void rs_credentials_reply_release(struct rs_http_reply *reply)
{
    rs_mem_wipe(reply->body.data, reply->body.length);
    rs_http_reply_release(reply);
}

bool rs_credentials_fetch(const struct rs_credentials_seek *seek,
                          const struct rs_http_request *request, unsigned attempts,
                          struct rs_http_reply *reply, struct rs_error *err)
{
    const struct rs_retry_policy policy = {attempts, PAUSE_MS, PAUSE_MAX_MS};
    const struct rs_env *env = seek->env;
    for (unsigned i = 1;; i++) {
        struct rs_error why = {0};
        rs_credentials_reply_release(reply); /* of the attempt before, or of another request */
        bool ok = rs_http_send(seek->http, request, reply, &why);
        bool again = ok ? reply->status >= 500 || reply->status == 429 : why.retryable;
        if (!again || i >= policy.attempts) {
            *err = why;
            return ok;
        }
        if (!rs_env_pause(env, rs_retry_pause_ms(&policy, i, env->random_u64(env)), err)) {
            return false;
        }
    }
}

static bool lacks(const char *name, const char *key, struct rs_error *err)
{
    return rs_error_set(err, RS_E_CONFIG, "could not use the AWS credentials of %s: \"%s\" is %s",
                        name, key,
                        strcmp(key, "Expiration") == 0 ? "no time" : "missing, or no text");
}

bool rs_credentials_parse_json(struct rs_str text, const char *name, const char *token_key,
                               struct rs_credentials *out, struct rs_error *err)
{
    struct rs_json_doc *doc = rs_json_doc_parse(text, name, err);
    const struct rs_json_node *root = rs_json_doc_root(doc);
    const char *id = rs_json_node_text(rs_json_node_find(root, "AccessKeyId"));
    const char *secret = rs_json_node_text(rs_json_node_find(root, "SecretAccessKey"));
    const char *token = rs_json_node_text(rs_json_node_find(root, token_key));
    const char *end = rs_json_node_text(rs_json_node_find(root, "Expiration"));
    int64_t expires_us = RS_CREDENTIALS_NEVER;
    bool ok = false;

    if (!doc) {
        goto out;
    }
    if (!id || !*id) {
        (void)lacks(name, "AccessKeyId", err);
        goto out;
    }
    if (!secret || !*secret) {
        (void)lacks(name, "SecretAccessKey", err);
        goto out;
    }
    if (end && !rs_timefmt_parse(rs_str_from(end), &expires_us)) {
        (void)lacks(name, "Expiration", err);
        goto out;
    }
    rs_credentials_set(out, rs_str_from(id), rs_str_from(secret), rs_str_from(token), expires_us);
    ok = true;
out:
    rs_json_doc_free(doc);
    return ok;
}

const char *rs_credentials_sts_region(const struct rs_credentials_seek *seek)
{
    struct rs_error none = {0};
    const char *region = rs_profiles_region(seek->profiles, seek->region, &none);
    return region ? region : "us-east-1";
}

const char *rs_credentials_sts_endpoint(const struct rs_credentials_seek *seek)
{
    return rs_profiles_endpoint(seek->profiles, "sts");
}
