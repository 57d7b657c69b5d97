/*
 * libcurl is known here and in http_request.c, nowhere else. All requests, the lone ones too,
 * run in one multi handle: it keeps the connections, and one loop serves deadlines, interrupts
 * and many transfers alike.
 */
#include "net/http.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/http_internal.h"

enum {
    POLL_MS = 200, /* how long a signal that another thread got may go unseen */
    CONNECTIONS_MAX = 64,
};

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
    if (!rs_http_can_send(url)) {
        (void)rs_error_set(err, RS_E_INPUT, "could not send a request: its address is no URL");
        return NULL;
    }
    struct rs_http_transfer *transfer = rs_mem_zalloc(1, sizeof *transfer);
    struct rs_str host = rs_http_authority(url);
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
    if (!rs_http_setup(transfer, request, err)) {
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
            rs_http_explain(transfer, code);
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

size_t rs_http_pending(const struct rs_http *http)
{
    return http->pending;
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
