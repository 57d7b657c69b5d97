/*
 * rows/table_writer_internal.h - what the two files of the table writer share: table_writer.c, which puts
 * cells into fields and rows, and table_writer_fold.c, which folds the rows of one id.
 *
 * Threads: as rows/table_writer.h.
 */
#ifndef RS_ROWS_TABLE_WRITER_INTERNAL_H
#define RS_ROWS_TABLE_WRITER_INTERNAL_H

#include <string.h>

#include "base/mem.h"
#include "rows/table_writer.h"

enum {
    RS_WRITER_FLUSH_BYTES = 256 << 10,
    RS_WRITER_CELL_ROOM = 96,  /* beyond twice its text: quotes, an instant, a converted number */
    RS_WRITER_NUMBER_MAX = 20, /* digits of 64 bits, and a sign */
};

struct rs_writer_slot {
    struct rs_cell cell; /* text is NULL where there is none */
    int64_t received_us; /* of the row that the cell is from, when folding */
    const char *row;     /* that row's cells */
};

enum { RS_WRITER_KINDS = 16 };

/* How cells of a kind are written into a column; what the numbers mean stands in table_writer.c. */
struct rs_writer_actions {
    uint8_t of_kind[RS_WRITER_KINDS];
};

struct rs_writer_buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/* A number as a cell. */
struct rs_writer_number {
    char text[RS_WRITER_NUMBER_MAX + RS_CELL_SLACK];
    struct rs_cell cell;
};

struct rs_table_writer {
    struct rs_table_writer_options options;
    const struct rs_column *columns;
    size_t column_count;
    struct rs_writer_actions *actions; /* a column */
    struct rs_writer_slot *slots;
    size_t room;     /* that the rest of the row may need */
    char *null_text; /* with RS_CELL_SLACK bytes behind it */
    struct rs_cell uuid_ts;
    char uuid_ts_bytes[RS_CELL_SLACK];
    size_t *texts; /* columns of the role RS_COLUMN_TEXT */
    size_t text_count;
    size_t shard; /* column of this role; SIZE_MAX: none */
    size_t place;
    struct rs_writer_number shard_number;
    struct rs_writer_number place_number;
    struct rs_writer_buffer rows;
    struct rs_writer_buffer times;
    struct rs_strbuf converted;
    struct rs_strbuf line;
    uint64_t row_count;
    uint64_t discard_count;
};

static inline bool rs_writer_is_discard(const struct rs_cell *cell)
{
    return cell->kind >= RS_CELL_DISCARD;
}

static inline enum rs_discard_reason rs_writer_reason(const struct rs_cell *cell)
{
    return (enum rs_discard_reason)(cell->kind - RS_CELL_DISCARD);
}

/* Copy a text that is followed by RS_CELL_SLACK readable bytes; as many past out are written. */
static inline char *rs_writer_put_raw(char *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i += RS_CELL_SLACK) {
        memcpy(out + i, text + i, RS_CELL_SLACK);
    }
    return out + length;
}

static inline void rs_writer_make_room(struct rs_writer_buffer *buffer, size_t room)
{
    if (buffer->capacity - buffer->length < room) {
        buffer->data = rs_mem_grow(buffer->data, &buffer->capacity, buffer->length + room, 1);
    }
}

/*
 * Room for a row whose cells are of that many bytes, but for what conversions add. A value that
 * stands there twice, as a timestamp and as its text, is converted the first time.
 */
static inline size_t rs_writer_row_room(const struct rs_table_writer *writer, size_t cell_bytes)
{
    size_t field = writer->options.null_text.length + RS_WRITER_CELL_ROOM;
    return cell_bytes * 2 + writer->column_count * field + RS_WRITER_CELL_ROOM;
}

/* Hand on what the buffer holds, if it is at least that much. */
RS_MUST_USE bool rs_writer_flush(struct rs_writer_buffer *buffer, size_t at_least,
                                 struct rs_sink *sink, struct rs_error *err);

RS_MUST_USE bool rs_writer_discard(struct rs_table_writer *writer, const struct rs_row_view *view,
                                   const struct rs_cell *cell, enum rs_discard_reason reason,
                                   struct rs_error *err);

/* Write a cell's value; *fit says whether it went in. The buffer may move. */
char *rs_writer_put(struct rs_table_writer *writer, struct rs_writer_buffer *buffer, char *out,
                    const struct rs_cell *cell, size_t place, enum rs_fit *fit);

/* Empty the slots, but for what every row has. */
void rs_writer_fill_constants(struct rs_table_writer *writer, const struct rs_row_view *view);

/*
 * Empty the slots of the longest values, and make discards of them, until the line is no longer
 * than it may be. view is the row, or the newest of those that fold.
 */
RS_MUST_USE bool rs_writer_shed(struct rs_table_writer *writer, const struct rs_row_view *view,
                                struct rs_error *err);

/*
 * Write the slots as a line. A value that does not fit, or not whole, is a discard of view; of
 * none where view is NULL.
 */
RS_MUST_USE bool rs_writer_put_slots(struct rs_table_writer *writer, const struct rs_row_view *view,
                                     struct rs_error *err);

#endif
