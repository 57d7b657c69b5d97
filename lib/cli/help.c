/*
 * Each line is a label ("  -n, --schema=NAME") and a text that begins in one column, two places
 * after the longest label of COLUMN_MAX or less; a longer label pushes its text to the right.
 * Rows that share a line are joined with commas, and take the column of the long names when
 * the first has no short one, so that names stand under names.
 */
#include "rs/cli/help.h"

enum { COLUMN_MAX = 24, LABEL_MAX_BYTES = 256 };

/* The value's form after the name: "=NAME", "[=N]", or the names of an enum without operand. */
static void append_value(const struct rs_option *option, struct rs_strbuf *out)
{
    if (!rs_option_takes_value(option)) {
        return;
    }
    rs_strbuf_append(out, option->optional ? "[=" : "=");
    if (option->operand) {
        rs_strbuf_append(out, option->operand);
    } else {
        for (size_t i = 0; option->names && option->names[i]; i++) {
            rs_strbuf_printf(out, "%s%s", i > 0 ? "|" : "", option->names[i]);
        }
    }
    rs_strbuf_append(out, option->optional ? "]" : "");
}

/* Append the label of the line that begins with first; returns the row that ends the line. */
static const struct rs_option *append_label(const struct rs_option *first, struct rs_strbuf *out)
{
    const struct rs_option *option = first;
    rs_strbuf_append(out, first->letter ? "  " : "      ");
    for (;;) {
        if (option->letter) {
            rs_strbuf_printf(out, "-%c, ", option->letter);
        }
        rs_strbuf_printf(out, "--%s", option->name);
        append_value(option, out);
        if (option->help || !option[1].name) {
            return option;
        }
        rs_strbuf_append(out, ", ");
        option++;
    }
}

static size_t text_column(const struct rs_option *table)
{
    struct rs_strbuf label = RS_STRBUF_INIT(LABEL_MAX_BYTES);
    size_t column = 0;
    for (const struct rs_option *option = table; option->name; option++) {
        rs_strbuf_reset(&label);
        option = append_label(option, &label);
        bool has_text = option->help && *option->help != '\0';
        if (has_text && label.length > column && label.length <= COLUMN_MAX) {
            column = label.length;
        }
    }
    rs_strbuf_release(&label);
    return column + 2;
}

void rs_help_format(const struct rs_tool *tool, const struct rs_option *table,
                    struct rs_strbuf *out)
{
    struct rs_strbuf label = RS_STRBUF_INIT(LABEL_MAX_BYTES);
    size_t column = text_column(table);

    rs_strbuf_printf(out, "usage: %s [OPTION]...%s%s\n%s\n\n", tool->name,
                     *tool->operands ? " " : "", tool->operands, tool->summary);
    for (const struct rs_option *option = table; option->name; option++) {
        rs_strbuf_reset(&label);
        option = append_label(option, &label);
        const char *help = option->help ? option->help : "";
        size_t gap = label.length + 2 > column ? 2 : column - label.length;
        rs_strbuf_append_str(out, rs_strbuf_str(&label));
        if (*help) {
            rs_strbuf_printf(out, "%*s%s", (int)gap, "", help);
        }
        rs_strbuf_append(out, "\n");
    }
    rs_strbuf_printf(out, "The manual is %s.\n", tool->manual);
    rs_strbuf_release(&label);
}
