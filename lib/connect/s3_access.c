/* It stands here because it joins what AWS gives with what SQL takes. */
#include "connect/s3_access.h"

#include <stdio.h>
#include <string.h>

enum { ADVICE_MAX = 80 };

bool rs_s3_access_check(const struct rs_session *session, const char *role, const char *option,
                        struct rs_error *err)
{
    char advice[ADVICE_MAX];
    (void)snprintf(advice, sizeof advice, "or name a role with %s, so that no keys are sent",
                   option);
    return role || rs_session_check_secrets(session, "AWS keys", advice, err);
}

bool rs_s3_access_take(struct rs_s3_access *access, const char *role,
                       struct rs_credentials_provider *provider, struct rs_error *err)
{
    *access = (struct rs_s3_access){.keys = RS_CREDENTIALS_INIT};
    if (role) {
        access->copy.iam_role = strcmp(role, "default") == 0 ? RS_STR("") : rs_str_from(role);
        return true;
    }
    access->provider = provider;
    if (!provider->get(provider, &access->keys, err)) {
        return false;
    }
    access->copy.access_key_id = rs_str_from(access->keys.access_key_id);
    access->copy.secret_access_key = rs_str_from(access->keys.secret_access_key);
    access->copy.session_token = rs_str_from(access->keys.session_token);
    return true;
}

void rs_s3_access_release(struct rs_s3_access *access)
{
    rs_credentials_release(&access->keys);
    access->copy = (struct rs_copy_access){0};
    access->provider = NULL;
}

/* S3's code for it stands in what the cluster says: "...,Status 400,Error ExpiredToken,Rid ...". */
static bool is_expired(const struct rs_error *err)
{
    return err->code == RS_E_DATABASE && strstr(err->message, "ExpiredToken");
}

static bool same_keys(const struct rs_credentials *one, const struct rs_credentials *other)
{
    return strcmp(one->access_key_id, other->access_key_id) == 0 &&
           rs_str_equal(rs_str_from(one->session_token), rs_str_from(other->session_token));
}

void rs_s3_access_renew(struct rs_s3_access *access, struct rs_error *err)
{
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    struct rs_error none = {0};
    if (!access->provider || !access->keys.access_key_id || !is_expired(err)) {
        return;
    }
    access->provider->invalidate(access->provider, &access->keys);
    bool got = access->provider->get(access->provider, &keys, &none);
    if (got ? same_keys(&keys, &access->keys) : !none.retryable) {
        err->retryable = false;
        err->hint[0] = '\0';
        (void)rs_error_hint(err,
                            "sign in again, or refresh the credentials: their session is over; "
                            "or let the cluster use a role (--iam-role)");
    }
    rs_credentials_release(&keys);
}
