/* What differs, as a table or as JSON. */
#include "migrate/verify_report.h"

#include "base/mem.h"
#include "codec/report_fields.h"
#include "codec/words.h"

void rs_verify_report_release(struct rs_verify_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        rs_mem_free(report->differences[i].table);
        rs_mem_free(report->differences[i].day);
        rs_mem_free(report->differences[i].what);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_mem_free(report->differences);
    rs_mem_free(report->notices);
    *report = (struct rs_verify_report){0};
}

static size_t describe_difference(const void *item, struct rs_arena *arena,
                                  struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_verify_difference *row = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("table", row->table, .head = "table"),
        RS_REPORT_TEXT("day", row->day, .head = "day"),
        RS_REPORT_COUNT("from_rows", row->from_rows, .head = "old rows"),
        RS_REPORT_COUNT("to_rows", row->to_rows, .head = "new rows"),
        RS_REPORT_TEXT("columns", row->what, .head = "columns"),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_verify_report_text(const struct rs_verify_report *report, struct rs_strbuf *out)
{
    if (report->count > 0) {
        rs_report_fields_table(out, describe_difference, report->differences, report->count,
                               sizeof *report->differences);
    }
    rs_words_count(out, report->rows, "row");
    rs_strbuf_printf(out,
                     " of %llu tables compared in %.1f s: ", (unsigned long long)report->tables,
                     report->seconds);
    rs_words_count(out, report->count, "difference");
    rs_strbuf_append_char(out, '\n');
}

void rs_verify_report_json(const struct rs_verify_report *report, const struct rs_error *err,
                           struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("status", err->code != RS_OK  ? "failure"
                                 : report->count > 0 ? "different"
                                                     : "success"),
        RS_REPORT_COUNT("tables", report->tables),
        RS_REPORT_COUNT("rows", report->rows),
        RS_REPORT_SECONDS("seconds", report->seconds),
    };
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, fields, RS_COUNTOF(fields));
    rs_report_fields_json_array(&json, "differences", describe_difference, report->differences,
                                report->count, sizeof *report->differences);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_end(&json, err);
}
