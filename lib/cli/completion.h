/*
 * cli/completion.h - completion for bash and zsh, made from the options table.
 *
 *   eval "$(rs-sync --completion=bash)"           in ~/.bashrc
 *   eval "$(rs-sync --completion=zsh)"            in ~/.zshrc, behind compinit, or
 *   rs-sync --completion=zsh > ~/.zfunc/_rs-sync  in a folder of $fpath
 *
 * Form:    names of options; values of those that have names; files after a value called FILE, folders after
 *          DIR; files as operands. The text of a subcommand is a shell function, which that of
 *          its tool calls: a tool's text, then its subcommands', then its end.
 * Pure:    yes.   Threads: reentrant.
 * Source:  bash(1) "Programmable Completion", zshcompsys(1) "_arguments".
 */
#ifndef RS_CLI_COMPLETION_H
#define RS_CLI_COMPLETION_H

#include "cli/help.h"
#include "cli/options.h"
#include "rs/compiler.h"
#include "rs/strbuf.h"

void rs_completion_bash(const struct rs_tool *tool, const struct rs_option *table,
                        struct rs_strbuf *out);
void rs_completion_zsh(const struct rs_tool *tool, const struct rs_option *table,
                       struct rs_strbuf *out);

/* What stands after the texts of the subcommands, or of the tool that has none. */
void rs_completion_zsh_end(const struct rs_tool *tool, struct rs_strbuf *out);

#endif
