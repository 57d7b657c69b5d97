/*
 * cli/options.h - one table of options, from which everything about them is made.
 *
 *   const struct rs_option table[] = {
 *       RS_OPT_STRING('n', "schema", &schema, "NAME", "schema to fill"),
 *       RS_OPT_FLAG(0, "plan", &plan, "print the SQL, change nothing"),
 *       RS_OPT_END,
 *   };
 *   if (!rs_options_scan(table, argc, argv, &line, &err) || !rs_options_apply(&line, &err)) ...
 *
 * Form:    --name=VALUE, --name VALUE, -nVALUE, -n VALUE, -qv for -q -v, -- before operands
 *          that begin with a dash. Options and operands may stand in any order. A long name is
 *          taken whole, never shortened, so that a new option cannot break a script.
 *          A value that is optional is given as --name=VALUE only. What stands behind an option as
 *          its value and is an option itself is refused; after "=" it is a value. --dry-run is
 *          --plan, in a table that has it.
 * Pure:    yes; nothing is printed here (cli/help.h, cli/completion.h make texts).
 * Owns:    values point into argv; a line's arrays are freed by rs_options_line_release.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CLI_OPTIONS_H
#define RS_CLI_OPTIONS_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum rs_option_kind {
    RS_OPTION_FLAG,   /* bool: becomes true */
    RS_OPTION_SET,    /* unsigned: becomes the row's value */
    RS_OPTION_COUNT,  /* unsigned: one more each time */
    RS_OPTION_STRING, /* const char *: the last one given */
    RS_OPTION_UINT,   /* unsigned: a number in min..max */
    RS_OPTION_BYTES,  /* uint64_t: a size such as 512M, in min..max */
    RS_OPTION_ENUM,   /* unsigned: the place in names of the one given */
    RS_OPTION_LIST,   /* all that are given, in order */
};

struct rs_option_list {
    char **items;
    size_t count;
    size_t capacity;
};

struct rs_option {
    char letter;      /* short name, or 0 */
    const char *name; /* long name; NULL ends the table */
    enum rs_option_kind kind;
    union {
        bool *flag;
        unsigned *number;
        uint64_t *bytes;
        const char **string;
        struct rs_option_list *list;
    } to;
    const char *operand;      /* what the value is called; FILE and DIR complete as such */
    const char *help;         /* NULL: the option shares the help line of the next row */
    const char *const *names; /* ended by NULL: the values of RS_OPTION_ENUM; of others those that
                                 completion offers, several with commas between */
    uint64_t min;
    uint64_t max;
    unsigned value;    /* RS_OPTION_SET; or what an optional value is when left out */
    const char *text;  /* the same of an optional text */
    bool optional;     /* the value may be left out */
    bool command_only; /* says what to do now, so it is no key of a configuration file */
    bool last;         /* nothing after it is read: --help */
};

/* Rows of a table. */
#define RS_OPT_FLAG(letter_, name_, flag_, help_)                                                  \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_FLAG, .to.flag = (flag_),          \
        .help = (help_)                                                                            \
    }
#define RS_OPT_SET(letter_, name_, number_, value_, help_)                                         \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_SET, .to.number = (number_),       \
        .value = (value_), .help = (help_)                                                         \
    }
#define RS_OPT_COUNT(letter_, name_, number_, help_)                                               \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_COUNT, .to.number = (number_),     \
        .help = (help_)                                                                            \
    }
#define RS_OPT_STRING(letter_, name_, string_, operand_, help_)                                    \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_STRING, .to.string = (string_),    \
        .operand = (operand_), .help = (help_)                                                     \
    }
/* A text that is text_ when left out; in a file it may be true. */
#define RS_OPT_OPTIONAL(name_, string_, text_, operand_, help_)                                    \
    {                                                                                              \
        .name = (name_), .kind = RS_OPTION_STRING, .to.string = (string_), .text = (text_),        \
        .optional = true, .operand = (operand_), .help = (help_)                                   \
    }
#define RS_OPT_UINT(letter_, name_, number_, min_, max_, operand_, help_)                          \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_UINT, .to.number = (number_),      \
        .min = (min_), .max = (max_), .operand = (operand_), .help = (help_)                       \
    }
#define RS_OPT_BYTES(letter_, name_, bytes_, min_, max_, operand_, help_)                          \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_BYTES, .to.bytes = (bytes_),       \
        .min = (min_), .max = (max_), .operand = (operand_), .help = (help_)                       \
    }
#define RS_OPT_ENUM(letter_, name_, number_, names_, operand_, help_)                              \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_ENUM, .to.number = (number_),      \
        .names = (names_), .operand = (operand_), .help = (help_)                                  \
    }
#define RS_OPT_LIST(letter_, name_, list_, operand_, help_)                                        \
    {                                                                                              \
        .letter = (letter_), .name = (name_), .kind = RS_OPTION_LIST, .to.list = (list_),          \
        .operand = (operand_), .help = (help_)                                                     \
    }
/* What to do now: sets number to value. */
#define RS_OPT_ACTION(name_, number_, value_, help_)                                               \
    {                                                                                              \
        .name = (name_), .kind = RS_OPTION_SET, .to.number = (number_), .value = (value_),         \
        .help = (help_), .command_only = true                                                      \
    }
/* What to do now, with a text. */
#define RS_OPT_ACTION_STRING(name_, string_, operand_, help_)                                      \
    {                                                                                              \
        .name = (name_), .kind = RS_OPTION_STRING, .to.string = (string_), .operand = (operand_),  \
        .help = (help_), .command_only = true                                                      \
    }
/* What to do now, with a count in min..max that is value_ when left out. */
#define RS_OPT_ACTION_UINT(name_, number_, min_, max_, value_, operand_, help_)                    \
    {                                                                                              \
        .name = (name_), .kind = RS_OPTION_UINT, .to.number = (number_), .min = (min_),            \
        .max = (max_), .value = (value_), .optional = true, .operand = (operand_),                 \
        .help = (help_), .command_only = true                                                      \
    }
#define RS_OPT_END                                                                                 \
    {                                                                                              \
        .name = NULL                                                                               \
    }

struct rs_option_use {
    const struct rs_option *option;
    char *value; /* NULL: none given */
};

/* A command line that is read, but not stored yet. */
struct rs_options_line {
    struct rs_option_use *uses; /* in order */
    size_t use_count;
    size_t use_capacity;
    struct rs_option_list operands;
};

/*
 * Read a command line; nothing is stored in the table's targets. Reading ends after an option
 * whose row says last.
 *
 * line  starts as {0}; filled as far as reading came, also on failure
 * err   RS_E_USAGE: unknown option, a value missing, or one where none may be
 */
RS_MUST_USE bool rs_options_scan(const struct rs_option *table, int argc, char **argv,
                                 struct rs_options_line *line, struct rs_error *err);

/* Store what was read in the targets, in order. RS_E_USAGE: a value is not of its kind. */
RS_MUST_USE bool rs_options_apply(const struct rs_options_line *line, struct rs_error *err);

void rs_options_line_release(struct rs_options_line *line);

/*
 * Store one value in the row's target.
 *
 * value  borrowed for as long as the target is used; NULL where the option takes none
 * where  what is at fault, for messages: option "--threads"
 * err    code, when the value is not of the option's kind
 */
RS_MUST_USE bool rs_option_store(const struct rs_option *option, char *value, const char *where,
                                 enum rs_code code, struct rs_error *err);

/*
 * What a message shows of an argument that is out of place: of a connection's address the scheme
 * alone, as it may hold a password. As RS_STR_ARG, and what stands behind it: "" or "...".
 */
struct rs_str rs_options_shown(const char *argument, const char **rest);

/* The option takes a value, though it may be optional. */
bool rs_option_takes_value(const struct rs_option *option);

/* The row of a long name, or NULL. */
const struct rs_option *rs_options_find(const struct rs_option *table, struct rs_str name);

void rs_option_list_append(struct rs_option_list *list, char *item);
void rs_option_list_release(struct rs_option_list *list);

#endif
