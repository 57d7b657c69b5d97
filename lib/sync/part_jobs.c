/*
 * The parts are handed out by weight, the heaviest first, so that workers end at about the same
 * time.
 */
#include "sync/part_jobs.h"

#include <stdio.h>

#include "base/mem.h"

struct run {
    struct rs_units *units;
    const struct rs_units_work *work;
    const char *phase;
    size_t *order; /* of the parts */
    struct rs_tickets tickets;
};

static void add_table(struct rs_units *units, size_t table, uint64_t parts)
{
    const struct rs_pipeline *pipeline = units->pipeline;
    uint64_t weight = rs_rows_weight(pipeline->intake.rows, &pipeline->layout.tables[table]);
    units->items = rs_mem_resize(units->items, units->count + (size_t)parts, sizeof *units->items);
    for (uint64_t part = 0; part < parts; part++) {
        units->items[units->count++] = (struct rs_unit){.table = table,
                                                        .part = part,
                                                        .parts = parts,
                                                        .weight = weight / parts,
                                                        .counts = RS_ENCODE_COUNTS_INIT};
        units->total_weight += weight / parts;
    }
}

void rs_units_init(struct rs_units *units, struct rs_pipeline *pipeline,
                   uint64_t (*part_count)(const struct rs_pipeline *pipeline,
                                          const struct rs_layout_table *table))
{
    size_t tables = pipeline->layout.table_count;
    *units = (struct rs_units){.pipeline = pipeline};
    units->first = rs_mem_zalloc(tables + 1, sizeof *units->first);
    for (size_t i = 0; i < tables; i++) {
        add_table(units, i, part_count(pipeline, &pipeline->layout.tables[i]));
        units->first[i + 1] = units->count;
    }
    units->discards = rs_mem_zalloc(pipeline->threads, sizeof *units->discards);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        units->discards[i] = rs_spool_new(pipeline->intake.options.tmpdir);
    }
}

void rs_units_release(struct rs_units *units)
{
    for (unsigned i = 0; units->discards && i < units->pipeline->threads; i++) {
        rs_spool_free(units->discards[i]);
    }
    rs_mem_free(units->discards);
    rs_mem_free(units->items);
    rs_mem_free(units->first);
    *units = (struct rs_units){0};
}

static bool write_unit(struct run *run, struct rs_unit *unit, unsigned worker, struct rs_error *err)
{
    struct rs_pipeline *pipeline = run->units->pipeline;
    struct rs_spool *discards = run->units->discards[worker];
    struct rs_table_writer_options options = rs_pipeline_writer_options(pipeline);
    options.layout = &pipeline->layout.tables[unit->table];
    options.discards = discards;
    unit->worker = worker;
    unit->discards_begin = rs_spool_end(discards);
    bool ok = run->work->write(run->work->arg, unit, &options, &unit->counts, err);
    unit->discards_end = rs_spool_end(discards);
    return ok;
}

static bool write_units(void *arg, unsigned worker, struct rs_error *err)
{
    struct run *run = arg;
    struct rs_units *units = run->units;
    struct rs_pipeline_share share = {
        .worker = worker, .workers = units->pipeline->threads, .total = units->total_weight};
    bool ok = true;
    size_t number = 0;
    while (ok && rs_tickets_take(&run->tickets, &number)) {
        struct rs_unit *unit = &units->items[run->order[number]];
        ok =
            rs_env_check_interrupt(units->pipeline->env, err) && write_unit(run, unit, worker, err);
        share.done += unit->weight;
        rs_pipeline_progress(units->pipeline, run->phase, &share);
    }
    if (!ok) {
        rs_tickets_stop(&run->tickets);
    }
    return run->work->end ? run->work->end(run->work->arg, worker, ok, err) && ok : ok;
}

bool rs_units_run(struct rs_units *units, const char *phase, const struct rs_units_work *work,
                  struct rs_error *err)
{
    struct run run = {units, work, phase, NULL, RS_TICKETS_INIT(units->count)};
    uint64_t *weights = rs_mem_zalloc(units->count, sizeof *weights);
    for (size_t i = 0; i < units->count; i++) {
        weights[i] = units->items[i].weight;
    }
    run.order = rs_workers_order(weights, units->count);
    bool ok = rs_workers_run(units->pipeline->threads, write_units, &run, err);
    rs_mem_free(weights);
    rs_mem_free(run.order);
    return ok;
}

void rs_units_file_name(struct rs_str table, const char *stem, uint64_t part,
                        enum rs_compression compression, char out[RS_UNIT_NAME_MAX])
{
    (void)snprintf(out, RS_UNIT_NAME_MAX, "%.*s/%s-%04llu.csv%s", RS_STR_ARG(table), stem,
                   (unsigned long long)part, rs_compression_suffix(compression));
}

void rs_units_name(const struct rs_units *units, const struct rs_unit *unit, const char *stem,
                   char out[RS_UNIT_NAME_MAX])
{
    const struct rs_pipeline *pipeline = units->pipeline;
    rs_units_file_name(pipeline->layout.tables[unit->table].table->name, stem, unit->part,
                       pipeline->options->compress, out);
}

struct rs_encode_counts rs_units_counts(const struct rs_units *units, size_t table)
{
    struct rs_encode_counts total = RS_ENCODE_COUNTS_INIT;
    for (size_t i = units->first[table]; i < units->first[table + 1]; i++) {
        rs_encode_counts_add(&total, &units->items[i].counts);
    }
    return total;
}

bool rs_units_copy_discards(const struct rs_units *units, size_t table, struct rs_sink *sink,
                            struct rs_error *err)
{
    bool ok = true;
    for (size_t i = units->first[table]; ok && i < units->first[table + 1]; i++) {
        const struct rs_unit *unit = &units->items[i];
        ok = rs_spool_copy(units->discards[unit->worker], unit->discards_begin, unit->discards_end,
                           sink, err);
    }
    return ok;
}
