/*
 * A report is described once, as fields with their values; who prints it picks those that have
 * what it asks for: a key, a head, words. A table's heads are those of an item that is all zero.
 */
#include "codec/report_fields.h"

#include <string.h>

#include "codec/text_table.h"

size_t rs_report_fields_copy(struct rs_report_field out[RS_REPORT_FIELDS_MAX],
                             const struct rs_report_field *fields, size_t count)
{
    count = count < RS_REPORT_FIELDS_MAX ? count : RS_REPORT_FIELDS_MAX;
    memcpy(out, fields, count * sizeof *fields);
    return count;
}

static void write_value(struct rs_json_writer *json, const struct rs_report_field *field)
{
    switch (field->kind) {
    case RS_REPORT_KIND_TEXT:
        rs_json_write_text(json, field->text);
        return;
    case RS_REPORT_KIND_COUNT:
        rs_json_write_u64(json, field->number);
        return;
    case RS_REPORT_KIND_SECONDS:
        rs_json_write_seconds(json, field->seconds);
        return;
    case RS_REPORT_KIND_FLAG:
        rs_json_write_bool(json, field->number != 0);
        return;
    }
}

void rs_report_fields_json(struct rs_json_writer *json, const struct rs_report_field *fields,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].key) {
            rs_json_write_key(json, rs_str_from(fields[i].key));
            write_value(json, &fields[i]);
        }
    }
}

void rs_report_fields_json_array(struct rs_json_writer *json, const char *key,
                                 rs_report_fields_describe *describe, const void *items,
                                 size_t count, size_t size_bytes)
{
    struct rs_arena arena = RS_ARENA_INIT;
    const char *item = items;
    if (key) {
        rs_json_write_key(json, rs_str_from(key));
    }
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < count; i++, item += size_bytes) {
        struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
        const size_t field_count = describe(item, &arena, fields);
        rs_json_write_object_begin(json);
        rs_report_fields_json(json, fields, field_count);
        rs_json_write_object_end(json);
        rs_arena_reset(&arena);
    }
    rs_json_write_array_end(json);
    rs_arena_release(&arena);
}

static void add_cell(struct rs_text_table *table, const struct rs_report_field *field)
{
    if (field->kind == RS_REPORT_KIND_COUNT) {
        rs_text_table_add_u64(table, field->number);
    } else {
        rs_text_table_add(table, rs_str_from(field->text));
    }
}

/* The alignment of the columns, which stays where it is for as long as the table is used. */
static void add_heads(struct rs_text_table *table, char alignment[RS_REPORT_FIELDS_MAX + 1],
                      const struct rs_report_field *fields, size_t count)
{
    size_t columns = 0;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].head) {
            alignment[columns++] = fields[i].kind == RS_REPORT_KIND_COUNT ? 'r' : 'l';
        }
    }
    alignment[columns] = '\0';
    rs_text_table_init(table, alignment);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].head) {
            rs_text_table_add(table, rs_str_from(fields[i].head));
        }
    }
}

void rs_report_fields_table(struct rs_strbuf *out, rs_report_fields_describe *describe,
                            const void *items, size_t count, size_t size_bytes)
{
    char alignment[RS_REPORT_FIELDS_MAX + 1];
    struct rs_text_table table;
    struct rs_report_field fields[RS_REPORT_FIELDS_MAX];
    struct rs_arena arena = RS_ARENA_INIT;
    const void *none = rs_arena_zalloc(&arena, 1, size_bytes);
    size_t field_count = describe(none, &arena, fields);
    add_heads(&table, alignment, fields, field_count);
    const char *item = items;
    for (size_t i = 0; i < count; i++, item += size_bytes) {
        field_count = describe(item, &arena, fields);
        for (size_t j = 0; j < field_count; j++) {
            if (fields[j].head) {
                add_cell(&table, &fields[j]);
            }
        }
        rs_arena_reset(&arena);
    }
    rs_text_table_format(&table, out);
    rs_text_table_release(&table);
    rs_arena_release(&arena);
}

/* Of the fields that have something to tell, the one whose turn is after last's; NULL: none. */
static const struct rs_report_field *next_told(const struct rs_report_field *fields, size_t count,
                                               const struct rs_report_field *last)
{
    const struct rs_report_field *next = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct rs_report_field *field = &fields[i];
        const bool told = field->one && field->number > 0;
        if (told && (!last || field->turn > last->turn) && (!next || field->turn < next->turn)) {
            next = field;
        }
    }
    return next;
}

void rs_report_fields_sentence(struct rs_strbuf *out, const struct rs_report_field *fields,
                               size_t count)
{
    const char *between = "";
    for (const struct rs_report_field *field = next_told(fields, count, NULL); field;
         field = next_told(fields, count, field)) {
        rs_strbuf_append(out, between);
        rs_strbuf_append_u64(out, field->number);
        rs_strbuf_printf(out, " %s", field->number == 1 ? field->one : field->many);
        between = ", ";
    }
    rs_strbuf_append(out, *between ? "\n" : "");
}
