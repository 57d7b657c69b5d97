/*
 * net/http_internal.h - what the two files that know libcurl share: http.c and http_request.c.
 */
#ifndef RS_NET_HTTP_INTERNAL_H
#define RS_NET_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "net/http.h"

enum { RS_HTTP_HOST_MAX = 255 };

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
    char host[RS_HTTP_HOST_MAX + 1]; /* and port, for messages */
    char words[CURL_ERROR_SIZE];
};

struct rs_http_stream {
    struct rs_http_transfer *transfer;
    size_t begin; /* unread are begin..end of bytes */
    size_t end;
    bool paused;
    char bytes[RS_HTTP_STREAM_BYTES];
};

/* The host, and the port if one is named, of a URL that can be sent. */
struct rs_str rs_http_authority(struct rs_str url);

/* Printable ASCII that begins with http:// or https://. */
bool rs_http_can_send(struct rs_str url);

/*
 * Give the request to transfer->easy. RS_E_INPUT for a header that cannot be sent.
 */
RS_MUST_USE bool rs_http_setup(struct rs_http_transfer *transfer,
                               const struct rs_http_request *request, struct rs_error *err);

/* Write to transfer->err what libcurl's code means; the easy handle is there still. */
void rs_http_explain(struct rs_http_transfer *transfer, CURLcode code);

#endif
