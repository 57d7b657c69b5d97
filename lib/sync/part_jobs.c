/*
 * The parts are handed out by weight, the heaviest first, so that workers end at about the same
 * time.
 */
#include "sync/part_jobs.h"

#include <stdio.h>

#include "base/mem.h"

struct run {
    struct rs_part_jobs *jobs;
    const struct rs_part_work *work;
    size_t *order; /* of the parts */
    struct rs_tickets tickets;
};

static void add_table(struct rs_part_jobs *jobs, size_t table, uint64_t parts)
{
    const struct rs_pipeline *pipeline = jobs->pipeline;
    uint64_t weight = rs_rows_weight(pipeline->intake.rows, &pipeline->layout.tables[table]);
    jobs->items = rs_mem_resize(jobs->items, jobs->count + (size_t)parts, sizeof *jobs->items);
    for (uint64_t part = 0; part < parts; part++) {
        jobs->items[jobs->count++] = (struct rs_part_job){.table = table,
                                                          .part = part,
                                                          .parts = parts,
                                                          .weight = weight / parts,
                                                          .counts = RS_ENCODE_COUNTS_INIT};
        jobs->total_weight += weight / parts;
    }
}

void rs_part_jobs_init(struct rs_part_jobs *jobs, struct rs_pipeline *pipeline,
                       uint64_t (*part_count)(const struct rs_pipeline *pipeline,
                                              const struct rs_layout_table *table))
{
    size_t tables = pipeline->layout.table_count;
    *jobs = (struct rs_part_jobs){.pipeline = pipeline};
    jobs->first = rs_mem_zalloc(tables + 1, sizeof *jobs->first);
    for (size_t i = 0; i < tables; i++) {
        add_table(jobs, i, part_count(pipeline, &pipeline->layout.tables[i]));
        jobs->first[i + 1] = jobs->count;
    }
    jobs->discards = rs_mem_zalloc(pipeline->threads, sizeof *jobs->discards);
    for (unsigned i = 0; i < pipeline->threads; i++) {
        jobs->discards[i] = rs_spool_new(pipeline->intake.options.tmpdir);
    }
}

void rs_part_jobs_release(struct rs_part_jobs *jobs)
{
    for (unsigned i = 0; jobs->discards && i < jobs->pipeline->threads; i++) {
        rs_spool_free(jobs->discards[i]);
    }
    rs_mem_free(jobs->discards);
    rs_mem_free(jobs->items);
    rs_mem_free(jobs->first);
    *jobs = (struct rs_part_jobs){0};
}

static bool write_part(struct run *run, struct rs_part_job *job, unsigned worker,
                       struct rs_error *err)
{
    struct rs_pipeline *pipeline = run->jobs->pipeline;
    struct rs_spool *discards = run->jobs->discards[worker];
    struct rs_table_writer_options options = rs_pipeline_writer_options(pipeline);
    options.layout = &pipeline->layout.tables[job->table];
    options.discards = discards;
    options.piece = &job->piece;
    rs_meter_begin(&job->piece, pipeline->options->meter, options.layout->table->name,
                   (double)job->weight);
    rs_meter_step(&job->piece, run->work->encoding);
    job->worker = worker;
    job->discards_begin = rs_spool_end(discards);
    bool ok = run->work->write(run->work->arg, job, &options, &job->counts, err);
    job->discards_end = rs_spool_end(discards);
    if (ok && run->work->encoding >= 1.0) {
        rs_meter_end(&job->piece);
    }
    return ok;
}

static bool write_parts(void *arg, unsigned worker, struct rs_error *err)
{
    struct run *run = arg;
    struct rs_part_jobs *jobs = run->jobs;
    bool ok = true;
    size_t number = 0;
    while (ok && rs_tickets_take(&run->tickets, &number)) {
        struct rs_part_job *job = &jobs->items[run->order[number]];
        ok = rs_env_check_interrupt(jobs->pipeline->env, err) && write_part(run, job, worker, err);
    }
    if (!ok) {
        rs_tickets_stop(&run->tickets);
    }
    return run->work->end ? run->work->end(run->work->arg, worker, ok, err) && ok : ok;
}

bool rs_part_jobs_run(struct rs_part_jobs *jobs, const char *phase, const struct rs_part_work *work,
                      struct rs_error *err)
{
    struct rs_meter *meter = jobs->pipeline->options->meter;
    struct run run = {jobs, work, NULL, RS_TICKETS_INIT(jobs->count)};
    uint64_t *weights = rs_mem_zalloc(jobs->count, sizeof *weights);
    for (size_t i = 0; i < jobs->count; i++) {
        weights[i] = jobs->items[i].weight;
    }
    run.order = rs_workers_order(weights, jobs->count);
    rs_meter_enter(meter, phase,
                   &(struct rs_meter_work){.total = (double)jobs->total_weight,
                                           .pieces = jobs->count,
                                           .noun = "files"});
    bool ok = rs_workers_run(jobs->pipeline->threads, write_parts, &run, err);
    rs_meter_leave(meter);
    rs_mem_free(weights);
    rs_mem_free(run.order);
    return ok;
}

void rs_part_jobs_file_name(struct rs_str table, const char *stem, uint64_t part,
                            enum rs_compression compression, char out[RS_PART_NAME_MAX])
{
    (void)snprintf(out, RS_PART_NAME_MAX, "%.*s/%s-%04llu.csv%s", RS_STR_ARG(table), stem,
                   (unsigned long long)part, rs_compression_suffix(compression));
}

void rs_part_jobs_name(const struct rs_part_jobs *jobs, const struct rs_part_job *job,
                       const char *stem, char out[RS_PART_NAME_MAX])
{
    const struct rs_pipeline *pipeline = jobs->pipeline;
    rs_part_jobs_file_name(pipeline->layout.tables[job->table].table->name, stem, job->part,
                           pipeline->options->compress, out);
}

struct rs_encode_counts rs_part_jobs_counts(const struct rs_part_jobs *jobs, size_t table)
{
    struct rs_encode_counts total = RS_ENCODE_COUNTS_INIT;
    for (size_t i = jobs->first[table]; i < jobs->first[table + 1]; i++) {
        rs_encode_counts_add(&total, &jobs->items[i].counts);
    }
    return total;
}

bool rs_part_jobs_copy_discards(const struct rs_part_jobs *jobs, size_t table, struct rs_sink *sink,
                                struct rs_error *err)
{
    bool ok = true;
    for (size_t i = jobs->first[table]; ok && i < jobs->first[table + 1]; i++) {
        const struct rs_part_job *job = &jobs->items[i];
        ok = rs_spool_copy(jobs->discards[job->worker], job->discards_begin, job->discards_end,
                           sink, err);
    }
    return ok;
}
