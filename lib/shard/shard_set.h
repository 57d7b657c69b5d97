/*
 * shard/shard_set.h - what all shards say of themselves, joined: what a commit loads.
 *
 *   struct rs_shard_set *set = rs_shard_set_new();
 *   rs_shard_set_add(set, &doc, modified_us);          each shard that is there
 *   rs_shard_set_add_input(set, &input);               its inputs, and its tables
 *   rs_shard_set_add_table(set, i, &table);
 *   rs_shard_set_check(set, &err)                      all are there, and fit together
 *   rs_shard_set_define(set, &wanted);                 as one run over all inputs would
 *   rs_shard_set_find(set, table)                      its files, see shard/shard_match.h
 *   rs_shard_set_free(set);
 *
 * Of a table the distinct lists of columns are kept, not one for each shard, so that memory follows
 * what the tables have and not how many shards there are.
 *
 * Owns:    copies of all it was given, and what it gives out.
 * Pure:    yes.   Threads: one thread at a time per object.
 */
#ifndef RS_SHARD_SHARD_SET_H
#define RS_SHARD_SHARD_SET_H

#include "ledger/ledger_runs.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "shard/shard_doc.h"

struct rs_shard_set;

RS_MUST_USE struct rs_shard_set *rs_shard_set_new(void);

/* NULL is nothing. */
void rs_shard_set_free(struct rs_shard_set *set);

/* modified_us: when its document was written, by the clock of S3. */
void rs_shard_set_add(struct rs_shard_set *set, const struct rs_shard_doc *doc,
                      int64_t modified_us);
void rs_shard_set_add_input(struct rs_shard_set *set, const struct rs_ledger_input *input);

/* Add a table of the i-th shard. Tables of one are added before those of the next. */
void rs_shard_set_add_table(struct rs_shard_set *set, size_t i, const struct rs_shard_table *table);

/* A shard that was added; they are in the order of their numbers. */
struct rs_shard_entry {
    struct rs_shard_doc doc;
    int64_t modified_us;
};
size_t rs_shard_set_count(const struct rs_shard_set *set);
const struct rs_shard_entry *rs_shard_set_at(const struct rs_shard_set *set, size_t i);

const struct rs_ledger_input *rs_shard_set_inputs(const struct rs_shard_set *set, size_t *count);

/* The sum over all shards. */
struct rs_shard_counts rs_shard_set_counts(const struct rs_shard_set *set);

/*
 * The shards are all of one N, each once, and were staged with the same options.
 *
 * err  RS_E_INPUT: names those that are missing, or what differs
 */
RS_MUST_USE bool rs_shard_set_check(const struct rs_shard_set *set, struct rs_error *err);

/* All shards have listed the same inputs; else ties are settled by each one's own list. */
bool rs_shard_set_listed_alike(const struct rs_shard_set *set);

/* Define what the run wants: every table, with the join of all kinds seen in each column. */
void rs_shard_set_define(struct rs_shard_set *set, struct rs_schema *wanted);

/* One file of a list, for its manifest. */
struct rs_shard_file {
    uint32_t shard; /* its number */
    uint32_t part;
    struct rs_staged_part bytes;
};

/* Files of a table that have the same columns. */
struct rs_shard_list {
    struct rs_table columns; /* as the shards wrote them */
    struct rs_str null_text;
    uint64_t rows;
    struct rs_shard_file *files;
    size_t file_count;
    size_t file_capacity;
};

/* What there is of a table. */
struct rs_shard_joined {
    struct rs_str name;
    struct rs_encode_counts counts; /* rows of one id that several shards have count as several */
    uint64_t bytes;
    const struct rs_shard_list *const *lists;
    size_t list_count;
    const uint32_t *numbers; /* of the shards that have rows of it, in their order */
    size_t number_count;
};

/* NULL when no shard has the table. */
const struct rs_shard_joined *rs_shard_set_find(const struct rs_shard_set *set,
                                                struct rs_str table);

/* How many of a table's rows that lost are duplicates of a run: each event counts once. */
uint64_t rs_shard_set_duplicates(const struct rs_shard_set *set, const char *table, uint64_t lost);

#endif
