/*
 * rows/compress.h - a compressor in front of any sink, or none.
 *
 *   struct rs_compressor *compressor = rs_compressor_new(RS_COMPRESS_ZSTD);
 *   struct rs_sink *sink = rs_compressor_begin(compressor, file);
 *   ... sink->write(sink, csv, count, err) ...
 *   rs_compressor_finish(compressor, err);            the file has all of it
 *
 * Owns:    its memory, which is kept from one use to the next; the sink below is borrowed.
 * Pure:    yes, but for the sink below.
 * Threads: one thread at a time per object.
 */
#ifndef RS_ROWS_COMPRESS_H
#define RS_ROWS_COMPRESS_H

#include "base/sink.h"
#include "rs/compiler.h"
#include "rs/error.h"

enum rs_compression { RS_COMPRESS_ZSTD, RS_COMPRESS_GZIP, RS_COMPRESS_NONE };

/* What a compressed file's name ends with: ".zst", ".gz" or "". */
const char *rs_compression_suffix(enum rs_compression compression);

struct rs_compressor;

RS_MUST_USE struct rs_compressor *rs_compressor_new(enum rs_compression compression);
void rs_compressor_free(struct rs_compressor *compressor);

/* What is written to the returned sink goes compressed into below; valid until finish. */
RS_MUST_USE struct rs_sink *rs_compressor_begin(struct rs_compressor *compressor,
                                                struct rs_sink *below);

/* Write what is held back, and the end. */
RS_MUST_USE bool rs_compressor_finish(struct rs_compressor *compressor, struct rs_error *err);

#endif
