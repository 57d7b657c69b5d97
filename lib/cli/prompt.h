/*
 * cli/prompt.h - ask a person: for a password, without showing it, a new one twice; or for a yes.
 *
 *   struct rs_strbuf password = RS_STRBUF_INIT(128);
 *   rs_prompt_password("new password for \"segment\"", &password, &err)
 *
 * It is asked on the terminal, whatever standard input and output are. A signal ends it with the
 * terminal as it was.
 *
 * Limits:  RS_PROMPT_MAX_BYTES.   Pure: no: /dev/tty.   Threads: one at a time.
 */
#ifndef RS_CLI_PROMPT_H
#define RS_CLI_PROMPT_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

enum { RS_PROMPT_MAX_BYTES = 1024, RS_PROMPT_TRIES = 3 };

/*
 * Append what was typed, the same twice.
 *
 * what  shown before a colon; without control characters
 * err   RS_E_USAGE: there is no terminal, or the two were not the same three times;
 *       RS_E_INTERRUPTED: a signal
 */
RS_MUST_USE bool rs_prompt_password(const struct rs_env *env, const char *what,
                                    struct rs_strbuf *out, struct rs_error *err);

/*
 * Append what was typed, once. False without an error where nobody can be asked: there is no
 * terminal, or it is another's in the background of which this runs.
 *
 * what  shown before a colon; without control characters
 * err   RS_E_USAGE: the answer cannot be read; RS_E_INTERRUPTED: a signal
 */
RS_MUST_USE bool rs_prompt_known_password(const struct rs_env *env, const char *what,
                                          struct rs_strbuf *out, struct rs_error *err);

/*
 * Ask whether to go on; *yes when "y" or "yes" was typed.
 *
 * what  shown before " [y/N] "; without control characters
 * hint  what to do where there is no terminal
 * err   RS_E_USAGE: there is no terminal; RS_E_INTERRUPTED
 */
RS_MUST_USE bool rs_prompt_confirm(const struct rs_env *env, const char *what, const char *hint,
                                   bool *yes, struct rs_error *err);

#endif
