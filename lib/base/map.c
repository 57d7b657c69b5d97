/*
 * Open addressing over an index into an array of entries, so that walking is in the order of
 * insertion and does not depend on the seed. Keys are copied into an arena.
 */
#include "base/map.h"

#include "base/arena.h"
#include "base/mem.h"

struct entry {
    struct rs_str key;
    uint64_t hash;
    void *value;
};

struct rs_map {
    uint64_t seed;
    struct entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *index;   /* 0: free, else entry number + 1 */
    size_t index_size; /* a power of two */
    struct rs_arena arena;
};

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 32;
    return hash;
}

static uint64_t load_le(const char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t rs_hash64(struct rs_str text, uint64_t seed)
{
    uint64_t hash = seed ^ (text.length * UINT64_C(0x9e3779b97f4a7c15));
    size_t i = 0;
    for (; i + 8 <= text.length; i += 8) {
        hash = (hash ^ load_le(text.data + i, 8)) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
    }
    if (i < text.length) {
        hash = (hash ^ load_le(text.data + i, text.length - i)) * UINT64_C(0xbf58476d1ce4e5b9);
    }
    return mix(hash);
}

struct rs_map *rs_map_new(uint64_t seed)
{
    struct rs_map *map = rs_mem_zalloc(1, sizeof *map);
    map->seed = seed;
    map->index_size = 16;
    map->index = rs_mem_zalloc(map->index_size, sizeof *map->index);
    return map;
}

void rs_map_free(struct rs_map *map)
{
    if (!map) {
        return;
    }
    rs_arena_release(&map->arena);
    rs_mem_free(map->entries);
    rs_mem_free(map->index);
    rs_mem_free(map);
}

/* The place in the index that holds key, or the free one where it belongs. */
static uint32_t *find_place(const struct rs_map *map, struct rs_str key, uint64_t hash)
{
    size_t at = (size_t)hash & (map->index_size - 1);
    while (map->index[at] != 0) {
        const struct entry *entry = &map->entries[map->index[at] - 1];
        if (entry->hash == hash && rs_str_equal(entry->key, key)) {
            break;
        }
        at = (at + 1) & (map->index_size - 1);
    }
    return &map->index[at];
}

static void grow_index(struct rs_map *map)
{
    map->index_size *= 2;
    rs_mem_free(map->index);
    map->index = rs_mem_zalloc(map->index_size, sizeof *map->index);
    for (size_t i = 0; i < map->count; i++) {
        size_t at = (size_t)map->entries[i].hash & (map->index_size - 1);
        while (map->index[at] != 0) {
            at = (at + 1) & (map->index_size - 1);
        }
        map->index[at] = (uint32_t)(i + 1);
    }
}

void *rs_map_find(const struct rs_map *map, struct rs_str key)
{
    uint32_t place = *find_place(map, key, rs_hash64(key, map->seed));
    return place ? map->entries[place - 1].value : NULL;
}

void **rs_map_put(struct rs_map *map, struct rs_str key)
{
    uint64_t hash = rs_hash64(key, map->seed);
    uint32_t *place = find_place(map, key, hash);
    if (*place == 0) {
        if ((map->count + 1) * 4 > map->index_size * 3) {
            grow_index(map);
            place = find_place(map, key, hash);
        }
        map->entries =
            rs_mem_grow(map->entries, &map->capacity, map->count + 1, sizeof *map->entries);
        map->entries[map->count] = (struct entry){rs_arena_copy(&map->arena, key), hash, NULL};
        map->count++;
        *place = (uint32_t)map->count;
    }
    return &map->entries[*place - 1].value;
}

size_t rs_map_count(const struct rs_map *map)
{
    return map->count;
}

void *rs_map_at(const struct rs_map *map, size_t i, struct rs_str *key)
{
    if (key) {
        *key = map->entries[i].key;
    }
    return map->entries[i].value;
}
