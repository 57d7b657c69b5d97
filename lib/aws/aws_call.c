/*
 * Each call is a job that goes round: sign and send, judge the reply, and, where that can help,
 * pause and go round again. A lone call is the same loop with one job in it. Pauses are counted
 * down, not slept through, while other jobs have requests under way.
 *
 * Two failures are mended rather than waited for: expired credentials are asked for anew, and a
 * clock that is off is corrected by the Date of the reply that says so; each once a job.
 *
 * An attempt's arena keeps what libcurl is to send until the reply is there; the session token stays
 * in the job's credentials, which are wiped.
 */
#include "aws/aws_call.h"

#include <string.h>

#include "aws/sigv4.h"
#include "base/arena.h"
#include "base/mem.h"
#include "codec/digest.h"
#include "codec/percent.h"
#include "net/http_date.h"
#include "net/retry.h"
#include "net/url.h"

enum {
    SLICE_MS = 100, /* of a lone call's pause */
    ATTEMPTS_MAX = 100,
    SKEW_SECONDS = 4 * 60,   /* AWS allows 5 minutes, S3 15 */
    REFUSAL_MAX = 256 << 10, /* bytes of a reply that is an error */
    URL_MAX = 64 << 10,
    AUTHORIZATION_MAX = 16 << 10,
    OWN_HEADERS = 6,
};

enum phase { PAUSED, SENT, DONE };

struct rs_aws_call {
    const struct rs_env *env;
    struct rs_http *http;
    struct rs_credentials_provider *provider;
    struct rs_retry_policy policy;
    int64_t skew_us; /* the service's clock less ours */
    struct rs_aws_call_job *all;
    struct rs_aws_call_job *finished; /* a queue of those that drive has not handed out */
    struct rs_aws_call_job **finished_end;
};

struct rs_aws_call_job {
    struct rs_aws_call *call;
    struct rs_aws_call_job *previous;
    struct rs_aws_call_job *next;
    struct rs_aws_call_job *next_finished;
    struct rs_aws_call_request request;
    struct rs_http_transfer *transfer;
    struct rs_credentials keys;
    struct rs_arena arena; /* of one attempt: what its request points at */
    struct rs_http_reply reply;
    struct rs_aws_failure failure;
    struct rs_error err;
    enum phase phase;
    int64_t signed_us; /* by the service's clock as we knew it then */
    unsigned pause_ms;
    unsigned attempt;
    bool refreshed;
    bool unskewed;
    char sha256[2 * RS_SHA256_BYTES];
};

/* ---- An attempt as a request ----------------------------------------------------------------- */

static void add(struct rs_http_header *headers, size_t *count, const char *name,
                struct rs_str value)
{
    headers[(*count)++] = (struct rs_http_header){rs_str_from(name), value};
}

static bool append_url(const struct rs_aws_call_request *request, struct rs_strbuf *url,
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
static bool sign(struct rs_aws_call_job *job, int64_t now_us, struct rs_str path,
                 struct rs_http_header *headers, size_t *count)
{
    const struct rs_aws_call_request *request = &job->request;
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

static bool is_anonymous(const struct rs_aws_call_job *job)
{
    return job->request.unsigned_call || !job->call->provider;
}

/* Headers, signed unless the call is not to be. */
static bool fill_headers(struct rs_aws_call_job *job, struct rs_str host, struct rs_str path,
                         struct rs_http_header *headers, size_t *count)
{
    const struct rs_aws_call *call = job->call;
    const struct rs_aws_call_request *request = &job->request;
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

/* Sign the request with keys that hold now. What out points at is in the job's arena. */
static bool prepare(struct rs_aws_call_job *job, struct rs_http_request *out, struct rs_error *err)
{
    struct rs_aws_call *call = job->call;
    const struct rs_aws_call_request *request = &job->request;
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
        .max_body_bytes = max_bytes == 0 || max_bytes > REFUSAL_MAX ? max_bytes : REFUSAL_MAX,
        .limits = request->limits,
        .tag = job};
    rs_strbuf_release(&url);
    return ok;
}

static bool launch(struct rs_aws_call_job *job, struct rs_error *err)
{
    struct rs_http_request request;
    if (!prepare(job, &request, err)) {
        return false;
    }
    job->attempt++;
    job->phase = SENT;
    job->transfer = rs_http_start(job->call->http, &request, err);
    return job->transfer != NULL;
}

/* ---- What comes of it ---------------------------------------------------------------------- */

static void end(struct rs_aws_call_job *job)
{
    struct rs_aws_call *call = job->call;
    job->phase = DONE;
    rs_credentials_release(&job->keys);
    *call->finished_end = job;
    call->finished_end = &job->next_finished;
}

static bool code_is(const struct rs_aws_failure *failure, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(failure->code, codes[i]) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * The credentials are too old: a HEAD's reply has no body to say so in, and is a bare 400. So is
 * one about a bucket that is in another region, but that names it.
 */
static bool is_expired(const struct rs_aws_call_job *job)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
                                        "TokenRefreshRequired", "RequestExpired"};
    bool bare = strcmp(job->request.method, "HEAD") == 0 && job->failure.status == 400 &&
                !job->failure.code[0] && !job->failure.region[0] && job->keys.session_token;
    return bare || code_is(&job->failure, codes, RS_COUNTOF(codes));
}

static bool is_far(int64_t one_us, int64_t other_us)
{
    int64_t off_us = one_us - other_us;
    return off_us >= SKEW_SECONDS * INT64_C(1000000) || off_us <= -SKEW_SECONDS * INT64_C(1000000);
}

/*
 * The reply's Date is far from the instant that the request was signed with: take the difference
 * over, unless another job, under way at the same time, has done so.
 */
static bool mend_clock(struct rs_aws_call_job *job)
{
    static const char *const codes[] = {
        "RequestTimeTooSkewed",  "RequestExpired", "InvalidSignatureException",
        "SignatureDoesNotMatch", "AuthFailure",    ""};
    struct rs_aws_call *call = job->call;
    int64_t now_us = call->env->now_us(call->env);
    int64_t date_us = 0;
    unsigned status = job->failure.status;
    if (job->unskewed || (status != 400 && status != 401 && status != 403) ||
        !code_is(&job->failure, codes, RS_COUNTOF(codes)) ||
        !rs_http_date_parse(rs_http_reply_header(&job->reply, "date"), &date_us)) {
        return false;
    }
    if (!is_far(date_us, job->signed_us)) {
        return false;
    }
    job->unskewed = true;
    if (is_far(date_us, now_us + call->skew_us)) {
        call->skew_us = date_us - now_us;
        rs_log(&call->env->log, RS_LOG_WARNING, "this machine's clock is %lld seconds off",
               (long long)(-call->skew_us / 1000000));
    }
    return true;
}

static bool refresh(struct rs_aws_call_job *job)
{
    struct rs_credentials_provider *provider = job->call->provider;
    if (job->refreshed || job->request.unsigned_call || !provider || !is_expired(job)) {
        return false;
    }
    job->refreshed = true;
    provider->invalidate(provider, &job->keys);
    return true;
}

static void pause_job(struct rs_aws_call_job *job, unsigned ms)
{
    job->phase = PAUSED;
    job->pause_ms = ms;
    rs_http_reply_release(&job->reply);
    rs_error_clear(&job->err);
}

static void try_again_or_end(struct rs_aws_call_job *job, bool worth)
{
    struct rs_aws_call *call = job->call;
    const struct rs_env *env = call->env;
    if (!worth || job->attempt >= call->policy.attempts) {
        end(job);
        return;
    }
    unsigned ms = rs_retry_pause_ms(&call->policy, job->attempt, env->random_u64(env));
    rs_log(&env->log, RS_LOG_DEBUG, "%s; attempt %u in %u ms", job->err.message, job->attempt + 1,
           ms);
    pause_job(job, ms);
}

static bool is_accepted(const struct rs_aws_call_job *job)
{
    const struct rs_aws_call_request *request = &job->request;
    unsigned status = job->reply.status;
    return (status >= 200 && status < 300) || status == request->accept[0] ||
           status == request->accept[1];
}

/* More is let in than was asked for, because a refusal may be larger than what is wanted. */
static void check_size(struct rs_aws_call_job *job)
{
    size_t max_bytes = job->request.max_body_bytes;
    if (max_bytes > 0 && job->reply.body.length > max_bytes) {
        (void)rs_error_set(&job->err, RS_E_LIMIT, "could not %s: it is over %zu bytes",
                           job->request.what, max_bytes);
    }
}

/* ok: the reply is there; else job->err says why it is not. */
static void judge(struct rs_aws_call_job *job, bool ok)
{
    const char *what = job->request.what;
    if (!ok) {
        bool worth = job->err.retryable;
        job->failure = (struct rs_aws_failure){0};
        rs_error_prefix(&job->err, "could not %s", what);
        try_again_or_end(job, worth);
    } else if (!rs_aws_failure_read(job->request.method, &job->reply, &job->failure) ||
               (is_accepted(job) && job->reply.status >= 300)) {
        job->failure = (struct rs_aws_failure){.status = job->reply.status};
        check_size(job);
        end(job);
    } else if (mend_clock(job) || refresh(job)) {
        pause_job(job, 0);
    } else {
        rs_aws_failure_explain(what, &job->failure, job->attempt, &job->err);
        try_again_or_end(job, job->err.retryable);
    }
}

/* ---- The loop ------------------------------------------------------------------------------ */

/* Send all whose pause is over; the shortest pause that is left, or UINT32_MAX. */
static unsigned launch_due(struct rs_aws_call *call)
{
    unsigned shortest = UINT32_MAX;
    for (struct rs_aws_call_job *job = call->all; job; job = job->next) {
        if (job->phase == PAUSED && job->pause_ms > 0) {
            shortest = job->pause_ms < shortest ? job->pause_ms : shortest;
        } else if (job->phase == PAUSED && !launch(job, &job->err)) {
            rs_error_prefix(&job->err, "could not %s", job->request.what);
            end(job);
        }
    }
    return shortest;
}

static void count_down(struct rs_aws_call *call, int64_t ms)
{
    for (struct rs_aws_call_job *job = call->all; job; job = job->next) {
        if (job->phase == PAUSED) {
            job->pause_ms -= ms < (int64_t)job->pause_ms ? (unsigned)ms : job->pause_ms;
        }
    }
}

static size_t count_phase(const struct rs_aws_call *call, enum phase phase)
{
    size_t count = 0;
    for (const struct rs_aws_call_job *job = call->all; job; job = job->next) {
        count += job->phase == phase;
    }
    return count;
}

/* Move until something happened, or wait_ms are over; the time it took goes to *spent_ms. */
static bool step(struct rs_aws_call *call, unsigned wait_ms, unsigned *spent_ms,
                 struct rs_error *err)
{
    const struct rs_env *env = call->env;
    struct rs_http_transfer *transfer = NULL;
    struct rs_aws_call_job **finished_before = call->finished_end;
    unsigned due_ms = launch_due(call);
    unsigned ms = wait_ms < due_ms ? wait_ms : due_ms;
    *spent_ms = 0;
    if (call->finished_end != finished_before) {
        return true; /* some could not be sent */
    }
    if (count_phase(call, SENT) == 0) {
        ms = ms < SLICE_MS ? ms : SLICE_MS;
        *spent_ms = ms;
        count_down(call, ms);
        return rs_env_pause(env, due_ms == UINT32_MAX ? 0 : ms, err);
    }
    int64_t begin_us = env->monotonic_us(env);
    if (!rs_http_drive(call->http, ms, &transfer, err)) {
        return false;
    }
    if (transfer) {
        struct rs_aws_call_job *job = rs_http_tag(transfer);
        job->transfer = NULL;
        judge(job, rs_http_finish(transfer, &job->reply, &job->err));
    }
    int64_t spent = (env->monotonic_us(env) - begin_us + 999) / 1000;
    *spent_ms = spent > (int64_t)wait_ms ? wait_ms : (unsigned)spent;
    count_down(call, spent);
    return true;
}

static void forget(struct rs_aws_call_job *job)
{
    struct rs_aws_call *call = job->call;
    struct rs_aws_call_job **place = &call->finished;
    while (*place && *place != job) {
        place = &(*place)->next_finished;
    }
    if (*place) {
        *place = job->next_finished;
        call->finished_end = job->next_finished ? call->finished_end : place;
    }
    if (job->next) {
        job->next->previous = job->previous;
    }
    *(job->previous ? &job->previous->next : &call->all) = job->next;
    rs_http_cancel(job->transfer);
    rs_credentials_release(&job->keys);
    rs_http_reply_release(&job->reply);
    rs_arena_release(&job->arena);
    rs_mem_free(job);
}

struct rs_aws_call *rs_aws_call_new(const struct rs_env *env, struct rs_http *http,
                                    struct rs_credentials_provider *provider,
                                    const struct rs_aws_call_options *options)
{
    struct rs_aws_call *call = rs_mem_zalloc(1, sizeof *call);
    const char *wanted = env->getenv(env, "AWS_MAX_ATTEMPTS");
    uint64_t attempts = 0;
    call->env = env;
    call->http = http;
    call->provider = provider;
    call->policy = RS_RETRY_POLICY_INIT;
    call->finished_end = &call->finished;
    if (options && options->attempts > 0) {
        call->policy.attempts = options->attempts;
    } else if (wanted && rs_str_parse_u64(rs_str_from(wanted), 1, ATTEMPTS_MAX, &attempts)) {
        call->policy.attempts = (unsigned)attempts;
    }
    return call;
}

void rs_aws_call_free(struct rs_aws_call *call)
{
    if (call) {
        while (call->all) {
            forget(call->all);
        }
        rs_mem_free(call);
    }
}

struct rs_aws_call_job *rs_aws_call_start(struct rs_aws_call *call,
                                          const struct rs_aws_call_request *request)
{
    struct rs_aws_call_job *job = rs_mem_zalloc(1, sizeof *job);
    job->call = call;
    job->request = *request;
    job->arena = RS_ARENA_INIT;
    job->keys = RS_CREDENTIALS_INIT;
    job->reply = RS_HTTP_REPLY_INIT;
    job->phase = PAUSED;
    if (request->body_sha256.length == 0) {
        unsigned char digest[RS_SHA256_BYTES];
        rs_sha256(request->body, digest);
        rs_hex(digest, sizeof digest, job->sha256);
        job->request.body_sha256 = (struct rs_str){job->sha256, sizeof job->sha256};
    }
    job->next = call->all;
    if (call->all) {
        call->all->previous = job;
    }
    call->all = job;
    return job;
}

bool rs_aws_call_send(struct rs_aws_call *call, const struct rs_aws_call_request *request,
                      struct rs_http_reply *reply, struct rs_aws_failure *failure,
                      struct rs_error *err)
{
    struct rs_aws_call_job *job = rs_aws_call_start(call, request);
    unsigned spent_ms = 0;
    if (failure) {
        *failure = (struct rs_aws_failure){0};
    }
    while (step(call, SLICE_MS, &spent_ms, err)) {
        if (job->phase == DONE) {
            return rs_aws_call_finish(job, reply, failure, err);
        }
    }
    forget(job);
    return false;
}

bool rs_aws_call_drive(struct rs_aws_call *call, unsigned wait_ms,
                       struct rs_aws_call_job **finished, struct rs_error *err)
{
    unsigned left_ms = call->finished ? 0 : wait_ms;
    unsigned spent_ms = 0;
    *finished = NULL;
    while (step(call, left_ms, &spent_ms, err)) {
        bool idle = count_phase(call, SENT) + count_phase(call, PAUSED) == 0;
        left_ms -= spent_ms < left_ms ? spent_ms : left_ms;
        if (call->finished) {
            *finished = call->finished;
            call->finished = call->finished->next_finished;
            call->finished_end = call->finished ? call->finished_end : &call->finished;
            (*finished)->next_finished = NULL;
            return true;
        }
        if (idle || left_ms == 0) {
            return true;
        }
    }
    return false;
}

/* The body of a refusal goes to the reply, up to what fits; false: it was cut off. */
static bool read_refusal(struct rs_aws_call_job *job, struct rs_http_stream *stream)
{
    char piece[4096];
    size_t count = 1;
    job->reply.body.max_bytes = REFUSAL_MAX;
    while (count > 0) {
        if (!rs_http_read(stream, piece, sizeof piece, &count, &job->err)) {
            return false;
        }
        rs_strbuf_append_bytes(&job->reply.body, piece, count);
    }
    return true;
}

/* One attempt; the stream when it is good, else the job is paused or done. */
static struct rs_http_stream *try_to_open(struct rs_aws_call_job *job)
{
    struct rs_http_request request;
    struct rs_http_stream *stream = NULL;
    job->phase = SENT;
    if (!prepare(job, &request, &job->err)) {
        rs_error_prefix(&job->err, "could not %s", job->request.what);
        end(job);
        return NULL;
    }
    job->attempt++;
    stream = rs_http_open(job->call->http, &request, &job->reply, &job->err);
    if (stream && is_accepted(job)) {
        return stream;
    }
    judge(job, stream && read_refusal(job, stream));
    rs_http_close(stream);
    return NULL;
}

struct rs_http_stream *rs_aws_call_open(struct rs_aws_call *call,
                                        const struct rs_aws_call_request *request,
                                        struct rs_http_reply *head, struct rs_aws_failure *failure,
                                        struct rs_error *err)
{
    const struct rs_env *env = call->env;
    struct rs_aws_call_job *job = rs_aws_call_start(call, request);
    struct rs_http_stream *stream = NULL;
    while (err->code == RS_OK && !stream && job->phase != DONE) {
        if (rs_env_pause(env, job->pause_ms, err)) {
            job->pause_ms = 0;
            stream = try_to_open(job);
        }
    }
    if (stream) {
        *head = job->reply;
        job->reply = RS_HTTP_REPLY_INIT;
    } else if (err->code == RS_OK) {
        *err = job->err;
    }
    if (failure) {
        *failure = job->failure;
    }
    forget(job);
    return stream;
}

void *rs_aws_call_tag(const struct rs_aws_call_job *job)
{
    return job->request.tag;
}

bool rs_aws_call_finish(struct rs_aws_call_job *job, struct rs_http_reply *reply,
                        struct rs_aws_failure *failure, struct rs_error *err)
{
    bool ok = job->err.code == RS_OK;
    if (failure) {
        *failure = job->failure;
    }
    if (ok) {
        *reply = job->reply;
        job->reply = RS_HTTP_REPLY_INIT;
    } else if (err->code == RS_OK) {
        *err = job->err;
    }
    forget(job);
    return ok;
}

void rs_aws_call_cancel(struct rs_aws_call_job *job)
{
    if (job) {
        forget(job);
    }
}

const struct rs_env *rs_aws_call_env(const struct rs_aws_call *call)
{
    return call->env;
}
