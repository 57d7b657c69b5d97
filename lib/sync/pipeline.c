/*
 * Read this first: a run of rs-sync, from top to bottom of rs_pipeline_run.
 *
 *   list_inputs        operands -> inputs, less those that the ledger has
 *   read_events        inputs -> lines -> events -> cells in batches   (lib/sync/intake.c)
 *   settle_schema      what all events showed, and the catalog -> types, plan, layout
 *   settle_duplicates  one row an id in each table
 *   then one of        rs_plan_print
 *                      rs_write_bundle
 *                      load, in Redshift after stage: rows -> files in S3   (lib/sync/staging.c)
 *                      rs_shard_write: a share of the rows -> files in S3   (lib/sync/shard_write.c)
 *                      rs_compare_tables: a window's rows with those there   (lib/sync/compare.c)
 *
 * or of rs_commit_run, which loads what shards have staged (lib/sync/commit.c).
 *
 * A run over a window takes a part of the events, of inputs that are listed (lib/sync/window.c):
 * rs-backfill replay and gap are such runs.
 *
 * Nothing outside of the process changes before the last lines, but for a row in a ledger that is
 * there already, which says that the run is at work, and for a file in S3 that says the same
 * (lib/sync/staging.c). A database is changed a table at a time, each in a transaction of its own;
 * the inputs are recorded as loaded after all of them, with rejects and discards, in one more. A
 * run that ends in between is done again by the next one: the same ids replace the same rows.
 */
#include "sync/pipeline.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/workers.h"
#include "net/retry.h"
#include "read/source.h"
#include "rows/table_writer.h"
#include "sync/keep_alive.h"
#include "sync/notices.h"
#include "sync/record.h"
#include "sync/room.h"
#include "sync/shard_set.h"
#include "sync/staging.h"
#include "transform/name.h"
#include "warehouse/catalog.h"
#include "warehouse/copy.h"

enum {
    NOTICE_MAX = 1024,
    REST_MS = 400, /* before the second attempt at most, see net/retry.h */
    REST_MAX_MS = 15000,
};

void rs_pipeline_notice(struct rs_pipeline *pipeline, const char *fmt, ...)
{
    char text[NOTICE_MAX];
    struct rs_sync_report *report = pipeline->report;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    report->notices =
        rs_mem_resize(report->notices, report->notice_count + 1, sizeof *report->notices);
    report->notices[report->notice_count++] = rs_mem_strdup(text);
}

void rs_pipeline_progress(struct rs_pipeline *pipeline, const char *phase,
                          const struct rs_pipeline_share *share)
{
    if (share->worker == 0) {
        rs_keep_alive_tick(pipeline);
    }
    uint64_t done = share->done * share->workers;
    struct rs_sync_progress progress = {.phase = phase,
                                        .done_bytes = done < share->total ? done : share->total,
                                        .total_bytes = share->total,
                                        .events = pipeline->intake.counts.events,
                                        .rows = share->rows};
    if (pipeline->options->progress && share->worker == 0) {
        pipeline->options->progress(pipeline->options->progress_arg, &progress);
    }
}

bool rs_pipeline_rest(const struct rs_pipeline *pipeline, unsigned attempt, struct rs_error *err)
{
    const struct rs_env *env = pipeline->env;
    struct rs_retry_policy policy = {UINT_MAX, REST_MS, REST_MAX_MS};
    return rs_env_pause(env, rs_retry_pause_ms(&policy, attempt, env->random_u64(env)), err);
}

struct rs_table_writer_options rs_pipeline_writer_options(const struct rs_pipeline *pipeline)
{
    return (struct rs_table_writer_options){
        .null_text = rs_strbuf_str(&pipeline->null_text),
        .sync_id = rs_pipeline_row_id(pipeline),
        .now_us = pipeline->now_us,
        .row_max_bytes = pipeline->dialect == RS_DIALECT_REDSHIFT ? RS_COPY_ROW_MAX_BYTES : 0,
        .shard = pipeline->options->shard.number,
    };
}

struct rs_str rs_pipeline_row_id(const struct rs_pipeline *pipeline)
{
    return pipeline->options->shard.count > 0 ? RS_STR(RS_SHARD_SYNC_ID)
                                              : rs_str_from(pipeline->report->sync_id);
}

void rs_pipeline_list_tables(struct rs_pipeline *pipeline)
{
    struct rs_sync_report *report = pipeline->report;
    report->table_count = pipeline->wanted.table_count;
    report->tables = rs_mem_zalloc(report->table_count, sizeof *report->tables);
    for (size_t i = 0; i < report->table_count; i++) {
        struct rs_str name = pipeline->wanted.tables[i].name;
        report->tables[i].name = rs_mem_strdup(name.data); /* arena texts end in NUL */
    }
}

bool rs_pipeline_only_reads(const struct rs_pipeline *pipeline)
{
    const struct rs_sync_window *window = pipeline->options->window;
    return pipeline->options->plan_only || (window && window->compare);
}

/* --- the steps ---------------------------------------------------------------------------------- */

/* A shard reads its own inputs; the others are listed for their places alone. */
static bool leave_out_others(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_shard *shard = &pipeline->options->shard;
    for (size_t i = 0; shard->count > 0 && i < pipeline->inputs.count; i++) {
        const struct rs_input *input = &pipeline->inputs.items[i];
        if (!input->identity) {
            (void)rs_error_set(
                err, RS_E_USAGE,
                "could not read \"%s\" with --shard: each shard would read all of it", input->name);
            return rs_error_hint(err, "name files or folders that all shards see alike");
        }
        if (!rs_shard_has(shard, rs_str_from(input->identity))) {
            rs_log(&pipeline->env->log, RS_LOG_DEBUG, "left out \"%s\": of another shard",
                   input->name);
            pipeline->left_out[i] = true;
            pipeline->elsewhere++;
        }
    }
    return true;
}

static bool list_inputs(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    const struct rs_input_options how = {
        .env = pipeline->env, .days = pipeline->days, .account = pipeline->account};
    if (options->window) {
        rs_window_open(pipeline);
    } else if (!rs_source_add_all(&pipeline->inputs, &how, options->inputs, options->input_count,
                                  err)) {
        return false;
    }
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        rs_log(&pipeline->env->log, RS_LOG_DEBUG, "found \"%s\"", pipeline->inputs.items[i].name);
    }
    if (pipeline->inputs.count >> RS_REF_INPUT_BITS != 0) {
        return rs_error_set(err, RS_E_LIMIT, "could not read the inputs: %zu are too many at once",
                            pipeline->inputs.count);
    }
    pipeline->left_out = rs_mem_zalloc(pipeline->inputs.count, sizeof *pipeline->left_out);
    pipeline->damaged = rs_mem_zalloc(pipeline->inputs.count, sizeof *pipeline->damaged);
    if (pipeline->inputs.skipped_hidden + pipeline->inputs.skipped_special > 0) {
        rs_pipeline_notice(pipeline, "left out %zu hidden and %zu special files in folders",
                           pipeline->inputs.skipped_hidden, pipeline->inputs.skipped_special);
    }
    if (pipeline->inputs.skipped_days > 0 && pipeline->inputs.count == 0) {
        rs_pipeline_notice(pipeline, "all inputs are of days outside of --since and --until");
    }
    return leave_out_others(pipeline, err) &&
           (!pipeline->session || options->window || rs_record_skip_loaded(pipeline, err));
}

void rs_pipeline_release_intake(struct rs_pipeline *pipeline)
{
    if (pipeline->intake.projectors) {
        rs_intake_release(&pipeline->intake);
    }
}

static bool has_stream(const struct rs_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        if (pipeline->inputs.items[i].is_stream && !pipeline->left_out[i]) {
            return true;
        }
    }
    return false;
}

/* An input proved damaged while it was read: may the run begin again without it? */
static bool leave_out_damaged(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool damage = err->code == RS_E_INPUT || err->code == RS_E_LIMIT;
    size_t input = damage ? pipeline->intake.failed_input : SIZE_MAX;
    size_t others = 0;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        others += !pipeline->left_out[i] && i != input ? 1 : 0;
    }
    pipeline->report->inputs_failed += input == SIZE_MAX ? 0 : 1;
    bool alone = others == 0 && pipeline->report->inputs_skipped == 0 && pipeline->elsewhere == 0;
    if (input == SIZE_MAX || alone || has_stream(pipeline) || rs_pipeline_only_reads(pipeline)) {
        return false; /* a stream cannot be read again; a plan is right or it is none */
    }
    if (pipeline->damage.code == RS_OK) {
        pipeline->damage = *err;
    }
    pipeline->left_out[input] = true;
    pipeline->damaged[input] = true;
    rs_pipeline_notice(pipeline, "nothing of \"%s\" is loaded: %s",
                       pipeline->inputs.items[input].name, err->message);
    rs_error_clear(err);
    return true;
}

static void report_reading(void *arg, const struct rs_sync_progress *now)
{
    struct rs_pipeline *pipeline = arg;
    rs_keep_alive_tick(pipeline);
    if (pipeline->options->progress) {
        pipeline->options->progress(pipeline->options->progress_arg, now);
    }
}

static struct rs_intake_options intake_options(struct rs_pipeline *pipeline)
{
    const struct rs_sync_options *options = pipeline->options;
    const struct rs_sync_window *window = options->window;
    return (struct rs_intake_options){
        .env = pipeline->env,
        .inputs = &pipeline->inputs,
        .left_out = pipeline->left_out,
        .known = window ? window->known : NULL,
        .seen = window ? window->seen : NULL,
        .threads = pipeline->threads,
        .memory_bytes = options->memory_bytes ? options->memory_bytes : RS_SYNC_MEMORY_DEFAULT,
        .tmpdir = pipeline->env->getenv(pipeline->env, "TMPDIR"),
        .project = {.seed = pipeline->env->random_u64(pipeline->env),
                    .name_limit = pipeline->name_limit,
                    .warehouse_id = rs_str_from(options->warehouse_id),
                    .filter = pipeline->filter,
                    .now_us = pipeline->now_us,
                    .interval_filter = window ? &pipeline->interval_filter : NULL},
        .progress = report_reading,
        .progress_arg = pipeline,
    };
}

/* Damage shows when it is reached, and the rows before it are mixed with all others by then:
 * the run reads again without that input. That is rare, and costs time only. */
static bool read_events(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool ok = false;
    do {
        struct rs_intake_options options = intake_options(pipeline);
        rs_pipeline_release_intake(pipeline);
        rs_intake_init(&pipeline->intake, &options);
        ok = rs_intake_run(&pipeline->intake, err);
    } while (!ok && leave_out_damaged(pipeline, err));
    struct rs_sync_report *report = pipeline->report;
    const struct rs_intake_counts *counts = &pipeline->intake.counts;
    report->inputs = pipeline->inputs.count - pipeline->elsewhere - report->inputs_skipped -
                     report->inputs_failed;
    report->input_bytes = counts->bytes;
    report->events = counts->events;
    report->rejects = counts->rejects;
    report->skips_opt_out = counts->opt_outs;
    report->skips_select = counts->unselected;
    report->outside = counts->outside;
    report->undated = counts->undated;
    if (ok && pipeline->options->window) {
        rs_window_note_read(pipeline);
    }
    return ok;
}

static void choose_null_text(struct rs_pipeline *pipeline)
{
    size_t longest = 0;
    for (unsigned i = 0; i < pipeline->threads; i++) {
        size_t run = rs_projector_null_run(pipeline->intake.projectors[i]);
        longest = run > longest ? run : longest;
    }
    rs_null_text(longest, &pipeline->null_text);
}

static bool settle_schema(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str name = rs_strbuf_str(&pipeline->schema);
    uint64_t room = UINT64_MAX;
    rs_schema_release(&pipeline->existing);
    rs_schema_init(&pipeline->wanted, name);
    rs_layout_schema(pipeline->intake.projectors, pipeline->threads, pipeline->filter,
                     pipeline->options->arrays, &pipeline->wanted);
    if (!pipeline->session) {
        rs_schema_init(&pipeline->existing, name);
    } else if (!rs_catalog_read(pipeline->session, name, &pipeline->existing, err)) {
        return false;
    }
    bool shard = pipeline->options->shard.count > 0;
    if (!shard && !rs_room_find(pipeline, &room, err)) { /* a shard's commit looks for room */
        return false;
    }
    rs_plan_make(&pipeline->wanted, &pipeline->existing, pipeline->dialect, room, &pipeline->plan);
    if (shard &&
        (!rs_shard_check_dropped(&pipeline->plan, &pipeline->existing, err) ||
         !rs_shard_define_files(&pipeline->wanted, &pipeline->existing, &pipeline->files, err))) {
        return false;
    }
    rs_layout_init(&pipeline->layout, pipeline->intake.projectors, pipeline->threads,
                   pipeline->filter, shard ? &pipeline->files : &pipeline->wanted);
    pipeline->report->schema_changes = !rs_plan_is_empty(&pipeline->plan);
    rs_notice_dropped(pipeline);
    rs_room_settle(pipeline);
    if (!shard) { /* whose types are its own view */
        rs_plan_log(pipeline);
    }
    rs_notice_intake(pipeline);
    choose_null_text(pipeline);
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

static bool settle_duplicates(struct rs_pipeline *pipeline, struct rs_error *err)
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

/* Redshift takes rows from files in S3 alone. Reading and staging may each take hours. */
static bool stage(struct rs_pipeline *pipeline, struct rs_error *err)
{
    return !pipeline->staging ||
           (rs_keep_alive_lock(pipeline, err) && rs_staging_sweep(pipeline->staging, err) &&
            rs_staging_write_tables(pipeline->staging, err) && rs_keep_alive_lock(pipeline, err));
}

static void start_loading(struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    double now = (double)env->monotonic_us(env) / 1e6;
    pipeline->report->prepare_seconds = now - (double)pipeline->started_us / 1e6;
}

static void end_loading(struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    double now = (double)env->monotonic_us(env) / 1e6;
    pipeline->report->load_seconds =
        now - (double)pipeline->started_us / 1e6 - pipeline->report->prepare_seconds;
}

bool rs_pipeline_load(struct rs_pipeline *pipeline, struct rs_error *err)
{
    start_loading(pipeline);
    struct rs_spool *discards = rs_spool_new(pipeline->intake.options.tmpdir);
    bool loaded = rs_load_tables(pipeline, discards, err);
    bool ok = loaded && rs_room_discard(pipeline, discards, err) &&
              rs_record_success(pipeline, discards, err);
    rs_spool_free(discards);
    if (loaded && !ok && pipeline->wanted.table_count > 0 && err->code != RS_E_INTERRUPTED) {
        err->code = RS_E_PARTIAL; /* the tables have their rows, the ledger does not know */
        (void)rs_error_hint(err, "run again: it is all done once more, and nothing doubles");
    }
    if (ok && pipeline->staging) {
        rs_staging_remove(pipeline->staging);
    }
    if (ok && pipeline->shards && rs_shard_set_count(pipeline->shards) > 0) {
        rs_staging_remove_shards(pipeline->staging, pipeline->shards);
    }
    end_loading(pipeline);
    return ok;
}

/* --- the run --------------------------------------------------------------------------------------- */

static bool write_bundle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    start_loading(pipeline);
    bool ok = rs_write_bundle(pipeline, err);
    end_loading(pipeline);
    return ok;
}

/* A shard loads nothing: all of it is preparation. */
static bool write_shard(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool ok = rs_shard_write(pipeline, err);
    start_loading(pipeline);
    return ok;
}

static bool run_steps(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    if (!rs_record_enter(pipeline, err) || !list_inputs(pipeline, err) ||
        !read_events(pipeline, err) || !settle_schema(pipeline, err)) {
        return false;
    }
    if (!settle_duplicates(pipeline, err)) {
        return false;
    }
    if (options->plan_only) {
        return rs_plan_print(pipeline, err);
    }
    if (options->window && options->window->compare) {
        return rs_compare_tables(pipeline, err);
    }
    rs_pipeline_list_tables(pipeline);
    bool ok = options->shard.count > 0 ? write_shard(pipeline, err)
              : options->bundle        ? write_bundle(pipeline, err)
                                       : rs_record_begin(pipeline, err) && stage(pipeline, err) &&
                                      rs_pipeline_load(pipeline, err);
    return ok && rs_record_reject_file(pipeline, err);
}

bool rs_pipeline_run(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool commit = pipeline->options->commit;
    if (!(commit ? rs_commit_run : run_steps)(pipeline, err)) {
        rs_record_failure(pipeline, err);
        if (pipeline->staging && !pipeline->recorded) {
            rs_staging_remove(pipeline->staging); /* no later run would know whose it is */
        }
        pipeline->report->status = err->code == RS_E_PARTIAL ? RS_SYNC_PARTIAL : RS_SYNC_FAILURE;
        return false;
    }
    if (pipeline->damage.code != RS_OK) {
        pipeline->report->status = RS_SYNC_PARTIAL;
        (void)rs_error_set(err, RS_E_PARTIAL, "could not load %llu of %llu inputs: %s",
                           (unsigned long long)pipeline->report->inputs_failed,
                           (unsigned long long)(pipeline->report->inputs_failed +
                                                pipeline->report->inputs +
                                                pipeline->report->inputs_skipped),
                           pipeline->damage.message);
        return rs_error_hint(err, "all others are %s; mend it and run again",
                             pipeline->options->shard.count > 0 ? "staged" : "loaded");
    }
    pipeline->report->status = RS_SYNC_SUCCESS;
    return true;
}
