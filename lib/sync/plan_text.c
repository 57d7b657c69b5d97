/*
 * A run's plan as text: what would change in words, then the SQL; for a bundle, the load.sql that
 * brings it into Redshift. Nothing here touches the database.
 */
#include "rs/sync/pipeline.h"

#include <string.h>

#include "rs/stage/encode.h"
#include "rs/stage/table_writer.h"
#include "rs/sync/room.h"
#include "rs/warehouse/copy.h"
#include "rs/warehouse/ddl.h"
#include "rs/warehouse/load.h"

enum { SQL_MAX = 256 << 20, STEP_MAX = 1024, URL_MAX = 4096 };

/* A change to the schema in words: "add column tracks.context_ip varchar(512)". */
static void append_step(const struct rs_plan *plan, const struct rs_step *step,
                        struct rs_strbuf *out)
{
    static const char *const verbs[] = {[RS_STEP_CREATE_SCHEMA] = "create schema",
                                        [RS_STEP_CREATE_TABLE] = "create table",
                                        [RS_STEP_ADD_COLUMN] = "add column",
                                        [RS_STEP_WIDEN_COLUMN] = "widen column"};
    rs_strbuf_append(out, verbs[step->kind]);
    rs_strbuf_append_char(out, ' ');
    rs_strbuf_append_str(out, step->table.length > 0 ? step->table : plan->schema);
    if (step->column.length > 0) {
        rs_strbuf_append_char(out, '.');
        rs_strbuf_append_str(out, step->column);
        rs_strbuf_append_char(out, ' ');
        rs_coltype_append_ddl(step->to, out);
    }
}

void rs_plan_log(const struct rs_pipeline *pipeline)
{
    struct rs_strbuf text = RS_STRBUF_INIT(STEP_MAX);
    for (size_t i = 0; i < pipeline->plan.step_count; i++) {
        rs_strbuf_reset(&text);
        append_step(&pipeline->plan, &pipeline->plan.steps[i], &text);
        rs_log(&pipeline->env->log, RS_LOG_INFO, "schema: %s", rs_strbuf_cstr(&text));
    }
    rs_strbuf_release(&text);
}

static const enum rs_copy_compression compressions[] = {[RS_COMPRESS_ZSTD] = RS_COPY_ZSTD,
                                                        [RS_COMPRESS_GZIP] = RS_COPY_GZIP,
                                                        [RS_COMPRESS_NONE] = RS_COPY_PLAIN};

/* Append the prefix of --stage with a slash at its end. */
static void append_stage(const struct rs_sync_options *options, struct rs_strbuf *out)
{
    rs_strbuf_append(out, options->stage ? options->stage : "s3://BUCKET/PREFIX");
    if (out->length > 0 && out->data[out->length - 1] != '/') {
        rs_strbuf_append_char(out, '/');
    }
}

void rs_pipeline_append_load_sql(const struct rs_pipeline *pipeline, struct rs_strbuf *out)
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
        append_stage(options, &url);
        rs_strbuf_append_str(&url, table->name);
        rs_strbuf_append(&url, "/part-");
        struct rs_copy_into into = {schema, table->name, table,
                                    rs_strbuf_str(&pipeline->null_text)};
        struct rs_copy_files files = {.url = rs_strbuf_str(&url),
                                      .access.iam_role = rs_str_from(options->iam_role),
                                      .compression = compressions[options->compress]};
        rs_strbuf_append_char(out, '\n');
        rs_ddl_append_table(out, RS_DIALECT_REDSHIFT, schema, table);
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
static bool count_rows(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_sync_report *report = pipeline->report;
    rs_pipeline_list_tables(pipeline);
    for (size_t i = 0; i < pipeline->layout.table_count; i++) {
        struct rs_table_writer_options options = rs_pipeline_writer_options(pipeline);
        struct rs_encode_counts counts = RS_ENCODE_COUNTS_INIT;
        options.layout = &pipeline->layout.tables[i];
        if (!rs_encode_part(pipeline->intake.rows, 0, 1, &options, &counts, err)) {
            return false;
        }
        report->tables[i].rows = counts.rows;
        report->tables[i].discards = counts.discards;
        report->rows += counts.rows;
        report->discards += counts.discards;
    }
    if (!rs_room_discard(pipeline, NULL, err)) {
        return false;
    }
    if (report->discards > 0) {
        rs_pipeline_notice(pipeline, "%llu value%s would be discarded",
                           (unsigned long long)report->discards, report->discards == 1 ? "" : "s");
    }
    return true;
}

/* Append the place of a manifest in a run's folder, whose name is not known before the run. */
static void append_manifest(const struct rs_pipeline *pipeline, const struct rs_table *table,
                            const char *name, struct rs_strbuf *out)
{
    append_stage(pipeline->options, out);
    rs_strbuf_append_str(out, rs_strbuf_str(&pipeline->schema));
    rs_strbuf_append(out, "/runs/SYNC-ID/");
    rs_strbuf_append_str(out, table->name);
    rs_strbuf_printf(out, "/%s.manifest", name);
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

/* Append the statements that would load a table, with what Redshift would copy. */
static void append_load(const struct rs_pipeline *pipeline, const struct rs_table *table,
                        struct rs_strbuf *out)
{
    struct rs_strbuf rows = RS_STRBUF_INIT(URL_MAX);
    struct rs_strbuf times = RS_STRBUF_INIT(URL_MAX);
    append_manifest(pipeline, table, "rows", &rows);
    if (table->kind == RS_TABLE_FOLD) {
        append_manifest(pipeline, table, "times", &times);
    }
    struct rs_script_stage stage = {
        .files = {.url = rs_strbuf_str(&rows),
                  .access = shown_access(pipeline->options),
                  .compression = compressions[pipeline->options->compress],
                  .manifest = true},
        .times_url = rs_strbuf_str(&times),
    };
    struct rs_load_request request = {.plan = &pipeline->plan,
                                      .table = table,
                                      .null_text = rs_strbuf_str(&pipeline->null_text),
                                      .stage = &stage,
                                      .sync_id = rs_str_from(pipeline->report->sync_id)};
    rs_load_append_sql(&request, out);
    rs_strbuf_release(&rows);
    rs_strbuf_release(&times);
}

bool rs_plan_print(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_strbuf *out = &pipeline->report->plan_sql;
    *out = RS_STRBUF_INIT(SQL_MAX);
    if (!count_rows(pipeline, err)) {
        return false;
    }
    append_summary(&pipeline->plan, out);
    if (!pipeline->session) {
        rs_pipeline_append_load_sql(pipeline, out);
        return rs_strbuf_ok(out) || rs_error_set(err, RS_E_LIMIT,
                                                 "could not print the plan: it "
                                                 "is longer than 256 MiB");
    }
    for (size_t i = 0; i < pipeline->plan.step_count; i++) {
        if (pipeline->plan.steps[i].owner.length == 0) {
            rs_ddl_append_step(out, pipeline->dialect, pipeline->plan.schema,
                               &pipeline->plan.steps[i]);
            rs_strbuf_append(out, ";\n");
        }
    }
    for (size_t i = 0; i < pipeline->wanted.table_count; i++) {
        append_load(pipeline, &pipeline->wanted.tables[i], out);
    }
    return rs_strbuf_ok(out) ||
           rs_error_set(err, RS_E_LIMIT, "could not print the plan: it is longer than 256 MiB");
}
