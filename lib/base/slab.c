/*
 * A list of blocks with a cursor. A place that does not fit in the rest of a block begins the
 * next one; the rest is given up, which is little against a block's size.
 */
#include "base/slab.h"

#include <string.h>

#include "base/mem.h"

enum { BLOCK_BYTES = 32 << 20, ALIGNMENT = 16 };

struct rs_slab_block {
    struct rs_slab_block *next;
    char *bytes;
    size_t size;
    size_t used;
};

/* Make the next block of the list with enough room the current one, or put a new one there. */
static void advance(struct rs_slab *slab, size_t at_least)
{
    struct rs_slab_block *next = slab->current ? slab->current->next : slab->first;
    if (!next || next->size < at_least) {
        struct rs_slab_block *block = rs_mem_zalloc(1, sizeof *block);
        block->size = at_least < BLOCK_BYTES ? BLOCK_BYTES : at_least;
        block->bytes = rs_mem_alloc_huge(block->size);
        block->next = next;
        if (slab->current) {
            slab->current->next = block;
        } else {
            slab->first = block;
        }
        next = block;
    }
    next->used = 0;
    slab->current = next;
}

char *rs_slab_begin(struct rs_slab *slab, size_t at_least, size_t *room)
{
    if (!slab->current || slab->current->size - slab->current->used < at_least) {
        advance(slab, at_least);
    }
    *room = slab->current->size - slab->current->used;
    return slab->current->bytes + slab->current->used;
}

char *rs_slab_grow(struct rs_slab *slab, const char *place, size_t used, size_t at_least,
                   size_t *room)
{
    if (slab->current->size - slab->current->used >= at_least) {
        *room = slab->current->size - slab->current->used;
        return slab->current->bytes + slab->current->used;
    }
    advance(slab, at_least * 2);
    memcpy(slab->current->bytes, place, used);
    *room = slab->current->size;
    return slab->current->bytes;
}

void rs_slab_end(struct rs_slab *slab, size_t used)
{
    size_t rounded = (used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    size_t left = slab->current->size - slab->current->used;
    slab->current->used += rounded < left ? rounded : left;
}

void rs_slab_reset(struct rs_slab *slab)
{
    slab->current = NULL;
}

void rs_slab_release(struct rs_slab *slab)
{
    struct rs_slab_block *block = slab->first;
    while (block) {
        struct rs_slab_block *next = block->next;
        rs_mem_free(block->bytes);
        rs_mem_free(block);
        block = next;
    }
    *slab = RS_SLAB_INIT;
}
