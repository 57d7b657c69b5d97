/*
 * A run's folder begins with the file run.json, written before anything is read: it shows early
 * that the prefix can be written to, and later, to a person, whose files these are.
 *
 * Several clusters may share a prefix, so of the folders that stand there only those go that this
 * ledger knows.
 *
 * Each worker has an uploader of its own, which sends a few finished files while the next one is
 * encoded, so the network and the processor work at the same time and a file's bytes are written
 * once. Rows and times of a table of users come out of one pass over its rows, into two files.
 */
#include "sync/staging.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/json_write.h"
#include "ledger/ledger_runs.h"

enum {
    URL_MAX = 8 + 63 + 1 + RS_S3_KEY_MAX, /* s3://bucket/key */
    PART_BYTES = 32 << 20,                /* of CSV: 4 to 10 MB compressed */
    PART_MIN_BYTES = 8 << 20,             /* of CSV: 1 to 3 MB compressed; COPY wants 1 at least */
    UPLOAD_BYTES = 8 << 20,               /* of a request: a file is one or two of them */
    UPLOADS = 3,                          /* under way at once, a thread */
    MANIFEST_MAX = 1 << 30,
};

static const double ENCODING = 0.5; /* of a part; then it is on its way until S3 has it */

/* --- before anything is read --------------------------------------------------------------------- */

/* "shop/runs/SYNC-ID/", or of a share "shop/shards/0-of-3/SYNC-ID/" */
static void append_folder(const struct rs_pipeline *pipeline, struct rs_strbuf *out)
{
    rs_strbuf_append_str(out, rs_strbuf_str(&pipeline->schema));
    rs_strbuf_append_char(out, '/');
    rs_strbuf_append(out, pipeline->share ? pipeline->share->folder : "runs/");
    rs_strbuf_append(out, pipeline->report->sync_id);
    rs_strbuf_append_char(out, '/');
}

static void name_folders(struct rs_staging *staging, size_t folder_length)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_str place = rs_strbuf_str(&staging->place.prefix);
    staging->runs = rs_str_slice(place, 0, place.length - strlen(pipeline->report->sync_id) - 1);
    staging->schema =
        rs_str_slice(place, 0, place.length - folder_length + pipeline->schema.length + 1);
}

static bool read_place(struct rs_staging *staging, struct rs_error *err)
{
    const char *url = staging->pipeline->options->stage;
    struct rs_strbuf folder = RS_STRBUF_INIT(RS_S3_KEY_MAX);
    if (!url) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not load: Redshift takes rows from S3, and no place is given");
        return rs_error_hint(err, "name a prefix for its files with --stage=s3://BUCKET/PREFIX");
    }
    append_folder(staging->pipeline, &folder);
    bool ok = rs_s3_place_init(&staging->place, url, rs_strbuf_str(&folder), err);
    if (ok) {
        name_folders(staging, folder.length);
    }
    rs_strbuf_release(&folder);
    return ok;
}

/* The key of a file of this run; to be freed. */
char *rs_staging_key(const struct rs_staging *staging, const char *name)
{
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX + RS_PART_NAME_MAX);
    rs_s3_place_append_key(&staging->place, rs_str_from(name), &key);
    return rs_strbuf_take(&key);
}

char *rs_staging_url(const struct rs_staging *staging, const char *key)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX + RS_PART_NAME_MAX);
    rs_s3_place_append_root(&staging->place, &url);
    rs_strbuf_append(&url, key);
    return rs_strbuf_take(&url);
}

static bool write_marker(struct rs_staging *staging, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(4096);
    struct rs_json_writer json = RS_JSON_WRITER_INIT(&text);
    char now[RS_TIMEFMT_MAX] = "";
    size_t length = rs_timefmt_format(staging->pipeline->now_us, now);
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("sync_id"));
    rs_json_write_text(&json, staging->pipeline->report->sync_id);
    rs_json_write_key(&json, RS_STR("started_at"));
    rs_json_write_str(&json, (struct rs_str){now, length});
    rs_json_write_key(&json, RS_STR("tool"));
    rs_json_write_text(&json, "rs-sync " RS_VERSION);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(&text, '\n');
    char *key = rs_staging_key(staging, "run.json");
    bool ok = rs_s3_put(staging->s3, staging->place.bucket, rs_str_from(key), rs_strbuf_str(&text),
                        NULL, err);
    rs_mem_free(key);
    rs_strbuf_release(&text);
    return ok;
}

static bool open_bucket(struct rs_staging *staging, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    staging->s3 = rs_account_s3(pipeline->account, NULL);
    return rs_s3_place_find_region(&staging->place, pipeline->account, staging->s3, err) &&
           write_marker(staging, err);
}

struct rs_staging *rs_staging_open(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_staging *staging = rs_mem_zalloc(1, sizeof *staging);
    staging->pipeline = pipeline;
    staging->compression = pipeline->options->compress;
    if (!read_place(staging, err) || !open_bucket(staging, err) ||
        !rs_session_slices(pipeline->session, &staging->slices, err)) {
        rs_error_prefix(err, "could not stage rows for Redshift");
        rs_staging_free(staging);
        return NULL;
    }
    return staging;
}

static void free_writers(struct rs_staging *staging)
{
    for (unsigned i = 0; staging->writers && i < staging->pipeline->threads; i++) {
        rs_s3_uploader_free(staging->writers[i].uploader);
        rs_s3_free(staging->writers[i].s3);
        rs_compressor_free(staging->writers[i].rows);
        rs_compressor_free(staging->writers[i].times);
    }
    rs_mem_free(staging->writers);
    staging->writers = NULL;
}

void rs_staging_free(struct rs_staging *staging)
{
    if (!staging) {
        return;
    }
    free_writers(staging);
    for (size_t i = 0; i < staging->table_count; i++) {
        rs_mem_free(staging->tables[i].rows_url);
        rs_mem_free(staging->tables[i].times_url);
    }
    rs_mem_free(staging->tables);
    rs_mem_free(staging->parts);
    rs_arena_release(&staging->urls);
    if (staging->jobs.pipeline) {
        rs_part_jobs_release(&staging->jobs);
    }
    rs_s3_free(staging->s3);
    rs_s3_place_release(&staging->place);
    rs_mem_free(staging);
}

/* --- the tables -------------------------------------------------------------------------------------- */

/*
 * A file on its way: CSV -> compressor -> counter -> uploader. It begins with its first byte, so
 * that one without any is never made.
 */
struct staged_file {
    struct rs_sink sink;    /* takes the CSV; first, so that the sink is the file */
    struct rs_sink counter; /* takes the compressed bytes */
    struct rs_s3_uploader *uploader;
    struct rs_compressor *compressor;
    char *key;
    struct rs_sink *into;    /* the compressor's; NULL until there is something */
    struct rs_sink *upload;  /* the uploader's */
    struct rs_part_job *job; /* that it is a file of; or NULL */
    uint64_t bytes;
};

/*
 * As many parts as a multiple of the slices, each of PART_BYTES or less; where that would make
 * them smaller than COPY likes, as many as are large enough.
 */
static uint64_t part_count(const struct rs_pipeline *pipeline, const struct rs_layout_table *table)
{
    const struct rs_rows *rows = pipeline->intake.rows;
    uint64_t slices = pipeline->staging->slices;
    uint64_t weight = rs_rows_weight(rows, table);
    uint64_t rounds = weight / PART_BYTES / slices + 1;
    uint64_t parts =
        weight / (rounds * slices) >= PART_MIN_BYTES ? rounds * slices : weight / PART_MIN_BYTES;
    uint64_t most = table->rows == RS_LAYOUT_FOLD ? RS_FOLD_PARTITIONS : UINT64_MAX;
    return parts < 1 ? 1 : parts > most ? most : parts;
}

static bool count_bytes(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct staged_file *file =
        (struct staged_file *)((char *)sink - offsetof(struct staged_file, counter));
    file->bytes += count;
    return file->upload->write(file->upload, bytes, count, err);
}

static bool write_file(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct staged_file *file = (struct staged_file *)sink;
    if (!file->into) {
        file->upload = rs_s3_uploader_begin(file->uploader, rs_str_from(file->key), file->job, err);
        if (!file->upload) {
            return false;
        }
        if (file->job) {
            file->job->files_under_way++;
        }
        file->into = rs_compressor_begin(file->compressor, &file->counter);
    }
    return file->into->write(file->into, bytes, count, err);
}

/* key is taken. The file stays where it is until it is finished. */
static void begin_file(struct staged_file *file, const struct rs_staging_writer *writer,
                       struct rs_compressor *compressor, char *key)
{
    *file = (struct staged_file){.sink = {write_file},
                                 .counter = {count_bytes},
                                 .uploader = writer->uploader,
                                 .compressor = compressor,
                                 .key = key};
}

/* End the file, whole or (ok is false) given up; *bytes is its size, 0 when it was never made. */
static bool finish_file(struct staged_file *file, bool ok, uint64_t *bytes, struct rs_error *err)
{
    if (ok && file->into) {
        ok = rs_compressor_finish(file->compressor, err);
    }
    if (ok && file->into) {
        ok = rs_s3_uploader_finish(file->uploader, file->upload, err);
    } else if (file->upload) {
        rs_s3_uploader_abort(file->uploader, file->upload);
    }
    *bytes = ok ? file->bytes : 0;
    rs_mem_free(file->key);
    return ok;
}

/* A file of the part is there, or was written; when that was the last, so is the part. */
static void leave_file(struct rs_part_job *job)
{
    if (--job->files_under_way == 0) {
        rs_meter_end(&job->piece);
    }
}

static void note_uploaded(void *arg, const struct rs_s3_uploaded *uploaded)
{
    (void)arg;
    if (uploaded->tag) {
        leave_file(uploaded->tag);
    }
}

static char *part_key(const struct rs_staging *staging, const struct rs_part_job *job,
                      const char *stem)
{
    char name[RS_PART_NAME_MAX];
    rs_part_jobs_name(&staging->jobs, job, stem, name);
    return rs_staging_key(staging, name);
}

static bool write_part(void *arg, struct rs_part_job *job, struct rs_table_writer_options *options,
                       struct rs_encode_counts *counts, struct rs_error *err)
{
    struct rs_staging *staging = arg;
    struct rs_staging_writer *writer = &staging->writers[job->worker];
    struct rs_staged_part *files = &staging->parts[job - staging->jobs.items];
    bool fold = options->layout->rows == RS_LAYOUT_FOLD;
    struct staged_file rows;
    struct staged_file times;
    begin_file(&rows, writer, writer->rows, part_key(staging, job, "rows"));
    begin_file(&times, writer, writer->times, part_key(staging, job, "times"));
    rows.job = job;
    times.job = job;
    job->files_under_way = 1; /* until both have been finished */
    options->rows = &rows.sink;
    options->times = fold ? &times.sink : NULL;
    bool ok =
        rs_encode_part(staging->pipeline->intake.rows, job->part, job->parts, options, counts, err);
    rs_meter_step(&job->piece, 1.0);
    ok = finish_file(&rows, ok, &files->rows_bytes, err);
    ok = finish_file(&times, ok, &files->times_bytes, err);
    leave_file(job);
    return ok;
}

/* The worker's last files are on their way still. */
static bool end_writer(void *arg, unsigned worker, bool ok, struct rs_error *err)
{
    const struct rs_staging *staging = arg;
    return ok && rs_s3_uploader_drain(staging->writers[worker].uploader, err);
}

void rs_staging_open_writers(struct rs_staging *staging)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_s3_uploader_options options = {.bucket = staging->place.bucket,
                                             .part_bytes = UPLOAD_BYTES,
                                             .in_flight = UPLOADS,
                                             .done = note_uploaded};
    staging->writers = rs_mem_zalloc(pipeline->threads, sizeof *staging->writers);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        struct rs_staging_writer *writer = &staging->writers[i];
        writer->s3 = rs_account_s3(pipeline->account, staging->place.region);
        writer->uploader = rs_s3_uploader_new(writer->s3, &options);
        writer->rows = rs_compressor_new(staging->compression);
        writer->times = rs_compressor_new(staging->compression);
    }
}

char *rs_staging_write_manifest(struct rs_staging *staging, const char *name,
                                struct rs_manifest *manifest, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = staging->writers[0].uploader;
    struct rs_strbuf text = RS_STRBUF_INIT(MANIFEST_MAX);
    char *key = rs_staging_key(staging, name);
    rs_manifest_append(manifest, staging->place.bucket, &text);
    bool ok = rs_strbuf_ok(&text) ||
              rs_error_set(err, RS_E_LIMIT, "could not write \"%s\": it is over 1 GiB", key);
    struct rs_sink *sink = ok ? rs_s3_uploader_begin(uploader, rs_str_from(key), NULL, err) : NULL;
    bool written = sink && sink->write(sink, text.data, text.length, err);
    ok = written && rs_s3_uploader_finish(uploader, sink, err);
    if (sink && !written) {
        rs_s3_uploader_abort(uploader, sink);
    }
    char *url = ok ? rs_staging_url(staging, key) : NULL;
    rs_mem_free(key);
    rs_strbuf_release(&text);
    return url;
}

/* Write the manifest of the files of a table that have this stem, if there are any. */
static bool write_table_manifest(struct rs_staging *staging, size_t table, const char *stem,
                                 char **url, struct rs_error *err)
{
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char name[RS_PART_NAME_MAX];
    bool ok = true;
    for (size_t i = staging->jobs.first[table]; i < staging->jobs.first[table + 1]; i++) {
        const struct rs_staged_part *files = &staging->parts[i];
        uint64_t bytes = strcmp(stem, "rows") == 0 ? files->rows_bytes : files->times_bytes;
        if (bytes > 0) {
            char *key = part_key(staging, &staging->jobs.items[i], stem);
            rs_manifest_add(&manifest, key, bytes);
            rs_mem_free(key);
        }
    }
    if (manifest.count > 0) {
        (void)snprintf(name, sizeof name, "%s/%s.manifest",
                       staging->pipeline->report->tables[table].name, stem);
        *url = rs_staging_write_manifest(staging, name, &manifest, err);
        ok = *url != NULL;
    }
    rs_manifest_release(&manifest);
    return ok;
}

static void count_tables(struct rs_staging *staging)
{
    for (size_t i = 0; i < staging->table_count; i++) {
        struct rs_staged_table *table = &staging->tables[i];
        table->counts = rs_part_jobs_counts(&staging->jobs, i);
        for (size_t j = staging->jobs.first[i]; j < staging->jobs.first[i + 1]; j++) {
            table->bytes += staging->parts[j].rows_bytes + staging->parts[j].times_bytes;
        }
    }
}

/* A share's files come into the manifests of the run that loads them. */
static bool write_manifests(struct rs_staging *staging, struct rs_error *err)
{
    bool share = staging->pipeline->share != NULL;
    bool ok = true;
    for (size_t i = 0; ok && !share && i < staging->table_count; i++) {
        struct rs_staged_table *table = &staging->tables[i];
        ok = write_table_manifest(staging, i, "rows", &table->rows_url, err) &&
             write_table_manifest(staging, i, "times", &table->times_url, err);
    }
    return ok && rs_s3_uploader_drain(staging->writers[0].uploader, err);
}

bool rs_staging_write_tables(struct rs_staging *staging, struct rs_error *err)
{
    struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_part_work work = {write_part, end_writer, staging, ENCODING};
    rs_part_jobs_init(&staging->jobs, pipeline, part_count);
    staging->parts = rs_mem_zalloc(staging->jobs.count, sizeof *staging->parts);
    staging->tables = rs_mem_zalloc(pipeline->layout.table_count, sizeof *staging->tables);
    staging->table_count = pipeline->layout.table_count;
    rs_staging_open_writers(staging);
    bool ok = rs_part_jobs_run(&staging->jobs, "staging", &work, err);
    count_tables(staging);
    if (ok && write_manifests(staging, err)) {
        return true;
    }
    rs_error_prefix(err, "could not stage rows for Redshift");
    return false;
}

struct rs_encode_counts rs_staging_counts(const struct rs_staging *staging, size_t table)
{
    return staging->tables[table].counts;
}

uint64_t rs_staging_bytes(const struct rs_staging *staging, size_t table)
{
    return staging->tables[table].bytes;
}

bool rs_staging_copy_discards(const struct rs_staging *staging, size_t table, struct rs_sink *sink,
                              struct rs_error *err)
{
    return staging->tables[table].shards ||
           rs_part_jobs_copy_discards(&staging->jobs, table, sink, err);
}

/* --- what COPY is told ------------------------------------------------------------------------------ */

bool rs_staging_take_access(const struct rs_staging *staging, struct rs_s3_access *out,
                            struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    return rs_s3_access_take(out, pipeline->options->iam_role,
                             rs_account_credentials(pipeline->account), err);
}

struct rs_copy_files rs_staging_files(const struct rs_staging *staging, const char *url)
{
    static const enum rs_copy_compression compressions[] = {[RS_COMPRESS_ZSTD] = RS_COPY_ZSTD,
                                                            [RS_COMPRESS_GZIP] = RS_COPY_GZIP,
                                                            [RS_COMPRESS_NONE] = RS_COPY_PLAIN};
    return (struct rs_copy_files){
        .url = rs_str_from(url),
        .region = rs_str_from(staging->place.region),
        .compression = compressions[staging->compression],
        .manifest = true,
    };
}

struct rs_script_stage rs_staging_find_table(const struct rs_staging *staging, size_t table,
                                             const struct rs_s3_access *access)
{
    const struct rs_staged_table *staged = &staging->tables[table];
    struct rs_script_stage stage = {
        .files = rs_staging_files(staging, staged->rows_url),
        .times_url = rs_str_from(staged->times_url),
        .rows = staged->counts.rows,
        .shards = staged->shards,
        .has_bounds = staged->counts.oldest_us <= staged->counts.newest_us,
        .oldest_us = staged->counts.oldest_us,
        .newest_us = staged->counts.newest_us,
    };
    stage.files.access = access->copy;
    return stage;
}

void rs_staging_lines_name(const struct rs_staging *staging, const char *name,
                           char out[RS_PART_NAME_MAX])
{
    (void)snprintf(out, RS_PART_NAME_MAX, "%s/lines.csv%s", name,
                   rs_compression_suffix(staging->compression));
}

bool rs_staging_write_file(struct rs_staging *staging, const char *name,
                           const struct rs_load_source *lines, uint64_t *bytes,
                           struct rs_error *err)
{
    struct rs_staging_writer *writer = &staging->writers[0];
    struct staged_file file;
    begin_file(&file, writer, writer->rows, rs_staging_key(staging, name));
    bool ok = lines->encode(lines->arg, &file.sink, err);
    return finish_file(&file, ok, bytes, err);
}

bool rs_staging_write_lines(struct rs_staging *staging, const char *name,
                            const struct rs_load_source *lines, struct rs_copy_files *out,
                            struct rs_error *err)
{
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char file_name[RS_PART_NAME_MAX];
    uint64_t bytes = 0;
    rs_staging_lines_name(staging, name, file_name);
    char *key = rs_staging_key(staging, file_name);
    char *url = NULL;
    if (rs_staging_write_file(staging, file_name, lines, &bytes, err)) {
        rs_manifest_add(&manifest, key, bytes);
        (void)snprintf(file_name, sizeof file_name, "%s/lines.manifest", name);
        url = rs_staging_write_manifest(staging, file_name, &manifest, err);
    }
    bool ok = url && rs_s3_uploader_drain(staging->writers[0].uploader, err);
    if (ok) {
        *out = rs_staging_files(staging, rs_arena_copy(&staging->urls, rs_str_from(url)).data);
    }
    rs_manifest_release(&manifest);
    rs_mem_free(url);
    rs_mem_free(key);
    return ok;
}

/* --- what is left behind ---------------------------------------------------------------------------- */

/* "prefix/shop/runs/ID/" -> "ID" */
static struct rs_str id_of_folder(const struct rs_staging *staging, struct rs_str folder)
{
    return rs_str_slice(folder, staging->runs.length, folder.length - 1);
}

bool rs_staging_sweep(struct rs_staging *staging, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_s3_list_options options = {.prefix = staging->runs, .delimiter = RS_STR("/")};
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->place.bucket, &options);
    struct rs_s3_object object;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        bool known = false;
        if (!object.is_prefix || rs_str_equal(object.key, rs_strbuf_str(&staging->place.prefix))) {
            continue;
        }
        struct rs_s3_removal removal = {.prefix = object.key};
        ok = rs_ledger_knows_run(pipeline->session, rs_strbuf_str(&pipeline->schema),
                                 id_of_folder(staging, object.key), &known, err) &&
             (!known || rs_s3_place_remove(&staging->place, staging->s3, &removal, err));
    }
    rs_s3_list_free(list);
    ok = ok && next == RS_NEXT_END;
    if (!ok && err->code != RS_E_INTERRUPTED) {
        rs_pipeline_notice(staging->pipeline, "files of an earlier run are left behind: %s",
                           err->message);
        rs_error_clear(err);
        ok = true;
    }
    return ok;
}

void rs_staging_remove(struct rs_staging *staging)
{
    struct rs_error err = {0};
    struct rs_env quiet;
    struct rs_s3_removal removal = {.prefix = rs_strbuf_str(&staging->place.prefix)};
    rs_env_init_quiet(&quiet,
                      staging->pipeline->env); /* it may be a signal that has ended the run */
    struct rs_s3 *s3 = rs_account_s3_in(staging->pipeline->account, &quiet, NULL);
    if (!rs_s3_place_remove(&staging->place, s3, &removal, &err)) {
        rs_pipeline_notice(staging->pipeline, "staged files are left behind: %s", err.message);
    }
    rs_s3_free(s3);
}
