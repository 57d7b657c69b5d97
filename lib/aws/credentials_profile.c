/*
 * What a profile says, as the SDKs read it. A role comes before keys in the profile that is asked
 * for, and after them in one that is the source of another; a profile may be its own source. The
 * walk from source to source keeps the names it has seen, so that a ring of profiles ends with a
 * message instead of never.
 */
#include <string.h>

#include "aws/credentials_source.h"
#include "aws/sts.h"

enum { SOURCES_MAX = 16, ATTEMPTS = 3, DURATION_MIN = 900, DURATION_MAX = 43200 };

struct walk {
    const struct rs_credentials_seek *seek;
    const char *seen[SOURCES_MAX];
    size_t count;
};

static const char *find(const struct walk *walk, const char *profile, const char *key)
{
    return rs_profiles_find(walk->seek->profiles, profile, key);
}

static bool wrong(const char *profile, const char *reason, struct rs_error *err)
{
    return rs_error_set(err, RS_E_CONFIG, "could not use AWS profile \"%s\": %s", profile, reason);
}

static bool has_keys(const struct walk *walk, const char *profile)
{
    return find(walk, profile, "aws_access_key_id") || find(walk, profile, "aws_secret_access_key");
}

static bool use_keys(const struct walk *walk, const char *profile, struct rs_credentials *out,
                     struct rs_error *err)
{
    const char *id = find(walk, profile, "aws_access_key_id");
    const char *secret = find(walk, profile, "aws_secret_access_key");
    const char *token = find(walk, profile, "aws_session_token");

    if (!id || !secret) {
        return wrong(profile,
                     id       ? "it has aws_access_key_id, and no aws_secret_access_key"
                     : secret ? "it has aws_secret_access_key, and no aws_access_key_id"
                              : "it has no keys of its own",
                     err);
    }
    token = token ? token : find(walk, profile, "aws_security_token"); /* boto's old name */
    rs_credentials_set(out, rs_str_from(id), rs_str_from(secret), rs_str_from(token),
                       RS_CREDENTIALS_NEVER);
    return true;
}

static bool use_named_source(const struct walk *walk, const char *profile, const char *name,
                             struct rs_credentials *out, struct rs_error *err)
{
    static const struct {
        const char *name;
        enum rs_credentials_found (*ask)(const struct rs_credentials_seek *seek,
                                         struct rs_credentials *out, struct rs_error *why);
    } named[] = {
        {"Environment", rs_credentials_from_env},
        {"EcsContainer", rs_credentials_from_container},
        {"Ec2InstanceMetadata", rs_credentials_from_imds},
    };

    for (size_t i = 0; i < RS_COUNTOF(named); i++) {
        if (strcmp(name, named[i].name) != 0) {
            continue;
        }
        struct rs_error why = {0};
        switch (named[i].ask(walk->seek, out, &why)) {
        case RS_CREDENTIALS_FOUND:
            return true;
        case RS_CREDENTIALS_ABSENT:
            rs_error_set(err, RS_E_CONFIG,
                         "could not use AWS profile \"%s\": its credential_source %s has none: %s",
                         profile, name, why.message);
            return false;
        case RS_CREDENTIALS_FAILED:
            *err = why;
            return false;
        }
    }
    wrong(profile, "its credential_source is unknown", err);
    return rs_error_hint(err, "it is one of Environment, EcsContainer and Ec2InstanceMetadata");
}

/* Keys of the source open the role. */
static bool assume(const struct walk *walk, const char *profile, const char *role_arn,
                   const struct rs_credentials *source, struct rs_credentials *out,
                   struct rs_error *err)
{
    const struct rs_credentials_seek *seek = walk->seek;
    const char *duration = find(walk, profile, "duration_seconds");
    const struct rs_aws_call_options options = {.attempts = ATTEMPTS};
    uint64_t seconds = 0;

    if (duration &&
        !rs_str_parse_u64(rs_str_from(duration), DURATION_MIN, DURATION_MAX, &seconds)) {
        return wrong(profile, "duration_seconds is not a number from 900 to 43200", err);
    }
    const struct rs_sts_role role = {
        .arn = role_arn,
        .session_name = find(walk, profile, "role_session_name"),
        .external_id = find(walk, profile, "external_id"),
        .duration_seconds = (unsigned)seconds,
    };
    struct rs_credentials_provider *provider = rs_credentials_fixed_new(source);
    struct rs_aws_call *call = rs_aws_call_new(seek->env, seek->http, provider, &options);
    const struct rs_service sts = {.call = call,
                                   .region = rs_credentials_sts_region(seek),
                                   .endpoint = rs_credentials_sts_endpoint(seek)};
    bool ok = rs_sts_assume_role(&sts, &role, out, err);
    rs_aws_call_free(call);
    rs_credentials_provider_free(provider);
    return ok;
}

/* Whatever would need a person, or a protocol that is not spoken here. */
static bool check_supported(const struct walk *walk, const char *profile, struct rs_error *err)
{
    static const struct {
        const char *key;
        const char *reason;
    } unsupported[] = {
        {"mfa_serial", "it asks for a code of a device (mfa_serial)"},
        {"sso_session", "it signs in by SSO (sso_session)"},
        {"sso_start_url", "it signs in by SSO (sso_start_url)"},
        {"login_session", "it signs in by \"aws login\" (login_session)"},
    };

    for (size_t i = 0; i < RS_COUNTOF(unsupported); i++) {
        if (find(walk, profile, unsupported[i].key)) {
            wrong(profile, unsupported[i].reason, err);
            return rs_error_hint(
                err,
                "sign in with the AWS CLI, then: eval \"$(aws configure export-credentials "
                "--profile %s --format env)\"",
                profile);
        }
    }
    return true;
}

static enum rs_credentials_found ask_profile(struct walk *walk, const char *profile,
                                             struct rs_credentials *out, struct rs_error *err);

/* Keys of the profile that another one names as its source. */
static bool ask_source(struct walk *walk, const char *profile, const char *source,
                       struct rs_credentials *out, struct rs_error *err)
{
    if (strcmp(source, profile) == 0) {
        return use_keys(walk, profile, out, err);
    }
    for (size_t i = 0; i < walk->count; i++) {
        if (strcmp(source, walk->seen[i]) == 0) {
            return wrong(profile, "the profiles that source_profile names go round in a ring", err);
        }
    }
    if (walk->count == SOURCES_MAX) {
        return wrong(profile, "more than 16 profiles stand behind each other", err);
    }
    if (!rs_profiles_has(walk->seek->profiles, source)) {
        rs_profiles_missing(walk->seek->profiles, source, err);
        rs_error_prefix(err, "could not use AWS profile \"%s\"", profile);
        return false;
    }
    switch (ask_profile(walk, source, out, err)) {
    case RS_CREDENTIALS_FOUND:
        return true;
    case RS_CREDENTIALS_ABSENT:
        rs_error_clear(err);
        rs_error_set(err, RS_E_CONFIG,
                     "could not use AWS profile \"%s\": its source_profile \"%s\" has no "
                     "credentials",
                     profile, source);
        return false;
    case RS_CREDENTIALS_FAILED:
        return false;
    }
    return false;
}

static bool use_role(struct walk *walk, const char *profile, const char *role_arn,
                     struct rs_credentials *out, struct rs_error *err)
{
    const char *token_file = find(walk, profile, "web_identity_token_file");
    const char *source = find(walk, profile, "source_profile");
    const char *named = find(walk, profile, "credential_source");
    struct rs_credentials keys = RS_CREDENTIALS_INIT;
    bool ok = false;

    if (source && named) {
        return wrong(profile, "it has both source_profile and credential_source", err);
    }
    if (source || named) {
        ok = check_supported(walk, profile, err) &&
             (source ? ask_source(walk, profile, source, &keys, err)
                     : use_named_source(walk, profile, named, &keys, err)) &&
             assume(walk, profile, role_arn, &keys, out, err);
        rs_credentials_release(&keys);
        return ok;
    }
    if (token_file) {
        const struct rs_credentials_web_identity identity = {
            .token_file = token_file,
            .role_arn = role_arn,
            .session_name = find(walk, profile, "role_session_name"),
        };
        return rs_credentials_assume_web(walk->seek, &identity, out, err);
    }
    wrong(profile, "role_arn stands alone", err);
    return rs_error_hint(err, "add source_profile, credential_source or web_identity_token_file");
}

static enum rs_credentials_found ask_profile(struct walk *walk, const char *profile,
                                             struct rs_credentials *out, struct rs_error *err)
{
    const char *role_arn = find(walk, profile, "role_arn");
    const char *command = find(walk, profile, "credential_process");
    bool ok = false;

    walk->seen[walk->count++] = profile;
    if (role_arn && (walk->count == 1 || !has_keys(walk, profile))) {
        ok = use_role(walk, profile, role_arn, out, err);
    } else if (find(walk, profile, "web_identity_token_file") && !role_arn) {
        ok = wrong(profile, "web_identity_token_file needs role_arn", err);
    } else if (has_keys(walk, profile)) {
        ok = use_keys(walk, profile, out, err);
    } else if (!check_supported(walk, profile, err)) {
        ok = false;
    } else if (command) {
        ok = rs_credentials_run_process(walk->seek, profile, command, out, err);
    } else {
        rs_error_set(err, RS_E_CONFIG, "\"%.64s\" has no credentials", profile);
        return RS_CREDENTIALS_ABSENT;
    }
    return ok ? RS_CREDENTIALS_FOUND : RS_CREDENTIALS_FAILED;
}

enum rs_credentials_found rs_credentials_from_profile(const struct rs_credentials_seek *seek,
                                                      struct rs_credentials *out,
                                                      struct rs_error *why)
{
    const char *profile = rs_profiles_chosen(seek->profiles);
    struct walk walk = {.seek = seek};

    if (rs_profiles_has(seek->profiles, profile)) {
        return ask_profile(&walk, profile, out, why);
    }
    if (rs_profiles_is_named(seek->profiles)) {
        (void)rs_profiles_missing(seek->profiles, profile, why);
        return RS_CREDENTIALS_FAILED;
    }
    rs_error_set(why, RS_E_CONFIG, "there is no \"%s\" in ~/.aws", profile);
    return RS_CREDENTIALS_ABSENT;
}
