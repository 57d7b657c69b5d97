/*
 * read/bytes.h - the stored bytes of one open input, wherever it is: in a file, behind a pipe.
 *
 *   struct rs_bytes *bytes = rs_source_open(&input, env, err);
 *   while (bytes->read(bytes, place, sizeof place, &count, err) && count > 0) ...
 *   bytes->close(bytes);
 *
 * A maker of them embeds struct rs_bytes as the first member of its own struct.
 *
 * Pure:    no: files, pipes, network.
 * Threads: one thread at a time per object.
 */
#ifndef RS_READ_BYTES_H
#define RS_READ_BYTES_H

#include "rs/compiler.h"
#include "rs/error.h"

struct rs_bytes {
    /*
     * Read 1 to size bytes, straight to out; *count is 0 at the end alone. size is not 0.
     *
     * err   names the input; RS_E_INPUT; RS_E_INTERRUPTED. Nothing may be read after an error
     */
    bool (*read)(struct rs_bytes *bytes, void *out, size_t size, size_t *count,
                 struct rs_error *err);

    /* How many are still to come, as far as that is known now; UINT64_MAX: it is not. */
    uint64_t (*guess_left)(const struct rs_bytes *bytes);

    /* Close the input and free the object. */
    void (*close)(struct rs_bytes *bytes);
};

#endif
