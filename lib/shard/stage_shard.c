/*
 * A run that stages a shard, from top to bottom of take_steps. It is as any run until its rows are
 * settled (lib/sync/pipeline.c), but that it reads its own inputs alone and that its files have columns
 * of more than the tables.
 *
 * A shard's files go up first, then the lists of its tables and inputs, and at the very end the one
 * document that names them: a shard that was killed leaves nothing that counts, and one that is run
 * again is another folder, named by the document that takes the place of the first.
 */
#include "shard/stage_shard.h"

#include "base/map.h"
#include "base/mem.h"
#include "codec/json_doc.h"
#include "shard/shard_doc.h"
#include "shard/shard_folders.h"
#include "sync/notices.h"
#include "sync/pipeline.h"
#include "sync/read_events.h"
#include "sync/reasons.h"
#include "sync/record.h"
#include "sync/settle.h"
#include "sync/staging.h"

enum { HASH_BYTES = 17, FOLDER_MAX_BYTES = 64 };

/* What this run has beside its state. */
struct shard_run {
    const struct rs_shard *shard;
    struct rs_schema files; /* the wanted tables with what their files have beside them */
};

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
        size_t first = staging->jobs.first[i];
        struct rs_shard_table table = {
            .table = *pipeline->layout.tables[i].table,
            .counts = staging->tables[i].counts,
            .parts = &staging->parts[first],
            .part_count = staging->jobs.first[i + 1] - first,
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
    struct rs_s3_uploader *uploader = staging->writers[0].uploader;
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
    char name[RS_PART_NAME_MAX];
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
        .lines = report->lines,
        .events = report->events,
        .rejects = report->rejects,
        .opt_outs = report->skips_opt_out,
        .unselected = report->skips_select,
        .discards = report->discards,
        .duplicates = report->duplicates,
        .bytes = report->input_bytes,
        .inputs_skipped = report->inputs_skipped,
        .inputs_failed = report->inputs_failed,
        .inputs_suspect = report->inputs_suspect,
    };
}

static bool put_doc(struct rs_staging *staging, const struct rs_shard_doc *doc,
                    struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES);
    char *key = rs_shard_folder_key(staging, &doc->shard, "shard.json");
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
    struct rs_strbuf reasons = RS_STRBUF_INIT(RS_JSON_DOC_MAX_BYTES);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&reasons);
    char selection[RS_SELECTION_HEX_SIZE];
    hash_inputs(pipeline, &listed);
    rs_reasons_json(&json, pipeline->report->reasons, pipeline->report->reason_count);
    doc->schema = rs_strbuf_str(&pipeline->schema);
    doc->sync_id = rs_str_from(pipeline->report->sync_id);
    doc->compression = rs_str_from(compressions[staging->compression]);
    doc->arrays = options->arrays == RS_ARRAYS_SUPER ? RS_STR("super") : RS_STR("text");
    doc->warehouse_id = rs_str_from(options->warehouse_id);
    doc->opt_out = options->opt_out == RS_OPT_OUT_ALL ? RS_STR("all") : RS_STR("warehouses");
    doc->null_traits =
        options->null_traits == RS_NULL_TRAITS_CLEAR ? RS_STR("clear") : RS_STR("keep");
    doc->null_text = rs_strbuf_str(&pipeline->null_text);
    doc->listed = rs_strbuf_str(&listed);
    doc->damage = rs_str_from(pipeline->damage.message);
    doc->reasons = rs_strbuf_str(&reasons);
    fill_counts(pipeline, &doc->counts);
    bool ok = rs_sync_selection_digest(options->select_file, selection, err);
    doc->selection = rs_str_from(selection);
    ok = ok && put_doc(staging, doc, err);
    rs_strbuf_release(&listed);
    rs_strbuf_release(&reasons);
    return ok;
}

static void count_rows(struct rs_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->report->table_count; i++) {
        struct rs_encode_counts counts = rs_staging_counts(pipeline->staging, i);
        rs_pipeline_count_table(pipeline, i, &counts, counts.rows);
    }
}

static bool write_shard(const struct rs_shard *shard, struct rs_pipeline *pipeline,
                        struct rs_error *err)
{
    struct rs_staging *staging = pipeline->staging;
    struct rs_shard_doc doc = {.shard = *shard};
    if (!rs_staging_write_tables(staging, err)) {
        return false;
    }
    count_rows(pipeline);
    rs_reasons_collect(pipeline);
    bool ok =
        write_other_lines(staging, "rs_rejects",
                          (struct rs_load_source){rs_record_encode_rejects, pipeline},
                          &doc.rejects_bytes, err) &&
        write_other_lines(staging, "rs_discards", (struct rs_load_source){encode_discards, staging},
                          &doc.discards_bytes, err) &&
        write_list(staging, "tables.ndjson", write_tables, &doc.tables, err) &&
        write_list(staging, "inputs.ndjson", write_inputs, &doc.inputs, err) &&
        rs_s3_uploader_drain(staging->writers[0].uploader, err) && describe(staging, &doc, err);
    if (!ok) {
        rs_error_prefix(err, "could not stage shard %u of %u", (unsigned)shard->number,
                        (unsigned)shard->count);
    }
    return ok;
}

/* --- the run --------------------------------------------------------------------------------------- */

/* A shard reads its own inputs; the others are listed for their places alone. */
static bool leave_out_others(const struct rs_shard *shard, struct rs_pipeline *pipeline,
                             struct rs_error *err)
{
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        const struct rs_input *input = &pipeline->inputs.items[i];
        if (!input->identity) {
            (void)rs_error_set(
                err, RS_E_USAGE,
                "could not read \"%s\" with --shard: each shard would read all of it", input->name);
            return rs_error_hint(err, "name files or folders that all shards see alike");
        }
        if (!rs_shard_has(shard, rs_str_from(input->identity))) {
            rs_log(&pipeline->env->log, RS_LOG_DEBUG, "left out \"%s\": of another shard",
                   input->name);
            pipeline->left_out[i] = true;
            pipeline->elsewhere++;
        }
    }
    return true;
}

/* What types columns have is for the commit to say, and whether there is room for the tables. */
static bool settle_files(struct shard_run *own, struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (!rs_settle_wanted(pipeline, err)) {
        return false;
    }
    rs_plan_make(&pipeline->wanted, &pipeline->existing, pipeline->dialect, NULL, &pipeline->plan);
    if (!rs_shard_check_dropped(&pipeline->plan, &pipeline->existing, err) ||
        !rs_shard_define_files(&pipeline->wanted, &pipeline->existing, &own->files, err)) {
        return false;
    }
    rs_settle_layout(pipeline, &own->files);
    rs_notice_intake(pipeline);
    rs_settle_null_text(pipeline);
    return true;
}

static bool take_steps(void *arg, struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct shard_run *own = arg;
    if (!rs_record_enter(pipeline, err) || !rs_list_inputs(pipeline, err) ||
        !leave_out_others(own->shard, pipeline, err) || !rs_record_skip_loaded(pipeline, err) ||
        !rs_read_events(pipeline, err) || !settle_files(own, pipeline, err) ||
        !rs_settle_duplicates(pipeline, err)) {
        return false;
    }
    rs_pipeline_list_tables(pipeline);
    bool ok = write_shard(own->shard, pipeline, err);
    rs_pipeline_start_loading(pipeline); /* it loads nothing: all of it was preparation */
    return ok && rs_record_reject_file(pipeline, err);
}

bool rs_shard_stage(const struct rs_env *env, const struct rs_sync_options *options,
                    const struct rs_shard *shard, struct rs_sync_report *report,
                    struct rs_error *err)
{
    struct shard_run own = {.shard = shard};
    struct rs_strbuf folder = RS_STRBUF_INIT(FOLDER_MAX_BYTES);
    rs_shard_folder_append(shard, &folder);
    struct rs_run_share share = {
        .folder = rs_strbuf_cstr(&folder), .row_id = RS_SHARD_SYNC_ID, .number = shard->number};
    struct rs_pipeline_kind kind = {
        .option = "--shard", .share = &share, .steps = take_steps, .arg = &own};
    bool ok = rs_pipeline_run(env, options, &kind, report, err);
    rs_schema_release(&own.files);
    rs_strbuf_release(&folder);
    return ok;
}
