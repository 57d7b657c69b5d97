/*
 * rows/part.h - one file of a table's rows, compressed as it is written.
 *
 *   struct rs_part *part = rs_part_new(RS_COMPRESS_ZSTD);
 *   struct rs_sink *sink = rs_part_begin(part, "dir/tracks/part-0000.csv.zst", err);
 *   ... sink->write(sink, csv, count, err) ...
 *   rs_part_finish(part, err);            closed and whole (the system writes it to disk in its time)
 *
 * Owns:    compressor and file; a part object is used for one file after the other.
 * Pure:    no: files.
 * Threads: one thread at a time per object.
 */
#ifndef RS_ROWS_PART_H
#define RS_ROWS_PART_H

#include "base/sink.h"
#include "rows/compress.h"
#include "rs/compiler.h"
#include "rs/error.h"

struct rs_part;

RS_MUST_USE struct rs_part *rs_part_new(enum rs_compression compression);
void rs_part_free(struct rs_part *part);

/* Make a file, which must not be there yet. The sink is valid until finish. */
RS_MUST_USE struct rs_sink *rs_part_begin(struct rs_part *part, const char *path,
                                          struct rs_error *err);

/* End the file. It is closed also on an error. */
RS_MUST_USE bool rs_part_finish(struct rs_part *part, struct rs_error *err);

#endif
