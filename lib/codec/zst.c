/*
 * libzstd, one frame after another. The library passes over skippable frames and checks
 * checksums; what this file adds is the knowledge whether the input may end where it ends,
 * and messages for the three kinds of frames that other people's tools make and we refuse.
 *
 * The encoder hands libzstd what it gets as it comes: collecting input first, up to 4 MiB, was
 * measured to gain nothing, and libzstd cuts its blocks at the same places either way. Output
 * has room for a whole block beyond the piece that is handed on, so blocks are compressed in
 * place rather than copied.
 *
 * Negative levels are told to pack literals by their frequency, which libzstd leaves out there:
 * rows are full of ids, in which nothing repeats but 16 letters. On such rows level -3 was
 * measured at 4.6:1 so, 3.0:1 without, 6 % slower, and 25 % faster than level 1 with its 4.8:1.
 */
#include "codec/zst.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"

enum {
    PIECE_BYTES = 256 << 10, /* handed on when there is at least as much */
    BLOCK_BYTES = 132 << 10, /* holds a compressed block of 128 KiB: ZSTD_CStreamOutSize() */
};

struct zst_decoder {
    struct rs_decoder decoder; /* first: a pointer to it is a pointer to this */
    ZSTD_DCtx *context;
    uint64_t taken_bytes;     /* of the whole input, for messages */
    uint64_t frame_bytes;     /* of them, of the frame that it is in */
    unsigned char first_byte; /* of that frame */
    bool any_frame;           /* one has ended */
    bool drained;             /* nothing is left to come out without more input */
};

struct zst_encoder {
    struct rs_encoder encoder; /* first, as above */
    struct rs_sink *downstream;
    ZSTD_CCtx *context;
    unsigned char *piece; /* PIECE_BYTES + BLOCK_BYTES */
    size_t used_bytes;
};

/* Running out of memory ends the process in one place. */
static void *checked(void *context)
{
    return context ? context : rs_mem_alloc(SIZE_MAX);
}

static enum rs_decode_status damaged(const struct zst_decoder *decoder, const char *why,
                                     struct rs_error *err)
{
    (void)rs_error_set(err, RS_E_INPUT, "the zstd data is damaged after byte %llu: %s",
                       (unsigned long long)decoder->taken_bytes, why);
    (void)rs_error_hint(err, "copy or compress the file again; zstd -t tells whether it is whole");
    return RS_DECODE_ERROR;
}

static enum rs_decode_status refuse(const struct zst_decoder *decoder, size_t result,
                                    struct rs_error *err)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation) {
        rs_mem_free(checked(NULL));
    }
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        (void)rs_error_set(err, RS_E_LIMIT,
                           "the zstd data needs a window of more than 128 MiB of memory");
        (void)rs_error_hint(err, "compress it again with zstd --long=%d or less",
                            RS_ZST_WINDOW_LOG_MAX);
        return RS_DECODE_ERROR;
    }
    if (code == ZSTD_error_dictionary_wrong) {
        (void)rs_error_set(err, RS_E_INPUT, "the zstd data needs a dictionary");
        (void)rs_error_hint(err, "compress it again without a dictionary");
        return RS_DECODE_ERROR;
    }
    return damaged(decoder, ZSTD_getErrorName(result), err);
}

/*
 * Whether what comes next is, as far as it is there, the first four bytes of a frame of today's
 * format. libzstd may be built to read the formats of before 2016 as well, with decoders that
 * nobody looks after.
 */
static bool begins_frame(const struct zst_decoder *decoder, const struct rs_decode_io *io)
{
    static const unsigned char frame[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const unsigned char skippable[4] = {0x50, 0x2a, 0x4d, 0x18};
    if (decoder->frame_bytes >= sizeof frame || io->in_left == 0) {
        return true;
    }
    unsigned char first = decoder->frame_bytes > 0 ? decoder->first_byte : *io->in;
    bool skip = (first & 0xf0) == skippable[0];
    for (size_t i = 0; i < io->in_left && decoder->frame_bytes + i < sizeof frame; i++) {
        size_t at = (size_t)decoder->frame_bytes + i;
        unsigned char byte = skip && at == 0 ? skippable[0] : io->in[i];
        if (byte != (skip ? skippable[at] : frame[at])) {
            return false;
        }
    }
    return true;
}

static enum rs_decode_status no_frame(const struct zst_decoder *decoder, struct rs_error *err)
{
    if (!decoder->any_frame) {
        return damaged(decoder, "it does not begin with a frame", err);
    }
    (void)rs_error_set(err, RS_E_INPUT,
                       "at byte %llu, after a whole zstd frame, stands something else",
                       (unsigned long long)(decoder->taken_bytes - decoder->frame_bytes));
    (void)rs_error_hint(err, "cut the file off there, or compress it again");
    return RS_DECODE_ERROR;
}

static enum rs_decode_status run_decoder(struct rs_decoder *base, struct rs_decode_io *io,
                                         struct rs_error *err)
{
    struct zst_decoder *decoder = (struct zst_decoder *)base;
    while (true) {
        /* libzstd counts calls that achieve nothing as an error of the caller. */
        if (io->in_left == 0 && decoder->drained) {
            return RS_DECODE_INPUT;
        }
        if (io->out_left == 0) {
            return RS_DECODE_OUTPUT;
        }
        if (!begins_frame(decoder, io)) {
            return no_frame(decoder, err);
        }
        if (decoder->frame_bytes == 0 && io->in_left > 0) {
            decoder->first_byte = *io->in;
        }
        ZSTD_inBuffer in = {.src = io->in, .size = io->in_left, .pos = 0};
        ZSTD_outBuffer out = {.dst = io->out, .size = io->out_left, .pos = 0};
        size_t result = ZSTD_decompressStream(decoder->context, &out, &in);
        io->in += in.pos;
        io->in_left -= in.pos;
        io->out += out.pos;
        io->out_left -= out.pos;
        if (ZSTD_isError(result)) {
            return refuse(decoder, result, err);
        }
        decoder->taken_bytes += in.pos;
        decoder->frame_bytes = result == 0 ? 0 : decoder->frame_bytes + in.pos;
        decoder->any_frame = decoder->any_frame || result == 0;
        decoder->drained = result == 0 || io->out_left > 0;
    }
}

static bool decoder_at_end(const struct rs_decoder *base)
{
    const struct zst_decoder *decoder = (const struct zst_decoder *)base;
    return decoder->any_frame && decoder->frame_bytes == 0;
}

static void free_decoder(struct rs_decoder *base)
{
    struct zst_decoder *decoder = (struct zst_decoder *)base;
    (void)ZSTD_freeDCtx(decoder->context);
    rs_mem_free(decoder);
}

struct rs_decoder *rs_zst_decoder_new(void)
{
    struct zst_decoder *decoder = rs_mem_zalloc(1, sizeof *decoder);
    decoder->decoder =
        (struct rs_decoder){.run = run_decoder, .at_end = decoder_at_end, .free = free_decoder};
    decoder->context = checked(ZSTD_createDCtx());
    decoder->drained = true;
    (void)ZSTD_DCtx_setParameter(decoder->context, ZSTD_d_windowLogMax, RS_ZST_WINDOW_LOG_MAX);
    return &decoder->decoder;
}

static bool hand_on(struct zst_encoder *encoder, struct rs_error *err)
{
    size_t count = encoder->used_bytes;
    encoder->used_bytes = 0;
    return count == 0 ||
           encoder->downstream->write(encoder->downstream, encoder->piece, count, err);
}

static bool compress(struct zst_encoder *encoder, ZSTD_inBuffer *in, ZSTD_EndDirective directive,
                     struct rs_error *err)
{
    size_t left = 1;
    while (directive == ZSTD_e_end ? left != 0 : in->pos < in->size) {
        ZSTD_outBuffer out = {encoder->piece, PIECE_BYTES + BLOCK_BYTES, encoder->used_bytes};
        left = ZSTD_compressStream2(encoder->context, &out, in, directive);
        encoder->used_bytes = out.pos;
        if (ZSTD_isError(left)) {
            if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) {
                rs_mem_free(checked(NULL));
            }
            return rs_error_set(err, RS_E_IO, "could not compress with zstd: %s",
                                ZSTD_getErrorName(left));
        }
        if (encoder->used_bytes >= PIECE_BYTES && !hand_on(encoder, err)) {
            return false;
        }
    }
    return true;
}

static bool encoder_write(struct rs_sink *sink, const void *bytes, size_t count,
                          struct rs_error *err)
{
    struct zst_encoder *encoder = (struct zst_encoder *)(void *)sink;
    ZSTD_inBuffer in = {.src = bytes, .size = count, .pos = 0};
    return compress(encoder, &in, ZSTD_e_continue, err);
}

static struct rs_sink *begin_frame(struct rs_encoder *base, struct rs_sink *downstream)
{
    struct zst_encoder *encoder = (struct zst_encoder *)base;
    (void)ZSTD_CCtx_reset(encoder->context, ZSTD_reset_session_only);
    encoder->downstream = downstream;
    encoder->used_bytes = 0;
    return &base->sink;
}

static bool finish_frame(struct rs_encoder *base, struct rs_error *err)
{
    struct zst_encoder *encoder = (struct zst_encoder *)base;
    ZSTD_inBuffer in = {.src = NULL, .size = 0, .pos = 0};
    return compress(encoder, &in, ZSTD_e_end, err) && hand_on(encoder, err);
}

static void free_encoder(struct rs_encoder *base)
{
    struct zst_encoder *encoder = (struct zst_encoder *)base;
    (void)ZSTD_freeCCtx(encoder->context);
    rs_mem_free(encoder->piece);
    rs_mem_free(encoder);
}

struct rs_encoder *rs_zst_encoder_new(int level)
{
    struct zst_encoder *encoder = rs_mem_zalloc(1, sizeof *encoder);
    encoder->encoder = (struct rs_encoder){.sink = {.write = encoder_write},
                                           .begin = begin_frame,
                                           .finish = finish_frame,
                                           .free = free_encoder};
    encoder->context = checked(ZSTD_createCCtx());
    encoder->piece = rs_mem_alloc(PIECE_BYTES + BLOCK_BYTES);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_compressionLevel, level);
    (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_checksumFlag, 1);
    if (level < 0) {
        /*
         * Named ZSTD_c_literalCompressionMode among the experimental parameters. A library
         * that does not know it makes valid data that is half as large again.
         */
        (void)ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_experimentalParam5, 1);
    }
    return &encoder->encoder;
}

const char *rs_zst_library_version(void)
{
    return ZSTD_versionString();
}
