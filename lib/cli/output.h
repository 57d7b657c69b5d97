/*
 * cli/output.h - who reads: a terminal or a file, with colour or without.
 *
 *   rs_output_wants_color(RS_WHEN_AUTO, true, NULL, "xterm")  -> true
 *   rs_output_wants_color(RS_WHEN_AUTO, true, "1", "xterm")   -> false: NO_COLOR is set
 *   rs_output_write(RS_STR("..."), &err)                      standard output
 *
 * Pure:    the three decisions are; the others touch file descriptors.
 * Threads: main thread only.
 * Source:  https://no-color.org
 */
#ifndef RS_CLI_OUTPUT_H
#define RS_CLI_OUTPUT_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum rs_when { RS_WHEN_AUTO, RS_WHEN_ALWAYS, RS_WHEN_NEVER };

/* Their names, ended by NULL, for options: auto, always, never. */
extern const char *const rs_when_names[];

/* no_color and term are the variables NO_COLOR and TERM, NULL when they are not set. */
bool rs_output_wants_color(enum rs_when when, bool is_terminal, const char *no_color,
                           const char *term);

/* A line that is drawn over: on a terminal that can do it, unless always or never says else. */
bool rs_output_wants_progress(enum rs_when when, bool is_terminal, const char *term);

/* Symbols may be written: the first of these variables that is set, NULL where one is not. */
bool rs_output_is_utf8(const char *lc_all, const char *lc_ctype, const char *lang);

bool rs_output_is_terminal(int fd);

/* Columns of the terminal at fd, or 80. */
size_t rs_output_columns(int fd);

/* Add text to standard output; RS_E_IO when it cannot be written. */
RS_MUST_USE bool rs_output_write(struct rs_str text, struct rs_error *err);

/* Hand all that is written to the system; RS_E_IO when that fails. */
RS_MUST_USE bool rs_output_flush(struct rs_error *err);

#endif
