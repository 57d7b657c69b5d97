/*
 * An object as it comes. When the connection breaks off, the rest is asked for by its range, on
 * the condition (If-Match) that the object is the one of which the first part was read.
 */
#include <stdio.h>
#include <string.h>

#include "aws/s3_operation.h"
#include "base/mem.h"
#include "net/http_date.h"
#include "net/retry.h"

enum { RESUMES_MAX = 20, QUOTED_MAX = RS_S3_ETAG_MAX + 3 };

struct rs_s3_stream {
    struct rs_s3 *s3;
    struct rs_arena arena; /* of bucket and key */
    struct rs_str bucket;
    struct rs_str key;
    struct rs_http_stream *http;
    struct rs_s3_object object;
    uint64_t offset;  /* read so far */
    unsigned resumes; /* since the last byte that came */
};

/* What a failed or strange reply leaves behind goes with the stream. */
static bool fail(const struct rs_s3_stream *stream, enum rs_code code, const char *why,
                 struct rs_error *err)
{
    return rs_error_set(err, code, "could not read \"s3://%.*s/%.*s\": %s",
                        RS_STR_ARG(stream->bucket), RS_STR_ARG(stream->key), why);
}

static bool fail_changed(const struct rs_s3_stream *stream, struct rs_error *err)
{
    (void)fail(stream, RS_E_INPUT, "it changed while it was read", err);
    return rs_error_hint(err, "run the command again");
}

/* The head of what is left, of which the part before offset is known. */
static bool check_head(const struct rs_s3_stream *stream, const struct rs_http_reply *head,
                       struct rs_error *err)
{
    struct rs_str range = rs_http_reply_header(head, "content-range");
    char etag[RS_S3_ETAG_MAX + 1];
    char begin[32] = "";
    rs_s3_copy_etag(etag, rs_http_reply_header(head, "etag"));
    if (etag[0] && strcmp(etag, stream->object.etag) != 0) {
        return fail_changed(stream, err);
    }
    (void)snprintf(begin, sizeof begin, "bytes %llu-", (unsigned long long)stream->offset);
    return stream->offset == 0 ||
           (head->status == 206 && rs_str_starts(range, rs_str_from(begin))) ||
           fail(stream, RS_E_INPUT, "the server does not send the part that was asked for", err);
}

static bool read_head(struct rs_s3_stream *stream, const struct rs_http_reply *head,
                      struct rs_error *err)
{
    struct rs_str length = rs_http_reply_header(head, "content-length");
    struct rs_s3_object *object = &stream->object;
    if (object->etag[0]) { /* a resume */
        return check_head(stream, head, err);
    }
    rs_s3_copy_etag(object->etag, rs_http_reply_header(head, "etag"));
    if (!rs_str_parse_u64(length, 0, INT64_MAX, &object->size_bytes)) {
        return fail(stream, RS_E_INPUT, "the reply has no size", err);
    }
    if (!rs_http_date_parse(rs_http_reply_header(head, "last-modified"), &object->modified_us)) {
        object->modified_us = 0;
    }
    return true;
}

/* The headers of a request for what is left of the object whose head is known; else none. */
static size_t fill_headers(const struct rs_s3_stream *stream, struct rs_strbuf *range,
                           struct rs_strbuf *etag, struct rs_http_header headers[2])
{
    size_t count = 0;
    if (stream->offset > 0) {
        rs_strbuf_printf(range, "bytes=%llu-", (unsigned long long)stream->offset);
        headers[count++] = (struct rs_http_header){RS_STR("Range"), rs_strbuf_str(range)};
    }
    if (stream->object.etag[0]) {
        rs_strbuf_printf(etag, "\"%s\"", stream->object.etag);
        headers[count++] = (struct rs_http_header){RS_STR("If-Match"), rs_strbuf_str(etag)};
    }
    return count;
}

static bool connect(struct rs_s3_stream *stream, bool learned, struct rs_error *err)
{
    struct rs_s3 *s3 = stream->s3;
    struct rs_strbuf range = RS_STRBUF_INIT(64);
    struct rs_strbuf etag = RS_STRBUF_INIT(QUOTED_MAX);
    struct rs_http_header headers[2];
    struct rs_s3_operation operation = {.verb = "read",
                                        .permission = "s3:GetObject",
                                        .method = "GET",
                                        .bucket = stream->bucket,
                                        .key = stream->key,
                                        .headers = headers};
    struct rs_aws_failure failure = {0};
    struct rs_http_reply head = RS_HTTP_REPLY_INIT;
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_aws_call_request request;
    struct rs_error why = {0};
    operation.header_count = fill_headers(stream, &range, &etag, headers);
    if (rs_s3_prepare(s3, &operation, &arena, &request, &why)) {
        stream->http = rs_aws_call_open(s3->call, &request, &head, &failure, &why);
    }
    bool again = !stream->http && !learned && rs_s3_learn(s3, stream->bucket, &failure);
    if (stream->http) {
        if (!read_head(stream, &head, &why)) {
            rs_http_close(stream->http);
            stream->http = NULL;
        }
    } else if (failure.status == 412) {
        rs_error_clear(&why);
        (void)fail_changed(stream, &why);
    } else {
        rs_s3_explain(s3, &operation, &failure, &why);
    }
    rs_http_reply_release(&head);
    rs_arena_release(&arena);
    rs_strbuf_release(&range);
    rs_strbuf_release(&etag);
    if (again) {
        return connect(stream, true, err);
    }
    if (why.code != RS_OK) {
        *err = why;
    }
    return why.code == RS_OK;
}

struct rs_s3_stream *rs_s3_open(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                                struct rs_s3_object *object, struct rs_error *err)
{
    struct rs_s3_stream *stream = rs_mem_zalloc(1, sizeof *stream);
    stream->s3 = s3;
    stream->arena = RS_ARENA_INIT;
    stream->bucket = rs_arena_copy(&stream->arena, bucket);
    stream->key = rs_arena_copy(&stream->arena, key);
    if (!connect(stream, false, err)) {
        rs_s3_close(stream);
        return NULL;
    }
    if (object) {
        *object = stream->object;
    }
    return stream;
}

/* Take the object up where it broke off, after a pause. */
static bool resume(struct rs_s3_stream *stream, const struct rs_error *why, struct rs_error *err)
{
    const struct rs_retry_policy policy = RS_RETRY_POLICY_INIT;
    const struct rs_env *env = stream->s3->env;
    rs_http_close(stream->http);
    stream->http = NULL;
    if (!why->retryable || ++stream->resumes > RESUMES_MAX || !stream->object.etag[0]) {
        *err = *why;
        rs_error_prefix(err, "could not read \"s3://%.*s/%.*s\"", RS_STR_ARG(stream->bucket),
                        RS_STR_ARG(stream->key));
        return false;
    }
    rs_log(&env->log, RS_LOG_DEBUG, "%s; going on at byte %llu", why->message,
           (unsigned long long)stream->offset);
    unsigned ms = rs_retry_pause_ms(&policy, stream->resumes, env->random_u64(env));
    return rs_env_pause(env, ms, err) && connect(stream, false, err);
}

bool rs_s3_read(struct rs_s3_stream *stream, void *out, size_t size, size_t *count,
                struct rs_error *err)
{
    struct rs_error why = {0};
    while (true) {
        if (stream->http && rs_http_read(stream->http, out, size, count, &why)) {
            stream->offset += *count;
            stream->resumes = *count > 0 ? 0 : stream->resumes;
            if (*count > 0 || size == 0 || stream->offset >= stream->object.size_bytes) {
                return true;
            }
            (void)rs_error_set(&why, RS_E_NET, "the reply ended before the object did");
            why.retryable = true; /* a server may send less than the part that was asked for */
        }
        if (why.code == RS_E_INTERRUPTED || !stream->http) {
            *err = why;
            return false;
        }
        if (!resume(stream, &why, err)) {
            return false;
        }
        rs_error_clear(&why);
    }
}

void rs_s3_close(struct rs_s3_stream *stream)
{
    if (stream) {
        rs_http_close(stream->http);
        rs_arena_release(&stream->arena);
        rs_mem_free(stream);
    }
}
