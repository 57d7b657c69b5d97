/*
 * Each worker appends an entry a row to the partition of its id's hash. To resolve a partition
 * all workers' entries are put into one open-addressing table, keyed by (table, id). A track
 * row has two keys: tracks, and its event's table, for an id may come with two event names.
 * A large partition is resolved in several passes over a slice of the hashes each, so that
 * memory does not grow with the input; only what has one and the same id cannot be split.
 */
#include "rows/dedupe.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "rows/spool.h"

enum {
    TRACKS_KEY = 0,        /* own keys begin at 1 */
    PASS_BYTES = 24 << 20, /* on disk; with its slots a pass takes some three times that */
    READ_BYTES = 1 << 20,
};

struct entry {
    uint64_t hash;
    rs_ref ref;
    int64_t received_us;
    const char *id; /* on disk: unused, the id follows, padded to 8 */
    uint32_t id_length;
    uint32_t worker;
    uint32_t stream;
    uint32_t unused;
};

struct extent {
    uint64_t offset;
    uint64_t bytes;
};

struct partition {
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct extent *extents;
    size_t extent_count;
    size_t extent_capacity;
};

struct rs_dedupe {
    uint64_t seed;
    struct partition partitions[RS_DEDUPE_PARTITIONS];
    struct rs_spool *spool;
    const char *tmpdir;
};

struct rs_dedupe *rs_dedupe_new(uint64_t seed, const char *tmpdir)
{
    struct rs_dedupe *dedupe = rs_mem_zalloc(1, sizeof *dedupe);
    dedupe->seed = seed;
    dedupe->tmpdir = tmpdir;
    return dedupe;
}

void rs_dedupe_free(struct rs_dedupe *dedupe)
{
    if (!dedupe) {
        return;
    }
    for (size_t i = 0; i < RS_DEDUPE_PARTITIONS; i++) {
        rs_mem_free(dedupe->partitions[i].entries);
        rs_mem_free(dedupe->partitions[i].extents);
    }
    rs_spool_free(dedupe->spool);
    rs_mem_free(dedupe);
}

void rs_dedupe_add(struct rs_dedupe *dedupe, const struct rs_batch *batch)
{
    for (uint32_t i = 0; i < batch->row_count; i++) {
        const struct rs_row *row = &batch->rows[i];
        struct rs_cell id = {0};
        (void)rs_cell_read(batch->data + row->offset, &id);
        uint64_t hash = rs_hash64((struct rs_str){id.text, id.length}, dedupe->seed);
        struct partition *partition = &dedupe->partitions[hash % RS_DEDUPE_PARTITIONS];
        partition->entries = rs_mem_grow(partition->entries, &partition->capacity,
                                         partition->count + 1, sizeof *partition->entries);
        partition->entries[partition->count++] = (struct entry){
            .hash = hash,
            .ref = rs_ref_make(batch->input, batch->chunk, row->number),
            .received_us = row->received_us,
            .id = id.text,
            .id_length = id.length,
            .worker = batch->worker,
            .stream = row->stream,
        };
    }
}

static size_t padded(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

static bool spill_partition(struct rs_dedupe *dedupe, struct partition *partition,
                            struct rs_error *err)
{
    static const char zeros[8] = {0};
    uint64_t offset = rs_spool_end(dedupe->spool);
    for (size_t i = 0; i < partition->count; i++) {
        const struct entry *entry = &partition->entries[i];
        size_t padding = padded(entry->id_length) - entry->id_length;
        if (!rs_spool_append(dedupe->spool, entry, sizeof *entry, err) ||
            !rs_spool_append(dedupe->spool, entry->id, entry->id_length, err) ||
            !rs_spool_append(dedupe->spool, zeros, padding, err)) {
            return false;
        }
    }
    partition->extents = rs_mem_grow(partition->extents, &partition->extent_capacity,
                                     partition->extent_count + 1, sizeof *partition->extents);
    partition->extents[partition->extent_count++] =
        (struct extent){offset, rs_spool_end(dedupe->spool) - offset};
    partition->count = 0;
    return true;
}

bool rs_dedupe_spill(struct rs_dedupe *dedupe, struct rs_error *err)
{
    if (!dedupe->spool) {
        dedupe->spool = rs_spool_new(dedupe->tmpdir);
    }
    for (size_t i = 0; i < RS_DEDUPE_PARTITIONS; i++) {
        if (dedupe->partitions[i].count > 0 &&
            !spill_partition(dedupe, &dedupe->partitions[i], err)) {
            return false;
        }
    }
    return true;
}

/* --- resolving -------------------------------------------------------------------------------- */

struct slot {
    uint64_t hash;
    uint32_t key;   /* of the table */
    uint32_t entry; /* number of the winner so far, plus 1; 0: free */
};

struct resolver {
    const struct rs_layout *layout;
    struct rs_projector *const *projectors;
    struct rs_rows *rows;
    uint64_t *duplicates;
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct slot *slots;
    size_t slot_count;
    struct rs_arena ids;
    uint64_t passes;
    uint64_t pass;
};

static bool is_of_pass(const struct resolver *resolver, uint64_t hash)
{
    return (hash / RS_DEDUPE_PARTITIONS) % resolver->passes == resolver->pass;
}

static void take_entry(struct resolver *resolver, const struct entry *entry)
{
    resolver->entries = rs_mem_grow(resolver->entries, &resolver->capacity, resolver->count + 1,
                                    sizeof *resolver->entries);
    resolver->entries[resolver->count++] = *entry;
}

/* Read an extent's entries of this pass. Ids are copied; an id may be as long as a line. */
static bool take_extent(struct resolver *resolver, const struct rs_spool *spool,
                        const struct extent *extent, struct rs_error *err)
{
    uint64_t at = extent->offset;
    uint64_t end = extent->offset + extent->bytes;
    size_t capacity = 0;
    char *buffer = NULL;
    size_t have = 0;
    size_t used = 0;
    bool ok = true;
    while (ok && at + used < end) {
        struct entry entry = {0};
        size_t left = have - used;
        bool whole = left >= sizeof entry;
        if (whole) {
            memcpy(&entry, buffer + used, sizeof entry);
            whole = left >= sizeof entry + padded(entry.id_length);
        }
        if (!whole) {
            size_t needed = sizeof entry + padded(entry.id_length);
            size_t wanted = needed > READ_BYTES ? needed : READ_BYTES;
            at += used;
            wanted = wanted > end - at ? (size_t)(end - at) : wanted;
            buffer = rs_mem_grow(buffer, &capacity, wanted, 1);
            ok = rs_spool_read(spool, at, buffer, wanted, err);
            have = wanted;
            used = 0;
            continue;
        }
        if (is_of_pass(resolver, entry.hash)) {
            struct rs_str id = {buffer + used + sizeof entry, entry.id_length};
            entry.id = rs_arena_copy(&resolver->ids, id).data;
            take_entry(resolver, &entry);
        }
        used += sizeof entry + padded(entry.id_length);
    }
    rs_mem_free(buffer);
    return ok;
}

static bool take_all(struct resolver *resolver, struct rs_dedupe *const *dedupes, size_t count,
                     uint32_t number, struct rs_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct partition *partition = &dedupes[i]->partitions[number];
        for (size_t j = 0; j < partition->count; j++) {
            if (is_of_pass(resolver, partition->entries[j].hash)) {
                take_entry(resolver, &partition->entries[j]);
            }
        }
        for (size_t j = 0; j < partition->extent_count; j++) {
            if (!take_extent(resolver, dedupes[i]->spool, &partition->extents[j], err)) {
                return false;
            }
        }
    }
    return true;
}

static bool wins(const struct entry *left, const struct entry *right)
{
    return left->received_us != right->received_us ? left->received_us > right->received_us
                                                   : left->ref > right->ref;
}

static bool same_id(const struct entry *left, const struct entry *right)
{
    return left->id_length == right->id_length && memcmp(left->id, right->id, left->id_length) == 0;
}

/* Put the entry under (key, id). Returns false when an entry was there: one of them is dead. */
static bool put_entry(struct resolver *resolver, uint32_t number, uint32_t key,
                      enum rs_row_level level)
{
    struct entry *entry = &resolver->entries[number];
    size_t at =
        (size_t)((entry->hash >> 12) + key * UINT64_C(0x9e3779b9)) & (resolver->slot_count - 1);
    for (; resolver->slots[at].entry != 0; at = (at + 1) & (resolver->slot_count - 1)) {
        struct slot *slot = &resolver->slots[at];
        struct entry *other = &resolver->entries[slot->entry - 1];
        if (slot->hash != entry->hash || slot->key != key || !same_id(other, entry)) {
            continue;
        }
        bool newer = wins(entry, other);
        rs_rows_mark_dead(resolver->rows, newer ? other->ref : entry->ref, level);
        slot->entry = newer ? number + 1 : slot->entry;
        return false;
    }
    resolver->slots[at] = (struct slot){entry->hash, key, number + 1};
    return true;
}

static void resolve_entries(struct resolver *resolver)
{
    resolver->slot_count = 64;
    while (resolver->slot_count < resolver->count * 4) {
        resolver->slot_count *= 2;
    }
    resolver->slots = rs_mem_zalloc(resolver->slot_count, sizeof *resolver->slots);
    for (uint32_t i = 0; i < resolver->count; i++) {
        const struct entry *entry = &resolver->entries[i];
        const struct rs_stream *stream =
            rs_projector_stream(resolver->projectors[entry->worker], entry->stream);
        uint32_t own = resolver->layout->own_key[entry->worker][entry->stream];
        bool track = stream->call == RS_CALL_TRACK;
        bool fresh = true;
        if (track) {
            fresh = put_entry(resolver, i, TRACKS_KEY, RS_LEVEL_COMMON);
        }
        if (stream->table.length > 0) {
            bool own_fresh = put_entry(resolver, i, own, RS_LEVEL_OWN);
            fresh = track ? fresh : own_fresh;
        }
        *resolver->duplicates += fresh ? 0 : 1;
    }
    rs_mem_free(resolver->slots);
    resolver->slots = NULL;
}

static uint64_t passes_of(struct rs_dedupe *const *dedupes, size_t count, uint32_t number)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct partition *partition = &dedupes[i]->partitions[number];
        bytes += partition->count * sizeof(struct entry);
        for (size_t j = 0; j < partition->extent_count; j++) {
            bytes += partition->extents[j].bytes;
        }
    }
    return bytes / PASS_BYTES + 1;
}

bool rs_dedupe_resolve(struct rs_dedupe *const *dedupes, size_t count, uint32_t partition,
                       const struct rs_layout *layout, struct rs_projector *const *projectors,
                       struct rs_rows *rows, uint64_t *duplicates, struct rs_error *err)
{
    struct resolver resolver = {.layout = layout,
                                .projectors = projectors,
                                .rows = rows,
                                .duplicates = duplicates,
                                .passes = passes_of(dedupes, count, partition)};
    bool ok = true;
    for (; ok && resolver.pass < resolver.passes; resolver.pass++) {
        resolver.count = 0;
        rs_arena_reset(&resolver.ids);
        ok = take_all(&resolver, dedupes, count, partition, err);
        if (ok) {
            resolve_entries(&resolver);
        }
    }
    rs_mem_free(resolver.entries);
    rs_arena_release(&resolver.ids);
    return ok;
}
