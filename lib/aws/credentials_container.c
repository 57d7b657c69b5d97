/*
 * The role of a container: ECS names a path on its own address, EKS Pod Identity and others a whole
 * URL with a token beside it. Keys in the clear are taken from this machine and from the two
 * addresses of AWS alone, so that a variable cannot send the token elsewhere.
 */

#include "aws/credentials_source.h"
#include "base/fsutil.h"
#include "base/mem.h"
#include "codec/json_doc.h"
#include "net/url.h"
#include "rs/strbuf.h"

enum { URL_MAX_BYTES = 2048, TOKEN_MAX_BYTES = 64 << 10, ATTEMPTS = 3, TIMEOUT_MS = 5000 };

static const char RELATIVE[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char FULL[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/* https to anywhere; http to where nobody listens in. */
static bool is_allowed(struct rs_str url)
{
    if (rs_str_starts(url, RS_STR("https://"))) {
        return true;
    }
    if (!rs_str_starts(url, RS_STR("http://"))) {
        return false;
    }
    struct rs_str host = rs_str_slice(url, 7, url.length);
    host = rs_str_slice(host, 0, rs_str_find_byte(host, '/'));
    host = rs_str_slice(host, 0, rs_str_find_byte(host, '?'));
    if (rs_str_find_byte(host, '@') != SIZE_MAX) {
        return false; /* "localhost:80@example.com" is another host than it seems */
    }
    if (rs_str_starts(host, RS_STR("["))) {
        host = rs_str_slice(host, 0, rs_str_find_byte(host, ']') + 1);
    } else {
        host = rs_str_slice(host, 0, rs_str_find_byte(host, ':'));
    }
    return rs_url_is_loopback(host) || rs_str_equal(host, RS_STR("169.254.170.2")) ||
           rs_str_equal(host, RS_STR("169.254.170.23")) ||
           rs_str_equal(host, RS_STR("[fd00:ec2::23]"));
}

/* The value of the Authorization header, empty when there is none. */
static bool find_token(const struct rs_credentials_seek *seek, struct rs_strbuf *out,
                       struct rs_error *err)
{
    const char *path = rs_env_variable(seek->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = rs_env_variable(seek->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

    (void)!rs_strbuf_reserve(out, TOKEN_MAX_BYTES);
    if (path && !rs_fs_read_file(path, out, err)) {
        return false;
    }
    if (!path && token) {
        rs_strbuf_append(out, token);
    }
    struct rs_str line = rs_str_trim(rs_strbuf_str(out));
    if (!rs_strbuf_ok(out) || rs_str_find_byte(line, '\n') != SIZE_MAX ||
        rs_str_find_byte(line, '\r') != SIZE_MAX) {
        return rs_error_set(err, RS_E_CONFIG,
                            "could not use the container's token: it is not one line");
    }
    return true;
}

/* The service says in JSON what it did not like. */
static bool refused(const struct rs_http_reply *reply, struct rs_error *err)
{
    struct rs_error ignored = {0};
    struct rs_json_doc *doc = rs_json_doc_parse(rs_strbuf_str(&reply->body), "reply", &ignored);
    const char *words = rs_json_node_text(rs_json_node_find(rs_json_doc_root(doc), "message"));

    rs_error_set(err, RS_E_NET,
                 "could not get the AWS credentials of the container: HTTP status %u%s%.200s",
                 reply->status, words ? ": " : "", words ? words : "");
    rs_error_hint(err, "look at the role of the task or pod, and at its trust policy");
    err->retryable = reply->status >= 500 || reply->status == 429;
    rs_json_doc_free(doc);
    return false;
}

static bool get_keys(const struct rs_credentials_seek *seek, const char *url,
                     struct rs_credentials *out, struct rs_error *err)
{
    struct rs_strbuf token = RS_STRBUF_INIT(TOKEN_MAX_BYTES);
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    bool ok = false;

    if (!find_token(seek, &token, err)) {
        goto out;
    }
    const struct rs_http_header header = {
        .name = RS_STR("authorization"),
        .value = rs_str_trim(rs_strbuf_str(&token)),
    };
    const struct rs_http_request request = {
        .method = "GET",
        .url = url,
        .headers = &header,
        .header_count = header.value.length > 0 ? 1 : 0,
        .max_body_bytes = TOKEN_MAX_BYTES,
        .limits = {.connect_ms = TIMEOUT_MS, .total_ms = TIMEOUT_MS},
    };
    if (!rs_credentials_fetch(seek, &request, ATTEMPTS, &reply, err)) {
        rs_error_prefix(err, "could not get the AWS credentials of the container");
        goto out;
    }
    ok = reply.status == 200 ? rs_credentials_parse_json(rs_strbuf_str(&reply.body),
                                                         "the container", "Token", out, err)
                             : refused(&reply, err);
out:
    rs_mem_wipe(token.data, token.length);
    rs_strbuf_release(&token);
    rs_credentials_reply_release(&reply);
    return ok;
}

enum rs_credentials_found rs_credentials_from_container(const struct rs_credentials_seek *seek,
                                                        struct rs_credentials *out,
                                                        struct rs_error *why)
{
    const char *relative = rs_env_variable(seek->env, RELATIVE);
    const char *full = rs_env_variable(seek->env, FULL);
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX_BYTES);
    bool ok = false;

    if (!relative && !full) {
        rs_error_set(why, RS_E_CONFIG, "%s is not set", RELATIVE);
        return RS_CREDENTIALS_ABSENT;
    }
    rs_strbuf_printf(&url, "%s%s", relative ? "http://169.254.170.2" : "",
                     relative ? relative : full);
    if (relative && *relative != '/') {
        rs_error_set(why, RS_E_CONFIG, "could not use %s: it does not begin with \"/\"", RELATIVE);
    } else if (!rs_strbuf_ok(&url) || !is_allowed(rs_strbuf_str(&url))) {
        rs_error_set(why, RS_E_CONFIG,
                     "could not use %s: it is neither https nor http to this machine or the "
                     "container service's address",
                     FULL);
    } else {
        ok = get_keys(seek, rs_strbuf_cstr(&url), out, why);
    }
    rs_strbuf_release(&url);
    return ok ? RS_CREDENTIALS_FOUND : RS_CREDENTIALS_FAILED;
}
