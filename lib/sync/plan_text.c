/*
 * A run's plan as text: what would change in words, then the SQL; for a bundle, the load.sql that
 * brings it into Redshift. Nothing here touches the database or S3, so what a run only knows
 * later is a word in capitals there (SYNC-ID), and keys are never shown.
 */
#include "sync/plan_text.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/load.h"
#include "rows/encode.h"
#include "rows/table_writer.h"
#include "sync/table_limit.h"
#include "warehouse/copy.h"
#include "warehouse/ddl.h"

enum { SQL_MAX = 256 << 20, STEP_MAX = 1024, URL_MAX = 4096 };

static const enum rs_copy_compression compressions[] = {
    [RS_COMPRESS_ZSTD] = RS_COPY_ZSTD,
    [RS_COMPRESS_GZIP] = RS_COPY_GZIP,
    [RS_COMPRESS_NONE] = RS_COPY_PLAIN,
};

static const char *verb_of(const struct rs_plan_step *step)
{
    static const char *const verbs[] = {[RS_PLAN_CREATE_SCHEMA] = "create schema",
                                        [RS_PLAN_CREATE_TABLE] = "create table",
                                        [RS_PLAN_ADD_COLUMN] = "add column",
                                        [RS_PLAN_WIDEN_COLUMN] = "widen column",
                                        [RS_PLAN_KEEP_COLUMN] = "keep column"};
    return step->replacement.length > 0 ? "widen or replace column" : verbs[step->kind];
}

static void append_type(const struct rs_plan_step *step, struct rs_strbuf *out)
{
    rs_coltype_append_ddl(step->kind == RS_PLAN_KEEP_COLUMN ? step->from : step->to, out);
}

/* A change to the schema in words: "add column tracks.context_ip varchar(512)". */
static void append_step(const struct rs_plan *plan, const struct rs_plan_step *step,
                        struct rs_strbuf *out)
{
    rs_strbuf_append(out, verb_of(step));
    rs_strbuf_append_char(out, ' ');
    rs_strbuf_append_str(out, step->table.length > 0 ? step->table : plan->schema);
    if (step->column.length > 0) {
        rs_strbuf_append_char(out, '.');
        rs_strbuf_append_str(out, step->column);
        rs_strbuf_append_char(out, ' ');
        append_type(step, out);
    }
    if (step->why.length > 0) {
        rs_strbuf_append(out, ": ");
        rs_strbuf_append_str(out, step->why);
    }
}

/* A step as the report has it; its texts are the report's. */
static struct rs_sync_change change_of(const struct rs_plan_step *step)
{
    struct rs_sync_change change = {.verb = verb_of(step)};
    struct rs_strbuf type = RS_STRBUF_INIT(STEP_MAX);
    if (step->table.length > 0) {
        change.table = rs_mem_strndup(step->table.data, step->table.length);
    }
    if (step->column.length > 0) {
        append_type(step, &type);
        change.column = rs_mem_strndup(step->column.data, step->column.length);
        change.type = rs_mem_strdup(rs_strbuf_cstr(&type));
    }
    change.columns = step->definition ? step->definition->column_count : 0;
    rs_strbuf_release(&type);
    return change;
}

void rs_plan_tell(const struct rs_pipeline *pipeline)
{
    const struct rs_plan *plan = &pipeline->plan;
    struct rs_sync_report *report = pipeline->report;
    struct rs_strbuf text = RS_STRBUF_INIT(STEP_MAX);
    if (pipeline->connect && plan->step_count > 0) {
        report->changes = rs_mem_zalloc(plan->step_count, sizeof *report->changes);
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        rs_strbuf_reset(&text);
        append_step(plan, &plan->steps[i], &text);
        rs_log(&pipeline->env->log, RS_LOG_INFO, "schema: %s", rs_strbuf_cstr(&text));
        if (report->changes) {
            report->changes[report->change_count++] = change_of(&plan->steps[i]);
        }
    }
    rs_strbuf_release(&text);
}

/* Append the prefix of --stage, which ends in '/'. */
static void append_prefix(const struct rs_sync_options *options, struct rs_strbuf *url)
{
    rs_strbuf_append(url, options->stage ? options->stage : "s3://BUCKET/PREFIX");
    if (url->length > 0 && url->data[url->length - 1] != '/') {
        rs_strbuf_append_char(url, '/');
    }
}

void rs_plan_append_load_sql(const struct rs_pipeline *pipeline, struct rs_strbuf *out)
{
    const struct rs_sync_options *options = pipeline->options;
    struct rs_str schema = rs_strbuf_str(&pipeline->schema);
    struct rs_strbuf url = RS_STRBUF_INIT(URL_MAX);
    rs_strbuf_printf(out,
                     "-- Loads new tables of schema %s into Redshift, once: upload the bundle to "
                     "S3,\n-- %s, and run this with psql or the query editor.\n",
                     rs_strbuf_cstr(&pipeline->schema),
                     options->stage ? "to the prefix below"
                                    : "replace BUCKET/PREFIX (or name it with --stage)");
    rs_strbuf_append(out, "BEGIN;\n");
    rs_ddl_append_schema(out, schema);
    rs_strbuf_append(out, ";\n");
    for (size_t i = 0; i < pipeline->wanted.table_count; i++) {
        const struct rs_table *table = &pipeline->wanted.tables[i];
        rs_strbuf_reset(&url);
        append_prefix(options, &url);
        rs_strbuf_append_str(&url, table->name);
        rs_strbuf_append(&url, "/part-");
        struct rs_copy_into into = {schema, table->name, table,
                                    rs_strbuf_str(&pipeline->null_text)};
        struct rs_copy_files files = {.url = rs_strbuf_str(&url),
                                      .access.iam_role = rs_str_from(options->iam_role),
                                      .compression = compressions[options->compress]};
        rs_strbuf_append_char(out, '\n');
        rs_ddl_append_new_table(out, RS_DIALECT_REDSHIFT, schema, table); /* twice would double */
        rs_strbuf_append(out, ";\n");
        rs_copy_append_s3(out, &into, &files);
        rs_strbuf_append(out, ";\n");
    }
    rs_strbuf_append(out, "\nCOMMIT;\n");
    rs_strbuf_release(&url);
}

/* Name the changes to the schema in comments, before the statements that make them. */
static void append_summary(const struct rs_plan *plan, struct rs_strbuf *out)
{
    rs_strbuf_append(out, plan->step_count == 0 ? "-- the schema does not change\n" : "");
    for (size_t i = 0; i < plan->step_count; i++) {
        rs_strbuf_append(out, "-- ");
        append_step(plan, &plan->steps[i], out);
        rs_strbuf_append_char(out, '\n');
    }
}

/* Count what a load would put in and could not store: encode every table into nothing. */
static bool count_rows(struct rs_pipeline *pipeline, struct rs_encode_counts *all,
                       struct rs_error *err)
{
    struct rs_sync_report *report = pipeline->report;
    rs_pipeline_list_tables(pipeline);
    for (size_t i = 0; i < pipeline->layout.table_count; i++) {
        struct rs_table_writer_options options = rs_pipeline_writer_options(pipeline);
        struct rs_encode_counts *counts = &all[i];
        *counts = RS_ENCODE_COUNTS_INIT;
        options.layout = &pipeline->layout.tables[i];
        if (!rs_encode_part(pipeline->intake.rows, 0, 1, &options, counts, err)) {
            return false;
        }
        rs_pipeline_count_table(pipeline, i, counts, counts->rows);
    }
    if (!rs_table_limit_discard(pipeline, NULL, err)) {
        return false;
    }
    if (report->discards > 0) {
        rs_pipeline_notice(pipeline, "%llu value%s would be discarded",
                           (unsigned long long)report->discards, report->discards == 1 ? "" : "s");
    }
    return true;
}

/* The URL of a table's manifest, as lib/sync/staging.c lays the files out. */
static struct rs_str manifest_url(const struct rs_pipeline *pipeline, size_t table,
                                  const char *name, struct rs_strbuf *url)
{
    append_prefix(pipeline->options, url);
    rs_strbuf_append_str(url, rs_strbuf_str(&pipeline->schema));
    rs_strbuf_append(url, "/runs/SYNC-ID/");
    rs_strbuf_append_str(url, pipeline->wanted.tables[table].name);
    rs_strbuf_append(url, name);
    return rs_strbuf_str(url);
}

/* As whom COPY would read; keys are never shown. */
static struct rs_copy_access shown_access(const struct rs_sync_options *options)
{
    if (!options->iam_role) {
        return (struct rs_copy_access){.access_key_id = RS_STR("***"),
                                       .secret_access_key = RS_STR("***")};
    }
    bool named = strcmp(options->iam_role, "default") != 0;
    return (struct rs_copy_access){.iam_role = named ? rs_str_from(options->iam_role) : RS_STR("")};
}

static void append_table(const struct rs_pipeline *pipeline, size_t table,
                         const struct rs_encode_counts *counts, struct rs_strbuf *out)
{
    const struct rs_sync_options *options = pipeline->options;
    struct rs_strbuf rows_url = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf times_url = RS_STRBUF_INIT(URL_MAX);
    bool staged = rs_dialect_facts(pipeline->dialect)->loads_from_s3;
    struct rs_script_stage stage = {
        .files = {.url = manifest_url(pipeline, table, "/rows.manifest", &rows_url),
                  .access = shown_access(options),
                  .region = rs_str_from(options->account.region),
                  .compression = compressions[options->compress],
                  .manifest = true},
        .times_url = manifest_url(pipeline, table, "/times.manifest", &times_url),
        .has_bounds = counts->oldest_us <= counts->newest_us,
        .oldest_us = counts->oldest_us,
        .newest_us = counts->newest_us,
    };
    struct rs_load_request request = {.plan = &pipeline->plan,
                                      .table = &pipeline->wanted.tables[table],
                                      .null_text = rs_strbuf_str(&pipeline->null_text),
                                      .stage = staged ? &stage : NULL,
                                      .sync_id = rs_str_from(pipeline->report->sync_id)};
    rs_load_append_sql(&request, out);
    rs_strbuf_release(&rows_url);
    rs_strbuf_release(&times_url);
}

/* Append lines as comments. */
static void append_comment(struct rs_str lines, struct rs_strbuf *out)
{
    while (lines.length > 0) {
        size_t end = rs_str_find_byte(lines, '\n');
        size_t next = end == SIZE_MAX ? lines.length : end + 1;
        rs_strbuf_append(out, "-- ");
        rs_strbuf_append_str(out, rs_str_slice(lines, 0, next));
        lines = rs_str_slice(lines, next, lines.length);
    }
}

/* The statements that come before the load of a table: longer varchars, where they stand alone. */
static void append_widening(const struct rs_pipeline *pipeline, struct rs_str table,
                            struct rs_strbuf *out)
{
    const struct rs_plan *plan = &pipeline->plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct rs_plan_step *step = &plan->steps[i];
        if (!rs_dialect_facts(pipeline->dialect)->widens_alone ||
            step->kind != RS_PLAN_WIDEN_COLUMN || !rs_str_equal(step->owner, table)) {
            continue;
        }
        rs_ddl_append_step(out, pipeline->dialect, plan->schema, step);
        rs_strbuf_append(out, ";\n");
        if (step->replacement.length > 0) {
            rs_strbuf_append(out, "-- or, where Redshift refuses that:\n");
            append_comment(step->replacement, out);
        }
    }
}

/* The statements of a load into what the database has. */
static void append_load(const struct rs_pipeline *pipeline, const struct rs_encode_counts *counts,
                        struct rs_strbuf *out)
{
    const struct rs_plan *plan = &pipeline->plan;
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].owner.length == 0) {
            rs_ddl_append_step(out, pipeline->dialect, plan->schema, &plan->steps[i]);
            rs_strbuf_append(out, ";\n");
        }
    }
    for (size_t i = 0; i < pipeline->wanted.table_count; i++) {
        append_widening(pipeline, pipeline->wanted.tables[i].name, out);
        append_table(pipeline, i, &counts[i], out);
    }
}

bool rs_plan_print(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_strbuf *out = &pipeline->report->plan_sql;
    struct rs_encode_counts *counts = rs_mem_zalloc(pipeline->layout.table_count, sizeof *counts);
    *out = RS_STRBUF_INIT(SQL_MAX);
    bool ok = count_rows(pipeline, counts, err);
    append_summary(&pipeline->plan, out);
    if (ok && pipeline->session) {
        append_load(pipeline, counts, out);
    } else if (ok) {
        rs_plan_append_load_sql(pipeline, out);
    }
    rs_mem_free(counts);
    return ok &&
           (rs_strbuf_ok(out) ||
            rs_error_set(err, RS_E_LIMIT, "could not print the plan: it is longer than 256 MiB"));
}
