/*
 * A shard's files go up first, then the lists of its tables and inputs, and at the very end the one
 * document that names them: a shard that was killed leaves nothing that counts, and one that is run
 * again is another folder, named by the document that takes the place of the first.
 */
#include "base/map.h"
#include "base/mem.h"
#include "codec/json_doc.h"
#include "sync/record.h"
#include "sync/shard_doc.h"
#include "sync/staging_internal.h"

enum { HASH_BYTES = 17 };

/* Lines that are written one by one, and how far they are. */
struct lines {
    struct rs_staging *staging;
    struct rs_strbuf line;
    uint64_t count;
};

/* --- lines ----------------------------------------------------------------------------------------- */

static bool write_line(struct lines *lines, struct rs_sink *sink, const char *what,
                       struct rs_error *err)
{
    lines->count++;
    if (!rs_strbuf_ok(&lines->line)) {
        return rs_error_set(err, RS_E_LIMIT, "could not describe %s: it takes over 8 MiB", what);
    }
    bool ok = sink->write(sink, lines->line.data, lines->line.length, err);
    rs_strbuf_reset(&lines->line);
    return ok;
}

static bool write_tables(struct lines *lines, struct rs_sink *sink, struct rs_error *err)
{
    const struct rs_staging *staging = lines->staging;
    const struct rs_pipeline *pipeline = staging->pipeline;
    bool ok = true;
    for (size_t i = 0; ok && i < staging->table_count; i++) {
        size_t first = staging->units.first[i];
        struct rs_shard_table table = {
            .table = *pipeline->layout.tables[i].table,
            .counts = staging->tables[i].counts,
            .parts = &staging->parts[first],
            .part_count = staging->units.first[i + 1] - first,
        };
        rs_shard_table_append(&table, &lines->line);
        ok = write_line(lines, sink, table.table.name.data, err);
    }
    return ok;
}

static bool write_inputs(struct lines *lines, struct rs_sink *sink, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = lines->staging->pipeline;
    bool ok = true;
    for (size_t i = 0; ok && i < pipeline->inputs.count; i++) {
        if (!pipeline->left_out[i]) {
            struct rs_ledger_input input = rs_record_input(pipeline, i);
            rs_shard_input_append(&input, &lines->line);
            ok = write_line(lines, sink, pipeline->inputs.items[i].name, err);
        }
    }
    return ok;
}

/* Write a file of lines that are not compressed. */
static bool write_list(struct rs_staging *staging, const char *name,
                       bool (*write)(struct lines *, struct rs_sink *, struct rs_error *),
                       uint64_t *count, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = staging->desks[0].uploader;
    struct lines lines = {.staging = staging, .line = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES)};
    char *key = rs_staging_key(staging, name);
    struct rs_sink *sink = rs_s3_uploader_begin(uploader, rs_str_from(key), NULL, err);
    bool written = sink && write(&lines, sink, err);
    if (sink && !written) {
        rs_s3_uploader_abort(uploader, sink);
    }
    *count = lines.count;
    rs_mem_free(key);
    rs_strbuf_release(&lines.line);
    return written && rs_s3_uploader_finish(uploader, sink, err);
}

static bool encode_discards(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    const struct rs_staging *staging = arg;
    bool ok = true;
    for (size_t i = 0; ok && i < staging->table_count; i++) {
        ok = rs_staging_copy_discards(staging, i, sink, err);
    }
    return ok;
}

static bool write_other_lines(struct rs_staging *staging, const char *table,
                              struct rs_load_source source, uint64_t *bytes, struct rs_error *err)
{
    char name[RS_UNIT_NAME_MAX];
    rs_staging_lines_name(staging, table, name);
    return rs_staging_write_file(staging, name, &source, bytes, err);
}

/* --- the document ---------------------------------------------------------------------------------- */

/* A hash of all inputs in their order, which is what a place in the order read depends on. */
static void hash_inputs(const struct rs_pipeline *pipeline, struct rs_strbuf *out)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        hash = rs_hash64(rs_str_from(pipeline->inputs.items[i].identity), hash);
    }
    rs_strbuf_printf(out, "%016llx", (unsigned long long)hash);
}

static void fill_counts(const struct rs_pipeline *pipeline, struct rs_shard_counts *out)
{
    const struct rs_sync_report *report = pipeline->report;
    *out = (struct rs_shard_counts){
        .events = report->events,
        .rejects = report->rejects,
        .opt_outs = report->skips_opt_out,
        .unselected = report->skips_select,
        .discards = report->discards,
        .duplicates = report->duplicates,
        .bytes = report->input_bytes,
        .inputs_skipped = report->inputs_skipped,
        .inputs_failed = report->inputs_failed,
    };
}

static bool put_doc(struct rs_staging *staging, const struct rs_shard_doc *doc,
                    struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES);
    char *key = rs_staging_shard_key(staging, &doc->shard, "shard.json");
    rs_shard_doc_append(doc, &text);
    bool ok = rs_strbuf_ok(&text) ||
              rs_error_set(err, RS_E_LIMIT, "could not write \"%s\": it is over 8 MiB", key);
    ok = ok && rs_s3_put(staging->s3, staging->place.bucket, rs_str_from(key), rs_strbuf_str(&text),
                         NULL, err);
    rs_mem_free(key);
    rs_strbuf_release(&text);
    return ok;
}

/* Describe the shard, when all that it is about is there. */
static bool describe(struct rs_staging *staging, struct rs_shard_doc *doc, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    const struct rs_sync_options *options = pipeline->options;
    static const char *const compressions[] = {
        [RS_COMPRESS_ZSTD] = "zstd", [RS_COMPRESS_GZIP] = "gzip", [RS_COMPRESS_NONE] = "none"};
    struct rs_strbuf listed = RS_STRBUF_INIT(HASH_BYTES);
    char selection[RS_SELECTION_HEX_SIZE];
    hash_inputs(pipeline, &listed);
    doc->shard = options->shard;
    doc->schema = rs_strbuf_str(&pipeline->schema);
    doc->sync_id = rs_str_from(pipeline->report->sync_id);
    doc->compression = rs_str_from(compressions[staging->compression]);
    doc->arrays = options->arrays == RS_ARRAYS_SUPER ? RS_STR("super") : RS_STR("text");
    doc->warehouse_id = rs_str_from(options->warehouse_id);
    doc->null_text = rs_strbuf_str(&pipeline->null_text);
    doc->listed = rs_strbuf_str(&listed);
    doc->damage = rs_str_from(pipeline->damage.message);
    fill_counts(pipeline, &doc->counts);
    bool ok = rs_sync_selection_digest(options->select_file, selection, err);
    doc->selection = rs_str_from(selection);
    ok = ok && put_doc(staging, doc, err);
    rs_strbuf_release(&listed);
    return ok;
}

static void count_rows(struct rs_pipeline *pipeline)
{
    struct rs_sync_report *report = pipeline->report;
    for (size_t i = 0; i < report->table_count; i++) {
        struct rs_encode_counts counts = rs_staging_counts(pipeline->staging, i);
        report->tables[i].rows = counts.rows;
        report->tables[i].discards = counts.discards;
        report->rows += counts.rows;
        report->discards += counts.discards;
    }
}

bool rs_shard_write(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_staging *staging = pipeline->staging;
    struct rs_shard_doc doc = {0};
    if (!rs_staging_write_tables(staging, err)) {
        return false;
    }
    count_rows(pipeline);
    bool ok =
        write_other_lines(staging, "rs_rejects",
                          (struct rs_load_source){rs_record_encode_rejects, pipeline},
                          &doc.rejects_bytes, err) &&
        write_other_lines(staging, "rs_discards", (struct rs_load_source){encode_discards, staging},
                          &doc.discards_bytes, err) &&
        write_list(staging, "tables.ndjson", write_tables, &doc.tables, err) &&
        write_list(staging, "inputs.ndjson", write_inputs, &doc.inputs, err) &&
        rs_s3_uploader_drain(staging->desks[0].uploader, err) && describe(staging, &doc, err);
    if (!ok) {
        rs_error_prefix(err, "could not stage shard %u of %u",
                        (unsigned)pipeline->options->shard.number,
                        (unsigned)pipeline->options->shard.count);
    }
    return ok;
}
