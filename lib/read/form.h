/*
 * read/form.h - tell by its first bytes that an input holds no events, and what it is.
 *
 *   "ustar" at byte 257, or a header that adds up   a tar archive
 *   PK 3 4                                          a zip archive
 *   <?xml, <html                                    XML, HTML
 *   a line of names, and one of as many values      CSV
 *   NUL, where nothing of JSON is                   binary data
 *
 * Such an input would come to nothing but rejects, or, as a tar archive of files with events does,
 * would lose those that are beside its own bytes.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_READ_FORM_H
#define RS_READ_FORM_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum { RS_FORM_HEAD_BYTES = 4 << 10 };

/*
 * Refuse an input that is no text with events, by what it is.
 *
 * name  of the input, for the message
 * head  its first RS_FORM_HEAD_BYTES once it is decompressed, or all of it
 * err   RS_E_INPUT, with what to do as its hint
 */
RS_MUST_USE bool rs_form_check(const char *name, struct rs_str head, struct rs_error *err);

#endif
