/*
 * The tables' parts are written by all workers (part_jobs.c), each into a file that is named before it
 * is written; the files beside them when all are done.
 */
#include "sync/write_bundle.h"

#include "base/mem.h"
#include "codec/json_write.h"
#include "rows/bundle.h"
#include "rows/discard.h"
#include "rows/part.h"
#include "sync/part_jobs.h"
#include "sync/plan_text.h"
#include "sync/table_limit.h"

enum {
    PART_BYTES = 32 << 20, /* of CSV: 4 to 10 MB compressed, well within what COPY likes */
    TEXT_MAX = 1 << 30,
};

struct bundle_work {
    struct rs_pipeline *pipeline;
    struct rs_bundle *bundle;
    struct rs_part_jobs jobs;
    struct rs_part **parts; /* a worker */
};

static uint64_t part_count(const struct rs_pipeline *pipeline, const struct rs_layout_table *table)
{
    return rs_encode_part_count(pipeline->intake.rows, table, PART_BYTES);
}

static bool write_part(void *arg, struct rs_part_job *job, struct rs_table_writer_options *options,
                       struct rs_encode_counts *counts, struct rs_error *err)
{
    struct bundle_work *work = arg;
    struct rs_part *part = work->parts[job->worker];
    char name[RS_PART_NAME_MAX];
    rs_part_jobs_name(&work->jobs, job, "part", name);
    char *path = rs_bundle_path(work->bundle, name);
    options->rows = rs_part_begin(part, path, err);
    bool ok = options->rows && rs_encode_part(work->pipeline->intake.rows, job->part, job->parts,
                                              options, counts, err);
    ok = options->rows && rs_part_finish(part, err) && ok;
    rs_mem_free(path);
    return ok;
}

static bool make_folders(struct bundle_work *work, struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < work->pipeline->layout.table_count; i++) {
        ok = rs_bundle_make_dir(work->bundle, work->pipeline->report->tables[i].name, err);
    }
    return ok;
}

static void count_rows(struct bundle_work *work)
{
    for (size_t i = 0; i < work->pipeline->report->table_count; i++) {
        struct rs_encode_counts counts = rs_part_jobs_counts(&work->jobs, i);
        rs_pipeline_count_table(work->pipeline, i, &counts, counts.rows);
    }
}

/* --- the files beside the tables ------------------------------------------------------------------ */

static void describe_columns(struct rs_json_writer *json, const struct rs_table *table)
{
    struct rs_strbuf type = RS_STRBUF_INIT(RS_PART_NAME_MAX);
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
    char name[RS_PART_NAME_MAX];
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("name"));
    rs_json_write_str(json, work->pipeline->layout.tables[table].table->name);
    describe_columns(json, work->pipeline->layout.tables[table].table);
    rs_json_write_key(json, RS_STR("rows"));
    rs_json_write_u64(json, work->pipeline->report->tables[table].rows);
    rs_json_write_key(json, RS_STR("files"));
    rs_json_write_array_begin(json);
    for (size_t i = work->jobs.first[table]; i < work->jobs.first[table + 1]; i++) {
        rs_part_jobs_name(&work->jobs, &work->jobs.items[i], "part", name);
        rs_json_write_text(json, name);
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
    rs_plan_append_load_sql(work->pipeline, &text);
    bool ok = rs_strbuf_ok(&text) || rs_error_set(err, RS_E_LIMIT,
                                                  "could not write \"load.sql\": it is longer "
                                                  "than 1 GiB");
    ok = ok && rs_bundle_write(work->bundle, "load.sql", rs_strbuf_str(&text), err);
    rs_strbuf_release(&text);
    return ok;
}

/* Write the bundle's discards: a header, then each table's lines, also of those not made. */
static bool copy_discards(struct bundle_work *work, struct rs_sink *sink, struct rs_error *err)
{
    static const char header[] = RS_DISCARD_HEADER;
    bool ok = sink->write(sink, header, sizeof header - 1, err);
    for (size_t i = 0; ok && i < work->pipeline->layout.table_count; i++) {
        ok = rs_part_jobs_copy_discards(&work->jobs, i, sink, err);
    }
    struct rs_spool *left_out = rs_spool_new(work->pipeline->intake.options.tmpdir);
    ok = ok && rs_table_limit_discard(work->pipeline, left_out, err) &&
         rs_spool_copy(left_out, 0, rs_spool_end(left_out), sink, err);
    rs_spool_free(left_out);
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
    rs_json_write_u64(&json, record->place.line);
    rs_json_write_key(&json, RS_STR("byte_offset"));
    rs_json_write_u64(&json, record->place.byte);
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
    struct rs_part_work part_work = {.write = write_part, .arg = work, .encoding = 1.0};
    if (!make_folders(work, err) || !rs_part_jobs_run(&work->jobs, "encoding", &part_work, err)) {
        return false;
    }
    count_rows(work);
    return write_file(work, "discards.csv", copy_discards, err) &&
           write_file(work, "rejects.ndjson", copy_rejects, err) && write_schema(work, err) &&
           write_load_sql(work, err) && rs_bundle_commit(work->bundle, err);
}

static bool write_bundle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct bundle_work work = {.pipeline = pipeline};
    work.bundle = rs_bundle_open(pipeline->options->bundle, err);
    if (!work.bundle) {
        return false;
    }
    rs_part_jobs_init(&work.jobs, pipeline, part_count);
    work.parts = rs_mem_zalloc(pipeline->threads, sizeof *work.parts);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        work.parts[i] = rs_part_new(pipeline->options->compress);
    }
    bool ok = write_all(&work, err);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        rs_part_free(work.parts[i]);
    }
    rs_mem_free(work.parts);
    rs_part_jobs_release(&work.jobs);
    rs_bundle_free(work.bundle);
    return ok;
}

bool rs_write_bundle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    rs_pipeline_start_loading(pipeline);
    bool ok = write_bundle(pipeline, err);
    rs_pipeline_end_loading(pipeline);
    return ok;
}
