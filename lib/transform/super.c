/*
 * One walk over the text, which is known to be valid and to have no white space: a string that a
 * colon follows is a name, and the next brace that closes belongs to the last one that opened.
 */
#include "transform/super.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/json_token.h"
#include "transform/decimal.h"
#include "transform/kind.h"

enum { FEW_NAMES = 12 }; /* so many are compared each with each */

struct walk {
    const char *at;
    const char *end;
    struct rs_str *names; /* of all objects that are open, those of the innermost one last */
    size_t name_count;
    size_t name_capacity;
    size_t first_name[RS_JSON_DEPTH_MAX]; /* of each open object */
    size_t depth;
};

static int compare_names(const void *left, const void *right)
{
    const struct rs_str *a = left;
    const struct rs_str *b = right;
    if (a->length != b->length) {
        return a->length < b->length ? -1 : 1;
    }
    return rs_str_compare(*a, *b);
}

static bool are_distinct(struct rs_str *names, size_t count)
{
    if (count > FEW_NAMES) {
        qsort(names, count, sizeof *names, compare_names);
    }
    for (size_t i = 0; i < count; i++) {
        size_t last = count <= FEW_NAMES ? count : i + 2 < count ? i + 2 : count;
        for (size_t k = i + 1; k < last; k++) {
            if (rs_str_equal(names[i], names[k])) {
                return false;
            }
        }
    }
    return true;
}

static bool open_object(struct walk *walk)
{
    walk->at++;
    if (walk->depth == RS_JSON_DEPTH_MAX) {
        return false;
    }
    walk->first_name[walk->depth++] = walk->name_count;
    return true;
}

static bool close_object(struct walk *walk)
{
    walk->at++;
    if (walk->depth == 0) {
        return false;
    }
    size_t first = walk->first_name[--walk->depth];
    size_t count = walk->name_count - first;
    walk->name_count = first;
    return count < 2 || are_distinct(walk->names + first, count);
}

/* An escape is one byte of the string: only controls, quotes and backslashes are written so. */
static bool take_string(struct walk *walk)
{
    const char *begin = ++walk->at;
    size_t saved = 0;
    while (walk->at < walk->end && *walk->at != '"') {
        size_t left = (size_t)(walk->end - walk->at);
        size_t bytes = *walk->at != '\\' || left < 2 ? 1 : walk->at[1] == 'u' ? 6 : 2;
        if (bytes > left) {
            return false;
        }
        saved += bytes - 1;
        walk->at += bytes;
    }
    if (walk->at == walk->end) {
        return false;
    }
    size_t length = (size_t)(walk->at - begin);
    walk->at++;
    if (walk->at < walk->end && *walk->at == ':') {
        walk->names = rs_mem_grow(walk->names, &walk->name_capacity, walk->name_count + 1,
                                  sizeof *walk->names);
        walk->names[walk->name_count++] = (struct rs_str){begin, length};
    }
    return length - saved <= RS_SUPER_TEXT_MAX;
}

static bool take_number(struct walk *walk)
{
    const char *begin = walk->at;
    struct rs_decimal number;
    while (walk->at < walk->end && *walk->at != ',' && *walk->at != ']' && *walk->at != '}') {
        walk->at++;
    }
    struct rs_str text = {begin, (size_t)(walk->at - begin)};
    return rs_kind_of_number(text) != RS_KIND_STRING ||
           (rs_decimal_parse(text, &number) && number.plain &&
            number.whole.length <= RS_SUPER_DIGITS_MAX);
}

static bool take_next(struct walk *walk)
{
    char c = *walk->at;
    if (c == '"') {
        return take_string(walk);
    }
    if (c == '{') {
        return open_object(walk);
    }
    if (c == '}') {
        return close_object(walk);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return take_number(walk);
    }
    walk->at++; /* a bracket, a comma, a colon, a letter of true, false or null */
    return true;
}

bool rs_super_takes_array(struct rs_str text)
{
    struct walk walk = {.at = text.data, .end = text.data + text.length};
    bool ok = text.length <= RS_SUPER_MAX;
    while (ok && walk.at < walk.end) {
        ok = take_next(&walk);
    }
    rs_mem_free(walk.names);
    return ok;
}
