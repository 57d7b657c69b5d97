/*
 * base/sink.h - where bytes go: a file, a compressor, a COPY on a connection.
 *
 *   struct rs_sink *sink = ...;
 *   if (!sink->write(sink, bytes, count, err)) return false;
 *
 * A maker of sinks embeds struct rs_sink as the first member of its own struct.
 *
 * Threads: one thread at a time per object.
 */
#ifndef RS_BASE_SINK_H
#define RS_BASE_SINK_H

#include "rs/compiler.h"
#include "rs/error.h"

struct rs_sink {
    /* Take all count bytes (borrowed for the call), or fail. */
    bool (*write)(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err);
};

#endif
