/*
 * aws/profile.h - the shared files of AWS's tools, and the profile that is chosen in them.
 *
 *   struct rs_profiles *profiles = rs_profiles_load(&env, NULL, &err);
 *   const char *role = rs_profiles_find(profiles, rs_profiles_chosen(profiles), "role_arn");
 *   const char *region = rs_profiles_region(profiles, NULL, &err);          "eu-west-1"
 *   const char *url = rs_profiles_endpoint(profiles, "redshift");           NULL: AWS's own
 *   rs_profiles_free(profiles);
 *
 * The files are ~/.aws/config ("[profile x]", "[default]") and ~/.aws/credentials ("[x]"), or
 * those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name; one that is not there is empty.
 * Of a setting that is in both, the one of the credentials file holds.
 *
 * Limits:  RS_INI_MAX_BYTES a file.   Pure: no: variables, and files that load alone reads.
 * Owns:    texts stay valid until rs_profiles_free, which wipes them.
 * Threads: reading is reentrant.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html, feature-region.html,
 *          feature-ss-endpoints.html
 */
#ifndef RS_AWS_PROFILE_H
#define RS_AWS_PROFILE_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_profiles;

/*
 * Read the files. env is borrowed until rs_profiles_free.
 *
 * chosen  a profile's name, copied; NULL or "": AWS_PROFILE, AWS_DEFAULT_PROFILE, "default"
 * err     RS_E_CONFIG when a file cannot be read or is malformed
 */
RS_MUST_USE struct rs_profiles *rs_profiles_load(const struct rs_env *env, const char *chosen,
                                                 struct rs_error *err);
void rs_profiles_free(struct rs_profiles *profiles);

/* The name of the chosen profile. */
const char *rs_profiles_chosen(const struct rs_profiles *profiles);

/* Somebody named it, by an option or a variable, so that it has to be there. */
bool rs_profiles_is_named(const struct rs_profiles *profiles);

/* The profile stands in one of the files. */
bool rs_profiles_has(const struct rs_profiles *profiles, const char *profile);

/* A setting that is there and not empty; else NULL. */
const char *rs_profiles_find(const struct rs_profiles *profiles, const char *profile,
                             const char *key);

/* Say that there is no such profile, in which files, and which there are. Always false. */
bool rs_profiles_missing(const struct rs_profiles *profiles, const char *profile,
                         struct rs_error *err);

/*
 * The region: the one given (NULL or "" for none), AWS_REGION, AWS_DEFAULT_REGION, the chosen
 * profile's. NULL: RS_E_CONFIG, there is none, or it does not look like one.
 */
RS_MUST_USE const char *rs_profiles_region(const struct rs_profiles *profiles, const char *given,
                                           struct rs_error *err);

/*
 * Where a service is, if it is not where AWS has it: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL,
 * then endpoint_url in the chosen profile, for this service or for all. NULL: nobody says so, or
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
 *
 * service  "s3", "sts", "ec2", "redshift", "redshift-serverless"
 */
const char *rs_profiles_endpoint(const struct rs_profiles *profiles, const char *service);

#endif
