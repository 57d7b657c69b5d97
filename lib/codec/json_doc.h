/*
 * codec/json_doc.h - a small JSON document as a tree: configuration, selection, replies.
 *
 *   struct rs_json_doc *doc = rs_json_doc_parse(text, "rs.json", &err);
 *   const struct rs_json_node *root = rs_json_doc_root(doc);
 *   const char *schema = rs_json_node_text(rs_json_node_find(root, "schema"));
 *   for (node = rs_json_node_first(root); node; node = rs_json_node_next(node)) ...
 *   rs_json_doc_free(doc);
 *
 * Form:    RFC 8259 to the letter, but for a byte-order mark, which is passed over; valid UTF-8,
 *          no \u0000, and no name twice in one object.
 * Limits:  RS_JSON_DOC_MAX_BYTES; nesting to RS_JSON_DEPTH_MAX levels. Numbers are doubles:
 *          events, where every digit counts, go through codec/json_token.h.   Pure: yes.
 * Owns:    nodes and their texts stay valid until rs_json_doc_free, which wipes strings: replies
 *          hold secrets. Every function on a node takes NULL for a node that is not there.
 * Threads: reentrant. cJSON notes the place of its last error in a static that nobody reads; it
 *          must not meet a setlocale under way.
 * Source:  RFC 8259; cJSON 1.7.
 */
#ifndef RS_CODEC_JSON_DOC_H
#define RS_CODEC_JSON_DOC_H

#include "codec/json_token.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

enum { RS_JSON_DOC_MAX_BYTES = 8 << 20 };

struct rs_json_doc;
struct rs_json_node;

/*
 * Read a whole document; freed with rs_json_doc_free.
 *
 * text  borrowed for the call; needs no padding
 * name  what the text is, for messages: a file's name
 * err   RS_E_CONFIG: could not read "NAME": line 3, column 7: expected a colon (columns count
 *       characters, from 1); RS_E_LIMIT when text is over RS_JSON_DOC_MAX_BYTES
 */
RS_MUST_USE struct rs_json_doc *rs_json_doc_parse(struct rs_str text, const char *name,
                                                  struct rs_error *err);
void rs_json_doc_free(struct rs_json_doc *doc);

const struct rs_json_node *rs_json_doc_root(const struct rs_json_doc *doc);

/* A node that is not there is RS_JSON_NULL. */
enum rs_json_kind rs_json_node_kind(const struct rs_json_node *node);

/* "null", "boolean", "number", "string", "array" or "object", for messages. */
const char *rs_json_node_kind_name(const struct rs_json_node *node);

/* The member with this name; NULL when there is none or node is no object. */
const struct rs_json_node *rs_json_node_find(const struct rs_json_node *node, const char *name);

/* Members or elements in the order of the text; NULL at the end, or where none can be. */
const struct rs_json_node *rs_json_node_first(const struct rs_json_node *node);
const struct rs_json_node *rs_json_node_next(const struct rs_json_node *node);

/* How many members or elements; 0 for what has none. Counts them one by one. */
size_t rs_json_node_count(const struct rs_json_node *node);

/* The name of a member; NULL for an element or the root. */
const char *rs_json_node_name(const struct rs_json_node *node);

/* A string's text; NULL when node is no string. It holds no NUL but the one at its end. */
const char *rs_json_node_text(const struct rs_json_node *node);

/* These are false, and leave *out alone, when node is not of the kind. */
RS_MUST_USE bool rs_json_node_bool(const struct rs_json_node *node, bool *out);
RS_MUST_USE bool rs_json_node_double(const struct rs_json_node *node, double *out);

/* A whole number between -2^53 and 2^53, both left out; 3.0 and 3e2 are whole. */
RS_MUST_USE bool rs_json_node_i64(const struct rs_json_node *node, int64_t *out);

/* The version of the library that is in use: "1.7.15". Main thread only: it is a static. */
const char *rs_json_doc_library_version(void);

#endif
