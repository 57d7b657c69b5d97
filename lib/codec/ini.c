/*
 * The file's text is copied once and cut up where it stands: names, keys and values become C
 * strings inside that copy, a continued value is moved up to its first line, and freeing wipes one
 * block. A cut is always made where a blank, a bracket, an equals sign or a line end was, so it
 * never loses a byte of a text. Finding walks the settings from the last to the first: the files
 * are small, and the last of two equal keys is the one that holds.
 */
#include "codec/ini.h"

#include <string.h>

#include "base/mem.h"

struct section {
    const char *kind; /* "" for [name]; NULL for a section that cannot be found */
    const char *name;
};

struct setting {
    size_t section;
    const char *outer; /* the key above a nested setting; NULL for others */
    const char *key;
    char *value;
    size_t length; /* of the value */
};

struct rs_ini {
    char *text;
    size_t size_bytes;
    struct section *sections;
    size_t section_count;
    size_t section_capacity;
    struct setting *settings;
    size_t setting_count;
    size_t setting_capacity;
};

/* What is being read. */
struct reader {
    struct rs_ini *ini;
    const char *name;
    size_t line;
    bool continues; /* the last line was a setting's, so one that begins with a blank is, too */
    const char *outer;
};

static bool fail(const struct reader *reader, const char *reason, struct rs_error *err)
{
    return rs_error_set(err, RS_E_CONFIG, "could not read \"%s\": line %zu: %s", reader->name,
                        reader->line, reason);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char *skip_blanks(char *at)
{
    while (is_blank(*at)) {
        at++;
    }
    return at;
}

/* End the text before its last blanks. */
static char *trim_end(char *begin, char *end)
{
    while (end > begin && is_blank(end[-1])) {
        end--;
    }
    *end = '\0';
    return end;
}

static bool is_comment(const char *at)
{
    return *at == '#' || *at == ';';
}

/* In a value, a comment begins after a blank; at its very start it is one as well. */
static char *find_comment(char *begin)
{
    for (char *at = begin; *at; at++) {
        if (is_comment(at) && (at == begin || is_blank(at[-1]))) {
            return at;
        }
    }
    return begin + strlen(begin);
}

static void to_lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text - 'A' + 'a');
        }
    }
}

/* Cut one word, in quotes or not, off *at. NULL: there is none, or its quotes do not end. */
static const char *take_word(char **at)
{
    char *begin = skip_blanks(*at);
    char *end = begin;
    char quote = *begin;

    if (quote == '"' || quote == '\'') {
        begin++;
        end = strchr(begin, quote);
        if (!end) {
            return NULL;
        }
    } else {
        while (*end && !is_blank(*end)) {
            end++;
        }
        if (end == begin) {
            return NULL;
        }
    }
    *at = *end ? end + 1 : end;
    *end = '\0';
    return begin;
}

/* The bracket that ends a section's name; one in a word in quotes is a part of it. */
static char *find_bracket(char *begin)
{
    char quote = '\0';

    for (char *at = begin; *at; at++) {
        if (quote) {
            quote = *at == quote ? '\0' : quote;
        } else if ((*at == '"' || *at == '\'') && (at == begin || is_blank(at[-1]))) {
            quote = *at;
        } else if (*at == ']') {
            return at;
        }
    }
    return NULL;
}

static bool read_section(struct reader *reader, char *line, struct rs_error *err)
{
    struct rs_ini *ini = reader->ini;
    struct section section = {NULL, NULL};
    char *end = find_bracket(line + 1);

    reader->continues = false;
    reader->outer = NULL;
    if (!end) {
        return fail(reader, "expected \"]\" after the name of a section", err);
    }
    if (*skip_blanks(end + 1) && !is_comment(skip_blanks(end + 1))) {
        return fail(reader, "expected nothing after \"]\"", err);
    }
    *end = '\0';
    char *at = line + 1;
    const char *first = take_word(&at);
    const char *second = take_word(&at);
    if (first && *skip_blanks(at) == '\0') {
        section.kind = second ? first : "";
        section.name = second ? second : first;
    }
    ini->sections = rs_mem_grow(ini->sections, &ini->section_capacity, ini->section_count + 1,
                                sizeof *ini->sections);
    ini->sections[ini->section_count++] = section;
    return true;
}

static bool read_setting(struct reader *reader, char *line, const char *outer, struct rs_error *err)
{
    struct rs_ini *ini = reader->ini;
    char *equals = strchr(line, '=');

    if (ini->section_count == 0) {
        return fail(reader, "expected a section first, as in \"[default]\"", err);
    }
    if (!equals) {
        return fail(reader, "expected \"key = value\"", err);
    }
    if (trim_end(line, equals) == line) {
        return fail(reader, "expected a key before \"=\"", err);
    }
    to_lower(line);
    char *value = skip_blanks(equals + 1);
    char *end = trim_end(value, find_comment(value));
    ini->settings = rs_mem_grow(ini->settings, &ini->setting_capacity, ini->setting_count + 1,
                                sizeof *ini->settings);
    ini->settings[ini->setting_count++] = (struct setting){
        .section = ini->section_count - 1,
        .outer = outer,
        .key = line,
        .value = value,
        .length = (size_t)(end - value),
    };
    reader->continues = true;
    reader->outer = outer ? outer : *value == '\0' ? line : NULL;
    return true;
}

/* The value that the line goes on with ends above it, so there is room for it and a line end. */
static bool read_more(struct reader *reader, char *line, struct rs_error *err)
{
    if (!reader->continues) {
        return fail(reader, "expected a setting above a line that begins with a blank", err);
    }
    if (reader->outer) {
        return read_setting(reader, line, reader->outer, err);
    }
    struct setting *setting = &reader->ini->settings[reader->ini->setting_count - 1];
    size_t length = (size_t)(trim_end(line, line + strlen(line)) - line);
    setting->value[setting->length] = '\n';
    memmove(setting->value + setting->length + 1, line, length + 1);
    setting->length += 1 + length;
    return true;
}

static bool read_line(struct reader *reader, char *line, struct rs_error *err)
{
    char *begin = skip_blanks(line);

    if (*begin == '\0' || is_comment(begin)) {
        return true;
    }
    if (*begin == '[' && begin == line) {
        return read_section(reader, begin, err);
    }
    return begin > line ? read_more(reader, begin, err) : read_setting(reader, begin, NULL, err);
}

struct rs_ini *rs_ini_parse(struct rs_str text, const char *name, struct rs_error *err)
{
    if (text.length > RS_INI_MAX_BYTES) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": over %d bytes", name,
                           (int)RS_INI_MAX_BYTES);
        return NULL;
    }
    if (rs_str_starts(text, RS_STR("\xef\xbb\xbf"))) {
        text = rs_str_slice(text, 3, text.length);
    }
    struct rs_ini *ini = rs_mem_zalloc(1, sizeof *ini);
    struct reader reader = {.ini = ini, .name = name};
    ini->size_bytes = text.length + 1;
    ini->text = rs_mem_zalloc(ini->size_bytes, 1);
    if (text.length > 0) {
        memcpy(ini->text, text.data, text.length);
    }
    bool ok = true;
    for (char *line = ini->text; ok && line < ini->text + text.length;) {
        char *end = memchr(line, '\n', (size_t)(ini->text + text.length - line));
        end = end ? end : ini->text + text.length;
        *end = '\0';
        reader.line++;
        ok = strlen(line) == (size_t)(end - line) ? read_line(&reader, line, err)
                                                  : fail(&reader, "a byte of value 0", err);
        line = end + 1;
    }
    if (!ok) {
        rs_ini_free(ini);
        return NULL;
    }
    return ini;
}

void rs_ini_free(struct rs_ini *ini)
{
    if (ini) {
        rs_mem_wipe(ini->text, ini->size_bytes);
        rs_mem_free(ini->text);
        rs_mem_free(ini->sections);
        rs_mem_free(ini->settings);
        rs_mem_free(ini);
    }
}

static bool section_is(const struct section *section, const char *kind, const char *name)
{
    return section->kind && strcmp(section->kind, kind) == 0 && strcmp(section->name, name) == 0;
}

static bool key_is(const struct setting *setting, const char *key)
{
    if (setting->outer) {
        size_t length = strlen(setting->outer);
        if (strncmp(key, setting->outer, length) != 0 || key[length] != '.') {
            return false;
        }
        key += length + 1;
    }
    return strcmp(setting->key, key) == 0;
}

const char *rs_ini_find(const struct rs_ini *ini, const char *kind, const char *section,
                        const char *key)
{
    for (size_t i = ini->setting_count; i-- > 0;) {
        const struct setting *setting = &ini->settings[i];
        if (section_is(&ini->sections[setting->section], kind, section) && key_is(setting, key)) {
            return setting->value;
        }
    }
    return NULL;
}

bool rs_ini_has(const struct rs_ini *ini, const char *kind, const char *section)
{
    for (size_t i = 0; i < ini->section_count; i++) {
        if (section_is(&ini->sections[i], kind, section)) {
            return true;
        }
    }
    return false;
}

const char *rs_ini_section(const struct rs_ini *ini, size_t i, const char **kind)
{
    if (i >= ini->section_count) {
        return NULL;
    }
    *kind = ini->sections[i].kind ? ini->sections[i].kind : "";
    return ini->sections[i].name ? ini->sections[i].name : "";
}
