/* One question for all SUPER columns of a table: the length of each one's longest value. */
#include "migrate/long_super.h"

#include "rs/strbuf.h"
#include "warehouse/sqltext.h"

enum { JSON_MAX_BYTES = 65535 };

/* Append the question; how many columns it is about. */
static size_t append_question(struct rs_strbuf *sql, struct rs_str schema,
                              const struct rs_table_definition *definition, struct rs_str where)
{
    size_t asked = 0;
    for (size_t i = 0; i < definition->column_count; i++) {
        if (rs_table_definition_is(&definition->columns[i], "super")) {
            rs_strbuf_append(sql, asked++ > 0 ? ", max(json_size(" : "SELECT max(json_size(");
            rs_sql_ident(sql, definition->columns[i].name);
            rs_strbuf_append(sql, "))");
        }
    }
    rs_strbuf_append(sql, " FROM ");
    rs_sql_qualified(sql, schema, definition->name);
    rs_strbuf_append_str(sql, where);
    return asked;
}

static bool fail(const struct rs_table_definition *definition,
                 const struct rs_table_definition_column *column, uint64_t bytes,
                 struct rs_error *err)
{
    rs_error_set(err, RS_E_LIMIT,
                 "could not read column \"%.*s\": it has a value of %llu bytes as JSON, of %d at "
                 "most",
                 RS_STR_ARG(column->name), (unsigned long long)bytes, JSON_MAX_BYTES);
    return rs_error_hint(err,
                         "shorten the values with json_size(\"%.*s\") > %d, or leave table "
                         "\"%.*s\" out (--tables)",
                         RS_STR_ARG(column->name), JSON_MAX_BYTES, RS_STR_ARG(definition->name));
}

bool rs_long_super_check(struct rs_session *session, struct rs_str schema,
                         const struct rs_table_definition *definition, struct rs_str where,
                         struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_result *result = NULL;
    bool ok = true;
    if (!rs_session_facts(session)->has_super ||
        append_question(&sql, schema, definition, where) == 0) {
        goto out;
    }
    result = rs_session_query(session, &sql, err);
    ok = result != NULL;
    for (size_t i = 0, column = 0; i < definition->column_count && ok; i++) {
        uint64_t bytes = 0;
        if (rs_table_definition_is(&definition->columns[i], "super")) {
            ok = rs_result_is_null(result, 0, column) ||
                 rs_result_u64(result, 0, column, &bytes, err);
            if (ok && bytes > JSON_MAX_BYTES) {
                ok = fail(definition, &definition->columns[i], bytes, err);
            }
            column++;
        }
    }
out:
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}
