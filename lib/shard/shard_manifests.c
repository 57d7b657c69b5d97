/*
 * What shards have staged as what is to be loaded: a manifest for each list of columns of a table,
 * and one for the lines of rs_rejects and rs_discards, by what stands for NULL in them.
 */
#include "shard/shard_manifests.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "shard/shard_folders.h"
#include "shard/shard_match.h"

struct take {
    struct rs_staging *staging;
    struct rs_shard_set *set;
};

/* Of the shard with this number: "prefix/shop/shards/0-of-3/SYNC-ID/" and a name; to be freed. */
static char *file_key(const struct rs_staging *staging, const struct rs_shard_set *set,
                      uint32_t number, const char *name)
{
    const struct rs_shard_doc *doc = &rs_shard_set_at(set, number)->doc;
    struct rs_strbuf path = RS_STRBUF_INIT(2 * RS_PART_NAME_MAX);
    rs_strbuf_append_str(&path, doc->sync_id);
    rs_strbuf_append_char(&path, '/');
    rs_strbuf_append(&path, name);
    char *key = rs_shard_folder_key(staging, &doc->shard, rs_strbuf_cstr(&path));
    rs_strbuf_release(&path);
    return key;
}

/* Write the manifest under a name of this run; *url is left empty when nothing is in it. */
static bool put_manifest(struct rs_staging *staging, const char *name, struct rs_manifest *manifest,
                         struct rs_str *url, struct rs_error *err)
{
    if (manifest->count == 0) {
        return true;
    }
    char *written = rs_staging_write_manifest(staging, name, manifest, err);
    if (written) {
        *url = rs_arena_copy(&staging->urls, rs_str_from(written));
    }
    rs_mem_free(written);
    return written != NULL;
}

static bool write_list(struct take *take, const struct rs_shard_list *list, size_t number,
                       const char *stem, struct rs_str *url, struct rs_error *err)
{
    struct rs_staging *staging = take->staging;
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    bool rows = strcmp(stem, "rows") == 0;
    char name[RS_PART_NAME_MAX];
    for (size_t i = 0; i < list->file_count; i++) {
        const struct rs_shard_file *file = &list->files[i];
        uint64_t bytes = rows ? file->bytes.rows_bytes : file->bytes.times_bytes;
        if (bytes > 0) {
            rs_part_jobs_file_name(list->columns.name, stem, file->part, staging->compression,
                                   name);
            char *key = file_key(staging, take->set, file->shard, name);
            rs_manifest_add(&manifest, key, bytes);
            rs_mem_free(key);
        }
    }
    (void)snprintf(name, sizeof name, "%.*s/%s-%zu.manifest", RS_STR_ARG(list->columns.name), stem,
                   number);
    bool ok = put_manifest(staging, name, &manifest, url, err);
    rs_manifest_release(&manifest);
    return ok;
}

static bool take_table(struct take *take, size_t table, struct rs_error *err)
{
    struct rs_staging *staging = take->staging;
    struct rs_staged_table *staged = &staging->tables[table];
    const struct rs_table *wanted = &staging->pipeline->wanted.tables[table];
    const struct rs_shard_joined *joined = rs_shard_set_find(take->set, wanted->name);
    struct rs_shard_batch *batch = rs_arena_zalloc(&staging->urls, 1, sizeof *batch);
    bool ok = rs_shard_match(joined, wanted, &staging->urls, batch, err);
    staged->counts = joined->counts;
    staged->bytes = joined->bytes;
    staged->shards = &batch->shards;
    for (size_t i = 0; ok && i < joined->list_count; i++) {
        ok = write_list(take, joined->lists[i], i, "rows", &batch->lists[i].rows_url, err) &&
             write_list(take, joined->lists[i], i, "times", &batch->lists[i].times_url, err);
    }
    return ok;
}

/* COPY is told how files are compressed: as they are, not as this run would do it. */
static void take_compression(struct rs_staging *staging, const struct rs_shard_set *set)
{
    struct rs_str word = rs_shard_set_at(set, 0)->doc.compression;
    staging->compression = rs_str_equal(word, RS_STR("zstd"))   ? RS_COMPRESS_ZSTD
                           : rs_str_equal(word, RS_STR("gzip")) ? RS_COMPRESS_GZIP
                                                                : RS_COMPRESS_NONE;
}

/* The shards are all there, as was checked before: the i-th is the one of number i. */
bool rs_shard_manifests_write(struct rs_staging *staging, struct rs_shard_set *set,
                              struct rs_error *err)
{
    const struct rs_pipeline *pipeline = staging->pipeline;
    struct take take = {staging, set};
    bool ok = true;
    take_compression(staging, set);
    rs_staging_open_writers(staging);
    staging->table_count = pipeline->wanted.table_count;
    staging->tables = rs_mem_zalloc(staging->table_count, sizeof *staging->tables);
    for (size_t i = 0; ok && i < staging->table_count; i++) {
        ok = rs_env_check_interrupt(pipeline->env, err) && take_table(&take, i, err);
    }
    return ok && rs_s3_uploader_drain(staging->writers[0].uploader, err);
}

static uint64_t lines_bytes(const struct rs_shard_doc *doc, bool rejects)
{
    return rejects ? doc->rejects_bytes : doc->discards_bytes;
}

/* One manifest of the lines of all shards. */
bool rs_shard_manifests_find_lines(struct rs_staging *staging, const struct rs_shard_set *set,
                                   const char *table, struct rs_ledger_rows *out,
                                   struct rs_error *err)
{
    bool rejects = strcmp(table, "rs_rejects") == 0;
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char name[RS_PART_NAME_MAX];
    struct rs_str url = {0};
    *out = (struct rs_ledger_rows){.staged_id = RS_STR(RS_SHARD_SYNC_ID)};
    rs_staging_lines_name(staging, table, name);
    for (size_t i = 0; i < rs_shard_set_count(set); i++) {
        uint64_t bytes = lines_bytes(&rs_shard_set_at(set, i)->doc, rejects);
        if (bytes > 0) {
            char *key = file_key(staging, set, (uint32_t)i, name);
            rs_manifest_add(&manifest, key, bytes);
            rs_mem_free(key);
        }
    }
    (void)snprintf(name, sizeof name, "%s/lines.manifest", table);
    bool ok = manifest.count == 0 || (put_manifest(staging, name, &manifest, &url, err) &&
                                      rs_s3_uploader_drain(staging->writers[0].uploader, err));
    rs_manifest_release(&manifest);
    out->files = rs_staging_files(staging, url.data);
    return ok;
}
