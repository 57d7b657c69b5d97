/*
 * transform/unicode.h - tell the letters of the world's scripts from punctuation and symbols.
 *
 *   U+6CE8 (a Han character), U+00E9, U+0E4D (a Thai mark), U+FF11 (a wide digit) -> true
 *   U+3000 (a wide space), U+20AC (the euro sign), U+1F600 (a face), U+FE0F       -> false
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  The Unicode Standard 14.0, general categories. The answers stay as they are in later
 *          releases: columns are named by them.
 */
#ifndef RS_TRANSFORM_UNICODE_H
#define RS_TRANSFORM_UNICODE_H

#include "rs/compiler.h"

/* A character from U+0080 on is a letter, a mark or a number (general category L, M or N). */
bool rs_unicode_is_letter(uint32_t code);

#endif
