/*
 * base/slab.h - large blocks of huge pages for data that is written once and read in bulk.
 *
 *   char *place = rs_slab_begin(&slab, 1000, &room);     room >= 1000
 *   ... write n <= room bytes at place ...
 *   place = rs_slab_grow(&slab, place, n, more, &room);  when that was not enough: it may move
 *   rs_slab_end(&slab, n);                               the next begin is behind them
 *   rs_slab_reset(&slab);                                all is forgotten, memory is kept
 *
 * Rows of many hundred MB in small pages spent more time in page walks than in work: measured,
 * 600 ns to look at a row. Huge pages take that away; used again, they are not cleared again.
 *
 * Owns:    what it returned stays valid and in place until reset or release.
 * Threads: one thread at a time per object.
 */
#ifndef RS_BASE_SLAB_H
#define RS_BASE_SLAB_H

#include "rs/compiler.h"

struct rs_slab_block;

struct rs_slab {
    struct rs_slab_block *first;
    struct rs_slab_block *current;
};

#define RS_SLAB_INIT ((struct rs_slab){NULL, NULL})

/* A place, aligned to 16, with room for at_least bytes or more. */
RS_MUST_USE char *rs_slab_begin(struct rs_slab *slab, size_t at_least, size_t *room);

/* Make room for at_least bytes where used bytes are written at place, which may move. */
RS_MUST_USE char *rs_slab_grow(struct rs_slab *slab, const char *place, size_t used,
                               size_t at_least, size_t *room);

/* used bytes of the last begin or grow stay; returns nothing, cannot fail. */
void rs_slab_end(struct rs_slab *slab, size_t used);

void rs_slab_reset(struct rs_slab *slab);
void rs_slab_release(struct rs_slab *slab);

#endif
