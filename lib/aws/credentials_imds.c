/*
 * The role of an EC2 instance, from its metadata service, version 2: a token is put first, then it
 * opens the two replies. Where there is no such service the address leads nowhere, so the first
 * request has little time. Its reply may pass one machine only ("hop limit 1"), which a container's
 * network is; then it is lost, and all looks as if nobody had answered.
 */
#include <string.h>

#include "aws/credentials_source.h"
#include "codec/json_doc.h"
#include "rs/strbuf.h"

enum { URL_MAX_BYTES = 1024, REPLY_MAX_BYTES = 64 << 10, ATTEMPTS = 3, TOKEN_SECONDS = 600 };

static const char ROLES_PATH[] = "/latest/meta-data/iam/security-credentials/";

static const char *find_endpoint(const struct rs_credentials_seek *seek)
{
    const char *endpoint = rs_env_variable(seek->env, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = rs_env_variable(seek->env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

    if (endpoint) {
        return endpoint;
    }
    return mode && (strcmp(mode, "IPv6") == 0 || strcmp(mode, "ipv6") == 0)
               ? "http://[fd00:ec2::254]"
               : "http://169.254.169.254";
}

/* A variable that holds a small number. */
static unsigned find_number(const struct rs_credentials_seek *seek, const char *name,
                            unsigned usual)
{
    const char *text = rs_env_variable(seek->env, name);
    uint64_t number = 0;
    return text && rs_str_parse_u64(rs_str_from(text), 1, 60, &number) ? (unsigned)number : usual;
}

struct imds {
    const struct rs_credentials_seek *seek;
    const char *endpoint;
    unsigned timeout_ms;
    unsigned attempts; /* of the first request */
    struct rs_http_reply token;
};

static bool ask(struct imds *imds, const char *method, const char *path, struct rs_str role,
                struct rs_http_reply *reply, struct rs_error *err)
{
    const bool put = strcmp(method, "PUT") == 0;
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX_BYTES);
    struct rs_strbuf seconds = RS_STRBUF_INIT(16);
    bool ok = false;

    rs_strbuf_append_u64(&seconds, TOKEN_SECONDS);
    rs_strbuf_append(&url, imds->endpoint);
    if (url.length > 0 && url.data[url.length - 1] == '/') {
        url.data[--url.length] = '\0';
    }
    rs_strbuf_append(&url, path);
    rs_strbuf_append_str(&url, role);
    const struct rs_http_header header = {
        .name = put ? RS_STR("x-aws-ec2-metadata-token-ttl-seconds")
                    : RS_STR("x-aws-ec2-metadata-token"),
        .value = put ? rs_strbuf_str(&seconds) : rs_strbuf_str(&imds->token.body),
    };
    const struct rs_http_request request = {
        .method = method,
        .url = rs_strbuf_cstr(&url),
        .headers = &header,
        .header_count = 1,
        .max_body_bytes = REPLY_MAX_BYTES,
        .limits = {.connect_ms = imds->timeout_ms, .total_ms = imds->timeout_ms},
    };
    ok = rs_strbuf_ok(&url)
             ? rs_credentials_fetch(imds->seek, &request, put ? imds->attempts : ATTEMPTS, reply,
                                    err)
             : rs_error_set(err, RS_E_CONFIG, "could not ask the instance: its URL is too long");
    rs_strbuf_release(&url);
    rs_strbuf_release(&seconds);
    return ok;
}

/* A reply that tells of a role; anything else but 200 means that there is none. */
static enum rs_credentials_found read_keys(struct rs_str text, struct rs_credentials *out,
                                           struct rs_error *why)
{
    struct rs_error ignored = {0};
    struct rs_json_doc *doc = rs_json_doc_parse(text, "the instance's role", &ignored);
    const char *code = rs_json_node_text(rs_json_node_find(rs_json_doc_root(doc), "Code"));
    bool ok = false;

    if (code && strcmp(code, "Success") != 0) {
        rs_error_set(why, RS_E_CONFIG, "could not get the AWS credentials of the instance: %s",
                     code);
        rs_error_hint(why, "look at the trust policy of the role in the instance's profile");
    } else {
        ok = rs_credentials_parse_json(text, "the instance", "Token", out, why);
    }
    rs_json_doc_free(doc);
    return ok ? RS_CREDENTIALS_FOUND : RS_CREDENTIALS_FAILED;
}

static enum rs_credentials_found absent(struct rs_error *why, const char *reason, unsigned status)
{
    rs_error_clear(why);
    rs_error_set(why, RS_E_CONFIG, status > 0 ? "%s (HTTP %u)" : "%s", reason, status);
    return RS_CREDENTIALS_ABSENT;
}

static enum rs_credentials_found ask_role(struct imds *imds, struct rs_http_reply *reply,
                                          struct rs_credentials *out, struct rs_error *why)
{
    char role_text[256];

    if (!ask(imds, "GET", ROLES_PATH, (struct rs_str){NULL, 0}, reply, why)) {
        return RS_CREDENTIALS_FAILED;
    }
    if (reply->status == 404) {
        return absent(why, "no role is attached to this instance", 0);
    }
    struct rs_str role = rs_strbuf_str(&reply->body);
    role = rs_str_trim(rs_str_slice(role, 0, rs_str_find_byte(role, '\n')));
    if (reply->status != 200 || role.length == 0 || role.length >= sizeof role_text) {
        return absent(why, "the metadata service names no role", reply->status);
    }
    memcpy(role_text, role.data, role.length);
    if (!ask(imds, "GET", ROLES_PATH, (struct rs_str){role_text, role.length}, reply, why)) {
        return RS_CREDENTIALS_FAILED;
    }
    if (reply->status != 200) {
        rs_error_set(why, RS_E_NET,
                     "could not get the AWS credentials of the instance: HTTP status %u",
                     reply->status);
        why->retryable = reply->status >= 500;
        return RS_CREDENTIALS_FAILED;
    }
    return read_keys(rs_strbuf_str(&reply->body), out, why);
}

enum rs_credentials_found rs_credentials_from_imds(const struct rs_credentials_seek *seek,
                                                   struct rs_credentials *out, struct rs_error *why)
{
    const char *disabled = rs_env_variable(seek->env, "AWS_EC2_METADATA_DISABLED");
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    enum rs_credentials_found found = RS_CREDENTIALS_FAILED;
    struct imds imds = {
        .seek = seek,
        .endpoint = find_endpoint(seek),
        .timeout_ms = 1000 * find_number(seek, "AWS_METADATA_SERVICE_TIMEOUT", 1),
        .attempts = find_number(seek, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1),
        .token = RS_HTTP_REPLY_INIT,
    };

    if (disabled && (strcmp(disabled, "true") == 0 || strcmp(disabled, "TRUE") == 0)) {
        return absent(why, "AWS_EC2_METADATA_DISABLED is true", 0);
    }
    if (!ask(&imds, "PUT", "/latest/api/token", (struct rs_str){NULL, 0}, &imds.token, why)) {
        found = why->code == RS_E_INTERRUPTED
                    ? RS_CREDENTIALS_FAILED
                    : absent(why,
                             "the metadata service of EC2 did not answer (from a container its hop "
                             "limit has to be 2)",
                             0);
    } else if (imds.token.status != 200) {
        found = absent(why, "the metadata service of EC2 gives no token", imds.token.status);
    } else {
        found = ask_role(&imds, &reply, out, why);
    }
    rs_credentials_reply_release(&reply);
    rs_credentials_reply_release(&imds.token);
    return found;
}
