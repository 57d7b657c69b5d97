/*
 * A run's folder begins with the file run.json, written before anything is read: it shows early
 * that the prefix can be written to, and later, to a person, whose files these are.
 *
 * Several clusters may share a prefix, so of the folders that stand there only those go that this
 * ledger knows.
 */
#include "rs/sync/staging.h"

#include <stdio.h>
#include <string.h>

#include "rs/base/mem.h"
#include "rs/base/timefmt.h"
#include "rs/codec/json_write.h"
#include "rs/net/url.h"
#include "rs/sync/history.h"
#include "staging_internal.h"

enum {
    URL_MAX = 8 + 63 + 1 + RS_S3_KEY_MAX, /* s3://bucket/key */
    DELETE_AT_ONCE = 1000,
};

/* --- before anything is read --------------------------------------------------------------------- */

static bool read_place(struct rs_staging *staging, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    const char *url = pipeline->options->stage;
    struct rs_str key = {0};
    if (!url) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not load: Redshift takes rows from S3, and no place is given");
        return rs_error_hint(err, "name a prefix for its files with --stage=s3://BUCKET/PREFIX");
    }
    if (!rs_url_split_s3(rs_str_from(url), &staging->bucket, &key)) {
        return rs_error_set(err, RS_E_USAGE, "could not use \"%s\": it is no S3 address", url);
    }
    rs_strbuf_append_str(&staging->runs, key);
    if (key.length > 0 && !rs_str_ends(key, RS_STR("/"))) {
        rs_strbuf_append_char(&staging->runs, '/');
    }
    rs_strbuf_append_str(&staging->runs, rs_strbuf_str(&pipeline->schema));
    rs_strbuf_append(&staging->runs, "/runs/");
    rs_strbuf_append_str(&staging->place, rs_strbuf_str(&staging->runs));
    rs_strbuf_append(&staging->place, pipeline->report->sync_id);
    rs_strbuf_append_char(&staging->place, '/');
    return rs_strbuf_ok(&staging->place) ||
           rs_error_set(err, RS_E_LIMIT, "could not use \"%s\": it is too long for S3", url);
}

/* The key of a file of this run; to be freed. */
char *rs_staging_key(const struct rs_staging *staging, const char *name)
{
    struct rs_strbuf key = RS_STRBUF_INIT(RS_S3_KEY_MAX + RS_UNIT_NAME_MAX);
    rs_strbuf_append_str(&key, rs_strbuf_str(&staging->place));
    rs_strbuf_append(&key, name);
    return rs_strbuf_take(&key);
}

char *rs_staging_url(const struct rs_staging *staging, const char *key)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX + RS_UNIT_NAME_MAX);
    rs_strbuf_append(&url, "s3://");
    rs_strbuf_append_str(&url, staging->bucket);
    rs_strbuf_append_char(&url, '/');
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
    bool ok =
        rs_s3_put(staging->s3, staging->bucket, rs_str_from(key), rs_strbuf_str(&text), NULL, err);
    rs_mem_free(key);
    rs_strbuf_release(&text);
    return ok;
}

static bool open_bucket(struct rs_staging *staging, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    staging->s3 = rs_account_s3(pipeline->account, NULL);
    const char *region = rs_s3_region(staging->s3, staging->bucket, err);
    if (!region) {
        return false;
    }
    if (!rs_account_has_own_s3(pipeline->account) || pipeline->options->account.region) {
        staging->region = rs_mem_strdup(region);
    }
    return write_marker(staging, err);
}

struct rs_staging *rs_staging_open(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_staging *staging = rs_mem_zalloc(1, sizeof *staging);
    staging->pipeline = pipeline;
    staging->runs = RS_STRBUF_INIT(RS_S3_KEY_MAX);
    staging->place = RS_STRBUF_INIT(RS_S3_KEY_MAX);
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
    for (size_t i = 0; staging->tables && i < staging->pipeline->layout.table_count; i++) {
        rs_mem_free(staging->tables[i].rows_url);
        rs_mem_free(staging->tables[i].times_url);
    }
    rs_mem_free(staging->tables);
    rs_mem_free(staging->files);
    for (size_t i = 0; i < staging->line_count; i++) {
        rs_mem_free(staging->lines[i]);
    }
    if (staging->units.pipeline) {
        rs_units_release(&staging->units);
    }
    rs_s3_free(staging->s3);
    rs_strbuf_release(&staging->runs);
    rs_strbuf_release(&staging->place);
    rs_mem_free(staging->region);
    rs_mem_free(staging);
}

/* --- what COPY is told ------------------------------------------------------------------------------ */

bool rs_staging_take_access(const struct rs_staging *staging, struct rs_staging_access *out,
                            struct rs_error *err)
{
    const char *role = staging->pipeline->options->iam_role;
    *out = (struct rs_staging_access){.keys = RS_CREDENTIALS_INIT};
    if (role) {
        out->copy.iam_role = strcmp(role, "default") == 0 ? RS_STR("") : rs_str_from(role);
        return true;
    }
    struct rs_credentials_provider *keys = rs_account_credentials(staging->pipeline->account);
    if (!keys->get(keys, &out->keys, err)) {
        return false;
    }
    out->copy.access_key_id = rs_str_from(out->keys.access_key_id);
    out->copy.secret_access_key = rs_str_from(out->keys.secret_access_key);
    out->copy.session_token = rs_str_from(out->keys.session_token);
    return true;
}

void rs_staging_release_access(struct rs_staging_access *access)
{
    rs_credentials_release(&access->keys);
    access->copy = (struct rs_copy_access){0};
}

static struct rs_copy_files files_at(const struct rs_staging *staging, const char *url)
{
    static const enum rs_copy_compression compressions[] = {[RS_COMPRESS_ZSTD] = RS_COPY_ZSTD,
                                                            [RS_COMPRESS_GZIP] = RS_COPY_GZIP,
                                                            [RS_COMPRESS_NONE] = RS_COPY_PLAIN};
    return (struct rs_copy_files){
        .url = rs_str_from(url),
        .region = rs_str_from(staging->region),
        .compression = compressions[staging->pipeline->options->compress],
        .manifest = true,
    };
}

struct rs_script_stage rs_staging_find_table(const struct rs_staging *staging, size_t table,
                                             const struct rs_staging_access *access)
{
    struct rs_encode_counts counts = rs_staging_counts(staging, table);
    struct rs_script_stage stage = {
        .files = files_at(staging, staging->tables[table].rows_url),
        .times_url = rs_str_from(staging->tables[table].times_url),
        .has_bounds = counts.oldest_us <= counts.newest_us,
        .oldest_us = counts.oldest_us,
        .newest_us = counts.newest_us,
    };
    stage.files.access = access->copy;
    return stage;
}

bool rs_staging_write_lines(struct rs_staging *staging, const char *name,
                            const struct rs_load_source *lines, struct rs_copy_files *out,
                            struct rs_error *err)
{
    struct rs_desk *desk = &staging->desks[0];
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char file_name[RS_UNIT_NAME_MAX];
    uint64_t bytes = 0;
    (void)snprintf(file_name, sizeof file_name, "%s/lines.csv%s", name,
                   rs_compression_suffix(staging->pipeline->options->compress));
    char *key = rs_staging_key(staging, file_name);
    struct rs_staged_file file;
    rs_staged_file_begin(&file, desk, desk->rows, rs_staging_key(staging, file_name));
    bool ok = lines->encode(lines->arg, &file.sink, err);
    ok = rs_staged_file_finish(&file, ok, &bytes, err);
    rs_manifest_add(&manifest, key, bytes);
    (void)snprintf(file_name, sizeof file_name, "%s/lines.manifest", name);
    staging->lines[staging->line_count] =
        ok ? rs_staging_write_manifest(staging, file_name, &manifest, err) : NULL;
    ok = staging->lines[staging->line_count] && rs_s3_uploader_drain(desk->uploader, err);
    if (ok) {
        *out = files_at(staging, staging->lines[staging->line_count++]);
    }
    rs_manifest_release(&manifest);
    rs_mem_free(key);
    return ok;
}

/* --- what is left behind ---------------------------------------------------------------------------- */

/* Delete the keys gathered so far and forget them. */
static bool delete_keys(struct rs_staging *staging, struct rs_str *keys, size_t *count,
                        struct rs_error *err)
{
    bool ok = *count == 0 ||
              rs_s3_delete_many(staging->s3, staging->bucket, keys, *count, NULL, NULL, err);
    for (size_t i = 0; i < *count; i++) {
        rs_mem_free((char *)keys[i].data);
    }
    *count = 0;
    return ok;
}

static bool remove_folder(struct rs_staging *staging, struct rs_str folder, struct rs_error *err)
{
    struct rs_s3_list_options options = {.prefix = folder};
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->bucket, &options);
    struct rs_str *keys = rs_mem_zalloc(DELETE_AT_ONCE, sizeof *keys);
    struct rs_s3_object object;
    size_t count = 0;
    bool ok = true;
    enum rs_next next = RS_NEXT_END;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        keys[count++] =
            (struct rs_str){rs_mem_copy(object.key.data, object.key.length), object.key.length};
        ok = count < DELETE_AT_ONCE || delete_keys(staging, keys, &count, err);
    }
    ok = delete_keys(staging, keys, &count, err) && ok && next == RS_NEXT_END;
    rs_s3_list_free(list);
    rs_mem_free(keys);
    return ok;
}

/* "prefix/shop/runs/ID/" -> "ID" */
static struct rs_str id_of_folder(const struct rs_staging *staging, struct rs_str folder)
{
    return rs_str_slice(folder, staging->runs.length, folder.length - 1);
}

bool rs_staging_sweep(struct rs_staging *staging, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&staging->runs),
                                         .delimiter = RS_STR("/")};
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->bucket, &options);
    struct rs_s3_object object;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        bool known = false;
        if (!object.is_prefix || rs_str_equal(object.key, rs_strbuf_str(&staging->place))) {
            continue;
        }
        ok = rs_history_knows(pipeline->session, rs_strbuf_str(&pipeline->schema),
                              id_of_folder(staging, object.key), &known, err) &&
             (!known || remove_folder(staging, object.key, err));
    }
    rs_s3_list_free(list);
    ok = ok && next == RS_NEXT_END;
    if (!ok) {
        rs_error_prefix(err, "could not remove what an earlier run has staged");
    }
    return ok;
}

void rs_staging_remove(struct rs_staging *staging)
{
    struct rs_error err = {0};
    if (!remove_folder(staging, rs_strbuf_str(&staging->place), &err)) {
        rs_pipeline_notice(staging->pipeline, "staged files are left behind: %s", err.message);
    }
}
