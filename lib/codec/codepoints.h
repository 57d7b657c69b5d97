/*
 * codec/codepoints.h - a set of characters that are not ASCII, and texts without some of them.
 *
 *   struct rs_codepoints missing = RS_CODEPOINTS_INIT;
 *   rs_codepoints_add_text(&missing, RS_STR("\xe6\xb3\xa8"));          U+6CE8
 *   rs_codepoints_meet(&missing, RS_STR("a\xe6\xb3\xa8"))              -> true
 *   rs_codepoints_escape(&missing, RS_STR("a\xe6\xb3\xa8"), &out);     "a\u6ce8", as JSON has it
 *
 * Limits:  texts are valid UTF-8; of others, what is none is passed over.
 * Owns:    140 KB from the first character on; released with rs_codepoints_release.
 * Pure:    yes.   Threads: one thread at a time per object; read-only use may be shared.
 */
#ifndef RS_CODEC_CODEPOINTS_H
#define RS_CODEC_CODEPOINTS_H

#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

struct rs_codepoints {
    uint64_t *bits; /* NULL: empty */
    size_t count;
};

#define RS_CODEPOINTS_INIT ((struct rs_codepoints){NULL, 0})

void rs_codepoints_add(struct rs_codepoints *set, uint32_t code);
void rs_codepoints_add_text(struct rs_codepoints *set, struct rs_str text);
bool rs_codepoints_has(const struct rs_codepoints *set, uint32_t code);

/* Does the text have a character of the set? */
bool rs_codepoints_meet(const struct rs_codepoints *set, struct rs_str text);

/* The first character of the set that is code or greater; UINT32_MAX: there is none. */
uint32_t rs_codepoints_next(const struct rs_codepoints *set, uint32_t code);

/* Append the text with \uXXXX for each character of the set, or two of them past U+FFFF. */
void rs_codepoints_escape(const struct rs_codepoints *set, struct rs_str text,
                          struct rs_strbuf *out);

/* A sink that adds what is written to a set. Characters do not span writes. */
struct rs_codepoints_collector {
    struct rs_sink sink;
    struct rs_codepoints *set;
};

struct rs_codepoints_collector rs_codepoints_collect(struct rs_codepoints *set);

void rs_codepoints_release(struct rs_codepoints *set);

#endif
