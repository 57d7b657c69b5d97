/*
 * cli/report_file.h - the file of --report.
 *
 *   if (!rs_report_file_check(path, &err)) ...          before anything is done
 *   rs_report_file_write(&env, path, tool, &html, &err);   when it is over, however it ended
 *
 * The page is written beside its place and renamed, so that who looks at it meanwhile sees the one
 * before, whole.
 *
 * Pure:    no: files.   Threads: main thread only.
 */
#ifndef RS_CLI_REPORT_FILE_H
#define RS_CLI_REPORT_FILE_H

#include "base/env.h"
#include "codec/html.h"
#include "rs/compiler.h"
#include "rs/error.h"

#define RS_REPORT_HELP "write a page with pictures, HTML, to FILE" /* of the option */

/*
 * A file can be written to there: one is, and is removed. NULL is no file, which is fine.
 *
 * err  RS_E_USAGE: it names standard output, or nothing; RS_E_IO
 */
RS_MUST_USE bool rs_report_file_check(const struct rs_env *env, const char *path,
                                      struct rs_error *err);

/*
 * End the page, as the tool's, and write it. What fails is RS_E_PARTIAL, as all but the page is there, or a warning where err
 * has another error already.
 */
void rs_report_file_write(const struct rs_env *env, const char *path, const char *tool,
                          struct rs_html *html, struct rs_error *err);

#endif
