/*
 * read/decompress.h - the bytes of one input, decompressed where its first bytes say so.
 *
 *   1f 8b                                  gzip, any number of members
 *   28 b5 2f fd  or  5? 2a 4d 18           zstd, any number of frames (5?: one to be skipped)
 *   anything else                          as it is
 *
 *   struct rs_decompress *data = rs_decompress_open(&input, env, err);
 *   while (rs_decompress_read(data, place, sizeof place, &count, err) && count > 0) ...
 *   rs_decompress_close(data);
 *
 * Form:    names do not matter, but for one thing: an input of no bytes, or of fewer than the
 *          marks above need, is one that was cut short when it is called *.gz or *.zst.
 * Pure:    no: files, pipes; env only to end a wait for a pipe when a signal came.
 * Threads: one thread at a time per object, but for rs_decompress_taken_bytes.
 */
#ifndef RS_READ_DECOMPRESS_H
#define RS_READ_DECOMPRESS_H

#include "base/env.h"
#include "read/input_list.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_decompress;

/*
 * Open an input and look at its first bytes.
 *
 * input  borrowed until close
 * env    borrowed until close; NULL: waits are not interrupted
 * err    RS_E_INPUT when it cannot be read or was cut short; RS_E_INTERRUPTED
 */
RS_MUST_USE struct rs_decompress *
rs_decompress_open(const struct rs_input *input, const struct rs_env *env, struct rs_error *err);

/*
 * Fill out with the next size bytes; with fewer, down to none, only where the input ends.
 *
 * err   RS_E_INPUT when it cannot be read, is damaged or was cut short; RS_E_LIMIT when it
 *       needs too large a zstd window; RS_E_INTERRUPTED. Nothing may be read after an error.
 */
RS_MUST_USE bool rs_decompress_read(struct rs_decompress *data, void *out, size_t size,
                                    size_t *out_used, struct rs_error *err);

/*
 * A guess, for choosing a buffer's size, how many bytes are still to come: exact for a plain
 * file that does not change, rough for a compressed one, SIZE_MAX for a stream.
 */
size_t rs_decompress_guess_left(const struct rs_decompress *data);

/* Stored bytes taken from the input so far, for progress. May be asked from any thread. */
uint64_t rs_decompress_taken_bytes(const struct rs_decompress *data);

/* NULL is nothing. */
void rs_decompress_close(struct rs_decompress *data);

#endif
