/*
 * codec/ini.h - sections of settings, in the dialect of AWS's shared files.
 *
 *   [profile tea]                 a section of kind "profile" with the name "tea"
 *   region = eu-west-1  # why     rs_ini_find(ini, "profile", "tea", "region") -> "eu-west-1"
 *   s3 =
 *     max_queue = 4               "s3.max_queue" -> "4"
 *   [default]                     a section of kind "" with the name "default"
 *
 * Form:    one "key = value" a line; keys in any case, spaces around both left out. A line that
 *          begins with a blank goes on with the value above it, after a line end; below an empty
 *          value it is a nested setting. A comment is a line that begins with # or ;, or the rest
 *          of a value after a blank and # or ;. Names may stand in quotes. A section that comes
 *          twice is one; of a key that comes twice the last holds. A section of more than two
 *          words, and a key with a blank in it, are read and cannot be found.
 * Limits:  RS_INI_MAX_BYTES.   Pure: yes.
 * Owns:    texts stay valid until rs_ini_free, which wipes them: such files hold secrets.
 * Threads: reading is reentrant.
 * Source:  https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html, and what the AWS SDK
 *          for Rust and botocore do where it says nothing.
 */
#ifndef RS_CODEC_INI_H
#define RS_CODEC_INI_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum { RS_INI_MAX_BYTES = 1 << 20 };

struct rs_ini;

/*
 * Read a whole file's text; freed with rs_ini_free.
 *
 * text  borrowed for the call
 * name  what the text is, for messages: a file's name
 * err   RS_E_CONFIG: could not read "NAME": line 3: expected "key = value"; no message shows what
 *       stands in the file. RS_E_LIMIT over RS_INI_MAX_BYTES
 */
RS_MUST_USE struct rs_ini *rs_ini_parse(struct rs_str text, const char *name, struct rs_error *err);
void rs_ini_free(struct rs_ini *ini);

/*
 * The value of key, in small letters, in the section; NULL when there is none. A nested setting
 * is found as "outer.inner".
 */
const char *rs_ini_find(const struct rs_ini *ini, const char *kind, const char *section,
                        const char *key);

/* The section is there, empty or not. */
bool rs_ini_has(const struct rs_ini *ini, const char *kind, const char *section);

/*
 * The i-th section's name, for listings; its kind goes to *kind. NULL at the end. A section that
 * stands in the file twice comes twice.
 */
const char *rs_ini_section(const struct rs_ini *ini, size_t i, const char **kind);

#endif
