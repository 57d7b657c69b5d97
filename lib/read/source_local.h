/*
 * read/source_local.h - the inputs that are files, folders and pipes of this machine.
 *
 *   rs_source_local_add(list, "events", err)     appends events/a.ndjson, events/b.ndjson
 *
 * For lib/read/source.c; others use read/source.h, which says what is listed.
 *
 * Pure:    no: files, folders and pipes.
 * Threads: reentrant.
 */
#ifndef RS_READ_SOURCE_LOCAL_H
#define RS_READ_SOURCE_LOCAL_H

#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"

/*
 * Append the file that an operand names, or all files below the folder that it names.
 *
 * list  list->seen is there
 * err   RS_E_INPUT
 */
RS_MUST_USE bool rs_source_local_add(struct rs_input_list *list, const char *operand,
                                     struct rs_error *err);

/* As rs_source_open. Standard input stays open when it is closed. */
RS_MUST_USE struct rs_bytes *rs_source_local_open(const struct rs_input *input,
                                                  const struct rs_env *env, struct rs_error *err);

#endif
