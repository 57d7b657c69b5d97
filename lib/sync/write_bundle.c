/*
 * A bundle is written by units: one part of one table each, the heaviest first, so that workers
 * end at about the same time. A unit's file is named before it is written and its discards are
 * one stretch of its worker's spool, so what comes out does not depend on who did what when.
 */
#include <stdio.h>
#include <string.h>

#include "rs/base/mem.h"
#include "rs/codec/json_write.h"
#include "rs/stage/bundle.h"
#include "rs/stage/discard.h"
#include "rs/stage/encode.h"
#include "rs/stage/part.h"
#include "rs/sync/pipeline.h"
#include "rs/sync/record.h"
#include "rs/sync/workers.h"

enum {
    PART_BYTES = 32 << 20, /* of CSV: 4 to 10 MB compressed, well within what COPY likes */
    TEXT_MAX = 1 << 30,
    NAME_MAX_BYTES = 256,
};

struct unit {
    size_t table;
    uint64_t part;
    uint64_t parts;
    uint64_t weight;
    struct rs_encode_counts counts;
    unsigned worker;
    uint64_t discards_begin;
    uint64_t discards_end;
};

struct bundle_work {
    struct rs_pipeline *pipeline;
    struct rs_bundle *bundle;
    struct unit *units; /* by table and part */
    size_t unit_count;
    size_t *order; /* of the units */
    struct rs_tickets tickets;
    struct rs_spool **discards; /* a worker */
    uint64_t total_weight;
};

static void unit_name(const struct bundle_work *work, const struct unit *unit,
                      char out[NAME_MAX_BYTES])
{
    const struct rs_table *table = work->pipeline->layout.tables[unit->table].table;
    (void)snprintf(out, NAME_MAX_BYTES, "%.*s/part-%04llu.csv%s", RS_STR_ARG(table->name),
                   (unsigned long long)unit->part,
                   rs_compression_suffix(work->pipeline->options->compress));
}

static bool write_unit(struct bundle_work *work, struct unit *unit, unsigned worker,
                       struct rs_part *part, struct rs_error *err)
{
    struct rs_pipeline *pipeline = work->pipeline;
    char name[NAME_MAX_BYTES];
    unit_name(work, unit, name);
    char *path = rs_bundle_path(work->bundle, name);
    struct rs_table_writer_options options = rs_pipeline_writer_options(pipeline);
    options.layout = &pipeline->layout.tables[unit->table];
    options.discards = work->discards[worker];
    options.rows = rs_part_begin(part, path, err);
    unit->worker = worker;
    unit->discards_begin = rs_spool_end(work->discards[worker]);
    bool ok = options.rows && rs_encode_part(pipeline->intake.rows, unit->part, unit->parts,
                                             &options, &unit->counts, err);
    ok = options.rows && rs_part_finish(part, err) && ok;
    unit->discards_end = rs_spool_end(work->discards[worker]);
    rs_mem_free(path);
    return ok;
}

static bool write_units(void *arg, unsigned worker, struct rs_error *err)
{
    struct bundle_work *work = arg;
    struct rs_part *part = rs_part_new(work->pipeline->options->compress);
    bool ok = true;
    size_t number = 0;
    struct rs_pipeline_share share = {
        .worker = worker, .workers = work->pipeline->threads, .total = work->total_weight};
    while (ok && rs_tickets_take(&work->tickets, &number)) {
        ok = rs_env_check_interrupt(work->pipeline->env, err) &&
             write_unit(work, &work->units[work->order[number]], worker, part, err);
        share.done += work->units[work->order[number]].weight;
        rs_pipeline_progress(work->pipeline, "encoding", &share);
    }
    if (!ok) {
        rs_tickets_stop(&work->tickets);
    }
    rs_part_free(part);
    return ok;
}

static void add_units(struct bundle_work *work, size_t table)
{
    const struct rs_layout_table *layout = &work->pipeline->layout.tables[table];
    const struct rs_rows *rows = work->pipeline->intake.rows;
    uint64_t parts = rs_encode_part_count(rows, layout, PART_BYTES);
    work->units = rs_mem_resize(work->units, work->unit_count + (size_t)parts, sizeof *work->units);
    for (uint64_t part = 0; part < parts; part++) {
        uint64_t weight = rs_rows_weight(rows, layout) / parts;
        work->units[work->unit_count++] =
            (struct unit){.table = table, .part = part, .parts = parts, .weight = weight};
        work->total_weight += weight;
    }
}

/* Make the tables' folders and list the units. */
static bool plan_units(struct bundle_work *work, struct rs_error *err)
{
    for (size_t i = 0; i < work->pipeline->layout.table_count; i++) {
        const char *name = work->pipeline->report->tables[i].name;
        if (!rs_bundle_make_dir(work->bundle, name, err)) {
            return false;
        }
        add_units(work, i);
    }
    uint64_t *weights = rs_mem_zalloc(work->unit_count, sizeof *weights);
    for (size_t i = 0; i < work->unit_count; i++) {
        weights[i] = work->units[i].weight;
    }
    work->order = rs_workers_order(weights, work->unit_count);
    rs_mem_free(weights);
    work->tickets.count = work->unit_count;
    return true;
}

static void count_units(struct bundle_work *work)
{
    struct rs_sync_report *report = work->pipeline->report;
    for (size_t i = 0; i < work->unit_count; i++) {
        const struct unit *unit = &work->units[i];
        report->tables[unit->table].rows += unit->counts.rows;
        report->tables[unit->table].discards += unit->counts.discards;
        report->rows += unit->counts.rows;
        report->discards += unit->counts.discards;
    }
}

/* --- the files beside the tables ------------------------------------------------------------------ */

static void describe_columns(struct rs_json_writer *json, const struct rs_table *table)
{
    struct rs_strbuf type = RS_STRBUF_INIT(NAME_MAX_BYTES);
    rs_json_write_key(json, RS_STR("columns"));
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < table->column_count; i++) {
        rs_strbuf_reset(&type);
        rs_coltype_append_ddl(table->columns[i].type, &type);
        rs_json_write_object_begin(json);
        rs_json_write_key(json, RS_STR("name"));
        rs_json_write_str(json, table->columns[i].name);
        rs_json_write_key(json, RS_STR("type"));
        rs_json_write_str(json, rs_strbuf_str(&type));
        rs_json_write_object_end(json);
    }
    rs_json_write_array_end(json);
    rs_strbuf_release(&type);
}

static void describe_table(const struct bundle_work *work, size_t table,
                           struct rs_json_writer *json)
{
    char name[NAME_MAX_BYTES];
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("name"));
    rs_json_write_str(json, work->pipeline->layout.tables[table].table->name);
    describe_columns(json, work->pipeline->layout.tables[table].table);
    rs_json_write_key(json, RS_STR("rows"));
    rs_json_write_u64(json, work->pipeline->report->tables[table].rows);
    rs_json_write_key(json, RS_STR("files"));
    rs_json_write_array_begin(json);
    for (size_t i = 0; i < work->unit_count; i++) {
        if (work->units[i].table == table) {
            unit_name(work, &work->units[i], name);
            rs_json_write_text(json, name);
        }
    }
    rs_json_write_array_end(json);
    rs_json_write_object_end(json);
}

static bool write_schema(struct bundle_work *work, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&text);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("schema"));
    rs_json_write_str(&json, rs_strbuf_str(&work->pipeline->schema));
    rs_json_write_key(&json, RS_STR("null"));
    rs_json_write_str(&json, rs_strbuf_str(&work->pipeline->null_text));
    rs_json_write_key(&json, RS_STR("tables"));
    rs_json_write_array_begin(&json);
    for (size_t i = 0; i < work->pipeline->layout.table_count; i++) {
        describe_table(work, i, &json);
    }
    rs_json_write_array_end(&json);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(&text, '\n');
    bool ok = rs_json_write_ok(&json) || rs_error_set(err, RS_E_LIMIT,
                                                      "could not write \"schema.json\": it is "
                                                      "longer than 1 GiB");
    ok = ok && rs_bundle_write(work->bundle, "schema.json", rs_strbuf_str(&text), err);
    rs_strbuf_release(&text);
    return ok;
}

static bool write_load_sql(struct bundle_work *work, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX);
    rs_pipeline_append_load_sql(work->pipeline, &text);
    bool ok = rs_strbuf_ok(&text) || rs_error_set(err, RS_E_LIMIT,
                                                  "could not write \"load.sql\": it is longer "
                                                  "than 1 GiB");
    ok = ok && rs_bundle_write(work->bundle, "load.sql", rs_strbuf_str(&text), err);
    rs_strbuf_release(&text);
    return ok;
}

/* Write the bundle's discards: a header, then each unit's lines. */
static bool copy_discards(struct bundle_work *work, struct rs_sink *sink, struct rs_error *err)
{
    static const char header[] = RS_DISCARD_HEADER;
    bool ok = sink->write(sink, header, sizeof header - 1, err);
    for (size_t i = 0; ok && i < work->unit_count; i++) {
        const struct unit *unit = &work->units[i];
        ok = rs_spool_copy(work->discards[unit->worker], unit->discards_begin, unit->discards_end,
                           sink, err);
    }
    return ok;
}

struct reject_writer {
    const struct rs_pipeline *pipeline;
    struct rs_sink *sink;
    struct rs_strbuf line;
};

static bool write_reject(void *arg, const struct rs_reject_record *record, struct rs_error *err)
{
    struct reject_writer *writer = arg;
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&writer->line);
    rs_strbuf_reset(&writer->line);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("input"));
    rs_json_write_text(&json, writer->pipeline->inputs.items[record->input].name);
    rs_json_write_key(&json, RS_STR("line"));
    rs_json_write_u64(&json, record->line);
    rs_json_write_key(&json, RS_STR("reason"));
    rs_json_write_text(&json, record->reason);
    rs_json_write_key(&json, RS_STR("text"));
    rs_json_write_str(&json, record->text);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(&writer->line, '\n');
    return writer->sink->write(writer->sink, writer->line.data, writer->line.length, err);
}

static bool copy_rejects(struct bundle_work *work, struct rs_sink *sink, struct rs_error *err)
{
    struct reject_writer writer = {work->pipeline, sink, RS_STRBUF_INIT(TEXT_MAX)};
    bool ok = rs_reject_log_each(work->pipeline->intake.rejects, write_reject, &writer, err);
    rs_strbuf_release(&writer.line);
    return ok;
}

/* Make a file of the bundle that is not compressed. */
static bool write_file(struct bundle_work *work, const char *name,
                       bool (*copy)(struct bundle_work *, struct rs_sink *, struct rs_error *),
                       struct rs_error *err)
{
    struct rs_part *file = rs_part_new(RS_COMPRESS_NONE);
    char *path = rs_bundle_path(work->bundle, name);
    struct rs_sink *sink = rs_part_begin(file, path, err);
    bool ok = sink && copy(work, sink, err);
    ok = sink && rs_part_finish(file, err) && ok;
    rs_part_free(file);
    rs_mem_free(path);
    return ok;
}

static bool write_all(struct bundle_work *work, struct rs_error *err)
{
    if (!plan_units(work, err) ||
        !rs_workers_run(work->pipeline->threads, write_units, work, err)) {
        return false;
    }
    count_units(work);
    return write_file(work, "discards.csv", copy_discards, err) &&
           write_file(work, "rejects.ndjson", copy_rejects, err) && write_schema(work, err) &&
           write_load_sql(work, err) && rs_bundle_commit(work->bundle, err);
}

bool rs_write_bundle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct bundle_work work = {.pipeline = pipeline, .tickets = RS_TICKETS_INIT(0)};
    work.bundle = rs_bundle_open(pipeline->options->bundle, err);
    if (!work.bundle) {
        return false;
    }
    work.discards = rs_mem_zalloc(pipeline->threads, sizeof(struct rs_spool *));
    for (unsigned i = 0; i < pipeline->threads; i++) {
        work.discards[i] = rs_spool_new(pipeline->intake.options.tmpdir);
    }
    bool ok = write_all(&work, err);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        rs_spool_free(work.discards[i]);
    }
    rs_bundle_free(work.bundle);
    rs_mem_free(work.discards);
    rs_mem_free(work.units);
    rs_mem_free(work.order);
    return ok;
}
