/*
 * projection.h - lines through a projector, and the rows that come of them as text.
 *
 *   struct projection p = projection_make(&(struct rs_projector_options){...});    NULL: defaults
 *   projection_line(&p, "{\"type\":\"page\", ...}");
 *   projection_cells(&p)  -> "id string m1\nreceived_at instant 2026-01-01 00:00:00\n ..."
 *   projection_free(&p);
 *
 * Each line stands in a block that ends where its padding ends, so that a sanitizer sees a read
 * past it; it is gone when the row is looked at.
 */
#ifndef RS_TESTS_PROJECTION_H
#define RS_TESTS_PROJECTION_H

#include <string.h>

#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/json_token.h"
#include "rs/name.h"
#include "rs/strbuf.h"
#include "transform/project.h"
#include "unit.h"

enum { PROJECTION_ROWS = 20000 };

/* The time of processing, 2026-12-31 00:00:00. */
#define PROJECTION_NOW_US INT64_C(1798675200000000)

struct projection {
    struct rs_slab slab;
    struct rs_projector *projector;
    struct rs_batch *batch;
    uint64_t lines;
    struct rs_strbuf text;
};

static inline struct rs_projector_options projection_defaults(void)
{
    return (struct rs_projector_options){
        .seed = 1, .name_limit = RS_NAME_MAX, .now_us = PROJECTION_NOW_US};
}

static inline struct projection projection_make(const struct rs_projector_options *options)
{
    struct rs_projector_options defaults = projection_defaults();
    struct projection p = {.slab = RS_SLAB_INIT, .text = RS_STRBUF_INIT(1 << 26)};
    p.projector = rs_projector_new(options ? options : &defaults);
    p.batch = rs_batch_new(0, 0, 0, &p.slab, PROJECTION_ROWS, 0);
    return p;
}

static inline void projection_free(struct projection *p)
{
    rs_batch_free(p->batch);
    rs_projector_free(p->projector);
    rs_slab_release(&p->slab);
    rs_strbuf_release(&p->text);
}

/* Project bytes as one line into a batch. */
static inline enum rs_outcome project_line(struct rs_projector *projector, struct rs_batch *batch,
                                           uint64_t number, struct rs_str line)
{
    char *block = rs_mem_alloc(line.length + RS_JSON_PADDING);
    if (line.length > 0) {
        memcpy(block, line.data, line.length);
    }
    memset(block + line.length, '"', RS_JSON_PADDING);
    const struct rs_str text = {block, line.length};
    const char *reason = NULL;
    enum rs_outcome outcome = rs_projector_event(projector, batch, text, &reason);
    if (outcome == RS_OUTCOME_NO_EVENT || outcome == RS_OUTCOME_REJECT) {
        rs_batch_add_reject(batch, (struct rs_place){.line = number}, text, reason);
    } else if (outcome == RS_OUTCOME_ROW) {
        batch->rows[batch->row_count - 1].line = (uint32_t)(number - batch->first_line);
    }
    memset(block, '#', line.length);
    rs_mem_free(block);
    return outcome;
}

static inline enum rs_outcome projection_line(struct projection *p, const char *line)
{
    return project_line(p->projector, p->batch, ++p->lines, rs_str_from(line));
}

static inline const char *cell_kind_name(const struct rs_cell *cell)
{
    static const char *const names[] = {"boolean",   "integer", "wide",  "float",
                                        "timestamp", "string",  "array", "instant"};
    return cell->kind < RS_CELL_DISCARD
               ? names[cell->kind]
               : rs_discard_reason_text((enum rs_discard_reason)(cell->kind - RS_CELL_DISCARD));
}

/* Append a row's cells, a line each: name, kind (or "!" and the discard's reason), text. */
static inline void append_cells(struct rs_strbuf *out, const struct rs_stream *stream,
                                const char *cells, size_t size)
{
    struct rs_cell cell = {0};
    for (const char *at = cells; at < cells + size;) {
        char instant[RS_TIMEFMT_MAX];
        at = rs_cell_read(at, &cell);
        assert_true(cell.column < stream->column_count);
        struct rs_str text = {cell.text, cell.length};
        if (cell.kind == RS_CELL_INSTANT) {
            text = (struct rs_str){instant, rs_timefmt_format(rs_cell_instant(&cell), instant)};
        }
        rs_strbuf_append_str(out, stream->columns[cell.column].name);
        rs_strbuf_append(out, cell.kind >= RS_CELL_DISCARD ? " !" : " ");
        rs_strbuf_append(out, cell_kind_name(&cell));
        rs_strbuf_append_char(out, ' ');
        rs_strbuf_append_str(out, text);
        rs_strbuf_append_char(out, '\n');
    }
}

/* The last row and its stream; for batches that are not ended. */
static inline const struct rs_row *projection_row(const struct projection *p)
{
    assert_true(p->batch->row_count > 0);
    return &p->batch->rows[p->batch->row_count - 1];
}

static inline const struct rs_stream *projection_stream(const struct projection *p)
{
    return rs_projector_stream(p->projector, projection_row(p)->stream);
}

/* Cells of the last row: all of them, or the common ones alone. Valid until the next call. */
static inline const char *projection_part(struct projection *p, size_t begin, size_t end)
{
    rs_strbuf_reset(&p->text);
    append_cells(&p->text, projection_stream(p), p->batch->data + projection_row(p)->offset + begin,
                 end - begin);
    return rs_strbuf_cstr(&p->text);
}

static inline const char *projection_cells(struct projection *p)
{
    return projection_part(p, 0, projection_row(p)->size);
}

static inline const char *projection_common(struct projection *p)
{
    return projection_part(p, 0, projection_row(p)->common_size);
}

static inline const char *projection_own(struct projection *p)
{
    return projection_part(p, projection_row(p)->common_size, projection_row(p)->size);
}

/* What every row of an event with only a messageId "m" and a receivedAt 2026-01-01 has first. */
#define PROJECTION_HEAD                                                                            \
    "id string m\nreceived_at instant 2026-01-01 00:00:00\ntimestamp instant 2026-01-01 "          \
    "00:00:00\n"

struct projection_case {
    const char *label;
    const char *type;  /* of the call */
    const char *rest;  /* of the event: its other members, beginning with a comma */
    const char *cells; /* after PROJECTION_HEAD */
};

static inline void check_cases(const struct projection_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct projection p = projection_make(NULL);
        struct rs_strbuf line = RS_STRBUF_INIT(1 << 20);
        rs_strbuf_printf(&line,
                         "{\"type\":\"%s\",\"messageId\":\"m\",\"receivedAt\":\"2026-01-01\"%s}",
                         cases[i].type, cases[i].rest);
        if (projection_line(&p, rs_strbuf_cstr(&line)) != RS_OUTCOME_ROW) {
            fail_msg("%s: no row", cases[i].label);
        }
        const char *cells = projection_cells(&p);
        size_t head = sizeof PROJECTION_HEAD - 1;
        if (strncmp(cells, PROJECTION_HEAD, head) != 0 ||
            strcmp(cells + head, cases[i].cells) != 0) {
            fail_msg("%s:\n%s", cases[i].label, cells);
        }
        rs_strbuf_release(&line);
        projection_free(&p);
    }
}

#endif
