/*
 * What surrounds a run: options become its state, with a session, an account and a place in S3 where
 * it needs them.
 */
#include "sync/pipeline_init.h"

#include "base/fsutil.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "base/workers.h"
#include "codec/digest.h"
#include "connect/s3_access.h"
#include "read/source_s3.h"
#include "rows/bundle.h"
#include "rs/name.h"
#include "sync/intake.h"
#include "sync/keep_alive.h"
#include "sync/record.h"
#include "sync/run_window.h"
#include "sync/staging.h"
#include "warehouse/target.h"

enum {
    SELECT_FILE_MAX = 8 << 20,
    NULL_TEXT_MAX = 32 << 20,
    SCHEMA_MAX = 64 << 10,
};

bool rs_sync_selection_digest(const char *file, char hex[RS_SELECTION_HEX_SIZE],
                              struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(SELECT_FILE_MAX);
    unsigned char digest[RS_SHA256_BYTES];
    hex[0] = '\0';
    bool ok = !file || rs_fs_read_file(file, &text, err);
    if (ok && file) {
        rs_sha256(rs_strbuf_str(&text), digest);
        rs_hex(digest, sizeof digest, hex);
        hex[RS_SELECTION_HEX_SIZE - 1] = '\0';
    } else if (!ok) {
        err->code = RS_E_CONFIG;
    }
    rs_strbuf_release(&text);
    return ok;
}

static bool read_select(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const char *file = pipeline->options->select_file;
    struct rs_strbuf text = RS_STRBUF_INIT(SELECT_FILE_MAX);
    if (!file) {
        return true;
    }
    if (rs_fs_read_file(file, &text, err)) {
        pipeline->filter = rs_filter_parse(rs_strbuf_str(&text), file, err);
    } else {
        err->code = RS_E_CONFIG;
    }
    rs_strbuf_release(&text);
    return pipeline->filter != NULL;
}

/* SOURCE_DATE_EPOCH fixes the time of processing, so that a bundle can be made again. */
static bool read_clock(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_env *env = pipeline->env;
    const char *fixed = env->getenv(env, "SOURCE_DATE_EPOCH");
    uint64_t seconds = 0;
    uint64_t high = env->random_u64(env);
    uint64_t low = env->random_u64(env);
    pipeline->now_us = env->now_us(env);
    if (fixed && *fixed) {
        if (!rs_str_parse_u64(rs_str_from(fixed), 0, UINT64_C(253402300799), &seconds)) {
            (void)rs_error_set(err, RS_E_CONFIG,
                               "could not use SOURCE_DATE_EPOCH: \"%s\" is no number of seconds",
                               fixed);
            return rs_error_hint(err, "unset it, or set it to seconds since 1970");
        }
        pipeline->now_us = (int64_t)seconds * 1000000;
    }
    if (fixed && *fixed && pipeline->options->bundle) {
        high = rs_hash64(rs_strbuf_str(&pipeline->schema), seconds);
        low = rs_hash64(rs_strbuf_str(&pipeline->schema), ~seconds);
    }
    rs_uuid_format(high, low, pipeline->report->sync_id);
    return true;
}

static bool check_arrays(const struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (pipeline->options->arrays == RS_ARRAYS_TEXT ||
        rs_dialect_facts(pipeline->dialect)->has_super) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE,
                       "could not use --arrays=super: the database is %s, and only "
                       "Redshift has the type SUPER",
                       rs_dialect_facts(pipeline->dialect)->name);
    return rs_error_hint(err, "leave it out: arrays become text, which PostgreSQL casts to jsonb");
}

static bool open_session(struct rs_pipeline *pipeline, const char *option, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    if (!options->dbname) {
        return true;
    }
    bool shared = options->window && options->window->connect;
    pipeline->connect = shared ? options->window->connect : rs_sync_connect(pipeline->env, options);
    pipeline->session = rs_connect_open(pipeline->connect, err);
    if (!pipeline->session) {
        return false;
    }
    pipeline->dialect = rs_session_dialect(pipeline->session);
    if (option && !rs_dialect_facts(pipeline->dialect)->loads_from_s3) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not use %s: %s loads from no files that were staged", option,
                           rs_dialect_facts(pipeline->dialect)->name);
        return rs_error_hint(err, "they are for Redshift; without them PostgreSQL is loaded too");
    }
    return true;
}

/* Before anything is read for nothing. */
static bool check_target(struct rs_pipeline *pipeline, struct rs_error *err)
{
    const struct rs_sync_window *window = pipeline->options->window;
    return !pipeline->session || (window && window->compare) ||
           rs_target_check(pipeline->session, rs_strbuf_str(&pipeline->schema), err);
}

/* Redshift takes rows from files alone, which are staged in S3. */
static bool needs_staging(const struct rs_pipeline *pipeline)
{
    return pipeline->session && rs_dialect_facts(pipeline->dialect)->loads_from_s3 &&
           !rs_pipeline_only_reads(pipeline);
}

/* A run in shares loads in the end, and that run's COPYs alone have keys. */
static bool check_access(const struct rs_pipeline *pipeline, struct rs_error *err)
{
    return !needs_staging(pipeline) || pipeline->share ||
           rs_s3_access_check(pipeline->session, pipeline->options->iam_role, "--iam-role", err);
}

static bool open_account(struct rs_pipeline *pipeline, struct rs_error *err)
{
    bool needed = needs_staging(pipeline);
    for (size_t i = 0; i < pipeline->options->input_count; i++) {
        needed = needed || rs_source_s3_is_address(pipeline->options->inputs[i]);
    }
    if (needed) {
        pipeline->account = rs_account_open(pipeline->env, &pipeline->options->account, err);
    }
    return !needed || pipeline->account;
}

static bool open_staging(struct rs_pipeline *pipeline, struct rs_error *err)
{
    if (needs_staging(pipeline)) {
        pipeline->staging = rs_staging_open(pipeline, err);
    }
    return !needs_staging(pipeline) || pipeline->staging;
}

static bool check_bundle(struct rs_pipeline *pipeline, struct rs_error *err)
{
    size_t swept = 0;
    bool ok = rs_bundle_check(pipeline->options->bundle, &swept, err);
    if (swept > 0) {
        rs_pipeline_notice(pipeline, "removed what a run that was killed had left of \"%s\"",
                           pipeline->options->bundle);
    }
    return ok;
}

bool rs_pipeline_init(struct rs_pipeline *pipeline, const char *option, struct rs_error *err)
{
    const struct rs_sync_options *options = pipeline->options;
    pipeline->threads = options->threads ? options->threads : rs_workers_default();
    pipeline->started_us = pipeline->env->monotonic_us(pipeline->env);
    pipeline->dialect = RS_DIALECT_REDSHIFT;
    pipeline->inputs = RS_INPUT_LIST_INIT;
    pipeline->discard_examples = rs_discard_examples_new();
    pipeline->schema = RS_STRBUF_INIT(SCHEMA_MAX);
    pipeline->null_text = RS_STRBUF_INIT(NULL_TEXT_MAX);
    if ((options->bundle && !check_bundle(pipeline, err)) ||
        !rs_record_check_reject_file(options, err) || !read_select(pipeline, err) ||
        !rs_days_parse(options->since, options->until, &pipeline->days, err) ||
        !open_session(pipeline, option, err) || !check_access(pipeline, err) ||
        !check_arrays(pipeline, err)) {
        return false;
    }
    pipeline->name_limit = rs_dialect_facts(pipeline->dialect)->name_max_bytes;
    rs_name_schema(rs_str_from(options->schema), pipeline->name_limit, &pipeline->schema);
    pipeline->report->schema = rs_mem_strdup(rs_strbuf_cstr(&pipeline->schema));
    pipeline->report->database =
        pipeline->session ? rs_mem_strdup(rs_session_database(pipeline->session)) : NULL;
    return check_target(pipeline, err) && read_clock(pipeline, err) &&
           open_account(pipeline, err) && open_staging(pipeline, err);
}

void rs_pipeline_release(struct rs_pipeline *pipeline)
{
    rs_layout_release(&pipeline->layout);
    rs_layout_release(&pipeline->tables_left_out);
    rs_plan_release(&pipeline->plan);
    rs_schema_release(&pipeline->wanted);
    rs_schema_release(&pipeline->existing);
    rs_schema_release(&pipeline->misnamed);
    rs_repertoire_release(&pipeline->repertoire);
    rs_intake_release(&pipeline->intake);
    rs_discard_examples_free(pipeline->discard_examples);
    rs_cardinality_limit_free(pipeline->cardinality);
    rs_staging_free(pipeline->staging);
    rs_keep_alive_end(pipeline);
    rs_session_close(pipeline->session);
    if (!pipeline->options->window || !pipeline->options->window->connect) {
        rs_connect_free(pipeline->connect);
    }
    rs_filter_free(pipeline->filter);
    if (pipeline->options->window) {
        rs_window_close(pipeline);
    } else {
        rs_input_list_release(&pipeline->inputs);
    }
    rs_account_close(pipeline->account);
    rs_mem_free(pipeline->left_out);
    rs_strbuf_release(&pipeline->schema);
    rs_strbuf_release(&pipeline->null_text);
}
