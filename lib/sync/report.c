/*
 * Pure formatting of a run's result. The text is one table and a few sentences in which what is
 * zero is not mentioned; the JSON object always has all its counts, so that a program need not
 * ask which are there.
 */
#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/text_table.h"
#include "codec/words.h"
#include "sync/sync.h"

enum { WHY_MAX_BYTES = 4096 };

static const char *const status_names[] = {
    [RS_SYNC_SUCCESS] = "success", [RS_SYNC_PARTIAL] = "partial", [RS_SYNC_FAILURE] = "failure"};

void rs_sync_report_release(struct rs_sync_report *report)
{
    for (size_t i = 0; i < report->table_count; i++) {
        rs_mem_free(report->tables[i].name);
        rs_mem_free(report->tables[i].error);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_mem_free(report->tables);
    rs_mem_free(report->notices);
    rs_strbuf_release(&report->plan_sql);
    *report = (struct rs_sync_report){0};
}

static void append_tables(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    struct rs_strbuf why = RS_STRBUF_INIT(WHY_MAX_BYTES);
    struct rs_text_table table;
    if (report->table_count == 0) {
        return;
    }
    rs_text_table_init(&table, "lrrl");
    rs_text_table_add(&table, RS_STR("table"));
    rs_text_table_add(&table, RS_STR("rows"));
    rs_text_table_add(&table, RS_STR("discards"));
    rs_text_table_add(&table, RS_STR(""));
    for (size_t i = 0; i < report->table_count; i++) {
        const struct rs_sync_table_report *row = &report->tables[i];
        rs_text_table_add(&table, rs_str_from(row->name));
        rs_text_table_add_u64(&table, row->rows);
        rs_text_table_add_u64(&table, row->discards);
        rs_strbuf_reset(&why);
        if (row->error) {
            rs_strbuf_printf(&why, "not loaded: %s", row->error);
        }
        rs_text_table_add(&table, rs_strbuf_str(&why));
    }
    rs_text_table_format(&table, out);
    rs_strbuf_append_char(out, '\n');
    rs_text_table_release(&table);
    rs_strbuf_release(&why);
}

/* A sentence of the counts that are not zero; nothing when all are. */
static void append_exceptions(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    const struct rs_words_exception exceptions[] = {
        {report->rejects, "reject", "rejects"},
        {report->discards, "discard", "discards"},
        {report->duplicates, "duplicate", "duplicates"},
        {report->skips_opt_out, "event opted out", "events opted out"},
        {report->skips_select, "event not selected", "events not selected"},
        {report->inputs_skipped, "input loaded before", "inputs loaded before"},
        {report->inputs_failed, "damaged input", "damaged inputs"},
    };
    rs_words_exceptions(out, exceptions, RS_COUNTOF(exceptions));
}

void rs_sync_report_text(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    append_tables(report, out);
    rs_strbuf_printf(out, "%s: ", status_names[report->status]);
    rs_words_count(out, report->events, "event");
    rs_strbuf_append(out, " from ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " (");
    rs_words_bytes(out, report->input_bytes);
    rs_strbuf_append(out, "), ");
    rs_words_count(out, report->rows, "row");
    rs_strbuf_append(out, " in ");
    rs_words_count(out, report->table_count, "table");
    rs_strbuf_append(out, "\n");
    append_exceptions(report, out);
    rs_strbuf_printf(out, "prepared in %.2f s, loaded in %.2f s\n", report->prepare_seconds,
                     report->load_seconds);
}

static enum rs_sync_status status_of(const struct rs_sync_report *report,
                                     const struct rs_error *err)
{
    if (err->code == RS_OK) {
        return report->status;
    }
    return err->code == RS_E_PARTIAL || report->status == RS_SYNC_PARTIAL ? RS_SYNC_PARTIAL
                                                                          : RS_SYNC_FAILURE;
}

static void write_counts(struct rs_json_writer *json, const struct rs_sync_report *report)
{
    const struct count {
        const char *name;
        uint64_t number;
    } counts[] = {
        {"events", report->events},
        {"rows", report->rows},
        {"rejects", report->rejects},
        {"skips", report->skips_opt_out + report->skips_select},
        {"skips_opt_out", report->skips_opt_out},
        {"skips_select", report->skips_select},
        {"discards", report->discards},
        {"duplicates", report->duplicates},
        {"inputs", report->inputs},
        {"inputs_skipped", report->inputs_skipped},
        {"inputs_failed", report->inputs_failed},
        {"input_bytes", report->input_bytes},
        {"tables", report->table_count},
    };
    for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
        rs_json_write_key(json, rs_str_from(counts[i].name));
        rs_json_write_u64(json, counts[i].number);
    }
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
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, status_names[status_of(report, err)]);
    rs_json_write_key(&json, RS_STR("sync_id"));
    rs_json_write_text(&json, report->sync_id[0] != '\0' ? report->sync_id : NULL);
    write_counts(&json, report);
    write_tables(&json, report);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_key(&json, RS_STR("prepare_seconds"));
    rs_json_write_seconds(&json, report->prepare_seconds);
    rs_json_write_key(&json, RS_STR("load_seconds"));
    rs_json_write_seconds(&json, report->load_seconds);
    rs_json_write_key(&json, RS_STR("schema_changes"));
    rs_json_write_bool(&json, report->schema_changes);
    if (report->plan_sql.length > 0) {
        rs_json_write_key(&json, RS_STR("plan_sql"));
        rs_json_write_str(&json, rs_strbuf_str(&report->plan_sql));
    }
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}
