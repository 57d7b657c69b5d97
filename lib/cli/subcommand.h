/*
 * cli/subcommand.h - a tool with several jobs, the first word of which says which one.
 *
 *   static const struct rs_subcommand subcommands[] = {
 *       {"replay", "load archived events of a time range", rs_backfill_replay},
 *       {.name = NULL},
 *   };
 *   static const struct rs_tool tool = {.name = "rs-backfill", .subcommands = subcommands, ...};
 *   return rs_subcommand_main(&tool, rs_tool_libraries, argc, argv);
 *
 * Each subcommand is as a tool of its own, with its own table of options, named by both words:
 * "rs-backfill replay". Options come after the subcommand; before it stand only --help, --version
 * and --completion, which are about the whole tool.
 *
 * Pure:    rs_subcommand_choose is.
 * Threads: main thread only.
 */
#ifndef RS_CLI_SUBCOMMAND_H
#define RS_CLI_SUBCOMMAND_H

#include "cli/app.h"
#include "cli/help.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* The row of this name, or NULL; RS_E_USAGE with the nearest name as a hint. */
RS_MUST_USE const struct rs_subcommand *
rs_subcommand_choose(const struct rs_tool *tool, const char *name, struct rs_error *err);

/* The main of a tool with subcommands. Returns the exit status of the one that ran. */
RS_MUST_USE int rs_subcommand_main(const struct rs_tool *tool,
                                   const struct rs_app_library *libraries, int argc, char **argv);

#endif
