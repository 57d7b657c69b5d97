/*
 * base/arena.h - many small allocations with one end.
 *
 *   struct rs_arena arena = RS_ARENA_INIT;
 *   char *copy = rs_arena_alloc(&arena, 10);
 *   rs_arena_reset(&arena);      everything is forgotten, the memory is kept
 *   rs_arena_release(&arena);    everything is freed
 *
 * Owns:    what it returns stays valid and in place until reset or release.
 * Threads: one thread at a time per object.
 */
#ifndef RS_BASE_ARENA_H
#define RS_BASE_ARENA_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_arena_block;

struct rs_arena {
    struct rs_arena_block *first;
    struct rs_arena_block *current;
    size_t used_bytes; /* handed out since the last reset */
};

#define RS_ARENA_INIT ((struct rs_arena){NULL, NULL, 0})

/* size bytes aligned to 16, not initialised. */
RS_MUST_USE void *rs_arena_alloc(struct rs_arena *arena, size_t size_bytes);

/* count * size bytes aligned to 16, all zero. */
RS_MUST_USE void *rs_arena_zalloc(struct rs_arena *arena, size_t count, size_t size_bytes);

/* A copy of text in the arena, NUL-terminated (the NUL is not counted in its length). */
RS_MUST_USE struct rs_str rs_arena_copy(struct rs_arena *arena, struct rs_str text);

void rs_arena_reset(struct rs_arena *arena);
void rs_arena_release(struct rs_arena *arena);

/* As rs_arena_release; what it held is overwritten. */
void rs_arena_release_secret(struct rs_arena *arena);

#endif
