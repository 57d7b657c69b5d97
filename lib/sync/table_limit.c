/*
 * What a run does about the most tables that a database may have: the room is asked for before
 * the plan is made, and the tables that find none are told of, and their values kept as discards.
 */
#include "sync/table_limit.h"

#include "ledger/ledger_tables.h"
#include "rows/left_out_table.h"
#include "warehouse/capacity.h"

enum { NAMES_TOLD = 3, NAMES_MAX = 512 };

/* Tables of the ledger that the run will make besides those of its plan. */
static uint64_t missing_ledger(const struct rs_pipeline *pipeline)
{
    struct rs_schema ledger = {0};
    uint64_t missing = 0;
    rs_schema_init(&ledger, pipeline->existing.name);
    rs_ledger_define(&ledger, pipeline->dialect);
    if (pipeline->options->window) {
        rs_ledger_define_windows(&ledger, pipeline->dialect);
    }
    for (size_t i = 0; i < ledger.table_count; i++) {
        missing += rs_schema_find_table(&pipeline->existing, ledger.tables[i].name) ? 0 : 1;
    }
    rs_schema_release(&ledger);
    return missing;
}

bool rs_table_limit_find(struct rs_pipeline *pipeline, uint64_t *room, struct rs_error *err)
{
    uint64_t given = pipeline->options->max_tables;
    struct rs_capacity capacity = {0};
    pipeline->table_limit = given > 0 ? given : UINT64_MAX;
    *room = pipeline->table_limit;
    if (!pipeline->session || (given == 0 && !rs_dialect_facts(pipeline->dialect)->limits_tables)) {
        return true;
    }
    if (given > 0 ? !rs_capacity_count(pipeline->session, &capacity.tables, err)
                  : !rs_capacity_read(pipeline->session, &capacity, err)) {
        return false;
    }
    uint64_t left = rs_capacity_room(&capacity, given);
    uint64_t ledger = missing_ledger(pipeline);
    pipeline->table_limit = rs_capacity_limit(&capacity, given);
    *room = left > ledger ? left - ledger : 0;
    return true;
}

/* One sentence for the tables that found no room; those whose name cannot be stand behind them. */
static void notice_no_room(struct rs_pipeline *pipeline, size_t count)
{
    const struct rs_schema *left_out = &pipeline->plan.left_out;
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX);
    for (size_t i = 0; i < count && i < NAMES_TOLD; i++) {
        rs_strbuf_printf(&names, "%s\"%.*s\"", i > 0 ? ", " : "",
                         RS_STR_ARG(left_out->tables[i].name));
    }
    rs_strbuf_append(&names, count > NAMES_TOLD ? " and on" : "");
    rs_pipeline_notice(
        pipeline,
        "%zu new table%s found no room, as the database may have %llu in all (%s): values that are "
        "in no other table are discards; %s",
        count, count == 1 ? "" : "s", (unsigned long long)pipeline->table_limit,
        rs_strbuf_cstr(&names),
        pipeline->options->max_tables > 0
            ? "drop tables, or raise --max-tables"
            : "drop tables, take a larger node type, or give --max-tables=N");
    rs_strbuf_release(&names);
}

void rs_table_limit_settle(struct rs_pipeline *pipeline)
{
    const struct rs_schema *left_out = &pipeline->plan.left_out;
    if (left_out->table_count == 0) {
        return;
    }
    rs_layout_init(&pipeline->tables_left_out, pipeline->intake.projectors, pipeline->threads,
                   pipeline->filter, left_out);
    rs_layout_keep_lost(&pipeline->tables_left_out, &pipeline->layout);
    if (left_out->table_count > pipeline->misnamed.table_count) {
        notice_no_room(pipeline, left_out->table_count - pipeline->misnamed.table_count);
    }
}

bool rs_table_limit_discard(struct rs_pipeline *pipeline, struct rs_spool *discards,
                            struct rs_error *err)
{
    struct rs_left_out_options options = {.sync_id = rs_str_from(pipeline->report->sync_id),
                                          .discards = discards,
                                          .examples = pipeline->discard_examples,
                                          .discards_by = pipeline->report->discards_by};
    uint64_t count = 0;
    for (size_t i = 0; i < pipeline->tables_left_out.table_count; i++) {
        options.layout = &pipeline->tables_left_out.tables[i];
        if (!rs_left_out_discard(pipeline->intake.rows, &options, &count, err)) {
            return false;
        }
    }
    pipeline->report->discards += count;
    return true;
}
