/* What every step may ask for and no step is. */
#include "sync/pipeline_state.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/retry.h"
#include "rs/name.h"
#include "warehouse/copy.h"

enum {
    NOTICE_MAX = 1024,
    REST_MS = 400, /* before the second attempt at most, see net/retry.h */
    REST_MAX_MS = 15000,
    LOCK_TIMEOUT_SECONDS = 300, /* of all tries, unless --lock-timeout says otherwise */
};

struct rs_connect *rs_sync_connect(const struct rs_env *env, const struct rs_sync_options *options)
{
    struct rs_connect_options connect = options->connect;
    connect.conninfo = options->dbname;
    connect.profile = options->account.profile;
    connect.region = options->account.region;
    return rs_connect_new(env, &connect);
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

void rs_pipeline_count_table(struct rs_pipeline *pipeline, size_t table,
                             const struct rs_encode_counts *counts, uint64_t rows)
{
    struct rs_sync_report *report = pipeline->report;
    report->tables[table].rows = rows;
    report->tables[table].discards = counts->discards;
    report->rows += rows;
    report->discards += counts->discards;
    for (size_t i = 0; i < RS_DISCARD_REASONS; i++) {
        report->discards_by[i] += counts->discards_by[i];
    }
}

void rs_pipeline_leave_out(struct rs_pipeline *pipeline, size_t input, const struct rs_error *why,
                           bool tells)
{
    const char *name = pipeline->inputs.items[input].name;
    bool named = tells && pipeline->report->inputs_failed < RS_FAILURE_NOTICES_MAX;
    if (pipeline->damage.code == RS_OK) {
        pipeline->damage = *why;
    }
    pipeline->left_out[input] = true;
    pipeline->report->inputs_failed++;
    if (named) {
        rs_pipeline_warn(pipeline, "nothing of \"%s\" is loaded: %s%s%s", name, why->message,
                         why->hint[0] != '\0' ? "; " : "", why->hint);
    } else {
        rs_log(&pipeline->env->log, RS_LOG_INFO, "nothing of \"%s\" is loaded: %s", name,
               why->message);
    }
}

struct rs_str rs_pipeline_row_id(const struct rs_pipeline *pipeline)
{
    return rs_str_from(pipeline->share ? pipeline->share->row_id : pipeline->report->sync_id);
}

bool rs_pipeline_only_reads(const struct rs_pipeline *pipeline)
{
    const struct rs_sync_window *window = pipeline->options->window;
    return pipeline->options->plan_only || (window && window->compare);
}

void rs_pipeline_start_loading(struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    double now = (double)env->monotonic_us(env) / 1e6;
    pipeline->report->prepare_seconds = now - (double)pipeline->started_us / 1e6;
}

void rs_pipeline_end_loading(struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    double now = (double)env->monotonic_us(env) / 1e6;
    pipeline->report->load_seconds =
        now - (double)pipeline->started_us / 1e6 - pipeline->report->prepare_seconds;
}

static void add_notice(struct rs_sync_report *report, size_t place, const char *fmt, va_list args)
{
    char text[NOTICE_MAX];
    (void)vsnprintf(text, sizeof text, fmt, args);
    report->notices =
        rs_mem_resize(report->notices, report->notice_count + 1, sizeof *report->notices);
    memmove(report->notices + place + 1, report->notices + place,
            (report->notice_count - place) * sizeof *report->notices);
    report->notices[place] = rs_mem_strdup(text);
    report->notice_count++;
}

void rs_pipeline_notice(struct rs_pipeline *pipeline, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_notice(pipeline->report, pipeline->report->notice_count, fmt, args);
    va_end(args);
}

void rs_pipeline_warn(struct rs_pipeline *pipeline, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_notice(pipeline->report, pipeline->report->warning_count++, fmt, args);
    va_end(args);
}

bool rs_pipeline_try_again(const struct rs_pipeline *pipeline, unsigned attempt,
                           struct rs_error *err)
{
    const struct rs_env *env = pipeline->env;
    struct rs_retry_policy policy = {UINT_MAX, REST_MS, REST_MAX_MS};
    rs_log(&env->log, RS_LOG_INFO, "trying again: %s", err->message);
    if (!rs_env_pause(env, rs_retry_pause_ms(&policy, attempt, env->random_u64(env)), err)) {
        return false;
    }
    rs_error_clear(err);
    return true;
}

unsigned rs_pipeline_lock_seconds(const struct rs_pipeline *pipeline)
{
    const unsigned seconds = pipeline->options->lock_timeout_seconds;
    return seconds > 0 ? seconds : LOCK_TIMEOUT_SECONDS;
}

struct rs_table_writer_options rs_pipeline_writer_options(const struct rs_pipeline *pipeline)
{
    return (struct rs_table_writer_options){
        .null_text = rs_strbuf_str(&pipeline->null_text),
        .sync_id = rs_pipeline_row_id(pipeline),
        .now_us = pipeline->now_us,
        .row_max_bytes = rs_dialect_facts(pipeline->dialect)->row_max_bytes,
        .shard = pipeline->share ? pipeline->share->number : 0,
        .examples = pipeline->discard_examples,
    };
}
