/*
 * Rows and tables go first, then the documents that make the shards count, then the rest. So a
 * commit that is killed while it removes finds, when it is run again, shards whose inputs are
 * loaded, and nothing that looks as if it had to be loaded. What came after a shard was staged is of
 * its next one, and stays.
 */
#include "base/mem.h"
#include "sync/shard_set.h"
#include "sync/staging.h"

/* Until when files are of a shard; of one that is not in the set, as for the latest of all. */
static int64_t end_of(const struct rs_shard_set *set, const struct rs_shard *shard)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < rs_shard_set_count(set); i++) {
        const struct rs_shard_entry *entry = rs_shard_set_at(set, i);
        if (entry->doc.shard.number == shard->number) {
            return entry->modified_us;
        }
        latest = entry->modified_us > latest ? entry->modified_us : latest;
    }
    return latest;
}

/* Go through the folders of all shards of this N, those that were killed too. */
static bool remove_folders(struct rs_staging *staging, const struct rs_shard_set *set,
                           bool keep_lists, struct rs_error *err)
{
    struct rs_s3_list_options options = {.prefix = rs_strbuf_str(&staging->shards),
                                         .delimiter = RS_STR("/")};
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->bucket, &options);
    uint32_t count = rs_shard_set_at(set, 0)->doc.shard.count;
    struct rs_s3_object object;
    struct rs_shard shard;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        if (object.is_prefix && rs_staging_shard_of(staging, object.key, &shard) &&
            shard.count == count) {
            struct rs_staging_removal removal = {object.key, end_of(set, &shard), keep_lists};
            ok = rs_staging_remove_folder(staging, &removal, err);
        }
    }
    rs_s3_list_free(list);
    return ok && next == RS_NEXT_END;
}

/* A document that has been replaced is of the shard's next run. */
static bool remove_documents(struct rs_staging *staging, const struct rs_shard_set *set,
                             struct rs_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < rs_shard_set_count(set); i++) {
        const struct rs_shard_entry *entry = rs_shard_set_at(set, i);
        char *key = rs_staging_shard_key(staging, &entry->doc.shard, "shard.json");
        struct rs_staging_removal removal = {rs_str_from(key), entry->modified_us, false};
        ok = rs_staging_remove_folder(staging, &removal, err);
        rs_mem_free(key);
    }
    return ok;
}

void rs_staging_remove_shards(struct rs_staging *staging, const struct rs_shard_set *set)
{
    struct rs_error err = {0};
    if (!remove_folders(staging, set, true, &err) || !remove_documents(staging, set, &err) ||
        !remove_folders(staging, set, false, &err)) {
        rs_pipeline_notice(staging->pipeline, "files of shards are left behind: %s", err.message);
    }
}
