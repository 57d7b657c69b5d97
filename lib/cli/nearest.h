/*
 * cli/nearest.h - the name that a mistyped word was probably meant to be.
 *
 *   struct rs_nearest nearest = rs_nearest_of(RS_STR("scema"));
 *   rs_nearest_offer(&nearest, "schema");
 *   rs_nearest_offer(&nearest, "select");
 *   rs_nearest_name(&nearest)     -> "schema"; NULL when nothing is near enough
 *
 * Limits:  words over 32 bytes have no near name.
 * Pure:    yes.
 * Owns:    nothing; the word and the names are borrowed.
 * Threads: one thread at a time per object.
 */
#ifndef RS_CLI_NEAREST_H
#define RS_CLI_NEAREST_H

#include "rs/compiler.h"
#include "rs/str.h"

struct rs_nearest {
    struct rs_str word;
    const char *best;
    size_t best_distance;
};

/* A search for names near word, with none offered yet. */
struct rs_nearest rs_nearest_of(struct rs_str word);

/* Consider one name; the first of equally near ones is kept. */
void rs_nearest_offer(struct rs_nearest *nearest, const char *name);

/* The nearest name so far, or NULL when none is near enough to be worth a question. */
const char *rs_nearest_name(const struct rs_nearest *nearest);

/* Single-byte changes that make right of left; a swap of neighbours is one change. */
size_t rs_nearest_distance(struct rs_str left, struct rs_str right);

#endif
