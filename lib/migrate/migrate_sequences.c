/*
 * Where a sequence stands is asked when the rows are there: what was given out since leaves a gap, and
 * no id comes twice. It is set to just that, also backwards: an id that the new host has given by
 * itself is one that the old host gives to another row.
 */
#include "migrate/migrate_sequences.h"

#include "migrate/migrate_report.h"

enum { SMALL_SQL = 8192 };

/* Where the sequence of the old host stands. */
struct standing {
    bool known;
    bool called; /* the value was given out: the next one is that after it */
    struct rs_strbuf value;
};

bool rs_migrate_wants_sequence(const struct rs_migration *migration,
                               const struct rs_table_definition_sequence *sequence)
{
    bool wanted = !migration->options->tables;
    for (size_t i = 0; i < migration->migrated_count && !wanted; i++) {
        const struct rs_table_definition *definition = migration->migrated[i].definition;
        wanted = rs_str_equal(definition->name, sequence->table);
        for (size_t j = 0; j < definition->column_count && !wanted; j++) {
            wanted = definition->columns[j].sequence_schema.length == 0 &&
                     rs_str_equal(definition->columns[j].sequence, sequence->name);
        }
    }
    return wanted && migration->options->what == RS_MIGRATE_ROWS;
}

/* --- the old host ----------------------------------------------------------------------------- */

/* A refusal is a warning; false: no server to ask. */
static bool ask_standing(struct rs_migration *migration, struct rs_str sequence,
                         struct standing *out, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    struct rs_error refusal = {0};
    rs_strbuf_append(&sql, "SELECT last_value, is_called FROM ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.from_schema), sequence);
    struct rs_result *result = rs_session_query(migration->hosts.from_session, &sql, &refusal);
    out->known = result != NULL;
    if (result) {
        rs_strbuf_append_str(&out->value, rs_result_text(result, 0, 0));
        out->called = rs_str_equal(rs_result_text(result, 0, 1), RS_STR("t"));
    } else if (refusal.code == RS_E_DATABASE) {
        rs_migrate_warn(migration->report,
                        "sequence \"%.*s\" does not stand where it does on the old host, which did "
                        "not tell (%s); GRANT SELECT on it there and run again",
                        RS_STR_ARG(sequence), refusal.message);
    } else {
        *err = refusal;
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return err->code == RS_OK;
}

/* --- the new host ----------------------------------------------------------------------------- */

static bool run_setval(struct rs_migration *migration, const struct rs_strbuf *sql,
                       struct rs_error *err)
{
    struct rs_result *result = rs_session_query(migration->hosts.to_session, sql, err);
    bool ok = result != NULL;
    rs_result_free(result);
    return ok;
}

static void append_setval(struct rs_strbuf *sql, const struct rs_migration *migration,
                          struct rs_str sequence)
{
    struct rs_strbuf name = RS_STRBUF_INIT(SMALL_SQL);
    rs_sql_qualified(&name, rs_strbuf_str(&migration->hosts.to_schema), sequence);
    rs_strbuf_append(sql, "SELECT pg_catalog.setval(");
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, rs_strbuf_str(&name));
    rs_strbuf_append(sql, ", ");
    rs_strbuf_release(&name);
}

/* Have it stand at the greatest value of its column. */
static bool advance(struct rs_migration *migration, const struct rs_migrated_table *migrated,
                    const struct rs_table_definition_column *column, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    append_setval(&sql, migration, column->sequence);
    rs_strbuf_append(&sql, "max(");
    rs_sql_ident(&sql, column->name);
    rs_strbuf_append(&sql, ")) FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(migration->new.dialect, migrated->target));
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), migrated->target->name);
    rs_strbuf_append(&sql, " HAVING max(");
    rs_sql_ident(&sql, column->name);
    rs_strbuf_append(&sql, ") > 0");
    bool ok = run_setval(migration, &sql, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* It steps as the old one does; where its bounds change it is moved into them at once. */
static bool alter(struct rs_migration *migration, const struct rs_table_definition_sequence *old,
                  const struct rs_table_definition_sequence *there, const struct standing *standing,
                  struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool typed = !rs_str_equal(old->type, there->type);
    bool ok = true;
    if (typed || !rs_str_equal(old->options, there->options)) {
        rs_strbuf_append(&sql, "ALTER SEQUENCE ");
        rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), there->name);
        if (typed) {
            rs_strbuf_printf(&sql, " AS %.*s", RS_STR_ARG(old->type));
        }
        rs_strbuf_printf(&sql, " %.*s RESTART WITH %s", RS_STR_ARG(old->options),
                         rs_strbuf_cstr(&standing->value));
        ok = rs_session_exec(migration->hosts.to_session, &sql, NULL, err);
    }
    rs_strbuf_release(&sql);
    return ok;
}

/*
 * there  of the new host
 * known  false: the old host does not say where it stands
 */
static bool follow(struct rs_migration *migration, const struct rs_table_definition_sequence *old,
                   const struct rs_table_definition_sequence *there, bool *known,
                   struct rs_error *err)
{
    struct standing standing = {.value = RS_STRBUF_INIT(SMALL_SQL)};
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool ok = ask_standing(migration, old->name, &standing, err);
    if (ok && standing.known) {
        append_setval(&sql, migration, there->name);
        rs_strbuf_printf(&sql, "%s, %s)", rs_strbuf_cstr(&standing.value),
                         standing.called ? "true" : "false");
        ok = alter(migration, old, there, &standing, err) && run_setval(migration, &sql, err);
    }
    *known = standing.known;
    rs_strbuf_release(&standing.value);
    rs_strbuf_release(&sql);
    return ok;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The sequence of a column, where it is one of the same schema; else NULL. */
static const struct rs_table_definition_sequence *
sequence_of(const struct rs_table_definitions *definitions,
            const struct rs_table_definition_column *column)
{
    return column->sequence_schema.length == 0
               ? rs_table_definitions_find_sequence(definitions, column->sequence)
               : NULL;
}

static bool set_column(struct rs_migration *migration, const struct rs_migrated_table *migrated,
                       const struct rs_table_definition_column *column, struct rs_error *err)
{
    const struct rs_table_definition_column *own =
        rs_table_definition_find_column(migrated->definition, column->name);
    const struct rs_table_definition_sequence *there = sequence_of(&migration->new, column);
    if (!own || !there) {
        return true;
    }
    const struct rs_table_definition_sequence *old = sequence_of(&migration->old, own);
    bool known = false;
    return (!old || follow(migration, old, there, &known, err)) &&
           (known || advance(migration, migrated, column, err));
}

/* Does a column that was carried ask it? Then it was set for that. */
static bool is_set(const struct rs_migration *migration,
                   const struct rs_table_definition_sequence *there)
{
    bool found = false;
    for (size_t i = 0; i < migration->migrated_count && !found; i++) {
        const struct rs_migrated_table *migrated = &migration->migrated[i];
        for (size_t j = 0; j < migrated->target->column_count && !found; j++) {
            const struct rs_table_definition_column *column = &migrated->target->columns[j];
            found = sequence_of(&migration->new, column) == there &&
                    rs_table_definition_find_column(migrated->definition, column->name);
        }
    }
    return found;
}

/* It goes with the column that it belongs to; one that belongs to another there stays so. */
static void give_to_column(struct rs_migration *migration,
                           const struct rs_table_definition_sequence *old,
                           const struct rs_table_definition_sequence *there)
{
    const struct rs_table_definition *table =
        rs_table_definitions_find(&migration->new, old->table);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    struct rs_error refusal = {0};
    if (there->table.length == 0 && table && rs_table_definition_find_column(table, old->column)) {
        rs_strbuf_append(&sql, "ALTER SEQUENCE ");
        rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), there->name);
        rs_strbuf_append(&sql, " OWNED BY ");
        rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), table->name);
        rs_strbuf_append_char(&sql, '.');
        rs_sql_ident(&sql, old->column);
        if (!rs_session_exec(migration->hosts.to_session, &sql, NULL, &refusal)) {
            rs_migrate_notice(migration->report,
                              "sequence \"%.*s\" does not belong to its column: %s",
                              RS_STR_ARG(there->name), refusal.message);
        }
    }
    rs_strbuf_release(&sql);
}

static bool set_sequence(struct rs_migration *migration,
                         const struct rs_table_definition_sequence *old, struct rs_error *err)
{
    const struct rs_table_definition_sequence *there =
        rs_table_definitions_find_sequence(&migration->new, old->name);
    bool known = false;
    if (old->identity || !there || there->identity || !rs_migrate_wants_sequence(migration, old)) {
        return true;
    }
    give_to_column(migration, old, there);
    return is_set(migration, there) || follow(migration, old, there, &known, err);
}

bool rs_migrate_set_sequences(struct rs_migration *migration, struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        const struct rs_table_definition *target = migration->migrated[i].target;
        for (size_t j = 0; j < target->column_count && ok; j++) {
            ok = set_column(migration, &migration->migrated[i], &target->columns[j], err);
        }
    }
    for (size_t i = 0; i < migration->old.sequence_count && ok; i++) {
        ok = set_sequence(migration, &migration->old.sequences[i], err);
    }
    if (!ok) {
        rs_error_prefix(err, "could not set where a sequence stands");
    }
    return ok;
}
