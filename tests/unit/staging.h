/*
 * staging.h - a small run in memory: lines through several workers' projectors into rows.
 *
 *   struct staging s;
 *   staging_begin(&s, 2, UINT64_MAX);
 *   staging_add(&s, worker, input, chunk, lines);     lines are separated by LF
 *   staging_spill(&s);
 *   staging_seal(&s);                                 now there are a schema and a layout
 *   staging_dump(&s, "tracks", 0, UINT64_MAX, &out);
 *   staging_end(&s);
 */
#ifndef RS_TESTS_STAGING_H
#define RS_TESTS_STAGING_H

#include "projection.h"
#include "rows/dedupe.h"
#include "rows/rows.h"
#include "transform/layout.h"
#include "unit.h"

enum { STAGING_WORKERS = 3 };

struct staging {
    uint32_t workers;
    struct rs_projector *projectors[STAGING_WORKERS];
    struct rs_slab slabs[STAGING_WORKERS];
    struct rs_dedupe *dedupes[STAGING_WORKERS];
    struct rs_rows *rows;
    struct rs_schema schema;
    struct rs_layout layout;
    const struct rs_rows_visitor *visitor;
};

static inline void staging_begin(struct staging *s, uint32_t workers, uint64_t budget)
{
    struct rs_projector_options options = projection_defaults();
    *s = (struct staging){.workers = workers};
    for (uint32_t i = 0; i < workers; i++) {
        options.seed = i + 1;
        s->projectors[i] = rs_projector_new(&options);
        s->dedupes[i] = rs_dedupe_new(4711, NULL);
    }
    s->rows = rs_rows_new(budget, NULL);
    rs_schema_init(&s->schema, RS_STR("shop"));
}

static inline void staging_end(struct staging *s)
{
    rs_layout_release(&s->layout);
    rs_schema_release(&s->schema);
    rs_rows_free(s->rows);
    for (uint32_t i = 0; i < s->workers; i++) {
        rs_projector_free(s->projectors[i]);
        rs_dedupe_free(s->dedupes[i]);
        rs_slab_release(&s->slabs[i]);
    }
}

static inline struct rs_batch *staging_batch(struct staging *s, uint32_t worker, uint32_t input,
                                             uint32_t chunk, struct rs_str lines)
{
    struct rs_batch *batch = rs_batch_new(input, chunk, worker, &s->slabs[worker], lines.length, 0);
    uint64_t number = 0;
    while (lines.length > 0) {
        size_t end = rs_str_find_byte(lines, '\n');
        (void)project_line(s->projectors[worker], batch, ++number, rs_str_slice(lines, 0, end));
        lines =
            end == SIZE_MAX ? (struct rs_str){NULL, 0} : rs_str_slice(lines, end + 1, lines.length);
    }
    rs_batch_end(batch);
    return batch;
}

static inline void staging_add(struct staging *s, uint32_t worker, uint32_t input, uint32_t chunk,
                               struct rs_str lines)
{
    struct rs_batch *batch = staging_batch(s, worker, input, chunk, lines);
    rs_dedupe_add(s->dedupes[worker], batch);
    rs_rows_add(s->rows, batch);
}

static inline void staging_spill(struct staging *s)
{
    struct rs_error err = {0};
    for (uint32_t i = 0; i < s->workers; i++) {
        assert_true(rs_dedupe_spill(s->dedupes[i], &err));
    }
    assert_true(rs_rows_spill(s->rows, s->projectors, s->visitor, &err));
    for (uint32_t i = 0; i < s->workers; i++) {
        rs_slab_reset(&s->slabs[i]);
    }
}

static inline void staging_seal(struct staging *s)
{
    struct rs_error err = {0};
    assert_true(rs_rows_seal(s->rows, s->projectors, s->visitor, &err));
    rs_layout_schema(s->projectors, s->workers, NULL, RS_ARRAYS_TEXT, &s->schema);
    rs_layout_init(&s->layout, s->projectors, s->workers, NULL, &s->schema);
}

/* Settle duplicates; returns how many. */
static inline uint64_t staging_resolve(struct staging *s)
{
    struct rs_error err = {0};
    uint64_t duplicates = 0;
    for (uint32_t i = 0; i < RS_DEDUPE_PARTITIONS; i++) {
        assert_true(rs_dedupe_resolve(s->dedupes, s->workers, i, &s->layout, s->projectors, s->rows,
                                      &duplicates, &err));
    }
    return duplicates;
}

static inline const struct rs_layout_table *staging_table(const struct staging *s, const char *name)
{
    for (size_t i = 0; i < s->layout.table_count; i++) {
        if (rs_str_equal(s->layout.tables[i].table->name, rs_str_from(name))) {
            return &s->layout.tables[i];
        }
    }
    fail_msg("no table \"%s\"", name);
    return NULL;
}

static inline void append_view(struct rs_strbuf *out, const struct rs_row_view *view)
{
    rs_strbuf_printf(out, "-- %llx %lld\n", (unsigned long long)view->ref,
                     (long long)view->received_us);
    append_cells(out, view->source->columns, view->cells, view->size);
}

/* Append the rows of a part of a table as text; returns how many. */
static inline size_t staging_dump(const struct staging *s, const char *name, uint64_t begin,
                                  uint64_t end, struct rs_strbuf *out)
{
    struct rs_error err = {0};
    struct rs_row_view view = {0};
    struct rs_rows_cursor *cursor = rs_rows_open(s->rows, staging_table(s, name), begin, end);
    enum rs_next next = RS_NEXT_END;
    size_t count = 0;
    while ((next = rs_rows_next(cursor, &view, &err)) == RS_NEXT_ITEM) {
        append_view(out, &view);
        count++;
    }
    assert_int_equal(next, RS_NEXT_END);
    assert_int_equal(rs_rows_next(cursor, &view, &err), RS_NEXT_END);
    rs_rows_close(cursor);
    return count;
}

#endif
