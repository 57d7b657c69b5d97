/*
 * codec/zst.h - zstd data from pieces to pieces, both ways: codec/compression.h.
 *
 * Limits:  any number of frames, skippable ones among them; a frame's window is 128 MiB at
 *          most (zstd --long=27), because it is memory that the input asks for: a larger one is
 *          RS_E_LIMIT. One that needs a dictionary is RS_E_INPUT.
 * Source:  RFC 8878; https://facebook.github.io/zstd/zstd_manual.html
 */
#ifndef RS_CODEC_ZST_H
#define RS_CODEC_ZST_H

#include "codec/compression.h"

enum { RS_ZST_WINDOW_LOG_MAX = 27 }; /* 128 MiB */

RS_MUST_USE struct rs_decoder *rs_zst_decoder_new(void);

/*
 * Frames have a checksum.
 *
 * level  1 (fast) to 22 (small); 0 is the library's own. Negative levels are faster still:
 *        on rows of events, -3 takes 0.8 times the time of 1 and makes 1.04 times the bytes.
 */
RS_MUST_USE struct rs_encoder *rs_zst_encoder_new(int level);

/* The version of the library that is in use: "1.5.4". */
const char *rs_zst_library_version(void);

#endif
