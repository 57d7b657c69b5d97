/*
 * Each worker has an uploader of its own, which sends a few finished files while the next one is
 * encoded, so the network and the processor work at the same time and a file's bytes are written
 * once. Rows and times of a table of users come out of one pass over its rows, into two files.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sync/staging_internal.h"

enum {
    PART_BYTES = 32 << 20,    /* of CSV: 4 to 10 MB compressed */
    PART_MIN_BYTES = 8 << 20, /* of CSV: 1 to 3 MB compressed; COPY wants 1 at least */
    UPLOAD_BYTES = 8 << 20,   /* of a request: a file is one or two of them */
    UPLOADS = 3,              /* under way at once, a thread */
    MANIFEST_MAX = 1 << 30,
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
    struct rs_staged_file *file =
        (struct rs_staged_file *)((char *)sink - offsetof(struct rs_staged_file, counter));
    file->bytes += count;
    return file->upload->write(file->upload, bytes, count, err);
}

static bool write_file(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct rs_staged_file *file = (struct rs_staged_file *)sink;
    if (!file->into) {
        file->upload = rs_s3_uploader_begin(file->uploader, rs_str_from(file->key), NULL, err);
        if (!file->upload) {
            return false;
        }
        file->into = rs_compressor_begin(file->compressor, &file->counter);
    }
    return file->into->write(file->into, bytes, count, err);
}

void rs_staged_file_begin(struct rs_staged_file *file, const struct rs_desk *desk,
                          struct rs_compressor *compressor, char *key)
{
    *file = (struct rs_staged_file){.sink = {write_file},
                                    .counter = {count_bytes},
                                    .uploader = desk->uploader,
                                    .compressor = compressor,
                                    .key = key};
}

bool rs_staged_file_finish(struct rs_staged_file *file, bool ok, uint64_t *bytes,
                           struct rs_error *err)
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

static char *unit_key(const struct rs_staging *staging, const struct rs_unit *unit,
                      const char *stem)
{
    char name[RS_UNIT_NAME_MAX];
    rs_units_name(&staging->units, unit, stem, name);
    return rs_staging_key(staging, name);
}

static bool write_unit(void *arg, const struct rs_unit *unit,
                       struct rs_table_writer_options *options, struct rs_encode_counts *counts,
                       struct rs_error *err)
{
    struct rs_staging *staging = arg;
    struct rs_desk *desk = &staging->desks[unit->worker];
    struct rs_shard_part *files = &staging->parts[unit - staging->units.items];
    bool fold = options->layout->rows == RS_LAYOUT_FOLD;
    struct rs_staged_file rows;
    struct rs_staged_file times;
    rs_staged_file_begin(&rows, desk, desk->rows, unit_key(staging, unit, "rows"));
    rs_staged_file_begin(&times, desk, desk->times, unit_key(staging, unit, "times"));
    options->rows = &rows.sink;
    options->times = fold ? &times.sink : NULL;
    bool ok = rs_encode_part(staging->pipeline->intake.rows, unit->part, unit->parts, options,
                             counts, err);
    ok = rs_staged_file_finish(&rows, ok, &files->rows_bytes, err);
    return rs_staged_file_finish(&times, ok, &files->times_bytes, err);
}

/* The worker's last files are on their way still. */
static bool end_desk(void *arg, unsigned worker, bool ok, struct rs_error *err)
{
    const struct rs_staging *staging = arg;
    return ok && rs_s3_uploader_drain(staging->desks[worker].uploader, err);
}

void rs_staging_make_desks(struct rs_staging *staging)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_s3_uploader_options options = {
        .bucket = staging->place.bucket, .part_bytes = UPLOAD_BYTES, .in_flight = UPLOADS};
    staging->desks = rs_mem_zalloc(pipeline->threads, sizeof *staging->desks);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        struct rs_desk *desk = &staging->desks[i];
        desk->s3 = rs_account_s3(pipeline->account, staging->place.region);
        desk->uploader = rs_s3_uploader_new(desk->s3, &options);
        desk->rows = rs_compressor_new(staging->compression);
        desk->times = rs_compressor_new(staging->compression);
    }
}

char *rs_staging_write_manifest(struct rs_staging *staging, const char *name,
                                struct rs_manifest *manifest, struct rs_error *err)
{
    struct rs_s3_uploader *uploader = staging->desks[0].uploader;
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
    char name[RS_UNIT_NAME_MAX];
    bool ok = true;
    for (size_t i = staging->units.first[table]; i < staging->units.first[table + 1]; i++) {
        const struct rs_shard_part *files = &staging->parts[i];
        uint64_t bytes = strcmp(stem, "rows") == 0 ? files->rows_bytes : files->times_bytes;
        if (bytes > 0) {
            char *key = unit_key(staging, &staging->units.items[i], stem);
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
        table->counts = rs_units_counts(&staging->units, i);
        for (size_t j = staging->units.first[i]; j < staging->units.first[i + 1]; j++) {
            table->bytes += staging->parts[j].rows_bytes + staging->parts[j].times_bytes;
        }
    }
}

/* A shard's files come into the manifests of those who load them. */
static bool write_manifests(struct rs_staging *staging, struct rs_error *err)
{
    bool shard = staging->pipeline->options->shard.count > 0;
    bool ok = true;
    for (size_t i = 0; ok && !shard && i < staging->table_count; i++) {
        struct rs_staged_table *table = &staging->tables[i];
        ok = write_table_manifest(staging, i, "rows", &table->rows_url, err) &&
             write_table_manifest(staging, i, "times", &table->times_url, err);
    }
    return ok && rs_s3_uploader_drain(staging->desks[0].uploader, err);
}

bool rs_staging_write_tables(struct rs_staging *staging, struct rs_error *err)
{
    struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_units_work work = {write_unit, end_desk, staging};
    rs_units_init(&staging->units, pipeline, part_count);
    staging->parts = rs_mem_zalloc(staging->units.count, sizeof *staging->parts);
    staging->tables = rs_mem_zalloc(pipeline->layout.table_count, sizeof *staging->tables);
    staging->table_count = pipeline->layout.table_count;
    rs_staging_make_desks(staging);
    bool ok = rs_units_run(&staging->units, "staging", &work, err);
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
           rs_units_copy_discards(&staging->units, table, sink, err);
}
