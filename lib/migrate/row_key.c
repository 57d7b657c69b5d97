/*
 * Keys are what the catalog says of them, by the numbers of columns. One query finds a key that is
 * there twice and one with a NULL, as GROUP BY takes NULLs for equal.
 */
#include "migrate/row_key.h"

enum { SMALL_SQL = 64 << 10, NAMES_MAX = 4096 };

/* A declared key whose columns are all NOT NULL. */
static bool take_declared(const struct rs_table_definition *definition,
                          const struct rs_table_definition_key *declared, struct rs_row_key *out)
{
    struct rs_str rest = declared->columns;
    *out = (struct rs_row_key){.count = 0};
    while (rest.length > 0 && out->count < RS_ROW_KEY_MAX) {
        size_t end = rs_str_find_byte(rest, ',');
        uint64_t number = 0;
        end = end == SIZE_MAX ? rest.length : end;
        const struct rs_table_definition_column *column =
            rs_str_parse_u64(rs_str_slice(rest, 0, end), 1, UINT32_MAX, &number)
                ? rs_table_definition_find_number(definition, number)
                : NULL;
        if (!column || !column->not_null) {
            return false;
        }
        out->columns[out->count++] = column;
        rest = rs_str_slice(rest, end + 1, rest.length);
    }
    return rest.length == 0 && out->count > 0;
}

bool rs_row_key_find(const struct rs_table_definition *definition, struct rs_row_key *out)
{
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < definition->key_count; i++) {
            if (definition->keys[i].primary == (turn == 0) &&
                take_declared(definition, &definition->keys[i], out)) {
                return true;
            }
        }
    }
    out->columns[0] = rs_table_definition_find_column(definition, RS_STR("id"));
    out->count = out->columns[0] ? 1 : 0;
    return out->count > 0;
}

static bool add_column(struct rs_str name, const struct rs_table_definition *definition,
                       struct rs_row_key *out, struct rs_error *err)
{
    const struct rs_table_definition_column *column =
        rs_table_definition_find_column(definition, name);
    if (!column) {
        rs_error_set(
            err, RS_E_USAGE,
            "option \"--key\": table \"%.*s\" has no column \"%.*s\" to tell its rows apart",
            RS_STR_ARG(definition->name), RS_STR_ARG(name));
        return rs_error_hint(err, "name others, or leave the table out (--tables)");
    }
    if (out->count == RS_ROW_KEY_MAX) {
        return rs_error_set(err, RS_E_USAGE, "option \"--key\": a key has %d columns at most",
                            RS_ROW_KEY_MAX);
    }
    out->columns[out->count++] = column;
    return true;
}

bool rs_row_key_parse(const char *names, const struct rs_table_definition *definition,
                      struct rs_row_key *out, struct rs_error *err)
{
    struct rs_str rest = rs_str_from(names);
    bool ok = true;
    *out = (struct rs_row_key){.count = 0};
    do {
        size_t end = rs_str_find_byte(rest, ',');
        end = end == SIZE_MAX ? rest.length : end;
        ok = add_column(rs_str_trim(rs_str_slice(rest, 0, end)), definition, out, err);
        rest = rs_str_slice(rest, end + 1, rest.length);
    } while (ok && rest.length > 0);
    return ok;
}

static bool contains(const struct rs_table_definition *definition, const struct rs_row_key *key,
                     const struct rs_table_definition_column *column)
{
    bool found = false;
    for (size_t i = 0; i < key->count && !found; i++) {
        found = rs_table_definition_find_column(definition, key->columns[i]->name) == column;
    }
    return found;
}

/* The server lets no two rows have the same key, nor a NULL in it. */
static bool is_enforced(enum rs_dialect dialect, const struct rs_table_definition *definition,
                        const struct rs_row_key *key)
{
    bool enforced = false;
    for (size_t i = 0; i < definition->key_count && !enforced; i++) {
        struct rs_row_key declared;
        enforced = take_declared(definition, &definition->keys[i], &declared);
        for (size_t j = 0; enforced && j < declared.count; j++) {
            enforced = contains(definition, key, declared.columns[j]);
        }
    }
    return enforced && rs_dialect_facts(dialect)->has_indexes;
}

/* The server takes for equal what differs in blanks at its end. */
static bool is_mixed_up(enum rs_dialect dialect, const struct rs_table_definition_column *column)
{
    return rs_dialect_facts(dialect)->ignores_end_blanks && column &&
           (rs_str_starts(column->type, RS_STR("character varying")) ||
            rs_str_equal(column->type, RS_STR("text")));
}

static void append_doubled(struct rs_strbuf *sql, enum rs_dialect dialect, struct rs_str schema,
                           const struct rs_table_definition *definition,
                           const struct rs_row_key *key)
{
    rs_strbuf_append(sql, "SELECT 1 FROM ");
    rs_strbuf_append(sql, rs_table_definition_only(dialect, definition));
    rs_sql_qualified(sql, schema, definition->name);
    for (size_t i = 0; i < key->count; i++) {
        struct rs_str name = key->columns[i]->name;
        rs_strbuf_append(sql, i > 0 ? ", " : " GROUP BY ");
        rs_sql_ident(sql, name);
        if (is_mixed_up(dialect, rs_table_definition_find_column(definition, name))) {
            rs_strbuf_append(sql, ", octet_length(");
            rs_sql_ident(sql, name);
            rs_strbuf_append_char(sql, ')');
        }
    }
    rs_strbuf_append(sql, " HAVING count(*) > 1");
    for (size_t i = 0; i < key->count; i++) {
        rs_strbuf_append(sql, " OR ");
        rs_sql_ident(sql, key->columns[i]->name);
        rs_strbuf_append(sql, " IS NULL");
    }
    rs_strbuf_append(sql, " LIMIT 1");
}

static void append_names(struct rs_strbuf *out, const struct rs_row_key *key)
{
    for (size_t i = 0; i < key->count; i++) {
        rs_strbuf_append(out, i > 0 ? "," : "");
        rs_strbuf_append_str(out, key->columns[i]->name);
    }
}

/* Which keys would do, as the option is given. */
static void append_options(struct rs_strbuf *out, const struct rs_table_definition *definition)
{
    bool any = false;
    for (size_t i = 0; i < definition->key_count; i++) {
        struct rs_row_key key;
        if (take_declared(definition, &definition->keys[i], &key)) {
            rs_strbuf_append(out, any ? " or --key=" : "these would do: --key=");
            append_names(out, &key);
            any = true;
        }
    }
    rs_strbuf_append(out,
                     any ? ""
                         : "the table has no PRIMARY KEY, nor a UNIQUE one over columns that "
                           "are NOT NULL: name columns that no two rows have alike, or migrate "
                           "it without --since");
}

static bool refuse(const struct rs_table_definition *definition, const struct rs_row_key *key,
                   const char *host, struct rs_error *err)
{
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX);
    struct rs_strbuf hint = RS_STRBUF_INIT(NAMES_MAX);
    append_names(&names, key);
    append_options(&hint, definition);
    rs_error_set(err, RS_E_USAGE,
                 "could not migrate table \"%.*s\": its key %s does not tell its rows apart on the "
                 "%s host: two rows have the same one, or one has NULL in it",
                 RS_STR_ARG(definition->name), rs_strbuf_cstr(&names), host);
    (void)rs_error_hint(err, "%s", rs_strbuf_cstr(&hint));
    rs_strbuf_release(&names);
    rs_strbuf_release(&hint);
    return false;
}

bool rs_row_key_check(struct rs_session *session, struct rs_str schema,
                      const struct rs_table_definition *definition, const struct rs_row_key *key,
                      const char *host, struct rs_error *err)
{
    enum rs_dialect dialect = rs_session_dialect(session);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    if (is_enforced(dialect, definition, key)) {
        return true;
    }
    append_doubled(&sql, dialect, schema, definition, key);
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result && (rs_result_rows(result) == 0 || refuse(definition, key, host, err));
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

void rs_row_key_append_match(struct rs_strbuf *sql, enum rs_dialect dialect,
                             const struct rs_table_definition *definition,
                             const struct rs_row_key *key, struct rs_str other)
{
    for (size_t i = 0; i < key->count; i++) {
        struct rs_str name = key->columns[i]->name;
        rs_strbuf_append(sql, i > 0 ? " AND " : "");
        rs_sql_qualified(sql, definition->name, name);
        rs_strbuf_append(sql, " = ");
        rs_sql_qualified(sql, other, name);
        if (is_mixed_up(dialect, key->columns[i])) {
            rs_strbuf_append(sql, " AND octet_length(");
            rs_sql_qualified(sql, definition->name, name);
            rs_strbuf_append(sql, ") = octet_length(");
            rs_sql_qualified(sql, other, name);
            rs_strbuf_append_char(sql, ')');
        }
    }
}
