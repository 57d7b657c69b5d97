/*
 * An attempt of a call as an HTTP request. The arena keeps what libcurl is to send until the
 * reply is there; the session token stays in the job's credentials, which are wiped.
 */
#include <string.h>

#include "aws/call_internal.h"
#include "aws/sigv4.h"
#include "codec/percent.h"
#include "net/url.h"

enum {
    URL_MAX = 64 << 10,
    AUTHORIZATION_MAX = 16 << 10,
    OWN_HEADERS = 6,
};

static void add(struct rs_http_header *headers, size_t *count, const char *name,
                struct rs_str value)
{
    headers[(*count)++] = (struct rs_http_header){rs_str_from(name), value};
}

static bool append_url(const struct rs_call_request *request, struct rs_strbuf *url,
                       struct rs_str *host, struct rs_str *path, struct rs_arena *arena)
{
    struct rs_strbuf name = RS_STRBUF_INIT(URL_MAX);
    struct rs_url split;
    rs_strbuf_append(url, request->endpoint);
    size_t begin = url->length;
    rs_percent_append(url, request->path.length > 0 ? request->path : RS_STR("/"), true);
    *path = rs_arena_copy(arena, rs_str_slice(rs_strbuf_str(url), begin, url->length));
    for (size_t i = 0; i < request->query_count; i++) {
        rs_url_append_query(url, request->query[i].name, request->query[i].value);
    }
    bool ok = rs_url_is_endpoint(rs_str_from(request->endpoint)) && rs_strbuf_ok(url) &&
              rs_url_split(rs_strbuf_str(url), &split);
    if (ok) {
        rs_url_append_host(&name, &split);
        *host = rs_arena_copy(arena, rs_strbuf_str(&name));
    }
    rs_strbuf_release(&name);
    return ok;
}

/* Add the Authorization header, made from all that stand before it. */
static bool sign(struct rs_call_job *job, int64_t now_us, struct rs_str path,
                 struct rs_http_header *headers, size_t *count)
{
    const struct rs_call_request *request = &job->request;
    struct rs_strbuf value = RS_STRBUF_INIT(AUTHORIZATION_MAX);
    struct rs_sigv4_scope scope = {&job->keys, request->region, request->service, now_us};
    struct rs_sigv4_request text = {.method = request->method,
                                    .path = path,
                                    .query = request->query,
                                    .query_count = request->query_count,
                                    .headers = headers,
                                    .header_count = *count,
                                    .payload_sha256 = request->body_sha256};
    rs_sigv4_authorization(&text, &scope, &value);
    add(headers, count, "Authorization", rs_arena_copy(&job->arena, rs_strbuf_str(&value)));
    bool ok = rs_strbuf_ok(&value);
    rs_strbuf_release(&value);
    return ok;
}

static bool is_anonymous(const struct rs_call_job *job)
{
    return job->request.unsigned_call || !job->call->provider;
}

/* Headers, signed unless the call is not to be. */
static bool fill_headers(struct rs_call_job *job, struct rs_str host, struct rs_str path,
                         struct rs_http_header *headers, size_t *count)
{
    const struct rs_call *call = job->call;
    const struct rs_call_request *request = &job->request;
    int64_t now_us = call->env->now_us(call->env) + call->skew_us;
    char *date = rs_arena_alloc(&job->arena, RS_SIGV4_DATE_BYTES);
    job->signed_us = now_us;
    for (size_t i = 0; i < request->header_count; i++) {
        headers[(*count)++] = request->headers[i];
    }
    add(headers, count, "Host", host);
    if (is_anonymous(job)) {
        return true;
    }
    rs_sigv4_date(now_us, date);
    add(headers, count, "X-Amz-Date", (struct rs_str){date, RS_SIGV4_DATE_BYTES});
    if (strcmp(request->service, "s3") == 0) {
        add(headers, count, "X-Amz-Content-Sha256", request->body_sha256);
    }
    if (job->keys.session_token) {
        add(headers, count, "X-Amz-Security-Token", rs_str_from(job->keys.session_token));
    }
    return sign(job, now_us, path, headers, count);
}

bool rs_call_prepare(struct rs_call_job *job, struct rs_http_request *out, struct rs_error *err)
{
    struct rs_call *call = job->call;
    const struct rs_call_request *request = &job->request;
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    struct rs_str host;
    struct rs_str path;
    size_t count = 0;
    size_t max_bytes = request->max_body_bytes;
    rs_arena_reset(&job->arena);
    struct rs_http_header *headers =
        rs_arena_zalloc(&job->arena, request->header_count + OWN_HEADERS, sizeof *headers);
    bool ok = is_anonymous(job) || call->provider->get(call->provider, &job->keys, err);
    if (ok && (!append_url(request, &url, &host, &path, &job->arena) ||
               !fill_headers(job, host, path, headers, &count))) {
        ok = rs_url_is_endpoint(rs_str_from(request->endpoint))
                 ? rs_error_set(err, RS_E_INPUT, "the request is too large to be signed")
                 : rs_error_set(err, RS_E_INPUT,
                                "the endpoint is no address of a server alone: https://HOST");
    }
    *out = (struct rs_http_request){
        .method = request->method,
        .url = rs_arena_copy(&job->arena, rs_strbuf_str(&url)).data,
        .headers = headers,
        .header_count = count,
        .body = request->body,
        .max_body_bytes =
            max_bytes == 0 || max_bytes > RS_CALL_REFUSAL_MAX ? max_bytes : RS_CALL_REFUSAL_MAX,
        .limits = request->limits,
        .tag = job};
    rs_strbuf_release(&url);
    return ok;
}
