/*
 * A reader of one entry after the other. What it does not understand ends the list: a privilege that
 * is not seen is not revoked, and then the server says which object is in the way.
 */
#include "provision/access_list.h"

#include <string.h>

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static void skip(struct rs_str *rest, size_t count)
{
    *rest = rs_str_slice(*rest, count, rest->length);
}

static bool take_byte(struct rs_str *rest, char c)
{
    const bool there = rest->length > 0 && rest->data[0] == c;
    if (there) {
        skip(rest, 1);
    }
    return there;
}

/* How many bytes a name takes, with its quotes. */
static size_t name_length(struct rs_str text)
{
    size_t i = 0;
    if (text.length == 0 || text.data[0] != '"') {
        while (i < text.length && is_plain(text.data[i])) {
            i++;
        }
        return i;
    }
    for (i = 1; i < text.length; i++) {
        const bool twice = i + 1 < text.length && text.data[i + 1] == '"';
        if (text.data[i] == '"' && !twice) {
            return i + 1;
        }
        i += text.data[i] == '"';
    }
    return i;
}

/* A name, in quotes or without; "" where none stands. */
static const char *take_name(struct rs_str *rest, struct rs_arena *arena)
{
    const size_t taken = name_length(*rest);
    char *name = rs_arena_alloc(arena, taken + 1);
    size_t length = 0;
    bool quote = false; /* the one before was the first of two */
    for (size_t i = 0; i < taken; i++) {
        const char c = rest->data[i];
        quote = c == '"' && !quote && i > 0;
        if (c != '"' || (!quote && i > 0)) {
            name[length++] = c;
        }
    }
    name[length] = '\0';
    skip(rest, taken);
    return name;
}

/* Whom an entry is about. */
static void take_grantee(struct rs_str *rest, struct rs_arena *arena, struct rs_access_entry *out)
{
    const bool quoted = rest->length > 0 && rest->data[0] == '"';
    out->grantee = take_name(rest, arena);
    out->kind = *out->grantee || quoted ? RS_GRANTEE_USER : RS_GRANTEE_PUBLIC;
    if (quoted || !(take_byte(rest, ' ') || take_byte(rest, ':'))) {
        return;
    }
    out->kind = strcmp(out->grantee, "group") == 0  ? RS_GRANTEE_GROUP
                : strcmp(out->grantee, "role") == 0 ? RS_GRANTEE_ROLE
                                                    : RS_GRANTEE_USER;
    out->grantee = take_name(rest, arena);
}

bool rs_access_entry_next(struct rs_str *rest, struct rs_arena *arena, struct rs_access_entry *out)
{
    (void)take_byte(rest, ',');
    if (rest->length == 0) {
        return false;
    }
    *out = (struct rs_access_entry){.grantee = "", .grantor = ""};
    take_grantee(rest, arena, out);
    if (!take_byte(rest, '=')) {
        return false;
    }
    for (; rest->length > 0 && rest->data[0] != '/'; skip(rest, 1)) {
        out->can_grant = out->can_grant || rest->data[0] == '*';
    }
    if (!take_byte(rest, '/')) {
        return false;
    }
    out->grantor = take_name(rest, arena);
    return *out->grantor != '\0';
}
