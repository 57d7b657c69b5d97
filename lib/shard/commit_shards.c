/*
 * A commit, from top to bottom of take_steps: what shards have staged is loaded as one run would
 * have loaded it.
 *
 *   find_shards        who is there, and which inputs they have read
 *   settle_tables      what all have seen, and the catalog -> types, plan
 *   load               manifests of the shards' files; then rs_load_tables, as in any run, and the
 *                      shards go
 *
 * Shards stay until all is recorded, so a commit that ends before can be done again. One that ends
 * while it removes them is known by their inputs: they are loaded.
 */
#include "shard/commit_shards.h"

#include "base/map.h"
#include "shard/shard_folders.h"
#include "shard/shard_manifests.h"
#include "shard/shard_set.h"
#include "sync/keep_alive.h"
#include "sync/load_tables.h"
#include "sync/pipeline.h"
#include "sync/plan_text.h"
#include "sync/reasons.h"
#include "sync/record.h"
#include "sync/reject_limit.h"
#include "sync/staging.h"
#include "sync/table_limit.h"
#include "sync/widen_columns.h"
#include "warehouse/catalog.h"

/* What this run has beside its state. */
struct commit {
    struct rs_pipeline *pipeline;
    struct rs_shard_set *set;
    struct rs_run_staged staged;
};

static void join_reasons(struct rs_sync_report *report, const struct rs_shard_doc *doc)
{
    struct rs_reason *reasons = NULL;
    size_t count = 0;
    rs_reasons_parse(doc->reasons, &reasons, &count);
    rs_reasons_join(&report->reasons, &report->reason_count, reasons, count);
    rs_reasons_release(reasons, count);
}

static void fill_report(const struct commit *commit)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    struct rs_sync_report *report = pipeline->report;
    struct rs_shard_counts counts = rs_shard_set_counts(commit->set);
    size_t inputs = 0;
    (void)rs_shard_set_inputs(commit->set, &inputs);
    report->inputs = inputs;
    report->inputs_skipped = counts.inputs_skipped;
    report->inputs_failed = counts.inputs_failed;
    report->inputs_suspect = counts.inputs_suspect;
    report->input_bytes = counts.bytes;
    report->lines = counts.lines;
    report->events = counts.events;
    report->rejects = counts.rejects;
    report->skips_opt_out = counts.opt_outs;
    report->skips_select = counts.unselected;
    report->duplicates = counts.duplicates;
    for (size_t i = 0; i < rs_shard_set_count(commit->set); i++) {
        const struct rs_shard_doc *doc = &rs_shard_set_at(commit->set, i)->doc;
        if (doc->damage.length > 0 && pipeline->damage.code == RS_OK) {
            (void)rs_error_set(&pipeline->damage, RS_E_INPUT, "%.*s", RS_STR_ARG(doc->damage));
        }
        join_reasons(report, doc);
    }
}

/* How many of the shards' inputs the ledger has; *first is one of them. */
static bool count_loaded(struct commit *commit, size_t *loaded_count,
                         const struct rs_ledger_input **first, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    struct rs_map *loaded = rs_map_new(pipeline->env->random_u64(pipeline->env));
    size_t count = 0;
    const struct rs_ledger_input *inputs = rs_shard_set_inputs(commit->set, &count);
    bool ok =
        rs_ledger_read_inputs(pipeline->session, rs_strbuf_str(&pipeline->schema), loaded, err);
    *loaded_count = 0;
    for (size_t i = 0; ok && i < count; i++) {
        if (rs_ledger_input_is_loaded(loaded, &inputs[i])) {
            *first = &inputs[i];
            ++*loaded_count;
        }
    }
    rs_map_free(loaded);
    return ok;
}

/* Read who is there. *done: an earlier commit has loaded all of it. */
static bool find_shards(struct commit *commit, bool *done, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    const struct rs_ledger_input *first = NULL;
    size_t loaded = 0;
    size_t count = 0;
    if (!rs_shard_folders_find(pipeline->staging, commit->set, err) ||
        !count_loaded(commit, &loaded, &first, err)) {
        return false;
    }
    (void)rs_shard_set_inputs(commit->set, &count);
    *done = count > 0 && loaded == count;
    if (*done) {
        return true;
    }
    if (!rs_shard_set_check(commit->set, err)) {
        return false;
    }
    if (loaded > 0) {
        (void)rs_error_set(
            err, RS_E_INPUT,
            "could not commit: %zu of the %zu inputs have been loaded since, such as "
            "\"%.*s\"",
            loaded, count, RS_STR_ARG(first->name));
        return rs_error_hint(err, "stage all shards again: they leave out what is loaded");
    }
    return true;
}

/* A table that finds no room has no rows at hand here that could become discards. */
static bool make_plan(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_plan_limits limits = {.new_columns = UINT64_MAX};
    if (!rs_table_limit_find(pipeline, &limits.new_tables, err)) {
        return false;
    }
    rs_plan_make(&pipeline->wanted, &pipeline->existing, pipeline->dialect, &limits,
                 &pipeline->plan);
    if (pipeline->plan.left_out.table_count > 0) {
        (void)rs_error_set(err, RS_E_LIMIT,
                           "could not commit: %zu new tables find no room, as the database may "
                           "have %llu",
                           pipeline->plan.left_out.table_count,
                           (unsigned long long)pipeline->table_limit);
        return rs_error_hint(err,
                             "drop tables, say with --max-tables what the cluster can hold, or "
                             "stage the shards again with --select");
    }
    return true;
}

static bool settle_tables(struct commit *commit, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    struct rs_str name = rs_strbuf_str(&pipeline->schema);
    if (!rs_shard_folders_read_tables(pipeline->staging, commit->set, err)) {
        return false;
    }
    rs_schema_release(&pipeline->existing);
    rs_schema_init(&pipeline->wanted, name);
    rs_shard_set_define(commit->set, &pipeline->wanted);
    pipeline->planned = true;
    if (!rs_catalog_read(pipeline->session, name, &pipeline->existing, err)) {
        return false;
    }
    if (!make_plan(pipeline, err)) {
        return false;
    }
    pipeline->report->schema_changes = !rs_plan_is_empty(&pipeline->plan);
    rs_plan_tell(pipeline);
    if (!rs_shard_set_listed_alike(commit->set)) {
        rs_pipeline_notice(pipeline,
                           "the shards have not listed the same inputs: where two events have the "
                           "same id and received_at, either may have been taken for the later one");
    }
    return true;
}

static bool find_lines(void *arg, const char *table, struct rs_ledger_rows *out,
                       struct rs_error *err)
{
    const struct commit *commit = arg;
    return rs_shard_manifests_find_lines(commit->pipeline->staging, commit->set, table, out, err);
}

static uint64_t count_duplicates(void *arg, const char *table, uint64_t lost)
{
    const struct commit *commit = arg;
    return rs_shard_set_duplicates(commit->set, table, lost);
}

/* Load and record; then the shards go, which is the end of loading. */
static bool load_tables(struct commit *commit, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    commit->staged = (struct rs_run_staged){
        .find_lines = find_lines, .duplicates = count_duplicates, .arg = commit};
    commit->staged.inputs = rs_shard_set_inputs(commit->set, &commit->staged.input_count);
    pipeline->staged = &commit->staged;
    bool ok = rs_load_tables(pipeline, err);
    if (ok && rs_shard_set_count(commit->set) > 0) {
        rs_shard_folders_remove(pipeline->staging, commit->set);
        rs_pipeline_end_loading(pipeline);
    }
    return ok;
}

static bool load(struct commit *commit, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    rs_pipeline_list_tables(pipeline);
    return rs_keep_alive_try(pipeline, rs_record_begin, err) && rs_widen_columns(pipeline, err) &&
           rs_staging_sweep(pipeline->staging, err) &&
           rs_shard_manifests_write(pipeline->staging, commit->set, err) &&
           rs_keep_alive_hold(pipeline, err) && load_tables(commit, err);
}

/* Everything is loaded: what is left to do is what the commit before was killed at. */
static bool finish_earlier(struct commit *commit, struct rs_error *err)
{
    struct rs_pipeline *pipeline = commit->pipeline;
    rs_shard_folders_remove(pipeline->staging, commit->set);
    rs_pipeline_notice(pipeline, "an earlier commit has loaded these shards; they are removed now");
    rs_shard_set_free(commit->set);
    commit->set = rs_shard_set_new(); /* nothing of theirs is loaded by this run */
    rs_pipeline_list_tables(pipeline);
    return rs_record_begin(pipeline, err) && load_tables(commit, err);
}

static bool take_steps(void *arg, struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct commit *commit = arg;
    bool done = false;
    commit->pipeline = pipeline;
    commit->set = rs_shard_set_new();
    if (!rs_record_enter(pipeline, err) || !find_shards(commit, &done, err)) {
        return false;
    }
    if (done) {
        return finish_earlier(commit, err);
    }
    fill_report(commit);
    return rs_reject_limit_check(pipeline, pipeline->report->events, err) &&
           settle_tables(commit, err) && load(commit, err);
}

bool rs_shard_commit(const struct rs_env *env, const struct rs_sync_options *options,
                     struct rs_sync_report *report, struct rs_error *err)
{
    struct commit commit = {0};
    struct rs_pipeline_kind kind = {.option = "--commit", .steps = take_steps, .arg = &commit};
    bool ok = rs_pipeline_run(env, options, &kind, report, err);
    rs_shard_set_free(commit.set);
    return ok;
}
