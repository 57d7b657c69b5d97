/*
 * A file's values go the same way as the command line's: each becomes the text that would have
 * been typed, and rs_option_store checks and stores it. What is decided here is which JSON kind
 * an option takes: "threads": "2" is refused, so that one meaning has one form.
 */
#include "cli/config.h"

#include <string.h>

#include "base/fsutil.h"
#include "cli/nearest.h"
#include "codec/json_doc.h"
#include "rs/strbuf.h"

enum { WHERE_MAX_BYTES = 512, NUMBER_MAX_BYTES = 32, COUNT_MAX = 3 };

static const char INPUTS[] = "inputs";

struct config {
    const char *path;
    const struct rs_option *table;
    struct rs_arena *arena;
    struct rs_option_list *inputs;
};

static char *copy_text(struct rs_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = rs_arena_alloc(arena, size);
    memcpy(copy, text, size);
    return copy;
}

static bool unknown_key(const struct config *config, const char *key, struct rs_error *err)
{
    struct rs_nearest nearest = rs_nearest_of(rs_str_from(key));
    for (const struct rs_option *option = config->table; option->name; option++) {
        if (!option->command_only) {
            rs_nearest_offer(&nearest, option->name);
        }
    }
    rs_nearest_offer(&nearest, INPUTS);
    rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": unknown key \"%s\"", config->path, key);
    if (rs_nearest_name(&nearest)) {
        return rs_error_hint(err, "did you mean \"%s\"? the keys are the long options",
                             rs_nearest_name(&nearest));
    }
    return rs_error_hint(err, "the keys are the long options, and \"inputs\"");
}

static bool wrong_kind(const struct config *config, const struct rs_json_node *node,
                       const char *key, const char *wanted, struct rs_error *err)
{
    rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": key \"%s\" is of the wrong type: %s",
                 config->path, key, rs_json_node_kind_name(node));
    return rs_error_hint(err, "make it %s", wanted);
}

/* Store a text as if it were typed after the option. */
static bool store_text(const struct config *config, const struct rs_option *option,
                       const char *text, struct rs_error *err)
{
    struct rs_strbuf where = RS_STRBUF_INIT(WHERE_MAX_BYTES);
    rs_strbuf_printf(&where, "could not use \"%.255s\": key \"%s\"", config->path, option->name);
    bool ok = rs_option_store(option, copy_text(config->arena, text), rs_strbuf_cstr(&where),
                              RS_E_CONFIG, err);
    rs_strbuf_release(&where);
    return ok;
}

static bool store_number(const struct config *config, const struct rs_option *option,
                         const struct rs_json_node *node, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(NUMBER_MAX_BYTES);
    int64_t whole = 0;
    double number = 0;
    if (rs_json_node_i64(node, &whole)) {
        rs_strbuf_append_i64(&text, whole);
    } else if (rs_json_node_double(node, &number)) {
        rs_strbuf_printf(&text, "%g", number); /* refused, with this text in the message */
    }
    bool ok = store_text(config, option, rs_strbuf_cstr(&text), err);
    rs_strbuf_release(&text);
    return ok;
}

/* true counts as given once, a number as given so many times. */
static bool store_count(const struct config *config, const struct rs_option *option,
                        const struct rs_json_node *node, struct rs_error *err)
{
    bool once = false;
    int64_t times = 0;
    if (rs_json_node_bool(node, &once)) {
        times = once ? 1 : 0;
    } else if (!rs_json_node_i64(node, &times) || times < 0 || times > COUNT_MAX) {
        return wrong_kind(config, node, option->name, "true, false or a number from 0 to 3", err);
    }
    *option->to.number += (unsigned)times;
    return true;
}

static bool store_list(const struct config *config, const struct rs_json_node *node,
                       const char *key, struct rs_option_list *list, struct rs_error *err)
{
    if (rs_json_node_kind(node) != RS_JSON_ARRAY) {
        return wrong_kind(config, node, key, "an array of strings", err);
    }
    for (node = rs_json_node_first(node); node; node = rs_json_node_next(node)) {
        const char *text = rs_json_node_text(node);
        if (!text) {
            return wrong_kind(config, node, key, "an array of strings", err);
        }
        rs_option_list_append(list, copy_text(config->arena, text));
    }
    return true;
}

static bool store_option(const struct config *config, const struct rs_option *option,
                         const struct rs_json_node *node, struct rs_error *err)
{
    const char *text = rs_json_node_text(node);
    bool number = rs_json_node_kind(node) == RS_JSON_NUMBER;
    bool on = false;
    switch (option->kind) {
    case RS_OPTION_FLAG:
    case RS_OPTION_SET:
        if (!rs_json_node_bool(node, &on)) {
            return wrong_kind(config, node, option->name, "true or false", err);
        }
        return !on || rs_option_store(option, NULL, option->name, RS_E_CONFIG, err);
    case RS_OPTION_COUNT:
        return store_count(config, option, node, err);
    case RS_OPTION_UINT:
        return number ? store_number(config, option, node, err)
                      : wrong_kind(config, node, option->name, "a number", err);
    case RS_OPTION_BYTES:
        if (number) {
            return store_number(config, option, node, err);
        }
        return text ? store_text(config, option, text, err)
                    : wrong_kind(config, node, option->name, "a size, for instance \"512M\"", err);
    case RS_OPTION_STRING:
        if (option->text && rs_json_node_bool(node, &on)) {
            return !on || rs_option_store(option, NULL, option->name, RS_E_CONFIG, err);
        }
        return text ? store_text(config, option, text, err)
                    : wrong_kind(config, node, option->name, "a string", err);
    case RS_OPTION_ENUM:
        return text ? store_text(config, option, text, err)
                    : wrong_kind(config, node, option->name, "a string", err);
    case RS_OPTION_LIST:
        return store_list(config, node, option->name, option->to.list, err);
    }
    return false;
}

static bool store_member(const struct config *config, const struct rs_json_node *node,
                         struct rs_error *err)
{
    const char *key = rs_json_node_name(node);
    const struct rs_option *option = rs_options_find(config->table, rs_str_from(key));
    if (!option && strcmp(key, INPUTS) == 0) {
        return rs_json_node_kind(node) == RS_JSON_NULL ||
               store_list(config, node, key, config->inputs, err);
    }
    if (!option) {
        return unknown_key(config, key, err);
    }
    if (option->command_only) {
        rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": key \"%s\" is not for a file",
                     config->path, key);
        return rs_error_hint(err, "give --%s on the command line", key);
    }
    return rs_json_node_kind(node) == RS_JSON_NULL || store_option(config, option, node, err);
}

static bool store_members(const struct config *config, const struct rs_json_node *root,
                          struct rs_error *err)
{
    if (rs_json_node_kind(root) != RS_JSON_OBJECT) {
        rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": it is not an object but: %s",
                     config->path, rs_json_node_kind_name(root));
        return rs_error_hint(err, "write {\"KEY\": VALUE, ...}, see rs-config(5)");
    }
    const struct rs_json_node *node = rs_json_node_first(root);
    while (node && store_member(config, node, err)) {
        node = rs_json_node_next(node);
    }
    return !node;
}

bool rs_config_load(const char *path, const struct rs_option *table, struct rs_arena *arena,
                    struct rs_option_list *inputs, struct rs_error *err)
{
    const struct config config = {path, table, arena, inputs};
    struct rs_strbuf text = RS_STRBUF_INIT(RS_CONFIG_MAX_BYTES);
    struct rs_json_doc *doc = NULL;
    bool ok = false;

    if (!rs_fs_read_file(path, &text, err)) {
        goto out;
    }
    doc = rs_json_doc_parse(rs_strbuf_str(&text), path, err);
    if (!doc) {
        goto out;
    }
    ok = store_members(&config, rs_json_doc_root(doc), err);
out:
    if (!ok) {
        err->code = RS_E_CONFIG; /* a file that cannot be read is a wrong option as well */
    }
    rs_json_doc_free(doc);
    rs_strbuf_release(&text);
    return ok;
}
