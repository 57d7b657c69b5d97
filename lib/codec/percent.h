/*
 * codec/percent.h - percent-encoding, as URLs and AWS signatures have it.
 *
 *   rs_percent_append(&out, RS_STR("a b/~é"), false)   -> "a%20b%2F~%C3%A9"
 *   rs_percent_append(&out, RS_STR("a b/~é"), true)    -> "a%20b/~%C3%A9"
 *   rs_percent_decode(RS_STR("a+b%2Fc"), true, &out)   -> true, "a b/c"
 *
 * Form:    kept are A-Z a-z 0-9 - . _ ~, and / where asked for; upper-case hexadecimal digits.
 * Limits:  the buffer's maximum; see rs/strbuf.h.
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 3986, section 2; "UriEncode" in the S3 manual on signature version 4.
 */
#ifndef RS_CODEC_PERCENT_H
#define RS_CODEC_PERCENT_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* Append text with each byte that is not kept as %XX. */
void rs_percent_append(struct rs_strbuf *out, struct rs_str text, bool keep_slash);

/*
 * Append text with each %XX as its byte, and each + as a space where asked for. False, and a
 * part of it appended, where two hexadecimal digits are missing behind a %.
 */
RS_MUST_USE bool rs_percent_decode(struct rs_str text, bool plus_is_space, struct rs_strbuf *out);

#endif
