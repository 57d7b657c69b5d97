/*
 * The ledger's side of a run. What is written between the first table and the end is only "this
 * run is at work"; the inputs count as loaded with the last transaction, which also brings the
 * rejects and discards, so that they are there once whatever happens.
 */
#include "sync/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/mem.h"
#include "base/timefmt.h"
#include "codec/csv.h"
#include "codec/utf8.h"
#include "ledger/ledger_runs.h"
#include "ledger/ledger_windows.h"
#include "ledger/schema_lock.h"
#include "sync/encoding.h"
#include "sync/keep_alive.h"
#include "sync/reasons.h"
#include "sync/run_window.h"
#include "sync/staging.h"
#include "warehouse/catalog.h"

enum {
    NOTICES_MAX = 1 << 20,
    LINE_MAX_BYTES = 1 << 20,
    FINISH_ATTEMPTS = 6,
    READER_WAIT_MS = 250,
    READER_WAITS = 40,
};

/* --- rejects and discards as CSV ---------------------------------------------------------------- */

static bool encode_discards(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    return rs_spool_copy(arg, 0, rs_spool_end(arg), sink, err);
}

struct reject_writer {
    const struct rs_pipeline *pipeline;
    struct rs_sink *sink;
    struct rs_strbuf line;
    struct rs_strbuf name;
    char now[RS_TIMEFMT_MAX];
    size_t now_length;
};

/* An input's name as text: a file's name may hold any bytes. */
static struct rs_str clean_name(struct reject_writer *writer, const char *name)
{
    struct rs_str raw = rs_str_from(name);
    rs_strbuf_reset(&writer->name);
    char *place = rs_strbuf_reserve(&writer->name, raw.length * RS_UTF8_ESCAPE_GROWTH);
    if (place) {
        rs_strbuf_commit(&writer->name, rs_utf8_escape(raw, place));
    }
    struct rs_str clean = rs_strbuf_str(&writer->name);
    clean.length = rs_utf8_cut(clean, RS_LEDGER_NAME_BYTES);
    return clean;
}

static void append_number(struct rs_strbuf *line, uint64_t number)
{
    rs_strbuf_append_u64(line, number);
    rs_strbuf_append_char(line, ',');
}

/* A line of rs_rejects: sync id, input, line, byte_offset, reason, text, rejected_at. */
static bool write_reject(void *arg, const struct rs_reject_record *record, struct rs_error *err)
{
    struct reject_writer *writer = arg;
    const struct rs_pipeline *pipeline = writer->pipeline;
    rs_strbuf_reset(&writer->line);
    rs_csv_append(&writer->line, rs_pipeline_row_id(pipeline), ',');
    rs_csv_append(&writer->line, clean_name(writer, pipeline->inputs.items[record->input].name),
                  ',');
    append_number(&writer->line, record->place.line);
    append_number(&writer->line, record->place.byte);
    rs_csv_append(&writer->line, rs_str_from(record->reason), ',');
    rs_csv_append(&writer->line, record->text, ',');
    rs_csv_append(&writer->line, (struct rs_str){writer->now, writer->now_length}, '\n');
    return writer->sink->write(writer->sink, writer->line.data, writer->line.length, err);
}

bool rs_record_encode_rejects(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    const struct rs_pipeline *pipeline = arg;
    struct reject_writer writer = {.pipeline = pipeline,
                                   .sink = sink,
                                   .line = RS_STRBUF_INIT(LINE_MAX_BYTES),
                                   .name = RS_STRBUF_INIT(LINE_MAX_BYTES)};
    writer.now_length = rs_timefmt_format(pipeline->now_us, writer.now);
    bool ok = rs_reject_log_each(pipeline->intake.rejects, write_reject, &writer, err);
    rs_strbuf_release(&writer.line);
    rs_strbuf_release(&writer.name);
    return ok;
}

bool rs_record_check_reject_file(const struct rs_sync_options *options, struct rs_error *err)
{
    const char *path = options->rejects_file;
    struct stat info = {0};
    int number = 0;
    if (!path || options->plan_only) {
        return true;
    }
    if (stat(path, &info) == 0) { /* not opened: that would wake the reader of a pipe */
        number = S_ISDIR(info.st_mode) ? EISDIR : access(path, W_OK) != 0 ? errno : 0;
    } else if (errno != ENOENT) {
        number = errno;
    } else {
        number = rs_fs_check_place(path);
    }
    if (number != 0) {
        (void)rs_error_errno(err, RS_E_IO, number, "append rejects to", path);
        return rs_error_hint(err, "--rejects names a file that you may write to");
    }
    return true;
}

/* A pipe without a reader would be waited for without end: a reader has some seconds to come. */
static int open_rejects(const struct rs_pipeline *pipeline, const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
    int fd = open(path, flags, 0666);
    for (int i = 0; fd < 0 && errno == ENXIO && i < READER_WAITS; i++) {
        if (i == 0) {
            rs_log(&pipeline->env->log, RS_LOG_NOTICE,
                   "waiting for somebody to read \"%s\", which is a pipe", path);
        }
        pipeline->env->sleep_ms(pipeline->env, READER_WAIT_MS);
        fd = open(path, flags, 0666);
    }
    return fd;
}

bool rs_record_reject_file(const struct rs_pipeline *pipeline, struct rs_error *err)
{
    const char *path = pipeline->options->rejects_file;
    if (!path || rs_reject_log_count(pipeline->intake.rejects) == 0) {
        return true;
    }
    int fd = open_rejects(pipeline, path);
    bool ok = fd >= 0;
    if (!ok && errno == ENXIO) {
        (void)rs_error_set(err, RS_E_IO,
                           "could not append rejects to \"%s\": it is a pipe that nobody reads",
                           path);
    } else if (!ok) {
        (void)rs_error_errno(err, RS_E_IO, errno, "append rejects to", path);
    }
    ok = ok && rs_reject_log_copy(pipeline->intake.rejects, fd, path, err);
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = rs_error_errno(err, RS_E_IO, errno, "append rejects to", path);
    }
    if (!ok && err->code == RS_E_IO) { /* all else is done */
        err->code = RS_E_PARTIAL;
        err->hint[0] = '\0';
        (void)rs_error_hint(err, "everything is loaded; find the rejected lines in %s",
                            pipeline->connect ? "rs_rejects" : "the bundle's rejects.ndjson");
    }
    return ok;
}

/* --- the ledger ----------------------------------------------------------------------------------- */

struct rs_ledger_input rs_record_input(const struct rs_pipeline *pipeline, size_t i)
{
    const struct rs_input *input = &pipeline->inputs.items[i];
    const struct rs_intake_counts *by_input = pipeline->intake.by_input;
    return (struct rs_ledger_input){.name = rs_str_from(input->identity),
                                    .version = rs_str_from(input->version),
                                    .size_bytes = input->size_bytes,
                                    .events = by_input ? by_input[i].events : 0,
                                    .rejects = by_input ? by_input[i].rejects : 0,
                                    .lines =
                                        by_input ? by_input[i].events + by_input[i].rejects : 0};
}

/* Learn which characters of the inputs' names the ledger cannot have. */
static bool learn_names(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_codepoints seen = RS_CODEPOINTS_INIT;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        rs_codepoints_add_text(&seen, rs_record_input(pipeline, i).name);
    }
    bool ok = rs_encoding_learn(pipeline, &seen, err);
    rs_codepoints_release(&seen);
    return ok;
}

static bool skip_loaded(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_map *loaded = rs_map_new(pipeline->env->random_u64(pipeline->env));
    struct rs_strbuf name = RS_STRBUF_INIT(LINE_MAX_BYTES);
    bool ok =
        learn_names(pipeline, err) &&
        rs_ledger_read_inputs(pipeline->session, rs_strbuf_str(&pipeline->schema), loaded, err);
    for (size_t i = 0; ok && i < pipeline->inputs.count; i++) {
        const struct rs_input *input = &pipeline->inputs.items[i];
        struct rs_ledger_input key = rs_record_input(pipeline, i);
        rs_strbuf_reset(&name);
        rs_encoding_text(pipeline, key.name, &name);
        key.name = rs_strbuf_str(&name);
        if (input->identity && !pipeline->left_out[i] && rs_ledger_input_is_loaded(loaded, &key)) {
            rs_log(&pipeline->env->log, RS_LOG_INFO, "left out \"%s\": loaded before", input->name);
            pipeline->left_out[i] = true;
            pipeline->report->inputs_skipped++;
        }
    }
    rs_strbuf_release(&name);
    rs_map_free(loaded);
    return ok;
}

bool rs_record_skip_loaded(struct rs_pipeline *pipeline, struct rs_error *err)
{
    return !pipeline->connect || pipeline->options->window ||
           rs_keep_alive_try(pipeline, skip_loaded, err);
}

static struct rs_ledger_run run_of(const struct rs_pipeline *pipeline)
{
    return (struct rs_ledger_run){.dialect = pipeline->dialect,
                                  .schema = rs_strbuf_str(&pipeline->schema),
                                  .sync_id = rs_str_from(pipeline->report->sync_id),
                                  .tool_version = RS_STR(RS_VERSION),
                                  .started_us = pipeline->now_us};
}

/* Wait for what a killed run may have left at work in the schema, which is this run's now. */
static bool drain(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&pipeline->schema);
    bool loads = true; /* the ledger's table, which PostgreSQL's way to wait does without */
    if (!rs_dialect_facts(pipeline->dialect)->has_advisory_locks &&
        !rs_ledger_has_table(pipeline->session, schema, "rs_loads", &loads, err)) {
        return false;
    }
    return !loads || rs_load_drain(pipeline->session, schema, err);
}

/* The run begins, unless the schema is paused; where a ledger is, it says so. */
static bool start_run(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&pipeline->schema);
    struct rs_ledger_run run = run_of(pipeline);
    const bool locked = pipeline->keep_alive != NULL;
    bool paused = false;
    if ((locked && !drain(pipeline, err)) ||
        !rs_ledger_is_paused(pipeline->session, schema, &paused, err)) {
        return false;
    }
    if (paused) {
        (void)rs_error_set(err, RS_E_BUSY, "could not start: schema \"%s\" is paused",
                           rs_strbuf_cstr(&pipeline->schema));
        return rs_error_hint(err, "rs-sync --resume lets it go on");
    }
    rs_schema_release(&pipeline->existing);
    if (!rs_catalog_read(pipeline->session, schema, &pipeline->existing, err)) {
        return false;
    }
    if (locked && rs_schema_find_table(&pipeline->existing, RS_STR("rs_syncs"))) {
        pipeline->recorded = rs_ledger_start(pipeline->session, &run, err);
        return pipeline->recorded;
    }
    return true;
}

bool rs_record_enter(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&pipeline->schema);
    bool lockable = true;
    if (!pipeline->session) {
        return true;
    }
    if (rs_pipeline_only_reads(pipeline)) {
        return rs_catalog_read(pipeline->session, schema, &pipeline->existing, err);
    }
    if (!rs_dialect_facts(pipeline->dialect)->has_advisory_locks &&
        !rs_ledger_has_table(pipeline->session, schema, "rs_lock", &lockable, err)) {
        return false;
    }
    bool share = pipeline->share != NULL; /* it only reads, beside any others */
    return (share || !lockable || rs_keep_alive_take(pipeline, err)) &&
           rs_keep_alive_try(pipeline, start_run, err);
}

/* Seconds since loading began, which is when preparation ended; 0 before that. */
static double load_seconds(const struct rs_pipeline *pipeline)
{
    const struct rs_env *env = pipeline->env;
    double run_seconds = (double)(env->monotonic_us(env) - pipeline->started_us) / 1e6;
    double prepare_seconds = pipeline->report->prepare_seconds;
    return prepare_seconds > 0 ? run_seconds - prepare_seconds : 0;
}

static struct rs_ledger_outcome outcome_of(const struct rs_pipeline *pipeline,
                                           enum rs_ledger_status status)
{
    const struct rs_sync_report *report = pipeline->report;
    return (struct rs_ledger_outcome){
        .status = status,
        .lines = report->lines,
        .events = report->events,
        .rows = report->rows,
        .rejects = report->rejects,
        .skips = report->skips_opt_out + report->skips_select,
        .discards = report->discards,
        .duplicates = report->duplicates,
        .prepare_seconds = report->prepare_seconds,
        .load_seconds = load_seconds(pipeline),
    };
}

static void join_notices(const struct rs_sync_report *report, struct rs_strbuf *out)
{
    for (size_t i = 0; i < report->notice_count; i++) {
        rs_strbuf_append(out, i > 0 ? "\n" : "");
        rs_strbuf_append(out, report->notices[i]);
    }
}

/* What the run was told of, as the ledger has it: empty without any. */
static struct rs_str join_reasons(struct rs_pipeline *pipeline, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    rs_reasons_collect(pipeline);
    if (pipeline->report->reason_count == 0) {
        return RS_STR("");
    }
    size_t count = pipeline->report->reason_count;
    rs_reasons_json(&json, pipeline->report->reasons, count);
    while (out->length > RS_LEDGER_TEXT_MAX && count > 0) { /* whole, or it is no JSON */
        rs_strbuf_reset(out);
        json = RS_JSON_WRITER_INIT(out);
        rs_reasons_json(&json, pipeline->report->reasons, --count);
    }
    return rs_strbuf_str(out);
}

/* Names of inputs that are not loaded as no line is an event: they are read by the next run too. */
static struct rs_str *list_unused(const struct rs_pipeline *pipeline, size_t *count)
{
    struct rs_str *names = rs_mem_zalloc(pipeline->inputs.count, sizeof *names);
    *count = 0;
    for (size_t i = 0; i < pipeline->inputs.count; i++) {
        if (pipeline->left_out[i] && pipeline->intake.by_input[i].rejects > 0) {
            names[(*count)++] = rs_str_from(pipeline->inputs.items[i].name);
        }
    }
    return names;
}

/* Redshift copies rejects and discards from files too, where there are any. */
static bool stage_lines(struct rs_pipeline *pipeline, const char *name, struct rs_ledger_rows *rows,
                        struct rs_error *err)
{
    struct rs_load_source source = rows->source;
    rows->source = (struct rs_load_source){0};
    if (pipeline->staged) { /* the lines are in S3 already */
        return pipeline->staged->find_lines(pipeline->staged->arg, name, rows, err);
    }
    return !source.encode ||
           rs_staging_write_lines(pipeline->staging, name, &source, &rows->files, err);
}

/* As whom COPY reads the lines that are staged, with keys that hold now. */
static bool take_access(const struct rs_pipeline *pipeline, struct rs_ledger_outcome *outcome,
                        struct rs_s3_access *access, struct rs_error *err)
{
    rs_s3_access_release(access);
    if (!pipeline->staging) {
        return true;
    }
    bool ok = rs_staging_take_access(pipeline->staging, access, err);
    outcome->rejected.files.access = access->copy;
    outcome->discarded.files.access = access->copy;
    return ok;
}

/* Name the sources of the run's rejects and discards. */
static bool set_lines(struct rs_pipeline *pipeline, struct rs_spool *discards,
                      struct rs_ledger_outcome *outcome, struct rs_error *err)
{
    bool reads = !pipeline->staged; /* else it has no input of its own */
    if (reads && rs_reject_log_count(pipeline->intake.rejects) > 0) {
        outcome->rejected.source = (struct rs_load_source){rs_record_encode_rejects, pipeline};
    }
    if (rs_spool_end(discards) > 0) {
        outcome->discarded.source = (struct rs_load_source){encode_discards, discards};
    }
    return !pipeline->staging || (stage_lines(pipeline, "rs_rejects", &outcome->rejected, err) &&
                                  stage_lines(pipeline, "rs_discards", &outcome->discarded, err));
}

/* The inputs that are loaded now; items are to be freed. */
struct loaded_inputs {
    struct rs_ledger_input *items;
    size_t count;
};

static void list_loaded(const struct rs_pipeline *pipeline, struct loaded_inputs *out)
{
    size_t count = pipeline->inputs.count;
    out->items = rs_mem_zalloc(count, sizeof *out->items);
    for (size_t i = 0; i < count; i++) {
        if (pipeline->inputs.items[i].identity && !pipeline->left_out[i]) {
            out->items[out->count++] = rs_record_input(pipeline, i);
        }
    }
}

/*
 * Was the run recorded by an attempt that heard no answer? In PostgreSQL its COMMIT may be under way
 * still, which in Redshift would be a conflict. Another status than ours is another run's word.
 */
static bool find_finished(struct rs_pipeline *pipeline, const struct rs_ledger_run *run,
                          enum rs_ledger_status status, bool *out, struct rs_error *err)
{
    return (!rs_dialect_facts(pipeline->dialect)->has_advisory_locks ||
            rs_load_drain(pipeline->session, run->schema, err)) &&
           rs_ledger_has_status(pipeline->session, run, status, out, err);
}

/*
 * All that was loaded is there still? A server that crashes may lose what it has said is committed
 * (synchronous_commit = off in PostgreSQL); its sessions end, which is how the run knows.
 */
static bool check_loads(struct rs_pipeline *pipeline, const struct rs_ledger_run *run,
                        struct rs_error *err)
{
    uint64_t loaded = 0;
    if (!rs_ledger_count_loads(pipeline->session, run, &loaded, err)) {
        return false;
    }
    if (loaded >= pipeline->wanted.table_count) {
        return true;
    }
    (void)rs_error_set(err, RS_E_DATABASE,
                       "could not record how the run ended: of %zu tables that were loaded the "
                       "server has lost %zu",
                       pipeline->wanted.table_count, pipeline->wanted.table_count - (size_t)loaded);
    return rs_error_hint(err, "it has crashed: run again, and all is loaded once more");
}

static bool finish_once(struct rs_pipeline *pipeline, const struct rs_ledger_run *run,
                        struct rs_ledger_outcome *outcome, struct rs_s3_access *access, bool again,
                        struct rs_error *err)
{
    bool done = false;
    if (!rs_keep_alive_session(pipeline, err) ||
        (again && !find_finished(pipeline, run, outcome->status, &done, err))) {
        return false;
    }
    return done || ((!again || rs_keep_alive_lock(pipeline, pipeline->session, err)) &&
                    ((!again && !pipeline->relocked) || check_loads(pipeline, run, err)) &&
                    take_access(pipeline, outcome, access, err) &&
                    rs_ledger_finish(pipeline->session, run, outcome, err));
}

/* The run's last transaction is tried again like those of its tables: all of them are loaded, and it
 * would be a pity. */
static bool finish(struct rs_pipeline *pipeline, const struct rs_ledger_run *run,
                   struct rs_ledger_outcome *outcome, struct rs_error *err)
{
    struct rs_s3_access access = {.keys = RS_CREDENTIALS_INIT};
    bool done = false;
    for (unsigned attempt = 0; attempt < FINISH_ATTEMPTS; attempt++) {
        if (attempt > 0 && !rs_pipeline_try_again(pipeline, attempt, err)) {
            break;
        }
        done = finish_once(pipeline, run, outcome, &access, attempt > 0, err);
        rs_s3_access_renew(&access, err);
        if (done || !err->retryable || pipeline->env->interrupted(pipeline->env)) {
            break;
        }
    }
    rs_s3_access_release(&access);
    return done;
}

bool rs_record_success(struct rs_pipeline *pipeline, struct rs_spool *discards,
                       struct rs_error *err)
{
    struct rs_ledger_run run = run_of(pipeline);
    struct rs_ledger_outcome outcome = outcome_of(
        pipeline, pipeline->report->inputs_failed > 0 ? RS_LEDGER_PARTIAL : RS_LEDGER_SUCCESS);
    struct rs_strbuf notices = RS_STRBUF_INIT(NOTICES_MAX);
    struct rs_strbuf reasons = RS_STRBUF_INIT(NOTICES_MAX);
    struct loaded_inputs loaded = {0};
    struct rs_window_marks marks = {0};
    const struct rs_str *read_again = NULL;
    if (pipeline->options->window) {
        rs_window_describe(pipeline, &marks, &outcome.windows);
        read_again = rs_window_read_again(pipeline, &outcome.read_again_count);
        outcome.read_again = read_again;
    } else if (pipeline->staged) {
        outcome.inputs = pipeline->staged->inputs;
        outcome.input_count = pipeline->staged->input_count;
    } else {
        list_loaded(pipeline, &loaded);
        outcome.inputs = loaded.items;
        outcome.input_count = loaded.count;
        read_again = list_unused(pipeline, &outcome.read_again_count);
        outcome.read_again = read_again;
    }
    outcome.reasons = join_reasons(pipeline, &reasons);
    join_notices(pipeline->report, &notices);
    outcome.notices = rs_strbuf_str(&notices);
    struct rs_encoding_fitted fitted = {0};
    bool ok = rs_keep_alive_hold(pipeline, err) && set_lines(pipeline, discards, &outcome, err) &&
              rs_encoding_fit_outcome(pipeline, &outcome, &fitted, err) &&
              finish(pipeline, &run, &outcome, err);
    rs_encoding_release(&fitted);
    rs_mem_free((void *)read_again);
    rs_mem_free(marks.items);
    rs_mem_free(loaded.items);
    rs_strbuf_release(&notices);
    rs_strbuf_release(&reasons);
    return ok;
}

static void shield(struct rs_pipeline *pipeline, bool on)
{
    rs_keep_alive_reclaim(pipeline);
    if (pipeline->session) {
        rs_session_shield(pipeline->session, on);
    }
}

void rs_record_failure(struct rs_pipeline *pipeline, const struct rs_error *err)
{
    struct rs_ledger_run run = run_of(pipeline);
    struct rs_ledger_outcome outcome =
        outcome_of(pipeline, err->code == RS_E_PARTIAL ? RS_LEDGER_PARTIAL : RS_LEDGER_FAILURE);
    struct rs_error ignored = {0};
    struct rs_encoding_fitted fitted = {0};
    struct rs_strbuf reasons = RS_STRBUF_INIT(NOTICES_MAX);
    outcome.error = rs_str_from(err->message);
    if (!pipeline->recorded) {
        return;
    }
    outcome.reasons = join_reasons(pipeline, &reasons);
    shield(pipeline, true); /* it may be a signal that is recorded */
    bool answers = rs_keep_alive_session(pipeline, &ignored);
    shield(pipeline, true);
    if (!answers || !rs_encoding_fit_outcome(pipeline, &outcome, &fitted, &ignored) ||
        !rs_ledger_finish(pipeline->session, &run, &outcome, &ignored)) {
        rs_log(&pipeline->env->log, RS_LOG_INFO, "could not record the failure: %s",
               ignored.message);
    }
    shield(pipeline, false);
    rs_encoding_release(&fitted);
    rs_strbuf_release(&reasons);
}

/*
 * The first run into a schema in Redshift has nothing to lock before it makes the ledger. When
 * somebody else was quicker, what this run knows of the schema is old.
 */
static bool take_late_lock(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_str schema = rs_strbuf_str(&pipeline->schema);
    bool used = false;
    if (rs_dialect_facts(pipeline->dialect)->has_advisory_locks || pipeline->recorded) {
        return true;
    }
    if ((!pipeline->keep_alive && !rs_keep_alive_take(pipeline, err)) || !drain(pipeline, err) ||
        !rs_ledger_is_used(pipeline->session, schema, rs_str_from(pipeline->report->sync_id), &used,
                           err)) {
        return false;
    }
    if (used) {
        (void)rs_error_set(err, RS_E_BUSY,
                           "could not go on: another run has made schema \"%s\" meanwhile",
                           rs_strbuf_cstr(&pipeline->schema));
        err->retryable = true;
        return rs_error_hint(err, "run again; nothing was changed");
    }
    return true;
}

bool rs_record_begin(struct rs_pipeline *pipeline, struct rs_error *err)
{
    struct rs_ledger_run run = run_of(pipeline);
    if (!rs_ledger_ensure(pipeline->session, run.schema, err) || !take_late_lock(pipeline, err) ||
        (pipeline->options->window &&
         !rs_ledger_ensure_windows(pipeline->session, run.schema, err))) {
        return false;
    }
    if (!pipeline->recorded) {
        pipeline->recorded = rs_ledger_start(pipeline->session, &run, err);
    }
    return pipeline->recorded;
}
