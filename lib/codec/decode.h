/*
 * codec/decode.h - what the streaming decompressors have in common.
 *
 *   struct rs_decode_io io = {.in = piece, .in_left = count, .out = place, .out_left = room};
 *   switch (rs_gzip_decoder_run(decoder, &io, err)) {
 *   case RS_DECODE_INPUT:  io.in_left is 0: give the next piece, or ask whether this is the end
 *   case RS_DECODE_OUTPUT: io.out_left is 0: take the output and call again with new room
 *   case RS_DECODE_ERROR:  err says what is wrong with the data
 *   }
 *
 * Form:    err's message is a reason only ("the gzip data is damaged at byte 17: ..."); the
 *          caller, who knows the name of the input, puts "could not read ..." before it.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CODEC_DECODE_H
#define RS_CODEC_DECODE_H

#include "rs/compiler.h"

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

#endif
