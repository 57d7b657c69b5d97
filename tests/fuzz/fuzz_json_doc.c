/*
 * Configuration documents: what is read can be walked, found by name, written and read again.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json_doc.h"
#include "codec/json_write.h"
#include "codec/utf8.h"
#include "rs/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void claim(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Write the node again, and check what each accessor says of it. */
static void walk(const struct rs_json_node *node, struct rs_json_writer *json)
{
    const enum rs_json_kind kind = rs_json_node_kind(node);
    const bool object = kind == RS_JSON_OBJECT;
    const char *text = rs_json_node_text(node);
    double number = 0;
    int64_t integer = 0;
    bool flag = false;

    claim((text != NULL) == (kind == RS_JSON_STRING));
    claim(!text || rs_utf8_valid(rs_str_from(text)));
    claim(rs_json_node_bool(node, &flag) == (kind == RS_JSON_TRUE || kind == RS_JSON_FALSE));
    claim(!rs_json_node_double(node, &number) || kind == RS_JSON_NUMBER);
    claim(!rs_json_node_i64(node, &integer) || kind == RS_JSON_NUMBER);
    if (text) {
        rs_json_write_text(json, text);
    } else if (kind == RS_JSON_NUMBER) {
        char digits[32]; /* 17 digits are enough for every double */
        (void)snprintf(digits, sizeof digits, "%.17g", number);
        rs_json_write_number(json, isfinite(number) ? rs_str_from(digits) : RS_STR("null"));
    } else if (kind == RS_JSON_TRUE || kind == RS_JSON_FALSE) {
        rs_json_write_bool(json, flag);
    } else if (kind == RS_JSON_NULL) {
        rs_json_write_null(json);
    } else {
        (object ? rs_json_write_object_begin : rs_json_write_array_begin)(json);
        for (const struct rs_json_node *child = rs_json_node_first(node); child;
             child = rs_json_node_next(child)) {
            const char *name = rs_json_node_name(child);
            claim((name != NULL) == object);
            if (name) {
                claim(rs_json_node_find(node, name) == child);
                rs_json_write_key(json, rs_str_from(name));
            }
            walk(child, json);
        }
        (object ? rs_json_write_object_end : rs_json_write_array_end)(json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_error err = {0};
    struct rs_json_doc *doc =
        rs_json_doc_parse((struct rs_str){(const char *)data, size}, "fuzz", &err);

    claim((doc == NULL) == (err.code != RS_OK));
    if (!doc) {
        claim(rs_str_starts(rs_str_from(err.message), RS_STR("could not read \"fuzz\": ")));
        return 0;
    }
    struct rs_strbuf out = RS_STRBUF_INIT(size * 16 + 4096);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&out);
    walk(rs_json_doc_root(doc), &json);
    rs_json_doc_free(doc);
    /* Deeper than the writer goes, it says so; all else can be read again. */
    if (rs_json_write_ok(&json)) {
        doc = rs_json_doc_parse(rs_strbuf_str(&out), "again", &err);
        claim(doc != NULL);
        rs_json_doc_free(doc);
    } else {
        claim(json.misuse);
    }
    rs_strbuf_release(&out);
    return 0;
}
