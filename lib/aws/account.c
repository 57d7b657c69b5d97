/*
 * The profile's files are read once; the chain of credentials reads them by itself when it is
 * asked, as it looks at them last.
 */
#include "aws/account.h"

#include <string.h>

#include "aws/credentials_chain.h"
#include "aws/profile.h"
#include "base/mem.h"
#include "net/url.h"

struct rs_account {
    const struct rs_env *env;
    struct rs_profiles *profiles;
    struct rs_credentials_provider *credentials;
    char *region;
    bool region_is_given; /* by the options */
    char *endpoint;       /* NULL: AWS's own */
    char *encryption;
    char *kms_key_id;
    bool request_payer;
    unsigned attempts;
    struct rs_http_limits limits;
};

bool rs_account_check_endpoint(const char *endpoint, struct rs_error *err)
{
    struct rs_str text = rs_str_from(endpoint);
    if (rs_url_is_endpoint(text)) {
        return true;
    }
    if (rs_str_find_byte(text, '@') != SIZE_MAX) {
        (void)rs_error_set(err, RS_E_CONFIG,
                           "could not use the S3 endpoint: it has a user or a password in it");
    } else {
        (void)rs_error_set(
            err, RS_E_CONFIG,
            "could not use the S3 endpoint \"%s\": it is no http or https address of "
            "a server alone",
            endpoint);
    }
    return rs_error_hint(err, "write it as https://HOST or http://HOST:PORT, without a path");
}

static bool read_endpoint(struct rs_account *account, const char *given, struct rs_error *err)
{
    const char *endpoint = given && *given ? given : rs_profiles_endpoint(account->profiles, "s3");
    if (endpoint && !rs_account_check_endpoint(endpoint, err)) {
        return false;
    }
    account->endpoint = rs_mem_strdup_if_any(endpoint);
    return true;
}

/* None anywhere is fine: S3 says where a bucket is. One that is given has to be one. */
static bool read_region(struct rs_account *account, const char *given, struct rs_error *err)
{
    struct rs_error none = {0};
    bool named = given && *given;
    const char *region = rs_profiles_region(account->profiles, given, named ? err : &none);
    account->region = rs_mem_strdup_if_any(region);
    account->region_is_given = named;
    return region || !named;
}

struct rs_account *rs_account_open(const struct rs_env *env,
                                   const struct rs_account_options *options, struct rs_error *err)
{
    struct rs_account *account = rs_mem_zalloc(1, sizeof *account);
    struct rs_credentials_options chain = {.profile = options->profile, .region = options->region};
    account->env = env;
    account->profiles = rs_profiles_load(env, options->profile, err);
    if (!account->profiles || !read_endpoint(account, options->s3_endpoint, err) ||
        !read_region(account, options->region, err)) {
        rs_account_close(account);
        return NULL;
    }
    account->credentials = rs_credentials_chain_new(env, &chain);
    account->encryption = rs_mem_strdup_if_any(options->encryption);
    account->kms_key_id = rs_mem_strdup_if_any(options->kms_key_id);
    account->request_payer = options->request_payer;
    account->attempts = options->attempts;
    account->limits = options->limits;
    return account;
}

void rs_account_close(struct rs_account *account)
{
    if (account) {
        rs_credentials_provider_free(account->credentials);
        rs_profiles_free(account->profiles);
        rs_mem_free(account->region);
        rs_mem_free(account->endpoint);
        rs_mem_free(account->encryption);
        rs_mem_free(account->kms_key_id);
        rs_mem_free(account);
    }
}

struct rs_s3 *rs_account_s3(const struct rs_account *account, const char *region)
{
    return rs_account_s3_in(account, account->env, region);
}

struct rs_s3 *rs_account_s3_in(const struct rs_account *account, const struct rs_env *env,
                               const char *region)
{
    const struct rs_s3_options options = {
        .credentials = account->credentials,
        .region = account->endpoint && !region ? account->region : region,
        .endpoint = account->endpoint,
        .encryption = account->encryption,
        .kms_key_id = account->kms_key_id,
        .request_payer = account->request_payer,
        .attempts = account->attempts,
        .limits = account->limits,
    };
    return rs_s3_new(env, &options);
}

bool rs_account_tells_region(const struct rs_account *account)
{
    return !account->endpoint || account->region_is_given;
}

const char *rs_account_region(const struct rs_account *account)
{
    return account->region;
}

const char *rs_account_endpoint(const struct rs_account *account, const char *service)
{
    const bool s3 = strcmp(service, "s3") == 0;
    return s3 ? account->endpoint : rs_profiles_endpoint(account->profiles, service);
}

struct rs_credentials_provider *rs_account_credentials(const struct rs_account *account)
{
    return account->credentials;
}
