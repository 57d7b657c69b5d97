/*
 * rs/transform/cells.h - the rows of one chunk of input: what the projector makes, what the
 * stage keeps and writes.
 *
 *   batch ── rows[]   one an event, in the order read
 *        │      └── cells[first_cell .. first_cell + cell_count)
 *        │             (column, kind, text): the text is a slice of the chunk or of the arena
 *        ├── groups[] the rows of one stream, chained through rs_row.next
 *        └── rejects[], chained in order
 *
 * A stream is all calls that share a shape of tables: one event's track calls, the pages, the
 * identify calls with a user id ... (see rs/transform/project.h). Its columns are numbered by
 * the projector that made the batch.
 *
 * Owns:    a batch owns its text, arena and arrays; freed with rs_batch_free.
 * Threads: one thread at a time per batch; read-only use may be shared.
 */
#ifndef RS_TRANSFORM_CELLS_H
#define RS_TRANSFORM_CELLS_H

#include "rs/base/arena.h"
#include "rs/base/compiler.h"
#include "rs/base/str.h"

enum {
    /* Besides enum rs_kind, a cell's kind may be one of these. */
    RS_CELL_INSTANT = 0x80, /* instant_us holds a timestamp that needs no text */
    RS_CELL_DISCARD = 0x40, /* not stored: the low bits are an enum rs_discard_reason */
};

enum rs_discard_reason {
    RS_DISCARD_TYPE,      /* the value does not fit the column's type */
    RS_DISCARD_COLLISION, /* another name of the event took the column */
    RS_DISCARD_TRUNCATED, /* stored, but cut to 65535 bytes */
    RS_DISCARD_COLUMNS,   /* the table has as many columns as it may have */
};

struct rs_cell {
    union {
        const char *text; /* decoded: valid UTF-8, no NUL */
        int64_t instant_us;
    };
    uint32_t length; /* bytes of text */
    uint32_t column : 24;
    uint32_t kind : 8;
};

struct rs_row {
    uint64_t fold_hash;  /* of the user or group id, when the stream folds */
    int64_t received_us; /* received_at */
    uint32_t stream;     /* number in the projector */
    uint32_t first_cell; /* cell 0 is the id, cell 1 received_at */
    uint32_t cell_count;
    uint32_t common_count; /* the first of them: standard columns and context */
    uint32_t bytes;        /* weight of all cells when written, for cutting parts */
    uint32_t common_bytes; /* weight of the common ones */
    uint32_t next;         /* next row of the same stream, or RS_ROW_END */
    uint32_t fold_cell;    /* the cell (counted in the row) that holds the fold's id */
};

#define RS_ROW_END UINT32_MAX

struct rs_row_group {
    uint32_t stream;
    uint32_t first;
    uint32_t last;
    uint32_t count;
    uint64_t bytes;
    uint64_t common_bytes;
};

struct rs_reject {
    uint64_t line;      /* number in the input, from 1 */
    struct rs_str text; /* the line as it was, without its line end */
    const char *reason; /* static, or in the batch's arena */
};

struct rs_batch {
    uint32_t input; /* place in the list of inputs */
    uint32_t chunk; /* place in the input */
    uint32_t worker;
    char *text; /* the chunk; freed with rs_mem_free */
    size_t text_bytes;
    struct rs_arena arena; /* decoded texts */
    struct rs_row *rows;
    size_t row_count;
    size_t row_capacity;
    struct rs_cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    struct rs_row_group *groups;
    size_t group_count;
    size_t group_capacity;
    struct rs_reject *rejects;
    size_t reject_count;
    size_t reject_capacity;
};

/* An empty batch. */
RS_MUST_USE struct rs_batch *rs_batch_new(uint32_t input, uint32_t chunk, uint32_t worker);
void rs_batch_free(struct rs_batch *batch);

/* Memory that the batch holds: a function of its content alone, so that spills do not depend
 * on the allocator or the number of threads. */
size_t rs_batch_bytes(const struct rs_batch *batch);

/* Add a row whose cells are the batch's cells from first_cell on, and chain it to its stream. */
struct rs_row *rs_batch_add_row(struct rs_batch *batch, uint32_t stream, uint32_t first_cell);

/* Add row's weights to its group, when all its cells are there. */
void rs_batch_count_row(struct rs_batch *batch, const struct rs_row *row);

void rs_batch_add_reject(struct rs_batch *batch, uint64_t line, struct rs_str text,
                         const char *reason);

/* The rows of a stream, or NULL. */
const struct rs_row_group *rs_batch_find_group(const struct rs_batch *batch, uint32_t stream);

/* Text of a discard's reason, as rs_discards has it. */
const char *rs_discard_reason_text(enum rs_discard_reason reason);

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

static inline uint64_t rs_ref_batch(rs_ref ref)
{
    return ref >> RS_REF_ROW_BITS;
}

static inline uint32_t rs_ref_row(rs_ref ref)
{
    return (uint32_t)(ref & ((UINT64_C(1) << RS_REF_ROW_BITS) - 1));
}

#endif
