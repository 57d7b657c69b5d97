/*
 * Two INI files seen as one set of profiles. In the config file a profile is a section of the kind
 * "profile", and "[profile default]" hides a plain "[default]"; in the credentials file the names
 * stand alone. As in the SDKs, a section that does not fit its file is not a profile.
 */
#include "aws/profile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "aws/region.h"
#include "base/fsutil.h"
#include "base/mem.h"
#include "codec/ini.h"
#include "rs/strbuf.h"

enum { PATH_MAX_BYTES = 4096, KEY_MAX_BYTES = 128, LIST_MAX_BYTES = 200 };

static const char PROFILE[] = "profile";
static const char DEFAULT[] = "default";

struct rs_profiles {
    const struct rs_env *env;
    char *chosen;
    bool named;
    char *config_path; /* NULL: no HOME to look in */
    char *credentials_path;
    struct rs_ini *config; /* NULL: not there */
    struct rs_ini *credentials;
};

/* The path that a variable names, or the usual one; "~/" is HOME in both. */
static char *find_path(const struct rs_env *env, const char *name, const char *usual)
{
    const char *path = rs_env_variable(env, name);
    const char *home = rs_env_variable(env, "HOME");

    path = path ? path : usual;
    if (strncmp(path, "~/", 2) != 0) {
        return rs_mem_strdup(path);
    }
    return home ? rs_fs_join(home, path + 2) : NULL;
}

/* A file that is not there is no error, and leaves *out NULL. */
static bool load_file(const char *path, struct rs_ini **out, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_INI_MAX_BYTES);

    if (!path || (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))) {
        return true;
    }
    /* Room at once: a buffer that moves would leave copies of secrets behind. */
    (void)!rs_strbuf_reserve(&text, RS_INI_MAX_BYTES);
    if (rs_fs_read_file(path, &text, err)) {
        *out = rs_ini_parse(rs_strbuf_str(&text), path, err);
    }
    rs_mem_wipe(text.data, text.length);
    rs_strbuf_release(&text);
    if (!*out) {
        err->code = RS_E_CONFIG;
    }
    return *out != NULL;
}

struct rs_profiles *rs_profiles_load(const struct rs_env *env, const char *chosen,
                                     struct rs_error *err)
{
    struct rs_profiles *profiles = rs_mem_zalloc(1, sizeof *profiles);

    chosen = chosen && *chosen ? chosen : rs_env_variable(env, "AWS_PROFILE");
    chosen = chosen ? chosen : rs_env_variable(env, "AWS_DEFAULT_PROFILE");
    *profiles = (struct rs_profiles){
        .env = env,
        .chosen = rs_mem_strdup(chosen ? chosen : DEFAULT),
        .named = chosen != NULL,
        .config_path = find_path(env, "AWS_CONFIG_FILE", "~/.aws/config"),
        .credentials_path = find_path(env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    };
    if (!load_file(profiles->config_path, &profiles->config, err) ||
        !load_file(profiles->credentials_path, &profiles->credentials, err)) {
        rs_profiles_free(profiles);
        return NULL;
    }
    return profiles;
}

void rs_profiles_free(struct rs_profiles *profiles)
{
    if (profiles) {
        rs_ini_free(profiles->config);
        rs_ini_free(profiles->credentials);
        rs_mem_free(profiles->config_path);
        rs_mem_free(profiles->credentials_path);
        rs_mem_free(profiles->chosen);
        rs_mem_free(profiles);
    }
}

const char *rs_profiles_chosen(const struct rs_profiles *profiles)
{
    return profiles->chosen;
}

bool rs_profiles_is_named(const struct rs_profiles *profiles)
{
    return profiles->named;
}

/* The kind of section that holds a profile in the config file; NULL: none does. */
static const char *config_kind(const struct rs_profiles *profiles, const char *profile)
{
    if (!profiles->config) {
        return NULL;
    }
    if (rs_ini_has(profiles->config, PROFILE, profile)) {
        return PROFILE;
    }
    return strcmp(profile, DEFAULT) == 0 && rs_ini_has(profiles->config, "", DEFAULT) ? "" : NULL;
}

bool rs_profiles_has(const struct rs_profiles *profiles, const char *profile)
{
    return config_kind(profiles, profile) ||
           (profiles->credentials && rs_ini_has(profiles->credentials, "", profile));
}

const char *rs_profiles_find(const struct rs_profiles *profiles, const char *profile,
                             const char *key)
{
    const char *kind = config_kind(profiles, profile);
    const char *value = NULL;

    if (profiles->credentials) {
        value = rs_ini_find(profiles->credentials, "", profile, key);
    }
    if ((!value || !*value) && kind) {
        value = rs_ini_find(profiles->config, kind, profile, key);
    }
    return value && *value ? value : NULL;
}

static void list_names(const struct rs_ini *ini, bool config, struct rs_strbuf *list)
{
    const char *kind = NULL;
    const char *name = NULL;

    for (size_t i = 0; ini && (name = rs_ini_section(ini, i, &kind)) != NULL; i++) {
        bool fits = config ? strcmp(kind, PROFILE) == 0 || strcmp(name, DEFAULT) == 0 : !*kind;
        if (fits && *name && list->length + strlen(name) + 4 < LIST_MAX_BYTES) {
            rs_strbuf_printf(list, "%s\"%s\"", list->length > 0 ? ", " : "", name);
        }
    }
}

bool rs_profiles_missing(const struct rs_profiles *profiles, const char *profile,
                         struct rs_error *err)
{
    struct rs_strbuf list = RS_STRBUF_INIT(LIST_MAX_BYTES);

    rs_error_set(err, RS_E_CONFIG, "could not find profile \"%s\": it is neither in %s nor in %s",
                 profile, profiles->config_path ? profiles->config_path : "~/.aws/config",
                 profiles->credentials_path ? profiles->credentials_path : "~/.aws/credentials");
    list_names(profiles->config, true, &list);
    list_names(profiles->credentials, false, &list);
    if (list.length > 0) {
        rs_error_hint(err, "the profiles there are: %s", rs_strbuf_cstr(&list));
    } else if (!profiles->config_path) {
        rs_error_hint(err, "HOME is not set; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE "
                           "may name the files");
    } else {
        rs_error_hint(err, "\"aws configure --profile %s\" makes it", profile);
    }
    rs_strbuf_release(&list);
    return false;
}

const char *rs_profiles_region(const struct rs_profiles *profiles, const char *given,
                               struct rs_error *err)
{
    const char *region = given && *given ? given : rs_env_variable(profiles->env, "AWS_REGION");

    region = region ? region : rs_env_variable(profiles->env, "AWS_DEFAULT_REGION");
    region = region ? region : rs_profiles_find(profiles, profiles->chosen, "region");
    if (!region) {
        rs_error_set(err, RS_E_CONFIG,
                     "could not find an AWS region: neither AWS_REGION nor AWS_DEFAULT_REGION is "
                     "set, and profile \"%s\" has none",
                     profiles->chosen);
        rs_error_hint(err, "set AWS_REGION, for instance to eu-west-1");
        return NULL;
    }
    if (!rs_region_is_valid(rs_str_from(region))) {
        rs_error_set(err, RS_E_CONFIG, "could not use the AWS region \"%s\": it is none", region);
        rs_error_hint(err, "regions look like eu-west-1");
        return NULL;
    }
    return region;
}

/* "redshift-serverless" -> "<before>REDSHIFT_SERVERLESS<after>", in that case. */
static const char *spell(struct rs_strbuf *out, const char *before, const char *service, bool upper,
                         const char *after)
{
    rs_strbuf_append(out, before);
    for (; *service; service++) {
        bool letter = *service >= 'a' && *service <= 'z';
        rs_strbuf_append_char(out, *service == '-'   ? '_'
                                   : letter && upper ? (char)(*service - 'a' + 'A')
                                                     : *service);
    }
    rs_strbuf_append(out, after);
    return rs_strbuf_cstr(out);
}

const char *rs_profiles_endpoint(const struct rs_profiles *profiles, const char *service)
{
    struct rs_strbuf name = RS_STRBUF_INIT(KEY_MAX_BYTES);
    struct rs_strbuf key = RS_STRBUF_INIT(KEY_MAX_BYTES);
    const char *ignore = rs_env_variable(profiles->env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    const char *section = rs_profiles_find(profiles, profiles->chosen, "services");
    const char *url = NULL;

    if (!ignore || strcmp(ignore, "true") != 0) {
        url = rs_env_variable(profiles->env, spell(&name, "AWS_ENDPOINT_URL_", service, true, ""));
        url = url ? url : rs_env_variable(profiles->env, "AWS_ENDPOINT_URL");
        if (!url && section && profiles->config) {
            url = rs_ini_find(profiles->config, "services", section,
                              spell(&key, "", service, false, ".endpoint_url"));
        }
        url = url ? url : rs_profiles_find(profiles, profiles->chosen, "endpoint_url");
    }
    rs_strbuf_release(&name);
    rs_strbuf_release(&key);
    return url;
}
