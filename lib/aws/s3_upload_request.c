/*
 * Three kinds of requests: a PUT of a whole object, a PUT of a part, and the completion of an
 * upload, which goes out when the last part has come back. A buffer is filled by the sink, lent
 * to a request, and comes back to a list of free ones.
 */
#include <stdio.h>
#include <string.h>

#include "rs/base/mem.h"
#include "rs/codec/xml.h"
#include "s3_upload_internal.h"

enum {
    COMPLETE_STALL_MS = 300000, /* S3 may take minutes to put many parts together */
    LIST_MAX = 4 << 20,
    ABORT_ATTEMPTS = 3,
};

/* ---- Buffers ------------------------------------------------------------------------------- */

struct rs_s3_upload_buffer *rs_s3_upload_take_buffer(struct rs_s3_uploader *uploader)
{
    struct rs_s3_upload_buffer *buffer = uploader->free_buffers;
    if (buffer) {
        uploader->free_buffers = buffer->next;
    } else {
        buffer = rs_mem_alloc(sizeof *buffer + uploader->options.part_bytes);
    }
    buffer->next = NULL;
    buffer->used = 0;
    return buffer;
}

static void give_back(struct rs_s3_uploader *uploader, struct rs_s3_upload_buffer *buffer)
{
    if (buffer) {
        buffer->next = uploader->free_buffers;
        uploader->free_buffers = buffer;
    }
}

/* ---- Requests ------------------------------------------------------------------------------ */

static void free_request(struct rs_s3_upload_request *request)
{
    struct rs_s3_uploader *uploader = request->upload->uploader;
    struct rs_s3_upload_request **place = &uploader->requests;
    while (*place != request) {
        place = &(*place)->next;
    }
    *place = request->next;
    request->upload->pending--;
    uploader->in_flight--;
    rs_call_cancel(request->job);
    give_back(uploader, request->buffer);
    rs_strbuf_release(&request->list);
    rs_arena_release(&request->arena);
    rs_mem_free(request);
}

static struct rs_s3_operation operation_of(const struct rs_s3_upload_request *request,
                                           struct rs_url_param query[2])
{
    const struct rs_s3_upload *upload = request->upload;
    struct rs_s3_operation operation = {.verb = "write",
                                        .permission = "s3:PutObject",
                                        .method = "PUT",
                                        .bucket = upload->uploader->options.bucket,
                                        .key = upload->key,
                                        .query = query,
                                        .makes_object = request->kind == RS_S3_UPLOAD_WHOLE};
    query[0] = (struct rs_url_param){RS_STR("uploadId"), upload->id};
    switch (request->kind) {
    case RS_S3_UPLOAD_WHOLE:
        break;
    case RS_S3_UPLOAD_PART:
        operation.query_count = 2;
        break;
    case RS_S3_UPLOAD_COMPLETE:
        operation.method = "POST";
        operation.query_count = 1;
        operation.limits.stall_ms = COMPLETE_STALL_MS;
        break;
    }
    operation.body = request->buffer
                         ? (struct rs_str){request->buffer->bytes, request->buffer->used}
                         : rs_strbuf_str(&request->list);
    return operation;
}

bool rs_s3_upload_request_start(struct rs_s3_upload_request *request)
{
    struct rs_s3_upload *upload = request->upload;
    struct rs_s3_uploader *uploader = upload->uploader;
    struct rs_url_param *query = rs_arena_zalloc(&request->arena, 2, sizeof *query);
    struct rs_s3_operation operation = operation_of(request, query);
    struct rs_call_request call_request;
    char number[24] = "";
    (void)snprintf(number, sizeof number, "%zu", request->part + 1);
    query[1].name = RS_STR("partNumber");
    query[1].value = rs_arena_copy(&request->arena, rs_str_from(number));
    request->next = uploader->requests;
    uploader->requests = request;
    uploader->in_flight++;
    upload->pending++;
    if (!rs_s3_prepare(uploader->s3, &operation, &request->arena, &call_request, &upload->err)) {
        free_request(request);
        return false;
    }
    call_request.tag = request;
    request->job = rs_call_start(uploader->s3->call, &call_request);
    return true;
}

struct rs_s3_upload_request *rs_s3_upload_request_new(struct rs_s3_upload *upload,
                                                      enum rs_s3_upload_kind kind)
{
    struct rs_s3_upload_request *request = rs_mem_zalloc(1, sizeof *request);
    request->upload = upload;
    request->kind = kind;
    request->list = RS_STRBUF_INIT(LIST_MAX);
    request->arena = RS_ARENA_INIT;
    return request;
}

bool rs_s3_upload_complete(struct rs_s3_upload *upload)
{
    struct rs_s3_upload_request *request = rs_s3_upload_request_new(upload, RS_S3_UPLOAD_COMPLETE);
    struct rs_strbuf *list = &request->list;
    rs_strbuf_append(list, "<CompleteMultipartUpload "
                           "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < upload->part_count; i++) {
        rs_strbuf_printf(list, "<Part><PartNumber>%zu</PartNumber><ETag>\"%s\"</ETag></Part>",
                         i + 1, upload->parts[i].etag);
    }
    rs_strbuf_append(list, "</CompleteMultipartUpload>");
    return rs_s3_upload_request_start(request);
}

/* ---- The end of an upload ------------------------------------------------------------------ */

static bool never(const struct rs_env *env)
{
    (void)env;
    return false;
}

/*
 * Remove the parts that S3 has. By a client of its own, which no signal stops: what is left there
 * is not seen in any list, and is paid for.
 */
static void abort_parts(struct rs_s3_upload *upload)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    struct rs_s3 *s3 = uploader->s3;
    struct rs_env env = *s3->env;
    struct rs_s3_options options = s3->options;
    const struct rs_url_param query = {RS_STR("uploadId"), upload->id};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_error err = {0};
    if (upload->id.length == 0) {
        return;
    }
    env.interrupted = never;
    options.attempts = ABORT_ATTEMPTS;
    options.region = rs_s3_region(s3, uploader->options.bucket, &err);
    struct rs_s3 *own = rs_s3_new(&env, &options);
    const struct rs_s3_operation operation = {.verb = "give up the upload of",
                                              .permission = "s3:AbortMultipartUpload",
                                              .method = "DELETE",
                                              .bucket = uploader->options.bucket,
                                              .key = upload->key,
                                              .query = &query,
                                              .query_count = 1};
    if (!rs_s3_send(own, &operation, &reply, &err) && strcmp(err.detail, "NoSuchUpload") != 0) {
        rs_log(&env.log, RS_LOG_WARNING, "%s", err.message);
    }
    rs_http_reply_release(&reply);
    rs_s3_free(own);
}

static void free_upload(struct rs_s3_upload *upload)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    if (upload->next) {
        upload->next->previous = upload->previous;
    }
    *(upload->previous ? &upload->previous->next : &uploader->all) = upload->next;
    give_back(uploader, upload->buffer);
    rs_mem_free(upload->parts);
    rs_arena_release(&upload->arena);
    rs_mem_free(upload);
}

void rs_s3_upload_give_up(struct rs_s3_upload *upload)
{
    struct rs_s3_upload_request *request = upload->uploader->requests;
    while (request) {
        struct rs_s3_upload_request *next = request->next;
        if (request->upload == upload) {
            free_request(request);
        }
        request = next;
    }
    abort_parts(upload);
    free_upload(upload);
}

static void settle_failure(struct rs_s3_upload *upload)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    if (uploader->err.code == RS_OK) {
        uploader->err = upload->err;
    }
    if (upload->finished) {
        rs_s3_upload_give_up(upload);
    }
}

static void settle_success(struct rs_s3_upload *upload, const char *etag)
{
    const struct rs_s3_uploader_options *options = &upload->uploader->options;
    const struct rs_s3_uploaded uploaded = {
        .key = upload->key, .size_bytes = upload->size_bytes, .etag = etag, .tag = upload->tag};
    if (options->done) {
        options->done(options->arg, &uploaded);
    }
    free_upload(upload);
}

/* The object as a completion makes it, perhaps by an attempt whose reply was lost. */
static bool is_there(struct rs_s3_upload *upload, char etag[RS_S3_ETAG_MAX + 1])
{
    struct rs_s3_object object;
    struct rs_error ignored = {0};
    char suffix[24] = "";
    (void)snprintf(suffix, sizeof suffix, "-%zu", upload->part_count);
    if (!rs_s3_head(upload->uploader->s3, upload->uploader->options.bucket, upload->key, &object,
                    &ignored) ||
        object.size_bytes != upload->size_bytes ||
        !rs_str_ends(rs_str_from(object.etag), rs_str_from(suffix))) {
        return false;
    }
    memcpy(etag, object.etag, sizeof object.etag);
    return true;
}

static void read_completion(const struct rs_http_reply *reply, char etag[RS_S3_ETAG_MAX + 1])
{
    struct rs_error ignored = {0};
    struct rs_xml_doc *doc = rs_xml_parse(rs_strbuf_str(&reply->body), "the reply", &ignored);
    if (doc) {
        rs_s3_copy_etag(etag, rs_xml_child(rs_xml_root(doc), "ETag"));
        rs_xml_free(doc);
    }
}

/* A request has come back. */
static void take_outcome(struct rs_s3_upload_request *request)
{
    struct rs_s3_upload *upload = request->upload;
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_call_failure failure = {0};
    struct rs_error err = {0};
    char etag[RS_S3_ETAG_MAX + 1] = "";
    enum rs_s3_upload_kind kind = request->kind;
    size_t part = request->part;
    struct rs_url_param query[2];
    const struct rs_s3_operation operation = operation_of(request, query);
    bool ok = rs_call_finish(request->job, &reply, &failure, &err);
    request->job = NULL;
    if (!ok && kind == RS_S3_UPLOAD_COMPLETE && strcmp(failure.code, "NoSuchUpload") == 0 &&
        is_there(upload, etag)) {
        ok = true;
    } else if (ok && kind == RS_S3_UPLOAD_COMPLETE) {
        read_completion(&reply, etag);
        ok = etag[0] != '\0' || is_there(upload, etag); /* radosgw 16 leaves the ETag out */
    } else if (ok) {
        rs_s3_copy_etag(etag, rs_http_reply_header(&reply, "etag"));
    } else {
        rs_s3_explain(upload->uploader->s3, &operation, &failure, &err);
        upload->err = upload->err.code == RS_OK ? err : upload->err;
    }
    rs_http_reply_release(&reply);
    free_request(request);
    if (!ok && upload->err.code == RS_OK) {
        (void)rs_error_set(&upload->err, RS_E_NET,
                           "could not write \"s3://%.*s/%.*s\": it is not there after all",
                           RS_STR_ARG(operation.bucket), RS_STR_ARG(upload->key));
    }
    if (ok && kind == RS_S3_UPLOAD_PART) {
        memcpy(upload->parts[part].etag, etag, sizeof etag);
        ok = !upload->finished || upload->pending > 0 || rs_s3_upload_complete(upload);
    } else if (ok) {
        settle_success(upload, etag);
        return;
    }
    if (!ok) {
        settle_failure(upload);
    }
}

bool rs_s3_upload_move(struct rs_s3_uploader *uploader, unsigned wait_ms, struct rs_error *err)
{
    struct rs_call_job *job = NULL;
    if (!rs_call_drive(uploader->s3->call, wait_ms, &job, err)) {
        return false;
    }
    if (job) {
        take_outcome(rs_call_tag(job));
    }
    return true;
}
