/*
 * The sinks. What is written fills a buffer, which is lent to a request when the next byte comes;
 * so bytes are copied once, an object of exactly one part is put whole, and memory is bounded by
 * the requests under way. The beginning of an upload in parts is waited for, while all others
 * move.
 */
#include "aws/s3_upload.h"

#include <string.h>

#include "aws/s3_upload_internal.h"
#include "base/mem.h"
#include "codec/xml.h"

enum {
    WAIT_MS = 1000,
    MOVE_EVERY_BYTES = 128 << 10, /* of writes: then what is under way is moved */
    ID_MAX = 4096,
};

static bool wait_for_room(struct rs_s3_uploader *uploader, struct rs_error *err)
{
    while (uploader->in_flight >= uploader->options.in_flight) {
        if (!rs_s3_upload_move(uploader, WAIT_MS, err)) {
            return false;
        }
    }
    return true;
}

static bool begin_parts(struct rs_s3_upload *upload, struct rs_error *err)
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
static bool send_buffer(struct rs_s3_upload *upload, enum rs_s3_upload_kind kind,
                        struct rs_error *err)
{
    if (!wait_for_room(upload->uploader, err)) {
        return false;
    }
    if (upload->err.code != RS_OK) { /* found out while we waited */
        return false;
    }
    struct rs_s3_upload_request *request = rs_s3_upload_request_new(upload, kind);
    request->buffer = upload->buffer;
    upload->buffer = NULL;
    if (kind == RS_S3_UPLOAD_PART) {
        request->part = upload->part_count;
        upload->parts = rs_mem_grow(upload->parts, &upload->part_capacity, upload->part_count + 1,
                                    sizeof *upload->parts);
        upload->parts[upload->part_count++] = (struct rs_s3_upload_part){{0}};
    }
    return rs_s3_upload_request_start(request);
}

static bool send_part(struct rs_s3_upload *upload, struct rs_error *err)
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
    return send_buffer(upload, RS_S3_UPLOAD_PART, err);
}

/* The first failure of the upload, whoever found it, is kept and told. */
static bool fail(struct rs_s3_upload *upload, const struct rs_error *why, struct rs_error *err)
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
    struct rs_s3_upload *upload = (struct rs_s3_upload *)(void *)sink;
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
            upload->buffer = rs_s3_upload_take_buffer(uploader);
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
        ok = rs_s3_upload_move(uploader, 0, &why) && upload->err.code == RS_OK;
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
    struct rs_s3_upload *upload = rs_mem_zalloc(1, sizeof *upload);
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
    struct rs_s3_upload *upload = (struct rs_s3_upload *)(void *)sink;
    struct rs_error why = {0};
    bool ok = upload->err.code == RS_OK;
    if (ok && upload->id.length == 0) {
        upload->buffer = upload->buffer ? upload->buffer : rs_s3_upload_take_buffer(uploader);
        ok = send_buffer(upload, RS_S3_UPLOAD_WHOLE, &why);
    } else if (ok && upload->buffer) {
        ok = send_part(upload, &why);
    }
    if (!ok) {
        (void)fail(upload, &why, err);
        rs_s3_upload_give_up(upload);
        return false;
    }
    upload->finished = true; /* from here on what comes back decides, and the upload may be gone */
    if (upload->pending == 0 && !rs_s3_upload_complete(upload)) {
        (void)fail(upload, &why, err);
        rs_s3_upload_give_up(upload);
        return false;
    }
    return rs_s3_upload_move(uploader, 0, err);
}

void rs_s3_uploader_abort(struct rs_s3_uploader *uploader, struct rs_sink *sink)
{
    (void)uploader;
    rs_s3_upload_give_up((struct rs_s3_upload *)(void *)sink);
}

static bool any_finished(const struct rs_s3_uploader *uploader)
{
    for (const struct rs_s3_upload *upload = uploader->all; upload; upload = upload->next) {
        if (upload->finished) {
            return true;
        }
    }
    return false;
}

bool rs_s3_uploader_drain(struct rs_s3_uploader *uploader, struct rs_error *err)
{
    while (any_finished(uploader)) {
        if (!rs_s3_upload_move(uploader, WAIT_MS, err)) {
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
        rs_s3_upload_give_up(uploader->all);
    }
    rs_s3_upload_end_aborts(uploader);
    while (uploader->free_buffers) {
        struct rs_s3_upload_buffer *next = uploader->free_buffers->next;
        rs_mem_free(uploader->free_buffers);
        uploader->free_buffers = next;
    }
    rs_mem_free(uploader->bucket);
    rs_mem_free(uploader);
}
