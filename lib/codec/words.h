/*
 * codec/words.h - numbers as a sentence has them.
 *
 *   rs_words_count(out, 2, "event")      -> 2 events
 *   rs_words_grouped(out, 1234567)       -> 1,234,567
 *   rs_words_bytes(out, 12345678)        -> 12.3 MB
 *   rs_words_short(out, 12345678, "")    -> 12.3M
 *   rs_words_seconds(out, 4000.0)        -> 1 h 6 min
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CODEC_WORDS_H
#define RS_CODEC_WORDS_H

#include "rs/compiler.h"
#include "rs/strbuf.h"

/* Append a number and its noun, with an s where there are not just one. */
void rs_words_count(struct rs_strbuf *out, uint64_t number, const char *noun);

/* Append a number with a comma between its thousands. */
void rs_words_grouped(struct rs_strbuf *out, uint64_t number);

/* Append a size with one decimal, in units of 1000. */
void rs_words_bytes(struct rs_strbuf *out, uint64_t bytes);

/* Append a number in three digits at most, and a letter after the space: 950, 12.3K, 1.2M, 340G. */
void rs_words_short(struct rs_strbuf *out, double number, const char *space);

/* Append a length of time as a person says it: 0.4 s, 12 s, 3 min, 1 h 6 min, 2 days 3 h. */
void rs_words_seconds(struct rs_strbuf *out, double seconds);

#endif
