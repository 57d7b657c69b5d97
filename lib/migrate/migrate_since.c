/*
 * What --since copies of a table: its rows from the greatest value on that the new host has in the
 * column. Rows are told apart by a key, as those of the last value come again each time.
 */
#include "base/mem.h"
#include "migrate/migration.h"

enum { SMALL_SQL = 64 << 10 };

static const char *key_of(const struct rs_migration *migration)
{
    return migration->options->key ? migration->options->key : "id";
}

/* IDENTITY takes no values but from COPY, which fills a batch here. */
static bool has_identity(const struct rs_relation *relation)
{
    bool found = false;
    for (size_t i = 0; i < relation->column_count; i++) {
        found =
            found || (relation->columns[i].identity.length > 0 && !relation->columns[i].by_default);
    }
    return found;
}

static bool check_key(struct rs_migration *migration, const struct rs_migrated_table *migrated,
                      struct rs_error *err)
{
    struct rs_str table = migrated->relation->name;
    if (!rs_relation_find_column(migrated->relation, rs_str_from(key_of(migration)))) {
        rs_error_set(err, RS_E_USAGE, "table \"%.*s\" has no column \"%s\" to tell its rows apart",
                     RS_STR_ARG(table), key_of(migration));
        return rs_error_hint(err, "name one with --key=COLUMN, or leave the table out (--tables)");
    }
    if (has_identity(migrated->target)) {
        rs_error_set(err, RS_E_USAGE,
                     "table \"%.*s\" has an IDENTITY column, which --since cannot "
                     "fill",
                     RS_STR_ARG(table));
        return rs_error_hint(err, "migrate the table without --since");
    }
    return true;
}

static bool ask_greatest(struct rs_migration *migration, struct rs_migrated_table *migrated,
                         struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT max(");
    rs_sql_ident(&sql, migrated->since->name);
    rs_strbuf_append(&sql, ") FROM ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), migrated->relation->name);
    struct rs_result *result = rs_session_query(migration->hosts.to_session, &sql, err);
    if (result && !rs_result_is_null(result, 0, 0)) {
        struct rs_str text = rs_result_text(result, 0, 0);
        migrated->since_value = rs_mem_strndup(text.data, text.length);
    }
    bool ok = result != NULL;
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* How many rows that will be is for the bar alone. */
static bool ask_rows(struct rs_migration *migration, struct rs_migrated_table *migrated,
                     struct rs_error *err)
{
    struct rs_piece piece = {.kind = RS_PIECE_SINCE};
    struct rs_piece_spec spec = {.place = rs_hosts_place(&migration->hosts),
                                 .piece = &piece,
                                 .since = migrated->since,
                                 .since_value = rs_str_from(migrated->since_value)};
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT count(*) FROM ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.from_schema), migrated->relation->name);
    rs_piece_sql_append_where(&sql, &spec);
    struct rs_result *result = rs_session_query(migration->hosts.from_session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, &piece.rows, err);
    if (ok) {
        rs_pieces_add(&migrated->todo, &piece);
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

bool rs_migrate_plan_since(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_str wanted = rs_str_from(migration->options->since);
    bool ok = rs_session_exec_text(migration->hosts.to_session,
                                   migration->new.dialect == RS_DIALECT_REDSHIFT
                                       ? "SET extra_float_digits TO 2"
                                       : "SET extra_float_digits TO 3",
                                   err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        struct rs_migrated_table *migrated = &migration->migrated[i];
        migrated->since = rs_relation_find_column(migrated->relation, wanted);
        if (!migrated->since && migration->options->tables) {
            ok = rs_error_set(err, RS_E_USAGE,
                              "option \"--since\": table \"%.*s\" has no column "
                              "\"%s\"",
                              RS_STR_ARG(migrated->relation->name), migration->options->since);
        } else if (!migrated->since) {
            rs_migrate_notice(migration->report,
                              "table \"%.*s\" is left out: it has no column "
                              "\"%s\"",
                              RS_STR_ARG(migrated->relation->name), migration->options->since);
        } else {
            ok = check_key(migration, migrated, err) && ask_greatest(migration, migrated, err) &&
                 ask_rows(migration, migrated, err);
        }
    }
    return ok;
}
