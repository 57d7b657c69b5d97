/*
 * aws/shape.h - read a reply, XML or JSON, into a struct, as a table says.
 *
 *   static const struct rs_shape_field fields[] = {
 *       RS_SHAPE_TEXT(struct rs_cluster, node_type, "NodeType"),
 *       RS_SHAPE_NUMBER(struct rs_cluster, port, "Endpoint/Port"),
 *       RS_SHAPE_LIST(struct rs_cluster, nodes, "ClusterNodes", &node_shape),
 *   };
 *   static const struct rs_shape shape = RS_SHAPE_OF(struct rs_cluster, fields);
 *   rs_shape_read_xml(&shape, node, &arena, &cluster);
 *
 * Form:    a path goes down by names, "/" between them; "" is the element itself. What is not there
 *          is "", 0, false or an empty list: a reply may lack any field. The elements of a list are
 *          all that stand right below its path, whatever their names.
 * Limits:  those of codec/xml.h and codec/json_doc.h; numbers to UINT_MAX.   Pure: yes.
 * Owns:    texts and lists are in the arena.   Threads: reentrant.
 */
#ifndef RS_AWS_SHAPE_H
#define RS_AWS_SHAPE_H

#include "base/arena.h"
#include "codec/json_doc.h"
#include "codec/xml.h"
#include "rs/compiler.h"

enum rs_shape_kind {
    RS_SHAPE_KIND_TEXT,   /* const char *, never NULL */
    RS_SHAPE_KIND_NUMBER, /* unsigned */
    RS_SHAPE_KIND_FLAG,   /* bool */
    RS_SHAPE_KIND_LIST,   /* struct { const T *items; size_t count; } */
};

struct rs_shape;

struct rs_shape_field {
    const char *path;
    enum rs_shape_kind kind;
    size_t offset;
    const struct rs_shape *items; /* of a list */
};

struct rs_shape {
    size_t size_bytes;
    const struct rs_shape_field *fields;
    size_t count;
};

#define RS_SHAPE_TEXT(type, member, path)                                                          \
    {                                                                                              \
        (path), RS_SHAPE_KIND_TEXT, offsetof(type, member), NULL                                   \
    }
#define RS_SHAPE_NUMBER(type, member, path)                                                        \
    {                                                                                              \
        (path), RS_SHAPE_KIND_NUMBER, offsetof(type, member), NULL                                 \
    }
#define RS_SHAPE_FLAG(type, member, path)                                                          \
    {                                                                                              \
        (path), RS_SHAPE_KIND_FLAG, offsetof(type, member), NULL                                   \
    }
#define RS_SHAPE_LIST(type, member, path, shape)                                                   \
    {                                                                                              \
        (path), RS_SHAPE_KIND_LIST, offsetof(type, member), (shape)                                \
    }

/* The shape of a struct: all rows of its table. */
#define RS_SHAPE_OF(type, fields)                                                                  \
    {                                                                                              \
        sizeof(type), (fields), RS_COUNTOF(fields)                                                 \
    }

/* Fill *out, of shape->size_bytes, from node, which may be NULL. */
void rs_shape_read_xml(const struct rs_shape *shape, const struct rs_xml_node *node,
                       struct rs_arena *arena, void *out);
void rs_shape_read_json(const struct rs_shape *shape, const struct rs_json_node *node,
                        struct rs_arena *arena, void *out);

#endif
