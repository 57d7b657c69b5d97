/*
 * A request as libcurl wants it, what libcurl calls while it runs, and its failures in words.
 *
 * A request's body is given to libcurl as it stands in the caller's memory. A reply's body goes
 * to a buffer with a maximum; a stream's goes to a buffer of fixed size, and while that is full
 * the transfer is paused: libcurl then leaves the bytes in the socket, and TCP holds the sender.
 */
#include "net/http_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum {
    CONNECT_MS = 10000,
    STALL_MS = 60000,
    SEND_BYTES = 512 << 10, /* what is given to a socket at once */
    RECEIVE_BYTES = 256 << 10,
    BODY_AT_ONCE = 64 << 10, /* room for a body whose size is not known */
    BODY_AT_ONCE_MAX = 16 << 20,
    SEND_BUFFER_FROM = 64 << 10, /* bodies from here on are worth a larger buffer */
};

/* ---- What libcurl calls -------------------------------------------------------------------- */

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct rs_http_transfer *transfer = arg;
    struct rs_str line = {bytes, size * count};
    if (transfer->head_done) {
        return line.length; /* trailers */
    }
    if (rs_str_starts(line, RS_STR("HTTP/"))) {
        rs_strbuf_reset(&transfer->reply.headers); /* what came before was 100 Continue */
        return line.length;
    }
    if (rs_str_trim(line).length > 0) {
        rs_strbuf_append_str(&transfer->reply.headers, line);
        return rs_strbuf_ok(&transfer->reply.headers) ? line.length : 0;
    }
    long status = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->reply.status = (unsigned)status;
    transfer->head_done = status >= 200;
    return line.length;
}

/* Room for all of the body at once where that is known: one that moves leaves copies behind. */
static void reserve_body(struct rs_http_transfer *transfer)
{
    struct rs_strbuf *body = &transfer->reply.body;
    struct rs_str length = rs_http_reply_header(&transfer->reply, "content-length");
    uint64_t bytes = 0;
    if (!rs_str_parse_u64(length, 0, BODY_AT_ONCE_MAX, &bytes)) {
        bytes = BODY_AT_ONCE;
    }
    (void)!rs_strbuf_reserve(body, bytes < body->max_bytes ? (size_t)bytes : body->max_bytes);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct rs_http_transfer *transfer = arg;
    if (!transfer->reply.body.data) {
        reserve_body(transfer);
    }
    rs_strbuf_append_bytes(&transfer->reply.body, bytes, size * count);
    return rs_strbuf_ok(&transfer->reply.body) ? size * count : 0;
}

static size_t on_stream(char *bytes, size_t size, size_t count, void *arg)
{
    struct rs_http_stream *stream = arg;
    size_t length = size * count;
    if (length > sizeof stream->bytes - (stream->end - stream->begin)) {
        stream->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (length > sizeof stream->bytes - stream->end) {
        memmove(stream->bytes, stream->bytes + stream->begin, stream->end - stream->begin);
        stream->end -= stream->begin;
        stream->begin = 0;
    }
    memcpy(stream->bytes + stream->end, bytes, length);
    stream->end += length;
    return length;
}

/* ---- What went wrong ----------------------------------------------------------------------- */

static const struct {
    CURLcode code;
    bool permanent;
    const char *words; /* NULL: libcurl's own */
    const char *hint;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, false, "its name cannot be resolved",
     "check the name, and this machine's DNS"},
    {CURLE_COULDNT_RESOLVE_PROXY, false, "the proxy's name cannot be resolved",
     "check https_proxy and http_proxy"},
    {CURLE_COULDNT_CONNECT, false, NULL,
     "check that the port is open from here: security group, route, firewall, proxy"},
    {CURLE_PEER_FAILED_VERIFICATION, true, NULL,
     "if a proxy or server has a CA of its own, name its PEM file in AWS_CA_BUNDLE"},
    {CURLE_SSL_CACERT_BADFILE, true, "the file of CA certificates cannot be used",
     "check the file that AWS_CA_BUNDLE names"},
    {CURLE_SSL_CONNECT_ERROR, true, NULL,
     "check that this port speaks TLS, and which proxy is between"},
    {CURLE_GOT_NOTHING, false, "the connection was closed without a reply", NULL},
    {CURLE_RECV_ERROR, false, "the connection was cut", NULL},
    {CURLE_SEND_ERROR, false, "the connection was cut", NULL},
    {CURLE_PARTIAL_FILE, false, "the connection was closed before the end of the reply", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, true, "what answers does not speak HTTP", NULL},
    {CURLE_WEIRD_SERVER_REPLY, true, "what answers does not speak HTTP", NULL},
};

static void fail_late(struct rs_http_transfer *transfer)
{
    const struct rs_http_limits *limits = &transfer->limits;
    struct rs_error *err = &transfer->err;
    curl_off_t connected_us = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    if (connected_us == 0) {
        (void)rs_error_set(err, RS_E_NET, "could not reach \"%s\": no connection within %u ms",
                           transfer->host, limits->connect_ms);
        (void)rs_error_hint(err, "check that the port is open from here: security group, route, "
                                 "firewall, proxy");
    } else if (strstr(transfer->words, "too slow")) {
        (void)rs_error_set(err, RS_E_NET, "could not talk to \"%s\": no byte for %u ms",
                           transfer->host, limits->stall_ms);
    } else {
        (void)rs_error_set(err, RS_E_NET, "could not talk to \"%s\": not done within %u ms",
                           transfer->host, limits->total_ms);
    }
    err->retryable = true;
}

static void fail_unreached(struct rs_http_transfer *transfer, CURLcode code)
{
    struct rs_error *err = &transfer->err;
    const char *words = transfer->words[0] ? transfer->words : curl_easy_strerror(code);
    const char *hint = NULL;
    char reason[128] = "";
    long number = 0;
    bool permanent = false;
    for (size_t i = 0; i < RS_COUNTOF(failures); i++) {
        if (failures[i].code == code) {
            words = failures[i].words ? failures[i].words : words;
            hint = failures[i].hint;
            permanent = failures[i].permanent;
        }
    }
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && number != 0 &&
        strerror_r((int)number, reason, sizeof reason) == 0) {
        words = reason;
    }
    (void)rs_error_set(err, RS_E_NET, "could not reach \"%s\": %s", transfer->host, words);
    if (hint) {
        (void)rs_error_hint(err, "%s", hint);
    }
    err->retryable = !permanent;
}

void rs_http_explain(struct rs_http_transfer *transfer, CURLcode code)
{
    if (!rs_strbuf_ok(&transfer->reply.body) || !rs_strbuf_ok(&transfer->reply.headers)) {
        bool body = !rs_strbuf_ok(&transfer->reply.body);
        (void)rs_error_set(
            &transfer->err, RS_E_LIMIT, "could not take the reply of \"%s\": its %s over %zu bytes",
            transfer->host, body ? "body is" : "headers are",
            body ? transfer->reply.body.max_bytes : (size_t)RS_HTTP_HEADERS_MAX_BYTES);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        fail_late(transfer);
    } else {
        fail_unreached(transfer, code);
    }
}

/* ---- Setting a request up ------------------------------------------------------------------ */

struct rs_str rs_http_authority(struct rs_str url)
{
    const char *begin = memchr(url.data, '/', url.length);
    struct rs_str rest = rs_str_slice(url, (size_t)(begin - url.data) + 2, url.length);
    size_t length = 0;
    while (length < rest.length && !strchr("/?#", rest.data[length])) {
        length++;
    }
    rest.length = length;
    size_t user = rs_str_find_byte(rest, '@');
    return user == SIZE_MAX ? rest : rs_str_slice(rest, user + 1, rest.length);
}

bool rs_http_can_send(struct rs_str url)
{
    for (size_t i = 0; i < url.length; i++) {
        if (url.data[i] <= ' ' || url.data[i] >= 0x7f) {
            return false;
        }
    }
    return rs_str_starts(url, RS_STR("http://")) || rs_str_starts(url, RS_STR("https://"));
}

static bool add_header(struct rs_http_transfer *transfer, const struct rs_http_header *header,
                       struct rs_strbuf *line, struct rs_error *err)
{
    bool good = header->name.length > 0;
    for (size_t i = 0; i < header->name.length; i++) {
        char c = header->name.data[i];
        good = good && c > ' ' && c < 0x7f && c != ':' && c != ';';
    }
    for (size_t i = 0; i < header->value.length; i++) {
        char c = header->value.data[i];
        good = good && c != '\r' && c != '\n' && c != '\0';
    }
    if (!good) {
        return rs_error_set(err, RS_E_INPUT,
                            "could not send the header \"%.*s\" to \"%s\": it has "
                            "a byte that no header may have",
                            RS_STR_ARG(header->name), transfer->host);
    }
    rs_strbuf_reset(line);
    rs_strbuf_append_str(line, header->name);
    rs_strbuf_append(line,
                     header->value.length > 0 ? ": " : ";"); /* libcurl's way of an empty one */
    rs_strbuf_append_str(line, header->value);
    transfer->headers = curl_slist_append(transfer->headers, rs_strbuf_cstr(line));
    return true;
}

static bool add_headers(struct rs_http_transfer *transfer, const struct rs_http_request *request,
                        struct rs_error *err)
{
    struct rs_strbuf line = RS_STRBUF_INIT(RS_HTTP_HEADERS_MAX_BYTES);
    size_t longest = 0;
    bool typed = false;
    bool ok = true;
    for (size_t i = 0; i < request->header_count; i++) {
        size_t length = request->headers[i].name.length + 2 + request->headers[i].value.length;
        longest = length > longest ? length : longest;
    }
    (void)!rs_strbuf_reserve(&line, longest); /* one of them may be a secret: it does not move */
    for (size_t i = 0; ok && i < request->header_count; i++) {
        const struct rs_http_header *header = &request->headers[i];
        typed = typed || (header->name.length == 12 &&
                          strncasecmp(header->name.data, "content-type", 12) == 0);
        ok = add_header(transfer, header, &line, err);
    }
    if (!typed) { /* libcurl would call a body a form */
        transfer->headers = curl_slist_append(transfer->headers, "Content-Type:");
    }
    rs_mem_wipe(line.data, line.capacity);
    rs_strbuf_release(&line);
    return ok;
}

static void set_method(CURL *easy, const struct rs_http_request *request)
{
    bool sends = strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0;
    if (strcmp(request->method, "HEAD") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (sends || request->body.length > 0) {
        const char *body = request->body.length > 0 ? request->body.data : "";
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
        if (request->body.length >= SEND_BUFFER_FROM) {
            (void)curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES);
        }
    }
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static unsigned first_of(unsigned one, unsigned two, unsigned three)
{
    return one != 0 ? one : two != 0 ? two : three;
}

static void set_limits(struct rs_http_transfer *transfer, const struct rs_http_limits *wanted)
{
    const struct rs_http_limits *own = &transfer->http->limits;
    struct rs_http_limits *limits = &transfer->limits;
    CURL *easy = transfer->easy;
    limits->connect_ms = first_of(wanted->connect_ms, own->connect_ms, CONNECT_MS);
    limits->stall_ms = first_of(wanted->stall_ms, own->stall_ms, STALL_MS);
    limits->total_ms = first_of(wanted->total_ms, own->total_ms, 0);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((limits->stall_ms + 999) / 1000));
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)limits->total_ms);
}

/* libcurl would ask getenv itself; the environment is env's to give. */
static void set_proxy(struct rs_http_transfer *transfer, bool tls)
{
    static const char *const names[2][3] = {{"http_proxy", "all_proxy", "ALL_PROXY"},
                                            {"https_proxy", "HTTPS_PROXY", "all_proxy"}};
    const struct rs_env *env = transfer->http->env;
    struct rs_str host = rs_str_from(transfer->host);
    const char *proxy = NULL;
    const char *none = env->getenv(env, "no_proxy");
    for (size_t i = 0; i < 3 && !proxy; i++) {
        proxy = env->getenv(env, names[tls][i]);
    }
    if (!proxy) {
        proxy = env->getenv(env, "ALL_PROXY");
    }
    if (!none) {
        none = env->getenv(env, "NO_PROXY");
    }
    if (!proxy || rs_str_starts(host, RS_STR("169.254.")) ||
        rs_str_starts(host, RS_STR("[fd00:ec2::"))) {
        proxy = "";
    }
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PROXY, proxy);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_NOPROXY, none ? none : "");
    (void)curl_easy_setopt(transfer->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

bool rs_http_setup(struct rs_http_transfer *transfer, const struct rs_http_request *request,
                   struct rs_error *err)
{
    if (!add_headers(transfer, request, err)) {
        return false;
    }
    CURL *easy = transfer->easy;
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)transfer);
    (void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "rs/" RS_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->words);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)transfer);
    if (transfer->stream) {
        (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_stream);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)transfer->stream);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)transfer);
    }
    if (transfer->http->ca_file) { /* instead of the system's, which libcurl has as a folder too */
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->http->ca_file);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    set_method(easy, request);
    set_limits(transfer, &request->limits);
    set_proxy(transfer, strncmp(request->url, "https:", 6) == 0);
    return true;
}
