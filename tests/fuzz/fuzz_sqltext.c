/*
 * Names and values come back from their SQL text as they went in: a tiny lexer of each dialect
 * reads one token, which must be the whole text. A name that was fitted is no longer than the
 * dialect allows, and starts as the name does.
 */
#include <stdlib.h>
#include <string.h>

#include "warehouse/sqltext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim) {
        abort();
    }
}

/* Read one quoted token; false unless it ends exactly where the text does. */
static bool lex(struct rs_str text, char quote, bool escapes, struct rs_strbuf *out)
{
    if (text.length < 2 || text.data[0] != quote) {
        return false;
    }
    for (size_t i = 1; i < text.length; i++) {
        char c = text.data[i];
        bool last = i + 1 == text.length;
        if (c == quote) {
            if (last) {
                return true;
            }
            if (text.data[++i] != quote) {
                return false;
            }
        } else if (c == '\\' && escapes) {
            if (last) {
                return false;
            }
            c = text.data[++i];
        }
        rs_strbuf_append_char(out, c);
    }
    return false;
}

static void check_token(const struct rs_strbuf *sql, struct rs_str value, char quote, bool escapes,
                        bool allowed)
{
    struct rs_strbuf back = RS_STRBUF_INIT(1 << 20);
    require(rs_strbuf_ok(sql) == allowed);
    if (allowed) {
        require(lex(rs_strbuf_str(sql), quote, escapes, &back));
        require(rs_str_equal(rs_strbuf_str(&back), value));
    }
    rs_strbuf_release(&back);
}

static void check_fit(enum rs_dialect dialect, struct rs_str name)
{
    char room[RS_NAME_MAX];
    struct rs_str fitted = rs_sql_fit_name(dialect, name, room);
    require(fitted.length <= rs_dialect_facts(dialect)->name_max_bytes);
    if (name.length <= rs_dialect_facts(dialect)->name_max_bytes) {
        require(rs_str_equal(fitted, name));
    } else {
        require(fitted.length >= 9);
        require(memcmp(fitted.data, name.data, fitted.length - 9) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str value = {(const char *)data, size};
    struct rs_strbuf sql = RS_STRBUF_INIT(1 << 20);
    bool clean = rs_str_find_byte(value, '\0') == SIZE_MAX;

    rs_sql_ident(&sql, value);
    check_token(&sql, value, '"', false, clean && size > 0);
    rs_strbuf_release(&sql);

    sql = RS_STRBUF_INIT(1 << 20);
    rs_sql_literal(&sql, RS_DIALECT_POSTGRESQL, value);
    check_token(&sql, value, '\'', false, clean);
    rs_strbuf_release(&sql);

    sql = RS_STRBUF_INIT(1 << 20);
    rs_sql_literal(&sql, RS_DIALECT_REDSHIFT, value);
    check_token(&sql, value, '\'', true, clean);
    rs_strbuf_release(&sql);

    sql = RS_STRBUF_INIT(1 << 20);
    rs_sql_bind(&sql, RS_DIALECT_REDSHIFT, "$1", &value, size > 0 ? 1 : 0);
    check_token(&sql, value, '\'', true, clean && size > 0);
    rs_strbuf_release(&sql);

    check_fit(RS_DIALECT_POSTGRESQL, value);
    check_fit(RS_DIALECT_REDSHIFT, value);
    return 0;
}
