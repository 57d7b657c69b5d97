/* Pure formatting. */
#include "base/mem.h"
#include "codec/json_write.h"
#include "codec/text_table.h"
#include "codec/words.h"
#include "replay/gap.h"
#include "replay/interval_text.h"

enum { DAY_MAX_BYTES = 128 };

void rs_gap_report_release(struct rs_gap_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        rs_mem_free(report->rows[i].table);
    }
    rs_mem_free(report->rows);
    *report = (struct rs_gap_report){0};
}

static void append_rows(const struct rs_gap_report *report, struct rs_strbuf *out)
{
    static const char *const heads[] = {"day",     "table", "archive", "rows",
                                        "missing", "extra", "doubled"};
    struct rs_strbuf day = RS_STRBUF_INIT(DAY_MAX_BYTES);
    struct rs_text_table table;
    if (report->row_count == 0) {
        return;
    }
    rs_text_table_init(&table, "llrrrrr");
    for (size_t i = 0; i < RS_COUNTOF(heads); i++) {
        rs_text_table_add(&table, rs_str_from(heads[i]));
    }
    for (size_t i = 0; i < report->row_count; i++) {
        const struct rs_gap_row *row = &report->rows[i];
        rs_strbuf_reset(&day);
        rs_interval_append(&day, &row->day);
        rs_text_table_add(&table, rs_strbuf_str(&day));
        rs_text_table_add(&table, rs_str_from(row->table));
        rs_text_table_add_u64(&table, row->events);
        rs_text_table_add_u64(&table, row->rows);
        rs_text_table_add_u64(&table, row->missing);
        rs_text_table_add_u64(&table, row->extra);
        rs_text_table_add_u64(&table, row->doubled);
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
    rs_strbuf_release(&day);
}

void rs_gap_report_text(const struct rs_gap_report *report, struct rs_strbuf *out)
{
    append_rows(report, out);
    if (report->days_filled > 0) {
        rs_strbuf_append(out, "filled ");
        rs_words_count(out, report->days_filled, "day");
        rs_strbuf_append(out, ": ");
        rs_words_count(out, report->rows_filled, "row");
        rs_strbuf_append(out, "\n");
    }
    rs_strbuf_append(out, report->days_lacking > 0 ? "gap: " : "no gap: ");
    rs_words_count(out, report->days, "day");
    rs_strbuf_append(out, " of ");
    rs_words_count(out, report->inputs, "input");
    rs_strbuf_append(out, " compared in ");
    rs_words_seconds(out, report->seconds);
    if (report->days_lacking > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, report->days_lacking, "day");
        rs_strbuf_printf(out, " with %llu missing and %llu doubled rows",
                         (unsigned long long)report->missing, (unsigned long long)report->doubled);
    }
    if (report->extra > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_count(out, report->extra, "row");
        rs_strbuf_append(out, " of other sources");
    }
    rs_strbuf_append(out, "\n");
}

static void write_number(struct rs_json_writer *json, const char *key, uint64_t number)
{
    rs_json_write_key(json, rs_str_from(key));
    rs_json_write_u64(json, number);
}

static void write_row(const struct rs_gap_row *row, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("event"));
    rs_json_write_text(&json, "difference");
    rs_interval_write(&json, &row->day);
    rs_json_write_key(&json, RS_STR("table"));
    rs_json_write_text(&json, row->table);
    write_number(&json, "archive", row->events);
    write_number(&json, "rows", row->rows);
    write_number(&json, "missing", row->missing);
    write_number(&json, "extra", row->extra);
    write_number(&json, "doubled", row->doubled);
    write_number(&json, "superseded", row->superseded);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

void rs_gap_report_json(const struct rs_gap_report *report, const struct rs_error *err,
                        struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    for (size_t i = 0; i < report->row_count; i++) {
        write_row(&report->rows[i], out);
    }
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("event"));
    rs_json_write_text(&json, "summary");
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, !report->ok                ? "failure"
                              : report->days_lacking > 0 ? "gap"
                                                         : "success");
    write_number(&json, "days", report->days);
    write_number(&json, "inputs", report->inputs);
    write_number(&json, "days_lacking", report->days_lacking);
    write_number(&json, "missing", report->missing);
    write_number(&json, "extra", report->extra);
    write_number(&json, "doubled", report->doubled);
    write_number(&json, "days_filled", report->days_filled);
    write_number(&json, "rows_filled", report->rows_filled);
    rs_json_write_key(&json, RS_STR("seconds"));
    rs_json_write_seconds(&json, report->seconds);
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}
