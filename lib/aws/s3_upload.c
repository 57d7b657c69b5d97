/*
 * What is written to a sink fills a buffer, which is lent to a request when the next byte comes, and
 * comes back to a list of free ones; so bytes are copied once, an object of exactly one part is put
 * whole, and memory is bounded by the requests under way. The beginning of an upload in parts is
 * waited for, while all others move.
 *
 * Three kinds of requests are under way: a PUT of a whole object, a PUT of a part, and the completion
 * of an upload, which goes out when the last part has come back.
 */
#include "aws/s3_upload.h"

#include <stdio.h>
#include <string.h>

#include "aws/s3_operation.h"
#include "base/mem.h"
#include "codec/xml.h"
#include "rs/strbuf.h"

enum {
    WAIT_MS = 1000,
    MOVE_EVERY_BYTES = 128 << 10, /* of writes: then what is under way is moved */
    ID_MAX = 4096,
    COMPLETE_STALL_MS = 300000, /* S3 may take minutes to put many parts together */
    LIST_MAX = 4 << 20,
    ABORT_ATTEMPTS = 2,
    ABORT_CONNECT_MS = 3000,
    ABORT_TOTAL_MS = 10000,
};

enum upload_kind { WHOLE, PART, COMPLETION };

struct upload_buffer {
    struct upload_buffer *next;
    size_t used;
    char bytes[];
};

struct upload_part {
    char etag[RS_S3_ETAG_MAX + 1];
};

struct upload {
    struct rs_sink sink; /* first: a pointer to it is a pointer to this */
    struct rs_s3_uploader *uploader;
    struct upload *previous;
    struct upload *next;
    struct rs_str key;
    void *tag;
    struct rs_arena arena; /* of the key and the id */
    struct upload_buffer
        *buffer;      /* being filled; NULL before the first byte, and when it is lent */
    struct rs_str id; /* of an upload in parts; empty: none has begun */
    struct upload_part *parts;
    size_t part_count;
    size_t part_capacity;
    size_t pending; /* requests under way */
    uint64_t size_bytes;
    size_t unmoved_bytes;
    struct rs_error err;
    bool finished; /* the caller is done with it */
};

struct upload_request {
    struct upload_request *next;
    struct upload *upload;
    struct rs_aws_call_job *job;
    struct upload_buffer *buffer;
    struct rs_strbuf list; /* the body of a completion */
    struct rs_arena arena; /* what the call's request points at */
    const char *region;    /* that it was sent to */
    bool moved;            /* it is the second try, in the bucket's own region */
    enum upload_kind kind;
    size_t part;
};

struct rs_s3_uploader {
    struct rs_s3 *s3;
    struct rs_s3_uploader_options options;
    char *bucket;
    struct upload *all;
    struct upload_request *requests;
    struct upload_buffer *free_buffers;
    unsigned in_flight;
    struct rs_error err;       /* the first failure */
    struct rs_env quiet_env;   /* without signals, for the end */
    struct rs_s3 *aborter;     /* made when it is needed */
    struct rs_error unaborted; /* why parts are left in S3 */
    size_t unaborted_count;    /* uploads that are */
};

/* ---- Buffers ------------------------------------------------------------------------------- */

/* An empty buffer; it comes back with the request that it is lent to. */
static struct upload_buffer *take_buffer(struct rs_s3_uploader *uploader)
{
    struct upload_buffer *buffer = uploader->free_buffers;
    if (buffer) {
        uploader->free_buffers = buffer->next;
    } else {
        buffer = rs_mem_alloc(sizeof *buffer + uploader->options.part_bytes);
    }
    buffer->next = NULL;
    buffer->used = 0;
    return buffer;
}

static void give_back(struct rs_s3_uploader *uploader, struct upload_buffer *buffer)
{
    if (buffer) {
        buffer->next = uploader->free_buffers;
        uploader->free_buffers = buffer;
    }
}

/* ---- Requests ------------------------------------------------------------------------------ */

static void free_request(struct upload_request *request)
{
    struct rs_s3_uploader *uploader = request->upload->uploader;
    struct upload_request **place = &uploader->requests;
    while (*place != request) {
        place = &(*place)->next;
    }
    *place = request->next;
    request->upload->pending--;
    uploader->in_flight--;
    rs_aws_call_cancel(request->job);
    give_back(uploader, request->buffer);
    rs_strbuf_release(&request->list);
    rs_arena_release(&request->arena);
    rs_mem_free(request);
}

static struct rs_s3_operation operation_of(const struct upload_request *request,
                                           struct rs_url_param query[2])
{
    const struct upload *upload = request->upload;
    struct rs_s3_operation operation = {.verb = "write",
                                        .permission = "s3:PutObject",
                                        .method = "PUT",
                                        .bucket = upload->uploader->options.bucket,
                                        .key = upload->key,
                                        .query = query,
                                        .makes_object = request->kind == WHOLE};
    query[0] = (struct rs_url_param){RS_STR("uploadId"), upload->id};
    switch (request->kind) {
    case WHOLE:
        break;
    case PART:
        operation.query_count = 2;
        break;
    case COMPLETION:
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
static bool send_request(struct upload_request *request)
{
    struct upload *upload = request->upload;
    struct rs_s3 *s3 = upload->uploader->s3;
    struct rs_url_param *query = rs_arena_zalloc(&request->arena, 2, sizeof *query);
    struct rs_s3_operation operation = operation_of(request, query);
    struct rs_aws_call_request call_request;
    char number[24] = "";
    (void)snprintf(number, sizeof number, "%zu", request->part + 1);
    query[1].name = RS_STR("partNumber");
    query[1].value = rs_arena_copy(&request->arena, rs_str_from(number));
    if (!rs_s3_prepare(s3, &operation, &request->arena, &call_request, &upload->err)) {
        return false;
    }
    call_request.tag = request;
    request->region = rs_arena_copy(&request->arena, rs_str_from(call_request.region)).data;
    request->job = rs_aws_call_start(s3->call, &call_request);
    return true;
}

/* Send it; a failure to do so is upload->err. The request is taken over. */
static bool start_request(struct upload_request *request)
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

static struct upload_request *new_request(struct upload *upload, enum upload_kind kind)
{
    struct upload_request *request = rs_mem_zalloc(1, sizeof *request);
    request->upload = upload;
    request->kind = kind;
    request->list = RS_STRBUF_INIT(LIST_MAX);
    request->arena = RS_ARENA_INIT;
    return request;
}

/* Send the list of parts, all of which are there. */
static bool complete(struct upload *upload)
{
    struct upload_request *request = new_request(upload, COMPLETION);
    struct rs_strbuf *list = &request->list;
    rs_strbuf_append(list, "<CompleteMultipartUpload "
                           "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < upload->part_count; i++) {
        rs_strbuf_printf(list, "<Part><PartNumber>%zu</PartNumber><ETag>\"%s\"</ETag></Part>",
                         i + 1, upload->parts[i].etag);
    }
    rs_strbuf_append(list, "</CompleteMultipartUpload>");
    return start_request(request);
}

/* ---- The end of an upload ------------------------------------------------------------------ */

/*
 * Remove the parts that S3 has. By a client of its own, which no signal stops: what is left there
 * is not seen in any list, and is paid for. It has little time, because somebody waits for the end
 * of the run; where S3 cannot be reached, or does not let us, it is asked no more.
 */
static bool send_abort(struct upload *upload, struct rs_error *err)
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
        rs_env_init_quiet(&uploader->quiet_env, uploader->s3->env);
        options.attempts = ABORT_ATTEMPTS;
        options.region = rs_s3_region(uploader->s3, uploader->options.bucket, err);
        uploader->aborter = rs_s3_new(&uploader->quiet_env, &options);
    }
    bool ok = rs_s3_send(uploader->aborter, &operation, &reply, err);
    rs_http_reply_release(&reply);
    return ok || strcmp(err->detail, "NoSuchUpload") == 0;
}

static void abort_parts(struct upload *upload)
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

/* Say once how many uploads left parts in S3, and why; free what aborted the others. */
static void end_aborts(struct rs_s3_uploader *uploader)
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

static void free_upload(struct upload *upload)
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

/* Cut off what is under way, and leave nothing of it. */
static void give_up(struct upload *upload)
{
    struct upload_request *request = upload->uploader->requests;
    while (request) {
        struct upload_request *next = request->next;
        if (request->upload == upload) {
            free_request(request);
        }
        request = next;
    }
    abort_parts(upload);
    free_upload(upload);
}

static void settle_failure(struct upload *upload)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    if (uploader->err.code == RS_OK) {
        uploader->err = upload->err;
    }
    if (upload->finished) {
        give_up(upload);
    }
}

static void settle_success(struct upload *upload, const char *etag)
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
static bool is_there(struct upload *upload, char etag[RS_S3_ETAG_MAX + 1], struct rs_error *err)
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
static bool read_outcome(struct upload_request *request, bool ok, const struct rs_http_reply *reply,
                         const struct rs_aws_failure *failure, struct rs_error *err,
                         char etag[RS_S3_ETAG_MAX + 1])
{
    struct upload *upload = request->upload;
    struct rs_error *first = &upload->err;
    struct rs_url_param query[2];
    const struct rs_s3_operation operation = operation_of(request, query);
    bool completes = request->kind == COMPLETION;
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
static bool may_move(const struct upload_request *request, const struct rs_aws_failure *failure)
{
    struct rs_s3_uploader *uploader = request->upload->uploader;
    struct rs_error ignored = {0};
    (void)!rs_s3_learn(uploader->s3, uploader->options.bucket, failure);
    const char *region = rs_s3_region(uploader->s3, uploader->options.bucket, &ignored);
    return !request->moved && region && strcmp(region, failure->region) == 0 &&
           strcmp(region, request->region) != 0;
}

/* A request has come back. */
static void take_outcome(struct upload_request *request)
{
    struct upload *upload = request->upload;
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_aws_failure failure = {0};
    struct rs_error err = {0};
    char etag[RS_S3_ETAG_MAX + 1] = "";
    enum upload_kind kind = request->kind;
    size_t part = request->part;
    bool ok = rs_aws_call_finish(request->job, &reply, &failure, &err);
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
    if (ok && kind == PART) {
        memcpy(upload->parts[part].etag, etag, sizeof etag);
        ok = !upload->finished || upload->pending > 0 || complete(upload);
    } else if (ok) {
        settle_success(upload, etag);
        return;
    }
    if (!ok) {
        settle_failure(upload);
    }
}

/*
 * Move what is under way, and wait up to wait_ms for a request to come back. What comes of it is
 * with its upload, which may be gone then if it is finished. False: RS_E_INTERRUPTED.
 */
static bool move(struct rs_s3_uploader *uploader, unsigned wait_ms, struct rs_error *err)
{
    struct rs_aws_call_job *job = NULL;
    if (!rs_aws_call_drive(uploader->s3->call, wait_ms, &job, err)) {
        return false;
    }
    if (job) {
        take_outcome(rs_aws_call_tag(job));
    }
    return true;
}

/* ---- Sinks --------------------------------------------------------------------------------- */

static bool wait_for_room(struct rs_s3_uploader *uploader, struct rs_error *err)
{
    while (uploader->in_flight >= uploader->options.in_flight) {
        if (!move(uploader, WAIT_MS, err)) {
            return false;
        }
    }
    return true;
}

static bool begin_parts(struct upload *upload, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    const struct rs_url_param query = {RS_STR("uploads"), RS_STR("")};
    const struct rs_s3_operation operation = {.verb = "write",
                                              .permission = "s3:PutObject",
                                              .method = "POST",
                                              .bucket = uploader->options.bucket,
                                              .key = upload->key,
                                              .query = &query,
                                              .query_count = 1,
                                              .makes_object = true};
    struct rs_http_reply reply = RS_HTTP_REPLY_INIT;
    struct rs_xml_doc *doc = NULL;
    if (rs_s3_send(uploader->s3, &operation, &reply, err)) {
        doc = rs_xml_parse(rs_strbuf_str(&reply.body), "the reply", err);
    }
    if (doc) {
        upload->id = rs_arena_copy(&upload->arena, rs_xml_child(rs_xml_root(doc), "UploadId"));
        if (upload->id.length == 0 || upload->id.length > ID_MAX) {
            (void)rs_error_set(err, RS_E_INPUT,
                               "could not write \"s3://%.*s/%.*s\": the reply "
                               "has no id of the upload",
                               RS_STR_ARG(uploader->options.bucket), RS_STR_ARG(upload->key));
        }
    }
    rs_xml_free(doc);
    rs_http_reply_release(&reply);
    return err->code == RS_OK;
}

/* Lend the buffer to a request. */
static bool send_buffer(struct upload *upload, enum upload_kind kind, struct rs_error *err)
{
    if (!wait_for_room(upload->uploader, err)) {
        return false;
    }
    if (upload->err.code != RS_OK) { /* found out while we waited */
        return false;
    }
    struct upload_request *request = new_request(upload, kind);
    request->buffer = upload->buffer;
    upload->buffer = NULL;
    if (kind == PART) {
        request->part = upload->part_count;
        upload->parts = rs_mem_grow(upload->parts, &upload->part_capacity, upload->part_count + 1,
                                    sizeof *upload->parts);
        upload->parts[upload->part_count++] = (struct upload_part){{0}};
    }
    return start_request(request);
}

static bool send_part(struct upload *upload, struct rs_error *err)
{
    if (upload->id.length == 0 && !begin_parts(upload, err)) {
        return false;
    }
    if (upload->part_count == RS_S3_UPLOAD_PARTS_MAX) {
        size_t part_bytes = upload->uploader->options.part_bytes;
        (void)rs_error_set(err, RS_E_LIMIT,
                           "could not write \"s3://%.*s/%.*s\": it is over %llu GiB, which is %d "
                           "parts of %zu MiB",
                           RS_STR_ARG(upload->uploader->options.bucket), RS_STR_ARG(upload->key),
                           (unsigned long long)RS_S3_UPLOAD_PARTS_MAX * part_bytes >> 30,
                           RS_S3_UPLOAD_PARTS_MAX, part_bytes >> 20);
        return rs_error_hint(err, "write it as several objects");
    }
    return send_buffer(upload, PART, err);
}

/* The first failure of the upload, whoever found it, is kept and told. */
static bool fail(struct upload *upload, const struct rs_error *why, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = upload->uploader;
    if (upload->err.code == RS_OK) {
        upload->err = *why;
    }
    if (uploader->err.code == RS_OK) {
        uploader->err = upload->err;
    }
    *err = upload->err;
    return false;
}

static bool upload_write(struct rs_sink *sink, const void *bytes, size_t count,
                         struct rs_error *err)
{
    struct upload *upload = (struct upload *)(void *)sink;
    struct rs_s3_uploader *uploader = upload->uploader;
    size_t part_bytes = uploader->options.part_bytes;
    struct rs_error why = {0};
    const char *from = bytes;
    bool ok = upload->err.code == RS_OK;
    while (ok && count > 0) {
        if (upload->buffer && upload->buffer->used == part_bytes) {
            ok = send_part(upload, &why);
            continue;
        }
        if (!upload->buffer) {
            upload->buffer = take_buffer(uploader);
        }
        size_t room = part_bytes - upload->buffer->used;
        size_t some = count < room ? count : room;
        memcpy(upload->buffer->bytes + upload->buffer->used, from, some);
        upload->buffer->used += some;
        upload->size_bytes += some;
        upload->unmoved_bytes += some;
        from += some;
        count -= some;
    }
    if (ok && upload->unmoved_bytes >= MOVE_EVERY_BYTES && uploader->in_flight > 0) {
        upload->unmoved_bytes = 0;
        ok = move(uploader, 0, &why) && upload->err.code == RS_OK;
    }
    return ok || fail(upload, &why, err);
}

/* ---- In the order of the header ------------------------------------------------------------ */

struct rs_s3_uploader *rs_s3_uploader_new(struct rs_s3 *s3,
                                          const struct rs_s3_uploader_options *options)
{
    struct rs_s3_uploader *uploader = rs_mem_zalloc(1, sizeof *uploader);
    struct rs_s3_uploader_options *own = &uploader->options;
    uploader->s3 = s3;
    *own = *options;
    uploader->bucket = rs_mem_copy(options->bucket.data, options->bucket.length);
    own->bucket.data = uploader->bucket;
    if (own->part_bytes == 0) {
        own->part_bytes = RS_S3_UPLOAD_PART_BYTES;
    } else if (own->part_bytes < RS_S3_UPLOAD_PART_BYTES_MIN) {
        own->part_bytes = RS_S3_UPLOAD_PART_BYTES_MIN;
    }
    if (own->in_flight == 0) {
        own->in_flight = RS_S3_UPLOAD_IN_FLIGHT;
    }
    return uploader;
}

struct rs_sink *rs_s3_uploader_begin(struct rs_s3_uploader *uploader, struct rs_str key, void *tag,
                                     struct rs_error *err)
{
    if (uploader->err.code != RS_OK) {
        *err = uploader->err;
        return NULL;
    }
    struct upload *upload = rs_mem_zalloc(1, sizeof *upload);
    upload->sink.write = upload_write;
    upload->uploader = uploader;
    upload->tag = tag;
    upload->arena = RS_ARENA_INIT;
    upload->key = rs_arena_copy(&upload->arena, key);
    upload->next = uploader->all;
    if (uploader->all) {
        uploader->all->previous = upload;
    }
    uploader->all = upload;
    return &upload->sink;
}

bool rs_s3_uploader_finish(struct rs_s3_uploader *uploader, struct rs_sink *sink,
                           struct rs_error *err)
{
    struct upload *upload = (struct upload *)(void *)sink;
    struct rs_error why = {0};
    bool ok = upload->err.code == RS_OK;
    if (ok && upload->id.length == 0) {
        upload->buffer = upload->buffer ? upload->buffer : take_buffer(uploader);
        ok = send_buffer(upload, WHOLE, &why);
    } else if (ok && upload->buffer) {
        ok = send_part(upload, &why);
    }
    if (!ok) {
        (void)fail(upload, &why, err);
        give_up(upload);
        return false;
    }
    upload->finished = true; /* from here on what comes back decides, and the upload may be gone */
    if (upload->pending == 0 && !complete(upload)) {
        (void)fail(upload, &why, err);
        give_up(upload);
        return false;
    }
    return move(uploader, 0, err);
}

void rs_s3_uploader_abort(struct rs_s3_uploader *uploader, struct rs_sink *sink)
{
    (void)uploader;
    give_up((struct upload *)(void *)sink);
}

static bool any_finished(const struct rs_s3_uploader *uploader)
{
    for (const struct upload *upload = uploader->all; upload; upload = upload->next) {
        if (upload->finished) {
            return true;
        }
    }
    return false;
}

bool rs_s3_uploader_drain(struct rs_s3_uploader *uploader, struct rs_error *err)
{
    while (any_finished(uploader)) {
        if (!move(uploader, WAIT_MS, err)) {
            return false;
        }
    }
    if (uploader->err.code != RS_OK) {
        *err = uploader->err;
    }
    return uploader->err.code == RS_OK;
}

void rs_s3_uploader_free(struct rs_s3_uploader *uploader)
{
    if (!uploader) {
        return;
    }
    while (uploader->all) {
        give_up(uploader->all);
    }
    end_aborts(uploader);
    while (uploader->free_buffers) {
        struct upload_buffer *next = uploader->free_buffers->next;
        rs_mem_free(uploader->free_buffers);
        uploader->free_buffers = next;
    }
    rs_mem_free(uploader->bucket);
    rs_mem_free(uploader);
}
