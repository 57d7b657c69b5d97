/*
 * A command line is read in two steps: rs_options_scan finds out which options are used with
 * which values, rs_options_apply stores them. Between the two the caller can look for --help,
 * and can store a configuration file's values, which the command line's then replace.
 * getopt_long is not used: it is no part of POSIX, takes shortened names, prints its messages
 * itself and cannot say which name was meant.
 */
#include "cli/options.h"

#include <string.h>

#include "base/mem.h"
#include "cli/nearest.h"
#include "rs/strbuf.h"

enum { NAMES_MAX_BYTES = 256 };

/* Where reading stands: the argument at hand, and how far into it. */
struct scan {
    const struct rs_option *table;
    int argc;
    char **argv;
    int index;
    struct rs_options_line *line;
};

bool rs_option_takes_value(const struct rs_option *option)
{
    switch (option->kind) {
    case RS_OPTION_FLAG:
    case RS_OPTION_SET:
    case RS_OPTION_COUNT:
        return false;
    case RS_OPTION_STRING:
    case RS_OPTION_UINT:
    case RS_OPTION_BYTES:
    case RS_OPTION_ENUM:
    case RS_OPTION_LIST:
        return true;
    }
    return false;
}

static const struct rs_option *find_name(const struct rs_option *table, struct rs_str name)
{
    for (const struct rs_option *option = table; option->name; option++) {
        if (rs_str_equal(rs_str_from(option->name), name)) {
            return option;
        }
    }
    return NULL;
}

struct rs_str rs_options_shown(const char *argument, const char **rest)
{
    const char *scheme = strstr(argument, "://");
    const char *at = strchr(argument, '@');
    *rest = scheme || at ? "..." : "";
    return scheme ? rs_str_slice(rs_str_from(argument), 0, (size_t)(scheme - argument) + 3)
           : at   ? RS_STR("")
                  : rs_str_from(argument);
}

const struct rs_option *rs_options_find(const struct rs_option *table, struct rs_str name)
{
    const struct rs_option *found = find_name(table, name);
    const bool dry_run = !found && rs_str_equal(name, RS_STR("dry-run"));
    return dry_run ? find_name(table, RS_STR("plan")) : found;
}

static const struct rs_option *find_letter(const struct rs_option *table, char letter)
{
    for (const struct rs_option *option = table; option->name; option++) {
        if (option->letter != 0 && option->letter == letter) {
            return option;
        }
    }
    return NULL;
}

void rs_option_list_append(struct rs_option_list *list, char *item)
{
    list->items = rs_mem_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = item;
}

void rs_option_list_release(struct rs_option_list *list)
{
    rs_mem_free(list->items);
    *list = (struct rs_option_list){0};
}

void rs_options_line_release(struct rs_options_line *line)
{
    rs_mem_free(line->uses);
    rs_option_list_release(&line->operands);
    *line = (struct rs_options_line){0};
}

static void record_use(struct scan *scan, const struct rs_option *option, char *value)
{
    struct rs_options_line *line = scan->line;
    line->uses =
        rs_mem_grow(line->uses, &line->use_capacity, line->use_count + 1, sizeof *line->uses);
    line->uses[line->use_count++] = (struct rs_option_use){option, value};
}

/* What other tools call it, with nothing of the name that we give it. */
static const char *translate(const struct rs_option *table, struct rs_str name)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } words[] = {
        {"database", "dbname"}, {"host", "dbname"},       {"url", "dbname"},
        {"conninfo", "dbname"}, {"connection", "dbname"}, {"endpoint", "dbname"},
        {"output", "bundle"},   {"out", "bundle"},        {"output-dir", "bundle"},
        {"bucket", "stage"},    {"staging", "stage"},     {"encryption", "sse"},
        {"workers", "threads"}, {"parallel", "jobs"},     {"silent", "quiet"},
        {"usage", "help"},      {"simulate", "plan"},     {"check-only", "plan"},
        {"status", "history"},  {"start", "since"},       {"end", "until"},
        {"ignore", "exclude"},  {"bastion", "ssh"},       {"errors", "rejects"},
        {"source", "schema"},   {"username", "dbname"},   {"port", "dbname"},
    };
    for (size_t i = 0; i < RS_COUNTOF(words); i++) {
        const struct rs_option *option = rs_str_equal(name, rs_str_from(words[i].theirs))
                                             ? find_name(table, rs_str_from(words[i].ours))
                                             : NULL;
        if (option) {
            return option->name;
        }
    }
    return NULL;
}

static bool unknown_long(const struct rs_option *table, struct rs_str name, struct rs_error *err)
{
    struct rs_nearest nearest = rs_nearest_of(name);
    for (const struct rs_option *option = table; option->name; option++) {
        rs_nearest_offer(&nearest, option->name);
    }
    if (find_name(table, RS_STR("plan"))) {
        rs_nearest_offer(&nearest, "dry-run"); /* see rs_options_find */
    }
    rs_error_set(err, RS_E_USAGE, "unknown option \"--%.*s\"", RS_STR_ARG(name));
    const char *meant = translate(table, name);
    meant = meant ? meant : rs_nearest_name(&nearest);
    if (meant) {
        return rs_error_hint(err, "did you mean \"--%s\"? --help lists the options", meant);
    }
    return rs_error_hint(err, "--help lists the options");
}

/* argument is the whole of what was typed, so that -help can be told from -h. */
static bool unknown_letter(const struct rs_option *table, char letter, const char *argument,
                           struct rs_error *err)
{
    struct rs_str word = rs_str_from(argument + 1);
    size_t equals = rs_str_find_byte(word, '=');
    const struct rs_option *meant =
        rs_options_find(table, equals == SIZE_MAX ? word : rs_str_slice(word, 0, equals));
    if (meant) {
        rs_error_set(err, RS_E_USAGE, "unknown option \"%s\"", argument);
        return rs_error_hint(err, "did you mean \"--%s\"? --help lists the options", meant->name);
    }
    rs_error_set(err, RS_E_USAGE, "unknown option \"-%c\"", letter);
    if (letter == 'V' && find_name(table, RS_STR("version"))) {
        return rs_error_hint(err, "did you mean \"--version\"? --help lists the options");
    }
    return rs_error_hint(err, "--help lists the options");
}

static bool missing_value(const struct rs_option *option, struct rs_error *err)
{
    const char *form = option->operand ? option->operand
                       : option->names ? option->names[0]
                                       : "VALUE";
    rs_error_set(err, RS_E_USAGE, "option \"--%s\" needs a value", option->name);
    return rs_error_hint(err, "give it as --%s=%s", option->name, form);
}

/* An argument that is an option of the table, so that nobody means it as a value. */
static bool is_option(const struct rs_option *table, const char *argument)
{
    struct rs_str text = rs_str_from(argument);
    if (!rs_str_starts(text, RS_STR("--"))) {
        return text.length > 1 && text.data[0] == '-' && find_letter(table, text.data[1]) != NULL;
    }
    text = rs_str_slice(text, 2, text.length);
    return text.length == 0 ||
           rs_options_find(table, rs_str_slice(text, 0, rs_str_find_byte(text, '='))) != NULL;
}

/* The argument after an option is its value. */
static bool take_next(struct scan *scan, const struct rs_option *option, struct rs_error *err)
{
    if (scan->index + 1 >= scan->argc) {
        return missing_value(option, err);
    }
    const char *typed = scan->argv[scan->index];
    char *value = scan->argv[++scan->index];
    if (is_option(scan->table, value)) {
        /* What follows the option's name may be a password. */
        const size_t length = value[1] == '-' ? strcspn(value, "=") : sizeof "-d" - 1;
        rs_error_set(err, RS_E_USAGE, "option \"%s\" took \"%.*s\" for its value", typed,
                     (int)length, value);
        return rs_error_hint(err, "give \"%s\" a value; one that is meant so is written --%s=%.*s",
                             typed, option->name, (int)length, value);
    }
    record_use(scan, option, value);
    return true;
}

/* Read one argument that begins with two dashes. */
static bool scan_long(struct scan *scan, struct rs_error *err)
{
    char *argument = scan->argv[scan->index] + 2;
    struct rs_str text = rs_str_from(argument);
    size_t equals = rs_str_find_byte(text, '=');
    struct rs_str name = equals == SIZE_MAX ? text : rs_str_slice(text, 0, equals);
    char *value = equals == SIZE_MAX ? NULL : argument + equals + 1;
    const struct rs_option *option = rs_options_find(scan->table, name);

    if (!option) {
        return unknown_long(scan->table, name, err);
    }
    if (value && !rs_option_takes_value(option)) {
        rs_error_set(err, RS_E_USAGE, "option \"--%s\" takes no value", option->name);
        return rs_error_hint(err, "leave out \"=\" and what follows"); /* it may be a password */
    }
    if (!value && rs_option_takes_value(option) && !option->optional) {
        return take_next(scan, option, err);
    }
    record_use(scan, option, value);
    return true;
}

/* -h, which others have for a host: what follows is no operand that nobody looks at. */
static bool check_last(const struct scan *scan, const char *letter, struct rs_error *err)
{
    if (letter[1] != '\0') {
        return unknown_letter(scan->table, letter[1], scan->argv[scan->index], err);
    }
    if (scan->index + 1 < scan->argc && scan->argv[scan->index + 1][0] != '-') {
        rs_error_set(err, RS_E_USAGE, "option \"-%c\" takes no value", *letter);
        return rs_error_hint(err,
                             "-%c alone shows the help; a host is named in -d: "
                             "-d HOST:5439/DATABASE",
                             *letter);
    }
    return true;
}

/* Read one argument that begins with one dash: letters, the last of which may take a value. */
static bool scan_letters(struct scan *scan, struct rs_error *err)
{
    char *argument = scan->argv[scan->index];
    for (char *letter = argument + 1; *letter != '\0'; letter++) {
        const struct rs_option *option = find_letter(scan->table, *letter);
        if (!option) {
            return unknown_letter(scan->table, *letter, argument, err);
        }
        if (option->last && !check_last(scan, letter, err)) {
            return false;
        }
        if (!rs_option_takes_value(option) || option->optional) {
            record_use(scan, option, NULL);
        } else if (letter[1] != '\0') {
            record_use(scan, option, letter + 1);
            return true;
        } else {
            return take_next(scan, option, err);
        }
    }
    return true;
}

static bool scan_ended(const struct rs_options_line *line)
{
    return line->use_count > 0 && line->uses[line->use_count - 1].option->last;
}

bool rs_options_scan(const struct rs_option *table, int argc, char **argv,
                     struct rs_options_line *line, struct rs_error *err)
{
    struct scan scan = {table, argc, argv, 1, line};
    bool operands_only = false;

    for (; scan.index < argc && !scan_ended(line); scan.index++) {
        char *argument = argv[scan.index];
        if (operands_only || argument[0] != '-' || argument[1] == '\0') {
            rs_option_list_append(&line->operands, argument);
        } else if (strcmp(argument, "--") == 0) {
            operands_only = true;
        } else if (argument[1] == '-' ? !scan_long(&scan, err) : !scan_letters(&scan, err)) {
            return false;
        }
    }
    return true;
}

static bool store_number(const struct rs_option *option, const char *value, const char *where,
                         enum rs_code code, struct rs_error *err)
{
    uint64_t number = 0;
    if (!rs_str_parse_u64(rs_str_from(value), option->min, option->max, &number)) {
        return rs_error_set(err, code, "%s: \"%s\" is not a whole number from %llu to %llu", where,
                            value, (unsigned long long)option->min,
                            (unsigned long long)option->max);
    }
    *option->to.number = (unsigned)number;
    return true;
}

/* "16M" where that is exact, so that a message shows a limit as a person would type it. */
static void append_size(struct rs_strbuf *out, uint64_t bytes)
{
    static const char units[] = "KMGT";
    size_t unit = 0;
    while (unit < sizeof units - 1 && bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    rs_strbuf_append_u64(out, bytes);
    if (unit > 0) {
        rs_strbuf_append_char(out, units[unit - 1]);
    }
}

static bool store_bytes(const struct rs_option *option, const char *value, const char *where,
                        enum rs_code code, struct rs_error *err)
{
    struct rs_strbuf limits = RS_STRBUF_INIT(NAMES_MAX_BYTES);
    uint64_t bytes = 0;
    bool ok = rs_str_parse_bytes(rs_str_from(value), &bytes);
    if (!ok) {
        rs_error_set(err, code, "%s: \"%s\" is not a size", where, value);
        rs_error_hint(err, "write a size like 512M or 2G");
    } else if (bytes < option->min || bytes > option->max) {
        ok = false;
        append_size(&limits, option->min);
        rs_strbuf_append(&limits, " to ");
        append_size(&limits, option->max);
        rs_error_set(err, code, "%s: \"%s\" is out of range", where, value);
        rs_error_hint(err, "write a size from %s", rs_strbuf_cstr(&limits));
    } else {
        *option->to.bytes = bytes;
    }
    rs_strbuf_release(&limits);
    return ok;
}

static bool store_name(const struct rs_option *option, const char *value, const char *where,
                       enum rs_code code, struct rs_error *err)
{
    struct rs_nearest nearest = rs_nearest_of(rs_str_from(value));
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX_BYTES);
    bool found = false;
    for (unsigned i = 0; option->names[i] && !found; i++) {
        found = strcmp(option->names[i], value) == 0;
        if (found) {
            *option->to.number = i;
        }
        rs_nearest_offer(&nearest, option->names[i]);
        rs_strbuf_printf(&names, "%s%s", i > 0 ? ", " : "", option->names[i]);
    }
    if (!found) {
        rs_error_set(err, code, "%s: \"%s\" is not one of %s", where, value,
                     rs_strbuf_cstr(&names));
        if (rs_nearest_name(&nearest)) {
            rs_error_hint(err, "did you mean \"%s\"?", rs_nearest_name(&nearest));
        }
    }
    rs_strbuf_release(&names);
    return found;
}

bool rs_option_store(const struct rs_option *option, char *value, const char *where,
                     enum rs_code code, struct rs_error *err)
{
    switch (option->kind) {
    case RS_OPTION_FLAG:
        *option->to.flag = true;
        return true;
    case RS_OPTION_SET:
        *option->to.number = option->value;
        return true;
    case RS_OPTION_COUNT:
        ++*option->to.number;
        return true;
    case RS_OPTION_STRING:
        *option->to.string = value ? value : option->text;
        return true;
    case RS_OPTION_UINT:
        if (!value) {
            *option->to.number = option->value;
            return true;
        }
        return store_number(option, value, where, code, err);
    case RS_OPTION_BYTES:
        return store_bytes(option, value, where, code, err);
    case RS_OPTION_ENUM:
        if (!value) {
            *option->to.number = option->value;
            return true;
        }
        return store_name(option, value, where, code, err);
    case RS_OPTION_LIST:
        rs_option_list_append(option->to.list, value);
        return true;
    }
    return false;
}

bool rs_options_apply(const struct rs_options_line *line, struct rs_error *err)
{
    for (size_t i = 0; i < line->use_count; i++) {
        const struct rs_option_use *use = &line->uses[i];
        struct rs_strbuf where = RS_STRBUF_INIT(NAMES_MAX_BYTES);
        rs_strbuf_printf(&where, "option \"--%s\"", use->option->name);
        bool ok = rs_option_store(use->option, use->value, rs_strbuf_cstr(&where), RS_E_USAGE, err);
        rs_strbuf_release(&where);
        if (!ok) {
            return false;
        }
    }
    return true;
}
