/*
 * Events into tables: any bytes, taken as lines, go through the projector, the schema, the rows
 * and the table writer. Every table's CSV reads back as rows of as many columns, with values of
 * the columns' types, one row an id; and it is the same, byte for byte, when two workers do it
 * and spill.
 */
#include "rows/encode.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/csv_reader.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/json_token.h"
#include "codec/utf8.h"
#include "rows/dedupe.h"
#include "rs/name.h"
#include "transform/coltype.h"
#include "transform/decimal.h"

enum { WORKERS = 2, DISCARD_FIELDS = 7, OUTPUT_MAX = 1 << 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct rs_projector *projectors[WORKERS];
    struct rs_dedupe *dedupes[WORKERS];
    struct rs_rows *rows;
    enum rs_arrays arrays;
    struct rs_schema schema;
    struct rs_layout layout;
    struct rs_strbuf null_text;
    struct rs_spool *discards;
    struct rs_strbuf output; /* all tables, then the discards */
    uint64_t discard_count;
};

struct memory_sink {
    struct rs_sink sink;
    struct rs_strbuf *out;
};

/* Kept from input to input: fresh huge pages would take most of the time. */
static struct rs_slab slabs[WORKERS];

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool write_memory(struct rs_sink *sink, const void *bytes, size_t count,
                         struct rs_error *err)
{
    (void)err;
    rs_strbuf_append_bytes(((struct memory_sink *)(void *)sink)->out, bytes, count);
    return true;
}

static void begin(struct run *run, uint64_t seed, size_t name_limit, enum rs_arrays arrays)
{
    struct rs_projector_options options = {
        .seed = seed, .name_limit = name_limit, .warehouse_id = RS_STR("w1")};
    *run = (struct run){.rows = rs_rows_new(0, NULL),
                        .arrays = arrays,
                        .null_text = RS_STRBUF_INIT(OUTPUT_MAX),
                        .discards = rs_spool_new(NULL),
                        .output = RS_STRBUF_INIT(OUTPUT_MAX)};
    rs_schema_init(&run->schema, RS_STR("fuzz"));
    for (size_t i = 0; i < WORKERS; i++) {
        run->projectors[i] = rs_projector_new(&options);
        run->dedupes[i] = rs_dedupe_new(seed, NULL);
        rs_slab_reset(&slabs[i]);
    }
}

static void end(struct run *run)
{
    rs_layout_release(&run->layout);
    rs_schema_release(&run->schema);
    rs_rows_free(run->rows);
    rs_spool_free(run->discards);
    rs_strbuf_release(&run->null_text);
    rs_strbuf_release(&run->output);
    for (size_t i = 0; i < WORKERS; i++) {
        rs_projector_free(run->projectors[i]);
        rs_dedupe_free(run->dedupes[i]);
    }
}

/* Each line stands in a block that ends where its padding ends. */
static void add_line(struct rs_projector *projector, struct rs_batch *batch, struct rs_str line)
{
    char *block = rs_mem_zalloc(line.length + RS_JSON_PADDING, 1);
    size_t rows = batch->row_count;
    memcpy(block, line.length > 0 ? line.data : "", line.length);
    const char *reason = NULL;
    enum rs_outcome outcome =
        rs_projector_event(projector, batch, (struct rs_str){block, line.length}, &reason);
    check(batch->row_count - rows == (outcome == RS_OUTCOME_ROW ? 1 : 0));
    check((outcome == RS_OUTCOME_NO_EVENT || outcome == RS_OUTCOME_REJECT) == (reason != NULL));
    rs_mem_free(block);
}

static void add_chunk(struct run *run, uint32_t worker, uint32_t chunk, struct rs_str lines)
{
    struct rs_batch *batch =
        rs_batch_new(0, chunk, worker, &slabs[worker], lines.length + 1, lines.length);
    while (lines.length > 0) {
        size_t stop = rs_str_find_byte(lines, '\n');
        stop = stop == SIZE_MAX ? lines.length : stop;
        add_line(run->projectors[worker], batch, rs_str_slice(lines, 0, stop));
        lines = rs_str_slice(lines, stop + 1, lines.length);
    }
    rs_batch_end(batch);
    rs_dedupe_add(run->dedupes[worker], batch);
    rs_rows_add(run->rows, batch);
}

static void spill(struct run *run)
{
    struct rs_error err = {0};
    for (size_t i = 0; i < WORKERS; i++) {
        check(rs_dedupe_spill(run->dedupes[i], &err));
    }
    check(rs_rows_spill(run->rows, run->projectors, NULL, &err));
    for (size_t i = 0; i < WORKERS; i++) {
        rs_slab_reset(&slabs[i]);
    }
}

static void settle(struct run *run)
{
    struct rs_error err = {0};
    uint64_t duplicates = 0;
    size_t longest = 0;
    check(rs_rows_seal(run->rows, run->projectors, NULL, &err));
    rs_layout_schema(run->projectors, WORKERS, NULL, run->arrays, &run->schema);
    rs_layout_init(&run->layout, run->projectors, WORKERS, NULL, &run->schema);
    for (size_t i = 0; i < WORKERS; i++) {
        size_t null_run = rs_projector_null_run(run->projectors[i]);
        longest = null_run > longest ? null_run : longest;
    }
    rs_null_text(longest, &run->null_text);
    for (uint32_t i = 0; i < RS_DEDUPE_PARTITIONS; i++) {
        check(rs_dedupe_resolve(run->dedupes, WORKERS, i, &run->layout, run->projectors, run->rows,
                                &duplicates, &err));
    }
}

/* The text is one whole JSON value. */
static bool is_json(struct rs_str text)
{
    char *block = rs_mem_zalloc(text.length + RS_JSON_PADDING, 1);
    struct rs_json_tape tape = {0};
    struct rs_json_fault fault = {0};
    memcpy(block, text.length > 0 ? text.data : "", text.length);
    bool ok = rs_json_tokenize((struct rs_str){block, text.length}, &tape, &fault);
    rs_json_tape_release(&tape);
    rs_mem_free(block);
    return ok;
}

static bool is_of_type(struct rs_str text, struct rs_coltype type)
{
    int64_t us = 0;
    switch (type.type) {
    case RS_TYPE_BOOLEAN:
        return rs_str_equal(text, RS_STR("true")) || rs_str_equal(text, RS_STR("false"));
    case RS_TYPE_BIGINT:
        return rs_kind_of_number(text) == RS_KIND_INTEGER ||
               rs_kind_of_number(text) == RS_KIND_WIDE_INTEGER;
    case RS_TYPE_DOUBLE:
        return rs_kind_of_number(text) == RS_KIND_INTEGER ||
               rs_kind_of_number(text) == RS_KIND_FLOAT;
    case RS_TYPE_TIMESTAMP:
        return rs_timefmt_parse(text, &us);
    case RS_TYPE_VARCHAR:
        return text.length <= type.length;
    case RS_TYPE_SUPER:
        return is_json(text);
    case RS_TYPE_SMALLINT:
    case RS_TYPE_INTEGER:
    case RS_TYPE_REAL:
    case RS_TYPE_NUMERIC:
    case RS_TYPE_DATE:
    case RS_TYPE_TIMESTAMPTZ:
    case RS_TYPE_TEXT:
    case RS_TYPE_OTHER:
        break;
    }
    return false; /* no type of ours */
}

/* One table's CSV: rows, their columns and values; no id twice. */
static void check_table(const struct run *run, const struct rs_table *table, struct rs_str csv,
                        uint64_t rows)
{
    struct csv_reader reader = csv_open(csv);
    struct rs_map *ids = rs_map_new(0);
    for (uint64_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            check(csv_next(&reader) && reader.last == (i + 1 == table->column_count));
            struct rs_str text = rs_strbuf_str(&reader.field);
            bool null = rs_str_equal(text, rs_strbuf_str(&run->null_text));
            check(!null || !reader.quoted);
            check(rs_utf8_valid(text) && rs_str_find_byte(text, '\0') == SIZE_MAX);
            check(null || is_of_type(text, table->columns[i].type));
            check(!null || i > 1); /* id and received_at */
            if (i == 0) {
                void **slot = rs_map_put(ids, text);
                check(*slot == NULL);
                *slot = ids;
            }
        }
    }
    check(!csv_next(&reader) && !reader.bad);
    rs_map_free(ids);
    csv_close(&reader);
}

static uint64_t count_live(const struct run *run, const struct rs_layout_table *table)
{
    struct rs_error err = {0};
    struct rs_row_view view = {0};
    struct rs_rows_cursor *cursor = rs_rows_open(run->rows, table, 0, UINT64_MAX);
    uint64_t count = 0;
    enum rs_next next = RS_NEXT_END;
    while ((next = rs_rows_next(cursor, &view, &err)) == RS_NEXT_ITEM) {
        count++;
    }
    check(next == RS_NEXT_END);
    rs_rows_close(cursor);
    return count;
}

static void write_table(struct run *run, const struct rs_layout_table *table)
{
    struct rs_error err = {0};
    struct rs_encode_counts counts = RS_ENCODE_COUNTS_INIT;
    struct memory_sink sink = {{write_memory}, &run->output};
    struct rs_table_writer_options options = {.layout = table,
                                              .null_text = rs_strbuf_str(&run->null_text),
                                              .sync_id = RS_STR("sync"),
                                              .rows = &sink.sink,
                                              .discards = run->discards};
    size_t before = run->output.length;
    for (uint64_t part = 0; part < 3; part++) {
        check(rs_encode_part(run->rows, part, 3, &options, &counts, &err));
    }
    struct rs_str csv = rs_str_slice(rs_strbuf_str(&run->output), before, run->output.length);
    check(table->rows == RS_LAYOUT_FOLD || counts.rows == count_live(run, table));
    check_table(run, table->table, csv, counts.rows);
    run->discard_count += counts.discards;
}

static void check_discards(struct run *run)
{
    struct rs_error err = {0};
    size_t before = run->output.length;
    size_t count = (size_t)rs_spool_end(run->discards);
    char *place = rs_strbuf_reserve(&run->output, count);
    check(place && rs_spool_read(run->discards, 0, place, count, &err));
    rs_strbuf_commit(&run->output, count);
    struct csv_reader reader =
        csv_open(rs_str_slice(rs_strbuf_str(&run->output), before, run->output.length));
    for (uint64_t i = 0; i < run->discard_count * DISCARD_FIELDS; i++) {
        check(csv_next(&reader) && reader.last == (i % DISCARD_FIELDS == DISCARD_FIELDS - 1));
        check(rs_utf8_valid(rs_strbuf_str(&reader.field)));
        check(rs_str_find_byte(rs_strbuf_str(&reader.field), '\0') == SIZE_MAX);
        check(reader.field.length <= RS_VARCHAR_MAX);
    }
    check(!csv_next(&reader) && !reader.bad);
    csv_close(&reader);
}

static void write_all(struct run *run)
{
    settle(run);
    for (size_t i = 0; i < run->layout.table_count; i++) {
        rs_strbuf_append_str(&run->output, run->schema.tables[i].name);
        write_table(run, &run->layout.tables[i]);
    }
    check_discards(run);
    check(rs_strbuf_ok(&run->output));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = {(const char *)data, size};
    size_t middle = size > 0 ? rs_str_find_byte(rs_str_slice(text, size / 2, size), '\n') : 0;
    middle = middle == SIZE_MAX ? size : size / 2 + middle;
    size_t name_limit = size % 3 == 0 ? RS_NAME_MIN : RS_NAME_MAX;
    enum rs_arrays arrays = size % 2 == 0 ? RS_ARRAYS_TEXT : RS_ARRAYS_SUPER;
    struct run one;
    struct run two;
    begin(&one, 1, name_limit, arrays);
    add_chunk(&one, 0, 0, rs_str_slice(text, 0, middle));
    add_chunk(&one, 0, 1, rs_str_slice(text, middle + 1, size));
    write_all(&one);
    begin(&two, 2, name_limit, arrays); /* the slabs' memory is two's from here on */
    add_chunk(&two, 1, 0, rs_str_slice(text, 0, middle));
    spill(&two);
    add_chunk(&two, 0, 1, rs_str_slice(text, middle + 1, size));
    write_all(&two);
    check(rs_str_equal(rs_strbuf_str(&one.output), rs_strbuf_str(&two.output)));
    end(&one);
    end(&two);
    return 0;
}
