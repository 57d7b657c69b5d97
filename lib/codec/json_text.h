/*
 * codec/json_text.h - what a string or an array of a JSON text says, as clean text.
 *
 *   rs_json_unescape:  caf\u00e9\n\ud83d\ude00      -> "café", a line feed, U+1F600
 *                      \ud800, byte 0xff            -> U+FFFD, U+FFFD
 *                      a\u0000b                     -> ab
 *   rs_json_compact:   [ 1.50, "caf\u00e9\/", {} ]  -> [1.50,"café/",{}]
 *
 * Both give valid UTF-8 without NUL: a bad byte or a lone surrogate is one U+FFFD, NUL is
 * dropped.
 *
 * Limits:  no output is longer than RS_JSON_TEXT_GROWTH times its input.   Pure: yes.
 * Threads: reentrant.
 * Source:  RFC 8259, section 7; the event-to-table contract in rs-schema(7).
 */
#ifndef RS_CODEC_JSON_TEXT_H
#define RS_CODEC_JSON_TEXT_H

#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_JSON_TEXT_GROWTH = 3, /* one bad byte is U+FFFD, three bytes */
};

/*
 * Decode the inside of a JSON string, as a STRING token has it.
 *
 * raw   valid as far as rs_json_tokenize checks; not read past its end
 * out   room for RS_JSON_TEXT_GROWTH * raw.length bytes, apart from raw
 *
 * Returns the bytes written; no NUL is added.
 */
size_t rs_json_unescape(struct rs_str raw, char *out);

/*
 * Write an array's or object's text again without white space outside strings, with numbers as
 * they are and only quote, backslash and control characters escaped, in their shortest form.
 *
 * raw   an ARRAY or OBJECT token's text, as rs_json_tokenize accepts it; not read past its end
 * out   room for RS_JSON_TEXT_GROWTH * raw.length bytes, apart from raw
 *
 * Returns the bytes written; no NUL is added. An array without any of the flags ESCAPED,
 * NON_ASCII and SPACED is compact as it stands.
 */
size_t rs_json_compact(struct rs_str raw, char *out);

#endif
