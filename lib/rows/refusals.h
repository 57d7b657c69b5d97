/*
 * rows/refusals.h - rows that the server has refused to store: what the next try leaves out of them.
 *
 *   struct rs_refusals refusals = {0};
 *   rs_refusals_add(&refusals, ref);              the row was refused; once more: again
 *   options.refusals = &refusals;                 of a table writer: it writes less of such rows
 *   rs_refusals_release(&refusals);
 *
 * How large a row may be is for the server to say: it depends on what it compresses or stores
 * elsewhere, on columns that were dropped, and for a user on what is stored already. So nothing is
 * reckoned before it has refused a row, and each time it does, less of that row is written.
 *
 * Owns:    its map; released with rs_refusals_release.
 * Limits:  some 40 bytes a refused row.   Pure: yes.
 * Threads: one thread at a time per object.
 */
#ifndef RS_ROWS_REFUSALS_H
#define RS_ROWS_REFUSALS_H

#include "base/map.h"
#include "codec/codepoints.h"
#include "rs/compiler.h"
#include "transform/cells.h"

enum rs_refusal {
    RS_REFUSAL_NONE,
    RS_REFUSAL_TRIM,      /* it keeps the values that are likely to find room */
    RS_REFUSAL_TRIM_MORE, /* it keeps those that do in any case */
    RS_REFUSAL_WHOLE,     /* it is left out */
};

struct rs_refusals {
    struct rs_map *rows; /* a rs_ref -> an enum rs_refusal; NULL: none */
    const struct rs_codepoints
        *missing; /* characters that no value may have; NULL: none; borrowed */
};

/* The row was refused, in the form that it had. */
void rs_refusals_add(struct rs_refusals *refusals, rs_ref ref);

enum rs_refusal rs_refusals_find(const struct rs_refusals *refusals, rs_ref ref);

/* Of how many rows. */
size_t rs_refusals_count(const struct rs_refusals *refusals);

void rs_refusals_release(struct rs_refusals *refusals);

#endif
