/*
 * The small commands on a schema's ledger: --history, --pause and --resume.
 */
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "codec/json_write.h"
#include "codec/text_table.h"
#include "ledger/ledger_runs.h"
#include "rs/name.h"
#include "sync/history_page.h"
#include "sync/history_text.h"
#include "sync/pipeline_state.h"
#include "sync/reasons.h"
#include "sync/sync.h"

enum { SCHEMA_MAX = 64 << 10, NAMES_MAX = 200 };

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

/* The names of those that have one, as far as they fit. */
static bool append_schemas(const struct ledger *ledger, struct rs_strbuf *out, struct rs_error *err)
{
    struct rs_result *result =
        rs_ledger_list_schemas(ledger->session, rs_strbuf_str(&ledger->schema), err);
    for (size_t row = 0; result && row < rs_result_rows(result); row++) {
        struct rs_str name = rs_result_text(result, row, 0);
        if (out->length + name.length + sizeof "\"\", ..." > NAMES_MAX) {
            rs_strbuf_append(out, ", ...");
            break;
        }
        rs_strbuf_printf(out, "%s\"%.*s\"", row > 0 ? ", " : "", RS_STR_ARG(name));
    }
    rs_result_free(result);
    return result != NULL;
}

/* Nothing was ever loaded into a schema without a ledger: its name is mistyped, most likely. */
static bool want_ledger(const struct ledger *ledger, struct rs_error *err)
{
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX + 16);
    bool there = false;
    bool ok = rs_ledger_has_table(ledger->session, rs_strbuf_str(&ledger->schema), "rs_syncs",
                                  &there, err) &&
              (there || append_schemas(ledger, &names, err));
    if (ok && !there) {
        (void)rs_error_set(err, RS_E_USAGE, "schema \"%s\" has no ledger: no run has filled it",
                           rs_strbuf_cstr(&ledger->schema));
        (void)(names.length > 0
                   ? rs_error_hint(err, "name one that has: %s", rs_strbuf_cstr(&names))
                   : rs_error_hint(err, "no schema of this database has one; the first run makes "
                                        "it: is this the database?"));
    }
    rs_strbuf_release(&names);
    return ok && there;
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
    unsigned rank;     /* there, see sync/history_text.h */
} columns[] = {
    {"sync_id", RS_LEDGER_SYNC_ID, false, NULL, 0},
    {"started_at", RS_LEDGER_STARTED_AT, false, "started (UTC)", 0},
    {"finished_at", RS_LEDGER_FINISHED_AT, false, NULL, 0},
    {"status", RS_LEDGER_STATUS, false, "status", 0},
    {"lines", RS_LEDGER_LINES, true, "lines", 8},
    {"events", RS_LEDGER_EVENTS, true, "events", 3},
    {"rows", RS_LEDGER_ROWS, true, "rows", 0},
    {"rejects", RS_LEDGER_REJECTS, true, "rejects", 1},
    {"skips", RS_LEDGER_SKIPS, true, "skips", 6},
    {"discards", RS_LEDGER_DISCARDS, true, "discards", 5},
    {"duplicates", RS_LEDGER_DUPLICATES, true, "duplicates", 7},
    {"prepare_seconds", RS_LEDGER_PREPARE_SECONDS, true, "prepare s", 4},
    {"load_seconds", RS_LEDGER_LOAD_SECONDS, true, "load s", 2},
    {"notices", RS_LEDGER_NOTICES, false, NULL, 0},
    {"error", RS_LEDGER_ERROR, false, "error", 0},
    {"tool_version", RS_LEDGER_TOOL_VERSION, false, NULL, 0},
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

static void append_reasons(struct rs_str text, struct rs_strbuf *out)
{
    struct rs_reason *reasons = NULL;
    size_t count = 0;
    size_t begin = out->length;
    rs_reasons_parse(text, &reasons, &count);
    rs_reasons_text(reasons, count, out);
    rs_reasons_release(reasons, count);
    rs_strbuf_append(out, out->length > begin ? "\n" : "");
}

/* Lines as a paragraph of their own. */
static void append_lines(struct rs_str lines, struct rs_strbuf *out)
{
    struct rs_text_table table;
    if (lines.length == 0) {
        return;
    }
    rs_text_table_init(&table, "l"); /* it makes bytes safe for a terminal */
    for (size_t begin = 0; begin <= lines.length;) {
        size_t end = rs_str_find_byte(rs_str_slice(lines, begin, lines.length), '\n');
        end = end == SIZE_MAX ? lines.length : begin + end;
        rs_text_table_add(&table, rs_str_slice(lines, begin, end));
        begin = end + 1;
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
    rs_strbuf_append_char(out, '\n');
}

/* The tables, what was rejected and discarded, the notices and the error of a run. */
static void append_detail(const struct listing *listing, size_t run, struct rs_strbuf *out)
{
    struct rs_text_table table;
    size_t row = find_tables(listing, run);
    if (is_of_run(listing, run, row)) {
        rs_text_table_init(&table, "lr");
        rs_text_table_add(&table, RS_STR("table"));
        rs_text_table_add(&table, RS_STR("rows"));
        for (; is_of_run(listing, run, row); row++) {
            rs_text_table_add(&table, rs_result_text(listing->tables, row, 1));
            rs_text_table_add(&table, rs_result_text(listing->tables, row, 2));
        }
        rs_text_table_format(&table, out);
        rs_text_table_release(&table);
        rs_strbuf_append_char(out, '\n');
    }
    append_reasons(rs_result_text(listing->runs, run, RS_LEDGER_REASONS), out);
    append_lines(rs_result_text(listing->runs, run, RS_LEDGER_NOTICES), out);
    append_lines(rs_result_text(listing->runs, run, RS_LEDGER_ERROR), out);
}

static void append_runs(const struct rs_result *runs, const struct rs_history_style *style,
                        struct rs_strbuf *out)
{
    struct rs_history_column shown[RS_COUNTOF(columns)];
    size_t count = 0;
    for (size_t i = 0; i < RS_COUNTOF(columns); i++) {
        if (columns[i].title) {
            shown[count++] = (struct rs_history_column){columns[i].title, columns[i].column,
                                                        columns[i].number, columns[i].rank};
        }
    }
    rs_history_text(style, shown, count, runs, out);
}

static double number_of(const struct rs_result *runs, size_t run, enum rs_ledger_column column)
{
    return strtod(rs_result_text(runs, run, column).data, NULL);
}

/* From the oldest run to the newest; pauses are none. */
static void append_sparks(const struct rs_result *runs, const struct rs_history_style *style,
                          struct rs_strbuf *out)
{
    size_t count = rs_result_rows(runs);
    double *rows = rs_mem_zalloc(count, sizeof *rows);
    double *rejects = rs_mem_zalloc(count, sizeof *rejects);
    double *seconds = rs_mem_zalloc(count, sizeof *seconds);
    size_t used = 0;
    for (size_t run = count; run > 0; run--) {
        if (!rs_result_is_null(runs, run - 1, RS_LEDGER_ROWS)) {
            rows[used] = number_of(runs, run - 1, RS_LEDGER_ROWS);
            rejects[used] = number_of(runs, run - 1, RS_LEDGER_REJECTS);
            seconds[used++] = number_of(runs, run - 1, RS_LEDGER_PREPARE_SECONDS) +
                              number_of(runs, run - 1, RS_LEDGER_LOAD_SECONDS);
        }
    }
    if (used > 1) {
        rs_strbuf_append_char(out, '\n');
        rs_history_spark(style, "rows", rows, used, out);
        rs_history_spark(style, "rejects", rejects, used, out);
        rs_history_spark(style, "seconds", seconds, used, out);
    }
    rs_mem_free(rows);
    rs_mem_free(rejects);
    rs_mem_free(seconds);
}

/* One run in full; of more the table, and below it how they went. */
static void append_text(const struct listing *listing, const struct rs_history_style *style,
                        unsigned count, struct rs_strbuf *out)
{
    if (count == 1) {
        append_detail(listing, 0, out);
    }
    append_runs(listing->runs, style, out);
    append_sparks(listing->runs, style, out);
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
                     unsigned count, const struct rs_history_style *style, struct rs_strbuf *out,
                     struct rs_html *page, struct rs_error *err)
{
    struct ledger ledger = open_ledger(env, options, err);
    struct listing listing = {NULL, NULL, NULL};
    bool ok = ledger.session && want_ledger(&ledger, err) &&
              read_listing(&listing, ledger.session, rs_strbuf_str(&ledger.schema), count, err);
    if (ok && !style) {
        append_json(&listing, out);
    } else if (ok && rs_result_rows(listing.runs) == 0) {
        rs_strbuf_printf(out, "no run has been recorded in schema \"%s\"\n",
                         rs_strbuf_cstr(&ledger.schema));
    } else if (ok) {
        append_text(&listing, style, count, out);
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
    bool ok = ledger.session && want_ledger(&ledger, err) &&
              rs_ledger_set_paused(ledger.session, &run, paused, err);
    close_ledger(&ledger);
    return ok;
}
