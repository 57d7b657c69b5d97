/*
 * Compares what the inputs have of a window with what the tables have, a table at a time: the rows
 * that a load would put in, duplicates settled, against the ids of the rows there that were
 * received in the window. Of an id only 128 bits of hash are kept, so a table's window takes 16
 * bytes an id on each side; the rows of the inputs keep to the run's budget of memory.
 *
 * An id that is missing may have come again later, and then its row is of a later time: 200000
 * missing ids are looked for there, or 20000 where none of these is. All others are simply missing.
 */
#include "sync/compare.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "rows/rows.h"
#include "sync/window.h"
#include "transform/cells.h"

enum {
    IDS_MAX = 1 << 26, /* 1 GiB of them */
    FETCH_ROWS = 20000,
    LOOKUP_IDS = 2000,
    LOOKUP_BYTES = 1 << 20,
    LOOKUPS_MAX = 100,
    LOOKUPS_IN_VAIN_MAX = 10, /* then nothing of it came again */
};

struct digest {
    uint64_t high;
    uint64_t low;
};

struct digests {
    struct digest *items;
    size_t count;
    size_t capacity;
};

static int compare_digests(const void *left, const void *right)
{
    const struct digest *a = left;
    const struct digest *b = right;
    if (a->high != b->high) {
        return a->high < b->high ? -1 : 1;
    }
    return a->low < b->low ? -1 : a->low > b->low;
}

static struct digest digest_of(struct rs_str id)
{
    return (struct digest){rs_hash64(id, 1), rs_hash64(id, 2)};
}

static bool add(struct digests *digests, struct rs_str id, struct rs_error *err)
{
    if (digests->count == IDS_MAX) {
        (void)rs_error_set(err, RS_E_LIMIT,
                           "a table has more than %d events in one window, which are too many "
                           "to compare at once",
                           IDS_MAX);
        return rs_error_hint(err, "compare fewer at once, by --types or --events");
    }
    digests->items =
        rs_mem_grow(digests->items, &digests->capacity, digests->count + 1, sizeof *digests->items);
    digests->items[digests->count++] = digest_of(id);
    return true;
}

static void sort(struct digests *digests)
{
    if (digests->count > 0) {
        qsort(digests->items, digests->count, sizeof *digests->items, compare_digests);
    }
}

/* One table's work. */
struct comparison {
    struct rs_pipeline *pipeline;
    const struct rs_layout_table *table;
    const struct rs_table *existing; /* NULL: the table is not there */
    struct digests events;
    struct digests rows;
    struct digests missing; /* sorted, as events are */
    struct rs_window_difference difference;
};

/* Call use for the id of each row that the table would get, until it says no more by *enough. */
static bool each_event(struct comparison *work,
                       bool (*use)(void *arg, struct rs_str id, bool *enough, struct rs_error *err),
                       void *arg, struct rs_error *err)
{
    struct rs_rows *rows = work->pipeline->intake.rows;
    bool enough = false;
    bool ok = true;
    struct rs_rows_cursor *cursor =
        rs_rows_open(rows, work->table, 0, rs_rows_weight(rows, work->table));
    struct rs_row_view view = {0};
    enum rs_next next = RS_NEXT_END;
    while (ok && !enough && (next = rs_rows_next(cursor, &view, err)) == RS_NEXT_ITEM) {
        struct rs_cell id = {0};
        (void)rs_cell_read(view.cells, &id);
        ok = use(arg, (struct rs_str){id.text, id.length}, &enough, err);
    }
    rs_rows_close(cursor);
    return ok && next != RS_NEXT_ERROR;
}

static bool add_event(void *arg, struct rs_str id, bool *enough, struct rs_error *err)
{
    (void)enough;
    return add(arg, id, err);
}

/* --- the rows that are there --------------------------------------------------------------------- */

static void append_instant(struct rs_strbuf *sql, const char *operator, int64_t us)
{
    char text[RS_TIMEFMT_MAX] = "";
    rs_strbuf_printf(sql, " AND \"received_at\" %s ", operator);
    /* no byte of it is read differently in the two dialects */
    rs_sql_literal(sql, RS_DIALECT_POSTGRESQL, (struct rs_str){text, rs_timefmt_format(us, text)});
}

static void append_from(struct rs_strbuf *sql, const struct comparison *work)
{
    rs_strbuf_append(sql, " FROM ");
    rs_sql_qualified(sql, rs_strbuf_str(&work->pipeline->schema), work->existing->name);
    rs_strbuf_append(sql, " WHERE \"id\" IS NOT NULL");
}

static bool fetch(struct comparison *work, size_t *count, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    int most = rs_dialect_facts(work->pipeline->dialect)->fetch_max_rows;
    rs_strbuf_printf(&sql, "FETCH FORWARD %d FROM rs_gap",
                     most > 0 && most < FETCH_ROWS ? most : FETCH_ROWS);
    struct rs_result *result = rs_session_query(work->pipeline->session, &sql, err);
    bool ok = result != NULL;
    *count = ok ? rs_result_rows(result) : 0;
    for (size_t row = 0; row < *count && ok; row++) {
        ok = add(&work->rows, rs_result_text(result, row, 0), err);
    }
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* By a cursor, as the rows of a day may be many. */
static bool read_rows(struct comparison *work, struct rs_error *err)
{
    const struct rs_interval *interval = &work->pipeline->interval_filter.received;
    struct rs_session *session = work->pipeline->session;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    size_t count = 0;
    rs_strbuf_append(&sql, "DECLARE rs_gap CURSOR FOR SELECT \"id\"");
    append_from(&sql, work);
    append_instant(&sql, ">=", interval->from_us);
    append_instant(&sql, "<", interval->to_us);
    bool ok =
        rs_session_exec_text(session, "BEGIN", err) && rs_session_exec(session, &sql, NULL, err);
    do {
        ok = ok && fetch(work, &count, err);
    } while (ok && count > 0);
    ok =
        ok && rs_session_exec_text(session, "CLOSE rs_gap", err) && rs_session_commit(session, err);
    if (!ok) {
        rs_session_rollback(session);
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* --- what differs --------------------------------------------------------------------------------- */

/* Walk both sides, which are sorted. Duplicates are settled among the events. */
static void meet(struct comparison *work)
{
    struct rs_window_difference *found = &work->difference;
    const struct digests *events = &work->events;
    const struct digests *rows = &work->rows;
    size_t e = 0;
    size_t r = 0;
    while (e < events->count || r < rows->count) {
        int order = e == events->count ? 1
                    : r == rows->count ? -1
                                       : compare_digests(&events->items[e], &rows->items[r]);
        if (order < 0) {
            work->missing.items[work->missing.count++] = events->items[e++];
            continue;
        }
        size_t first = r++;
        while (r < rows->count && compare_digests(&rows->items[first], &rows->items[r]) == 0) {
            found->doubled++;
            r++;
        }
        found->extra += order > 0 ? 1 : 0;
        e += order == 0 ? 1 : 0;
    }
    found->missing = work->missing.count;
}

/*
 * Ids that are missing, as an IN list, until there are enough for one statement. What is found is held
 * against their digests: Redshift also finds ids that differ in blanks at their ends.
 */
struct lookup {
    struct comparison *work;
    struct rs_strbuf ids;
    struct digests digests;
    size_t rounds;
};

static bool is_sought(const struct lookup *lookup, struct rs_str id)
{
    struct digest digest = digest_of(id);
    return bsearch(&digest, lookup->digests.items, lookup->digests.count, sizeof digest,
                   compare_digests);
}

static bool look_up(struct lookup *lookup, struct rs_error *err)
{
    struct comparison *work = lookup->work;
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    if (lookup->digests.count == 0) {
        return true;
    }
    sort(&lookup->digests);
    rs_strbuf_append(&sql, "SELECT DISTINCT \"id\", octet_length(\"id\")");
    append_from(&sql, work);
    append_instant(&sql, ">=", work->pipeline->interval_filter.received.to_us);
    rs_strbuf_append(&sql, " AND \"id\" IN (");
    rs_strbuf_append_str(&sql, rs_strbuf_str(&lookup->ids));
    rs_strbuf_append_char(&sql, ')');
    struct rs_result *result =
        rs_sql_ok(&sql, err) ? rs_session_query(work->pipeline->session, &sql, err) : NULL;
    for (size_t row = 0; result && row < rs_result_rows(result); row++) {
        bool found = is_sought(lookup, rs_result_text(result, row, 0));
        work->difference.superseded += found;
        work->difference.missing -= found;
    }
    bool ok = result != NULL;
    rs_strbuf_reset(&lookup->ids);
    lookup->digests.count = 0;
    lookup->rounds++;
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

static bool add_lookup(void *arg, struct rs_str id, bool *enough, struct rs_error *err)
{
    struct lookup *lookup = arg;
    const struct comparison *work = lookup->work;
    struct digest digest = digest_of(id);
    if (!bsearch(&digest, work->missing.items, work->missing.count, sizeof digest,
                 compare_digests)) {
        return true;
    }
    rs_strbuf_append(&lookup->ids, lookup->digests.count > 0 ? ", " : "");
    rs_sql_literal(&lookup->ids, work->pipeline->dialect, id);
    bool ok = add(&lookup->digests, id, err);
    bool more = lookup->digests.count < LOOKUP_IDS && lookup->ids.length < LOOKUP_BYTES;
    ok = ok && (more || look_up(lookup, err));
    *enough = lookup->rounds == LOOKUPS_MAX ||
              (lookup->rounds == LOOKUPS_IN_VAIN_MAX && work->difference.superseded == 0);
    return ok;
}

static bool find_later(struct comparison *work, struct rs_error *err)
{
    struct lookup lookup = {.work = work, .ids = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX / 2)};
    bool ok = each_event(work, add_lookup, &lookup, err) && look_up(&lookup, err);
    rs_strbuf_release(&lookup.ids);
    rs_mem_free(lookup.digests.items);
    return ok;
}

static bool compare_table(struct comparison *work, struct rs_error *err)
{
    if (!each_event(work, add_event, &work->events, err) ||
        (work->existing && !read_rows(work, err))) {
        return false;
    }
    sort(&work->events);
    sort(&work->rows);
    work->missing.items = rs_mem_zalloc(work->events.count, sizeof *work->missing.items);
    work->difference.events = work->events.count;
    work->difference.rows = work->rows.count;
    meet(work);
    return !work->existing || work->missing.count == 0 || find_later(work, err);
}

static uint64_t total_weight(const struct rs_pipeline *pipeline)
{
    uint64_t total = 0;
    for (size_t i = 0; i < pipeline->layout.table_count; i++) {
        const struct rs_layout_table *table = &pipeline->layout.tables[i];
        total += table->rows == RS_LAYOUT_FOLD ? 0 : rs_rows_weight(pipeline->intake.rows, table);
    }
    return total;
}

bool rs_compare_tables(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_window *window = pipeline->options->window;
    struct rs_meter *meter = pipeline->options->meter;
    bool ok = true;
    rs_meter_enter(meter, "comparing",
                   &(struct rs_meter_work){.total = (double)total_weight(pipeline)});
    for (size_t i = 0; ok && i < pipeline->layout.table_count; i++) {
        struct rs_str name = pipeline->wanted.tables[i].name;
        struct comparison work = {
            .pipeline = pipeline,
            .table = &pipeline->layout.tables[i],
            .existing = rs_schema_find_table(&pipeline->existing, name),
            .difference = {.table = name},
        };
        if (work.table->rows == RS_LAYOUT_FOLD) {
            continue; /* one row of many events */
        }
        struct rs_meter_piece piece = {0};
        rs_meter_begin(&piece, meter, name,
                       (double)rs_rows_weight(pipeline->intake.rows, work.table));
        rs_meter_step(&piece, 1.0);
        ok = compare_table(&work, err);
        rs_meter_end(&piece);
        if (ok) {
            window->compare(window->arg, &work.difference);
        } else {
            rs_error_prefix(err, "could not compare table \"%.*s\"", RS_STR_ARG(name));
        }
        rs_mem_free(work.events.items);
        rs_mem_free(work.rows.items);
        rs_mem_free(work.missing.items);
    }
    return ok;
}
