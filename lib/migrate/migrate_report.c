/* What a migration did, as a table or as JSON. */
#include "migrate/migrate_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/text_table.h"

enum { NOTICE_MAX = 1024, OUTPUT_MAX = 1 << 20 };

void rs_migrate_notice(struct rs_migrate_report *report, const char *fmt, ...)
{
    char text[NOTICE_MAX] = "";
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(text, sizeof text, fmt, arguments);
    va_end(arguments);
    report->notices = rs_mem_grow(report->notices, &report->notice_capacity,
                                  report->notice_count + 1, sizeof *report->notices);
    report->notices[report->notice_count++] = rs_mem_strdup(text);
}

void rs_migrate_report_release(struct rs_migrate_report *report)
{
    for (size_t i = 0; i < report->table_count; i++) {
        rs_mem_free(report->tables[i].name);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    rs_mem_free(report->tables);
    rs_mem_free(report->notices);
    *report = (struct rs_migrate_report){0};
}

void rs_migrate_report_text(const struct rs_migrate_report *report, struct rs_strbuf *out)
{
    struct rs_text_table table;
    rs_text_table_init(&table, "lrrr");
    rs_text_table_add(&table, RS_STR("table"));
    rs_text_table_add(&table, RS_STR("rows"));
    rs_text_table_add(&table, RS_STR("pieces"));
    rs_text_table_add(&table, RS_STR("kept"));
    for (size_t i = 0; i < report->table_count; i++) {
        const struct rs_migrate_table *row = &report->tables[i];
        rs_text_table_add(&table, rs_str_from(row->name));
        rs_text_table_add_u64(&table, row->rows);
        rs_text_table_add_u64(&table, row->pieces);
        rs_text_table_add_u64(&table, row->kept_pieces);
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
    rs_strbuf_printf(out, "%llu %s in %llu %s carried, %llu bytes, %.1f s",
                     (unsigned long long)report->rows, report->rows == 1 ? "row" : "rows",
                     (unsigned long long)report->pieces, report->pieces == 1 ? "piece" : "pieces",
                     (unsigned long long)report->bytes, report->seconds);
    if (report->pieces_left > 0) {
        rs_strbuf_printf(out, "; %llu left", (unsigned long long)report->pieces_left);
    }
    rs_strbuf_append_char(out, '\n');
}

static void write_table(struct rs_json_writer *json, const struct rs_migrate_table *table)
{
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("name"));
    rs_json_write_text(json, table->name);
    rs_json_write_key(json, RS_STR("rows"));
    rs_json_write_u64(json, table->rows);
    rs_json_write_key(json, RS_STR("bytes"));
    rs_json_write_u64(json, table->bytes);
    rs_json_write_key(json, RS_STR("pieces"));
    rs_json_write_u64(json, table->pieces);
    rs_json_write_key(json, RS_STR("kept_pieces"));
    rs_json_write_u64(json, table->kept_pieces);
    rs_json_write_key(json, RS_STR("made"));
    rs_json_write_bool(json, table->made);
    rs_json_write_object_end(json);
}

void rs_migrate_report_json(const struct rs_migrate_report *report, const struct rs_error *err,
                            struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, err->code == RS_OK ? "success" : "failure");
    rs_json_write_key(&json, RS_STR("rows"));
    rs_json_write_u64(&json, report->rows);
    rs_json_write_key(&json, RS_STR("bytes"));
    rs_json_write_u64(&json, report->bytes);
    rs_json_write_key(&json, RS_STR("pieces"));
    rs_json_write_u64(&json, report->pieces);
    rs_json_write_key(&json, RS_STR("pieces_left"));
    rs_json_write_u64(&json, report->pieces_left);
    rs_json_write_key(&json, RS_STR("seconds"));
    rs_json_write_seconds(&json, report->seconds);
    rs_json_write_key(&json, RS_STR("tables"));
    rs_json_write_array_begin(&json);
    for (size_t i = 0; i < report->table_count; i++) {
        write_table(&json, &report->tables[i]);
    }
    rs_json_write_array_end(&json);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}
