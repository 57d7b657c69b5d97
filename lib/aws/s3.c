/* Operations that are one request, and what a bucket says of itself. */
#include "aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "aws/s3_operation.h"
#include "codec/xml.h"
#include "net/http_date.h"

bool rs_s3_put(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key, struct rs_str body,
               struct rs_s3_object *object, struct rs_error *err)
{
    const struct rs_s3_operation operation = {.verb = "write",
                                              .permission = "s3:PutObject",
                                              .method = "PUT",
                                              .bucket = bucket,
                                              .key = key,
                                              .makes_object = true,
                                              .body = body};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    bool ok = rs_s3_send(s3, &operation, &reply, err);
    if (ok && object) {
        *object = (struct rs_s3_object){.size_bytes = body.length};
        rs_s3_copy_etag(object->etag, rs_http_reply_header(&reply, "etag"));
    }
    rs_http_reply_release(&reply);
    return ok;
}

bool rs_s3_get(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key, size_t max_bytes,
               struct rs_strbuf *out, struct rs_error *err)
{
    const struct rs_s3_operation operation = {.verb = "read",
                                              .permission = "s3:GetObject",
                                              .method = "GET",
                                              .bucket = bucket,
                                              .key = key,
                                              .max_body_bytes = max_bytes};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    bool ok = rs_s3_send(s3, &operation, &reply, err);
    if (ok) {
        rs_strbuf_append_str(out, rs_strbuf_str(&reply.body));
    }
    rs_http_reply_release(&reply);
    return ok &&
           (rs_strbuf_ok(out) ||
            rs_error_set(err, RS_E_LIMIT, "could not read \"s3://%.*s/%.*s\": it is too large",
                         RS_STR_ARG(bucket), RS_STR_ARG(key)));
}

bool rs_s3_head(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key,
                struct rs_s3_object *object, struct rs_error *err)
{
    const struct rs_s3_operation operation = {.verb = "look at",
                                              .permission = "s3:GetObject",
                                              .method = "HEAD",
                                              .bucket = bucket,
                                              .key = key};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_s3_object found = {0};
    bool ok = rs_s3_send(s3, &operation, &reply, err);
    if (ok) {
        struct rs_str length = rs_http_reply_header(&reply, "content-length");
        struct rs_str date = rs_http_reply_header(&reply, "last-modified");
        struct rs_str restore = rs_http_reply_header(&reply, "x-amz-restore");
        rs_s3_copy_etag(found.etag, rs_http_reply_header(&reply, "etag"));
        found.is_archived =
            !rs_str_starts(restore, RS_STR("ongoing-request=\"false\"")) &&
            (rs_s3_class_is_archive(rs_http_reply_header(&reply, "x-amz-storage-class")) ||
             rs_http_reply_header(&reply, "x-amz-archive-status").length > 0);
        ok = rs_str_parse_u64(length, 0, INT64_MAX, &found.size_bytes) &&
             rs_http_date_parse(date, &found.modified_us);
        if (ok) {
            *object = found;
        } else {
            (void)rs_error_set(
                err, RS_E_INPUT,
                "could not look at \"s3://%.*s/%.*s\": the reply has no size or date",
                RS_STR_ARG(bucket), RS_STR_ARG(key));
        }
    }
    rs_http_reply_release(&reply);
    return ok;
}

bool rs_s3_delete(struct rs_s3 *s3, struct rs_str bucket, struct rs_str key, struct rs_error *err)
{
    const struct rs_s3_operation operation = {.verb = "delete",
                                              .permission = "s3:DeleteObject",
                                              .method = "DELETE",
                                              .bucket = bucket,
                                              .key = key};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    bool ok = rs_s3_send(s3, &operation, &reply, err);
    rs_http_reply_release(&reply);
    return ok;
}

static const char no_configuration[] = "ServerSideEncryptionConfigurationNotFoundError";

static void copy_child(const struct rs_xml_node *node, const char *name, char *out, size_t room)
{
    (void)snprintf(out, room, "%.*s", RS_STR_ARG(rs_str_trim(rs_xml_child(node, name))));
}

/* <ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>... */
static bool read_rule(struct rs_str body, struct rs_s3_encryption *out, struct rs_error *err)
{
    static const struct rs_str name = RS_STR_INIT("ServerSideEncryptionConfiguration");
    struct rs_xml_doc *doc = rs_xml_parse(body, "the encryption of a bucket", err);
    const struct rs_xml_node *root = doc ? rs_xml_root(doc) : NULL;
    const struct rs_xml_node *how =
        root ? rs_xml_find_path(root, "Rule/ApplyServerSideEncryptionByDefault") : NULL;
    if (how) {
        copy_child(how, "SSEAlgorithm", out->algorithm, sizeof out->algorithm);
        copy_child(how, "KMSMasterKeyID", out->key, sizeof out->key);
    }
    if (root && !rs_str_equal(rs_xml_name(root), name)) { /* a list of objects, say */
        (void)rs_error_set(err, RS_E_INPUT,
                           "could not read the encryption of the bucket: the server does not know "
                           "what that is");
    }
    rs_xml_free(doc);
    return err->code == RS_OK;
}

bool rs_s3_read_encryption(struct rs_s3 *s3, struct rs_str bucket, struct rs_s3_encryption *out,
                           struct rs_error *err)
{
    const struct rs_url_param query = {RS_STR("encryption"), RS_STR("")};
    const struct rs_s3_operation operation = {.verb = "read the encryption of",
                                              .permission = "s3:GetEncryptionConfiguration",
                                              .method = "GET",
                                              .bucket = bucket,
                                              .on_bucket = true,
                                              .query = &query,
                                              .query_count = 1};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_error why = {0};
    *out = (struct rs_s3_encryption){.algorithm = ""};
    bool ok = rs_s3_send(s3, &operation, &reply, &why);
    if (ok) {
        ok = read_rule(rs_strbuf_str(&reply.body), out, err);
    } else if (strcmp(why.detail, no_configuration) == 0) {
        ok = true;
    } else if (err->code == RS_OK) {
        *err = why;
    }
    rs_http_reply_release(&reply);
    return ok;
}
