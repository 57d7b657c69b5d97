/*
 * rows/table_writer.h - a table's rows as CSV, in the types that are settled.
 *
 *   writer = rs_table_writer_new(&options);
 *   while (rs_rows_next(cursor, &view, err) == RS_NEXT_ITEM) rs_table_writer_row(writer, &view, err);
 *   rs_table_writer_finish(writer, err);
 *   rs_table_writer_free(writer);
 *
 * Form:    RFC 4180 without a header, columns in the schema's order, LF line ends. NULL is
 *          options.null_text without quotes; that text is no value of the run, so a reader that
 *          does not see quotes is right too.
 * Lost:    a value that does not fit its column is NULL and a line of discards; so is one that
 *          was cut, and one whose column another name took.
 *          A row over row_max_bytes gives up its longest values until it fits; one that the
 *          server has refused, its last ones, or it is left out and all of them are discards.
 *          A row whose id is longer than its column is left out in the same way: cut, the id would
 *          be that of another row.
 * Roles:   the layout's table may have columns of other roles than values, behind the value that
 *          they are about, or at its end. A line of times ends with those of RS_COLUMN_SHARD.
 * Pure:    yes, but for its sinks.
 * Threads: one thread at a time per object.
 * Source:  the event-to-table contract in rs-schema(7), "Types" and "Rows".
 */
#ifndef RS_ROWS_TABLE_WRITER_H
#define RS_ROWS_TABLE_WRITER_H

#include "base/meter.h"
#include "base/sink.h"
#include "rows/discard_examples.h"
#include "rows/refusals.h"
#include "rows/rows.h"
#include "rows/spool.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "transform/layout.h"

/*
 * Of a table that does not fold, write only rows that may be too large for a server; after each row,
 * whose bytes are in the sinks then, call end.
 */
struct rs_table_writer_suspects {
    bool (*end)(void *arg, rs_ref ref, struct rs_error *err);
    void *arg;
};

struct rs_table_writer_options {
    const struct rs_layout_table *layout;
    struct rs_str null_text;
    struct rs_str sync_id;
    int64_t now_us;       /* uuid_ts */
    size_t row_max_bytes; /* of a line; 0: any. A '|' counts twice, as COPY counts it */
    uint32_t shard;       /* what columns of the role RS_COLUMN_SHARD hold */
    const struct rs_refusals *refusals;              /* what the server has refused; or NULL */
    const struct rs_table_writer_suspects *suspects; /* to find out what it refuses; or NULL */
    struct rs_sink *rows;                            /* CSV of the rows; NULL to leave them out */
    struct rs_sink *times;                /* folding tables: when values were received; or NULL */
    struct rs_spool *discards;            /* CSV lines of rs_discards; or NULL to leave them out */
    struct rs_discard_examples *examples; /* of them; or NULL */
    struct rs_meter_piece *piece;         /* is told how far its step is; or NULL */
};

struct rs_table_writer;

/* options is copied; what it points to is borrowed. */
RS_MUST_USE struct rs_table_writer *
rs_table_writer_new(const struct rs_table_writer_options *options);
void rs_table_writer_free(struct rs_table_writer *writer);

/* Where a row stands in the order read, as a column of the role RS_COLUMN_PLACE has it. */
static inline int64_t rs_table_writer_place(rs_ref ref)
{
    return (int64_t)(ref ^ (UINT64_C(1) << 63)); /* the order of refs, in numbers with a sign */
}

/* Write one row of a table that does not fold. */
RS_MUST_USE bool rs_table_writer_row(struct rs_table_writer *writer, const struct rs_row_view *view,
                                     struct rs_error *err);

/*
 * Write the one row that rows of one id fold into: each column takes the newest value that
 * fits it. views are ordered from the newest to the oldest.
 */
RS_MUST_USE bool rs_table_writer_fold(struct rs_table_writer *writer,
                                      const struct rs_row_view *views, size_t count,
                                      struct rs_error *err);

/*
 * Would the row add anything to what newer rows of its id fold into: a value, or a discard? Asked
 * for the rows of one id from the newest to the oldest; newest is true for the first, which
 * always counts. One that adds nothing may be left out of rs_table_writer_fold.
 */
bool rs_table_writer_adds(struct rs_table_writer *writer, const struct rs_row_view *view,
                          bool newest);

/* Everything written is in the sinks. */
RS_MUST_USE bool rs_table_writer_finish(struct rs_table_writer *writer, struct rs_error *err);

uint64_t rs_table_writer_rows(const struct rs_table_writer *writer);
uint64_t rs_table_writer_discards(const struct rs_table_writer *writer);

/* The same by reason: RS_DISCARD_REASONS counts. */
const uint64_t *rs_table_writer_discards_by(const struct rs_table_writer *writer);

/* The text for NULL: a backslash and one N more than any such value of the run has. */
void rs_null_text(size_t longest_run, struct rs_strbuf *out);

#endif
