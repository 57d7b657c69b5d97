/* What a migration did, as a table or as JSON. */
#include "migrate/migrate_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/report_fields.h"
#include "codec/words.h"

enum { NOTICE_MAX = 1024, OUTPUT_MAX = 1 << 20 };

static void add_sentence(char ***list, size_t *capacity, size_t *count, const char *fmt,
                         va_list arguments)
{
    char text[NOTICE_MAX] = "";
    (void)vsnprintf(text, sizeof text, fmt, arguments);
    *list = rs_mem_grow(*list, capacity, *count + 1, sizeof **list);
    (*list)[(*count)++] = rs_mem_strdup(text);
}

void rs_migrate_notice(struct rs_migrate_report *report, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    add_sentence(&report->notices, &report->notice_capacity, &report->notice_count, fmt, arguments);
    va_end(arguments);
}

void rs_migrate_warn(struct rs_migrate_report *report, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    add_sentence(&report->warnings, &report->warning_capacity, &report->warning_count, fmt,
                 arguments);
    va_end(arguments);
}

void rs_migrate_report_release(struct rs_migrate_report *report)
{
    for (size_t i = 0; i < report->table_count; i++) {
        rs_mem_free(report->tables[i].name);
    }
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_mem_free(report->notices[i]);
    }
    for (size_t i = 0; i < report->warning_count; i++) {
        rs_mem_free(report->warnings[i]);
    }
    rs_mem_free(report->tables);
    rs_mem_free(report->warnings);
    rs_mem_free(report->notices);
    *report = (struct rs_migrate_report){0};
}

static size_t describe_table(const void *item, struct rs_arena *arena,
                             struct rs_report_field out[RS_REPORT_FIELDS_MAX])
{
    const struct rs_migrate_table *table = item;
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("name", table->name, .head = "table"),
        RS_REPORT_COUNT("rows", table->rows, .head = "rows"),
        RS_REPORT_COUNT("bytes", table->bytes),
        RS_REPORT_COUNT("pieces", table->pieces, .head = "pieces"),
        RS_REPORT_COUNT("kept_pieces", table->kept_pieces, .head = "kept"),
        RS_REPORT_COUNT("extra_rows", table->extra_rows),
        RS_REPORT_COUNT("missing_rows", table->missing_rows),
        RS_REPORT_FLAG("made", table->made),
    };
    (void)arena;
    return rs_report_fields_copy(out, fields, RS_COUNTOF(fields));
}

void rs_migrate_report_text(const struct rs_migrate_report *report, struct rs_strbuf *out)
{
    rs_report_fields_table(out, describe_table, report->tables, report->table_count,
                           sizeof *report->tables);
    rs_words_count(out, report->rows, "row");
    rs_strbuf_append(out, " in ");
    rs_words_count(out, report->pieces, "piece");
    rs_strbuf_printf(out, " carried, %llu bytes, %.1f s", (unsigned long long)report->bytes,
                     report->seconds);
    if (report->pieces_left > 0) {
        rs_strbuf_printf(out, "; %llu left", (unsigned long long)report->pieces_left);
    }
    rs_strbuf_append_char(out, '\n');
}

void rs_migrate_report_json(const struct rs_migrate_report *report, const struct rs_error *err,
                            struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    const struct rs_report_field fields[] = {
        RS_REPORT_TEXT("status", err->code == RS_OK ? "success" : "failure"),
        RS_REPORT_COUNT("rows", report->rows),
        RS_REPORT_COUNT("bytes", report->bytes),
        RS_REPORT_COUNT("pieces", report->pieces),
        RS_REPORT_COUNT("pieces_left", report->pieces_left),
        RS_REPORT_SECONDS("seconds", report->seconds),
    };
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, fields, RS_COUNTOF(fields));
    rs_report_fields_json_array(&json, "tables", describe_table, report->tables,
                                report->table_count, sizeof *report->tables);
    rs_json_write_key(&json, RS_STR("notices"));
    rs_json_write_texts(&json, (const char *const *)report->notices, report->notice_count);
    rs_json_write_key(&json, RS_STR("warnings"));
    rs_json_write_texts(&json, (const char *const *)report->warnings, report->warning_count);
    rs_json_write_end(&json, err);
}
