/*
 * codec/base64.h - bytes as base64 and back.
 *
 *   rs_base64_append(&out, RS_STR("hi!?"))              -> "aGkhPw=="
 *   rs_base64_decode(RS_STR("aGkhPw=="), &out)          -> true, "hi!?"
 *   rs_base64_decode(RS_STR("aGkhPw="), &out)           -> false
 *
 * Form:    the alphabet with + and /, padded, no line ends; a decoder takes nothing else.
 * Limits:  the buffer's maximum; see rs/strbuf.h.
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 4648, section 4.
 */
#ifndef RS_CODEC_BASE64_H
#define RS_CODEC_BASE64_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

/* Append bytes as base64. */
void rs_base64_append(struct rs_strbuf *out, struct rs_str bytes);

/* Append what text stands for; false, and perhaps a part of it appended, when it is no base64. */
RS_MUST_USE bool rs_base64_decode(struct rs_str text, struct rs_strbuf *out);

#endif
