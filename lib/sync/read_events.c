/*
 * Operands become inputs, and inputs rows. Damage shows when it is reached, and the rows before it
 * are mixed with all others by then: the run reads again without that input. That is rare, and costs
 * time only.
 */
#include "sync/read_events.h"

#include "base/mem.h"
#include "read/source.h"
#include "sync/intake.h"
#include "sync/keep_alive.h"
#include "sync/run_window.h"

bool rs_list_inputs(struct rs_pipeline *pipeline, struct rs_error *err)
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
    if (pipeline->inputs.skipped_hidden + pipeline->inputs.skipped_special > 0) {
        rs_pipeline_notice(pipeline, "left out %zu hidden and %zu special files in folders",
                           pipeline->inputs.skipped_hidden, pipeline->inputs.skipped_special);
    }
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
    rs_pipeline_notice(pipeline, "nothing of \"%s\" is loaded: %s",
                       pipeline->inputs.items[input].name, err->message);
    rs_error_clear(err);
    return true;
}

static void report_reading(void *arg, const struct rs_sync_progress *now)
{
    const struct rs_pipeline *pipeline = arg;
    if (pipeline->options->progress) {
        pipeline->options->progress(pipeline->options->progress_arg, now);
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
    uint64_t keys = options->memory_bytes / 2 / ((uint64_t)options->threads * KEY_BYTES);
    pipeline->cardinality = rs_cardinality_limit_new(at_least(names, NAMES_MIN),
                                                     &pipeline->existing, options->project.seed);
    options->project.limit = pipeline->cardinality;
    options->project.key_limit = at_least(keys / 2, KEYS_MIN);
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

bool rs_read_events(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool ok = false;
    rs_keep_alive_lend(pipeline);
    do {
        struct rs_intake_options options = intake_options(pipeline);
        rs_intake_release(&pipeline->intake);
        rs_cardinality_limit_free(pipeline->cardinality);
        limit_cardinality(pipeline, &options);
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
    report->undated = counts->undated;
    if (ok && pipeline->options->window) {
        rs_window_note_read(pipeline);
    }
    return ok;
}
