/*
 * libcurl is known here, nowhere else. All requests, the lone ones too, run in one multi handle: it
 * keeps the connections, and one loop serves deadlines, interrupts and many transfers alike.
 *
 * A request's body is given to libcurl as it stands in the caller's memory. A reply's body goes
 * to a buffer with a maximum; a stream's goes to a buffer of fixed size, and while that is full
 * the transfer is paused: libcurl then leaves the bytes in the socket, and TCP holds the sender.
 */
#include "net/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum {
    HOST_MAX = 255,
    POLL_MS = 200, /* how long a signal that another thread got may go unseen */
    CONNECTIONS_MAX = 64,
    CONNECT_MS = 10000,
    STALL_MS = 60000,
    SEND_BYTES = 512 << 10, /* what is given to a socket at once */
    RECEIVE_BYTES = 256 << 10,
    BODY_AT_ONCE = 64 << 10, /* room for a body whose size is not known */
    BODY_AT_ONCE_MAX = 16 << 20,
    SEND_BUFFER_FROM = 64 << 10, /* bodies from here on are worth a larger buffer */
};

struct rs_http {
    const struct rs_env *env;
    CURLM *multi;
    struct rs_http_limits limits;
    const char *ca_file;
    struct rs_http_transfer *all;      /* a list: under way, and finished but not taken */
    struct rs_http_transfer *finished; /* a queue of those that drive has not handed out */
    struct rs_http_transfer **finished_end;
    size_t pending;
};

struct rs_http_transfer {
    struct rs_http *http;
    struct rs_http_transfer *previous;
    struct rs_http_transfer *next;
    struct rs_http_transfer *next_finished;
    CURL *easy; /* NULL once finished */
    struct curl_slist *headers;
    struct rs_http_stream *stream; /* NULL: the body goes to reply.body */
    struct rs_http_limits limits;
    struct rs_http_reply reply;
    struct rs_error err;
    void *tag;
    bool head_done; /* all headers of the last reply are there */
    bool done;
    char host[HOST_MAX + 1]; /* and port, for messages */
    char words[CURL_ERROR_SIZE];
};

struct rs_http_stream {
    struct rs_http_transfer *transfer;
    size_t begin; /* unread are begin..end of bytes */
    size_t end;
    bool paused;
    char bytes[RS_HTTP_STREAM_BYTES];
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

static void explain(struct rs_http_transfer *transfer, CURLcode code)
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

static struct rs_str authority_of(struct rs_str url)
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

static bool can_send(struct rs_str url)
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

static bool set_up(struct rs_http_transfer *transfer, const struct rs_http_request *request,
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

/* ---- Moving -------------------------------------------------------------------------------- */

static void forget(struct rs_http_transfer *transfer)
{
    struct rs_http *http = transfer->http;
    struct rs_http_transfer **place = &http->finished;
    if (transfer->easy) {
        (void)curl_multi_remove_handle(http->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
        http->pending--;
    }
    while (*place && *place != transfer) {
        place = &(*place)->next_finished;
    }
    if (*place) {
        *place = transfer->next_finished;
        http->finished_end = transfer->next_finished ? http->finished_end : place;
    }
    if (transfer->next) {
        transfer->next->previous = transfer->previous;
    }
    *(transfer->previous ? &transfer->previous->next : &http->all) = transfer->next;
    for (struct curl_slist *line = transfer->headers; line; line = line->next) {
        rs_mem_wipe(line->data, strlen(line->data)); /* a session token may be among them */
    }
    curl_slist_free_all(transfer->headers);
    rs_http_reply_release(&transfer->reply);
    rs_mem_free(transfer->stream);
    rs_mem_free(transfer);
}

static struct rs_http_transfer *begin(struct rs_http *http, const struct rs_http_request *request,
                                      bool streams, struct rs_error *err)
{
    struct rs_str url = rs_str_from(request->url);
    size_t max_bytes =
        request->max_body_bytes > 0 ? request->max_body_bytes : (size_t)RS_HTTP_BODY_MAX_BYTES;
    if (!can_send(url)) {
        (void)rs_error_set(err, RS_E_INPUT, "could not send a request: its address is no URL");
        return NULL;
    }
    struct rs_http_transfer *transfer = rs_mem_zalloc(1, sizeof *transfer);
    struct rs_str host = authority_of(url);
    transfer->http = http;
    transfer->tag = request->tag;
    transfer->reply = (struct rs_http_reply){0, RS_STRBUF_INIT(RS_HTTP_HEADERS_MAX_BYTES),
                                             RS_STRBUF_INIT(max_bytes)};
    (void)snprintf(transfer->host, sizeof transfer->host, "%.*s", RS_STR_ARG(host));
    transfer->next = http->all;
    if (http->all) {
        http->all->previous = transfer;
    }
    http->all = transfer;
    if (streams) {
        transfer->stream = rs_mem_alloc(sizeof *transfer->stream);
        transfer->stream->transfer = transfer;
        transfer->stream->begin = transfer->stream->end = 0;
        transfer->stream->paused = false;
    }
    transfer->easy = curl_easy_init();
    http->pending++;
    if (!set_up(transfer, request, err)) {
        forget(transfer);
        return NULL;
    }
    (void)curl_multi_add_handle(http->multi, transfer->easy);
    return transfer;
}

static void harvest(struct rs_http *http)
{
    CURLMsg *message;
    int left = 0;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* gone with the handle's removal */
        struct rs_http_transfer *transfer = NULL;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        if (code == CURLE_OK && !transfer->head_done) {
            code = CURLE_PARTIAL_FILE; /* cut among the headers: libcurl lets that pass */
        }
        if (code != CURLE_OK) {
            explain(transfer, code);
        }
        (void)curl_multi_remove_handle(http->multi, easy);
        curl_easy_cleanup(easy);
        transfer->easy = NULL;
        transfer->done = true;
        http->pending--;
        if (!transfer->stream) {
            *http->finished_end = transfer;
            http->finished_end = &transfer->next_finished;
        }
    }
}

static bool advance(struct rs_http *http, struct rs_error *err)
{
    int running = 0;
    CURLMcode code = curl_multi_perform(http->multi, &running);
    if (code != CURLM_OK) {
        return rs_error_set(err, RS_E_NET, "could not move requests: %s",
                            curl_multi_strerror(code));
    }
    harvest(http);
    return rs_env_check_interrupt(http->env, err);
}

static void wait_for_bytes(struct rs_http *http, unsigned ms)
{
    (void)curl_multi_poll(http->multi, NULL, 0, ms < POLL_MS ? (int)ms : POLL_MS, NULL);
}

/* ---- In the order of the header -------------------------------------------------------------- */

struct rs_str rs_http_reply_header(const struct rs_http_reply *reply, const char *name)
{
    struct rs_str rest = rs_strbuf_str(&reply->headers);
    size_t length = strlen(name);
    while (rest.length > 0) {
        size_t end = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_slice(rest, 0, end);
        if (line.length > length && line.data[length] == ':' &&
            strncasecmp(line.data, name, length) == 0) {
            return rs_str_trim(rs_str_slice(line, length + 1, line.length));
        }
        rest = rs_str_slice(rest, end == SIZE_MAX ? rest.length : end + 1, rest.length);
    }
    return (struct rs_str){NULL, 0};
}

void rs_http_reply_release(struct rs_http_reply *reply)
{
    rs_strbuf_release(&reply->headers);
    rs_strbuf_release(&reply->body);
}

struct rs_http *rs_http_new(const struct rs_env *env, const struct rs_http_options *options)
{
    struct rs_http *http = rs_mem_zalloc(1, sizeof *http);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* counted, and safe in threads since 7.84 */
    http->env = env;
    http->multi = curl_multi_init();
    http->finished_end = &http->finished;
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    if (options) {
        http->limits = options->limits;
        http->ca_file = options->ca_file;
    }
    if (!http->ca_file) {
        http->ca_file = rs_env_variable(env, "AWS_CA_BUNDLE");
    }
    return http;
}

void rs_http_free(struct rs_http *http)
{
    if (!http) {
        return;
    }
    while (http->all) {
        forget(http->all);
    }
    (void)curl_multi_cleanup(http->multi);
    curl_global_cleanup();
    rs_mem_free(http);
}

bool rs_http_send(struct rs_http *http, const struct rs_http_request *request,
                  struct rs_http_reply *reply, struct rs_error *err)
{
    struct rs_http_transfer *transfer = begin(http, request, false, err);
    if (!transfer) {
        return false;
    }
    while (advance(http, err)) {
        if (transfer->done) {
            return rs_http_finish(transfer, reply, err);
        }
        wait_for_bytes(http, POLL_MS);
    }
    forget(transfer);
    return false;
}

struct rs_http_transfer *rs_http_start(struct rs_http *http, const struct rs_http_request *request,
                                       struct rs_error *err)
{
    return begin(http, request, false, err);
}

bool rs_http_drive(struct rs_http *http, unsigned wait_ms, struct rs_http_transfer **finished,
                   struct rs_error *err)
{
    const struct rs_env *env = http->env;
    int64_t end_us = env->monotonic_us(env) + (int64_t)wait_ms * 1000;
    *finished = NULL;
    while (advance(http, err)) {
        int64_t left_us = end_us - env->monotonic_us(env);
        if (http->finished) {
            *finished = http->finished;
            http->finished = http->finished->next_finished;
            http->finished_end = http->finished ? http->finished_end : &http->finished;
            (*finished)->next_finished = NULL;
            return true;
        }
        if (left_us <= 0 || http->pending == 0) {
            return true;
        }
        wait_for_bytes(http, left_us < POLL_MS * 1000 ? (unsigned)(left_us / 1000) + 1 : POLL_MS);
    }
    return false;
}

void *rs_http_tag(const struct rs_http_transfer *transfer)
{
    return transfer->tag;
}

bool rs_http_finish(struct rs_http_transfer *transfer, struct rs_http_reply *reply,
                    struct rs_error *err)
{
    bool ok = transfer->err.code == RS_OK;
    if (ok) {
        *reply = transfer->reply;
        transfer->reply = RS_HTTP_REPLY_INIT;
    } else if (err->code == RS_OK) {
        *err = transfer->err;
    }
    forget(transfer);
    return ok;
}

void rs_http_cancel(struct rs_http_transfer *transfer)
{
    if (transfer) {
        forget(transfer);
    }
}

struct rs_http_stream *rs_http_open(struct rs_http *http, const struct rs_http_request *request,
                                    struct rs_http_reply *head, struct rs_error *err)
{
    struct rs_http_transfer *transfer = begin(http, request, true, err);
    if (!transfer) {
        return NULL;
    }
    while (advance(http, err)) {
        if (transfer->head_done) {
            *head = transfer->reply;
            transfer->reply = RS_HTTP_REPLY_INIT;
            return transfer->stream;
        }
        if (transfer->done) {
            *err = transfer->err;
            break;
        }
        wait_for_bytes(http, POLL_MS);
    }
    forget(transfer);
    return NULL;
}

bool rs_http_read(struct rs_http_stream *stream, void *out, size_t size, size_t *count,
                  struct rs_error *err)
{
    struct rs_http_transfer *transfer = stream->transfer;
    while (stream->begin == stream->end && !transfer->done) {
        if (stream->paused) {
            stream->paused = false;
            (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
        }
        if (!advance(transfer->http, err)) {
            return false;
        }
        if (stream->begin == stream->end && !transfer->done) {
            wait_for_bytes(transfer->http, POLL_MS);
        }
    }
    size_t unread = stream->end - stream->begin;
    *count = unread < size ? unread : size;
    if (unread == 0 && transfer->err.code != RS_OK) {
        *err = transfer->err;
        return false;
    }
    memcpy(out, stream->bytes + stream->begin, *count);
    stream->begin += *count;
    return true;
}

void rs_http_close(struct rs_http_stream *stream)
{
    if (stream) {
        forget(stream->transfer);
    }
}

const char *rs_http_library_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
