/*
 * aws/sigv4.h - AWS signature version 4, in a header.
 *
 *   struct rs_sigv4_scope scope = {&keys, "us-east-1", "s3", now_us};
 *   struct rs_sigv4_request request = {.method = "GET", .path = RS_STR("/a%20b"),
 *                                      .headers = headers, .header_count = 3,
 *                                      .payload_sha256 = RS_SIGV4_EMPTY_SHA256};
 *   rs_sigv4_authorization(&request, &scope, &out);
 *     -> "AWS4-HMAC-SHA256 Credential=AKIA.../20130524/us-east-1/s3/aws4_request, ..."
 *
 * Every header that is given is signed; host, x-amz-date, and x-amz-security-token where there is
 * a token, have to be among them. For the service "s3" the path is signed as it is sent, for
 * others it is normalised and encoded once more.
 *
 * Pure:    yes; the clock is the caller's.   Threads: reentrant.
 * Owns:    nothing; keys made on the way are wiped.
 * Source:  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
#ifndef RS_AWS_SIGV4_H
#define RS_AWS_SIGV4_H

#include "aws/credentials.h"
#include "net/http.h"
#include "net/url.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum {
    RS_SIGV4_DATE_BYTES = 16,      /* "20130524T000000Z" */
    RS_SIGV4_SIGNATURE_BYTES = 64, /* hexadecimal digits */
    RS_SIGV4_PARAMS_MAX = 64,
    RS_SIGV4_HEADERS_MAX = 64,
    RS_SIGV4_TEXT_MAX = 256 << 10, /* a canonical request */
};

#define RS_SIGV4_EMPTY_SHA256                                                                      \
    RS_STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
#define RS_SIGV4_UNSIGNED_PAYLOAD RS_STR("UNSIGNED-PAYLOAD")

struct rs_sigv4_scope {
    const struct rs_credentials *credentials;
    const char *region;
    const char *service;
    int64_t now_us;
};

struct rs_sigv4_request {
    const char *method;
    struct rs_str path;               /* as it is sent: encoded; empty: "/" */
    const struct rs_url_param *query; /* not encoded; in any order */
    size_t query_count;
    const struct rs_http_header *headers; /* names in any case, in any order */
    size_t header_count;
    struct rs_str payload_sha256; /* hexadecimal, or RS_SIGV4_UNSIGNED_PAYLOAD */
};

/* Write "20130524T000000Z"; no NUL is added. */
void rs_sigv4_date(int64_t now_us, char out[RS_SIGV4_DATE_BYTES]);

/* Append the canonical request, the first step; the second hashes it. */
void rs_sigv4_canonical(const struct rs_sigv4_request *request, const struct rs_sigv4_scope *scope,
                        struct rs_strbuf *out);
void rs_sigv4_string_to_sign(const struct rs_sigv4_scope *scope, struct rs_str canonical,
                             struct rs_strbuf *out);
void rs_sigv4_signature(const struct rs_sigv4_scope *scope, struct rs_str string_to_sign,
                        char out[RS_SIGV4_SIGNATURE_BYTES]);

/*
 * Append the value of the Authorization header: all three steps. out overflows, and nothing is
 * signed, where the request has more than the limits above allow.
 */
void rs_sigv4_authorization(const struct rs_sigv4_request *request,
                            const struct rs_sigv4_scope *scope, struct rs_strbuf *out);

#endif
