/*
 * rows/spool.h - bytes put aside on disk: appended, then read back by place.
 *
 *   rs_spool_append(spool, bytes, count, err);     at rs_spool_end(spool) before
 *   rs_spool_read(spool, offset, out, count, err);
 *
 * The file has no name (see rs_fs_open_temp): a killed run leaves nothing behind. It is made
 * with the first byte that does not fit in the buffer.
 *
 * Owns:    its buffer and descriptor; freed with rs_spool_free.
 * Threads: append by one thread at a time; read by many once nothing is appended any more.
 */
#ifndef RS_ROWS_SPOOL_H
#define RS_ROWS_SPOOL_H

#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_spool;

/* tmpdir: where the file goes; NULL means /tmp. Borrowed. */
RS_MUST_USE struct rs_spool *rs_spool_new(const char *tmpdir);
void rs_spool_free(struct rs_spool *spool);

RS_MUST_USE bool rs_spool_append(struct rs_spool *spool, const void *bytes, size_t count,
                                 struct rs_error *err);

/* Bytes appended so far: the offset of the next append. */
uint64_t rs_spool_end(const struct rs_spool *spool);

/* Copy count bytes from offset on; all of them have been appended. */
RS_MUST_USE bool rs_spool_read(const struct rs_spool *spool, uint64_t offset, void *out,
                               size_t count, struct rs_error *err);

/* Write the bytes from begin up to end into a sink. */
RS_MUST_USE bool rs_spool_copy(const struct rs_spool *spool, uint64_t begin, uint64_t end,
                               struct rs_sink *sink, struct rs_error *err);

/* A sink that appends to a spool, which it borrows. */
struct rs_spool_sink {
    struct rs_sink sink;
    struct rs_spool *spool;
};
struct rs_spool_sink rs_spool_sink(struct rs_spool *spool);

#endif
