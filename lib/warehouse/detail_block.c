/*
 * Line by line: a ruler begins the block and the next one ends it, a known key begins a part, and
 * any other line goes on with the part before it.
 */
#include "warehouse/detail_block.h"

enum { RULER_MIN = 10 };

static bool is_ruler(struct rs_str line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.data[i] != '-') {
            return false;
        }
    }
    return line.length >= RULER_MIN;
}

/* The part that a line begins, with what stands after its key in value; NULL for none of ours. */
static struct rs_str *begun_part(struct rs_str line, struct rs_detail_block *block,
                                 struct rs_str *other, struct rs_str *value)
{
    const struct {
        struct rs_str key;
        struct rs_str *part;
    } keys[] = {
        {RS_STR("error:"), &block->error},     {RS_STR("code:"), &block->code},
        {RS_STR("context:"), &block->context}, {RS_STR("query:"), &block->query},
        {RS_STR("location:"), other},          {RS_STR("process:"), other},
    };
    for (size_t i = 0; i < RS_COUNTOF(keys); i++) {
        if (rs_str_starts(line, keys[i].key)) {
            *value = rs_str_trim(rs_str_slice(line, keys[i].key.length, line.length));
            return keys[i].part;
        }
    }
    return NULL;
}

bool rs_detail_block_parse(struct rs_str detail, struct rs_detail_block *out)
{
    struct rs_str other = RS_STR("");
    struct rs_str *part = NULL;
    bool inside = false;
    *out = (struct rs_detail_block){0};
    for (size_t begin = 0, end = 0; begin < detail.length; begin = end + 1) {
        struct rs_str rest = rs_str_slice(detail, begin, detail.length);
        size_t newline = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_trim(rs_str_slice(rest, 0, newline));
        struct rs_str value = RS_STR("");
        end = newline == SIZE_MAX ? detail.length : begin + newline;
        if (is_ruler(line)) {
            if (inside) {
                break;
            }
            inside = true;
            continue;
        }
        struct rs_str *begun = inside ? begun_part(line, out, &other, &value) : NULL;
        if (begun) {
            part = begun;
            *part = value;
        } else if (part && line.length > 0) {
            const char *from = part->length > 0 ? part->data : line.data;
            *part = (struct rs_str){from, (size_t)(line.data + line.length - from)};
        }
    }
    return out->error.length > 0;
}
