/*
 * read/input_list.h - the inputs that are to be read, each once.
 *
 *   struct rs_input_list list = RS_INPUT_LIST_INIT;
 *   rs_source_add_all(&list, &options, operands, count, &err)    read/source.h
 *   rs_input_list_total_bytes(&list, NULL);
 *   rs_input_list_release(&list);
 *
 * Pure:    yes.
 * Owns:    the list owns its inputs and their texts; release frees them.
 * Threads: reentrant.
 */
#ifndef RS_READ_INPUT_LIST_H
#define RS_READ_INPUT_LIST_H

#include "base/env.h"
#include "base/map.h"
#include "read/bucket.h"
#include "read/days.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

struct rs_input {
    char *name;          /* for messages and rs_rejects: the operand and what is below it; "-" */
    char *identity;      /* absolute path without links or an address, for the ledger: as
                            rs_utf8_escape has it; NULL for a stream */
    char *version;       /* changes when its bytes do: ns from 1970 to its last change, or an ETag;
                            NULL for a stream */
    uint64_t size_bytes; /* as stored, when it was listed; 0 for a stream */
    bool is_stdin;
    bool is_stream; /* standard input, a pipe or a device: can be read once, has no size */
    struct rs_bucket *bucket; /* of an object in S3; else NULL */
    struct rs_error *failure; /* it was found unreadable when it was listed; NULL: not yet */
    bool has_day;             /* listed between two days: a folder of its path is for day_ms */
    int64_t day_ms;
};

struct rs_input_options {
    const struct rs_env *env;
    struct rs_days days;
    const struct rs_account *account; /* AWS; NULL where no operand is in S3 */
    const char *const *excludes;      /* --exclude, see read/source.h */
    size_t exclude_count;
    bool skips_archived; /* objects that are archived, as far as the listing says */
};

struct rs_input_list {
    struct rs_input *items;
    size_t count;
    size_t capacity;
    size_t skipped_hidden;
    size_t skipped_special;
    size_t skipped_excluded; /* a folder is one */
    size_t skipped_archived;
    size_t seen_again;          /* what several operands lead to */
    size_t archived;            /* objects in the list */
    struct rs_buckets *buckets; /* that inputs are in; NULL: none */
    size_t skipped_days; /* files of days that are not asked for; a folder of such a day is one */
    const struct rs_input_options *options; /* these only while the list is made */
    struct rs_map *seen;                    /* what was reached already */
    bool has_day; /* what rs_input_list_check_day found, for the input that is appended next */
    int64_t day_ms;
};

#define RS_INPUT_LIST_INIT ((struct rs_input_list){.items = NULL})

/*
 * The sum of the sizes of all that are not left out (NULL: none is), or 0 when one of them is a stream:
 * then it is not known.
 */
uint64_t rs_input_list_total_bytes(const struct rs_input_list *list, const bool *left_out);

void rs_input_list_release(struct rs_input_list *list);

/*
 * Whether an error of opening or reading an input is about that alone: it is damaged, gone, archived
 * or denied, while others may be read.
 */
bool rs_input_failed_alone(const struct rs_error *err);

/* The error says that the input, an object in S3, is archived. */
bool rs_input_is_archived(const struct rs_error *err);

/* For those who fill a list. */

/* Whether it is the first time that key is seen, which it then no longer is. */
RS_MUST_USE bool rs_input_list_first_seen(struct rs_input_list *list, const char *key);

/*
 * Append an input of that name; the place is good until the next one.
 *
 * identity  any bytes; NULL: it is a stream
 */
RS_MUST_USE struct rs_input *rs_input_list_append(struct rs_input_list *list, const char *name,
                                                  const char *identity);

/*
 * Append what cannot be read, in place of an input: to open it fails with why, which is cleared. One
 * of a day that is not asked for is left out as others are.
 *
 * operand_bytes  as for rs_input_list_check_day
 */
void rs_input_list_append_failure(struct rs_input_list *list, size_t operand_bytes,
                                  const char *name, const char *identity, struct rs_error *why);

/*
 * Whether --exclude names a file or folder; then it is counted.
 *
 * begin  of name, from where on it is looked at: behind the operand, and for one that is named itself
 *        its last part
 */
RS_MUST_USE bool rs_input_list_excludes(struct rs_input_list *list, struct rs_str name,
                                        size_t begin);

/* Whether a folder of this name is for a day that is not asked for; then it is counted. */
RS_MUST_USE bool rs_input_list_skips_folder(struct rs_input_list *list, struct rs_str name);

/*
 * Set *skip when a file is of a day that is not asked for; then it is counted.
 *
 * operand_bytes  of path, that the operand named: the days below it come before those in it
 * path           as rs_input.name
 * identity       where the day is looked for if path has none; NULL: a stream, which has none
 * err            RS_E_INPUT when its day cannot be told; RS_E_USAGE for a stream
 */
RS_MUST_USE bool rs_input_list_check_day(struct rs_input_list *list, size_t operand_bytes,
                                         const char *path, const char *identity, bool *skip,
                                         struct rs_error *err);

#endif
