/*
 * Rows and tables go first, then the documents that make the shards count, then the rest. So a
 * commit that is killed while it removes finds, when it is run again, shards whose inputs are
 * loaded, and nothing that looks as if it had to be loaded. What came after a shard was staged is of
 * its next one, and stays.
 */
#include "base/mem.h"
#include "sync/shard_set.h"
#include "sync/staging_internal.h"

/* What is to go of the objects of a shard. */
struct end {
    int64_t until_us; /* only what was there at this instant */
    bool keep_lists;  /* not what tells a commit that these shards are loaded */
};

static bool goes(const struct rs_s3_removal *removal, const struct rs_s3_object *object)
{
    const struct end *end = removal->arg;
    bool list = rs_str_ends(object->key, RS_STR("/inputs.ndjson")) ||
                rs_str_ends(object->key, RS_STR("/shard.json"));
    return object->modified_us <= end->until_us && !(list && end->keep_lists);
}

static bool remove_below(const struct rs_staging *staging, struct rs_str prefix,
                         const struct end *end, struct rs_error *err)
{
    struct rs_s3_removal removal = {.prefix = prefix, .goes = goes, .arg = end};
    return rs_s3_place_remove(&staging->place, staging->s3, &removal, err);
}

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
    struct rs_s3_list *list = rs_s3_list_new(staging->s3, staging->place.bucket, &options);
    uint32_t count = rs_shard_set_at(set, 0)->doc.shard.count;
    struct rs_s3_object object;
    struct rs_shard shard;
    enum rs_next next = RS_NEXT_END;
    bool ok = true;
    while (ok && (next = rs_s3_list_next(list, &object, err)) == RS_NEXT_ITEM) {
        if (object.is_prefix && rs_staging_shard_of(staging, object.key, &shard) &&
            shard.count == count) {
            struct end end = {end_of(set, &shard), keep_lists};
            ok = remove_below(staging, object.key, &end, err);
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
        struct end end = {entry->modified_us, false};
        ok = remove_below(staging, rs_str_from(key), &end, err);
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
