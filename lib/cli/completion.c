/*
 * Both texts are written row by row. bash splits words at "=", so its function looks one or two
 * words back for the option whose value is being typed. For zsh one _arguments specification a
 * name is enough; texts are quoted for single quotes, and brackets and colons, which have a
 * meaning there, are escaped.
 *
 * A subcommand is a function alone, named by tool and subcommand (_rs_backfill_replay). Its tool's
 * function leaves the rest to it when the first word names it. zsh takes a whole file of $fpath as
 * the body of a function that is called as the file is, so the text ends with a call of ours there;
 * anywhere else (eval, source) it ends with word of it to compinit.
 */
#include "cli/completion.h"

#include <string.h>

/* The help text of a row, which may stand in a later row of its line. */
static const char *help_of(const struct rs_option *option)
{
    while (!option->help && option[1].name) {
        option++;
    }
    return option->help ? option->help : "";
}

static bool operand_is(const struct rs_option *option, const char *name)
{
    return option->operand && strcmp(option->operand, name) == 0;
}

/* A tool's name as part of a shell function's name. */
static void append_function(const char *name, struct rs_strbuf *out)
{
    rs_strbuf_append_char(out, '_');
    for (; *name != '\0'; name++) {
        rs_strbuf_append_char(out, *name == '-' || *name == ' ' ? '_' : *name);
    }
}

static bool is_subcommand(const struct rs_tool *tool)
{
    return strchr(tool->name, ' ') != NULL;
}

static void append_subcommands(const struct rs_tool *tool, const char *between,
                               struct rs_strbuf *out)
{
    for (const struct rs_subcommand *row = tool->subcommands; row->name; row++) {
        rs_strbuf_printf(out, "%s%s", row == tool->subcommands ? "" : between, row->name);
    }
}

static void append_names(const struct rs_option *option, struct rs_strbuf *out)
{
    for (size_t i = 0; option->names[i]; i++) {
        rs_strbuf_printf(out, "%s%s", i > 0 ? " " : "", option->names[i]);
    }
}

/* The names are those of a value that may be several, with commas between. */
static bool takes_several(const struct rs_option *option)
{
    return option->names && option->kind != RS_OPTION_ENUM && !option->optional;
}

/* The case of bash that completes one option's value. */
static void append_bash_case(const struct rs_option *option, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "    ");
    if (option->letter && !option->optional) {
        rs_strbuf_printf(out, "-%c | ", option->letter);
    }
    rs_strbuf_printf(out, "--%s)\n", option->name);
    if (option->names) {
        rs_strbuf_append(out, "        mapfile -t COMPREPLY < <(compgen -W '");
        append_names(option, out);
        rs_strbuf_append(out, takes_several(option)
                                  ? "' -P \"${cur%\"${cur##*,}\"}\" -- \"${cur##*,}\")\n"
                                  : "' -- \"$cur\")\n");
    } else if (operand_is(option, "FILE") || operand_is(option, "DIR")) {
        rs_strbuf_append(out, "        compopt -o filenames\n");
        rs_strbuf_printf(out, "        mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\")\n",
                         operand_is(option, "DIR") ? 'd' : 'f');
    }
    rs_strbuf_append(out, "        return\n        ;;\n");
}

static void append_bash_values(const struct rs_option *table, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "    case $opt in\n");
    for (const struct rs_option *option = table; option->name; option++) {
        if (rs_option_takes_value(option) && (!option->optional || option->names)) {
            append_bash_case(option, out);
        }
    }
    rs_strbuf_append(out, "    esac\n");
}

/* Leave the rest to the function of the subcommand that the first word names. */
static void append_bash_subcommands(const struct rs_tool *tool, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "    case ${COMP_WORDS[1]} in\n    ");
    append_subcommands(tool, " | ", out);
    rs_strbuf_append(out, ")\n        if ((COMP_CWORD > 1)); then\n            ");
    append_function(tool->name, out);
    rs_strbuf_append(out, "_\"${COMP_WORDS[1]}\"\n            return\n        fi\n"
                          "        ;;\n    esac\n");
}

/* What completes a word that is no option and no option's value. */
static void append_bash_operand(const struct rs_tool *tool, struct rs_strbuf *out)
{
    if (tool->subcommands) {
        rs_strbuf_append(out, "        mapfile -t COMPREPLY < <(compgen -W '");
        append_subcommands(tool, " ", out);
        rs_strbuf_append(out, "' -- \"$cur\")\n");
    } else {
        rs_strbuf_append(out, "        compopt -o filenames\n"
                              "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n");
    }
}

void rs_completion_bash(const struct rs_tool *tool, const struct rs_option *table,
                        struct rs_strbuf *out)
{
    if (!is_subcommand(tool)) {
        rs_strbuf_printf(out, "# bash completion for %s; eval this, or save it in\n", tool->name);
        rs_strbuf_printf(out, "# ~/.local/share/bash-completion/completions/%s\n", tool->name);
    }
    append_function(tool->name, out);
    rs_strbuf_append(out, "()\n{\n");
    if (tool->subcommands) {
        append_bash_subcommands(tool, out);
    }
    rs_strbuf_append(out,
                     "    local cur=${COMP_WORDS[COMP_CWORD]} opt=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    if [[ $cur == = ]]; then\n"
                     "        cur=\n"
                     "    elif [[ $opt == = ]]; then\n"
                     "        opt=${COMP_WORDS[COMP_CWORD-2]}\n"
                     "    fi\n"
                     "    COMPREPLY=()\n");
    append_bash_values(table, out);
    rs_strbuf_append(out, "    if [[ $cur == -* ]]; then\n"
                          "        mapfile -t COMPREPLY < <(compgen -W '");
    for (const struct rs_option *option = table; option->name; option++) {
        bool valued = rs_option_takes_value(option) && !option->optional;
        rs_strbuf_printf(out, "%s--%s%s", option == table ? "" : " ", option->name,
                         valued ? "=" : "");
    }
    rs_strbuf_append(out, "' -- \"$cur\")\n"
                          "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
                          "    else\n");
    append_bash_operand(tool, out);
    rs_strbuf_append(out, "    fi\n}\n");
    if (!is_subcommand(tool)) {
        rs_strbuf_append(out, "complete -F ");
        append_function(tool->name, out);
        rs_strbuf_printf(out, " %s\n", tool->name);
    }
}

/* Text inside a single-quoted _arguments specification. */
static void append_zsh_text(const char *text, struct rs_strbuf *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            rs_strbuf_append(out, "'\\''");
        } else {
            if (strchr("[]:\\", *text)) {
                rs_strbuf_append_char(out, '\\');
            }
            rs_strbuf_append_char(out, *text);
        }
    }
}

/* aws:kms is written aws\:kms there. */
static void append_zsh_names(const struct rs_option *option, struct rs_strbuf *out)
{
    for (size_t i = 0; option->names[i]; i++) {
        rs_strbuf_append(out, i > 0 ? " " : "");
        append_zsh_text(option->names[i], out);
    }
}

/* One specification: '*--name=[help]:NAME:_files'. */
static void append_zsh_spec(const struct rs_option *option, bool with_letter, struct rs_strbuf *out)
{
    rs_strbuf_append(out, " \\\n    '*");
    if (with_letter) {
        rs_strbuf_printf(out, "-%c%s", option->letter, rs_option_takes_value(option) ? "+" : "");
    } else {
        rs_strbuf_printf(out, "--%s", option->name);
        if (rs_option_takes_value(option)) {
            rs_strbuf_append(out, option->optional ? "=-" : "=");
        }
    }
    rs_strbuf_append(out, "[");
    append_zsh_text(help_of(option), out);
    rs_strbuf_append(out, "]");
    if (rs_option_takes_value(option)) {
        rs_strbuf_append(out, option->optional ? "::" : ":");
        append_zsh_text(option->operand ? option->operand : "value", out);
        rs_strbuf_append(out, ":");
        if (takes_several(option)) {
            rs_strbuf_append(out, "_values -s , name ");
            append_zsh_names(option, out);
        } else if (option->names) {
            rs_strbuf_append(out, "(");
            append_zsh_names(option, out);
            rs_strbuf_append(out, ")");
        } else if (operand_is(option, "FILE") || operand_is(option, "DIR")) {
            rs_strbuf_append(out, operand_is(option, "DIR") ? "_files -/" : "_files");
        }
    }
    rs_strbuf_append(out, "'");
}

/* Leave the rest to the function of the subcommand that the first word names. */
static void append_zsh_subcommands(const struct rs_tool *tool, struct rs_strbuf *out)
{
    rs_strbuf_append(out, "    case $words[2] in\n    (");
    append_subcommands(tool, "|", out);
    rs_strbuf_append(out, ")\n        if (( CURRENT > 2 )); then\n            local sub=");
    append_function(tool->name, out);
    rs_strbuf_append(out, "_$words[2]\n            shift words\n            (( CURRENT-- ))\n"
                          "            $sub\n            return\n        fi\n"
                          "        ;;\n    esac\n");
}

void rs_completion_zsh(const struct rs_tool *tool, const struct rs_option *table,
                       struct rs_strbuf *out)
{
    if (!is_subcommand(tool)) {
        rs_strbuf_printf(out, "#compdef %s\n", tool->name);
        rs_strbuf_printf(out,
                         "# zsh completion for %s: eval this behind compinit, or save it as\n"
                         "# _%s in a folder of $fpath\n",
                         tool->name, tool->name);
    }
    append_function(tool->name, out);
    rs_strbuf_append(out, "()\n{\n");
    if (tool->subcommands) {
        append_zsh_subcommands(tool, out);
    }
    rs_strbuf_append(out, "_arguments -s -S");
    for (const struct rs_option *option = table; option->name; option++) {
        if (option->letter) {
            append_zsh_spec(option, true, out);
        }
        append_zsh_spec(option, false, out);
    }
    if (tool->subcommands) {
        rs_strbuf_append(out, " \\\n    '1:subcommand:(");
        append_subcommands(tool, " ", out);
        rs_strbuf_append(out, ")'");
    } else if (*tool->operands) {
        rs_strbuf_append(out, " \\\n    '*:input:_files'");
    }
    rs_strbuf_append(out, "\n}\n");
}

void rs_completion_zsh_end(const struct rs_tool *tool, struct rs_strbuf *out)
{
    if (!is_subcommand(tool)) {
        rs_strbuf_printf(out, "if [[ ${funcstack[1]:-} == _%s ]]; then\n    ", tool->name);
        append_function(tool->name, out);
        rs_strbuf_append(out, " \"$@\"\nelse\n    compdef ");
        append_function(tool->name, out);
        rs_strbuf_printf(out, " %s\nfi\n", tool->name);
    }
}
