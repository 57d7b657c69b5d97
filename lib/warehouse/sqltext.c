/*
 * The only place where names and values become SQL. A name or value that cannot be written
 * marks the buffer as overflowed, which is sticky: a statement that lacks a part can never be
 * sent, because everything that sends one asks rs_sql_ok first.
 */
#include "warehouse/sqltext.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"

enum { HASH_DIGITS = 8 };

/* Append text between two quotes, with each byte that is in doubled written twice. */
static void append_quoted(struct rs_strbuf *sql, char quote, const char *doubled,
                          struct rs_str text)
{
    if (rs_str_find_byte(text, '\0') != SIZE_MAX) {
        sql->overflow = true;
        return;
    }
    size_t start = 0;
    rs_strbuf_append_char(sql, quote);
    for (size_t i = 0; i < text.length; i++) {
        if (strchr(doubled, text.data[i])) {
            rs_strbuf_append_str(sql, rs_str_slice(text, start, i + 1));
            start = i; /* so that the byte comes again */
        }
    }
    rs_strbuf_append_str(sql, rs_str_slice(text, start, text.length));
    rs_strbuf_append_char(sql, quote);
}

struct rs_str rs_sql_fit_name(enum rs_dialect dialect, struct rs_str name, char *out)
{
    size_t max = rs_dialect_facts(dialect)->name_max_bytes;
    if (name.length <= max) {
        return name;
    }
    size_t keep = max - 1 - HASH_DIGITS;
    while (keep > 0 && ((unsigned char)name.data[keep] & 0xC0) == 0x80) {
        keep--;
    }
    char tail[HASH_DIGITS + 2] = "";
    (void)snprintf(tail, sizeof tail, "_%08x", (unsigned)(rs_hash64(name, 0) >> 32));
    memcpy(out, name.data, keep);
    memcpy(out + keep, tail, 1 + HASH_DIGITS);
    return (struct rs_str){out, keep + 1 + HASH_DIGITS};
}

void rs_sql_ident(struct rs_strbuf *sql, struct rs_str name)
{
    if (name.length == 0) {
        sql->overflow = true;
        return;
    }
    append_quoted(sql, '"', "\"", name);
}

void rs_sql_qualified(struct rs_strbuf *sql, struct rs_str schema, struct rs_str name)
{
    rs_sql_ident(sql, schema);
    rs_strbuf_append_char(sql, '.');
    rs_sql_ident(sql, name);
}

void rs_sql_literal(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str value)
{
    append_quoted(sql, '\'', rs_dialect_facts(dialect)->doubled_in_literals, value);
}

void rs_sql_super(struct rs_strbuf *sql, struct rs_str column)
{
    rs_strbuf_append(sql, "CASE WHEN ");
    rs_sql_ident(sql, column);
    rs_strbuf_append(sql, " IS NOT NULL THEN json_serialize(");
    rs_sql_ident(sql, column);
    rs_strbuf_append(sql, ") END");
}

void rs_sql_bind(struct rs_strbuf *sql, enum rs_dialect dialect, const char *text,
                 const struct rs_str *params, size_t count)
{
    char quote = '\0'; /* a quote within, doubled, ends the text and begins it anew */
    for (const char *at = text; *at != '\0'; at++) {
        if (quote == '\0' && at[0] == '$' && at[1] >= '1' && at[1] <= '9') {
            size_t number = (size_t)(*++at - '1');
            if (number >= count) {
                sql->overflow = true;
            } else if (!params[number].data) {
                rs_strbuf_append(sql, "NULL");
            } else {
                rs_sql_literal(sql, dialect, params[number]);
            }
            continue;
        }
        if (quote != '\0') {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == '\'' || *at == '"') {
            quote = *at;
        }
        rs_strbuf_append_char(sql, *at);
    }
}

void rs_sql_query(struct rs_strbuf *sql, const char *query, struct rs_str schema)
{
    static const char mark[] = ":schema";
    const char *rest = query;
    for (const char *at = strstr(rest, mark); at; at = strstr(rest, mark)) {
        rs_strbuf_append_bytes(sql, rest, (size_t)(at - rest));
        rs_sql_ident(sql, schema);
        rest = at + sizeof mark - 1;
    }
    rs_strbuf_append(sql, rest);
}

bool rs_sql_ok(const struct rs_strbuf *sql, struct rs_error *err)
{
    if (rs_strbuf_ok(sql)) {
        return true;
    }
    return rs_error_set(err, RS_E_LIMIT,
                        "could not write a statement: it passes %zu bytes, or a name or value "
                        "in it is empty or holds a NUL byte",
                        sql->max_bytes);
}
