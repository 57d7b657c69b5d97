/*
 * transform/row.h - one event's cells, value by value.
 *
 *   rs_row_put_object(&build, stream->context, token);     flatten an object
 *   rs_row_put_text(&build, column, RS_CELL_STRING, text);
 *   rs_row_put_discard(&build, column, text, RS_DISCARD_TYPE);
 *
 * A column that the event filled already takes nothing more: the value is a discard. Types are
 * not settled here: a column collects the kinds that it has seen.
 *
 * Owns:    scratch, for decoded texts: valid until the builder begins the next event.
 * Pure:    yes.   Threads: one thread at a time per object.
 */
#ifndef RS_TRANSFORM_ROW_H
#define RS_TRANSFORM_ROW_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "transform/cells.h"
#include "transform/event.h"
#include "transform/stream.h"

struct rs_row_builder {
    struct rs_event event;
    struct rs_batch *batch;
    struct rs_stream *stream;
    struct rs_arena scratch;
    size_t null_run; /* see rs_projector_null_run */
    bool fills;      /* a column that the event filled keeps its value, which is no discard */
    bool clears;     /* nulls of the call's traits are cells, RS_CELL_NULL */
};

/* The decoded text of any value; of an array or object, its compact JSON. */
struct rs_str rs_row_text(struct rs_row_builder *build, uint32_t token);

/* What a value that is no object is; text is its decoded text. */
enum rs_cell_kind rs_row_kind(const struct rs_row_builder *build, uint32_t token,
                              struct rs_str text);

/* Store a value, or note it as a discard where the event has filled the column. */
void rs_row_put_text(struct rs_row_builder *build, int32_t column, enum rs_cell_kind kind,
                     struct rs_str text);
void rs_row_put_instant(struct rs_row_builder *build, int32_t column, int64_t us);
void rs_row_put_discard(struct rs_row_builder *build, int32_t column, struct rs_str text,
                        enum rs_discard_reason reason);

/* Store every value in an object, under names that begin with the path's words. */
void rs_row_put_object(struct rs_row_builder *build, struct rs_path *path, uint32_t token);

#endif
