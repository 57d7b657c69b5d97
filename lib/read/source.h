/*
 * read/source.h - from the operands of a command to the inputs that are to be read.
 *
 *   rs-sync events/ extra.ndjson.gz -
 *     -> events/2026/01.ndjson, events/2026/02.ndjson.zst, extra.ndjson.gz, -
 *
 *   struct rs_input_list list = RS_INPUT_LIST_INIT;
 *   struct rs_input_options options = {.env = env};
 *   if (!rs_source_add_all(&list, &options, operands, count, err)) ...
 *   rs_input_list_release(&list);
 *
 * Form:    an operand is a file, a folder, "-" (standard input), or a pipe or character device,
 *          which is read as standard input is. A folder stands for the regular files below it,
 *          links followed, in byte order of the names within each folder, whatever they are
 *          called. What is below a folder and begins with a dot is left out and counted in
 *          skipped_hidden; pipes, sockets and devices there are counted in skipped_special:
 *          rs_source_tell says so. An operand named itself is always read.
 * Exclude: a pattern of fnmatch(3), in which * stands for slashes too, leaves out what it fits: the
 *          name of a file or folder below an operand, or several parts of a path in a row, such as
 *          "logs/old*"; of an operand that is a file or an object itself, its last part.
 * Failure: what is below an operand and cannot be looked at, and an operand that may not be, is
 *          listed too: rs_source_open fails for it.
 *          What is reached twice (by operand or link, loops too) is listed once, at the first
 *          place; an empty folder is no error.
 * S3:      "s3://bucket/name" is the object of that name; where there is none, what is below
 *          "name/"; where that is nothing, all whose names begin so. With a slash at the end it is
 *          what is below. Objects come in byte order of their whole keys; what begins with a dot
 *          is left out and counted as below folders, what only marks a folder is passed over.
 *          That nothing is found is an error, but for a bucket that is empty.
 * Days:    between two days, inputs of others are left out, and folders of others are not
 *          looked into (read/days.h); an input whose day cannot be told is an error.
 * Pure:    no: looks at files and folders; lists buckets.
 * Threads: reentrant.
 */
#ifndef RS_READ_SOURCE_H
#define RS_READ_SOURCE_H

#include "base/env.h"
#include "read/bytes.h"
#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"

/*
 * List all inputs that the operands stand for, in the order of the operands. How many are archived is
 * logged.
 *
 * list     empty; released by the caller also after an error
 * options  env and account are borrowed until the release; the rest for the call
 * err      RS_E_INPUT when something cannot be read or is neither file, folder nor pipe, or has
 *          no day; RS_E_USAGE when "-" is given twice, or a stream with --since or --until; and as
 *          rs_source_s3_add (read/source_s3.h)
 */
RS_MUST_USE bool rs_source_add_all(struct rs_input_list *list,
                                   const struct rs_input_options *options, char *const *operands,
                                   size_t count, struct rs_error *err);

/* Say what was left out of the list, a sentence a call of tell. */
void rs_source_tell(const struct rs_input_list *list, void (*tell)(void *arg, const char *text),
                    void *arg);

/*
 * Open an input for reading. A pipe is opened without waiting for its writer.
 *
 * input  borrowed until it is closed
 * env    borrowed until it is closed; ends waits for a pipe when a signal came; may be NULL
 * err    RS_E_INPUT; for an object in S3 also RS_E_NET, RS_E_CONFIG, RS_E_INTERRUPTED
 */
RS_MUST_USE struct rs_bytes *rs_source_open(const struct rs_input *input, const struct rs_env *env,
                                            struct rs_error *err);

#endif
