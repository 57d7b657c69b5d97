/*
 * One query a table: how many rows each hour has and, where pieces of it were copied before, what
 * they sum up to. Then rs_pieces_plan knows what is new and what has changed.
 *
 * Rows that came by --since, or before any migration, are of no piece that rs_pieces tells of. Such
 * a table is marked there, and as long as it is its rows on the new host are summed up, too: pieces
 * hold what is there, and what none holds becomes one. The mark goes when all pieces are carried.
 *
 * With --since it is the rows from the greatest value on that the new host has in the column. Rows
 * are told apart by a key, as those of the last value come again each time.
 */
#include "migrate/migrate_plan.h"

#include "base/mem.h"
#include "base/timefmt.h"
#include "base/workers.h"
#include "ledger/ledger_pieces.h"
#include "migrate/long_super.h"
#include "migrate/migrate_report.h"
#include "migrate/migrate_tables.h"
#include "migrate/piece_copy.h"
#include "migrate/piece_sql.h"
#include "migrate/row_checksum.h"

enum { SMALL_SQL = 64 << 10, NAME_MAX_BYTES = 128 };

#define SINCE_MARK "since" /* the name of its piece */

static const uint64_t ROUND = (uint64_t)1 << 30;
static const int64_t OVERLAP_US = (int64_t)3600 * 1000000; /* as the manual says */

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

/*
 * What rs_pieces says beside pieces. A horizon is of use to the server that gave it, as long as its
 * transactions' numbers, of which rows have 32 bits, have not gone round.
 */
static void take_word(const struct rs_migration *migration, struct rs_migrated_table *migrated,
                      struct rs_str word, uint64_t number)
{
    const struct rs_horizon *horizon = &migration->horizon;
    struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_horizon_append_name(&name, horizon);
    if (rs_str_equal(word, RS_STR(SINCE_MARK))) {
        migrated->is_marked = true;
    } else if (horizon->transaction > 0 && rs_str_equal(word, rs_strbuf_str(&name)) &&
               number <= horizon->transaction && horizon->transaction - number < ROUND) {
        migrated->seen = number;
    }
    rs_strbuf_release(&name);
}

static bool take_row(const struct rs_migration *migration, const struct rs_result *result,
                     size_t row, struct rs_error *err)
{
    struct rs_migrated_table *migrated = rs_migrate_find(migration, rs_result_text(result, row, 0));
    struct rs_piece piece = {.kind = RS_PIECE_ALL};
    if (!migrated) {
        return true; /* of a table that is not copied now */
    }
    if (!rs_piece_parse_name(rs_result_text(result, row, 1), &piece)) {
        take_word(migration, migrated, rs_result_text(result, row, 1),
                  rs_row_checksum_parse(rs_result_text(result, row, 3)));
        return true;
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
    struct rs_result *result = NULL;
    bool ok =
        rs_piece_copy_ask_horizon(migration->hosts.from_session, &migration->horizon, err) &&
        (result = rs_ledger_list_pieces(migration->hosts.to_session,
                                        rs_strbuf_str(&migration->hosts.to_schema), err)) != NULL;
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
    if (migrated->done.count > 0 || migrated->is_looked_at || migration->options->switching) {
        return true;
    }
    rs_strbuf_append(&sql, "SELECT 1 FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(migration->new.dialect, migrated->target));
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), migrated->definition->name);
    rs_strbuf_append(&sql, " LIMIT 1");
    struct rs_result *result = rs_session_query(migration->hosts.to_session, &sql, err);
    bool ok = result != NULL;
    if (ok && rs_result_rows(result) > 0) {
        ok = rs_error_set(err, RS_E_DATABASE,
                          "could not migrate table \"%.*s\": it has rows on the new host that no "
                          "migration has put there",
                          RS_STR_ARG(migrated->definition->name));
        (void)rs_error_hint(err,
                            "have it replaced with --again=%.*s, or leave it out with "
                            "--tables",
                            RS_STR_ARG(migrated->definition->name));
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

static uint64_t piece_rows(const struct rs_migration *migration)
{
    return migration->options->piece_rows ? migration->options->piece_rows : RS_MIGRATE_PIECE_ROWS;
}

/*
 * The hosts speak other dialects. The sums by which their rows are compared are not those that
 * rs_pieces has, which are the old host's alone.
 */
static bool is_across(const struct rs_migration *migration)
{
    const struct rs_table_definition_place place = rs_hosts_place(&migration->hosts);
    return place.from != place.to;
}

/* A table on one host. */
struct table_there {
    struct rs_session *session;
    struct rs_str schema;
    const struct rs_table_definition *definition;
};

static bool take_hour(const struct rs_result *result, size_t row, bool timed,
                      struct rs_piece_hour *hour, struct rs_error *err)
{
    hour->null = timed && rs_result_is_null(result, row, 0);
    hour->sum = rs_row_checksum_parse(rs_result_text(result, row, 2));
    return rs_result_u64(result, row, 1, &hour->rows, err) &&
           (!timed || hour->null ||
            rs_row_checksum_parse_unit(rs_result_text(result, row, 0), RS_ROW_CHECKSUM_HOUR,
                                       &hour->hour, err));
}

static bool read_hours(const struct planning *planning, const struct table_there *there,
                       const struct rs_migrated_table *migrated, struct hours *out,
                       struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct rs_row_checksum sum = {.dialect = rs_session_dialect(there->session),
                                  .across =
                                      migrated->is_looked_at && is_across(planning->migration),
                                  .definition = there->definition};
    const struct rs_table_definition_column *time =
        migrated->time ? rs_table_definition_find_column(there->definition, migrated->time->name)
                       : NULL;
    rs_strbuf_append(&sql, "SELECT ");
    if (time) {
        rs_row_checksum_append_unit(&sql, RS_ROW_CHECKSUM_HOUR, time);
    } else {
        rs_strbuf_append(&sql, "0");
    }
    rs_strbuf_append(&sql, " AS h, count(*), ");
    if (migrated->done.count > 0 || migrated->is_looked_at) {
        rs_row_checksum_append_rows(&sql, &sum, migrated->definition);
    } else {
        rs_strbuf_append(&sql, "0");
    }
    rs_strbuf_append(&sql, " FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(sum.dialect, there->definition));
    rs_sql_qualified(&sql, there->schema, there->definition->name);
    rs_strbuf_append(&sql, time ? " GROUP BY 1 ORDER BY 1" : "");
    struct rs_result *result = rs_session_query(there->session, &sql, err);
    bool ok = result != NULL;
    size_t rows = ok ? rs_result_rows(result) : 0;
    out->hours = rs_mem_zalloc(rows + 1, sizeof *out->hours);
    for (size_t row = 0; row < rows && ok; row++) {
        ok = take_hour(result, row, time != NULL, &out->hours[out->count++], err);
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* What is done is what is there, and nothing is there that no piece holds. */
static bool look_there(const struct planning *planning, struct rs_session *session,
                       struct rs_migrated_table *migrated, struct rs_error *err)
{
    const struct rs_migration *migration = planning->migration;
    const struct table_there there = {session, rs_strbuf_str(&migration->hosts.to_schema),
                                      migrated->target};
    struct rs_piece_list unknown = {NULL, 0, 0};
    struct hours hours = {NULL, 0};
    bool ok = read_hours(planning, &there, migrated, &hours, err);
    if (ok && !migrated->time && migrated->done.count == 0) {
        rs_pieces_add(&migrated->done, &(struct rs_piece){.kind = RS_PIECE_ALL});
    }
    if (ok) {
        rs_pieces_measure(hours.hours, hours.count, &migrated->done);
        rs_pieces_plan(hours.hours, hours.count, &migrated->done, piece_rows(migration), &unknown);
    }
    for (size_t i = 0; i < unknown.count; i++) {
        rs_pieces_add(&migrated->done, &unknown.pieces[i]);
    }
    rs_pieces_release(&unknown);
    rs_mem_free(hours.hours);
    return ok;
}

/* The sums of both hosts tell nothing of a column. */
static bool has_incomparable(const struct rs_migration *migration,
                             const struct rs_migrated_table *migrated)
{
    const struct rs_row_checksum sum = {.dialect = migration->old.dialect,
                                        .across = is_across(migration),
                                        .definition = migrated->definition};
    bool found = false;
    for (size_t i = 0; i < migrated->definition->column_count && !found; i++) {
        found = !rs_row_checksum_can_compare(&sum, &migrated->definition->columns[i]);
    }
    return found;
}

/* It is named to be carried anew. */
static bool is_named(const struct rs_migration *migration, const struct rs_migrated_table *migrated)
{
    return migration->options->anew &&
           rs_hosts_is_listed(migration->options->anew, migrated->definition->name);
}

/* It is carried whatever is there now. */
static bool is_anew(const struct rs_migration *migration, const struct rs_migrated_table *migrated)
{
    return migration->options->again || is_named(migration, migrated) ||
           (migrated->is_looked_at && has_incomparable(migration, migrated));
}

/* A worker's sessions; that on the new host is opened for the first table that is looked at. */
struct pair {
    struct rs_session *from;
    struct rs_session *to;
};

static bool plan_table(const struct planning *planning, struct pair *pair,
                       struct rs_migrated_table *migrated, struct rs_error *err)
{
    const struct rs_migration *migration = planning->migration;
    const struct table_there old = {pair->from, rs_strbuf_str(&migration->hosts.from_schema),
                                    migrated->definition};
    struct hours hours = {NULL, 0};
    if (migrated->is_looked_at && !pair->to) {
        pair->to = rs_connect_open(migration->hosts.to, err);
    }
    bool ok =
        (!migrated->is_looked_at || (pair->to && look_there(planning, pair->to, migrated, err))) &&
        rs_long_super_check(pair->from, old.schema, migrated->definition, RS_STR(""), err) &&
        read_hours(planning, &old, migrated, &hours, err);
    for (size_t i = 0; i < migrated->done.count && is_anew(migration, migrated); i++) {
        migrated->done.pieces[i].rows = UINT64_MAX; /* never what it is now */
    }
    if (ok && !migrated->time && migrated->done.count == 0) {
        struct rs_piece all = {.kind = RS_PIECE_ALL, .rows = hours.hours[0].rows};
        rs_pieces_add(&migrated->todo, &all);
    } else if (ok) {
        rs_pieces_plan(hours.hours, hours.count, &migrated->done, piece_rows(migration),
                       &migrated->todo);
    }
    for (size_t i = 0; ok && i < migrated->done.count; i++) {
        if (!rs_pieces_have(&migrated->todo, &migrated->done.pieces[i])) {
            rs_pieces_add(&migrated->kept, &migrated->done.pieces[i]);
        }
    }
    migrated->report->kept_pieces = migrated->kept.count;
    rs_mem_free(hours.hours);
    return ok;
}

static bool work(void *arg, unsigned worker, struct rs_error *err)
{
    struct planning *planning = arg;
    struct rs_migration *migration = planning->migration;
    struct pair pair = {.from = rs_connect_open(migration->hosts.from, err)};
    bool ok = pair.from != NULL;
    size_t next = 0;
    (void)worker;
    while (ok && rs_tickets_take(&planning->tickets, &next)) {
        ok = plan_table(planning, &pair, &migration->migrated[next], err);
        if (!ok) {
            rs_error_prefix(err, "could not migrate table \"%.*s\"",
                            RS_STR_ARG(migration->migrated[next].definition->name));
        }
    }
    if (!ok) {
        rs_tickets_stop(&planning->tickets);
    }
    rs_session_close(pair.from);
    rs_session_close(pair.to);
    return ok;
}

/* A run that is broken off leaves the mark, and the next one looks at the table as this one did. */
static bool mark_anew(struct rs_migration *migration, struct rs_migrated_table *migrated,
                      struct rs_error *err)
{
    const struct rs_ledger_piece mark = {
        .table = migrated->definition->name, .piece = RS_STR(SINCE_MARK), .run_id = RS_STR("")};
    bool anew = is_named(migration, migrated);
    bool ok = !anew || migrated->is_marked ||
              rs_ledger_put_piece(migration->hosts.to_session,
                                  rs_strbuf_str(&migration->hosts.to_schema), &mark, err);
    migrated->is_marked = migrated->is_marked || (anew && ok);
    migrated->is_looked_at = migrated->is_marked;
    return ok;
}

static bool check_anew(const struct rs_migration *migration, struct rs_error *err)
{
    const char *anew = migration->options->anew;
    bool ok = rs_hosts_check_list("--again", anew, &migration->old, err);
    for (size_t i = 0; anew && ok && i < migration->old.count; i++) {
        struct rs_str name = migration->old.definitions[i].name;
        if (rs_hosts_is_listed(anew, name) && !rs_migrate_find(migration, name)) {
            ok = rs_error_set(err, RS_E_USAGE,
                              "option \"--again\": table \"%.*s\" is left out by --tables",
                              RS_STR_ARG(name));
        }
    }
    return ok;
}

static bool plan_pieces(struct rs_migration *migration, struct rs_error *err)
{
    unsigned jobs = migration->options->jobs ? migration->options->jobs : RS_MIGRATE_JOBS;
    struct planning planning = {migration, RS_TICKETS_INIT(migration->migrated_count)};
    jobs = migration->migrated_count < jobs ? (unsigned)migration->migrated_count : jobs;
    bool ok = check_anew(migration, err) && read_done(migration, err);
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        ok = mark_anew(migration, &migration->migrated[i], err) &&
             check_empty(migration, &migration->migrated[i], err);
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

static bool is_time(const struct rs_table_definition_column *column)
{
    return rs_table_definition_is_timestamp(column) || rs_table_definition_is_zoned(column) ||
           rs_table_definition_is(column, "date");
}

/* A stamp of the future keeps nothing back: rows from now on come each time. */
static void append_until_now(struct rs_strbuf *sql, const struct rs_migration *migration,
                             const struct rs_migrated_table *migrated)
{
    const struct rs_table_definition_column *own =
        rs_table_definition_find_column(migrated->target, migrated->since->name);
    char now[RS_TIMEFMT_MAX] = "";
    if (own && is_time(own)) {
        size_t length = rs_timefmt_format(migration->env->now_us(migration->env), now);
        rs_strbuf_append(sql, " WHERE ");
        rs_sql_ident(sql, own->name);
        rs_strbuf_printf(sql, " <= CAST('%.*s%s' AS ", (int)length, now,
                         rs_table_definition_is_zoned(own) ? "+00" : "");
        rs_strbuf_append_str(sql, own->type);
        rs_strbuf_append_char(sql, ')');
    }
}

static bool is_number(const struct rs_table_definition_column *column)
{
    return rs_table_definition_is(column, "smallint") ||
           rs_table_definition_is(column, "integer") || rs_table_definition_is(column, "bigint") ||
           rs_str_starts(column->type, RS_STR("numeric"));
}

/* How far back from the greatest value rows are looked at. */
static bool settle_overlap(const struct rs_migration *migration, struct rs_migrated_table *migrated,
                           struct rs_error *err)
{
    const struct rs_migrate_options *options = migration->options;
    bool time = is_time(migrated->since);
    int64_t us = options->overlap_us > 0 || migrated->seen > 0 ? options->overlap_us : OVERLAP_US;
    if ((options->overlap_us > 0 && !time) ||
        (options->overlap > 0 && !is_number(migrated->since))) {
        rs_error_set(err, RS_E_USAGE,
                     "option \"--overlap\": column \"%.*s\" of table \"%.*s\" is %.*s",
                     RS_STR_ARG(migrated->since->name), RS_STR_ARG(migrated->definition->name),
                     RS_STR_ARG(migrated->since->type));
        return rs_error_hint(err, "give a length of time, as 6h, for a column of times, and a "
                                  "number for one of numbers");
    }
    migrated->overlap = RS_STRBUF_INIT(SMALL_SQL);
    if (time && us > 0) {
        rs_strbuf_printf(&migrated->overlap, " - INTERVAL '%lld seconds'",
                         (long long)(us / 1000000));
    } else if (options->overlap > 0) {
        rs_strbuf_printf(&migrated->overlap, " - %llu", (unsigned long long)options->overlap);
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
    rs_strbuf_append(&sql, rs_table_definition_only(migration->new.dialect, migrated->target));
    rs_sql_qualified(&sql, rs_strbuf_str(&migration->hosts.to_schema), migrated->definition->name);
    append_until_now(&sql, migration, migrated);
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
                                 .since_value = rs_str_from(migrated->since_value),
                                 .overlap = rs_strbuf_str(&migrated->overlap),
                                 .seen = migrated->seen};
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT count(*) FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(migration->old.dialect, migrated->definition));
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
    bool ok = read_done(migration, err) &&
              rs_session_exec_text(migration->hosts.to_session,
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
            ok = check_key(migration, migrated, err) && settle_overlap(migration, migrated, err) &&
                 ask_greatest(migration, migrated, err) && ask_rows(migration, migrated, err);
        }
    }
    return ok;
}

bool rs_migrate_plan(struct rs_migration *migration, struct rs_error *err)
{
    return migration->options->since ? plan_since(migration, err) : plan_pieces(migration, err);
}

/*
 * The mark goes: rs_pieces knows all pieces again. Across dialects it does not know sums of those
 * that were kept, and the table is looked at until all of them are carried.
 */
static bool settle_table(struct rs_migration *migration, const struct rs_migrated_table *migrated,
                         struct rs_error *err)
{
    struct rs_session *to = migration->hosts.to_session;
    struct rs_str schema = rs_strbuf_str(&migration->hosts.to_schema);
    struct rs_str table = migrated->definition->name;
    bool ok = rs_session_begin(to, err);
    for (size_t i = 0; i < migrated->kept.count && ok; i++) {
        struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
        rs_piece_append_name(&name, &migrated->kept.pieces[i]);
        const struct rs_ledger_piece piece = {.table = table,
                                              .piece = rs_strbuf_str(&name),
                                              .rows = migrated->kept.pieces[i].rows,
                                              .rowsum = migrated->kept.pieces[i].sum,
                                              .run_id = RS_STR("")};
        ok = rs_ledger_put_piece(to, schema, &piece, err);
        rs_strbuf_release(&name);
    }
    ok = ok && rs_ledger_forget_piece(to, schema, table, RS_STR(SINCE_MARK), err) &&
         rs_session_commit(to, err);
    if (!ok) {
        rs_session_rollback(to);
    }
    return ok;
}

/* The first --since goes on from where a migration has begun to read. */
static bool tell_seen(struct rs_migration *migration, const struct rs_migrated_table *migrated,
                      struct rs_error *err)
{
    struct rs_strbuf name = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_horizon_append_name(&name, &migration->horizon);
    const struct rs_ledger_piece seen = {.table = migrated->definition->name,
                                         .piece = rs_strbuf_str(&name),
                                         .rowsum = migration->horizon.transaction,
                                         .run_id = RS_STR("")};
    bool ok = migration->horizon.transaction == 0 || migrated->seen > 0 ||
              migration->options->since || migration->options->what == RS_MIGRATE_LEDGER ||
              rs_ledger_put_piece(migration->hosts.to_session,
                                  rs_strbuf_str(&migration->hosts.to_schema), &seen, err);
    rs_strbuf_release(&name);
    return ok;
}

bool rs_migrate_settle(struct rs_migration *migration, struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < migration->migrated_count && ok; i++) {
        const struct rs_migrated_table *migrated = &migration->migrated[i];
        bool known = migrated->kept.count == 0 || !is_across(migration);
        ok = (!migrated->is_looked_at || !known || settle_table(migration, migrated, err)) &&
             tell_seen(migration, migrated, err);
    }
    return ok;
}
