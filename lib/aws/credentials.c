/* Copies are whole and wiped when they go; a provider of fixed keys has nobody to ask. */
#include "aws/credentials.h"

#include "base/mem.h"

struct fixed {
    struct rs_credentials_provider provider;
    struct rs_credentials credentials;
};

static char *copy_text(struct rs_str text)
{
    return rs_mem_strndup(text.data, text.length);
}

void rs_credentials_release(struct rs_credentials *credentials)
{
    rs_mem_free_secret(credentials->access_key_id);
    rs_mem_free_secret(credentials->secret_access_key);
    rs_mem_free_secret(credentials->session_token);
    *credentials = RS_CREDENTIALS_INIT;
}

void rs_credentials_set(struct rs_credentials *credentials, struct rs_str access_key_id,
                        struct rs_str secret_access_key, struct rs_str session_token,
                        int64_t expires_us)
{
    rs_credentials_release(credentials);
    credentials->access_key_id = copy_text(access_key_id);
    credentials->secret_access_key = copy_text(secret_access_key);
    credentials->session_token = session_token.length > 0 ? copy_text(session_token) : NULL;
    credentials->expires_us = expires_us;
}

void rs_credentials_copy(struct rs_credentials *to, const struct rs_credentials *from)
{
    rs_credentials_set(to, rs_str_from(from->access_key_id), rs_str_from(from->secret_access_key),
                       rs_str_from(from->session_token), from->expires_us);
}

void rs_credentials_provider_free(struct rs_credentials_provider *provider)
{
    if (provider) {
        provider->free(provider);
    }
}

static bool fixed_get(struct rs_credentials_provider *provider, struct rs_credentials *out,
                      struct rs_error *err)
{
    (void)err;
    rs_credentials_copy(out, &((struct fixed *)(void *)provider)->credentials);
    return true;
}

static void fixed_invalidate(struct rs_credentials_provider *provider,
                             const struct rs_credentials *refused)
{
    (void)provider;
    (void)refused;
}

static void fixed_free(struct rs_credentials_provider *provider)
{
    struct fixed *fixed = (struct fixed *)(void *)provider;
    rs_credentials_release(&fixed->credentials);
    rs_mem_free(fixed);
}

struct rs_credentials_provider *rs_credentials_fixed_new(const struct rs_credentials *credentials)
{
    struct fixed *fixed = rs_mem_zalloc(1, sizeof *fixed);
    fixed->provider = (struct rs_credentials_provider){fixed_get, fixed_invalidate, fixed_free};
    rs_credentials_copy(&fixed->credentials, credentials);
    return &fixed->provider;
}
