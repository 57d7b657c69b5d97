/*
 * codec/zst.h - zstd data from pieces to pieces, both ways.
 *
 *   struct rs_zst_decoder *decoder = rs_zst_decoder_new();
 *   while (rs_zst_decoder_run(decoder, &io, err) == ...)          see codec/decode.h
 *   bool whole = rs_zst_decoder_at_end(decoder);                  false: cut short
 *
 *   struct rs_zst_encoder *encoder = rs_zst_encoder_new(1);
 *   struct rs_sink *sink = rs_zst_encoder_begin(encoder, file);   and write to sink, then
 *   bool ok = rs_zst_encoder_finish(encoder, err);                one frame is in file
 *
 * Limits:  any number of frames, skippable ones among them; a frame's window is 128 MiB at
 *          most (zstd --long=27), because it is memory that the input asks for.
 * Pure:    yes; a sink's writes are the caller's.
 * Owns:    new/free; the sink of begin belongs to the encoder and is good until finish.
 * Threads: one thread at a time per object.
 * Source:  RFC 8878; https://facebook.github.io/zstd/zstd_manual.html
 */
#ifndef RS_CODEC_ZST_H
#define RS_CODEC_ZST_H

#include "base/sink.h"
#include "codec/decode.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum { RS_ZST_WINDOW_LOG_MAX = 27 }; /* 128 MiB */

struct rs_zst_decoder;

RS_MUST_USE struct rs_zst_decoder *rs_zst_decoder_new(void);
void rs_zst_decoder_free(struct rs_zst_decoder *decoder);

/* Be as new, memory kept. */
void rs_zst_decoder_reset(struct rs_zst_decoder *decoder);

/*
 * Decompress until the input is used up or the output is full.
 *
 * io    moved on by what was taken and made, also on an error
 * err   RS_E_INPUT when the data is no zstd data, damaged, followed by something else, or
 *       needs a dictionary; RS_E_LIMIT when it needs a larger window
 */
RS_MUST_USE enum rs_decode_status rs_zst_decoder_run(struct rs_zst_decoder *decoder,
                                                     struct rs_decode_io *io, struct rs_error *err);

/* The input so far is one or more whole frames: it may end here. */
bool rs_zst_decoder_at_end(const struct rs_zst_decoder *decoder);

struct rs_zst_encoder;

/*
 * level  1 (fast) to 22 (small); 0 is the library's own. Negative levels are faster still:
 *        on rows of events, -3 takes 0.8 times the time of 1 and makes 1.04 times the bytes.
 */
RS_MUST_USE struct rs_zst_encoder *rs_zst_encoder_new(int level);
void rs_zst_encoder_free(struct rs_zst_encoder *encoder);

/*
 * Start a frame, with a checksum, whose bytes go to downstream, in pieces of 128 KiB or more
 * but for the last. How the input was cut into writes does not matter: the same input gives
 * the same bytes.
 *
 * downstream  borrowed until finish
 */
struct rs_sink *rs_zst_encoder_begin(struct rs_zst_encoder *encoder, struct rs_sink *downstream);

/*
 * End the frame: everything is in downstream. The encoder may begin again, also after an
 * error and also instead of finish.
 *
 * err   what downstream said
 */
RS_MUST_USE bool rs_zst_encoder_finish(struct rs_zst_encoder *encoder, struct rs_error *err);

/* The version of the library that is in use: "1.5.4". */
const char *rs_zst_library_version(void);

#endif
