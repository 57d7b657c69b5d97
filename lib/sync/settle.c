/*
 * With all events read, what they showed and what the database has settle types, plan and layout, and
 * of the rows of one id all but one are marked as dead.
 */
#include "sync/settle.h"

#include "base/mem.h"
#include "base/workers.h"
#include "rows/dedupe.h"
#include "rows/table_writer.h"
#include "sync/encoding.h"
#include "sync/keep_alive.h"
#include "sync/notices.h"
#include "sync/plan_text.h"
#include "sync/table_limit.h"
#include "warehouse/catalog.h"

static bool read_catalog(struct rs_pipeline *pipeline, struct rs_error *err)
{
    rs_schema_release(&pipeline->existing);
    return rs_keep_alive_lock(pipeline, pipeline->session, err) &&
           rs_catalog_read(pipeline->session, rs_strbuf_str(&pipeline->schema), &pipeline->existing,
                           err);
}

bool rs_settle_wanted(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str name = rs_strbuf_str(&pipeline->schema);
    rs_schema_release(&pipeline->existing);
    rs_schema_init(&pipeline->wanted, name);
    rs_layout_schema(pipeline->intake.projectors, pipeline->threads, pipeline->filter,
                     pipeline->options->arrays, &pipeline->wanted);
    if (!pipeline->connect) {
        rs_schema_init(&pipeline->existing, name);
        return true;
    }
    bool ok = rs_keep_alive_try(pipeline, read_catalog, err);
    pipeline->planned = true;
    return ok;
}

void rs_settle_layout(struct rs_pipeline *pipeline, const struct rs_schema *files)
{
    rs_layout_init(&pipeline->layout, pipeline->intake.projectors, pipeline->threads,
                   pipeline->filter, files);
    pipeline->report->schema_changes = !rs_plan_is_empty(&pipeline->plan);
    rs_notice_dropped(pipeline);
}

void rs_settle_null_text(struct rs_pipeline *pipeline)
{
    size_t longest = 0;
    for (unsigned i = 0; i < pipeline->threads; i++) {
        size_t run = rs_projector_null_run(pipeline->intake.projectors[i]);
        longest = run > longest ? run : longest;
    }
    rs_null_text(longest, &pipeline->null_text);
}

bool rs_settle_schema(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_plan_limits limits = {.new_columns = pipeline->options->max_new_columns};
    if (!rs_settle_wanted(pipeline, err) || !rs_encoding_settle_names(pipeline, err) ||
        !rs_table_limit_find(pipeline, &limits.new_tables, err)) {
        return false;
    }
    rs_plan_make(&pipeline->wanted, &pipeline->existing, pipeline->dialect, &limits,
                 &pipeline->plan);
    rs_encoding_leave_out(pipeline);
    rs_settle_layout(pipeline, &pipeline->wanted);
    rs_table_limit_settle(pipeline);
    rs_plan_tell(pipeline);
    rs_notice_intake(pipeline);
    rs_settle_null_text(pipeline);
    return true;
}

struct duplicate_work {
    struct rs_pipeline *pipeline;
    struct rs_tickets tickets;
    uint64_t *duplicates; /* a worker */
};

static bool resolve_partitions(void *arg, unsigned worker, struct rs_error *err)
{
    struct duplicate_work *work = arg;
    struct rs_intake *intake = &work->pipeline->intake;
    size_t partition = 0;
    while (rs_tickets_take(&work->tickets, &partition)) {
        if (!rs_dedupe_resolve(intake->dedupes, work->pipeline->threads, (uint32_t)partition,
                               &work->pipeline->layout, intake->projectors, intake->rows,
                               &work->duplicates[worker], err)) {
            rs_tickets_stop(&work->tickets);
            return false;
        }
    }
    return true;
}

bool rs_settle_duplicates(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct duplicate_work work = {pipeline, RS_TICKETS_INIT(RS_DEDUPE_PARTITIONS),
                                  rs_mem_zalloc(pipeline->threads, sizeof(uint64_t))};
    bool ok = rs_workers_run(pipeline->threads, resolve_partitions, &work, err);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        pipeline->report->duplicates += work.duplicates[i];
    }
    rs_mem_free(work.duplicates);
    return ok;
}
