/*
 * A table is made in one transaction with its comments, and with it goes what rs_pieces had to tell
 * of an earlier table of its name. Grants come after, one by one: a user or group that the new host
 * does not have is told, and is no reason to stop.
 */
#include "migrate/migrate_tables.h"

#include "base/mem.h"
#include "ledger/ledger_pieces.h"
#include "ledger/ledger_runs.h"
#include "migrate/migrate_report.h"
#include "migrate/migrate_sequences.h"
#include "migrate/piece_sql.h"
#include "transform/coltype.h"
#include "warehouse/ddl.h"
#include "warehouse/table_definition_read.h"
#include "warehouse/widen.h"

enum { SMALL_SQL = 64 << 10, TYPE_MAX = 256 };

static bool run_and_reset(struct rs_session *session, struct rs_strbuf *sql, struct rs_error *err)
{
    bool ok = rs_session_exec(session, sql, NULL, err);
    rs_strbuf_reset(sql);
    return ok;
}

/* --- what has to be there before ------------------------------------------------------------- */

/* rs-sync has filled the new schema by itself: rows there are not ours to replace. */
static bool check_unused(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&migration->hosts.to_schema);
    bool there = false;
    bool used = false;
    if (!rs_ledger_has_table(migration->hosts.to_session, schema, "rs_syncs", &there, err) ||
        (there &&
         !rs_ledger_is_used(migration->hosts.to_session, schema, RS_STR(""), &used, err))) {
        return false;
    }
    if (!used) {
        return true;
    }
    rs_error_set(err, RS_E_DATABASE,
                 "could not migrate: runs of rs-sync have filled schema \"%.*s\" on the new host",
                 RS_STR_ARG(schema));
    return rs_error_hint(err, "give another --to-schema, or remove what is there first");
}

static bool take_lock(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_schema_lock *lock = &migration->lock;
    *lock = (struct rs_schema_lock){
        .session = rs_connect_open(migration->hosts.to, err),
        .schema = rs_strbuf_str(&migration->hosts.to_schema),
        .hint = "run again: pieces that were carried stay, and nothing doubles",
    };
    if (!lock->session || !rs_schema_lock_take(lock->session, lock->schema, err)) {
        return false;
    }
    rs_session_shield(lock->session, true);
    return true;
}

/* Another run may have made tables while this one waited for the lock. */
static bool look_again(struct rs_migration *migration, struct rs_error *err)
{
    rs_table_definitions_release(&migration->new);
    return rs_table_definitions_read(migration->hosts.to_session,
                                     rs_strbuf_str(&migration->hosts.to_schema), &migration->new,
                                     err);
}

bool rs_migrate_prepare(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    struct rs_session *to = migration->hosts.to_session;
    struct rs_str schema = rs_strbuf_str(&migration->hosts.to_schema);
    bool lockable = rs_session_facts(to)->has_advisory_locks ||
                    rs_table_definitions_find(&migration->new, RS_STR("rs_lock"));
    bool ok = true;
    if (!migration->new.exists) {
        migration->schema_made = true;
        rs_ddl_append_schema(&sql, schema);
        ok = run_and_reset(to, &sql, err);
    }
    if (ok && !lockable) {
        ok = rs_schema_lock_make_table(to, schema, err);
    }
    if (ok && !rs_table_definitions_find(&migration->new, RS_STR("rs_pieces"))) {
        ok = rs_ledger_make_pieces(to, schema, err);
    }
    rs_strbuf_release(&sql);
    return ok && take_lock(migration, err) && look_again(migration, err) &&
           (migration->options->switching || check_unused(migration, err));
}

/* --- tables ---------------------------------------------------------------------------------- */

/* How many digits behind the point the values of a numeric without a precision have. */
static bool ask_decimals(struct rs_migration *migration,
                         const struct rs_table_definition *definition,
                         struct rs_table_definition_column *column, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    uint64_t decimals = 0;
    rs_strbuf_append(&sql, "SELECT coalesce(max(scale(");
    rs_sql_ident(&sql, column->name);
    rs_strbuf_append(&sql, ")), 0) FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(migration->old.dialect, definition));
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.from_schema), definition->name);
    struct rs_result *result = rs_session_query(migration->hosts.from_session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, &decimals, err);
    column->decimals = (unsigned)(decimals < 37 ? decimals : 37);
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

static bool ask_all_decimals(struct rs_migration *migration, struct rs_table_definition *definition,
                             struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    bool ok = true;
    for (size_t i = 0; i < definition->column_count && ok && place.from != place.to; i++) {
        if (rs_dialect_facts(place.from)->has_open_numeric &&
            rs_str_equal(definition->columns[i].type, RS_STR("numeric"))) {
            ok = ask_decimals(migration, definition, &definition->columns[i], err);
        }
    }
    return ok;
}

static bool make_comments(struct rs_migration *migration,
                          const struct rs_table_definition *definition, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool ok = true;
    if (definition->comment.length > 0) {
        rs_table_definition_append_comment(&sql, &place, definition, NULL);
        ok = run_and_reset(migration->hosts.to_session, &sql, err);
    }
    for (size_t i = 0; i < definition->column_count && ok; i++) {
        if (definition->columns[i].comment.length > 0) {
            rs_table_definition_append_comment(&sql, &place, definition, &definition->columns[i]);
            ok = run_and_reset(migration->hosts.to_session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* Indexes are PostgreSQL's: those of the old table, or the one that finds rows by id. */
static bool make_indexes(struct rs_migration *migration,
                         const struct rs_table_definition *definition, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool same = rs_str_equal(rs_strbuf_str(&migration->hosts.from_schema), place.schema);
    bool ok = true;
    if (!rs_dialect_facts(place.to)->has_indexes) {
        return true;
    }
    if (!rs_dialect_facts(place.from)->has_indexes &&
        rs_table_definition_find_column(definition, RS_STR("id"))) {
        rs_ddl_append_index(&sql, place.schema, definition->name);
        ok = run_and_reset(migration->hosts.to_session, &sql, err);
    }
    for (size_t i = 0; i < definition->index_count && ok && same; i++) {
        rs_strbuf_append_str(&sql, definition->indexes[i]);
        ok = run_and_reset(migration->hosts.to_session, &sql, err);
    }
    if (definition->index_count > 0 && !same) {
        rs_migrate_notice(migration->report,
                          "table \"%.*s\": its indexes are not made, as the "
                          "schema has another name",
                          RS_STR_ARG(definition->name));
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* --- partitions, and tables that others inherit from --------------------------------------------- */

/* Those that the table of the new host lacks; there: NULL where it is being made. */
static bool make_partitions(struct rs_migration *migration,
                            const struct rs_table_definition *definition,
                            const struct rs_table_definition *there, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool ok = true;
    for (size_t i = 0; i < definition->partition_count && ok; i++) {
        bool known = false;
        for (size_t j = 0; there && j < there->partition_count; j++) {
            known =
                known || rs_str_equal(there->partitions[j].name, definition->partitions[i].name);
        }
        if (!known) {
            rs_table_definition_append_partition(&sql, &place, &definition->partitions[i]);
            ok = run_and_reset(migration->hosts.to_session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* Both hosts know of partitions, and of tables that inherit from others. */
static bool both_inherit(const struct rs_migration *migration)
{
    return rs_dialect_facts(migration->old.dialect)->has_inheritance &&
           rs_dialect_facts(migration->new.dialect)->has_inheritance;
}

/* Partitions are made where there is such a thing, and each has a place in the new schema. */
static void check_partitions(struct rs_migration *migration, struct rs_table_definition *definition,
                             const struct rs_table_definition *there)
{
    bool kept = both_inherit(migration);
    for (size_t i = 0; i < definition->partition_count; i++) {
        kept = kept && definition->partitions[i].plain;
    }
    if (definition->partitioned && !kept && !there) {
        rs_migrate_notice(
            migration->report,
            "table \"%.*s\" is one table on the new host, with the rows of all of its "
            "partitions%s",
            RS_STR_ARG(definition->name),
            both_inherit(migration) ? ", as some are of another schema or are foreign tables" : "");
    }
    bool alike = !there || rs_str_equal(there->partition_key, definition->partition_key);
    if (!kept || !alike) {
        definition->partition_key = RS_STR("");
        definition->partition_count = 0;
    }
}

struct rs_migrated_table *rs_migrate_find(const struct rs_migration *migration, struct rs_str table)
{
    for (size_t i = 0; i < migration->migrated_count; i++) {
        if (rs_str_equal(migration->migrated[i].definition->name, table)) {
            return &migration->migrated[i];
        }
    }
    return NULL;
}

/* The parents are made; where one is not on the new host, the table is one by itself. */
static void check_parents(struct rs_migration *migration, struct rs_table_definition *definition)
{
    for (size_t i = 0; i < definition->parent_count; i++) {
        struct rs_table_definition_parent *parent = &definition->parents[i];
        parent->there = both_inherit(migration) && parent->schema.length == 0 &&
                        (rs_migrate_find(migration, parent->name) ||
                         rs_table_definitions_find(&migration->new, parent->name));
        if (!parent->there) {
            rs_migrate_notice(
                migration->report,
                "table \"%.*s\" does not inherit from \"%.*s\" on the new host, where "
                "its rows are not among those of the other",
                RS_STR_ARG(definition->name), RS_STR_ARG(parent->name));
        }
    }
}

/* Rows of a table that is left out are not where the old host shows them, either. */
static void tell_left_out(struct rs_migration *migration)
{
    for (size_t i = 0; i < migration->old.count; i++) {
        const struct rs_table_definition *child = &migration->old.definitions[i];
        for (size_t j = 0; j < child->parent_count && !rs_migrate_find(migration, child->name);
             j++) {
            const struct rs_table_definition_parent *parent = &child->parents[j];
            const struct rs_migrated_table *migrated =
                parent->schema.length == 0 ? rs_migrate_find(migration, parent->name) : NULL;
            if (migrated && migrated->report->made) {
                rs_migrate_notice(migration->report,
                                  "table \"%.*s\" comes without the rows of \"%.*s\", which "
                                  "inherits from it and is left out",
                                  RS_STR_ARG(parent->name), RS_STR_ARG(child->name));
            }
        }
    }
}

/* --- a table ---------------------------------------------------------------------------------- */

static bool make_table(struct rs_migration *migration, const struct rs_table_definition *definition,
                       struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_session *to = migration->hosts.to_session;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_table_definition_append_table(&sql, &place, definition);
    bool ok = rs_session_begin(to, err) && rs_session_exec(to, &sql, NULL, err) &&
              make_partitions(migration, definition, NULL, err) &&
              make_comments(migration, definition, err) &&
              make_indexes(migration, definition, err) &&
              rs_ledger_forget_pieces(to, place.schema, definition->name, err) &&
              rs_session_commit(to, err);
    if (!ok) {
        rs_session_rollback(to);
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* A grant that the new host refuses is a notice. */
static bool make_grant(struct rs_migration *migration, struct rs_str table,
                       const struct rs_table_definition_grant *grant, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    struct rs_error refusal = {0};
    bool known = rs_table_definition_append_grant(&sql, &place, table, grant);
    bool ok = known && rs_session_exec(migration->hosts.to_session, &sql, NULL, &refusal);
    if (!ok && refusal.code != RS_E_DATABASE && refusal.code != RS_OK) {
        *err = refusal;
    } else if (!ok) {
        rs_migrate_notice(migration->report,
                          "%s \"%.*s\": %.*s is not granted to %.*s \"%.*s\"%s%s",
                          table.length > 0 ? "table" : "schema",
                          RS_STR_ARG(table.length > 0 ? table : place.schema),
                          RS_STR_ARG(grant->privilege), RS_STR_ARG(grant->kind),
                          RS_STR_ARG(grant->grantee), known ? ": " : "", refusal.message);
    }
    rs_strbuf_release(&sql);
    return err->code == RS_OK;
}

/* name  of the table or sequence; empty: the schema */
static bool make_grants(struct rs_migration *migration, struct rs_str name,
                        const struct rs_table_definition_grant *grants, size_t count,
                        struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = make_grant(migration, name, &grants[i], err);
    }
    return ok;
}

/* --- sequences -------------------------------------------------------------------------------- */

static bool make_sequence(struct rs_migration *migration,
                          const struct rs_table_definition_sequence *sequence, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "CREATE SEQUENCE ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), sequence->name);
    rs_strbuf_printf(&sql, " AS %.*s %.*s", RS_STR_ARG(sequence->type),
                     RS_STR_ARG(sequence->options));
    bool ok = run_and_reset(migration->hosts.to_session, &sql, err) &&
              make_grants(migration, sequence->name, sequence->grants, sequence->grant_count, err);
    if (!ok) {
        rs_error_prefix(err, "could not make sequence \"%.*s\"", RS_STR_ARG(sequence->name));
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* Sequences come before the tables whose defaults ask them; an identity makes its own. */
static bool make_sequences(struct rs_migration *migration, struct rs_error *err)
{
    size_t left = 0;
    bool ok = true;
    for (size_t i = 0; i < migration->old.sequence_count && ok; i++) {
        const struct rs_table_definition_sequence *sequence = &migration->old.sequences[i];
        if (!rs_migrate_wants_sequence(migration, sequence)) {
            continue;
        }
        if (!rs_dialect_facts(migration->new.dialect)->has_sequences) {
            left++;
        } else if (!sequence->identity &&
                   !rs_table_definitions_find_sequence(&migration->new, sequence->name)) {
            ok = make_sequence(migration, sequence, err);
        }
    }
    if (left > 0) {
        rs_migrate_notice(migration->report,
                          "%zu sequence%s %s not made, as the new host has none: new ids come from "
                          "the old one",
                          left, left == 1 ? "" : "s", left == 1 ? "is" : "are");
    }
    return ok;
}

/*
 * A DEFAULT that asks a sequence of another schema is made where that is there on the new host, too.
 */
static bool check_sequences(struct rs_migration *migration, struct rs_table_definition *definition,
                            const struct rs_table_definition *there, struct rs_error *err)
{
    struct rs_strbuf name = RS_STRBUF_INIT(SMALL_SQL);
    bool ok = true;
    for (size_t i = 0; i < definition->column_count && ok; i++) {
        struct rs_table_definition_column *column = &definition->columns[i];
        if (column->sequence_schema.length == 0 ||
            !rs_dialect_facts(migration->new.dialect)->has_sequences ||
            (there && rs_table_definition_find_column(there, column->name))) {
            continue;
        }
        rs_strbuf_reset(&name);
        rs_sql_qualified(&name, column->sequence_schema, column->sequence);
        struct rs_str parameter = rs_strbuf_str(&name);
        struct rs_result *result = rs_session_query_params(
            migration->hosts.to_session, "SELECT pg_catalog.to_regclass($1)", &parameter, 1, err);
        ok = result != NULL;
        if (ok && rs_result_is_null(result, 0, 0)) {
            column->standard = RS_STR("");
            rs_migrate_warn(
                migration->report,
                "table \"%.*s\": column \"%.*s\" is made without its default, as the new "
                "host has no sequence %s; migrate its schema, and set the default then",
                RS_STR_ARG(definition->name), RS_STR_ARG(column->name), rs_strbuf_cstr(&name));
        }
        rs_result_free(result);
    }
    rs_strbuf_release(&name);
    return ok;
}

/*
 * Who sees a row is for the policies of the old host to say, which are not carried. A table that is
 * made without them lets nobody in, so that nobody sees more than before.
 */
static void tell_security(struct rs_migration *migration, const struct rs_migrated_table *migrated)
{
    struct rs_str name = migrated->definition->name;
    if (!migrated->definition->row_security || migrated->target->row_security) {
        return;
    }
    if (migrated->report->made) {
        rs_migrate_warn(
            migration->report,
            "table \"%.*s\" has row level security on the old host: its policies are not "
            "made, nor are its grants, which would let all rows be seen; make the "
            "policies, turn row level security on, and grant then",
            RS_STR_ARG(name));
    } else if (migrated->target->grant_count > 0) {
        rs_migrate_warn(
            migration->report,
            "table \"%.*s\" has row level security on the old host and not on the new "
            "one, where users whom it is granted to see all rows; make the policies and "
            "turn it on, or revoke the grants",
            RS_STR_ARG(name));
    }
}

/* --- tables that are there ------------------------------------------------------------------- */

/* As a load does it; but a migrated row is whole, so a column that has to be kept is an error. */
static bool widen_alone(struct rs_migration *migration,
                        const struct rs_table_definition *definition, struct rs_str column,
                        struct rs_str type, struct rs_error *err)
{
    struct rs_plan_step step = {.kind = RS_PLAN_WIDEN_COLUMN,
                                .owner = definition->name,
                                .table = definition->name,
                                .column = column,
                                .to = rs_coltype_parse(type)};
    struct rs_widening widening = RS_WIDENING_INIT;
    bool ok = rs_widen_column(migration->hosts.to_session,
                              rs_strbuf_str(&migration->hosts.to_schema), &step, &widening, err);
    if (ok && widening.way == RS_WIDEN_REPLACE) {
        rs_log(&migration->env->log, RS_LOG_NOTICE,
               "a new column \"%.*s\" has taken the place of the old one in \"%.*s\", as Redshift "
               "refuses to widen it (%s): it is the last one",
               RS_STR_ARG(column), RS_STR_ARG(definition->name), rs_strbuf_cstr(&widening.why));
    } else if (ok && widening.way == RS_WIDEN_ENCODE) {
        rs_log(&migration->env->log, RS_LOG_NOTICE,
               "column \"%.*s\" of \"%.*s\" has ENCODE lzo now, to be widened: Redshift refused it "
               "before (%s)",
               RS_STR_ARG(column), RS_STR_ARG(definition->name), rs_strbuf_cstr(&widening.why));
    } else if (ok && widening.way == RS_WIDEN_KEEP) {
        ok = rs_error_set(err, RS_E_DATABASE,
                          "its column \"%.*s\" is too short, and Redshift refuses to widen it: %s",
                          RS_STR_ARG(column), rs_strbuf_cstr(&widening.why));
        (void)rs_error_hint(err, "take away what is in the way, or leave the table out (--tables)");
    }
    rs_widening_release(&widening);
    return ok;
}

static bool widen(struct rs_migration *migration, const struct rs_table_definition *definition,
                  struct rs_str column, struct rs_str type, struct rs_error *err)
{
    if (rs_session_facts(migration->hosts.to_session)->widens_alone) {
        return widen_alone(migration, definition, column, type, err);
    }
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "ALTER TABLE ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), definition->name);
    rs_strbuf_append(&sql, " ALTER COLUMN ");
    rs_sql_ident(&sql, column);
    rs_strbuf_append(&sql, " TYPE ");
    rs_strbuf_append_str(&sql, type);
    bool ok = rs_session_exec(migration->hosts.to_session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* The digits behind the point of "numeric(12,3)"; as many as one likes of "numeric". */
static uint64_t decimals_of(struct rs_str type)
{
    uint64_t decimals = UINT64_MAX;
    size_t comma = rs_str_find_byte(type, ',');
    if (comma != SIZE_MAX) {
        (void)!rs_str_parse_u64(rs_str_slice(type, comma + 1, type.length - 1), 0, UINT32_MAX,
                                &decimals);
    }
    return decimals;
}

/* Another numeric will do across the dialects, but for one that would round. */
static bool takes_numeric(const struct rs_table_definition_place *place, struct rs_str there,
                          struct rs_str wanted)
{
    return place->from != place->to && rs_str_starts(wanted, RS_STR("numeric")) &&
           rs_str_starts(there, RS_STR("numeric")) && decimals_of(there) >= decimals_of(wanted);
}

/* The column that is there takes all values of the old one, or is made to. */
static bool match_column(struct rs_migration *migration,
                         const struct rs_table_definition *definition,
                         const struct rs_table_definition_column *column,
                         const struct rs_table_definition_column *there, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf type = RS_STRBUF_INIT(TYPE_MAX);
    rs_table_definition_append_type(&type, &place, column);
    struct rs_str wanted = rs_strbuf_str(&type);
    uint64_t has = rs_table_definition_varchar_bytes(there->type);
    uint64_t wants = rs_table_definition_varchar_bytes(wanted);
    bool text = rs_str_equal(there->type, RS_STR("text")) && wants > 0;
    bool ok = true;
    if (has > 0 && wants > has && migration->options->what == RS_MIGRATE_ROWS) {
        ok = widen(migration, definition, column->name, wanted, err);
    } else if (!rs_str_equal(there->type, wanted) && !(has > 0 && wants > 0) && !text &&
               migration->options->what == RS_MIGRATE_ROWS &&
               !takes_numeric(&place, there->type, wanted)) {
        ok = rs_error_set(err, RS_E_DATABASE, "column \"%.*s\" is %.*s there, not %.*s",
                          RS_STR_ARG(column->name), RS_STR_ARG(there->type), RS_STR_ARG(wanted));
    }
    rs_strbuf_release(&type);
    return ok;
}

static bool match_table(struct rs_migration *migration,
                        const struct rs_table_definition *definition,
                        const struct rs_table_definition *there, struct rs_error *err)
{
    struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    bool ok = true;
    for (size_t i = 0; i < definition->column_count && ok; i++) {
        const struct rs_table_definition_column *column = &definition->columns[i];
        const struct rs_table_definition_column *own =
            rs_table_definition_find_column(there, column->name);
        if (own) {
            ok = match_column(migration, definition, column, own, err);
        } else {
            rs_table_definition_append_add(&sql, &place, definition->name, column);
            ok = run_and_reset(migration->hosts.to_session, &sql, err);
        }
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* --- all of them ----------------------------------------------------------------------------- */

static bool is_wanted(const struct rs_migration *migration, struct rs_str table)
{
    bool ledger = rs_ledger_is_table(table);
    if (migration->options->what == RS_MIGRATE_LEDGER) {
        return ledger && !rs_str_equal(table, RS_STR("rs_lock")) &&
               !rs_str_equal(table, RS_STR("rs_pieces"));
    }
    return !ledger && rs_hosts_is_listed(migration->options->tables, table);
}

/* PostgreSQL would cut a longer name in silence, and two could become one. */
static bool check_name(const struct rs_migration *migration, struct rs_str name,
                       struct rs_error *err)
{
    size_t max = rs_dialect_facts(migration->new.dialect)->name_max_bytes;
    if (name.length <= max) {
        return true;
    }
    rs_error_set(err, RS_E_DATABASE, "the name \"%.*s\" has more than %zu bytes", RS_STR_ARG(name),
                 max);
    return rs_error_hint(err, "rename it on the old host, or leave the table out (--tables)");
}

static bool check_names(const struct rs_migration *migration,
                        const struct rs_table_definition *definition, struct rs_error *err)
{
    bool ok = check_name(migration, definition->name, err);
    for (size_t i = 0; i < definition->column_count && ok; i++) {
        ok = check_name(migration, definition->columns[i].name, err);
    }
    return ok;
}

static bool make_or_match(struct rs_migration *migration, struct rs_migrated_table *migrated,
                          struct rs_error *err);

static bool make_parents(struct rs_migration *migration,
                         const struct rs_table_definition *definition, struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < definition->parent_count && ok; i++) {
        struct rs_migrated_table *parent =
            definition->parents[i].schema.length == 0
                ? rs_migrate_find(migration, definition->parents[i].name)
                : NULL;
        ok = !parent || make_or_match(migration, parent, err);
    }
    return ok;
}

/* It comes after those that it inherits from: as deep as tables inherit, and that is no circle. */
static bool make_or_match(struct rs_migration *migration, struct rs_migrated_table *migrated,
                          struct rs_error *err)
{
    if (migrated->settled) {
        return true;
    }
    migrated->settled = true;
    if (!make_parents(migration, migrated->definition, err)) {
        return false;
    }
    const struct rs_table_definition *there =
        rs_table_definitions_find(&migration->new, migrated->definition->name);
    check_partitions(migration, migrated->definition, there);
    bool ok = check_names(migration, migrated->definition, err) &&
              check_sequences(migration, migrated->definition, there, err) &&
              ask_all_decimals(migration, migrated->definition, err);
    if (ok && there) {
        ok = match_table(migration, migrated->definition, there, err) &&
             make_partitions(migration, migrated->definition, there, err);
    } else if (ok) {
        check_parents(migration, migrated->definition);
        migrated->report->made = true;
        ok = make_table(migration, migrated->definition, err) &&
             (migrated->definition->row_security ||
              make_grants(migration, migrated->definition->name, migrated->definition->grants,
                          migrated->definition->grant_count, err));
    }
    if (!ok) {
        rs_error_prefix(err, "could not make table \"%.*s\"",
                        RS_STR_ARG(migrated->definition->name));
    }
    return ok;
}

static void list_migrated(struct rs_migration *migration)
{
    struct rs_migrate_report *report = migration->report;
    migration->migrated = rs_mem_zalloc(migration->old.count + 1, sizeof *migration->migrated);
    report->tables = rs_mem_zalloc(migration->old.count + 1, sizeof *report->tables);
    for (size_t i = 0; i < migration->old.count; i++) {
        struct rs_table_definition *definition = &migration->old.definitions[i];
        if (!is_wanted(migration, definition->name)) {
            continue;
        }
        struct rs_migrated_table *migrated = &migration->migrated[migration->migrated_count++];
        migrated->definition = definition;
        migrated->time = migration->options->what == RS_MIGRATE_ROWS
                             ? rs_piece_sql_time_column(definition)
                             : NULL;
        migrated->report = &report->tables[report->table_count++];
        migrated->report->name = rs_mem_strndup(definition->name.data, definition->name.length);
    }
}

/*
 * The table as it is on the new host now; no two have one, as with names that differ by their case.
 */
static bool find_target(struct rs_migration *migration, size_t index, struct rs_error *err)
{
    struct rs_migrated_table *migrated = &migration->migrated[index];
    migrated->target = rs_table_definitions_find(&migration->new, migrated->definition->name);
    if (!migrated->target) {
        return rs_error_set(err, RS_E_DATABASE, "could not find table \"%.*s\" on the new host",
                            RS_STR_ARG(migrated->definition->name));
    }
    for (size_t i = 0; i < index; i++) {
        if (migration->migrated[i].target == migrated->target) {
            return rs_error_set(
                err, RS_E_DATABASE,
                "could not migrate: tables \"%.*s\" and \"%.*s\" are one on the new "
                "host",
                RS_STR_ARG(migration->migrated[i].definition->name),
                RS_STR_ARG(migrated->definition->name));
        }
    }
    return true;
}

bool rs_migrate_make_tables(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&migration->hosts.to_schema);
    if (!rs_hosts_check_list("--tables", migration->options->tables, &migration->old, err)) {
        return false;
    }
    list_migrated(migration);
    bool ok = !migration->schema_made || make_grants(migration, RS_STR(""), migration->old.grants,
                                                     migration->old.grant_count, err);
    ok = ok && make_sequences(migration, err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        ok = rs_env_check_interrupt(migration->env, err) &&
             make_or_match(migration, &migration->migrated[i], err);
    }
    tell_left_out(migration);
    rs_table_definitions_release(&migration->new);
    ok = ok && rs_table_definitions_read(migration->hosts.to_session, schema, &migration->new, err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        ok = find_target(migration, i, err);
        if (ok) {
            tell_security(migration, &migration->migrated[i]);
        }
    }
    return ok;
}
