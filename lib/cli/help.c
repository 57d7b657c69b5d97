/*
 * Each line is a label ("  -n, --schema=NAME") and a text that begins in one column, two places
 * after the longest label of COLUMN_MAX or less; a longer label pushes its text to the right.
 * Rows that share a line are joined with commas, and take the column of the long names when
 * the first has no short one, so that names stand under names.
 */
#include "cli/help.h"

#include <string.h>

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

/*
 * The topic of each row is found by walking the table: a topic's rows stand together. Returns the
 * topic that holds from this row on.
 */
static const struct rs_help_topic *
enter(const struct rs_tool *tool, const struct rs_help_topic *topic, const struct rs_option *row)
{
    for (const struct rs_help_topic *next = tool->topics; next && next->name; next++) {
        if (strcmp(next->first, row->name) == 0) {
            return next;
        }
    }
    return topic;
}

static const struct rs_help_topic *leave(const struct rs_help_topic *topic,
                                         const struct rs_option *row)
{
    return topic && strcmp(topic->last, row->name) == 0 ? NULL : topic;
}

/* Call line for each line of rows that are of the wanted topic. */
static void each_line(const struct rs_tool *tool, const struct rs_option *table,
                      const struct rs_help_topic *wanted,
                      void (*line)(void *arg, struct rs_str label, const char *help), void *arg)
{
    struct rs_strbuf label = RS_STRBUF_INIT(LABEL_MAX_BYTES);
    const struct rs_help_topic *topic = NULL;
    for (const struct rs_option *option = table; option->name; option++) {
        topic = enter(tool, topic, option);
        rs_strbuf_reset(&label);
        option = append_label(option, &label);
        if (topic == wanted) {
            line(arg, rs_strbuf_str(&label), option->help ? option->help : "");
        }
        topic = leave(topic, option);
    }
    rs_strbuf_release(&label);
}

static void widen(void *arg, struct rs_str label, const char *help)
{
    size_t *column = arg;
    if (*help != '\0' && label.length > *column && label.length <= COLUMN_MAX) {
        *column = label.length;
    }
}

struct page {
    struct rs_strbuf *out;
    size_t column;
};

static void append_line(void *arg, struct rs_str label, const char *help)
{
    const struct page *page = arg;
    size_t gap = label.length + 2 > page->column ? 2 : page->column - label.length;
    rs_strbuf_append_str(page->out, label);
    if (*help) {
        rs_strbuf_printf(page->out, "%*s%s", (int)gap, "", help);
    }
    rs_strbuf_append(page->out, "\n");
}

const struct rs_help_topic *rs_help_find(const struct rs_tool *tool, const char *name)
{
    for (const struct rs_help_topic *topic = tool->topics; topic && topic->name; topic++) {
        if (strcmp(topic->name, name) == 0) {
            return topic;
        }
    }
    return NULL;
}

/* The subcommands, each with what it is for, in a column of their own. */
static void append_subcommands(const struct rs_tool *tool, struct rs_strbuf *out)
{
    size_t width = 0;
    for (const struct rs_subcommand *row = tool->subcommands; row->name; row++) {
        width = strlen(row->name) > width ? strlen(row->name) : width;
    }
    for (const struct rs_subcommand *row = tool->subcommands; row->name; row++) {
        rs_strbuf_printf(out, "  %-*s  %s\n", (int)width, row->name, row->summary);
    }
    rs_strbuf_append(out, "\n");
}

void rs_help_format(const struct rs_tool *tool, const struct rs_option *table,
                    const struct rs_help_topic *topic, struct rs_strbuf *out)
{
    struct page page = {out, 0};
    rs_strbuf_printf(out, "usage: %s %s[OPTION]...%s%s\n%s\n\n", tool->name,
                     tool->subcommands ? "SUBCOMMAND " : "", *tool->operands ? " " : "",
                     tool->operands, topic ? topic->title : tool->summary);
    if (tool->subcommands) {
        append_subcommands(tool, out);
    }
    each_line(tool, table, topic, widen, &page.column);
    page.column += 2;
    each_line(tool, table, topic, append_line, &page);
    const struct rs_help_topic *first = topic ? NULL : tool->topics;
    for (const struct rs_help_topic *other = first; other && other->name; other++) {
        rs_strbuf_printf(out, "%s --help=%s", other == first ? "More:" : ",", other->name);
    }
    rs_strbuf_append(out, first ? ". " : "");
    if (tool->subcommands) {
        rs_strbuf_printf(out, "More: %s SUBCOMMAND --help. ", tool->name);
    }
    rs_strbuf_printf(out, "The manual is %s.\n", tool->manual);
}
