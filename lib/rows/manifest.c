/*
 * Objects are added as their uploads end, which is in no order, and sorted when they are written.
 */
#include "rows/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json_write.h"

enum { URL_MAX = 2048 };

void rs_manifest_add(struct rs_manifest *manifest, const char *key, uint64_t bytes)
{
    manifest->entries = rs_mem_grow(manifest->entries, &manifest->capacity, manifest->count + 1,
                                    sizeof *manifest->entries);
    manifest->entries[manifest->count++] = (struct rs_manifest_entry){rs_mem_strdup(key), bytes};
}

static int compare_keys(const void *left, const void *right)
{
    const struct rs_manifest_entry *a = left;
    const struct rs_manifest_entry *b = right;
    return strcmp(a->key, b->key);
}

static void write_entry(struct rs_json_writer *json, struct rs_str bucket,
                        const struct rs_manifest_entry *entry)
{
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    rs_strbuf_append(&url, "s3://");
    rs_strbuf_append_str(&url, bucket);
    rs_strbuf_append_char(&url, '/');
    rs_strbuf_append(&url, entry->key);
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("url"));
    rs_json_write_str(json, rs_strbuf_str(&url));
    rs_json_write_key(json, RS_STR("mandatory"));
    rs_json_write_bool(json, true);
    rs_json_write_key(json, RS_STR("meta"));
    rs_json_write_object_begin(json);
    rs_json_write_key(json, RS_STR("content_length"));
    rs_json_write_u64(json, entry->bytes);
    rs_json_write_object_end(json);
    rs_json_write_object_end(json);
    rs_strbuf_release(&url);
}

void rs_manifest_append(struct rs_manifest *manifest, struct rs_str bucket, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    if (manifest->count > 1) {
        qsort(manifest->entries, manifest->count, sizeof *manifest->entries, compare_keys);
    }
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("entries"));
    rs_json_write_array_begin(&json);
    for (size_t i = 0; i < manifest->count; i++) {
        write_entry(&json, bucket, &manifest->entries[i]);
    }
    rs_json_write_array_end(&json);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}

void rs_manifest_release(struct rs_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        rs_mem_free(manifest->entries[i].key);
    }
    rs_mem_free(manifest->entries);
    *manifest = RS_MANIFEST_INIT;
}
