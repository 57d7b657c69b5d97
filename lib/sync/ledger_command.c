/*
 * The small commands on a schema's ledger: --history, --pause and --resume.
 */
#include "base/map.h"
#include "base/uuid.h"
#include "codec/json_write.h"
#include "codec/text_table.h"
#include "ledger/ledger_runs.h"
#include "rs/name.h"
#include "sync/history_page.h"
#include "sync/pipeline_state.h"
#include "sync/reasons.h"
#include "sync/sync.h"

enum { SCHEMA_MAX = 64 << 10 };

/* A session on the options' database, and the schema's name there. */
struct ledger {
    struct rs_connect *connect;
    struct rs_session *session; /* NULL when there is none to be had */
    struct rs_strbuf schema;
};

static struct ledger open_ledger(const struct rs_env *env, const struct rs_sync_options *options,
                                 struct rs_error *err)
{
    struct ledger ledger = {.connect = rs_sync_connect(env, options),
                            .schema = RS_STRBUF_INIT(SCHEMA_MAX)};
    ledger.session = rs_connect_open(ledger.connect, err);
    if (ledger.session) {
        rs_name_schema(rs_str_from(options->schema),
                       rs_session_facts(ledger.session)->name_max_bytes, &ledger.schema);
    }
    return ledger;
}

static void close_ledger(struct ledger *ledger)
{
    rs_session_close(ledger->session);
    rs_connect_free(ledger->connect);
    rs_strbuf_release(&ledger->schema);
}

static const struct {
    const char *key;
    enum rs_ledger_column column;
    bool number;
    const char *title; /* in the text table; NULL: only in JSON */
} columns[] = {
    {"sync_id", RS_LEDGER_SYNC_ID, false, NULL},
    {"started_at", RS_LEDGER_STARTED_AT, false, "started (UTC)"},
    {"finished_at", RS_LEDGER_FINISHED_AT, false, NULL},
    {"status", RS_LEDGER_STATUS, false, "status"},
    {"lines", RS_LEDGER_LINES, true, "lines"},
    {"events", RS_LEDGER_EVENTS, true, "events"},
    {"rows", RS_LEDGER_ROWS, true, "rows"},
    {"rejects", RS_LEDGER_REJECTS, true, "rejects"},
    {"skips", RS_LEDGER_SKIPS, true, "skips"},
    {"discards", RS_LEDGER_DISCARDS, true, "discards"},
    {"duplicates", RS_LEDGER_DUPLICATES, true, "duplicates"},
    {"prepare_seconds", RS_LEDGER_PREPARE_SECONDS, true, "prepare s"},
    {"load_seconds", RS_LEDGER_LOAD_SECONDS, true, "load s"},
    {"notices", RS_LEDGER_NOTICES, false, NULL},
    {"error", RS_LEDGER_ERROR, false, "error"},
    {"tool_version", RS_LEDGER_TOOL_VERSION, false, NULL},
};

/* What --history shows. */
struct listing {
    struct rs_result *runs;   /* columns as in enum rs_ledger_column */
    struct rs_result *tables; /* sync_id, table_name, rows; those of a run stand together */
    struct rs_map *first;     /* sync_id -> its first row of tables, counted from 1 */
};

static bool read_listing(struct listing *listing, struct rs_session *session, struct rs_str schema,
                         unsigned count, struct rs_error *err)
{
    *listing = (struct listing){.first = rs_map_new(0)};
    listing->runs = rs_ledger_list_runs(session, schema, count, err);
    if (!listing->runs) {
        return false;
    }
    listing->tables = rs_ledger_list_loads(session, schema, count, err);
    if (!listing->tables) {
        return false;
    }
    for (size_t row = rs_result_rows(listing->tables); row > 0; row--) {
        *rs_map_put(listing->first, rs_result_text(listing->tables, row - 1, 0)) =
            (void *)(uintptr_t)row;
    }
    return true;
}

static void release_listing(struct listing *listing)
{
    rs_result_free(listing->runs);
    rs_result_free(listing->tables);
    rs_map_free(listing->first);
}

/* The first row of tables that is of a run, or the number of rows. */
static size_t find_tables(const struct listing *listing, size_t run)
{
    const void *found =
        rs_map_find(listing->first, rs_result_text(listing->runs, run, RS_LEDGER_SYNC_ID));
    return found ? (size_t)(uintptr_t)found - 1 : rs_result_rows(listing->tables);
}

static bool is_of_run(const struct listing *listing, size_t run, size_t row)
{
    return row < rs_result_rows(listing->tables) &&
           rs_str_equal(rs_result_text(listing->tables, row, 0),
                        rs_result_text(listing->runs, run, RS_LEDGER_SYNC_ID));
}

/* A run that can be told of: it filled a table, or was told of rejects or discards. */
static bool has_detail(const struct listing *listing, size_t run)
{
    return is_of_run(listing, run, find_tables(listing, run)) ||
           rs_result_text(listing->runs, run, RS_LEDGER_REASONS).length > 0;
}

static void append_tables(const struct listing *listing, size_t run, struct rs_strbuf *out)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "lr");
    rs_text_table_add(&table, RS_STR("table"));
    rs_text_table_add(&table, RS_STR("rows"));
    for (size_t row = find_tables(listing, run); is_of_run(listing, run, row); row++) {
        rs_text_table_add(&table, rs_result_text(listing->tables, row, 1));
        rs_text_table_add(&table, rs_result_text(listing->tables, row, 2));
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
}

static void append_notices(struct rs_str notices, struct rs_strbuf *out)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "l"); /* it makes bytes safe for a terminal */
    for (size_t begin = 0; begin <= notices.length;) {
        size_t end = rs_str_find_byte(rs_str_slice(notices, begin, notices.length), '\n');
        end = end == SIZE_MAX ? notices.length : begin + end;
        rs_text_table_add(&table, rs_str_slice(notices, begin, end));
        begin = end + 1;
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
}

static void append_reasons(struct rs_str text, struct rs_strbuf *out)
{
    struct rs_reason *reasons = NULL;
    size_t count = 0;
    rs_reasons_parse(text, &reasons, &count);
    rs_reasons_text(reasons, count, out);
    rs_reasons_release(reasons, count);
}

/* The newest run that has more to tell than its counts. */
static void append_last(const struct listing *listing, struct rs_strbuf *out)
{
    size_t run = 0;
    while (run < rs_result_rows(listing->runs) && !has_detail(listing, run)) {
        run++;
    }
    if (run == rs_result_rows(listing->runs)) {
        return;
    }
    rs_strbuf_printf(out, "\nthe run of %.*s:\n",
                     RS_STR_ARG(rs_result_text(listing->runs, run, RS_LEDGER_STARTED_AT)));
    if (is_of_run(listing, run, find_tables(listing, run))) {
        append_tables(listing, run, out);
    }
    append_reasons(rs_result_text(listing->runs, run, RS_LEDGER_REASONS), out);
    struct rs_str notices = rs_result_text(listing->runs, run, RS_LEDGER_NOTICES);
    if (notices.length > 0) {
        append_notices(notices, out);
    }
}

static void append_runs(const struct rs_result *result, struct rs_strbuf *out)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "llrrrrrrrrrl");
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        if (columns[i].title) {
            rs_text_table_add(&table, rs_str_from(columns[i].title));
        }
    }
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
            if (columns[i].title) {
                rs_text_table_add(&table, rs_result_text(result, row, columns[i].column));
            }
        }
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
}

static void write_tables(struct rs_json_writer *json, const struct listing *listing, size_t run)
{
    rs_json_write_key(json, RS_STR("tables"));
    rs_json_write_array_begin(json);
    for (size_t row = find_tables(listing, run); is_of_run(listing, run, row); row++) {
        rs_json_write_object_begin(json);
        rs_json_write_key(json, RS_STR("name"));
        rs_json_write_str(json, rs_result_text(listing->tables, row, 1));
        rs_json_write_key(json, RS_STR("rows"));
        rs_json_write_number(json, rs_result_text(listing->tables, row, 2));
        rs_json_write_object_end(json);
    }
    rs_json_write_array_end(json);
}

static void write_reasons(struct rs_json_writer *json, struct rs_str text)
{
    struct rs_reason *reasons = NULL;
    size_t count = 0;
    rs_reasons_parse(text, &reasons, &count);
    rs_json_write_key(json, RS_STR("reasons"));
    rs_reasons_json(json, reasons, count);
    rs_reasons_release(reasons, count);
}

static void append_json(const struct listing *listing, struct rs_strbuf *out)
{
    const struct rs_result *result = listing->runs;
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
        rs_json_write_object_begin(&json);
        for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
            struct rs_str text = rs_result_text(result, row, columns[i].column);
            rs_json_write_key(&json, rs_str_from(columns[i].key));
            if (rs_result_is_null(result, row, columns[i].column)) {
                rs_json_write_null(&json);
            } else if (columns[i].number) {
                rs_json_write_number(&json, text);
            } else {
                rs_json_write_str(&json, text);
            }
        }
        write_tables(&json, listing, row);
        write_reasons(&json, rs_result_text(result, row, RS_LEDGER_REASONS));
        rs_json_write_object_end(&json);
        rs_strbuf_append_char(out, '\n');
    }
}

bool rs_sync_history(const struct rs_env *env, const struct rs_sync_options *options,
                     unsigned count, bool json, struct rs_strbuf *out, struct rs_html *page,
                     struct rs_error *err)
{
    struct ledger ledger = open_ledger(env, options, err);
    struct listing listing = {NULL, NULL, NULL};
    bool ok = ledger.session &&
              read_listing(&listing, ledger.session, rs_strbuf_str(&ledger.schema), count, err);
    if (ok && json) {
        append_json(&listing, out);
    } else if (ok && rs_result_rows(listing.runs) == 0) {
        rs_strbuf_printf(out, "no run has been recorded in schema \"%s\"\n",
                         rs_strbuf_cstr(&ledger.schema));
    } else if (ok) {
        append_runs(listing.runs, out);
        append_last(&listing, out);
    }
    if (ok && page) {
        rs_history_page(listing.runs, listing.tables, rs_strbuf_str(&ledger.schema), page);
    }
    release_listing(&listing);
    close_ledger(&ledger);
    return ok;
}

bool rs_sync_set_paused(const struct rs_env *env, const struct rs_sync_options *options,
                        bool paused, struct rs_error *err)
{
    struct ledger ledger = open_ledger(env, options, err);
    char sync_id[RS_SYNC_ID_SIZE];
    rs_uuid_format(env->random_u64(env), env->random_u64(env), sync_id);
    struct rs_ledger_run run = {.dialect = ledger.session ? rs_session_dialect(ledger.session)
                                                          : RS_DIALECT_POSTGRESQL,
                                .schema = rs_strbuf_str(&ledger.schema),
                                .sync_id = rs_str_from(sync_id),
                                .tool_version = RS_STR(RS_VERSION),
                                .started_us = env->now_us(env)};
    bool ok = ledger.session && rs_ledger_set_paused(ledger.session, &run, paused, err);
    close_ledger(&ledger);
    return ok;
}
