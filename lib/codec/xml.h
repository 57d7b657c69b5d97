/*
 * codec/xml.h - a small XML document as a tree: the replies of S3, STS, EC2 and Redshift.
 *
 *   struct rs_xml_doc *doc = rs_xml_parse(text, "the list of objects", &err);
 *   const struct rs_xml_node *root = rs_xml_root(doc);             <ListBucketResult>
 *   const struct rs_xml_node *node = rs_xml_find(root, "Contents");
 *   for (; node; node = rs_xml_next(node)) rs_xml_child(node, "Key");
 *   rs_xml_free(doc);
 *
 * Form:    names lose their prefix ("x:Key" is "Key"), and attributes are passed over. The text
 *          of an element without elements in it is kept as it is, spaces too; that of others is
 *          empty. Texts are UTF-8.
 * Limits:  RS_XML_MAX_BYTES, RS_XML_MAX_DEPTH, RS_XML_MAX_NODES. A document with a DOCTYPE is
 *          refused, and with it every entity of its own.   Pure: yes.
 * Owns:    nodes and texts stay valid until rs_xml_free, which wipes them. Every function on a node takes NULL for
 *          a node that is not there.
 * Threads: parsing is reentrant, and so is reading.
 * Source:  XML 1.0; expat 2.5.
 */
#ifndef RS_CODEC_XML_H
#define RS_CODEC_XML_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum {
    RS_XML_MAX_BYTES = 16 << 20,
    RS_XML_MAX_DEPTH = 32,
    RS_XML_MAX_NODES = 1 << 18,
};

struct rs_xml_doc;
struct rs_xml_node;

/*
 * Read a whole document; freed with rs_xml_free.
 *
 * what  what the text is, for messages
 * err   RS_E_INPUT: could not read WHAT: line 3, column 7: mismatched tag; RS_E_LIMIT
 */
RS_MUST_USE struct rs_xml_doc *rs_xml_parse(struct rs_str text, const char *what,
                                            struct rs_error *err);
void rs_xml_free(struct rs_xml_doc *doc);

const struct rs_xml_node *rs_xml_root(const struct rs_xml_doc *doc);

/* The first element with this name right below node; NULL when there is none. */
const struct rs_xml_node *rs_xml_find(const struct rs_xml_node *node, const char *name);

/* As rs_xml_find, step by step: "Error/Code". */
const struct rs_xml_node *rs_xml_find_path(const struct rs_xml_node *node, const char *path);

/* The next element beside node with node's name; NULL when there is none. */
const struct rs_xml_node *rs_xml_next(const struct rs_xml_node *node);

/* All elements right below node in their order, whatever their names. */
const struct rs_xml_node *rs_xml_first(const struct rs_xml_node *node);
const struct rs_xml_node *rs_xml_after(const struct rs_xml_node *node);

/* Both are NUL-terminated (the NUL is not counted); empty for a node that is not there. */
struct rs_str rs_xml_name(const struct rs_xml_node *node);
struct rs_str rs_xml_text(const struct rs_xml_node *node);

/* The text of rs_xml_find_path(node, path); empty when there is none. */
struct rs_str rs_xml_child(const struct rs_xml_node *node, const char *path);

/* The version of the expat that is linked: "expat_2.5.0"; static. */
const char *rs_xml_library_version(void);

#endif
