/*
 * read/source_s3.h - the inputs that are objects in S3.
 *
 *   rs_source_s3_add(list, "s3://lake/events/", err)   appends s3://lake/events/a.ndjson.gz, ...
 *
 * For lib/read/source.c; others use read/source.h, which says what is listed.
 *
 * Pure:    no: network.
 * Threads: one thread at a time per list; open: any thread.
 */
#ifndef RS_READ_SOURCE_S3_H
#define RS_READ_SOURCE_S3_H

#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"

/* The operand is an address in S3, not a path. */
bool rs_source_s3_is_address(const char *operand);

/*
 * Append the object that an operand names, or all that it stands for.
 *
 * list  list->seen and list->options are there
 * err   RS_E_INPUT when there is nothing; RS_E_NET when it is not allowed to look, or S3 does not
 *       answer; RS_E_CONFIG when there are no credentials; RS_E_INTERRUPTED
 */
RS_MUST_USE bool rs_source_s3_add(struct rs_input_list *list, const char *operand,
                                  struct rs_error *err);

/* As rs_source_open. */
RS_MUST_USE struct rs_bytes *rs_source_s3_open(const struct rs_input *input, struct rs_error *err);

#endif
