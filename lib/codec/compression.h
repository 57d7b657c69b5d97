/*
 * codec/compression.h - data compressed and decompressed from pieces to pieces, whatever the form.
 *
 *   struct rs_decoder *decoder = rs_gzip_decoder_new();
 *   struct rs_decode_io io = {.in = piece, .in_left = count, .out = place, .out_left = room};
 *   switch (decoder->run(decoder, &io, err)) {
 *   case RS_DECODE_INPUT:  io.in_left is 0: give the next piece, or ask whether this is the end
 *   case RS_DECODE_OUTPUT: io.out_left is 0: take the output and call again with new room
 *   case RS_DECODE_ERROR:  err says what is wrong with the data
 *   }
 *   bool whole = decoder->at_end(decoder);                        false: cut short
 *   rs_decoder_free(decoder);
 *
 *   struct rs_encoder *encoder = rs_zst_encoder_new(1);
 *   struct rs_sink *sink = encoder->begin(encoder, file);         and write to sink, then
 *   bool ok = encoder->finish(encoder, err);                      one frame is in file
 *   rs_encoder_free(encoder);
 *
 * A frame is what gzip calls a member.
 *
 * Form:    err's message is a reason only ("the gzip data is damaged at byte 17: ..."); the
 *          caller, who knows the name of the input, puts "could not read ..." before it.
 * Pure:    yes; a sink's writes are the caller's.
 * Owns:    new/free; the sink of begin belongs to the encoder and is good until finish.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CODEC_COMPRESSION_H
#define RS_CODEC_COMPRESSION_H

#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum rs_decode_status {
    RS_DECODE_INPUT,  /* all input is taken and all that can be made of it is in out */
    RS_DECODE_OUTPUT, /* out is full; there may be more to come from the same input */
    RS_DECODE_ERROR,
};

/* Both sides are moved on by what was taken and made; borrowed for the call. */
struct rs_decode_io {
    const unsigned char *in;
    size_t in_left;
    unsigned char *out;
    size_t out_left;
};

struct rs_decoder {
    /*
     * Decompress until the input is used up or the output is full.
     *
     * io    moved on by what was taken and made, also on an error
     * err   RS_E_INPUT when the data is not of this form, damaged, or followed by something else
     */
    enum rs_decode_status (*run)(struct rs_decoder *decoder, struct rs_decode_io *io,
                                 struct rs_error *err);

    /* The input so far is one or more whole frames: it may end here. */
    bool (*at_end)(const struct rs_decoder *decoder);

    void (*free)(struct rs_decoder *decoder);
};

static inline void rs_decoder_free(struct rs_decoder *decoder)
{
    if (decoder) {
        decoder->free(decoder);
    }
}

struct rs_encoder {
    struct rs_sink sink; /* what begin returns; first: a pointer to it is a pointer to this */

    /*
     * Start a frame whose bytes go to downstream, in pieces of 128 KiB or more but for the last.
     * How the input was cut into writes does not matter: the same input gives the same bytes.
     *
     * downstream  borrowed until finish
     */
    struct rs_sink *(*begin)(struct rs_encoder *encoder, struct rs_sink *downstream);

    /*
     * End the frame: everything is in downstream. The encoder may begin again, also after an
     * error and also instead of finish.
     *
     * err   what downstream said
     */
    bool (*finish)(struct rs_encoder *encoder, struct rs_error *err);

    void (*free)(struct rs_encoder *encoder);
};

static inline void rs_encoder_free(struct rs_encoder *encoder)
{
    if (encoder) {
        encoder->free(encoder);
    }
}

#endif
