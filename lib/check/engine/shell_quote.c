/*
 * A word is quoted as a whole, or not at all: in single quotes, or, where it has some itself and
 * nothing that double quotes leave to the shell, in those.
 */
#include "check/engine/shell_quote.h"

#include <stdarg.h>
#include <string.h>

#include "rs/strbuf.h"
#include "warehouse/sqltext.h"

/* Quoted, a byte is four at most; and there are quotes around. */
static size_t most_of(const char *text)
{
    return strlen(text) * 4 + 8;
}

/* What a shell takes as it is, wherever it stands. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_-./:@%+,";

static const char *keep(struct rs_check_result *result, struct rs_strbuf *text)
{
    const char *copy = rs_arena_copy(&result->arena, rs_strbuf_str(text)).data;
    rs_strbuf_release(text);
    return copy;
}

const char *rs_check_quote(struct rs_check_result *result, const char *text)
{
    struct rs_strbuf out = RS_STRBUF_INIT(most_of(text));
    if (*text && strspn(text, plain) == strlen(text)) {
        return rs_arena_copy(&result->arena, rs_str_from(text)).data;
    }
    if (strchr(text, '\'') && !strpbrk(text, "\"$`\\!")) {
        rs_strbuf_printf(&out, "\"%s\"", text);
        return keep(result, &out);
    }
    rs_strbuf_append_char(&out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            rs_strbuf_append(&out, "'\\''");
        } else {
            rs_strbuf_append_char(&out, *c);
        }
    }
    rs_strbuf_append_char(&out, '\'');
    return keep(result, &out);
}

const char *rs_check_sql_name(struct rs_check_result *result, const char *name)
{
    struct rs_strbuf out = RS_STRBUF_INIT(most_of(name));
    rs_sql_ident(&out, rs_str_from(name));
    return keep(result, &out);
}

const char *rs_check_sql_text(struct rs_check_result *result, const char *text)
{
    struct rs_strbuf out = RS_STRBUF_INIT(most_of(text));
    rs_sql_literal(&out, RS_DIALECT_REDSHIFT, rs_str_from(text));
    return keep(result, &out);
}

void rs_check_sql(struct rs_check_result *result, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *sql = rs_check_text_of(result, fmt, args);
    va_end(args);
    rs_check_command(result, "psql " RS_CHECK_ADMIN " -c %s", rs_check_quote(result, sql));
}
