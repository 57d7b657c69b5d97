/*
 * codec/gzip.h - gzip data from pieces to pieces, both ways: codec/compression.h.
 *
 * Limits:  none: any number of members of any size. Zero bytes after a member are padding, as
 *          for gzip(1); any other byte that begins no member is an error, so nothing is
 *          dropped without a word.
 * Source:  RFC 1952; https://zlib.net/manual.html
 */
#ifndef RS_CODEC_GZIP_H
#define RS_CODEC_GZIP_H

#include "codec/compression.h"

RS_MUST_USE struct rs_decoder *rs_gzip_decoder_new(void);

/*
 * A member's header holds no time and no name.
 *
 * level  1 (fast) to 9 (small); 0 stores. Outside of that: the nearest.
 */
RS_MUST_USE struct rs_encoder *rs_gzip_encoder_new(int level);

/* The version of the library that is in use: "1.2.13". */
const char *rs_gzip_library_version(void);

#endif
