/*
 * One query a table: how many rows each hour has and, where pieces of it were copied before, what
 * they sum up to. Then rs_pieces_plan knows what is new and what has changed.
 *
 * With --since it is the rows from the greatest value on that the new host has in the column. Rows
 * are told apart by a key, as those of the last value come again each time.
 */
#include "migrate/migrate_plan.h"

#include "base/mem.h"
#include "base/workers.h"
#include "ledger/ledger_pieces.h"
#include "migrate/long_super.h"
#include "migrate/migrate_report.h"
#include "migrate/piece_sql.h"
#include "migrate/row_checksum.h"
#include "warehouse/script.h"

enum { SMALL_SQL = 64 << 10 };

/* The newest row of rs_pieces about a piece counts. */
static void take_piece(struct rs_piece_list *list, const struct rs_piece *piece)
{
    for (size_t i = 0; i < list->count; i++) {
        struct rs_piece *known = &list->pieces[i];
        if (known->kind == piece->kind && known->first_hour == piece->first_hour &&
            known->end_hour == piece->end_hour) {
            *known = *piece;
            return;
        }
    }
    rs_pieces_add(list, piece);
}

static struct rs_migrated_table *find_migrated(const struct rs_migration *migration,
                                               struct rs_str table)
{
    for (size_t i = 0; i < migration->migrated_count; i++) {
        if (rs_str_equal(migration->migrated[i].definition->name, table)) {
            return &migration->migrated[i];
        }
    }
    return NULL;
}

static bool take_row(const struct rs_migration *migration, const struct rs_result *result,
                     size_t row, struct rs_error *err)
{
    struct rs_migrated_table *migrated = find_migrated(migration, rs_result_text(result, row, 0));
    struct rs_piece piece = {.kind = RS_PIECE_ALL};
    if (!migrated || !rs_piece_parse_name(rs_result_text(result, row, 1), &piece)) {
        return true; /* of a table that is not copied now */
    }
    piece.sum = rs_row_checksum_parse(rs_result_text(result, row, 3));
    if (!rs_result_u64(result, row, 2, &piece.rows, err)) {
        return false;
    }
    take_piece(&migrated->done, &piece);
    return true;
}

static bool read_done(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_result *result = rs_ledger_list_pieces(
        migration->hosts.to_session, rs_strbuf_str(&migration->hosts.to_schema), err);
    bool ok = result != NULL;
    for (size_t row = 0; ok && row < rs_result_rows(result); row++) {
        ok = take_row(migration, result, row, err);
    }
    rs_result_free(result);
    return ok;
}

/* A table that is filled for the first time is empty. */
static bool check_empty(const struct rs_migration *migration,
                        const struct rs_migrated_table *migrated, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    if (migrated->done.count > 0 || migration->options->switching) {
        return true;
    }
    rs_script_append_exists(&sql, rs_strbuf_str(&migration->hosts.to_schema),
                            migrated->definition->name);
    struct rs_result *result = rs_session_query(migration->hosts.to_session, &sql, err);
    bool ok = result != NULL;
    if (ok && rs_result_rows(result) > 0) {
        ok = rs_error_set(err, RS_E_DATABASE,
                          "could not migrate table \"%.*s\": it has rows on the new host that no "
                          "migration has put there",
                          RS_STR_ARG(migrated->definition->name));
        (void)rs_error_hint(err, "empty or drop it there, or leave it out with --tables");
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* Tables are dealt out to workers, as those of many rows take their time. */
struct planning {
    struct rs_migration *migration;
    struct rs_tickets tickets;
};

/* What the table has now, by hours. */
struct hours {
    struct rs_piece_hour *hours;
    size_t count;
};

static bool read_hours(const struct planning *planning, struct rs_session *session,
                       const struct rs_migrated_table *migrated, struct hours *out,
                       struct rs_error *err)
{
    const struct rs_migration *migration = planning->migration;
    enum rs_dialect dialect = migration->old.dialect;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_row_checksum sum = {.dialect = dialect, .definition = migrated->definition};
    rs_strbuf_append(&sql, "SELECT ");
    if (migrated->time) {
        rs_row_checksum_append_unit(&sql, RS_ROW_CHECKSUM_HOUR, migrated->time);
    } else {
        rs_strbuf_append(&sql, "0");
    }
    rs_strbuf_append(&sql, " AS h, count(*), ");
    if (migrated->done.count > 0) {
        rs_row_checksum_append_rows(&sql, &sum, migrated->definition);
    } else {
        rs_strbuf_append(&sql, "0");
    }
    rs_strbuf_append(&sql, " FROM ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.from_schema),
                     migrated->definition->name);
    rs_strbuf_append(&sql, migrated->time ? " GROUP BY 1 ORDER BY 1" : "");
    struct rs_result *result = rs_session_query(session, &sql, err);
    bool ok = result != NULL;
    size_t rows = ok ? rs_result_rows(result) : 0;
    out->hours = rs_mem_zalloc(rows + 1, sizeof *out->hours);
    for (size_t row = 0; row < rows && ok; row++) {
        struct rs_piece_hour *hour = &out->hours[out->count++];
        hour->null = migrated->time && rs_result_is_null(result, row, 0);
        hour->sum = rs_row_checksum_parse(rs_result_text(result, row, 2));
        ok = rs_result_u64(result, row, 1, &hour->rows, err) &&
             (!migrated->time || hour->null ||
              rs_row_checksum_parse_unit(rs_result_text(result, row, 0), RS_ROW_CHECKSUM_HOUR,
                                         &hour->hour, err));
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

static bool plan_table(const struct planning *planning, struct rs_session *session,
                       struct rs_migrated_table *migrated, struct rs_error *err)
{
    const struct rs_migration *migration = planning->migration;
    struct hours hours = {NULL, 0};
    uint64_t rows = migration->options->piece_rows;
    bool ok = rs_long_super_check(session, rs_strbuf_str(&migration->hosts.from_schema),
                                  migrated->definition, RS_STR(""), err) &&
              read_hours(planning, session, migrated, &hours, err);
    for (size_t i = 0; i < migrated->done.count && migration->options->again; i++) {
        migrated->done.pieces[i].rows = UINT64_MAX; /* never what it is now */
    }
    if (ok && !migrated->time && migrated->done.count == 0) {
        struct rs_piece all = {.kind = RS_PIECE_ALL, .rows = hours.hours[0].rows};
        rs_pieces_add(&migrated->todo, &all);
    } else if (ok) {
        rs_pieces_plan(hours.hours, hours.count, &migrated->done,
                       rows ? rows : RS_MIGRATE_PIECE_ROWS, &migrated->todo);
    }
    size_t known = 0;
    for (size_t i = 0; i < migrated->todo.count; i++) {
        for (size_t j = 0; j < migrated->done.count; j++) {
            known += migrated->todo.pieces[i].kind == migrated->done.pieces[j].kind &&
                     migrated->todo.pieces[i].first_hour == migrated->done.pieces[j].first_hour;
        }
    }
    migrated->report->kept_pieces = migrated->done.count - known;
    rs_mem_free(hours.hours);
    return ok;
}

static bool work(void *arg, unsigned worker, struct rs_error *err)
{
    struct planning *planning = arg;
    struct rs_migration *migration = planning->migration;
    struct rs_session *session = rs_connect_open(migration->hosts.from, err);
    bool ok = session != NULL;
    size_t next = 0;
    (void)worker;
    while (ok && rs_tickets_take(&planning->tickets, &next)) {
        ok = plan_table(planning, session, &migration->migrated[next], err);
        if (!ok) {
            rs_error_prefix(err, "could not migrate table \"%.*s\"",
                            RS_STR_ARG(migration->migrated[next].definition->name));
        }
    }
    if (!ok) {
        rs_tickets_stop(&planning->tickets);
    }
    rs_session_close(session);
    return ok;
}

static bool plan_pieces(struct rs_migration *migration, struct rs_error *err)
{
    unsigned jobs = migration->options->jobs ? migration->options->jobs : RS_MIGRATE_JOBS;
    struct planning planning = {migration, RS_TICKETS_INIT(migration->migrated_count)};
    jobs = migration->migrated_count < jobs ? (unsigned)migration->migrated_count : jobs;
    bool ok = read_done(migration, err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        ok = check_empty(migration, &migration->migrated[i], err);
    }
    return ok && (jobs == 0 || rs_workers_run(jobs, work, &planning, err));
}

/* --- with --since ---------------------------------------------------------------------------- */

/* IDENTITY takes no values but from COPY, which fills a batch here. */
static bool has_identity(const struct rs_table_definition *definition)
{
    bool found = false;
    for (size_t i = 0; i < definition->column_count; i++) {
        found = found ||
                (definition->columns[i].identity.length > 0 && !definition->columns[i].by_default);
    }
    return found;
}

static bool find_key(const struct rs_migration *migration, struct rs_migrated_table *migrated,
                     struct rs_error *err)
{
    const struct rs_table_definition *definition = migrated->definition;
    if (migration->options->key) {
        return rs_row_key_parse(migration->options->key, definition, &migrated->key, err);
    }
    if (!rs_row_key_find(definition, &migrated->key)) {
        rs_error_set(err, RS_E_USAGE,
                     "table \"%.*s\" has no key to tell its rows apart, and no column \"id\"",
                     RS_STR_ARG(definition->name));
        return rs_error_hint(err, "name columns that no two rows have alike with --key=COLUMNS, or "
                                  "leave the table out (--tables)");
    }
    return true;
}

static bool check_key(struct rs_migration *migration, struct rs_migrated_table *migrated,
                      struct rs_error *err)
{
    if (!find_key(migration, migrated, err)) {
        return false;
    }
    if (has_identity(migrated->target)) {
        rs_error_set(err, RS_E_USAGE,
                     "table \"%.*s\" has an IDENTITY column, which --since cannot "
                     "fill",
                     RS_STR_ARG(migrated->definition->name));
        return rs_error_hint(err, "migrate the table without --since");
    }
    return rs_row_key_check(migration->hosts.from_session,
                            rs_strbuf_str(&migration->hosts.from_schema), migrated->definition,
                            &migrated->key, "old", err) &&
           rs_row_key_check(migration->hosts.to_session, rs_strbuf_str(&migration->hosts.to_schema),
                            migrated->target, &migrated->key, "new", err);
}

static bool ask_greatest(struct rs_migration *migration, struct rs_migrated_table *migrated,
                         struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT max(");
    rs_sql_ident(&sql, migrated->since->name);
    rs_strbuf_append(&sql, ") FROM ");
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), migrated->definition->name);
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
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.from_schema),
                     migrated->definition->name);
    size_t from = sql.length;
    rs_piece_sql_append_where(&sql, &spec);
    struct rs_result *result = rs_session_query(migration->hosts.from_session, &sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, &piece.rows, err) &&
              rs_long_super_check(
                  migration->hosts.from_session, rs_strbuf_str(&migration->hosts.from_schema),
                  migrated->definition, rs_str_slice(rs_strbuf_str(&sql), from, sql.length), err);
    if (ok) {
        rs_pieces_add(&migrated->todo, &piece);
    }
    rs_error_prefix(err, "could not migrate table \"%.*s\"",
                    RS_STR_ARG(migrated->definition->name));
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

static bool plan_since(struct rs_migration *migration, struct rs_error *err)
{
    struct rs_str wanted = rs_str_from(migration->options->since);
    bool ok = rs_session_exec_text(migration->hosts.to_session,
                                   rs_dialect_facts(migration->new.dialect)->all_digits, err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        struct rs_migrated_table *migrated = &migration->migrated[i];
        migrated->since = rs_table_definition_find_column(migrated->definition, wanted);
        if (!migrated->since && migration->options->tables) {
            ok = rs_error_set(err, RS_E_USAGE,
                              "option \"--since\": table \"%.*s\" has no column "
                              "\"%s\"",
                              RS_STR_ARG(migrated->definition->name), migration->options->since);
        } else if (!migrated->since) {
            rs_migrate_notice(migration->report,
                              "table \"%.*s\" is left out: it has no column "
                              "\"%s\"",
                              RS_STR_ARG(migrated->definition->name), migration->options->since);
        } else {
            ok = check_key(migration, migrated, err) && ask_greatest(migration, migrated, err) &&
                 ask_rows(migration, migrated, err);
        }
    }
    return ok;
}

bool rs_migrate_plan(struct rs_migration *migration, struct rs_error *err)
{
    return migration->options->since ? plan_since(migration, err) : plan_pieces(migration, err);
}
