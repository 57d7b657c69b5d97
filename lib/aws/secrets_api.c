/*
 * DescribeSecret tells whether the secret is there and which version is current. A version's name
 * is the token of the request that made it, so that a request sent twice makes one version.
 */
#include "aws/secrets_api.h"

#include <stdio.h>
#include <string.h>

#include "aws/aws_call.h"
#include "aws/credentials_chain.h"
#include "aws/profile.h"
#include "aws/region.h"
#include "aws/service.h"
#include "base/mem.h"
#include "codec/digest.h"
#include "codec/json_write.h"
#include "net/http.h"
#include "net/url.h"

enum { TEXT_MAX_BYTES = 600, LOGIN_MAX_BYTES = 8192, TOKEN_BYTES = 16, VERSION_MAX_BYTES = 80 };

static const struct rs_service_kind kind = {.name = "secretsmanager", .target = "secretsmanager"};

struct rs_secret_store {
    const struct rs_env *env;
    struct rs_secret_store_options options;
    struct rs_profiles *profiles; /* NULL until it is asked; so are the others */
    struct rs_http *http;
    struct rs_credentials_provider *provider;
    struct rs_aws_call *call;
    struct rs_service service;
    bool there;                        /* the secret is */
    bool pending;                      /* a version waits to be current */
    char version[2 * TOKEN_BYTES + 1]; /* its name */
    char current[VERSION_MAX_BYTES];   /* of the one that is */
};

struct rs_secret_store *rs_secret_store_new(const struct rs_env *env,
                                            const struct rs_secret_store_options *options)
{
    struct rs_secret_store *store = rs_mem_zalloc(1, sizeof *store);
    store->env = env;
    store->options = *options;
    return store;
}

static bool make_ready(struct rs_secret_store *store, struct rs_error *err)
{
    const struct rs_credentials_options keys = {.profile = store->options.profile,
                                                .region = store->options.region};
    if (store->call) {
        return true;
    }
    if (!store->profiles) {
        store->profiles = rs_profiles_load(store->env, store->options.profile, err);
    }
    const char *region =
        store->profiles ? rs_profiles_region(store->profiles, store->options.region, err) : NULL;
    if (!region) {
        return false;
    }
    store->http = rs_http_new(store->env, NULL);
    store->provider = rs_credentials_chain_new(store->env, &keys);
    store->call = rs_aws_call_new(store->env, store->http, store->provider, NULL);
    store->service = (struct rs_service){
        .call = store->call,
        .region = region,
        .endpoint = rs_profiles_endpoint(store->profiles, "secretsmanager"),
    };
    return true;
}

/* The password goes over TLS, or nowhere but to this machine. */
static bool check_endpoint(const struct rs_secret_store *store, struct rs_error *err)
{
    struct rs_url url;
    const char *endpoint = store->service.endpoint;
    if (!endpoint || store->options.insecure || !rs_url_split(rs_str_from(endpoint), &url) ||
        url.tls || rs_url_is_loopback(url.host)) {
        return true; /* what is no address is refused when it is used */
    }
    (void)rs_error_set(err, RS_E_CONFIG,
                       "could not keep the password in secret \"%s\": %s is not encrypted",
                       store->options.name, endpoint);
    return rs_error_hint(err, "name an endpoint with https:// (AWS_ENDPOINT_URL_SECRETS_MANAGER, "
                              "AWS_ENDPOINT_URL); --insecure-secrets is for a test bench");
}

/* One action on the secret. */
static bool ask(struct rs_secret_store *store, const char *name, const char *verb,
                const struct rs_url_param *params, size_t count, struct rs_service_answer *answer,
                struct rs_error *err)
{
    char what[TEXT_MAX_BYTES];
    char allow[TEXT_MAX_BYTES];
    char resource[TEXT_MAX_BYTES];
    const struct rs_service_action action = {
        .name = name, .what = what, .allow = allow, .resource = resource};
    (void)snprintf(what, sizeof what, "%s secret \"%s\"", verb, store->options.name);
    (void)snprintf(allow, sizeof allow, "secretsmanager:%s", name);
    (void)snprintf(resource, sizeof resource, "arn:%s:secretsmanager:%s:*:secret:%s*",
                   rs_region_partition(store->service.region), store->service.region,
                   store->options.name);
    return rs_service_json(&store->service, &kind, &action, params, count, answer, err);
}

/* The version that has the label AWSCURRENT. */
static void read_current(struct rs_secret_store *store, const struct rs_json_node *versions)
{
    const struct rs_json_node *version = rs_json_node_first(versions);
    for (; version; version = rs_json_node_next(version)) {
        const struct rs_json_node *label = rs_json_node_first(version);
        for (; label; label = rs_json_node_next(label)) {
            const char *text = rs_json_node_text(label);
            if (text && strcmp(text, "AWSCURRENT") == 0) {
                (void)snprintf(store->current, sizeof store->current, "%s",
                               rs_json_node_name(version));
            }
        }
    }
}

/* Is the secret there? A refusal because it is not is no failure. */
static bool describe(struct rs_secret_store *store, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param param = {RS_STR("SecretId"), rs_str_from(store->options.name)};
    struct rs_error refusal = {0};
    store->there = ask(store, "DescribeSecret", "describe", &param, 1, &answer, &refusal);
    const bool missing = strcmp(answer.failure.code, "ResourceNotFoundException") == 0;
    if (store->there) {
        read_current(store, rs_json_node_find(rs_json_doc_root(answer.json), "VersionIdsToStages"));
    } else if (!missing) {
        *err = refusal;
    }
    rs_service_answer_release(&answer);
    return store->there || missing;
}

static void write_member(struct rs_json_writer *json, struct rs_str name, const char *value)
{
    rs_json_write_key(json, name);
    rs_json_write_text(json, value);
}

static bool write_login(const struct rs_secret_login *login, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    uint64_t port = 0;
    (void)!rs_strbuf_reserve(out, LOGIN_MAX_BYTES - 1); /* so that it does not move */
    rs_json_write_object_begin(&json);
    write_member(&json, RS_STR("engine"), login->engine);
    write_member(&json, RS_STR("host"), login->host);
    rs_json_write_key(&json, RS_STR("port"));
    (void)!rs_str_parse_u64(rs_str_from(login->port), 0, 65535, &port);
    rs_json_write_u64(&json, port);
    write_member(&json, RS_STR("username"), login->user);
    rs_json_write_key(&json, RS_STR("password"));
    rs_json_write_str(&json, login->password);
    write_member(&json, RS_STR("dbname"), login->dbname);
    if (login->cluster) {
        write_member(&json, RS_STR("dbClusterIdentifier"), login->cluster);
    }
    rs_json_write_object_end(&json);
    return rs_json_write_ok(&json);
}

static bool new_version(struct rs_secret_store *store, struct rs_error *err)
{
    unsigned char bytes[TOKEN_BYTES];
    if (!rs_random_bytes(bytes, sizeof bytes)) {
        return rs_error_set(err, RS_E_IO, "could not name a version: there is no randomness");
    }
    rs_hex(bytes, sizeof bytes, store->version);
    store->version[2 * TOKEN_BYTES] = '\0';
    return true;
}

/* Make the secret, or put a version into it that is pending. */
static bool send_version(struct rs_secret_store *store, struct rs_str text, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param params[] = {
        {store->there ? RS_STR("SecretId") : RS_STR("Name"), rs_str_from(store->options.name)},
        {RS_STR("ClientRequestToken"), rs_str_from(store->version)},
        {RS_STR("SecretString"), text},
        {RS_STR("VersionStages"), store->there ? RS_STR("AWSPENDING") : RS_STR("")},
    };
    bool ok =
        ask(store, store->there ? "PutSecretValue" : "CreateSecret",
            store->there ? "put a value into" : "make", params, RS_COUNTOF(params), &answer, err);
    rs_service_answer_release(&answer);
    store->pending = ok && store->there;
    return ok;
}

bool rs_secret_store_put(struct rs_secret_store *store, const struct rs_secret_login *login,
                         bool only_missing, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(LOGIN_MAX_BYTES);
    bool ok = make_ready(store, err) && check_endpoint(store, err) && describe(store, err);
    if (ok && !(only_missing && store->there)) {
        ok = new_version(store, err) &&
             (write_login(login, &text) ||
              rs_error_set(err, RS_E_LIMIT, "could not write the secret: it is too long")) &&
             send_version(store, rs_strbuf_str(&text), err);
    }
    rs_strbuf_release_secret(&text);
    return ok;
}

bool rs_secret_store_settle(struct rs_secret_store *store, struct rs_error *err)
{
    struct rs_service_answer answer = RS_SERVICE_ANSWER_INIT;
    const struct rs_url_param params[] = {
        {RS_STR("SecretId"), rs_str_from(store->options.name)},
        {RS_STR("VersionStage"), RS_STR("AWSCURRENT")},
        {RS_STR("MoveToVersionId"), rs_str_from(store->version)},
        {RS_STR("RemoveFromVersionId"), rs_str_from(store->current)},
    };
    if (!store->pending) {
        return true;
    }
    bool ok =
        ask(store, "UpdateSecretVersionStage", "settle", params, RS_COUNTOF(params), &answer, err);
    if (!ok) {
        (void)rs_error_hint(err,
                            "the server has the new password, and the secret has it as "
                            "AWSPENDING (version %s)",
                            store->version);
    }
    store->pending = !ok;
    rs_service_answer_release(&answer);
    return ok;
}

void rs_secret_store_free(struct rs_secret_store *store)
{
    if (store) {
        rs_aws_call_free(store->call);
        rs_credentials_provider_free(store->provider);
        rs_http_free(store->http);
        rs_profiles_free(store->profiles);
        rs_mem_free(store);
    }
}
