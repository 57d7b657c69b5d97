/*
 * A commit, from top to bottom of rs_commit_run: what shards have staged is loaded as one run would
 * have loaded it.
 *
 *   find_shards        who is there, and which inputs they have read
 *   settle_tables      what all have seen, and the catalog -> types, plan
 *   stage_tables       manifests of the shards' files
 *   rs_pipeline_load   as a run does it; then the shards go
 *
 * Shards stay until all is recorded, so a commit that ends before can be done again. One that ends
 * while it removes them is known by their inputs: they are loaded.
 */
#include "base/map.h"
#include "base/mem.h"
#include "sync/keep_alive.h"
#include "sync/pipeline.h"
#include "sync/record.h"
#include "sync/room.h"
#include "sync/shard_set.h"
#include "sync/staging.h"
#include "warehouse/catalog.h"

static void fill_report(struct rs_pipeline *pipeline)
{
    struct rs_sync_report *report = pipeline->report;
    struct rs_shard_counts counts = rs_shard_set_counts(pipeline->shards);
    size_t inputs = 0;
    (void)rs_shard_set_inputs(pipeline->shards, &inputs);
    report->inputs = inputs;
    report->inputs_skipped = counts.inputs_skipped;
    report->inputs_failed = counts.inputs_failed;
    report->input_bytes = counts.bytes;
    report->events = counts.events;
    report->rejects = counts.rejects;
    report->skips_opt_out = counts.opt_outs;
    report->skips_select = counts.unselected;
    report->duplicates = counts.duplicates;
    for (size_t i = 0; i < rs_shard_set_count(pipeline->shards); i++) {
        const struct rs_shard_doc *doc = &rs_shard_set_at(pipeline->shards, i)->doc;
        if (doc->damage.length > 0 && pipeline->damage.code == RS_OK) {
            (void)rs_error_set(&pipeline->damage, RS_E_INPUT, "%.*s", RS_STR_ARG(doc->damage));
        }
    }
}

/* How many of the shards' inputs the ledger has; *first is one of them. */
static bool count_loaded(struct rs_pipeline *pipeline, size_t *loaded_count,
                         const struct rs_ledger_input **first, struct rs_error *err)
{
    struct rs_map *loaded = rs_map_new(pipeline->env->random_u64(pipeline->env));
    size_t count = 0;
    const struct rs_ledger_input *inputs = rs_shard_set_inputs(pipeline->shards, &count);
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
static bool find_shards(struct rs_pipeline *pipeline, bool *done, struct rs_error *err)
{
    const struct rs_ledger_input *first = NULL;
    size_t loaded = 0;
    size_t count = 0;
    if (!rs_staging_find_shards(pipeline->staging, pipeline->shards, err) ||
        !count_loaded(pipeline, &loaded, &first, err)) {
        return false;
    }
    (void)rs_shard_set_inputs(pipeline->shards, &count);
    *done = count > 0 && loaded == count;
    if (*done) {
        return true;
    }
    if (!rs_shard_set_check(pipeline->shards, err)) {
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
    uint64_t room = UINT64_MAX;
    if (!rs_room_find(pipeline, &room, err)) {
        return false;
    }
    rs_plan_make(&pipeline->wanted, &pipeline->existing, pipeline->dialect, room, &pipeline->plan);
    if (pipeline->plan.unmade.table_count > 0) {
        (void)rs_error_set(err, RS_E_LIMIT,
                           "could not commit: %zu new tables find no room, as the database may "
                           "have %llu",
                           pipeline->plan.unmade.table_count,
                           (unsigned long long)pipeline->table_limit);
        return rs_error_hint(err,
                             "drop tables, say with --max-tables what the cluster can hold, or "
                             "stage the shards again with --select");
    }
    return true;
}

static bool settle_tables(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str name = rs_strbuf_str(&pipeline->schema);
    if (!rs_staging_read_shards(pipeline->staging, pipeline->shards, err)) {
        return false;
    }
    rs_schema_release(&pipeline->existing);
    rs_schema_init(&pipeline->wanted, name);
    rs_shard_set_define(pipeline->shards, &pipeline->wanted);
    if (!rs_catalog_read(pipeline->session, name, &pipeline->existing, err)) {
        return false;
    }
    if (!make_plan(pipeline, err)) {
        return false;
    }
    pipeline->report->schema_changes = !rs_plan_is_empty(&pipeline->plan);
    rs_plan_log(pipeline);
    if (!rs_shard_set_listed_alike(pipeline->shards)) {
        rs_pipeline_notice(pipeline,
                           "the shards have not listed the same inputs: where two events have the "
                           "same id and received_at, either may have been taken for the later one");
    }
    return true;
}

static bool load(struct rs_pipeline *pipeline, struct rs_error *err)
{
    rs_pipeline_list_tables(pipeline);
    return rs_record_begin(pipeline, err) && rs_staging_sweep(pipeline->staging, err) &&
           rs_staging_take_shards(pipeline->staging, err) && rs_keep_alive_lock(pipeline, err) &&
           rs_pipeline_load(pipeline, err);
}

/* Everything is loaded: what is left to do is what the commit before was killed at. */
static bool finish_earlier(struct rs_pipeline *pipeline, struct rs_error *err)
{
    rs_staging_remove_shards(pipeline->staging, pipeline->shards);
    rs_pipeline_notice(pipeline, "an earlier commit has loaded these shards; they are removed now");
    rs_shard_set_free(pipeline->shards);
    pipeline->shards = rs_shard_set_new(); /* nothing of theirs is loaded by this run */
    rs_pipeline_list_tables(pipeline);
    return rs_record_begin(pipeline, err) && rs_pipeline_load(pipeline, err);
}

bool rs_commit_run(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool done = false;
    pipeline->shards = rs_shard_set_new();
    if (!rs_record_enter(pipeline, err) || !find_shards(pipeline, &done, err)) {
        return false;
    }
    if (done) {
        return finish_earlier(pipeline, err);
    }
    fill_report(pipeline);
    return settle_tables(pipeline, err) && load(pipeline, err);
}
