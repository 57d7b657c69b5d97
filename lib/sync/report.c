/*
 * Pure formatting of a run's result. The text is one table and a few sentences in which what is
 * zero is not mentioned; the JSON object always has all its counts, so that a program need not
 * ask which are there.
 */
#include "sync/report.h"

#include "base/mem.h"
#include "codec/words.h"

enum { WHY_MAX_BYTES = 4096, FORM_MAX_BYTES = 256 };

static const char *const status_names[] = {
    [RS_SYNC_SUCCESS] = "success", [RS_SYNC_PARTIAL] = "partial", [RS_SYNC_FAILURE] = "failure"};

void rs_sync_changes_release(struct rs_sync_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rs_mem_free(changes[i].table);
        rs_mem_free(changes[i].column);
        rs_mem_free(changes[i].type);
    }
    rs_mem_free(changes);
}

void rs_sync_report_release(struct rs_sync_report *report)
{
    for (size_t i = 0; i < report->table_count; i++) {
        rs_mem_free(report->tables[i].name);
        rs_mem_free(report->tables[i].error);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_sync_changes_release(report->changes, report->change_count);
    rs_reasons_release(report->reasons, report->reason_count);
    rs_mem_free(report->schema);
    rs_mem_free(report->database);
    rs_mem_free(report->tables);
    rs_mem_free(report->notices);
    rs_strbuf_release(&report->plan_sql);
    *report = (struct rs_sync_report){0};
}

size_t rs_sync_report_table(const void *item, struct rs_arena *arena,
                            struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_sync_table_report *table = item;
    struct rs_strbuf why = RS_STRBUF_INIT(WHY_MAX_BYTES);
    if (table->error) {
        rs_strbuf_printf(&why, "not loaded: %s", table->error);
    }
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("table", table->name, .head = "table"),
        RS_REPORT_COUNT("rows", table->rows, .head = "rows"),
        RS_REPORT_COUNT("discards", table->discards, .head = "discards"),
        RS_REPORT_TEXT(NULL, rs_arena_copy(arena, rs_strbuf_str(&why)).data, .head = ""),
    };
    rs_strbuf_release(&why);
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

size_t rs_sync_report_change(const void *item, struct rs_arena *arena,
                             struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_sync_change *change = item;
    struct rs_strbuf form = RS_STRBUF_INIT(FORM_MAX_BYTES);
    if (change->columns > 0) {
        rs_words_count(&form, change->columns, "column");
    } else {
        rs_strbuf_append(&form, change->type ? change->type : "");
    }
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("change", change->verb, .head = "change"),
        RS_REPORT_TEXT("table", change->table, .head = "table"),
        RS_REPORT_TEXT("column", change->column, .head = "column"),
        RS_REPORT_TEXT("type", change->type),
        RS_REPORT_COUNT("columns", change->columns),
        RS_REPORT_TEXT(NULL, rs_arena_copy(arena, rs_strbuf_str(&form)).data, .head = "form"),
    };
    rs_strbuf_release(&form);
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

size_t rs_sync_report_counts(const struct rs_sync_report *report,
                             struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_report_field fields[] = {
        RS_REPORT_COUNT("lines", report->lines),
        RS_REPORT_COUNT("events", report->events),
        RS_REPORT_COUNT("rows", report->rows),
        RS_REPORT_EXCEPTION("rejects", report->rejects, 1, "reject", "rejects"),
        RS_REPORT_COUNT("skips", report->skips_opt_out + report->skips_select),
        RS_REPORT_EXCEPTION("discards", report->discards, 2, "discard", "discards"),
        RS_REPORT_EXCEPTION("duplicates", report->duplicates, 3, "duplicate", "duplicates"),
        RS_REPORT_EXCEPTION("skips_opt_out", report->skips_opt_out, 4, "event opted out",
                            "events opted out"),
        RS_REPORT_EXCEPTION("skips_select", report->skips_select, 5, "event not selected",
                            "events not selected"),
        RS_REPORT_COUNT("inputs", report->inputs),
        RS_REPORT_EXCEPTION("inputs_skipped", report->inputs_skipped, 6, "input loaded before",
                            "inputs loaded before"),
        RS_REPORT_EXCEPTION("inputs_failed", report->inputs_failed, 7, "input left out",
                            "inputs left out"),
        RS_REPORT_EXCEPTION("inputs_suspect", report->inputs_suspect, 8,
                            "input with too many rejects", "inputs with too many rejects"),
        RS_REPORT_COUNT("input_bytes", report->input_bytes),
        RS_REPORT_COUNT("tables", report->table_count),
    };
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

/* Where the rows are: the schema may be called otherwise than it was asked for. */
static void append_target(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    if (report->schema) {
        rs_strbuf_printf(out, " of schema \"%s\"", report->schema);
    }
    if (report->schema && report->database) {
        rs_strbuf_printf(out, " in database \"%s\"", report->database);
    }
}

int rs_sync_report_exit_status(const struct rs_sync_report *report)
{
    enum { LOOK_AT_IT = 3 };
    bool partial = report->status == RS_SYNC_PARTIAL;
    bool changes = report->plan_sql.length > 0 && report->schema_changes;
    return partial || changes || report->past_limit || report->inputs_suspect > 0 ? LOOK_AT_IT : 0;
}

void rs_sync_report_text(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    const size_t count = rs_sync_report_counts(report, counts);
    if (report->table_count > 0) {
        rs_report_fields_table(out, rs_sync_report_table, report->tables, report->table_count,
                               sizeof *report->tables);
        rs_strbuf_append_char(out, '\n');
    }
    rs_strbuf_printf(out, "%s: ", status_names[report->status]);
    if (report->lines > report->events) {
        rs_words_count(out, report->lines, "line");
        rs_strbuf_append(out, ", ");
    }
    rs_words_count(out, report->events, "event");
    rs_strbuf_append(out, " from ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " (");
    rs_words_bytes(out, report->input_bytes);
    rs_strbuf_append(out, "), ");
    rs_words_count(out, report->rows, "row");
    rs_strbuf_append(out, " in ");
    rs_words_count(out, report->table_count, "table");
    append_target(report, out);
    rs_strbuf_append(out, "\n");
    rs_report_fields_sentence(out, counts, count);
    rs_reasons_text(report->reasons, report->reason_count, out);
    rs_strbuf_printf(out, "prepared in %.2f s, loaded in %.2f s\n", report->prepare_seconds,
                     report->load_seconds);
}

const char *rs_sync_report_status(const struct rs_sync_report *report, const struct rs_error *err)
{
    if (err->code == RS_OK) {
        return status_names[report->status];
    }
    return status_names[err->code == RS_E_PARTIAL || report->status == RS_SYNC_PARTIAL
                            ? RS_SYNC_PARTIAL
                            : RS_SYNC_FAILURE];
}

static void write_tables(struct rs_json_writer *json, const struct rs_sync_report *report)
{
    bool errors = false;
    rs_json_write_key(json, RS_STR("table_rows"));
    rs_json_write_object_begin(json);
    for (size_t i = 0; i < report->table_count; i++) {
        rs_json_write_key(json, rs_str_from(report->tables[i].name));
        rs_json_write_u64(json, report->tables[i].rows);
        errors = errors || report->tables[i].error;
    }
    rs_json_write_object_end(json);
    if (!errors) {
        return;
    }
    rs_json_write_key(json, RS_STR("table_errors"));
    rs_json_write_object_begin(json);
    for (size_t i = 0; i < report->table_count; i++) {
        if (report->tables[i].error) {
            rs_json_write_key(json, rs_str_from(report->tables[i].name));
            rs_json_write_text(json, report->tables[i].error);
        }
    }
    rs_json_write_object_end(json);
}

void rs_sync_report_json(const struct rs_sync_report *report, const struct rs_error *err,
                         struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field head[] = {
        RS_REPORT_TEXT("status", rs_sync_report_status(report, err)),
        RS_REPORT_TEXT("sync_id", report->sync_id[0] != '\0' ? report->sync_id : NULL),
        RS_REPORT_TEXT("schema", report->schema),
        RS_REPORT_TEXT("database", report->database),
    };
    const struct rs_report_field times[] = {
        RS_REPORT_SECONDS("prepare_seconds", report->prepare_seconds),
        RS_REPORT_SECONDS("load_seconds", report->load_seconds),
        RS_REPORT_FLAG("schema_changes", report->schema_changes),
    };
    struct rs_report_field counts[RS_REPORT_FIELDS_MAX];
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, head, RS_COUNTOF(head));
    rs_report_fields_json(&json, counts, rs_sync_report_counts(report, counts));
    write_tables(&json, report);
    rs_report_fields_json_array(&json, "changes", rs_sync_report_change, report->changes,
                                report->change_count, sizeof *report->changes);
    rs_json_write_key(&json, RS_STR("reasons"));
    rs_reasons_json(&json, report->reasons, report->reason_count);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_report_fields_json(&json, times, RS_COUNTOF(times));
    if (report->plan_sql.length > 0) {
        rs_json_write_key(&json, RS_STR("plan_sql"));
        rs_json_write_str(&json, rs_strbuf_str(&report->plan_sql));
    }
    rs_json_write_end(&json, err);
}
