/* A ref's bytes are its key. */
#include "rows/refusals.h"

static struct rs_str key_of(const rs_ref *ref)
{
    return (struct rs_str){(const char *)ref, sizeof *ref};
}

void rs_refusals_add(struct rs_refusals *refusals, rs_ref ref)
{
    refusals->rows = refusals->rows ? refusals->rows : rs_map_new(0);
    void **slot = rs_map_put(refusals->rows, key_of(&ref));
    uintptr_t level = (uintptr_t)*slot;
    *slot = (void *)(level < RS_REFUSAL_WHOLE ? level + 1 : level);
}

enum rs_refusal rs_refusals_find(const struct rs_refusals *refusals, rs_ref ref)
{
    return refusals->rows ? (enum rs_refusal)(uintptr_t)rs_map_find(refusals->rows, key_of(&ref))
                          : RS_REFUSAL_NONE;
}

size_t rs_refusals_count(const struct rs_refusals *refusals)
{
    return refusals->rows ? rs_map_count(refusals->rows) : 0;
}

void rs_refusals_release(struct rs_refusals *refusals)
{
    rs_map_free(refusals->rows);
    refusals->rows = NULL;
}
