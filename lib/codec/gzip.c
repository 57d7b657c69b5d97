/*
 * zlib, one member after another. zlib itself checks header, checksum and length of a member
 * and stops behind it; what this file adds is what may stand between members and at the end,
 * because a member that is missing must never look like the end of the data.
 *
 * The encoder collects output in one buffer and hands it on when it is full. It gives deflate
 * what it gets as it comes: deflate looks ahead by its own rules, so its output does not
 * depend on the size of the writes.
 */
#define ZLIB_CONST
#include "codec/gzip.h"

#include <limits.h>
#include <zlib.h>

#include "base/mem.h"

enum {
    GZIP_WINDOW_BITS = 15 + 16, /* 32 KiB, with a gzip header and trailer */
    GZIP_MEMORY_LEVEL = 8,      /* zlib's default */
    GZIP_MAGIC_0 = 0x1f,
    PIECE_BYTES = 256 << 10,
};

struct gzip_decoder {
    struct rs_decoder decoder; /* first: a pointer to it is a pointer to this */
    z_stream stream;
    uint64_t taken_bytes; /* of the whole input, for messages */
    bool in_member;
    bool any_member; /* one has ended */
};

struct gzip_encoder {
    struct rs_encoder encoder; /* first, as above */
    struct rs_sink *downstream;
    z_stream stream;
    unsigned char *piece; /* PIECE_BYTES; free from stream.next_out on */
};

static voidpf allocate(voidpf opaque, uInt count, uInt size_bytes)
{
    (void)opaque;
    return rs_mem_zalloc(count, size_bytes);
}

static void release(voidpf opaque, voidpf block)
{
    (void)opaque;
    rs_mem_free(block);
}

/* zlib counts in unsigned int. */
static uInt clamp_count(size_t count)
{
    return count > UINT_MAX ? UINT_MAX : (uInt)count;
}

static enum rs_decode_status damaged(const struct gzip_decoder *decoder, struct rs_error *err)
{
    const char *why = decoder->stream.msg ? decoder->stream.msg : "unexpected data";
    (void)rs_error_set(err, RS_E_INPUT, "the gzip data is damaged at byte %llu: %s",
                       (unsigned long long)decoder->taken_bytes, why);
    (void)rs_error_hint(err, "copy or compress the file again; gzip -t tells whether it is whole");
    return RS_DECODE_ERROR;
}

static void take_input(struct gzip_decoder *decoder, struct rs_decode_io *io, size_t count)
{
    io->in += count;
    io->in_left -= count;
    decoder->taken_bytes += count;
}

/* Pass over padding and stand at the first byte of a member, if there is one. */
static enum rs_decode_status begin_member(struct gzip_decoder *decoder, struct rs_decode_io *io,
                                          struct rs_error *err)
{
    while (decoder->any_member && io->in_left > 0 && *io->in == 0) {
        take_input(decoder, io, 1);
    }
    if (io->in_left == 0) {
        return RS_DECODE_INPUT;
    }
    if (decoder->any_member && *io->in != GZIP_MAGIC_0) {
        (void)rs_error_set(err, RS_E_INPUT,
                           "at byte %llu, after a whole gzip member, stands something else",
                           (unsigned long long)decoder->taken_bytes);
        (void)rs_error_hint(err, "cut the file off there, or compress it again");
        return RS_DECODE_ERROR;
    }
    (void)inflateReset(&decoder->stream);
    decoder->in_member = true;
    return RS_DECODE_OUTPUT;
}

static enum rs_decode_status run_decoder(struct rs_decoder *base, struct rs_decode_io *io,
                                         struct rs_error *err)
{
    struct gzip_decoder *decoder = (struct gzip_decoder *)base;
    z_stream *stream = &decoder->stream;
    while (true) {
        if (!decoder->in_member) {
            enum rs_decode_status status = begin_member(decoder, io, err);
            if (status != RS_DECODE_OUTPUT) {
                return status;
            }
        }
        if (io->out_left == 0) {
            return RS_DECODE_OUTPUT;
        }
        uInt in_count = clamp_count(io->in_left);
        uInt out_count = clamp_count(io->out_left);
        stream->next_in = io->in;
        stream->avail_in = in_count;
        stream->next_out = io->out;
        stream->avail_out = out_count;
        int result = inflate(stream, Z_NO_FLUSH);
        take_input(decoder, io, in_count - stream->avail_in);
        io->out += out_count - stream->avail_out;
        io->out_left -= out_count - stream->avail_out;
        if (result == Z_STREAM_END) {
            decoder->in_member = false;
            decoder->any_member = true;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return damaged(decoder, err);
        } else if (io->in_left == 0 && io->out_left > 0) {
            return RS_DECODE_INPUT;
        }
    }
}

static bool decoder_at_end(const struct rs_decoder *base)
{
    const struct gzip_decoder *decoder = (const struct gzip_decoder *)base;
    return decoder->any_member && !decoder->in_member;
}

static void free_decoder(struct rs_decoder *base)
{
    struct gzip_decoder *decoder = (struct gzip_decoder *)base;
    (void)inflateEnd(&decoder->stream);
    rs_mem_free(decoder);
}

struct rs_decoder *rs_gzip_decoder_new(void)
{
    struct gzip_decoder *decoder = rs_mem_zalloc(1, sizeof *decoder);
    decoder->decoder =
        (struct rs_decoder){.run = run_decoder, .at_end = decoder_at_end, .free = free_decoder};
    decoder->stream.zalloc = allocate;
    decoder->stream.zfree = release;
    /* Fails only without memory, which does not return, or with another zlib.h than library. */
    (void)inflateInit2(&decoder->stream, GZIP_WINDOW_BITS);
    return &decoder->decoder;
}

static bool hand_on(struct gzip_encoder *encoder, struct rs_error *err)
{
    size_t count = PIECE_BYTES - encoder->stream.avail_out;
    encoder->stream.next_out = encoder->piece;
    encoder->stream.avail_out = PIECE_BYTES;
    return count == 0 ||
           encoder->downstream->write(encoder->downstream, encoder->piece, count, err);
}

static bool encoder_write(struct rs_sink *sink, const void *bytes, size_t count,
                          struct rs_error *err)
{
    struct gzip_encoder *encoder = (struct gzip_encoder *)(void *)sink;
    const unsigned char *next = bytes;
    while (count > 0) {
        uInt piece = clamp_count(count);
        encoder->stream.next_in = next;
        encoder->stream.avail_in = piece;
        if (encoder->stream.avail_out == 0 && !hand_on(encoder, err)) {
            return false;
        }
        (void)deflate(&encoder->stream, Z_NO_FLUSH); /* has input and room: cannot fail */
        next += piece - encoder->stream.avail_in;
        count -= piece - encoder->stream.avail_in;
    }
    return true;
}

static struct rs_sink *begin_frame(struct rs_encoder *base, struct rs_sink *downstream)
{
    struct gzip_encoder *encoder = (struct gzip_encoder *)base;
    (void)deflateReset(&encoder->stream);
    encoder->downstream = downstream;
    encoder->stream.next_out = encoder->piece;
    encoder->stream.avail_out = PIECE_BYTES;
    return &base->sink;
}

static bool finish_frame(struct rs_encoder *base, struct rs_error *err)
{
    struct gzip_encoder *encoder = (struct gzip_encoder *)base;
    int result = Z_OK;
    encoder->stream.next_in = NULL;
    encoder->stream.avail_in = 0;
    while (result != Z_STREAM_END) {
        if (encoder->stream.avail_out == 0 && !hand_on(encoder, err)) {
            return false;
        }
        result = deflate(&encoder->stream, Z_FINISH);
    }
    return hand_on(encoder, err);
}

static void free_encoder(struct rs_encoder *base)
{
    struct gzip_encoder *encoder = (struct gzip_encoder *)base;
    (void)deflateEnd(&encoder->stream);
    rs_mem_free(encoder->piece);
    rs_mem_free(encoder);
}

struct rs_encoder *rs_gzip_encoder_new(int level)
{
    struct gzip_encoder *encoder = rs_mem_zalloc(1, sizeof *encoder);
    encoder->encoder = (struct rs_encoder){.sink = {.write = encoder_write},
                                           .begin = begin_frame,
                                           .finish = finish_frame,
                                           .free = free_encoder};
    int nearest = level < 0 ? 0 : level > 9 ? 9 : level;
    encoder->piece = rs_mem_alloc(PIECE_BYTES);
    encoder->stream.zalloc = allocate;
    encoder->stream.zfree = release;
    (void)deflateInit2(&encoder->stream, nearest, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                       Z_DEFAULT_STRATEGY); /* fails as little as inflateInit2 */
    return &encoder->encoder;
}

const char *rs_gzip_library_version(void)
{
    return zlibVersion();
}
