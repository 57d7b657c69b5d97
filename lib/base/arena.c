/*
 * A list of blocks that double in size up to 1 MiB; an allocation moves a cursor. A reset puts
 * the cursor back to the first block, so a loop that resets allocates nothing after its first
 * turns. A request that the next block does not hold gets a block before it; that one is a power
 * of two too, so that requests which grow from reset to reset leave few blocks behind.
 */
#include "base/arena.h"

#include <string.h>

#include "base/mem.h"

enum { ALIGNMENT = 16, FIRST_BLOCK_BYTES = 256, LAST_BLOCK_BYTES = 1 << 20 };

struct rs_arena_block {
    struct rs_arena_block *next;
    size_t size_bytes;
    size_t used_bytes;
    size_t padding; /* keeps bytes[] aligned to 16 */
    char bytes[];
};

static struct rs_arena_block *new_block(struct rs_arena *arena, size_t at_least)
{
    size_t size = FIRST_BLOCK_BYTES;
    if (arena->current) {
        size = arena->current->size_bytes * 2;
        size = size > LAST_BLOCK_BYTES ? LAST_BLOCK_BYTES : size;
    }
    while (size < at_least) {
        size = size > SIZE_MAX / 2 ? at_least : size * 2;
    }
    struct rs_arena_block *block = rs_mem_alloc(sizeof *block + size);
    block->size_bytes = size;
    block->used_bytes = 0;
    return block;
}

/* Make a block with room the current one: the next of the list, or a new one put before it. */
static void advance(struct rs_arena *arena, size_t size_bytes)
{
    struct rs_arena_block *next = arena->current ? arena->current->next : arena->first;
    if (next && next->size_bytes >= size_bytes) {
        next->used_bytes = 0;
        arena->current = next;
        return;
    }
    struct rs_arena_block *block = new_block(arena, size_bytes);
    block->next = next;
    if (arena->current) {
        arena->current->next = block;
    } else {
        arena->first = block;
    }
    arena->current = block;
}

void *rs_arena_alloc(struct rs_arena *arena, size_t size_bytes)
{
    size_t rounded = (size_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct rs_arena_block *block = arena->current;
    if (!block || block->size_bytes - block->used_bytes < rounded) {
        advance(arena, rounded);
        block = arena->current;
    }
    void *place = block->bytes + block->used_bytes;
    block->used_bytes += rounded;
    arena->used_bytes += rounded;
    return place;
}

void *rs_arena_zalloc(struct rs_arena *arena, size_t count, size_t size_bytes)
{
    void *place = rs_arena_alloc(arena, count * size_bytes);
    memset(place, 0, count * size_bytes);
    return place;
}

struct rs_str rs_arena_copy(struct rs_arena *arena, struct rs_str text)
{
    char *copy = rs_arena_alloc(arena, text.length + 1);
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    copy[text.length] = '\0';
    return (struct rs_str){copy, text.length};
}

void rs_arena_reset(struct rs_arena *arena)
{
    arena->current = NULL;
    arena->used_bytes = 0;
}

void rs_arena_release(struct rs_arena *arena)
{
    struct rs_arena_block *block = arena->first;
    while (block) {
        struct rs_arena_block *next = block->next;
        rs_mem_free(block);
        block = next;
    }
    *arena = RS_ARENA_INIT;
}

void rs_arena_release_secret(struct rs_arena *arena)
{
    for (struct rs_arena_block *block = arena->first; block; block = block->next) {
        rs_mem_wipe(block->bytes, block->used_bytes);
    }
    rs_arena_release(arena);
}
