/*
 * read/source.h - from the operands of a command to the inputs that are to be read.
 *
 *   rs-sync events/ extra.ndjson.gz -
 *     -> events/2026/01.ndjson, events/2026/02.ndjson.zst, extra.ndjson.gz, -
 *
 *   struct rs_input_list list = RS_INPUT_LIST_INIT;
 *   struct rs_input_options options = {.env = env};
 *   if (!rs_input_list_add_all(&list, &options, operands, count, err)) ...
 *   rs_input_list_release(&list);
 *
 * Form:    an operand is a file, a folder, "-" (standard input), or a pipe or character device,
 *          which is read as standard input is. A folder stands for the regular files below it,
 *          links followed, in byte order of the names within each folder, whatever they are
 *          called. What is below a folder and begins with a dot is left out and counted in
 *          skipped_hidden; pipes, sockets and devices there are counted in skipped_special:
 *          the caller tells the person. An operand named itself is always read.
 *          What is reached twice (by operand or link, loops too) is listed once, at the first
 *          place; an empty folder is no error.
 * S3:      "s3://bucket/name" is the object of that name; where there is none, what is below
 *          "name/"; where that is nothing, all whose names begin so. With a slash at the end it is
 *          what is below. Objects come in byte order of their whole keys; what begins with a dot
 *          is left out and counted as below folders, what only marks a folder is passed over.
 *          That nothing is found is an error, but for a bucket that is empty.
 * Days:    with a range of days, inputs of others are left out, and folders of others are not
 *          looked into (read/days.h); an input whose day cannot be told is an error.
 * Pure:    no: looks at files and folders, and opens each file once to see that it is readable;
 *          lists buckets.
 * Owns:    the list owns its inputs and their texts; release frees them.
 * Threads: reentrant.
 */
#ifndef RS_READ_SOURCE_H
#define RS_READ_SOURCE_H

#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"
#include "read/bucket.h"
#include "read/bytes.h"
#include "read/days.h"

struct rs_input {
    char *name;          /* for messages and rs_rejects: the operand and what is below it; "-" */
    char *identity;      /* absolute path without links, for the ledger; NULL for a stream */
    char *version;       /* changes when its bytes do: ns from 1970 to its last change, or an ETag;
                            NULL for a stream */
    uint64_t size_bytes; /* as stored, when it was listed; 0 for a stream */
    bool is_stdin;
    bool is_stream; /* standard input, a pipe or a device: can be read once, has no size */
    struct rs_bucket *bucket; /* of an object in S3; else NULL */
    bool has_day;             /* listed with a range of days: a folder of its path is for day_ms */
    int64_t day_ms;
};

struct rs_input_options {
    const struct rs_env *env;
    struct rs_days days;
    const struct rs_account *account; /* AWS; NULL where no operand is in S3 */
};

struct rs_input_list {
    struct rs_input *items;
    size_t count;
    size_t capacity;
    size_t skipped_hidden;
    size_t skipped_special;
    struct rs_buckets *buckets; /* that inputs are in; NULL: none */
    size_t skipped_days; /* files of days that are not asked for; a folder of such a day is one */
    const struct rs_input_options *options; /* these only while the list is made */
    struct rs_map *seen;                    /* what was reached already */
    bool has_day; /* what rs_input_list_check_day found, for the input that is appended next */
    int64_t day_ms;
};

#define RS_INPUT_LIST_INIT ((struct rs_input_list){.items = NULL})

/*
 * List all inputs that the operands stand for, in the order of the operands.
 *
 * list     empty; released by the caller also after an error
 * options  env and account are borrowed until the release; the rest for the call
 * err      RS_E_INPUT when something cannot be read or is neither file, folder nor pipe, or has
 *          no day; RS_E_USAGE when "-" is given twice, or a stream with a range of days; and as
 *          rs_source_s3_add (read/source_s3.h)
 */
RS_MUST_USE bool rs_input_list_add_all(struct rs_input_list *list,
                                       const struct rs_input_options *options,
                                       char *const *operands, size_t count, struct rs_error *err);

/* The sum of all sizes, or 0 when one of the inputs is a stream: then it is not known. */
uint64_t rs_input_list_total_bytes(const struct rs_input_list *list);

void rs_input_list_release(struct rs_input_list *list);

/* For those who fill a list. */

/* Whether it is the first time that key is seen, which it then no longer is. */
RS_MUST_USE bool rs_input_list_first_seen(struct rs_input_list *list, const char *key);

/* Append an input of that name; the place is good until the next one. */
RS_MUST_USE struct rs_input *rs_input_list_append(struct rs_input_list *list, const char *name);

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

/*
 * Open an input for reading. A pipe is opened without waiting for its writer.
 *
 * input  borrowed until it is closed
 * env    borrowed until it is closed; ends waits for a pipe when a signal came; may be NULL
 * err    RS_E_INPUT; for an object in S3 also RS_E_NET, RS_E_CONFIG, RS_E_INTERRUPTED
 */
RS_MUST_USE struct rs_bytes *rs_input_open(const struct rs_input *input, const struct rs_env *env,
                                           struct rs_error *err);

/* Record "could not read "<name>": <errno's text>" with a hint what to do. Always false. */
bool rs_input_error(const char *name, int number, struct rs_error *err);

#endif
