/*
 * codec/gzip.h - gzip data from pieces to pieces, both ways.
 *
 *   struct rs_gzip_decoder *decoder = rs_gzip_decoder_new();
 *   while (rs_gzip_decoder_run(decoder, &io, err) == ...)         see codec/decode.h
 *   bool whole = rs_gzip_decoder_at_end(decoder);                 false: cut short
 *
 *   struct rs_gzip_encoder *encoder = rs_gzip_encoder_new(6);
 *   struct rs_sink *sink = rs_gzip_encoder_begin(encoder, file);  and write to sink, then
 *   bool ok = rs_gzip_encoder_finish(encoder, err);               one member is in file
 *
 * Limits:  none: any number of members of any size. Zero bytes after a member are padding, as
 *          for gzip(1); any other byte that begins no member is an error, so nothing is
 *          dropped without a word.
 * Pure:    yes; a sink's writes are the caller's.
 * Owns:    new/free; the sink of begin belongs to the encoder and is good until finish.
 * Threads: one thread at a time per object.
 * Source:  RFC 1952; https://zlib.net/manual.html
 */
#ifndef RS_CODEC_GZIP_H
#define RS_CODEC_GZIP_H

#include "base/sink.h"
#include "codec/decode.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_gzip_decoder;

RS_MUST_USE struct rs_gzip_decoder *rs_gzip_decoder_new(void);
void rs_gzip_decoder_free(struct rs_gzip_decoder *decoder);

/*
 * Decompress until the input is used up or the output is full.
 *
 * io    moved on by what was taken and made, also on an error
 * err   RS_E_INPUT when the data is no gzip data, damaged, or followed by something else
 */
RS_MUST_USE enum rs_decode_status
rs_gzip_decoder_run(struct rs_gzip_decoder *decoder, struct rs_decode_io *io, struct rs_error *err);

/* The input so far is one or more whole members: it may end here. */
bool rs_gzip_decoder_at_end(const struct rs_gzip_decoder *decoder);

struct rs_gzip_encoder;

/* level  1 (fast) to 9 (small); 0 stores. Outside of that: the nearest. */
RS_MUST_USE struct rs_gzip_encoder *rs_gzip_encoder_new(int level);
void rs_gzip_encoder_free(struct rs_gzip_encoder *encoder);

/*
 * Start a member whose bytes go to downstream, in pieces of 128 KiB or more but for the last.
 * The header holds no time and no name, and how the input was cut into writes does not
 * matter: the same input gives the same bytes.
 *
 * downstream  borrowed until finish
 */
struct rs_sink *rs_gzip_encoder_begin(struct rs_gzip_encoder *encoder, struct rs_sink *downstream);

/*
 * End the member: everything is in downstream. The encoder may begin again, also after an
 * error and also instead of finish.
 *
 * err   what downstream said
 */
RS_MUST_USE bool rs_gzip_encoder_finish(struct rs_gzip_encoder *encoder, struct rs_error *err);

/* The version of the library that is in use: "1.2.13". */
const char *rs_gzip_library_version(void);

#endif
