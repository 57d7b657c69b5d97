/*
 * aws/credentials_source.h - one place that keys may come from: what all of them look at and share.
 *
 *   found = rs_credentials_from_env(&seek, &credentials, &why);
 *
 * Each looks for its own settings first. ABSENT: it is not set up here, and why.message says in a
 * few words what is missing ("AWS_ACCESS_KEY_ID is not set"). FAILED: it is, and did not work.
 * A source is a file, credentials_<source>.c; which are asked and when is credentials_chain.c's.
 */
#ifndef RS_AWS_CREDENTIALS_SOURCE_H
#define RS_AWS_CREDENTIALS_SOURCE_H

#include "aws/credentials.h"
#include "aws/profile.h"
#include "net/http.h"

enum rs_credentials_found {
    RS_CREDENTIALS_FOUND,
    RS_CREDENTIALS_ABSENT,
    RS_CREDENTIALS_FAILED,
};

/* What a source may look at and use. */
struct rs_credentials_seek {
    const struct rs_env *env;
    struct rs_http *http;
    const struct rs_profiles *profiles;
    const char *region; /* where STS is asked; NULL: as the profiles say */
};

/* A role that is to be assumed with a token from a file. */
struct rs_credentials_web_identity {
    const char *token_file;
    const char *role_arn;
    const char *session_name; /* NULL: one is made up */
};

enum rs_credentials_found rs_credentials_from_env(const struct rs_credentials_seek *seek,
                                                  struct rs_credentials *out, struct rs_error *why);
enum rs_credentials_found rs_credentials_from_web_identity(const struct rs_credentials_seek *seek,
                                                           struct rs_credentials *out,
                                                           struct rs_error *why);
enum rs_credentials_found rs_credentials_from_profile(const struct rs_credentials_seek *seek,
                                                      struct rs_credentials *out,
                                                      struct rs_error *why);
enum rs_credentials_found rs_credentials_from_container(const struct rs_credentials_seek *seek,
                                                        struct rs_credentials *out,
                                                        struct rs_error *why);
enum rs_credentials_found rs_credentials_from_imds(const struct rs_credentials_seek *seek,
                                                   struct rs_credentials *out,
                                                   struct rs_error *why);

/* Run a profile's credential_process; its name is for messages, which never show the command. */
bool rs_credentials_run_process(const struct rs_credentials_seek *seek, const char *profile,
                                const char *command, struct rs_credentials *out,
                                struct rs_error *err);

/* Where STS is asked: as the environment and the profiles say, else in us-east-1, and at AWS. */
const char *rs_credentials_sts_region(const struct rs_credentials_seek *seek);
const char *rs_credentials_sts_endpoint(const struct rs_credentials_seek *seek);

/* Assume a role with a web identity. */
bool rs_credentials_assume_web(const struct rs_credentials_seek *seek,
                               const struct rs_credentials_web_identity *identity,
                               struct rs_credentials *out, struct rs_error *err);

/*
 * Read keys from JSON, as the container, the instance and credential_process give them.
 *
 * name       where the text is from, for messages
 * token_key  "Token" or "SessionToken"
 */
bool rs_credentials_parse_json(struct rs_str text, const char *name, const char *token_key,
                               struct rs_credentials *out, struct rs_error *err);

/*
 * Send a request to the container's or the instance's service, up to attempts times while it does
 * not answer or says 5xx or 429, with a pause in between.
 */
bool rs_credentials_fetch(const struct rs_credentials_seek *seek,
                          const struct rs_http_request *request, unsigned attempts,
                          struct rs_http_reply *reply, struct rs_error *err);

/* Wipe and release a reply that may hold keys. */
void rs_credentials_reply_release(struct rs_http_reply *reply);

#endif
