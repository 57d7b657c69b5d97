/*
 * aws/s3_upload_internal.h - what the two files of uploads share: s3_upload.c, the sinks, and
 * s3_upload_request.c, what is under way.
 */
#ifndef RS_AWS_S3_UPLOAD_INTERNAL_H
#define RS_AWS_S3_UPLOAD_INTERNAL_H

#include "aws/s3_internal.h"
#include "aws/s3_upload.h"
#include "base/strbuf.h"

enum rs_s3_upload_kind { RS_S3_UPLOAD_WHOLE, RS_S3_UPLOAD_PART, RS_S3_UPLOAD_COMPLETE };

struct rs_s3_upload_buffer {
    struct rs_s3_upload_buffer *next;
    size_t used;
    char bytes[];
};

struct rs_s3_upload_part {
    char etag[RS_S3_ETAG_MAX + 1];
};

struct rs_s3_upload {
    struct rs_sink sink; /* first: a pointer to it is a pointer to this */
    struct rs_s3_uploader *uploader;
    struct rs_s3_upload *previous;
    struct rs_s3_upload *next;
    struct rs_str key;
    void *tag;
    struct rs_arena arena; /* of the key and the id */
    struct rs_s3_upload_buffer
        *buffer;      /* being filled; NULL before the first byte, and when it is lent */
    struct rs_str id; /* of an upload in parts; empty: none has begun */
    struct rs_s3_upload_part *parts;
    size_t part_count;
    size_t part_capacity;
    size_t pending; /* requests under way */
    uint64_t size_bytes;
    size_t unmoved_bytes;
    struct rs_error err;
    bool finished; /* the caller is done with it */
};

struct rs_s3_upload_request {
    struct rs_s3_upload_request *next;
    struct rs_s3_upload *upload;
    struct rs_call_job *job;
    struct rs_s3_upload_buffer *buffer;
    struct rs_strbuf list; /* the body of a completion */
    struct rs_arena arena; /* what the call's request points at */
    const char *region;    /* that it was sent to */
    bool moved;            /* it is the second try, in the bucket's own region */
    enum rs_s3_upload_kind kind;
    size_t part;
};

struct rs_s3_uploader {
    struct rs_s3 *s3;
    struct rs_s3_uploader_options options;
    char *bucket;
    struct rs_s3_upload *all;
    struct rs_s3_upload_request *requests;
    struct rs_s3_upload_buffer *free_buffers;
    unsigned in_flight;
    struct rs_error err;       /* the first failure */
    struct rs_env quiet_env;   /* without signals, for the end */
    struct rs_s3 *aborter;     /* made when it is needed */
    struct rs_error unaborted; /* why parts are left in S3 */
    size_t unaborted_count;    /* uploads that are */
};

/* An empty buffer; it comes back with the request that it is lent to. */
struct rs_s3_upload_buffer *rs_s3_upload_take_buffer(struct rs_s3_uploader *uploader);

struct rs_s3_upload_request *rs_s3_upload_request_new(struct rs_s3_upload *upload,
                                                      enum rs_s3_upload_kind kind);

/* Send it; a failure to do so is upload->err. The request is taken over. */
RS_MUST_USE bool rs_s3_upload_request_start(struct rs_s3_upload_request *request);

/* Send the list of parts, all of which are there. */
RS_MUST_USE bool rs_s3_upload_complete(struct rs_s3_upload *upload);

/* Cut off what is under way, and leave nothing of it. */
void rs_s3_upload_give_up(struct rs_s3_upload *upload);

/* Say once how many uploads left parts in S3, and why; free what aborted the others. */
void rs_s3_upload_end_aborts(struct rs_s3_uploader *uploader);

/*
 * Move what is under way, and wait up to wait_ms for a request to come back. What comes of it is
 * with its upload, which may be gone then if it is finished. False: RS_E_INTERRUPTED.
 */
RS_MUST_USE bool rs_s3_upload_move(struct rs_s3_uploader *uploader, unsigned wait_ms,
                                   struct rs_error *err);

#endif
