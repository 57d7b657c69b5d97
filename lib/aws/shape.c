/*
 * XML and JSON are walked by one function, through a small table of what it takes to walk either.
 * A list is stored as a pointer and a count; any struct's pointer has one form, so the pointer is
 * put there byte by byte, without knowing the struct.
 */
#include "aws/shape.h"

#include <limits.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

/* A place in either tree. */
union place {
    const struct rs_xml_node *xml;
    const struct rs_json_node *json;
};

struct walker {
    bool (*find)(union place *at, const char *name);
    bool (*first)(union place *at);
    bool (*next)(union place *at);
    struct rs_str (*text)(union place at);
    unsigned (*number)(union place at);
    bool (*flag)(union place at);
};

static bool xml_find(union place *at, const char *name)
{
    at->xml = rs_xml_find(at->xml, name);
    return at->xml != NULL;
}

static bool xml_first(union place *at)
{
    at->xml = rs_xml_first(at->xml);
    return at->xml != NULL;
}

static bool xml_next(union place *at)
{
    at->xml = rs_xml_after(at->xml);
    return at->xml != NULL;
}

static struct rs_str xml_text(union place at)
{
    return rs_xml_text(at.xml);
}

static unsigned xml_number(union place at)
{
    uint64_t number = 0;
    return rs_str_parse_u64(rs_str_trim(rs_xml_text(at.xml)), 0, UINT_MAX, &number)
               ? (unsigned)number
               : 0;
}

static bool xml_flag(union place at)
{
    return rs_str_equal(rs_str_trim(rs_xml_text(at.xml)), RS_STR("true"));
}

static bool json_find(union place *at, const char *name)
{
    at->json = rs_json_node_find(at->json, name);
    return at->json != NULL;
}

static bool json_first(union place *at)
{
    at->json = rs_json_node_kind(at->json) == RS_JSON_ARRAY ? rs_json_node_first(at->json) : NULL;
    return at->json != NULL;
}

static bool json_next(union place *at)
{
    at->json = rs_json_node_next(at->json);
    return at->json != NULL;
}

static struct rs_str json_text(union place at)
{
    return rs_str_from(rs_json_node_text(at.json));
}

static unsigned json_number(union place at)
{
    int64_t number = 0;
    return rs_json_node_i64(at.json, &number) && number >= 0 && number <= UINT_MAX
               ? (unsigned)number
               : 0;
}

static bool json_flag(union place at)
{
    bool flag = false;
    return rs_json_node_bool(at.json, &flag) && flag;
}

static const struct walker xml_walker = {xml_find, xml_first,  xml_next,
                                         xml_text, xml_number, xml_flag};
static const struct walker json_walker = {json_find, json_first,  json_next,
                                          json_text, json_number, json_flag};

static bool follow(const struct walker *walker, union place *at, const char *path)
{
    char name[NAME_MAX_BYTES];

    while (*path) {
        size_t length = strcspn(path, "/");
        if (length >= sizeof name) {
            return false;
        }
        memcpy(name, path, length);
        name[length] = '\0';
        if (!walker->find(at, name)) {
            return false;
        }
        path += path[length] ? length + 1 : length;
    }
    return true;
}

static void read_shape(const struct walker *walker, const struct rs_shape *shape, union place at,
                       struct rs_arena *arena, char *out);

static void read_list(const struct walker *walker, const struct rs_shape *shape, union place at,
                      struct rs_arena *arena, char *out)
{
    size_t count = 0;
    union place item = at;

    for (bool more = walker->first(&item); more; more = walker->next(&item)) {
        count++;
    }
    char *items = rs_arena_zalloc(arena, count, shape->size_bytes);
    item = at;
    size_t i = 0;
    for (bool more = walker->first(&item); more; more = walker->next(&item)) {
        read_shape(walker, shape, item, arena, items + i++ * shape->size_bytes);
    }
    memcpy(out, &items, sizeof items);
    memcpy(out + sizeof items, &count, sizeof count);
}

static void read_field(const struct walker *walker, const struct rs_shape_field *field,
                       union place at, struct rs_arena *arena, char *out)
{
    const char *text = "";

    switch (field->kind) {
    case RS_SHAPE_KIND_TEXT:
        text = rs_arena_copy(arena, walker->text(at)).data;
        memcpy(out, &text, sizeof text);
        break;
    case RS_SHAPE_KIND_NUMBER:
        *(unsigned *)(void *)out = walker->number(at);
        break;
    case RS_SHAPE_KIND_FLAG:
        *(bool *)(void *)out = walker->flag(at);
        break;
    case RS_SHAPE_KIND_LIST:
        read_list(walker, field->items, at, arena, out);
        break;
    }
}

static void read_shape(const struct walker *walker, const struct rs_shape *shape, union place at,
                       struct rs_arena *arena, char *out)
{
    static const char *const empty = "";

    memset(out, 0, shape->size_bytes);
    for (size_t i = 0; i < shape->count; i++) {
        const struct rs_shape_field *field = &shape->fields[i];
        union place place = at;
        if (follow(walker, &place, field->path)) {
            read_field(walker, field, place, arena, out + field->offset);
        } else if (field->kind == RS_SHAPE_KIND_TEXT) {
            memcpy(out + field->offset, &empty, sizeof empty);
        }
    }
}

void rs_shape_read_xml(const struct rs_shape *shape, const struct rs_xml_node *node,
                       struct rs_arena *arena, void *out)
{
    read_shape(&xml_walker, shape, (union place){.xml = node}, arena, out);
}

void rs_shape_read_json(const struct rs_shape *shape, const struct rs_json_node *node,
                        struct rs_arena *arena, void *out)
{
    read_shape(&json_walker, shape, (union place){.json = node}, arena, out);
}
