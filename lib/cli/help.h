/*
 * cli/help.h - the texts of --help and --help=TOPIC, made from the options table.
 *
 *   rs_help_format(&tool, table, &out);
 *     -> usage: rs-sync [OPTION]... INPUT...
 *        Load Segment events ...
 *
 *          -n, --schema=NAME     schema to fill
 *
 * A tool with subcommands lists them before its options.
 *
 * Form:    80 columns at most, where the rows' texts allow it; a row without a help text shares
 *          the line of the row after it.
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CLI_HELP_H
#define RS_CLI_HELP_H

#include "cli/options.h"
#include "rs/compiler.h"
#include "rs/strbuf.h"

/* Options that have a screen of their own: the rows from first to last, by their long names. */
struct rs_help_topic {
    const char *name;  /* redshift */
    const char *title; /* one line, what they are for */
    const char *first;
    const char *last;
};

/* One of the jobs of a tool that has several: its first word says which (cli/subcommand.h). */
struct rs_subcommand {
    const char *name;                  /* replay */
    const char *summary;               /* one line, for the tool's help */
    int (*run)(int argc, char **argv); /* as main; argv[0] is the subcommand */
};

/* What a tool says about itself; all texts are borrowed. */
struct rs_tool {
    const char *name;     /* rs-sync; with a space the subcommand of a tool: rs-backfill replay */
    const char *summary;  /* one line, under 80 columns */
    const char *operands; /* after the options in the usage line; "" when there are none */
    const char *manual;   /* rs-sync(1) */
    const struct rs_help_topic *topics;      /* ended by a row without name; NULL: none */
    const struct rs_subcommand *subcommands; /* ended by a row without name; NULL: none */
};

/* The topic of this name, or NULL. */
const struct rs_help_topic *rs_help_find(const struct rs_tool *tool, const char *name);

/* Append the help on a topic; NULL: on all that has no topic. */
void rs_help_format(const struct rs_tool *tool, const struct rs_option *table,
                    const struct rs_help_topic *topic, struct rs_strbuf *out);

#endif
