/*
 * transform/cardinality_limit.h - how many names of events and of keys a run may learn.
 *
 * A name that events bring takes memory as a table to be, and a key as a column to be. Who sends
 * ids as names ("viewed product 4711") would take all the memory there is, so both have a limit
 * that the caller draws from --memory:
 *
 *   - a track call whose name came when no more were admitted goes into tracks alone; its
 *     properties are one discard;
 *   - the value of a key that came when no more were learned is a discard of the object that
 *     holds it, as {"key": value}.
 *
 * What the database has already as a table or column is never refused, and a table that is full
 * of keys takes none from the others: each may learn RS_KEYS_A_STREAM until twice the limit.
 * Which names are admitted depends on the order in which events are read.
 *
 * Owns:    copies of names; existing is borrowed.
 * Threads: rs_cardinality_admits may be called by all workers at once; a key budget is one
 *          worker's.
 */
#ifndef RS_TRANSFORM_CARDINALITY_LIMIT_H
#define RS_TRANSFORM_CARDINALITY_LIMIT_H

#include "rs/compiler.h"
#include "rs/schema.h"

enum { RS_KEYS_A_STREAM = 2000 }; /* more than the 1,600 columns that a table can have */

struct rs_cardinality_limit;

/*
 * tables    names of track calls that may become tables, besides those that are tables
 * existing  what the database has
 */
RS_MUST_USE struct rs_cardinality_limit *
rs_cardinality_limit_new(size_t tables, const struct rs_schema *existing, uint64_t seed);
void rs_cardinality_limit_free(struct rs_cardinality_limit *limit);

/* May track calls of this table have it? Once admitted, always. */
bool rs_cardinality_admits(struct rs_cardinality_limit *limit, struct rs_str table);

/* The table as the database has it, or NULL. */
const struct rs_table *rs_cardinality_existing(struct rs_cardinality_limit *limit,
                                               struct rs_str table);

/* The first table that was not admitted; "" when all were. For when no worker works any more. */
struct rs_str rs_cardinality_first_refused(const struct rs_cardinality_limit *limit);

/* What the streams of one worker have learned. limit NULL: as much as they like. */
struct rs_key_budget {
    struct rs_cardinality_limit *limit;
    size_t max; /* keys of all streams */
    size_t used;
    uint64_t refused_values; /* values that are discards for want of a column */
    uint64_t refused_events; /* track calls that are in tracks alone */
};

#endif
