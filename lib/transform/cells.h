/*
 * transform/cells.h - the rows of one chunk of input: what the projector makes, what the
 * stage keeps and writes.
 *
 *   batch ── rows[]    one an event, by stream; order[] has them in the order read
 *        │      └── data[offset .. offset + size): its cells, one after the other
 *        ├── groups[]  the rows of one stream, which stand together
 *        └── rejects[]
 *
 * A cell is packed: a 4-byte head (column 16 bits, length 12, kind 4; what does not fit follows
 * in 4 bytes each), then its text, or the 8 bytes of an instant. So a row is one stretch of
 * bytes, half the size of its JSON, that is written once, read in order, and spilled as it is.
 *
 *   const char *at = begin;
 *   while (at < end) at = rs_cell_read(at, &cell);
 *
 * A stream is all calls that share a shape of tables: one event's track calls, the pages, the
 * identify calls with a user id ... (see transform/stream.h). Its columns are numbered by
 * the projector that made the batch.
 *
 * Owns:    data and rows live in a slab that the caller gives, and go with it; the rest is the
 *          batch's own, freed with rs_batch_free.
 * Threads: one thread at a time per batch; read-only use may be shared.
 */
#ifndef RS_TRANSFORM_CELLS_H
#define RS_TRANSFORM_CELLS_H

#include <string.h>

#include "base/arena.h"
#include "base/slab.h"
#include "base/timefmt.h"
#include "rs/compiler.h"
#include "rs/str.h"
#include "transform/coltype.h"

enum rs_discard_reason {
    RS_DISCARD_TYPE,      /* the value does not fit the column's type */
    RS_DISCARD_COLLISION, /* another name of the event took the column */
    RS_DISCARD_TRUNCATED, /* stored, but cut to 65535 bytes, or what its column holds */
    RS_DISCARD_COLUMNS,   /* the table has as many columns as it may have */
    RS_DISCARD_NO_TABLE,  /* the database has as many tables as it may have */
    RS_DISCARD_ROW,       /* the row would be longer than a load takes */
    RS_DISCARD_ID,        /* the row's id is longer than its column: the row is left out */
    RS_DISCARD_ENCODING,  /* a character that the database's encoding does not have; in no packed
                             cell, whose kind has 4 bits */
};

enum { RS_DISCARD_REASONS = RS_DISCARD_ENCODING + 1 };

/* Text of a discard's reason, as rs_discards has it. */
const char *rs_discard_reason_text(enum rs_discard_reason reason);

enum rs_cell_kind {
    RS_CELL_BOOLEAN,
    RS_CELL_INTEGER,
    RS_CELL_WIDE_INTEGER,
    RS_CELL_FLOAT,
    RS_CELL_TIMESTAMP,
    RS_CELL_STRING,
    RS_CELL_ARRAY,   /* up to here: enum rs_kind is 1 << this */
    RS_CELL_INSTANT, /* a timestamp that needs no text */
    RS_CELL_NULL,    /* an explicit null that clears what users or accounts have; RS_KIND_NULL */
    RS_CELL_DISCARD, /* not stored; plus an enum rs_discard_reason */
};

struct rs_cell {
    const char *text; /* decoded: valid UTF-8, no NUL; of an instant: its 8 bytes */
    uint32_t length;  /* bytes of text */
    uint32_t column;
    uint32_t kind; /* enum rs_cell_kind */
};

enum {
    RS_CELL_HEAD_MAX = 12,
    RS_CELL_SLACK = 16, /* bytes past a text that may be read and written when it is packed */
    RS_CELL_LONG = (1 << 12) - 1,
    RS_CELL_FAR = (1 << 16) - 1,
};

static inline uint32_t rs_cell_load(const char *at)
{
    uint32_t word = 0;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Read the cell at a place; returns the place of the next one. */
static inline const char *rs_cell_read(const char *at, struct rs_cell *out)
{
    uint32_t head = rs_cell_load(at);
    at += 4;
    out->column = head & RS_CELL_FAR;
    out->length = head >> 16 & RS_CELL_LONG;
    out->kind = head >> 28;
    if (RS_UNLIKELY(out->column == RS_CELL_FAR)) {
        out->column = rs_cell_load(at);
        at += 4;
    }
    if (RS_UNLIKELY(out->length == RS_CELL_LONG)) {
        out->length = rs_cell_load(at);
        at += 4;
    }
    out->text = at;
    return at + out->length;
}

static inline int64_t rs_cell_instant(const struct rs_cell *cell)
{
    int64_t us = 0;
    memcpy(&us, cell->text, sizeof us);
    return us;
}

/* The cell's text; that of an instant is written into room. */
static inline struct rs_str rs_cell_text(const struct rs_cell *cell, char room[RS_TIMEFMT_MAX])
{
    if (cell->kind == RS_CELL_INSTANT) {
        return (struct rs_str){room, rs_timefmt_format(rs_cell_instant(cell), room)};
    }
    return (struct rs_str){cell->text, cell->length};
}

static inline enum rs_kind rs_cell_value_kind(const struct rs_cell *cell)
{
    return (enum rs_kind)(1U << cell->kind);
}

struct rs_row {
    uint64_t fold_hash;   /* of the user or group id, when the stream folds */
    int64_t received_us;  /* received_at */
    uint32_t offset;      /* of its first cell in the batch's data: the id, then received_at */
    uint32_t line;        /* where it stands in the input, from the batch's first_line on */
    uint32_t size;        /* bytes of its cells */
    uint32_t common_size; /* of the first of them: standard columns and context */
    uint32_t stream;      /* number in the projector */
    uint32_t number;      /* place in the chunk, in the order read */
    uint32_t fold_offset; /* of the cell that holds the fold's id, from the row's first */
    uint32_t group;       /* of the batch's groups */
};

/* The rows of one stream: rows[first .. first + count), in the order read. */
struct rs_row_group {
    uint32_t stream;
    uint32_t first;
    uint32_t count;
    uint64_t size;
    uint64_t common_size;
};

/* Where something begins in an input. */
struct rs_place {
    uint64_t line; /* from 1 */
    uint64_t byte; /* from 0, of what the input holds once it is decompressed */
};

struct rs_reject {
    struct rs_place place;
    struct rs_str text; /* as it was; of a line, without its line end */
    const char *reason; /* static; NULL: goes on with the reject before */
};

struct rs_batch {
    uint32_t input; /* place in the list of inputs */
    uint32_t chunk; /* place in the input */
    uint32_t worker;
    uint64_t first_line;  /* number in the input of the chunk's first line */
    struct rs_slab *slab; /* holds data and rows */
    char *data;           /* cells */
    size_t size;
    size_t capacity;
    struct rs_row *rows; /* in the order read until the batch is ended */
    uint32_t *order;     /* number of a row -> its place in rows */
    size_t row_count;
    size_t row_capacity;
    struct rs_row_group *groups;
    size_t group_count;
    size_t group_capacity;
    uint32_t *group_of; /* stream -> its group + 1; until the batch is ended */
    size_t group_of_capacity;
    struct rs_reject *rejects;
    size_t reject_count;
    size_t reject_capacity;
    struct rs_arena reject_texts;
};

/*
 * An empty batch. No other batch may be begun on the slab until this one is ended. row_hint and
 * size_hint: rows, and bytes of cells, that are likely.
 */
RS_MUST_USE struct rs_batch *rs_batch_new(uint32_t input, uint32_t chunk, uint32_t worker,
                                          struct rs_slab *slab, size_t row_hint, size_t size_hint);
void rs_batch_free(struct rs_batch *batch);

/* No more rows come: put them together by stream. */
void rs_batch_end(struct rs_batch *batch);

/*
 * Memory that the batch takes, here and where its ids are kept: a function of its content alone,
 * so that spills do not depend on the allocator or the number of threads.
 */
size_t rs_batch_bytes(const struct rs_batch *batch);

/* Room for one more cell of a text of length bytes. */
static inline char *rs_batch_reserve(struct rs_batch *batch, size_t length)
{
    size_t needed = batch->size + length + RS_CELL_HEAD_MAX + RS_CELL_SLACK;
    if (RS_UNLIKELY(needed > batch->capacity)) {
        batch->data = rs_slab_grow(batch->slab, batch->data, batch->size, needed, &batch->capacity);
    }
    return batch->data + batch->size;
}

/* Append a cell. text is followed by RS_CELL_SLACK readable bytes. */
static inline void rs_batch_put(struct rs_batch *batch, uint32_t column, uint32_t kind,
                                struct rs_str text)
{
    char *out = rs_batch_reserve(batch, text.length);
    uint32_t length = (uint32_t)text.length;
    bool far = column >= RS_CELL_FAR;
    bool longer = length >= RS_CELL_LONG;
    uint32_t head = (far ? RS_CELL_FAR : column) |
                    (longer ? (uint32_t)RS_CELL_LONG : length) << 16 | kind << 28;
    memcpy(out, &head, sizeof head);
    out += sizeof head;
    if (RS_UNLIKELY(far)) {
        memcpy(out, &column, sizeof column);
        out += sizeof column;
    }
    if (RS_UNLIKELY(longer)) {
        memcpy(out, &length, sizeof length);
        out += sizeof length;
        memcpy(out, text.data, text.length);
    } else {
        for (size_t i = 0; i < text.length; i += RS_CELL_SLACK) {
            memcpy(out + i, text.data + i, RS_CELL_SLACK); /* one store; most texts are short */
        }
    }
    batch->size = (size_t)(out + text.length - batch->data);
}

/* Start a row whose cells will be the batch's data from here on: at most 4 GiB are before it. */
struct rs_row *rs_batch_add_row(struct rs_batch *batch, uint32_t stream);

/* The row's cells are complete: settle its size and count it in its group. */
void rs_batch_end_row(struct rs_batch *batch, struct rs_row *row);

/* text is copied. */
void rs_batch_add_reject(struct rs_batch *batch, struct rs_place place, struct rs_str text,
                         const char *reason);

/*
 * Where a row stands in the run: input, chunk and place in the chunk. Refs sort in the order
 * read, so "the one read last" is the greater ref.
 */
typedef uint64_t rs_ref;

enum { RS_REF_CHUNK_BITS = 22, RS_REF_ROW_BITS = 20, RS_REF_INPUT_BITS = 22 };

static inline rs_ref rs_ref_make(uint32_t input, uint32_t chunk, uint32_t row)
{
    return ((uint64_t)input << (RS_REF_CHUNK_BITS + RS_REF_ROW_BITS)) |
           ((uint64_t)chunk << RS_REF_ROW_BITS) | row;
}

static inline uint32_t rs_ref_input(rs_ref ref)
{
    return (uint32_t)(ref >> (RS_REF_CHUNK_BITS + RS_REF_ROW_BITS));
}

static inline uint64_t rs_ref_batch(rs_ref ref)
{
    return ref >> RS_REF_ROW_BITS;
}

static inline uint32_t rs_ref_row(rs_ref ref)
{
    return (uint32_t)(ref & ((UINT64_C(1) << RS_REF_ROW_BITS) - 1));
}

#endif
