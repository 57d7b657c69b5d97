/*
 * Many deletes a request. S3 wants the list's MD5; keys with control characters, which XML has no
 * way to write, are deleted one by one.
 */
#include <stdio.h>

#include "aws/s3_operation.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/xml.h"

enum { KEYS_PER_REQUEST = 1000, BODY_MAX = 8 << 20, DELETE_STALL_MS = 120000 };

struct deletion {
    struct rs_s3 *s3;
    struct rs_str bucket;
    rs_s3_failed *failed;
    void *arg;
    size_t failed_count;
    struct rs_error first;
};

static bool fits_xml(struct rs_str key)
{
    for (size_t i = 0; i < key.length; i++) {
        unsigned char c = (unsigned char)key.data[i];
        if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
            return false;
        }
    }
    return true;
}

static void append_escaped(struct rs_strbuf *out, struct rs_str key)
{
    for (size_t i = 0; i < key.length; i++) {
        char c = key.data[i];
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || (c >= 0 && c < ' ')) {
            rs_strbuf_printf(out, "&#%d;", c);
        } else {
            rs_strbuf_append_char(out, c);
        }
    }
}

static void report(struct deletion *deletion, struct rs_str key, const char *code,
                   const char *message)
{
    if (deletion->failed_count++ == 0) {
        (void)rs_error_set(
            &deletion->first, RS_E_PARTIAL, "could not delete \"s3://%.*s/%.*s\": %s%s%s",
            RS_STR_ARG(deletion->bucket), RS_STR_ARG(key), code, *message ? ": " : "", message);
        (void)snprintf(deletion->first.detail, sizeof deletion->first.detail, "%s", code);
    }
    if (deletion->failed) {
        deletion->failed(deletion->arg, key, code, message);
    }
}

static bool read_result(struct deletion *deletion, struct rs_str body, struct rs_error *err)
{
    struct rs_xml_doc *doc = rs_xml_parse(body, "the reply to a delete", err);
    if (!doc) {
        return false;
    }
    if (!rs_str_equal(rs_xml_name(rs_xml_root(doc)), RS_STR("DeleteResult"))) {
        rs_xml_free(doc);
        return rs_error_set(err, RS_E_INPUT,
                            "could not delete objects of \"s3://%.*s\": the reply is no list of "
                            "what was deleted",
                            RS_STR_ARG(deletion->bucket));
    }
    const struct rs_xml_node *error = rs_xml_find(rs_xml_root(doc), "Error");
    for (; error; error = rs_xml_next(error)) {
        report(deletion, rs_xml_child(error, "Key"), rs_xml_child(error, "Code").data,
               rs_xml_child(error, "Message").data);
    }
    rs_xml_free(doc);
    return true;
}

static bool send_list(struct deletion *deletion, struct rs_str list, struct rs_error *err)
{
    unsigned char md5[RS_MD5_BYTES];
    struct rs_strbuf text = RS_STRBUF_INIT(64);
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    if (!rs_md5(list, md5)) {
        return rs_error_set(err, RS_E_CONFIG,
                            "could not delete objects of \"s3://%.*s\": this "
                            "machine's OpenSSL has no MD5, which S3 asks for",
                            RS_STR_ARG(deletion->bucket));
    }
    rs_base64_append(&text, (struct rs_str){(const char *)md5, sizeof md5});
    const struct rs_url_param query = {RS_STR("delete"), RS_STR("")};
    const struct rs_http_header header = {RS_STR("Content-MD5"), rs_strbuf_str(&text)};
    const struct rs_s3_operation operation = {.verb = "delete objects of",
                                              .permission = "s3:DeleteObject",
                                              .method = "POST",
                                              .bucket = deletion->bucket,
                                              .on_bucket = true,
                                              .query = &query,
                                              .query_count = 1,
                                              .headers = &header,
                                              .header_count = 1,
                                              .body = list,
                                              .limits = {.stall_ms = DELETE_STALL_MS}};
    bool ok = rs_s3_send(deletion->s3, &operation, &reply, err) &&
              read_result(deletion, rs_strbuf_str(&reply.body), err);
    rs_http_reply_release(&reply);
    rs_strbuf_release(&text);
    return ok;
}

static bool delete_one(struct deletion *deletion, struct rs_str key, struct rs_error *err)
{
    struct rs_error why = {0};
    if (rs_s3_delete(deletion->s3, deletion->bucket, key, &why)) {
        return true;
    }
    if (why.code == RS_E_INTERRUPTED) {
        *err = why;
        return false;
    }
    report(deletion, key, why.detail, why.message);
    return true;
}

/* Up to a thousand keys. */
static bool delete_some(struct deletion *deletion, const struct rs_str *keys, size_t count,
                        struct rs_error *err)
{
    struct rs_strbuf list = RS_STRBUF_INIT(BODY_MAX);
    size_t listed = 0;
    bool ok = true;
    rs_strbuf_append(&list, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                            "<Quiet>true</Quiet>");
    for (size_t i = 0; ok && i < count; i++) {
        if (fits_xml(keys[i])) {
            rs_strbuf_append(&list, "<Object><Key>");
            append_escaped(&list, keys[i]);
            rs_strbuf_append(&list, "</Key></Object>");
            listed++;
        } else {
            ok = delete_one(deletion, keys[i], err);
        }
    }
    rs_strbuf_append(&list, "</Delete>");
    if (ok && !rs_strbuf_ok(&list)) {
        ok = rs_error_set(err, RS_E_LIMIT,
                          "could not delete objects of \"s3://%.*s\": their keys "
                          "are too long",
                          RS_STR_ARG(deletion->bucket));
    }
    ok = ok && (listed == 0 || send_list(deletion, rs_strbuf_str(&list), err));
    rs_strbuf_release(&list);
    return ok;
}

bool rs_s3_delete_many(struct rs_s3 *s3, struct rs_str bucket, const struct rs_str *keys,
                       size_t count, rs_s3_failed *failed, void *arg, struct rs_error *err)
{
    struct deletion deletion = {.s3 = s3, .bucket = bucket, .failed = failed, .arg = arg};
    for (size_t i = 0; i < count; i++) {
        if (keys[i].length == 0) {
            return rs_error_set(err, RS_E_INPUT,
                                "could not delete objects of \"s3://%.*s\": a key is empty",
                                RS_STR_ARG(bucket));
        }
    }
    for (size_t i = 0; i < count; i += KEYS_PER_REQUEST) {
        size_t some = count - i < KEYS_PER_REQUEST ? count - i : KEYS_PER_REQUEST;
        if (!delete_some(&deletion, keys + i, some, err)) {
            return false;
        }
    }
    if (deletion.failed_count == 0) {
        return true;
    }
    if (deletion.failed_count > 1) {
        rs_error_prefix(&deletion.first, "%zu of %zu objects are still there",
                        deletion.failed_count, count);
    }
    (void)rs_error_hint(&deletion.first, "allow s3:DeleteObject on them");
    *err = deletion.first;
    return false;
}
