/*
 * The one file that knows expat. Its callbacks build a tree in an arena; the first thing that is
 * not wanted (a DOCTYPE, too deep, too many) stops the parser and is the error of the whole.
 * Recursion is nowhere: the open elements are linked by their parents. A reply may hold keys, so
 * what was copied of it is wiped; expat itself copies no text of a document in UTF-8.
 */
#include "codec/xml.h"

#include <expat.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "rs/strbuf.h"

struct rs_xml_node {
    struct rs_str name;
    struct rs_str text;
    struct rs_xml_node *parent;
    struct rs_xml_node *first;
    struct rs_xml_node *last;
    struct rs_xml_node *after;
};

struct rs_xml_doc {
    struct rs_arena arena;
    struct rs_xml_node *root;
};

struct builder {
    XML_Parser parser;
    struct rs_xml_doc *doc;
    struct rs_xml_node *open; /* the innermost element that has not ended */
    struct rs_strbuf text;    /* of that element, as long as it has no elements in it */
    size_t depth;
    size_t count;
    const char *refused; /* why the parser was stopped; NULL if it was not */
    enum rs_code code;
};

static void refuse(struct builder *builder, enum rs_code code, const char *why)
{
    if (!builder->refused) {
        builder->refused = why;
        builder->code = code;
        (void)XML_StopParser(builder->parser, XML_FALSE);
    }
}

static void forget_text(struct builder *builder)
{
    rs_mem_wipe(builder->text.data, builder->text.length);
    rs_strbuf_reset(&builder->text);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    refuse(arg, RS_E_INPUT, "it has a DOCTYPE, which no service sends");
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct builder *builder = arg;
    (void)attributes;
    if (++builder->depth > RS_XML_MAX_DEPTH) {
        refuse(builder, RS_E_LIMIT, "its elements are nested too deep");
    } else if (++builder->count > RS_XML_MAX_NODES) {
        refuse(builder, RS_E_LIMIT, "it has too many elements");
    }
    if (builder->refused) {
        return;
    }
    struct rs_xml_node *parent = builder->open;
    struct rs_xml_node *node = rs_arena_zalloc(&builder->doc->arena, 1, sizeof *node);
    const char *colon = strrchr(name, ':');
    node->name = rs_arena_copy(&builder->doc->arena, rs_str_from(colon ? colon + 1 : name));
    node->text = RS_STR("");
    node->parent = parent;
    if (!parent) {
        builder->doc->root = node;
    } else if (parent->last) {
        parent->last->after = node;
    } else {
        parent->first = node;
    }
    if (parent) {
        parent->last = node;
    }
    builder->open = node;
    forget_text(builder);
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int length)
{
    struct builder *builder = arg;
    if (!builder->refused && !builder->open->first) {
        rs_strbuf_append_bytes(&builder->text, text, (size_t)length);
    }
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct builder *builder = arg;
    struct rs_xml_node *node = builder->open;
    (void)name;
    if (builder->refused) {
        return;
    }
    if (!node->first && builder->text.length > 0) {
        node->text = rs_arena_copy(&builder->doc->arena, rs_strbuf_str(&builder->text));
    }
    forget_text(builder);
    builder->depth--;
    builder->open = node->parent;
}

static void *resize(void *block, size_t size_bytes)
{
    return rs_mem_resize(block, size_bytes, 1);
}

static bool run(struct builder *builder, struct rs_str text, const char *what, struct rs_error *err)
{
    XML_Parser parser = builder->parser;
    XML_SetUserData(parser, builder);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    if (XML_Parse(parser, text.length > 0 ? text.data : "", (int)text.length, XML_TRUE) ==
        XML_STATUS_OK) {
        return true;
    }
    if (builder->refused) {
        return rs_error_set(err, builder->code, "could not read %s: %s", what, builder->refused);
    }
    return rs_error_set(err, RS_E_INPUT, "could not read %s: line %lu, column %lu: %s", what,
                        (unsigned long)XML_GetCurrentLineNumber(parser),
                        (unsigned long)XML_GetCurrentColumnNumber(parser) + 1,
                        XML_ErrorString(XML_GetErrorCode(parser)));
}

struct rs_xml_doc *rs_xml_parse(struct rs_str text, const char *what, struct rs_error *err)
{
    static const XML_Memory_Handling_Suite memory = {rs_mem_alloc, resize, rs_mem_free};
    struct builder builder = {.text = RS_STRBUF_INIT(RS_XML_MAX_BYTES)};
    if (text.length > RS_XML_MAX_BYTES) {
        (void)rs_error_set(err, RS_E_LIMIT, "could not read %s: it is over %d bytes", what,
                           RS_XML_MAX_BYTES);
        return NULL;
    }
    builder.doc = rs_mem_zalloc(1, sizeof *builder.doc);
    builder.doc->arena = RS_ARENA_INIT;
    builder.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    (void)!rs_strbuf_reserve(&builder.text, text.length); /* it does not move, and leave copies */
    bool ok = run(&builder, text, what, err);
    XML_ParserFree(builder.parser);
    forget_text(&builder);
    rs_strbuf_release(&builder.text);
    if (!ok) {
        rs_xml_free(builder.doc);
        return NULL;
    }
    return builder.doc;
}

void rs_xml_free(struct rs_xml_doc *doc)
{
    if (doc) {
        rs_arena_release_secret(&doc->arena);
        rs_mem_free(doc);
    }
}

const struct rs_xml_node *rs_xml_root(const struct rs_xml_doc *doc)
{
    return doc->root;
}

static const struct rs_xml_node *search(const struct rs_xml_node *node, struct rs_str name)
{
    while (node && !rs_str_equal(node->name, name)) {
        node = node->after;
    }
    return node;
}

const struct rs_xml_node *rs_xml_find(const struct rs_xml_node *node, const char *name)
{
    return node ? search(node->first, rs_str_from(name)) : NULL;
}

const struct rs_xml_node *rs_xml_find_path(const struct rs_xml_node *node, const char *path)
{
    struct rs_str rest = rs_str_from(path);
    while (node && rest.length > 0) {
        size_t slash = rs_str_find_byte(rest, '/');
        node = search(node->first, rs_str_slice(rest, 0, slash));
        rest = rs_str_slice(rest, slash == SIZE_MAX ? rest.length : slash + 1, rest.length);
    }
    return node;
}

const struct rs_xml_node *rs_xml_next(const struct rs_xml_node *node)
{
    return node ? search(node->after, node->name) : NULL;
}

const struct rs_xml_node *rs_xml_first(const struct rs_xml_node *node)
{
    return node ? node->first : NULL;
}

const struct rs_xml_node *rs_xml_after(const struct rs_xml_node *node)
{
    return node ? node->after : NULL;
}

struct rs_str rs_xml_name(const struct rs_xml_node *node)
{
    return node ? node->name : RS_STR("");
}

struct rs_str rs_xml_text(const struct rs_xml_node *node)
{
    return node ? node->text : RS_STR("");
}

struct rs_str rs_xml_child(const struct rs_xml_node *node, const char *path)
{
    return rs_xml_text(rs_xml_find_path(node, path));
}

const char *rs_xml_library_version(void)
{
    return XML_ExpatVersion();
}
