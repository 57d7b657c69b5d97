/*
 * shard/shard.h - a run cut into shards: which inputs are whose, and what their files hold.
 *
 *   rs_shard_parse("3/16", &shard, &err)                   the fourth of sixteen
 *   if (rs_shard_has(&shard, rs_str_from(input->identity))) ...
 *   rs_shard_define_files(&wanted, &existing, &files, &err)
 *
 * What type a new column has is known when all shards are there. So a shard writes values from
 * which any type that may come out can be loaded. Numbers and booleans are written as the event had
 * them, which is right for a string too. A timestamp is written in UTC, so its text stands in a
 * column of its own behind it. A column that the warehouse has is written in its type.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_SHARD_SHARD_H
#define RS_SHARD_SHARD_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "warehouse/plan.h"

enum { RS_SHARD_COUNT_MAX = 10000 }; /* children of an array job in AWS Batch */

struct rs_shard {
    uint32_t number; /* from 0 */
    uint32_t count;  /* 0: the run is not cut */
};

/* Stands for the run in rejects and discards that are not loaded yet. */
#define RS_SHARD_SYNC_ID "staged"

/*
 * Read "I/N".
 *
 * err  RS_E_USAGE with a hint, also when I is not below N
 */
RS_MUST_USE bool rs_shard_parse(const char *text, struct rs_shard *out, struct rs_error *err);

/*
 * The input is this shard's: by the hash of its identity, so that it does not matter what else is
 * there. Each input is one shard's and no other's, on every machine and in every release.
 */
bool rs_shard_has(const struct rs_shard *shard, struct rs_str identity);

/*
 * Define the columns of a shard's files: those of wanted, texts behind timestamps (see above), where
 * there is room the others that the table has, so that all shards have the same ones, and at the
 * end the columns RS_COLUMN_SHARD and RS_COLUMN_PLACE.
 *
 * wanted  settled by rs_plan_make
 * out     released by the caller, also on failure
 * err     RS_E_LIMIT when a table has no room for all of them
 */
RS_MUST_USE bool rs_shard_define_files(const struct rs_schema *wanted,
                                       const struct rs_schema *existing, struct rs_schema *out,
                                       struct rs_error *err);

/*
 * What the plan has dropped finds no room in any other shard either: the table is full as it is.
 * RS_E_LIMIT when that depends on what others bring.
 */
RS_MUST_USE bool rs_shard_check_dropped(const struct rs_plan *plan,
                                        const struct rs_schema *existing, struct rs_error *err);

#endif
