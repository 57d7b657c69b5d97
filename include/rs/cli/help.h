/*
 * rs/cli/help.h - the text of --help, made from the options table.
 *
 *   rs_help_format(&tool, table, &out);
 *     -> usage: rs-sync [OPTION]... INPUT...
 *        Load Segment events ...
 *
 *          -n, --schema=NAME     schema to fill
 *
 * Form:    80 columns at most, where the rows' texts allow it; a row without a help text shares
 *          the line of the row after it.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CLI_HELP_H
#define RS_CLI_HELP_H

#include "rs/base/compiler.h"
#include "rs/base/strbuf.h"
#include "rs/cli/options.h"

/* What a tool says about itself; all texts are borrowed. */
struct rs_tool {
    const char *name;     /* rs-sync */
    const char *summary;  /* one line, under 80 columns */
    const char *operands; /* after the options in the usage line; "" when there are none */
    const char *manual;   /* rs-sync(1) */
};

void rs_help_format(const struct rs_tool *tool, const struct rs_option *table,
                    struct rs_strbuf *out);

#endif
