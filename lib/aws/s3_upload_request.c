/*
 * Three kinds of requests: a PUT of a whole object, a PUT of a part, and the completion of an
 * upload, which goes out when the last part has come back. A buffer is filled by the sink, lent
 * to a request, and comes back to a list of free ones.
 */
#include <stdio.h>
#include <string.h>

#include "aws/s3_upload_internal.h"
#include "base/mem.h"
#include "codec/xml.h"

enum {
    COMPLETE_STALL_MS = 300000, /* S3 may take minutes to put many parts together */
    LIST_MAX = 4 << 20,
    ABORT_ATTEMPTS = 2,
    ABORT_CONNECT_MS = 3000,
    ABORT_TOTAL_MS = 10000,
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

/* Send it to where the bucket is, as far as that is known. */
static bool send_request(struct rs_s3_upload_request *request)
{
    struct rs_s3_upload *upload = request->upload;
    struct rs_s3 *s3 = upload->uploader->s3;
    struct rs_url_param *query = rs_arena_zalloc(&request->arena, 2, sizeof *query);
    struct rs_s3_operation operation = operation_of(request, query);
    struct rs_call_request call_request;
    char number[24] = "";
    (void)snprintf(number, sizeof number, "%zu", request->part + 1);
    query[1].name = RS_STR("partNumber");
    query[1].value = rs_arena_copy(&request->arena, rs_str_from(number));
    if (!rs_s3_prepare(s3, &operation, &request->arena, &call_request, &upload->err)) {
        return false;
    }
    call_request.tag = request;
    request->region = rs_arena_copy(&request->arena, rs_str_from(call_request.region)).data;
    request->job = rs_call_start(s3->call, &call_request);
    return true;
}

bool rs_s3_upload_request_start(struct rs_s3_upload_request *request)
{
    struct rs_s3_uploader *uploader = request->upload->uploader;
    request->next = uploader->requests;
    uploader->requests = request;
    uploader->in_flight++;
    request->upload->pending++;
    if (!send_request(request)) {
        free_request(request);
        return false;
    }
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
 * is not seen in any list, and is paid for. It has little time, because somebody waits for the end
 * of the run; where S3 cannot be reached, or does not let us, it is asked no more.
 */
static bool send_abort(struct rs_s3_upload *upload, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    const struct rs_url_param query = {RS_STR("uploadId"), upload->id};
    const struct rs_s3_operation operation = {
        .verb = "give up the upload of",
        .permission = "s3:AbortMultipartUpload",
        .method = "DELETE",
        .bucket = uploader->options.bucket,
        .key = upload->key,
        .query = &query,
        .query_count = 1,
        .limits = {.connect_ms = ABORT_CONNECT_MS, .total_ms = ABORT_TOTAL_MS}};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    if (!uploader->aborter) {
        struct rs_s3_options options = uploader->s3->options;
        uploader->quiet_env = *uploader->s3->env;
        uploader->quiet_env.interrupted = never;
        options.attempts = ABORT_ATTEMPTS;
        options.region = rs_s3_region(uploader->s3, uploader->options.bucket, err);
        uploader->aborter = rs_s3_new(&uploader->quiet_env, &options);
    }
    bool ok = rs_s3_send(uploader->aborter, &operation, &reply, err);
    rs_http_reply_release(&reply);
    return ok || strcmp(err->detail, "NoSuchUpload") == 0;
}

static void abort_parts(struct rs_s3_upload *upload)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    struct rs_error err = {0};
    bool stopped = uploader->unaborted.code == RS_E_NET;
    if (upload->id.length == 0 || (!stopped && send_abort(upload, &err))) {
        return;
    }
    uploader->unaborted_count++;
    if (!stopped && (uploader->unaborted.code == RS_OK || err.code == RS_E_NET)) {
        uploader->unaborted = err;
    }
}

void rs_s3_upload_end_aborts(struct rs_s3_uploader *uploader)
{
    if (uploader->unaborted_count > 0) {
        rs_log(&uploader->s3->env->log, RS_LOG_WARNING,
               "parts of %zu unfinished uploads are left in \"s3://%.*s\": %s",
               uploader->unaborted_count, RS_STR_ARG(uploader->options.bucket),
               uploader->unaborted.message);
    }
    rs_s3_free(uploader->aborter);
    uploader->aborter = NULL;
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

/*
 * The object as a completion makes it, perhaps by an attempt whose reply was lost. False: it is not
 * there, or err says why that could not be found out.
 */
static bool is_there(struct rs_s3_upload *upload, char etag[RS_S3_ETAG_MAX + 1],
                     struct rs_error *err)
{
    struct rs_s3_object object;
    struct rs_error why = {0};
    char suffix[24] = "";
    (void)snprintf(suffix, sizeof suffix, "-%zu", upload->part_count);
    if (!rs_s3_head(upload->uploader->s3, upload->uploader->options.bucket, upload->key, &object,
                    &why)) {
        if (strcmp(why.detail, "404") != 0) {
            *err = why;
        }
        return false;
    }
    if (object.size_bytes != upload->size_bytes ||
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

/* What came of a request, in the upload's terms: its ETag, or upload->err is set. */
static bool read_outcome(struct rs_s3_upload_request *request, bool ok,
                         const struct rs_http_reply *reply, const struct rs_call_failure *failure,
                         struct rs_error *err, char etag[RS_S3_ETAG_MAX + 1])
{
    struct rs_s3_upload *upload = request->upload;
    struct rs_error *first = &upload->err;
    struct rs_url_param query[2];
    const struct rs_s3_operation operation = operation_of(request, query);
    bool completes = request->kind == RS_S3_UPLOAD_COMPLETE;
    if (ok && !completes) {
        rs_s3_copy_etag(etag, rs_http_reply_header(reply, "etag"));
        return true;
    }
    if (!ok && !(completes && strcmp(failure->code, "NoSuchUpload") == 0)) {
        rs_s3_explain(upload->uploader->s3, &operation, failure, err);
        *first = first->code == RS_OK ? *err : *first;
        return false;
    }
    if (ok) {
        read_completion(reply, etag);
    }
    rs_error_clear(err);
    if (etag[0] || is_there(upload, etag, err)) { /* radosgw 16 leaves the ETag out */
        return true;
    }
    if (err->code == RS_OK) {
        (void)rs_error_set(err, RS_E_NET,
                           "could not write \"s3://%.*s/%.*s\": it is not there after all",
                           RS_STR_ARG(operation.bucket), RS_STR_ARG(upload->key));
    }
    *first = first->code == RS_OK ? *err : *first;
    return false;
}

/* It went astray, and the region that S3 names, to this one or to another before, is tried once. */
static bool may_move(const struct rs_s3_upload_request *request,
                     const struct rs_call_failure *failure)
{
    struct rs_s3_uploader *uploader = request->upload->uploader;
    struct rs_error ignored = {0};
    (void)!rs_s3_learn(uploader->s3, uploader->options.bucket, failure);
    const char *region = rs_s3_region(uploader->s3, uploader->options.bucket, &ignored);
    return !request->moved && region && strcmp(region, failure->region) == 0 &&
           strcmp(region, request->region) != 0;
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
    bool ok = rs_call_finish(request->job, &reply, &failure, &err);
    request->job = NULL;
    if (!ok && may_move(request, &failure)) {
        request->moved = true;
        if (send_request(request)) {
            return;
        }
    }
    ok = read_outcome(request, ok, &reply, &failure, &err, etag);
    rs_http_reply_release(&reply);
    free_request(request);
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
