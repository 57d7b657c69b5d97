/*
 * aws/aws_call.h - one signed request to an AWS service, tried again where that can help.
 *
 *   struct rs_aws_call *call = rs_aws_call_new(env, http, provider, NULL);
 *   struct rs_url_param query[] = {{RS_STR("Action"), RS_STR("GetCallerIdentity")}, ...};
 *   struct rs_aws_call_request request = {.service = "sts", .region = "us-east-1", .method = "GET",
 *                                     .endpoint = "https://sts.us-east-1.amazonaws.com",
 *                                     .query = query, ..., .what = "ask STS who this is"};
 *   if (rs_aws_call_send(call, &request, &reply, NULL, &err)) ...    status is 2xx
 *   rs_http_reply_release(&reply);
 *   rs_aws_call_free(call);
 *
 *   many at once: rs_aws_call_start each, then rs_aws_call_drive until it hands out no more
 *
 * A cut connection, 5xx, 429 and a throttling code are tried again after a random pause; expired
 * credentials are asked for anew once; a clock that is wrong is put right once, from the reply's
 * Date. Credentials never appear in a message.
 *
 * Limits:  as net/http.h.   Pure: no: network, clock, sleep, randomness.
 * Threads: one thread at a time per object, its http client included; the provider is shared.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
#ifndef RS_AWS_AWS_CALL_H
#define RS_AWS_AWS_CALL_H

#include "aws/aws_failure.h"
#include "aws/credentials.h"
#include "base/env.h"
#include "net/http.h"
#include "net/url.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

struct rs_aws_call;
struct rs_aws_call_job;

/* All of it is borrowed until the call is over. */
struct rs_aws_call_request {
    const char *service;  /* in the signature: "s3", "sts", "redshift", "redshift-serverless" */
    const char *region;   /* in the signature */
    const char *method;   /* "GET", "HEAD", "PUT", "POST", "DELETE" */
    const char *endpoint; /* scheme and host, no slash at the end */
    struct rs_str path;   /* not encoded, with its first slash; empty: "/" */
    const struct rs_url_param *query;
    size_t query_count;
    const struct rs_http_header *headers; /* beside host, date, token, content hash and signature */
    size_t header_count;
    struct rs_str body;
    struct rs_str body_sha256; /* hex; empty: is made; "UNSIGNED-PAYLOAD" for S3 over TLS */
    size_t max_body_bytes;     /* of the reply */
    struct rs_http_limits limits;
    const char *what;   /* "<verb> <object>" for messages: could not <what>: <reason> */
    bool unsigned_call; /* no credentials are asked for: AssumeRoleWithWebIdentity */
    unsigned accept[2]; /* statuses that are a success too, beside 2xx: 404 */
    void *tag;          /* the caller's; see rs_aws_call_tag */
};

struct rs_aws_call_options {
    unsigned attempts; /* at most; 0: AWS_MAX_ATTEMPTS, or 5 */
};

/* All are borrowed until rs_aws_call_free; provider may be NULL when all calls are unsigned. */
RS_MUST_USE struct rs_aws_call *rs_aws_call_new(const struct rs_env *env, struct rs_http *http,
                                                struct rs_credentials_provider *provider,
                                                const struct rs_aws_call_options *options);

/* Cuts off what is under way. NULL is nothing. */
void rs_aws_call_free(struct rs_aws_call *call);

/*
 * Send one request and wait for its reply.
 *
 * reply    written anew, only on success: its status is 2xx or one of request->accept
 * failure  what the service said when it refused, for callers that know better; NULL: not wanted
 * err      "could not <what>: <code>: <message>", detail = code or status; RS_E_NET when the
 *          service cannot be reached, refuses (401, 403) or goes on failing; RS_E_INPUT when it
 *          does not want the request (other 4xx)
 */
RS_MUST_USE bool rs_aws_call_send(struct rs_aws_call *call,
                                  const struct rs_aws_call_request *request,
                                  struct rs_http_reply *reply, struct rs_aws_failure *failure,
                                  struct rs_error *err);

/*
 * Send one request and wait for the head of its reply, whose body is read with rs_http_read; a
 * refusal is judged, and tried again, as in rs_aws_call_send. NULL: err is set.
 */
RS_MUST_USE struct rs_http_stream *
rs_aws_call_open(struct rs_aws_call *call, const struct rs_aws_call_request *request,
                 struct rs_http_reply *head, struct rs_aws_failure *failure, struct rs_error *err);

/* Begin a call and return; it moves in rs_aws_call_drive. Never NULL: a failure is told by finish. */
RS_MUST_USE struct rs_aws_call_job *rs_aws_call_start(struct rs_aws_call *call,
                                                      const struct rs_aws_call_request *request);

/*
 * Move all calls, pauses before another attempt included, until one is over or wait_ms are.
 * *finished is that call, or NULL. False: RS_E_INTERRUPTED.
 */
RS_MUST_USE bool rs_aws_call_drive(struct rs_aws_call *call, unsigned wait_ms,
                                   struct rs_aws_call_job **finished, struct rs_error *err);

/* The tag of its request. */
void *rs_aws_call_tag(const struct rs_aws_call_job *job);

/* Take the outcome of a finished call, which is gone then; as rs_aws_call_send. */
RS_MUST_USE bool rs_aws_call_finish(struct rs_aws_call_job *job, struct rs_http_reply *reply,
                                    struct rs_aws_failure *failure, struct rs_error *err);

/* Cut a call off, finished or not; it is gone then. NULL is nothing. */
void rs_aws_call_cancel(struct rs_aws_call_job *job);

/* The environment that it was made with. */
const struct rs_env *rs_aws_call_env(const struct rs_aws_call *call);

#endif
