/*
 * Operands become inputs, and inputs rows. An input that cannot be opened is passed over. Damage
 * shows when it is reached, and the rows before it are mixed with all others by then: the run reads
 * again without that input. That is rare, and costs time only.
 */
#include "sync/read_events.h"

#include "base/mem.h"
#include "read/source.h"
#include "sync/intake.h"
#include "sync/keep_alive.h"
#include "sync/reject_limit.h"
#include "sync/run_window.h"

static void add_notice(void *arg, const char *text)
{
    rs_pipeline_notice(arg, "%s", text);
}

bool rs_list_inputs(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    const struct rs_input_options how = {
        .env = pipeline->env,
        .days = pipeline->days,
        .account = pipeline->account,
        .excludes = options->excludes,
        .exclude_count = options->exclude_count,
        .skips_archived = options->skip_archived,
    };
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
    rs_source_tell(&pipeline->inputs, add_notice, pipeline);
    if (pipeline->inputs.skipped_days > 0 && pipeline->inputs.count == 0) {
        rs_pipeline_notice(pipeline, "all inputs are of days outside of --since and --until");
    }
    return true;
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

/* Count an input that cannot be read, and say so, unless that is all that there is to say. */
static void leave_out(struct rs_pipeline *pipeline, size_t input, const struct rs_error *why,
                      bool tells)
{
    const char *name = pipeline->inputs.items[input].name;
    if (pipeline->options->skip_archived && rs_input_is_archived(why)) {
        pipeline->archived++;
        rs_log(&pipeline->env->log, RS_LOG_INFO, "left out \"%s\": it is archived", name);
        return;
    }
    rs_pipeline_leave_out(pipeline, input, why, tells);
}

/* What is left to be read, or was read elsewhere or before. */
static bool has_others(const struct rs_pipeline *pipeline)
{
    size_t others = pipeline->elsewhere + (size_t)pipeline->report->inputs_skipped;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        others += pipeline->left_out[i] ? 0 : 1;
    }
    return others > 0;
}

/*
 * Leave out what the intake could not open, and what proved damaged while it was read: then the run
 * has to begin again. False when it is to end; that nothing at all can be read is an error.
 */
static bool leave_out_failed(struct rs_pipeline *pipeline, bool *again, struct rs_error *err)
{
    const struct rs_intake *intake = &pipeline->intake;
    size_t damaged = err->code == RS_OK ? SIZE_MAX : intake->failed_input;
    *again = err->code != RS_OK;
    if (*again && (damaged == SIZE_MAX || has_stream(pipeline) || pipeline->options->plan_only)) {
        pipeline->report->inputs_failed += damaged == SIZE_MAX ? 0 : 1;
        return false; /* a stream cannot be read again; a plan is right or it is none */
    }
    for (size_t i = 0; i < intake->failure_count; i++) {
        pipeline->left_out[intake->failures[i].input] = true;
    }
    if (*again) {
        pipeline->left_out[damaged] = true;
    }
    bool others = has_others(pipeline);
    for (size_t i = 0; i < intake->failure_count; i++) {
        leave_out(pipeline, intake->failures[i].input, &intake->failures[i].why, others);
    }
    if (*again) {
        leave_out(pipeline, damaged, err, others);
    }
    rs_error_clear(err);
    if (!others && pipeline->damage.code != RS_OK) {
        *err = pipeline->damage;
    }
    return err->code == RS_OK;
}

/* Those that are too many to be named, and what was left out on purpose. */
static void notice_left_out(struct rs_pipeline *pipeline)
{
    uint64_t failed = pipeline->report->inputs_failed;
    if (failed > RS_FAILURE_NOTICES_MAX) {
        rs_pipeline_warn(pipeline, "nothing of %llu more inputs is loaded: -v names them",
                         (unsigned long long)(failed - RS_FAILURE_NOTICES_MAX));
    }
    if (pipeline->archived > 0) {
        rs_pipeline_notice(pipeline, "left out %zu archived objects (--skip-archived)",
                           pipeline->archived);
    }
}

/*
 * What the run is going to do, and how long each of it takes beside the others: by loads of some
 * hundred MB from a local disk into a server near by.
 */
static void plan_phases(const struct rs_pipeline *pipeline)
{
    static const struct rs_meter_phase reading[] = {{"reading", 1}};
    static const struct rs_meter_phase comparing[] = {{"reading", 1}, {"comparing", 1}};
    static const struct rs_meter_phase encoding[] = {{"reading", 1}, {"encoding", 1}};
    static const struct rs_meter_phase loading[] = {{"reading", 1}, {"loading", 6}};
    static const struct rs_meter_phase staging[] = {{"reading", 1}, {"staging", 2}, {"loading", 3}};
    const struct rs_sync_options *options = pipeline->options;
    struct rs_meter *meter = options->meter;
    if (options->plan_only) {
        rs_meter_plan(meter, reading, RS_COUNTOF(reading));
    } else if (rs_pipeline_only_reads(pipeline)) {
        rs_meter_plan(meter, comparing, RS_COUNTOF(comparing));
    } else if (options->bundle) {
        rs_meter_plan(meter, encoding, RS_COUNTOF(encoding));
    } else if (!pipeline->staging) {
        rs_meter_plan(meter, loading, RS_COUNTOF(loading));
    } else { /* a share is loaded by another run */
        rs_meter_plan(meter, staging, RS_COUNTOF(staging) - (pipeline->share ? 1 : 0));
    }
}

enum {
    NAME_BYTES = 4096, /* what a table costs in the plan, and again in each worker that sees it */
    KEY_BYTES = 512,   /* what a column costs in a worker and in the plan */
    NAMES_MIN = 4000,
    KEYS_MIN = 50000,
};

static size_t at_least(uint64_t value, size_t least)
{
    return value > least ? (size_t)value : least;
}

/*
 * Names and keys may have as much memory as rows, and no less than an honest tracking plan needs,
 * however many workers there are.
 */
static void limit_cardinality(struct rs_pipeline *pipeline, struct rs_intake_options *options)
{
    uint64_t names = options->memory_bytes / (((uint64_t)options->threads + 1) * NAME_BYTES);
    uint64_t keys = options->memory_bytes / 4 / ((uint64_t)options->threads * KEY_BYTES);
    pipeline->cardinality = rs_cardinality_limit_new(at_least(names, NAMES_MIN),
                                                     &pipeline->existing, options->project.seed);
    options->project.limit = pipeline->cardinality;
    options->project.key_limit = at_least(keys, KEYS_MIN);
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
        .wants_all = options->plan_only,
        .threads = pipeline->threads,
        .memory_bytes = options->memory_bytes ? options->memory_bytes : RS_SYNC_MEMORY_DEFAULT,
        .tmpdir = pipeline->env->getenv(pipeline->env, "TMPDIR"),
        .project = {.seed = pipeline->env->random_u64(pipeline->env),
                    .name_limit = pipeline->name_limit,
                    .warehouse_id = rs_str_from(options->warehouse_id),
                    .opt_out = options->opt_out,
                    .null_traits = options->null_traits,
                    .filter = pipeline->filter,
                    .now_us = pipeline->now_us,
                    .interval_filter = window ? &pipeline->interval_filter : NULL},
        .meter = options->meter,
    };
}

bool rs_read_events(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool ok = false;
    bool again = false;
    rs_keep_alive_lend(pipeline);
    plan_phases(pipeline);
    do {
        rs_meter_enter(pipeline->options->meter, "reading", &(struct rs_meter_work){.total = 0});
        struct rs_intake_options options = intake_options(pipeline);
        rs_intake_release(&pipeline->intake);
        rs_cardinality_limit_free(pipeline->cardinality);
        limit_cardinality(pipeline, &options);
        rs_intake_init(&pipeline->intake, &options);
        (void)!rs_intake_run(&pipeline->intake, err);
        ok = leave_out_failed(pipeline, &again, err);
    } while (ok && again);
    struct rs_sync_report *report = pipeline->report;
    const struct rs_intake_counts *counts = &pipeline->intake.counts;
    report->input_bytes = counts->bytes;
    report->lines = counts->events + counts->rejects + counts->undated;
    report->events = counts->events;
    report->rejects = counts->rejects;
    report->skips_opt_out = counts->opt_outs;
    report->skips_select = counts->unselected;
    report->undated = counts->undated;
    ok = ok && rs_reject_limit_settle(pipeline, err);
    notice_left_out(pipeline);
    report->inputs = pipeline->inputs.count - pipeline->elsewhere - pipeline->archived -
                     report->inputs_skipped - report->inputs_failed;
    if (ok && pipeline->options->window) {
        rs_window_note_read(pipeline);
    }
    return ok;
}
