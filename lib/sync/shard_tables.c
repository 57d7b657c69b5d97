/*
 * What shards have staged as what is to be loaded: a manifest for each list of columns of a table,
 * and one for the lines of rs_rejects and rs_discards, by what stands for NULL in them.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sync/shard_set.h"
#include "sync/staging_internal.h"

/* Of the shard with this number: "prefix/shop/shards/0-of-3/SYNC-ID/" and a name; to be freed. */
static char *file_key(const struct rs_staging *staging, uint32_t number, const char *name)
{
    const struct rs_shard_doc *doc = &rs_shard_set_at(staging->pipeline->shards, number)->doc;
    struct rs_strbuf path = RS_STRBUF_INIT(2 * RS_UNIT_NAME_MAX);
    rs_strbuf_append_str(&path, doc->sync_id);
    rs_strbuf_append_char(&path, '/');
    rs_strbuf_append(&path, name);
    char *key = rs_staging_shard_key(staging, &doc->shard, rs_strbuf_cstr(&path));
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

static bool write_list(struct rs_staging *staging, const struct rs_shard_list *list, size_t number,
                       const char *stem, struct rs_str *url, struct rs_error *err)
{
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    bool rows = strcmp(stem, "rows") == 0;
    char name[RS_UNIT_NAME_MAX];
    for (size_t i = 0; i < list->file_count; i++) {
        const struct rs_shard_file *file = &list->files[i];
        uint64_t bytes = rows ? file->bytes.rows_bytes : file->bytes.times_bytes;
        if (bytes > 0) {
            rs_units_file_name(list->columns.name, stem, file->part, staging->compression, name);
            char *key = file_key(staging, file->shard, name);
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

static bool take_table(struct rs_staging *staging, size_t table, struct rs_error *err)
{
    struct rs_pipeline *pipeline = staging->pipeline;
    struct rs_staged_table *staged = &staging->tables[table];
    const struct rs_table *wanted = &pipeline->wanted.tables[table];
    const struct rs_shard_joined *joined = rs_shard_set_find(pipeline->shards, wanted->name);
    struct rs_script_shards *shards = rs_arena_zalloc(&staging->urls, 1, sizeof *shards);
    struct rs_script_list *lists = NULL;
    bool ok = rs_shard_set_match(pipeline->shards, wanted, shards, &lists, err);
    staged->counts = joined->counts;
    staged->bytes = joined->bytes;
    staged->shards = shards;
    for (size_t i = 0; ok && i < joined->list_count; i++) {
        ok = write_list(staging, joined->lists[i], i, "rows", &lists[i].rows_url, err) &&
             write_list(staging, joined->lists[i], i, "times", &lists[i].times_url, err);
    }
    return ok;
}

/* COPY is told how files are compressed: as they are, not as this run would do it. */
static void take_compression(struct rs_staging *staging)
{
    struct rs_str word = rs_shard_set_at(staging->pipeline->shards, 0)->doc.compression;
    staging->compression = rs_str_equal(word, RS_STR("zstd"))   ? RS_COMPRESS_ZSTD
                           : rs_str_equal(word, RS_STR("gzip")) ? RS_COMPRESS_GZIP
                                                                : RS_COMPRESS_NONE;
}

/* The shards are all there, as was checked before: the i-th is the one of number i. */
bool rs_staging_take_shards(struct rs_staging *staging, struct rs_error *err)
{
    struct rs_pipeline *pipeline = staging->pipeline;
    bool ok = true;
    take_compression(staging);
    rs_staging_make_desks(staging);
    staging->table_count = pipeline->wanted.table_count;
    staging->tables = rs_mem_zalloc(staging->table_count, sizeof *staging->tables);
    for (size_t i = 0; ok && i < staging->table_count; i++) {
        ok = rs_env_check_interrupt(pipeline->env, err) && take_table(staging, i, err);
    }
    return ok && rs_s3_uploader_drain(staging->desks[0].uploader, err);
}

static uint64_t lines_bytes(const struct rs_shard_doc *doc, bool rejects)
{
    return rejects ? doc->rejects_bytes : doc->discards_bytes;
}

/* One manifest of the lines of all shards. */
bool rs_staging_find_lines(struct rs_staging *staging, const char *table,
                           struct rs_ledger_rows *out, struct rs_error *err)
{
    const struct rs_shard_set *set = staging->pipeline->shards;
    bool rejects = strcmp(table, "rs_rejects") == 0;
    struct rs_manifest manifest = RS_MANIFEST_INIT;
    char name[RS_UNIT_NAME_MAX];
    struct rs_str url = {0};
    *out = (struct rs_ledger_rows){.staged_id = RS_STR(RS_SHARD_SYNC_ID)};
    rs_staging_lines_name(staging, table, name);
    for (size_t i = 0; i < rs_shard_set_count(set); i++) {
        uint64_t bytes = lines_bytes(&rs_shard_set_at(set, i)->doc, rejects);
        if (bytes > 0) {
            char *key = file_key(staging, (uint32_t)i, name);
            rs_manifest_add(&manifest, key, bytes);
            rs_mem_free(key);
        }
    }
    (void)snprintf(name, sizeof name, "%s/lines.manifest", table);
    bool ok = manifest.count == 0 || (put_manifest(staging, name, &manifest, &url, err) &&
                                      rs_s3_uploader_drain(staging->desks[0].uploader, err));
    rs_manifest_release(&manifest);
    out->files = rs_staging_files(staging, url.data);
    return ok;
}
