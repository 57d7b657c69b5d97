/*
 * net/url.h - addresses taken apart and put together: http, https and s3.
 *
 *   rs_url_split(RS_STR("https://[::1]:8443/a%20b?x=1"), &url)
 *     -> tls, host "[::1]", port 8443, path "/a%20b", query "x=1"
 *   rs_url_split_s3(RS_STR("s3://bucket/a b"), &bucket, &key)    -> "bucket", "a b"
 *   rs_url_append_query(&out, RS_STR("list-type"), RS_STR("2"))  -> "...?list-type=2"
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 3986; the S3 manual on bucket names and on access points,
 *          https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html.
 */
#ifndef RS_NET_URL_H
#define RS_NET_URL_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* A name and a value, neither of them encoded. */
struct rs_url_param {
    struct rs_str name;
    struct rs_str value;
};

/* Views of the text that was split. */
struct rs_url {
    bool tls;
    struct rs_str host; /* an IPv6 address with its brackets */
    unsigned port;      /* the scheme's where none is named */
    struct rs_str path; /* as it is written; "" or "/..." */
    struct rs_str query;
};

/*
 * Take an http or https address apart. False when it is none, or has a user name, a fragment, or
 * a byte that has no place in it.
 */
RS_MUST_USE bool rs_url_split(struct rs_str text, struct rs_url *out);

/*
 * The address of a server: http or https, host and port, perhaps with slashes behind. A path, a
 * query or a user name would be sent, and not be signed.
 */
bool rs_url_is_endpoint(struct rs_str text);

/* "localhost", "127.x.y.z" or "[::1]": what is sent there stays on this machine. */
bool rs_url_is_loopback(struct rs_str host);

/* As the Host header has it: without the scheme's own port. */
void rs_url_append_host(struct rs_strbuf *out, const struct rs_url *url);

/* Append "name=value", encoded, with & before it, or with ? where out has none yet. */
void rs_url_append_query(struct rs_strbuf *out, struct rs_str name, struct rs_str value);

/*
 * Take "s3://bucket/key" apart; the key is not decoded, may be empty, and may hold any byte. In
 * place of a bucket's name the ARN of an access point may stand, and is all of *bucket then.
 * False when the scheme is another or the bucket's name cannot be one.
 */
RS_MUST_USE bool rs_url_split_s3(struct rs_str text, struct rs_str *bucket, struct rs_str *key);

/* 3 to 63 of a-z 0-9 . and -, the first and the last a letter or digit, no two dots together. */
bool rs_url_bucket_is_valid(struct rs_str bucket);

/*
 * What the ARN of an access point says: "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs", or with
 * a colon before its name. Views of the ARN.
 */
struct rs_url_access_point {
    struct rs_str region;
    struct rs_str account;
    struct rs_str name;
};

/* False for anything else, those of several regions too: they have no region and sign otherwise. */
RS_MUST_USE bool rs_url_access_point_parse(struct rs_str arn, struct rs_url_access_point *out);

#endif
