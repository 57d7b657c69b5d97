/*
 * net/http.h - HTTP requests: one and wait, many at once, or a body read as it comes.
 *
 *   struct rs_http *http = rs_http_new(env, NULL);
 *   struct rs_http_request request = {.method = "GET", .url = "https://example.com/a%20b"};
 *   struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
 *   if (rs_http_send(http, &request, &reply, &err)) ... reply.status, rs_strbuf_str(&reply.body)
 *   rs_http_reply_release(&reply);
 *   rs_http_free(http);
 *
 *   many:    rs_http_start ... rs_http_start; then, until none is left,
 *            rs_http_drive(http, 1000, &transfer, &err) and rs_http_finish(transfer, &reply, &err)
 *   a body:  rs_http_open, rs_http_read until count is 0, rs_http_close
 *
 * Any status is a success here: the caller judges it. A redirect is not followed. TLS is checked
 * against the system's certificates, or those in the file that AWS_CA_BUNDLE names. Proxies come
 * from https_proxy, http_proxy, all_proxy and no_proxy (upper case too, but HTTP_PROXY, as curl
 * has it); the link-local addresses that hand out credentials are never asked through one.
 *
 * Limits:  RS_HTTP_HEADERS_MAX_BYTES of reply headers; max_body_bytes of a body in memory; a
 *          stream holds at most RS_HTTP_STREAM_BYTES that were not read.
 * Pure:    no: network, clock, environment.
 * Owns:    connections stay open for later requests until rs_http_free.
 * Threads: one thread at a time per object, its transfers and streams included.
 * Source:  RFC 9110; libcurl 7.88.
 */
#ifndef RS_NET_HTTP_H
#define RS_NET_HTTP_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum {
    RS_HTTP_HEADERS_MAX_BYTES = 256 << 10,
    RS_HTTP_BODY_MAX_BYTES = 8 << 20, /* where a request names no other maximum */
    RS_HTTP_STREAM_BYTES = 1 << 20,
};

struct rs_http;
struct rs_http_transfer;
struct rs_http_stream;

/* Deadlines. 0 is the client's own, and there the default. */
struct rs_http_limits {
    unsigned connect_ms; /* name, TCP and TLS; default 10 s */
    unsigned stall_ms;   /* no byte moved in either direction; whole seconds; default 60 s */
    unsigned total_ms;   /* all of it; default: none */
};

struct rs_http_options {
    struct rs_http_limits limits;
    const char *ca_file; /* PEM; NULL: AWS_CA_BUNDLE, or the system's; borrowed */
};

struct rs_http_header {
    struct rs_str name;
    struct rs_str value;
};

/* All of it is borrowed until the reply is there: body too, which is not copied. */
struct rs_http_request {
    const char *method; /* "GET", "HEAD", "PUT", "POST" or "DELETE" */
    const char *url;    /* http or https, percent-encoded; sent as it is, dots and slashes too */
    const struct rs_http_header *headers;
    size_t header_count;
    struct rs_str body;
    size_t max_body_bytes; /* of the reply; 0: RS_HTTP_BODY_MAX_BYTES */
    struct rs_http_limits limits;
    void *tag; /* the caller's; see rs_http_tag */
};

struct rs_http_reply {
    unsigned status;          /* 200, 404, ... */
    struct rs_strbuf headers; /* "name: value\r\n" a line */
    struct rs_strbuf body;
};

#define RS_HTTP_REPLY_INIT                                                                         \
    ((struct rs_http_reply){0, RS_STRBUF_INIT(RS_HTTP_HEADERS_MAX_BYTES), RS_STRBUF_INIT(0)})

/* The value of the first header with this name, whatever its case; {NULL, 0} without one. */
struct rs_str rs_http_reply_header(const struct rs_http_reply *reply, const char *name);

void rs_http_reply_release(struct rs_http_reply *reply);

/* env and what options points at are borrowed until rs_http_free; options may be NULL. */
RS_MUST_USE struct rs_http *rs_http_new(const struct rs_env *env,
                                        const struct rs_http_options *options);

/* Cuts off what is under way; transfers and streams are gone with it. NULL is nothing. */
void rs_http_free(struct rs_http *http);

/*
 * Send one request and wait for its reply.
 *
 * reply  written anew, only on success; released by the caller with rs_http_reply_release
 * err    RS_E_NET (retryable, but for TLS) when there is no whole reply; RS_E_LIMIT when the
 *        body is over its maximum; RS_E_INPUT for a header or URL that cannot be sent;
 *        RS_E_INTERRUPTED
 */
RS_MUST_USE bool rs_http_send(struct rs_http *http, const struct rs_http_request *request,
                              struct rs_http_reply *reply, struct rs_error *err);

/* Begin a request and return; it moves in rs_http_drive. NULL: RS_E_INPUT as above. */
RS_MUST_USE struct rs_http_transfer *
rs_http_start(struct rs_http *http, const struct rs_http_request *request, struct rs_error *err);

/*
 * Move all that is under way until a transfer has finished or wait_ms are over (at once if
 * nothing is under way). *finished is that transfer, or NULL. False: RS_E_INTERRUPTED.
 */
RS_MUST_USE bool rs_http_drive(struct rs_http *http, unsigned wait_ms,
                               struct rs_http_transfer **finished, struct rs_error *err);

/* The tag of its request. */
void *rs_http_tag(const struct rs_http_transfer *transfer);

/* Take the reply of a finished transfer, which is gone then; as rs_http_send. */
RS_MUST_USE bool rs_http_finish(struct rs_http_transfer *transfer, struct rs_http_reply *reply,
                                struct rs_error *err);

/* Cut a transfer off, finished or not; it is gone then. NULL is nothing. */
void rs_http_cancel(struct rs_http_transfer *transfer);

/*
 * Send a request and wait for the head of its reply: status and headers go to head, whose body
 * stays empty. limits.total_ms counts for the whole body, so leave it out for long ones.
 */
RS_MUST_USE struct rs_http_stream *rs_http_open(struct rs_http *http,
                                                const struct rs_http_request *request,
                                                struct rs_http_reply *head, struct rs_error *err);

/*
 * Read 1 to size bytes of the body; *count is 0 at its end. size is not 0.
 *
 * err   RS_E_NET, retryable, when the connection was cut before the end
 */
RS_MUST_USE bool rs_http_read(struct rs_http_stream *stream, void *out, size_t size, size_t *count,
                              struct rs_error *err);

/* Before the end of the body this closes the connection too. NULL is nothing. */
void rs_http_close(struct rs_http_stream *stream);

/* The version of the libcurl that is linked: "7.88.1"; static. */
const char *rs_http_library_version(void);

#endif
