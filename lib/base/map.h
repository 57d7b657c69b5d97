/*
 * base/map.h - from a text key to a pointer, walked in the order of insertion.
 *
 *   struct rs_map *map = rs_map_new(seed);
 *   void **slot = rs_map_put(map, key);     NULL inside when the key is new
 *   void *value = rs_map_find(map, key);
 *   for (size_t i = 0; i < rs_map_count(map); i++) rs_map_at(map, i, &key);
 *
 * Owns:    the map copies its keys; values are the caller's.
 * Limits:  2^31 keys.  A random seed (env->random_u64) keeps chosen keys from colliding.
 * Threads: one thread at a time per object.
 */
#ifndef RS_BASE_MAP_H
#define RS_BASE_MAP_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_map;

RS_MUST_USE struct rs_map *rs_map_new(uint64_t seed);
void rs_map_free(struct rs_map *map);

/* The value of key, or NULL. */
void *rs_map_find(const struct rs_map *map, struct rs_str key);

/* The place of key's value, made (holding NULL) when missing; valid until the next put. */
RS_MUST_USE void **rs_map_put(struct rs_map *map, struct rs_str key);

size_t rs_map_count(const struct rs_map *map);

/* The i-th value in order of insertion; its key goes to *key unless key is NULL. */
void *rs_map_at(const struct rs_map *map, size_t i, struct rs_str *key);

/*
 * A 64-bit hash, 8 bytes a step. The same text and seed give the same hash on every machine
 * and in every release: row order on disk depends on it.
 */
uint64_t rs_hash64(struct rs_str text, uint64_t seed);

#endif
