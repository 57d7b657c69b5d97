/* A set of names behind a mutex, which a worker takes once a name that is new to it. */
#include "transform/cardinality_limit.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

struct rs_cardinality_limit {
    pthread_mutex_t mutex;
    struct rs_map *admitted; /* table -> itself in the database, or this limit */
    size_t left;
    struct rs_arena arena;
    struct rs_str first_refused;
};

struct rs_cardinality_limit *
rs_cardinality_limit_new(size_t tables, const struct rs_schema *existing, uint64_t seed)
{
    struct rs_cardinality_limit *limit = rs_mem_zalloc(1, sizeof *limit);
    (void)pthread_mutex_init(&limit->mutex, NULL);
    limit->admitted = rs_map_new(seed);
    limit->left = tables;
    for (size_t i = 0; i < existing->table_count; i++) {
        *rs_map_put(limit->admitted, existing->tables[i].name) = &existing->tables[i];
    }
    return limit;
}

void rs_cardinality_limit_free(struct rs_cardinality_limit *limit)
{
    if (limit) {
        rs_map_free(limit->admitted);
        rs_arena_release(&limit->arena);
        (void)pthread_mutex_destroy(&limit->mutex);
        rs_mem_free(limit);
    }
}

static bool admit(struct rs_cardinality_limit *limit, struct rs_str table)
{
    if (rs_map_find(limit->admitted, table)) {
        return true;
    }
    if (limit->left == 0) {
        if (limit->first_refused.length == 0) {
            limit->first_refused = rs_arena_copy(&limit->arena, table);
        }
        return false;
    }
    limit->left--;
    *rs_map_put(limit->admitted, table) = limit;
    return true;
}

bool rs_cardinality_admits(struct rs_cardinality_limit *limit, struct rs_str table)
{
    (void)pthread_mutex_lock(&limit->mutex);
    bool admitted = admit(limit, table);
    (void)pthread_mutex_unlock(&limit->mutex);
    return admitted;
}

const struct rs_table *rs_cardinality_existing(struct rs_cardinality_limit *limit,
                                               struct rs_str table)
{
    (void)pthread_mutex_lock(&limit->mutex);
    void *found = rs_map_find(limit->admitted, table);
    (void)pthread_mutex_unlock(&limit->mutex);
    return found == limit ? NULL : found;
}

struct rs_str rs_cardinality_first_refused(const struct rs_cardinality_limit *limit)
{
    return limit->first_refused;
}
