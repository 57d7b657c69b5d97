/*
 * aws/s3_upload.h - objects that are written as streams, several of them under way at once.
 *
 *   struct rs_s3_uploader_options options = {.bucket = RS_STR("b"), .done = note, .arg = &list};
 *   struct rs_s3_uploader *uploader = rs_s3_uploader_new(s3, &options);
 *   struct rs_sink *sink = rs_s3_uploader_begin(uploader, RS_STR("stage/1.csv.zst"), tag, err);
 *   sink->write(sink, bytes, count, err) ...
 *   rs_s3_uploader_finish(uploader, sink, err);     returns soon: the rest goes on behind
 *   ... begin, write and finish the next object ...
 *   rs_s3_uploader_drain(uploader, err)             all are there, or err names the first that is not
 *   rs_s3_uploader_free(uploader);
 *
 * An object that fits in one part is put whole; a larger one goes up in parts, of which several
 * are under way while the next is filled. Nothing is seen under the key until all of it is there.
 * Requests move whenever the uploader is called, a write included; there is no thread behind it.
 *
 * Limits:  in_flight requests, and as many part_bytes of memory, and that much for each sink that
 *          is open; 10,000 parts an object, which is 156 GiB by default.   Pure: no: network, clock, sleep, randomness.
 * Owns:    a sink is the uploader's, and gone with finish or abort. What is written is copied once.
 *          On failure, abort and free the parts of an unfinished upload are removed from S3.
 * Threads: one thread at a time per object, its rs_s3 included: each worker has both of its own.
 * Source:  https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
#ifndef RS_AWS_S3_UPLOAD_H
#define RS_AWS_S3_UPLOAD_H

#include "aws/s3.h"
#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum {
    RS_S3_UPLOAD_PART_BYTES = 16 << 20,    /* the default */
    RS_S3_UPLOAD_PART_BYTES_MIN = 5 << 20, /* S3's own minimum */
    RS_S3_UPLOAD_IN_FLIGHT = 4,            /* the default */
    RS_S3_UPLOAD_PARTS_MAX = 10000,
};

struct rs_s3_uploader;

/* An object that is there now. */
struct rs_s3_uploaded {
    struct rs_str key; /* for the call */
    uint64_t size_bytes;
    const char *etag;
    void *tag; /* as rs_s3_uploader_begin got it */
};

typedef void rs_s3_uploaded_note(void *arg, const struct rs_s3_uploaded *uploaded);

struct rs_s3_uploader_options {
    struct rs_str bucket;      /* copied */
    size_t part_bytes;         /* 0: the default; raised to the minimum */
    unsigned in_flight;        /* requests under way at once; 0: the default */
    rs_s3_uploaded_note *done; /* called from any function of the uploader; may be NULL */
    void *arg;
};

RS_MUST_USE struct rs_s3_uploader *rs_s3_uploader_new(struct rs_s3 *s3,
                                                      const struct rs_s3_uploader_options *options);

/*
 * Begin an object. tag is the caller's, for rs_s3_uploaded. NULL: an earlier object has failed.
 */
RS_MUST_USE struct rs_sink *rs_s3_uploader_begin(struct rs_s3_uploader *uploader, struct rs_str key,
                                                 void *tag, struct rs_error *err);

/*
 * All of the object is written. The sink is gone. False: this object cannot be there, and is given
 * up, or a signal came; that another failed is told by begin and drain.
 */
RS_MUST_USE bool rs_s3_uploader_finish(struct rs_s3_uploader *uploader, struct rs_sink *sink,
                                       struct rs_error *err);

/* The object is not wanted. The sink is gone. */
void rs_s3_uploader_abort(struct rs_s3_uploader *uploader, struct rs_sink *sink);

/*
 * Wait until every finished object is there or has failed. err is the first failure of all since
 * the uploader was made: "could not write "s3://b/k": ...".
 */
RS_MUST_USE bool rs_s3_uploader_drain(struct rs_s3_uploader *uploader, struct rs_error *err);

/* Gives up all that is not there yet. NULL is nothing. */
void rs_s3_uploader_free(struct rs_s3_uploader *uploader);

#endif
