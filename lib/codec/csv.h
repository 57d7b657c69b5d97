/*
 * codec/csv.h - write the fields of a CSV file (RFC 4180) into memory.
 *
 *   char *p = line;                                  plain          -> plain
 *   p = rs_csv_field(p, first);                      a,b            -> "a,b"
 *   *p++ = ',';                                      say "hi"       -> "say ""hi"""
 *   p = rs_csv_field(p, second);                     (empty string) -> ""
 *   *p++ = '\n';                                     \N             -> "\N"
 *
 * A field is quoted when it is empty, has a comma, quote, CR or LF, begins or ends with a space
 * or a tab (loaders trim them), or begins with a backslash. So \N without quotes, which the
 * caller writes, is NULL and nothing else.
 *
 * Limits:  out has room for RS_CSV_FIELD_MAX(text.length) bytes, is apart from text, and what
 *          lies there behind the returned place may be written over.
 * Pure:    yes.   Threads: reentrant.
 * Source:  RFC 4180; the CSV forms of COPY in Redshift and PostgreSQL.
 */
#ifndef RS_CODEC_CSV_H
#define RS_CODEC_CSV_H

#include "rs/compiler.h"
#include "rs/str.h"
#include "rs/strbuf.h"

#define RS_CSV_FIELD_MAX(length) (2 * (size_t)(length) + 2 + 16)

/* The text that stands for NULL, without quotes. */
#define RS_CSV_NULL "\\N"

/* Write one field at out; returns the place behind it. Reads text.length bytes and no more. */
RS_MUST_USE char *rs_csv_field(char *out, struct rs_str text);

/* Append one field and what follows it, a comma or a line end. */
void rs_csv_append(struct rs_strbuf *out, struct rs_str text, char separator);

#endif
