/*
 * What surrounds a run: options become a pipeline, the report is the caller's.
 */
#include "base/fsutil.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "base/workers.h"
#include "codec/digest.h"
#include "read/source_s3.h"
#include "rows/bundle.h"
#include "sync/pipeline.h"
#include "sync/record.h"
#include "sync/shard_set.h"
#include "sync/staging.h"
#include "sync/sync.h"
#include "transform/name.h"

enum {
    SELECT_FILE_MAX = 8 << 20,
    NULL_TEXT_MAX = 32 << 20,
    POSTGRESQL_NAME_LIMIT = 63,
    SCHEMA_MAX = 64 << 10,
};

size_t rs_sync_name_limit(enum rs_dialect dialect)
{
    return dialect == RS_DIALECT_POSTGRESQL ? POSTGRESQL_NAME_LIMIT : RS_NAME_MAX;
}

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
    if (pipeline->options->arrays == RS_ARRAYS_TEXT || pipeline->dialect == RS_DIALECT_REDSHIFT) {
        return true;
    }
    (void)rs_error_set(err, RS_E_USAGE,
                       "could not use --arrays=super: the database is PostgreSQL, and only "
                       "Redshift has the type SUPER");
    return rs_error_hint(err, "leave it out: arrays become text, which PostgreSQL casts to jsonb");
}

struct rs_connect *rs_sync_connect(const struct rs_env *env, const struct rs_sync_options *options)
{
    struct rs_connect_options connect = options->connect;
    connect.conninfo = options->dbname;
    connect.profile = options->account.profile;
    connect.region = options->account.region;
    return rs_connect_new(env, &connect);
}

static bool open_session(struct rs_pipeline *pipeline, struct rs_error *err)
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
    if (pipeline->dialect != RS_DIALECT_REDSHIFT && (options->shard.count > 0 || options->commit)) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "could not use %s: PostgreSQL loads from no files that were staged",
                           options->commit ? "--commit" : "--shard");
        return rs_error_hint(err, "they are for Redshift; without them PostgreSQL is loaded too");
    }
    return true;
}

/* Redshift takes rows from files alone, which are staged in S3. */
static bool needs_staging(const struct rs_pipeline *pipeline)
{
    return pipeline->session && pipeline->dialect == RS_DIALECT_REDSHIFT &&
           !rs_pipeline_only_reads(pipeline);
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

bool rs_pipeline_init(struct rs_pipeline *pipeline, const struct rs_env *env,
                      const struct rs_sync_options *options, struct rs_sync_report *report,
                      struct rs_error *err)
{
    *pipeline = (struct rs_pipeline){
        .env = env,
        .options = options,
        .report = report,
        .threads = options->threads ? options->threads : rs_workers_default(),
        .started_us = env->monotonic_us(env),
        .dialect = RS_DIALECT_REDSHIFT,
        .inputs = RS_INPUT_LIST_INIT,
        .schema = RS_STRBUF_INIT(SCHEMA_MAX),
        .null_text = RS_STRBUF_INIT(NULL_TEXT_MAX),
    };
    if ((options->bundle && !rs_bundle_check(options->bundle, err)) ||
        !rs_record_check_reject_file(options, err) || !read_select(pipeline, err) ||
        !rs_days_parse(options->since, options->until, &pipeline->days, err) ||
        !open_session(pipeline, err) || !check_arrays(pipeline, err)) {
        return false;
    }
    pipeline->name_limit = rs_sync_name_limit(pipeline->dialect);
    rs_name_schema(rs_str_from(options->schema), pipeline->name_limit, &pipeline->schema);
    return read_clock(pipeline, err) && open_account(pipeline, err) && open_staging(pipeline, err);
}

void rs_pipeline_release(struct rs_pipeline *pipeline)
{
    rs_layout_release(&pipeline->layout);
    rs_layout_release(&pipeline->unmade);
    rs_plan_release(&pipeline->plan);
    rs_schema_release(&pipeline->wanted);
    rs_schema_release(&pipeline->files);
    rs_shard_set_free(pipeline->shards);
    rs_schema_release(&pipeline->existing);
    rs_pipeline_release_intake(pipeline);
    rs_staging_free(pipeline->staging);
    rs_session_close(pipeline->session);
    rs_session_close(pipeline->lock.session);
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
    rs_mem_free(pipeline->damaged);
    rs_strbuf_release(&pipeline->schema);
    rs_strbuf_release(&pipeline->null_text);
}

bool rs_sync_run(const struct rs_env *env, const struct rs_sync_options *options,
                 struct rs_sync_report *report, struct rs_error *err)
{
    struct rs_pipeline pipeline;
    report->status = RS_SYNC_FAILURE;
    bool ok =
        rs_pipeline_init(&pipeline, env, options, report, err) && rs_pipeline_run(&pipeline, err);
    rs_pipeline_release(&pipeline);
    return ok;
}
