/*
 * Tables are dealt out to workers, which have a session on each host. Days come in order from both
 * hosts and are walked together.
 */
#include "migrate/verify.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "base/workers.h"
#include "ledger/ledger_tables.h"
#include "migrate/long_super.h"
#include "migrate/piece_sql.h"
#include "migrate/row_checksum.h"

enum { DAYS_EXPLAINED = 50, TEXT_MAX_BYTES = 4096, JOBS_DEFAULT = 4, DAY_TEXT = 10 };

/* Where in a table's piece its days are read. */
static const double READ_FROM = 0.45;
static const double READ_TO = 0.9;

static const int64_t DAY_US = (int64_t)86400 * 1000000;

struct verification {
    const struct rs_verify_options *options;
    struct rs_verify_report *report;
    struct rs_hosts hosts;
    struct rs_table_definitions old;
    struct rs_table_definitions new;
    struct rs_tickets tickets;
    pthread_mutex_t mutex; /* of the report */
};

/* A table on one host. */
struct host {
    struct rs_session *session;
    struct rs_str schema;
    struct rs_row_checksum sum;
};

/* A worker's sessions, and the table it is at. */
struct pair {
    struct verification *verification;
    const struct rs_table_definition *wanted; /* the table on the old host */
    const struct rs_table_definition_column *time;
    struct host from;
    struct host to;
    struct rs_meter_piece under_way;
};

/* What one host has of a day, or of what stands for one. */
struct day {
    bool there;
    bool null; /* rows without a time */
    int64_t number;
    uint64_t rows;
    uint64_t sum;
};

static void note_difference(struct pair *pair, const char *day, const char *what, uint64_t from,
                            uint64_t to)
{
    struct rs_verify_report *report = pair->verification->report;
    struct rs_str table = pair->wanted->name;
    (void)pthread_mutex_lock(&pair->verification->mutex);
    report->differences = rs_mem_grow(report->differences, &report->capacity, report->count + 1,
                                      sizeof *report->differences);
    report->differences[report->count++] =
        (struct rs_verify_difference){.table = rs_mem_strndup(table.data, table.length),
                                      .day = rs_mem_strdup(day),
                                      .what = rs_mem_strdup(what),
                                      .from_rows = from,
                                      .to_rows = to};
    (void)pthread_mutex_unlock(&pair->verification->mutex);
}

static void note(struct pair *pair, const struct rs_table_definition_column *column,
                 const char *why)
{
    struct rs_verify_report *report = pair->verification->report;
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    rs_strbuf_printf(&text, "table \"%.*s\", column \"%.*s\": %s", RS_STR_ARG(pair->wanted->name),
                     RS_STR_ARG(column->name), why);
    (void)pthread_mutex_lock(&pair->verification->mutex);
    report->notices = rs_mem_grow(report->notices, &report->notice_capacity,
                                  report->notice_count + 1, sizeof *report->notices);
    report->notices[report->notice_count++] = rs_strbuf_take(&text);
    (void)pthread_mutex_unlock(&pair->verification->mutex);
    rs_strbuf_release(&text);
}

/* --- columns --------------------------------------------------------------------------------- */

/* The old host has a column that is this one. */
static bool is_old(const struct pair *pair, const struct rs_table_definition_column *own)
{
    bool found = false;
    for (size_t i = 0; i < pair->wanted->column_count && !found; i++) {
        found = rs_table_definition_find_column(pair->to.sum.definition,
                                                pair->wanted->columns[i].name) == own;
    }
    return found;
}

/* Columns that only one host has are a difference; those that no sum can compare are told. */
static void check_columns(struct pair *pair)
{
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    const struct rs_table_definition *there = pair->to.sum.definition;
    for (size_t i = 0; i < pair->wanted->column_count; i++) {
        const struct rs_table_definition_column *column = &pair->wanted->columns[i];
        const struct rs_table_definition_column *own =
            rs_table_definition_find_column(there, column->name);
        if (!own) {
            rs_strbuf_printf(&what, "%sno column %.*s", what.length > 0 ? ", " : "",
                             RS_STR_ARG(column->name));
        } else if (!rs_row_checksum_can_compare(&pair->from.sum, column) ||
                   !rs_row_checksum_can_compare(&pair->to.sum, own)) {
            note(pair, column, "values of its type are not compared");
        }
    }
    for (size_t i = 0; i < there->column_count; i++) {
        if (!is_old(pair, &there->columns[i])) {
            note(pair, &there->columns[i], "the old host does not have it");
        }
    }
    if (what.length > 0) {
        note_difference(pair, "all", rs_strbuf_cstr(&what), 0, 0);
    }
    rs_strbuf_release(&what);
}

/* What differs can be compared on both hosts. */
static bool is_compared(const struct pair *pair, size_t column)
{
    const struct rs_table_definition_column *own = rs_table_definition_find_column(
        pair->to.sum.definition, pair->wanted->columns[column].name);
    return own && rs_row_checksum_can_compare(&pair->to.sum, own) &&
           rs_row_checksum_can_compare(&pair->from.sum, &pair->wanted->columns[column]);
}

/*
 * A definition of the columns that both hosts can be compared by; its array is the caller's to free.
 */
static struct rs_table_definition compared_of(const struct pair *pair)
{
    struct rs_table_definition compared = *pair->wanted;
    compared.columns = rs_mem_zalloc(pair->wanted->column_count + 1, sizeof *compared.columns);
    compared.column_count = 0;
    for (size_t i = 0; i < pair->wanted->column_count; i++) {
        if (is_compared(pair, i)) {
            compared.columns[compared.column_count++] = pair->wanted->columns[i];
        }
    }
    return compared;
}

/* --- days ------------------------------------------------------------------------------------ */

static struct rs_result *read_days(struct pair *pair, const struct host *host,
                                   const struct rs_table_definition *compared, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    rs_strbuf_append(&sql, "SELECT ");
    if (pair->time) {
        rs_row_checksum_append_unit(
            &sql, RS_ROW_CHECKSUM_DAY,
            rs_table_definition_find_column(host->sum.definition, pair->time->name));
    } else {
        rs_strbuf_append(&sql, "0");
    }
    rs_strbuf_append(&sql, " AS d, count(*), ");
    rs_row_checksum_append_rows(&sql, &host->sum, compared);
    rs_strbuf_append(&sql, " FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(host->sum.dialect, host->sum.definition));
    rs_sql_qualified(&sql, host->schema, pair->wanted->name);
    rs_strbuf_append(&sql, pair->time ? " GROUP BY 1 ORDER BY 1" : "");
    struct rs_result *result = rs_session_query(host->session, &sql, err);
    rs_strbuf_release(&sql);
    return result;
}

static bool day_at(const struct pair *pair, const struct rs_result *result, size_t row,
                   struct day *out, struct rs_error *err)
{
    *out = (struct day){.there = row < rs_result_rows(result)};
    if (!out->there) {
        return true;
    }
    out->null = pair->time && rs_result_is_null(result, row, 0);
    out->sum = rs_row_checksum_parse(rs_result_text(result, row, 2));
    return rs_result_u64(result, row, 1, &out->rows, err) &&
           (!pair->time || out->null ||
            rs_row_checksum_parse_unit(rs_result_text(result, row, 0), RS_ROW_CHECKSUM_DAY,
                                       &out->number, err));
}

/* Which day comes first: negative, positive, or 0 when they are one. NULLs are last in both. */
static int order_days(const struct day *left, const struct day *right)
{
    if (!left->there || !right->there) {
        return left->there ? -1 : 1;
    }
    if (left->null != right->null) {
        return left->null ? 1 : -1;
    }
    return left->null ? 0 : (left->number > right->number) - (left->number < right->number);
}

static void name_day(const struct pair *pair, const struct day *day, struct rs_strbuf *out)
{
    char text[RS_TIMEFMT_MAX] = "";
    if (!pair->time || day->null) {
        rs_strbuf_append(out, pair->time ? "none" : "all");
        return;
    }
    (void)rs_timefmt_format(day->number * DAY_US, text);
    rs_strbuf_append_bytes(out, text, DAY_TEXT);
}

static struct rs_result *read_columns(struct pair *pair, const struct host *host,
                                      const struct rs_table_definition *compared,
                                      const struct day *day, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    const struct rs_table_definition_column *time =
        pair->time ? rs_table_definition_find_column(host->sum.definition, pair->time->name) : NULL;
    struct rs_piece piece = {.kind = day->null ? RS_PIECE_NULL : RS_PIECE_HOURS,
                             .first_hour = day->number * 24,
                             .end_hour = day->number * 24 + 24};
    struct rs_piece_spec spec = {.time = time, .piece = &piece};
    rs_strbuf_append(&sql, "SELECT ");
    for (size_t i = 0; i < compared->column_count; i++) {
        rs_strbuf_append(&sql, i > 0 ? ", " : "");
        rs_row_checksum_append_column(&sql, &host->sum, compared, i);
    }
    rs_strbuf_append(&sql, " FROM ");
    rs_strbuf_append(&sql, rs_table_definition_only(host->sum.dialect, host->sum.definition));
    rs_sql_qualified(&sql, host->schema, pair->wanted->name);
    rs_piece_sql_append_where(&sql, &spec);
    struct rs_result *result = rs_session_query(host->session, &sql, err);
    rs_strbuf_release(&sql);
    return result;
}

/* Append the names of the columns that differ on a day that both hosts have. */
static bool name_columns(struct pair *pair, const struct rs_table_definition *compared,
                         const struct day *day, struct rs_strbuf *out, struct rs_error *err)
{
    struct rs_result *from = read_columns(pair, &pair->from, compared, day, err);
    struct rs_result *to = from ? read_columns(pair, &pair->to, compared, day, err) : NULL;
    size_t others = 0;
    for (size_t i = 0; to && i < compared->column_count; i++) {
        if (!rs_str_equal(rs_result_text(from, 0, i), rs_result_text(to, 0, i))) {
            others++;
            rs_strbuf_append(out, out->length > 0 ? ", " : "");
            rs_strbuf_append_str(out, compared->columns[i].name);
        }
    }
    if (to && others == compared->column_count && others > 1) {
        rs_strbuf_reset(out);
        rs_strbuf_append(out, "whole rows");
    } else if (to && others == 0) { /* of tables without an id: values have changed places */
        rs_strbuf_append(out, "values in other rows");
    }
    rs_result_free(from);
    rs_result_free(to);
    return to != NULL;
}

static bool tell_day(struct pair *pair, const struct rs_table_definition *compared,
                     const struct day *from, const struct day *to, unsigned explained,
                     struct rs_error *err)
{
    struct rs_strbuf day = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    struct rs_strbuf what = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    bool ok = true;
    name_day(pair, from->there ? from : to, &day);
    if (from->there && to->there && explained < DAYS_EXPLAINED) {
        ok = name_columns(pair, compared, from, &what, err);
    }
    if (ok) {
        note_difference(pair, rs_strbuf_cstr(&day), rs_strbuf_cstr(&what), from->rows, to->rows);
    }
    rs_strbuf_release(&day);
    rs_strbuf_release(&what);
    return ok;
}

/* --- days that differ in "uuid_ts" alone --------------------------------------------------------- */

/*
 * When a row was loaded is for each host to say: of events that both have loaded, every day differs in
 * it. So such days are told as one, after a second look at days without that column.
 */
struct reloaded {
    struct rs_result *from; /* the days once more; NULL: the table has no such days */
    struct rs_result *to;
    size_t days;
    struct day first;
    struct day last;
    uint64_t from_rows;
    uint64_t to_rows;
};

static bool is_load_time(const struct rs_table_definition_column *column)
{
    return rs_str_equal(column->name, RS_STR("uuid_ts"));
}

/* The days of both hosts, in their order, have the same sums. */
static bool are_equal(const struct rs_result *from, const struct rs_result *to)
{
    bool equal = rs_result_rows(from) == rs_result_rows(to);
    for (size_t i = 0; equal && i < rs_result_rows(from); i++) {
        equal = rs_str_equal(rs_result_text(from, i, 0), rs_result_text(to, i, 0)) &&
                rs_str_equal(rs_result_text(from, i, 1), rs_result_text(to, i, 1)) &&
                rs_row_checksum_parse(rs_result_text(from, i, 2)) ==
                    rs_row_checksum_parse(rs_result_text(to, i, 2));
    }
    return equal;
}

static bool look_again(struct pair *pair, const struct rs_table_definition *compared,
                       struct reloaded *out, struct rs_error *err)
{
    struct rs_table_definition others = *compared;
    others.columns = rs_mem_zalloc(compared->column_count + 1, sizeof *others.columns);
    others.column_count = 0;
    for (size_t i = 0; i < compared->column_count; i++) {
        if (!is_load_time(&compared->columns[i])) {
            others.columns[others.column_count++] = compared->columns[i];
        }
    }
    bool ok = true;
    if (others.column_count > 0 && others.column_count < compared->column_count) {
        out->from = read_days(pair, &pair->from, &others, err);
        out->to = out->from ? read_days(pair, &pair->to, &others, err) : NULL;
        ok = out->to != NULL;
    }
    rs_mem_free(others.columns);
    return ok;
}

/* Is the day, which stands there and there in the days, the same but for that column? Then it is kept. */
static bool keep_reloaded(const struct pair *pair, struct reloaded *reloaded,
                          const struct day *from, const struct day *to, size_t at_from,
                          size_t at_to)
{
    struct rs_error ignored = {0};
    struct day left = {.there = false};
    struct day right = {.there = false};
    if (!reloaded->to || from->rows != to->rows ||
        !day_at(pair, reloaded->from, at_from, &left, &ignored) ||
        !day_at(pair, reloaded->to, at_to, &right, &ignored) || !left.there || !right.there ||
        order_days(&left, from) != 0 || order_days(&right, to) != 0 || left.rows != from->rows ||
        right.rows != to->rows || left.sum != right.sum) {
        return false; /* also where rows came in between */
    }
    reloaded->first = reloaded->days == 0 ? *from : reloaded->first;
    reloaded->last = *from;
    reloaded->days++;
    reloaded->from_rows += from->rows;
    reloaded->to_rows += to->rows;
    return true;
}

/* One row for all of them. */
static void tell_reloaded(struct pair *pair, const struct reloaded *reloaded)
{
    struct rs_strbuf days = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    name_day(pair, &reloaded->first, &days);
    if (reloaded->days > 1) {
        rs_strbuf_append(&days, " to ");
        name_day(pair, &reloaded->last, &days);
        rs_strbuf_printf(&days, ", %zu days", reloaded->days);
    }
    if (reloaded->days > 0) {
        note_difference(pair, rs_strbuf_cstr(&days), "uuid_ts", reloaded->from_rows,
                        reloaded->to_rows);
    }
    rs_strbuf_release(&days);
}

/* --- the walk ------------------------------------------------------------------------------------ */

static bool walk_days(struct pair *pair, const struct rs_table_definition *compared,
                      const struct rs_result *from, const struct rs_result *to,
                      struct reloaded *reloaded, struct rs_error *err)
{
    static const struct day nothing = {.there = false};
    uint64_t rows = 0;
    unsigned told = 0;
    bool ok = true;
    for (size_t i = 0, j = 0; ok && (i < rs_result_rows(from) || j < rs_result_rows(to));) {
        struct day left = nothing;
        struct day right = nothing;
        if (!day_at(pair, from, i, &left, err) || !day_at(pair, to, j, &right, err)) {
            return false;
        }
        int order = order_days(&left, &right);
        bool equal = order == 0 && left.rows == right.rows && left.sum == right.sum;
        if (!equal && !(order == 0 && keep_reloaded(pair, reloaded, &left, &right, i, j))) {
            ok = tell_day(pair, compared, order <= 0 ? &left : &nothing,
                          order >= 0 ? &right : &nothing, told++, err);
        }
        rows += order <= 0 ? left.rows : 0;
        i += order <= 0;
        j += order >= 0;
    }
    tell_reloaded(pair, reloaded);
    (void)pthread_mutex_lock(&pair->verification->mutex);
    pair->verification->report->rows += rows;
    (void)pthread_mutex_unlock(&pair->verification->mutex);
    return ok;
}

/* --- tables ---------------------------------------------------------------------------------- */

static bool compare_table(struct pair *pair, struct rs_error *err)
{
    const struct verification *verification = pair->verification;
    const struct rs_table_definition *there =
        rs_table_definitions_find(&verification->new, pair->wanted->name);
    bool across = verification->old.dialect != verification->new.dialect;
    if (!there) {
        note_difference(pair, "all", "no such table", 0, 0);
        return true;
    }
    pair->from.sum = (struct rs_row_checksum){verification->old.dialect, across, pair->wanted};
    pair->to.sum = (struct rs_row_checksum){verification->new.dialect, across, there};
    pair->time = rs_piece_sql_time_column(pair->wanted);
    pair->time =
        pair->time && rs_table_definition_find_column(there, pair->time->name) ? pair->time : NULL;
    check_columns(pair);
    struct rs_table_definition compared = compared_of(pair);
    bool readable =
        rs_long_super_check(pair->from.session, pair->from.schema, pair->wanted, RS_STR(""), err) &&
        rs_long_super_check(pair->to.session, pair->to.schema, there, RS_STR(""), err);
    struct reloaded reloaded = {0};
    rs_meter_step(&pair->under_way, READ_FROM);
    struct rs_result *from = readable ? read_days(pair, &pair->from, &compared, err) : NULL;
    rs_meter_step(&pair->under_way, READ_TO);
    struct rs_result *to = from ? read_days(pair, &pair->to, &compared, err) : NULL;
    rs_meter_step(&pair->under_way, 1.0);
    bool ok = to && (are_equal(from, to) || look_again(pair, &compared, &reloaded, err)) &&
              walk_days(pair, &compared, from, to, &reloaded, err);
    rs_result_free(from);
    rs_result_free(to);
    rs_result_free(reloaded.from);
    rs_result_free(reloaded.to);
    rs_mem_free(compared.columns);
    return ok;
}

static bool is_wanted(const struct verification *verification,
                      const struct rs_table_definition *definition)
{
    return !rs_ledger_is_table(definition->name) &&
           rs_hosts_is_listed(verification->options->tables, definition->name);
}

static bool work(void *arg, unsigned worker, struct rs_error *err)
{
    struct verification *verification = arg;
    struct pair pair = {.verification = verification,
                        .from = {.session = rs_connect_open(verification->hosts.from, err),
                                 .schema = rs_strbuf_str(&verification->hosts.from_schema)},
                        .to = {.schema = rs_strbuf_str(&verification->hosts.to_schema)}};
    (void)worker;
    pair.to.session = pair.from.session ? rs_connect_open(verification->hosts.to, err) : NULL;
    bool ok = pair.to.session != NULL;
    size_t next = 0;
    while (ok && rs_tickets_take(&verification->tickets, &next)) {
        pair.wanted = &verification->old.definitions[next];
        if (!is_wanted(verification, pair.wanted)) {
            continue;
        }
        rs_meter_begin(&pair.under_way, verification->options->meter, pair.wanted->name, 1.0);
        ok = compare_table(&pair, err);
        rs_meter_end(&pair.under_way);
        if (!ok) {
            rs_error_prefix(err, "could not compare table \"%.*s\"", RS_STR_ARG(pair.wanted->name));
        }
    }
    if (!ok) {
        rs_tickets_stop(&verification->tickets);
    }
    rs_session_close(pair.from.session);
    rs_session_close(pair.to.session);
    return ok;
}

static int by_table(const void *left, const void *right)
{
    const struct rs_verify_difference *a = left;
    const struct rs_verify_difference *b = right;
    int order = rs_str_compare(rs_str_from(a->table), rs_str_from(b->table));
    return order != 0 ? order : rs_str_compare(rs_str_from(a->day), rs_str_from(b->day));
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The same differences in the same order, whichever worker found them. */
static void sort_report(struct rs_verify_report *report)
{
    if (report->count > 1) {
        qsort(report->differences, report->count, sizeof *report->differences, by_table);
    }
    if (report->notice_count > 1) {
        qsort(report->notices, report->notice_count, sizeof *report->notices, by_text);
    }
}

bool rs_verify_run(const struct rs_env *env, const struct rs_verify_options *options,
                   struct rs_verify_report *report, struct rs_error *err)
{
    struct verification verification = {.options = options,
                                        .report = report,
                                        .hosts = {.env = env},
                                        .tickets = RS_TICKETS_INIT(0),
                                        .mutex = PTHREAD_MUTEX_INITIALIZER};
    int64_t begun_us = env->monotonic_us(env);
    unsigned jobs = options->jobs ? options->jobs : JOBS_DEFAULT;
    bool ok = rs_hosts_open(env, &options->hosts, &verification.hosts, err) &&
              rs_hosts_read_tables(&verification.hosts, "verify", &verification.old,
                                   &verification.new, err) &&
              rs_hosts_check_list("--tables", options->tables, &verification.old, err);
    for (size_t i = 0; i < verification.old.count && ok; i++) {
        report->tables += is_wanted(&verification, &verification.old.definitions[i]);
    }
    verification.tickets.count = verification.old.count;
    jobs = report->tables < jobs ? (unsigned)report->tables : jobs;
    rs_meter_enter(options->meter, "comparing",
                   &(struct rs_meter_work){.total = (double)report->tables,
                                           .pieces = report->tables,
                                           .noun = "tables",
                                           .unit = ""});
    ok = ok && (jobs == 0 || rs_workers_run(jobs, work, &verification, err));
    sort_report(report);
    report->seconds += (double)(env->monotonic_us(env) - begun_us) / 1e6;
    rs_table_definitions_release(&verification.old);
    rs_table_definitions_release(&verification.new);
    rs_hosts_close(&verification.hosts);
    return ok;
}
