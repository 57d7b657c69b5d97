/*
 * A run's folder begins with the file run.json, written before anything is read: it shows early
 * that the prefix can be written to, and later, to a person, whose files these are.
 *
 * Several clusters may share a prefix, so of the folders that stand there only those go that this
 * ledger knows.
 */
#include "sync/staging.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/json_write.h"
#include "ledger/ledger_runs.h"
#include "sync/staging_internal.h"

enum {
    URL_MAX = 8 + 63 + 1 + RS_S3_KEY_MAX, /* s3://bucket/key */
};

/* --- before anything is read --------------------------------------------------------------------- */

char *rs_staging_shard_key(const struct rs_staging *staging, const struct rs_shard *shard,
                           const char *name)
{
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX + RS_UNIT_NAME_MAX);
    rs_strbuf_append_str(&key, rs_strbuf_str(&staging->shards));
    rs_strbuf_printf(&key, "%u-of-%u/%s", (unsigned)shard->number, (unsigned)shard->count, name);
    return rs_strbuf_take(&key);
}

/* "shop/runs/SYNC-ID/", or "shop/shards/0-of-3/SYNC-ID/" */
static void append_folder(const struct rs_pipeline *pipeline, struct rs_strbuf *out)
{
    const struct rs_shard *shard = &pipeline->options->shard;
    rs_strbuf_append_str(out, rs_strbuf_str(&pipeline->schema));
    if (shard->count > 0) {
        rs_strbuf_printf(out, "/shards/%u-of-%u/", (unsigned)shard->number, (unsigned)shard->count);
    } else {
        rs_strbuf_append(out, "/runs/");
    }
    rs_strbuf_append(out, pipeline->report->sync_id);
    rs_strbuf_append_char(out, '/');
}

static void name_folders(struct rs_staging *staging, size_t folder_length)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_str place = rs_strbuf_str(&staging->place.prefix);
    staging->runs = rs_str_slice(place, 0, place.length - strlen(pipeline->report->sync_id) - 1);
    rs_strbuf_append_str(&staging->shards, rs_str_slice(place, 0, place.length - folder_length));
    rs_strbuf_append_str(&staging->shards, rs_strbuf_str(&pipeline->schema));
    rs_strbuf_append(&staging->shards, "/shards/");
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
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX + RS_UNIT_NAME_MAX);
    rs_s3_place_append_key(&staging->place, rs_str_from(name), &key);
    return rs_strbuf_take(&key);
}

char *rs_staging_url(const struct rs_staging *staging, const char *key)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX + RS_UNIT_NAME_MAX);
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
    staging->shards = RS_STRBUF_INIT(RS_S3_KEY_MAX);
    if (!read_place(staging, err) || !open_bucket(staging, err) ||
        !rs_session_slices(pipeline->session, &staging->slices, err)) {
        rs_error_prefix(err, "could not stage rows for Redshift");
        rs_staging_free(staging);
        return NULL;
    }
    return staging;
}

static void free_desks(struct rs_staging *staging)
{
    for (unsigned i = 0; staging->desks && i < staging->pipeline->threads; i++) {
        rs_s3_uploader_free(staging->desks[i].uploader);
        rs_s3_free(staging->desks[i].s3);
        rs_compressor_free(staging->desks[i].rows);
        rs_compressor_free(staging->desks[i].times);
    }
    rs_mem_free(staging->desks);
    staging->desks = NULL;
}

void rs_staging_free(struct rs_staging *staging)
{
    if (!staging) {
        return;
    }
    free_desks(staging);
    for (size_t i = 0; i < staging->table_count; i++) {
        rs_mem_free(staging->tables[i].rows_url);
        rs_mem_free(staging->tables[i].times_url);
    }
    rs_mem_free(staging->tables);
    rs_mem_free(staging->parts);
    rs_arena_release(&staging->urls);
    if (staging->units.pipeline) {
        rs_units_release(&staging->units);
    }
    rs_s3_free(staging->s3);
    rs_strbuf_release(&staging->shards);
    rs_s3_place_release(&staging->place);
    rs_mem_free(staging);
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
                           char out[RS_UNIT_NAME_MAX])
{
    (void)snprintf(out, RS_UNIT_NAME_MAX, "%s/lines.csv%s", name,
                   rs_compression_suffix(staging->compression));
}

bool rs_staging_write_file(struct rs_staging *staging, const char *name,
                           const struct rs_load_source *lines, uint64_t *bytes,
                           struct rs_error *err)
{
    struct rs_desk *desk = &staging->desks[0];
    struct rs_staged_file file;
    rs_staged_file_begin(&file, desk, desk->rows, rs_staging_key(staging, name));
    bool ok = lines->encode(lines->arg, &file.sink, err);
    return rs_staged_file_finish(&file, ok, bytes, err);
}

bool rs_staging_write_lines(struct rs_staging *staging, const char *name,
                            const struct rs_load_source *lines, struct rs_copy_files *out,
                            struct rs_error *err)
{
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char file_name[RS_UNIT_NAME_MAX];
    uint64_t bytes = 0;
    rs_staging_lines_name(staging, name, file_name);
    char *key = rs_staging_key(staging, file_name);
    char *url = NULL;
    if (rs_staging_write_file(staging, file_name, lines, &bytes, err)) {
        rs_manifest_add(&manifest, key, bytes);
        (void)snprintf(file_name, sizeof file_name, "%s/lines.manifest", name);
        url = rs_staging_write_manifest(staging, file_name, &manifest, err);
    }
    bool ok = url && rs_s3_uploader_drain(staging->desks[0].uploader, err);
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
    struct rs_s3_removal removal = {.prefix = rs_strbuf_str(&staging->place.prefix)};
    if (!rs_s3_place_remove(&staging->place, staging->s3, &removal, &err)) {
        rs_pipeline_notice(staging->pipeline, "staged files are left behind: %s", err.message);
    }
}
