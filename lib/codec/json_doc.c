/*
 * cJSON behind a strict check of the text.
 *
 * cJSON alone takes what JSON is not (01, 1., control characters in strings, any bytes as text)
 * and cuts a string at \u0000. So the text is first checked as UTF-8 and by our own tokenizer,
 * which also knows the place of a fault; cJSON then builds the tree of a text that is known to be
 * good. What it may still refuse is an escape that is half a character. Last, the members of each
 * object are sorted by name to find one that is there twice.
 * A node is a cJSON item under another name, so that no header of ours needs cJSON's.
 *
 * cJSON is safe with threads, its README says, as long as cJSON_GetErrorPtr is never called: the
 * static behind it is written by each parse, so a fault's place is taken from the argument instead.
 */
#include "codec/json_doc.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/utf8.h"

struct rs_json_doc {
    cJSON *root;
};

static const cJSON *item_of(const struct rs_json_node *node)
{
    return (const cJSON *)(const void *)node;
}

static const struct rs_json_node *node_of(const cJSON *item)
{
    return (const struct rs_json_node *)(const void *)item;
}

/* Say where in the text something is wrong; always false. */
static bool fail_at(struct rs_str text, size_t offset, const char *name, const char *reason,
                    struct rs_error *err)
{
    size_t line = 1;
    size_t column = 1;

    for (size_t i = 0; i < offset && i < text.length; i++) {
        if (text.data[i] == '\n') {
            line++;
            column = 1;
        } else if (((uint8_t)text.data[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    return rs_error_set(err, RS_E_CONFIG, "could not read \"%s\": line %zu, column %zu: %s", name,
                        line, column, reason);
}

static bool check_utf8(struct rs_str text, const char *name, struct rs_error *err)
{
    const char *end = text.data + text.length;
    uint32_t code = 0;

    if (rs_utf8_valid(text)) {
        return true;
    }
    for (const char *p = text.data; p < end;) {
        const size_t used = rs_utf8_decode(p, end, &code);
        if (used == 0) {
            return fail_at(text, (size_t)(p - text.data), name, "not valid UTF-8", err);
        }
        p += used;
    }
    return true;
}

/* In a text that the tokenizer took, a backslash begins an escape. */
static bool check_escapes(struct rs_str text, const char *name, struct rs_error *err)
{
    for (size_t i = 0; i + 5 < text.length; i++) {
        if (text.data[i] != '\\') {
            continue;
        }
        if (memcmp(text.data + i, "\\u0000", 6) == 0) {
            return fail_at(text, i, name, "a string may not hold \\u0000", err);
        }
        i++;
    }
    return true;
}

static bool check_grammar(struct rs_str text, const char *name, struct rs_error *err)
{
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};
    const bool ok = rs_json_tokenize(text, &tape, &fault);

    rs_json_tape_release(&tape);
    return ok || fail_at(text, fault.offset, name, fault.reason, err);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool check_members(const cJSON *object, const char *name, struct rs_error *err)
{
    const size_t count = rs_json_node_count(node_of(object));
    const char **names = rs_mem_zalloc(count, sizeof(*names));
    const cJSON *member = object->child;
    bool ok = true;

    for (size_t i = 0; i < count; i++, member = member->next) {
        names[i] = member->string;
    }
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count && ok; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            ok = rs_error_set(err, RS_E_CONFIG, "could not read \"%s\": \"%s\" is given twice",
                              name, names[i]);
        }
    }
    rs_mem_free(names);
    return ok;
}

/* Recursion ends: the tokenizer took no more than RS_JSON_DEPTH_MAX levels. */
static bool check_tree(const cJSON *item, const char *name, struct rs_error *err)
{
    if (cJSON_IsObject(item) && !check_members(item, name, err)) {
        return false;
    }
    for (const cJSON *child = item->child; child; child = child->next) {
        if (child->child && !check_tree(child, name, err)) {
            return false;
        }
    }
    return true;
}

/* Recursion ends as in check_tree. */
static void wipe_tree(cJSON *item)
{
    for (; item; item = item->next) {
        if (item->valuestring) {
            rs_mem_wipe(item->valuestring, strlen(item->valuestring));
        }
        wipe_tree(item->child);
    }
}

/* text is padded and begins after the byte-order mark. */
static struct rs_json_doc *parse_padded(struct rs_str text, const char *name, struct rs_error *err)
{
    const char *stop = text.data;
    struct rs_json_doc *doc = NULL;

    if (!check_utf8(text, name, err) || !check_grammar(text, name, err) ||
        !check_escapes(text, name, err)) {
        return NULL;
    }
    /* The length takes in one NUL of the padding, which is where cJSON is to end. */
    cJSON *root = cJSON_ParseWithLengthOpts(text.data, text.length + 1, &stop, 1);
    if (!root) {
        (void)fail_at(text, (size_t)(stop - text.data), name,
                      "an escape that is no character, or a number that is too long", err);
        return NULL;
    }
    if (!check_tree(root, name, err)) {
        wipe_tree(root);
        cJSON_Delete(root);
        return NULL;
    }
    doc = rs_mem_zalloc(1, sizeof(*doc));
    doc->root = root;
    return doc;
}

struct rs_json_doc *rs_json_doc_parse(struct rs_str text, const char *name, struct rs_error *err)
{
    if (text.length > RS_JSON_DOC_MAX_BYTES) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not read \"%s\": over %d bytes", name,
                           (int)RS_JSON_DOC_MAX_BYTES);
        return NULL;
    }
    if (rs_str_starts(text, RS_STR("\xef\xbb\xbf"))) {
        text = rs_str_slice(text, 3, text.length);
    }
    char *padded = rs_mem_zalloc(text.length + RS_JSON_PADDING, 1);
    if (text.length > 0) {
        memcpy(padded, text.data, text.length);
    }
    struct rs_json_doc *doc = parse_padded((struct rs_str){padded, text.length}, name, err);
    rs_mem_wipe(padded, text.length);
    rs_mem_free(padded);
    return doc;
}

void rs_json_doc_free(struct rs_json_doc *doc)
{
    if (doc) {
        wipe_tree(doc->root);
        cJSON_Delete(doc->root);
        rs_mem_free(doc);
    }
}

const struct rs_json_node *rs_json_doc_root(const struct rs_json_doc *doc)
{
    return doc ? node_of(doc->root) : NULL;
}

enum rs_json_kind rs_json_node_kind(const struct rs_json_node *node)
{
    const cJSON *item = item_of(node);

    if (cJSON_IsObject(item)) {
        return RS_JSON_OBJECT;
    }
    if (cJSON_IsArray(item)) {
        return RS_JSON_ARRAY;
    }
    if (cJSON_IsString(item)) {
        return RS_JSON_STRING;
    }
    if (cJSON_IsNumber(item)) {
        return RS_JSON_NUMBER;
    }
    if (cJSON_IsBool(item)) {
        return cJSON_IsTrue(item) ? RS_JSON_TRUE : RS_JSON_FALSE;
    }
    return RS_JSON_NULL;
}

const char *rs_json_node_kind_name(const struct rs_json_node *node)
{
    static const char *const names[] = {
        [RS_JSON_NULL] = "null",     [RS_JSON_FALSE] = "boolean", [RS_JSON_TRUE] = "boolean",
        [RS_JSON_NUMBER] = "number", [RS_JSON_STRING] = "string", [RS_JSON_ARRAY] = "array",
        [RS_JSON_OBJECT] = "object",
    };

    return names[rs_json_node_kind(node)];
}

const struct rs_json_node *rs_json_node_find(const struct rs_json_node *node, const char *name)
{
    return cJSON_IsObject(item_of(node))
               ? node_of(cJSON_GetObjectItemCaseSensitive(item_of(node), name))
               : NULL;
}

const struct rs_json_node *rs_json_node_first(const struct rs_json_node *node)
{
    return node ? node_of(item_of(node)->child) : NULL;
}

const struct rs_json_node *rs_json_node_next(const struct rs_json_node *node)
{
    return node ? node_of(item_of(node)->next) : NULL;
}

size_t rs_json_node_count(const struct rs_json_node *node)
{
    size_t count = 0;

    for (node = rs_json_node_first(node); node; node = rs_json_node_next(node)) {
        count++;
    }
    return count;
}

const char *rs_json_node_name(const struct rs_json_node *node)
{
    return node ? item_of(node)->string : NULL;
}

const char *rs_json_node_text(const struct rs_json_node *node)
{
    return cJSON_IsString(item_of(node)) ? item_of(node)->valuestring : NULL;
}

bool rs_json_node_bool(const struct rs_json_node *node, bool *out)
{
    if (!cJSON_IsBool(item_of(node))) {
        return false;
    }
    *out = cJSON_IsTrue(item_of(node));
    return true;
}

bool rs_json_node_double(const struct rs_json_node *node, double *out)
{
    /* 1e999 is a valid number, but none that a double holds. */
    if (!cJSON_IsNumber(item_of(node)) || !isfinite(item_of(node)->valuedouble)) {
        return false;
    }
    *out = item_of(node)->valuedouble;
    return true;
}

bool rs_json_node_i64(const struct rs_json_node *node, int64_t *out)
{
    static const double inexact = 9007199254740992.0; /* 2^53: 2^53 + 1 is read as this, too */
    double number = 0;

    if (!rs_json_node_double(node, &number) || number <= -inexact || number >= inexact ||
        fabs(number - trunc(number)) > 0) {
        return false;
    }
    *out = (int64_t)number;
    return true;
}

const char *rs_json_doc_library_version(void)
{
    return cJSON_Version();
}
