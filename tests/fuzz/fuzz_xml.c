/*
 * XML: whatever a server sends is refused or becomes a tree within the limits, whose texts are
 * NUL-terminated and all of whose elements are found by their names.
 */
#include "codec/xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Every element, first children first; returns how many there are. */
static size_t walk(const struct rs_xml_node *node, size_t depth)
{
    size_t count = 0;
    check(!node || depth <= RS_XML_MAX_DEPTH);
    for (; node; node = rs_xml_after(node)) {
        struct rs_str text = rs_xml_text(node);
        struct rs_str name = rs_xml_name(node);
        check(text.data[text.length] == '\0' && strlen(text.data) == text.length);
        check(name.data[name.length] == '\0');
        check(!rs_xml_first(node) || text.length == 0);
        for (const struct rs_xml_node *child = rs_xml_first(node); child;
             child = rs_xml_after(child)) {
            check(rs_xml_find(node, rs_xml_name(child).data) != NULL);
            check(rs_xml_next(child) != child);
        }
        count += 1 + walk(rs_xml_first(node), depth + 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_error err = {0};
    struct rs_xml_doc *doc =
        rs_xml_parse((struct rs_str){(const char *)data, size}, "the input", &err);
    check((doc == NULL) == (err.code != RS_OK));
    if (doc) {
        check(walk(rs_xml_root(doc), 1) <= RS_XML_MAX_NODES);
        rs_xml_free(doc);
    }
    return 0;
}
