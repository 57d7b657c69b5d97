/* What differs, as a table or as JSON. */
#include "migrate/verify_report.h"

#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/text_table.h"

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

void rs_verify_report_text(const struct rs_verify_report *report, struct rs_strbuf *out)
{
    if (report->count > 0) {
        struct rs_text_table table;
        rs_text_table_init(&table, "llrrl");
        rs_text_table_add(&table, RS_STR("table"));
        rs_text_table_add(&table, RS_STR("day"));
        rs_text_table_add(&table, RS_STR("old rows"));
        rs_text_table_add(&table, RS_STR("new rows"));
        rs_text_table_add(&table, RS_STR("columns"));
        for (size_t i = 0; i < report->count; i++) {
            const struct rs_verify_difference *row = &report->differences[i];
            rs_text_table_add(&table, rs_str_from(row->table));
            rs_text_table_add(&table, rs_str_from(row->day));
            rs_text_table_add_u64(&table, row->from_rows);
            rs_text_table_add_u64(&table, row->to_rows);
            rs_text_table_add(&table, rs_str_from(row->what));
        }
        rs_text_table_format(&table, out);
        rs_text_table_release(&table);
    }
    rs_strbuf_printf(out, "%llu %s of %llu tables compared in %.1f s: %llu %s\n",
                     (unsigned long long)report->rows, report->rows == 1 ? "row" : "rows",
                     (unsigned long long)report->tables, report->seconds,
                     (unsigned long long)report->count,
                     report->count == 1 ? "difference" : "differences");
}

static void write_difference(struct rs_json_writer *json, const struct rs_verify_difference *row)
{
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("table"));
    rs_json_write_text(json, row->table);
    rs_json_write_key(json, RS_STR("day"));
    rs_json_write_text(json, row->day);
    rs_json_write_key(json, RS_STR("from_rows"));
    rs_json_write_u64(json, row->from_rows);
    rs_json_write_key(json, RS_STR("to_rows"));
    rs_json_write_u64(json, row->to_rows);
    rs_json_write_key(json, RS_STR("columns"));
    rs_json_write_text(json, row->what);
    rs_json_write_object_end(json);
}

void rs_verify_report_json(const struct rs_verify_report *report, const struct rs_error *err,
                           struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, err->code != RS_OK  ? "failure"
                              : report->count > 0 ? "different"
                                                  : "success");
    rs_json_write_key(&json, RS_STR("tables"));
    rs_json_write_u64(&json, report->tables);
    rs_json_write_key(&json, RS_STR("rows"));
    rs_json_write_u64(&json, report->rows);
    rs_json_write_key(&json, RS_STR("seconds"));
    rs_json_write_seconds(&json, report->seconds);
    rs_json_write_key(&json, RS_STR("differences"));
    rs_json_write_array_begin(&json);
    for (size_t i = 0; i < report->count; i++) {
        write_difference(&json, &report->differences[i]);
    }
    rs_json_write_array_end(&json);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}
