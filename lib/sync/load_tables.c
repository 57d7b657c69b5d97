/*
 * Tables are taken one by one, the heaviest first, by a few workers with a connection each. In
 * PostgreSQL a table's rows are encoded as the server takes them, and nothing is kept between; in
 * Redshift they were staged before, and the connection waits while the cluster copies them. What
 * one table cannot have leaves that table as it was and the others loaded.
 *
 * One connection is a must; a server that gives no more than that is loaded over it alone. When a
 * lost connection cannot be had again, no further table is tried.
 */
#include "sync/load_tables.h"

#include <string.h>

#include "base/mem.h"
#include "base/workers.h"
#include "ledger/load.h"
#include "rows/encode.h"
#include "sync/keep_alive.h"
#include "sync/record.h"
#include "sync/staging.h"
#include "sync/table_limit.h"
#include "warehouse/repertoire.h"

enum {
    JOBS_DEFAULT = 4,
    ATTEMPTS = 8,
    NAMES_TOLD = 3,
    NAMES_MAX = 1024,
    LOCK_WAIT_MS = 2000, /* of one try: so long the table's other readers wait behind us */
};

struct table_load {
    struct rs_pipeline *pipeline;
    size_t table;
    uint64_t weight;
    struct rs_spool *discards; /* its worker's */
    unsigned worker;
    uint64_t discards_begin;
    uint64_t discards_end;
    struct rs_refusals refusals; /* the server's, of rows and of characters */
    struct rs_repertoire repertoire;
    struct rs_encode_counts counts;
    struct rs_load_result result;
    bool loaded;
    bool unreachable;  /* the last attempt got no connection */
    bool lost;         /* an attempt lost its connection: it may have been committed */
    int64_t locked_us; /* monotonic: when another's lock was met first; 0: none was */
    struct rs_meter_piece piece;
    struct rs_error err;
};

struct load_work {
    struct rs_pipeline *pipeline;
    struct table_load *loads;
    size_t *order; /* of the loads */
    struct rs_tickets tickets;
    struct rs_spool **discards; /* a worker */
    uint64_t total_weight;
    unsigned jobs;
    struct rs_session *first; /* the run's own, worker 0's for as long as it loads */
};

/* NULL where there are none: then a writer need not look. */
static const struct rs_refusals *refusals_of(const struct table_load *load)
{
    bool any = rs_refusals_count(&load->refusals) > 0 || load->refusals.missing;
    return any ? &load->refusals : NULL;
}

/* The rows' stream. A load that is tried again encodes again: only the last time counts. */
static bool encode_rows(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    struct table_load *load = arg;
    struct rs_table_writer_options options = rs_pipeline_writer_options(load->pipeline);
    options.layout = &load->pipeline->layout.tables[load->table];
    options.rows = sink;
    options.refusals = refusals_of(load);
    options.discards = load->discards;
    options.piece = &load->piece;
    load->counts = RS_ENCODE_COUNTS_INIT;
    load->discards_begin = rs_spool_end(load->discards);
    bool ok = rs_encode_part(load->pipeline->intake.rows, 0, 1, &options, &load->counts, err);
    load->discards_end = rs_spool_end(load->discards);
    return ok;
}

static bool encode_times(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    struct table_load *load = arg;
    struct rs_table_writer_options options = rs_pipeline_writer_options(load->pipeline);
    struct rs_encode_counts ignored = RS_ENCODE_COUNTS_INIT;
    options.layout = &load->pipeline->layout.tables[load->table];
    options.refusals = refusals_of(load);
    options.times = sink;
    options.piece = &load->piece;
    return rs_encode_part(load->pipeline->intake.rows, 0, 1, &options, &ignored, err);
}

static bool end_suspect(void *arg, rs_ref ref, struct rs_error *err)
{
    struct rs_load_taker *taker = arg;
    return taker->end_row(taker, ref, err);
}

/* The rows that the server may have refused, one by one. */
static bool encode_suspects(void *arg, struct rs_load_taker *taker, struct rs_error *err)
{
    struct table_load *load = arg;
    struct rs_table_writer_suspects suspects = {end_suspect, taker};
    struct rs_table_writer_options options = rs_pipeline_writer_options(load->pipeline);
    struct rs_encode_counts ignored = RS_ENCODE_COUNTS_INIT;
    options.layout = &load->pipeline->layout.tables[load->table];
    options.refusals = refusals_of(load);
    options.suspects = &suspects;
    options.rows = &taker->rows;
    options.times = options.layout->rows == RS_LAYOUT_FOLD ? &taker->times : NULL;
    return rs_encode_part(load->pipeline->intake.rows, 0, 1, &options, &ignored, err);
}

static void refuse_row(void *arg, uint64_t ref)
{
    struct table_load *load = arg;
    rs_refusals_add(&load->refusals, ref);
}

/* Ask for all characters of the table's rows that were not asked for. */
static bool learn_characters(void *arg, struct rs_session *session, bool *found,
                             struct rs_error *err)
{
    struct table_load *load = arg;
    struct rs_codepoints seen = RS_CODEPOINTS_INIT;
    struct rs_codepoints_collector collector = rs_codepoints_collect(&seen);
    struct rs_table_writer_options options = rs_pipeline_writer_options(load->pipeline);
    struct rs_encode_counts ignored = RS_ENCODE_COUNTS_INIT;
    size_t before = load->repertoire.missing.count;
    options.layout = &load->pipeline->layout.tables[load->table];
    options.rows = &collector.sink;
    bool ok = rs_encode_part(load->pipeline->intake.rows, 0, 1, &options, &ignored, err) &&
              rs_repertoire_learn(&load->repertoire, session, &seen, err);
    load->refusals.missing = &load->repertoire.missing;
    *found = load->repertoire.missing.count > before;
    rs_codepoints_release(&seen);
    return ok;
}

/* Rows of the run's that the table has now: those of shards are one where they have the same id. */
static uint64_t loaded_rows(const struct table_load *load)
{
    return load->counts.rows - load->result.duplicates;
}

/* Load over an open session; from files, with keys that hold now. */
static bool load_over(struct table_load *load, struct rs_session *session,
                      struct rs_load_request *request)
{
    const struct rs_staging *staging = load->pipeline->staging;
    struct rs_s3_access access = {.keys = RS_CREDENTIALS_INIT};
    struct rs_script_stage stage = {0};
    if (staging) {
        if (!rs_staging_take_access(staging, &access, &load->err)) {
            return false;
        }
        stage = rs_staging_find_table(staging, load->table, &access);
        load->counts = rs_staging_counts(staging, load->table);
        request->stage = &stage;
    }
    bool ok = rs_load_table(session, request, &load->result, &load->err);
    if (!ok) {
        rs_s3_access_renew(&access, &load->err);
    }
    rs_s3_access_release(&access);
    return ok;
}

/* Load once, over a connection that is opened when there is none. */
static bool load_once(struct table_load *load, struct rs_session **session)
{
    struct rs_pipeline *pipeline = load->pipeline;
    struct rs_load_request request = {
        .plan = &pipeline->plan,
        .table = &pipeline->wanted.tables[load->table],
        .null_text = rs_strbuf_str(&pipeline->null_text),
        .rows = {encode_rows, load},
        .times = {encode_times, load},
        .sync_id = rs_str_from(pipeline->report->sync_id),
        .lock_wait_ms = rs_pipeline_lock_seconds(pipeline) > 1 ? LOCK_WAIT_MS : LOCK_WAIT_MS / 2,
        .again = load->lost,
        .piece = &load->piece,
    };
    if (!pipeline->staging) { /* rows of files that are staged are not at hand to try again */
        request.refusals =
            (struct rs_load_refusals){encode_suspects, refuse_row, learn_characters, load};
    }
    rs_error_clear(&load->err);
    if (!*session) {
        *session = rs_connect_open(pipeline->connect, &load->err);
    }
    load->unreachable = !*session;
    bool ours = *session && rs_keep_alive_lock(pipeline, *session, &load->err);
    request.lock_holder = rs_keep_alive_holder(pipeline);
    load->loaded = ours && load_over(load, *session, &request);
    if (load->loaded) {
        rs_log(&pipeline->env->log, RS_LOG_INFO, "loaded \"%.*s\": %llu rows",
               RS_STR_ARG(request.table->name), (unsigned long long)loaded_rows(load));
    }
    if (load->err.code == RS_E_NET) {
        load->lost = true;
        rs_session_close(*session);
        *session = NULL;
    }
    return load->loaded;
}

/*
 * PostgreSQL makes a type "_users" with a table "users", so tables "users" and "_users" that are
 * made at the same time meet in its catalog, and one of them fails: a duplicate key there, a type
 * that exists, a tuple concurrently updated. A second try gets another name for the type.
 */
static bool met_in_catalog(const struct rs_error *err)
{
    return (strcmp(err->detail, "23505") == 0 && strstr(err->message, "\"pg_type_")) ||
           strcmp(err->detail, "42710") == 0 ||
           (strcmp(err->detail, "XX000") == 0 && strstr(err->message, "concurrently"));
}

/* Somebody has a lock that may go. That another run was at work (sync/keep_alive.h) is so for good. */
static bool is_locked_out(const struct table_load *load)
{
    return load->err.code == RS_E_BUSY && load->err.retryable;
}

/* Is it worth to try again? Another's lock is waited for by time, all else by attempts. */
static bool may_try_again(struct table_load *load, unsigned attempts)
{
    const struct rs_env *env = load->pipeline->env;
    if (load->loaded || env->interrupted(env)) {
        return false;
    }
    if (!is_locked_out(load)) {
        return attempts < ATTEMPTS && (load->err.retryable || met_in_catalog(&load->err));
    }
    int64_t now_us = env->monotonic_us(env);
    if (load->locked_us == 0) {
        load->locked_us = now_us;
        rs_log(&env->log, RS_LOG_NOTICE, "waiting: %s", load->err.message);
    }
    return now_us - load->locked_us < (int64_t)rs_pipeline_lock_seconds(load->pipeline) * 1000000;
}

/*
 * Load, again where that helps; false when the server is gone, which is so for all tables. With
 * *later, a table that another has locked is left for later, and *later says so.
 */
static bool load_table(struct table_load *load, struct rs_session **session, bool *later)
{
    unsigned attempts = 0;
    do {
        if (attempts > 0 && !rs_pipeline_try_again(load->pipeline, attempts, &load->err)) {
            break;
        }
        (void)load_once(load, session);
        attempts++;
        if (later && is_locked_out(load)) {
            *later = may_try_again(load, attempts);
            break;
        }
    } while (may_try_again(load, attempts));
    return !load->unreachable;
}

/* One more session; without one, the other workers do the work. */
static struct rs_session *open_other(const struct rs_pipeline *pipeline)
{
    struct rs_error err = {0};
    struct rs_session *session = rs_connect_open(pipeline->connect, &err);
    if (!session) {
        rs_log(&pipeline->env->log, RS_LOG_INFO, "loading over fewer connections: %s", err.message);
    }
    return session;
}

/* What a worker has. */
struct share {
    struct load_work *work;
    struct rs_session *session;
    unsigned worker;
};

/* Load a table, or find that it is to be tried later. */
static bool take_table(struct share *share, struct table_load *load, bool *later,
                       struct rs_error *err)
{
    struct load_work *work = share->work;
    const struct rs_pipeline *pipeline = work->pipeline;
    load->discards = work->discards[share->worker];
    load->worker = share->worker;
    rs_meter_begin(&load->piece, pipeline->options->meter,
                   pipeline->wanted.tables[load->table].name, (double)load->weight);
    if (!load_table(load, &share->session, later)) {
        rs_tickets_stop(&work->tickets);
    }
    if (later && *later) {
        rs_meter_pause(&load->piece);
    } else {
        rs_meter_end(&load->piece);
    }
    return rs_env_check_interrupt(work->pipeline->env, err);
}

/*
 * Take tables as long as there are any. Those that another has locked come last, so that they hold up
 * no other table.
 */
static bool load_share(void *arg, unsigned worker, struct rs_error *err)
{
    struct load_work *work = arg;
    struct share share = {.work = work,
                          .session = worker == 0 ? work->first : open_other(work->pipeline),
                          .worker = worker};
    struct table_load **locked = rs_mem_zalloc(work->tickets.count, sizeof(struct table_load *));
    size_t locked_count = 0;
    size_t number = 0;
    bool ok = share.session != NULL;
    while (ok && rs_tickets_take(&work->tickets, &number)) {
        struct table_load *load = &work->loads[work->order[number]];
        bool later = false;
        ok = take_table(&share, load, &later, err);
        if (later) {
            locked[locked_count++] = load;
        }
    }
    for (size_t i = 0; ok && i < locked_count; i++) {
        ok = take_table(&share, locked[i], NULL, err);
    }
    if (err->code != RS_OK) {
        rs_tickets_stop(&work->tickets);
    }
    rs_mem_free(locked);
    if (worker == 0) {
        work->first = share.session; /* is the run's again */
    } else {
        rs_session_close(share.session);
    }
    return err->code == RS_OK;
}

/* How much a table is: of what is staged, else of what is to be encoded. */
static uint64_t weight_of(const struct rs_pipeline *pipeline, size_t table)
{
    return pipeline->staging
               ? rs_staging_bytes(pipeline->staging, table)
               : rs_rows_weight(pipeline->intake.rows, &pipeline->layout.tables[table]);
}

static void order_loads(struct load_work *work, size_t count)
{
    uint64_t *weights = rs_mem_zalloc(count, sizeof *weights);
    work->loads = rs_mem_zalloc(count, sizeof *work->loads);
    for (size_t i = 0; i < count; i++) {
        weights[i] = weight_of(work->pipeline, i);
        work->loads[i] =
            (struct table_load){.pipeline = work->pipeline, .table = i, .weight = weights[i]};
        work->total_weight += weights[i];
    }
    work->order = rs_workers_order(weights, count);
    work->tickets.count = count;
    rs_mem_free(weights);
}

static bool keep_discards(const struct load_work *work, const struct table_load *load,
                          struct rs_spool *discards, struct rs_error *err)
{
    struct rs_spool_sink sink = rs_spool_sink(discards);
    return work->pipeline->staging
               ? rs_staging_copy_discards(work->pipeline->staging, load->table, &sink.sink, err)
               : rs_spool_copy(work->discards[load->worker], load->discards_begin,
                               load->discards_end, &sink.sink, err);
}

/* Of rows that others have staged: a run that stages its own has settled them before. */
static uint64_t count_duplicates(const struct rs_pipeline *pipeline, const char *table,
                                 const struct table_load *load)
{
    const struct rs_run_staged *staged = pipeline->staged;
    return staged ? staged->duplicates(staged->arg, table, load->result.duplicates) : 0;
}

/*
 * The server's count of rows is held against ours. Both may be right: a trigger deals rows out to
 * other tables where a table is partitioned by one.
 */
static void notice_stored(struct rs_pipeline *pipeline, const struct table_load *load)
{
    const struct rs_load_result *result = &load->result;
    uint64_t expected = loaded_rows(load) - result->older;
    if (result->stored < expected) {
        rs_pipeline_notice(
            pipeline,
            "the server put %llu of %llu rows into \"%s\": a trigger or a rule on the "
            "table keeps the others out, or moves them",
            (unsigned long long)result->stored, (unsigned long long)expected,
            pipeline->report->tables[load->table].name);
    }
}

static void notice_refusals(struct rs_pipeline *pipeline, const struct table_load *load)
{
    size_t count = rs_refusals_count(&load->refusals);
    if (count > 0) {
        rs_pipeline_notice(
            pipeline,
            "%zu row%s of \"%s\" %s larger than the server takes: values that find no "
            "room are discards",
            count, count == 1 ? "" : "s", pipeline->report->tables[load->table].name,
            count == 1 ? "is" : "are");
    }
}

/* One sentence for all tables that do without an index. */
static void notice_unindexed(struct rs_pipeline *pipeline, const struct table_load *loads,
                             size_t count)
{
    struct rs_strbuf names = RS_STRBUF_INIT(NAMES_MAX);
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        if (loads[i].loaded && loads[i].result.unindexed && told++ < NAMES_TOLD) {
            rs_strbuf_printf(&names, "%s\"%s\"", told > 1 ? ", " : "",
                             pipeline->report->tables[i].name);
        }
    }
    if (told > 0) {
        rs_pipeline_notice(
            pipeline,
            "%zu table%s of other users ha%s no index on \"id\" (%s%s), so loads take "
            "longer: let an owner run CREATE INDEX ON %s.TABLE USING hash (\"id\")",
            told, told == 1 ? "" : "s", told == 1 ? "s" : "ve", rs_strbuf_cstr(&names),
            told > NAMES_TOLD ? " and on" : "", rs_strbuf_cstr(&pipeline->schema));
    }
    rs_strbuf_release(&names);
}

/* Put what came of each table into the report, and its discards where they are kept. */
static bool collect_loads(struct load_work *work, size_t count, struct rs_spool *discards,
                          struct rs_error *err)
{
    struct rs_sync_report *report = work->pipeline->report;
    const struct table_load *failed = NULL;
    size_t loaded = 0;
    bool kept = true;
    for (size_t i = 0; i < count; i++) {
        const struct table_load *load = &work->loads[i];
        if (!load->loaded) {
            const char *why = load->err.code       ? load->err.message
                              : err->code != RS_OK ? err->message
                                                   : "not tried, as the server is gone";
            report->tables[i].error = rs_mem_strdup(why);
            failed = failed ? failed : load->err.code ? load : NULL;
            continue;
        }
        loaded++;
        rs_pipeline_count_table(work->pipeline, i, &load->counts, loaded_rows(load));
        report->duplicates += count_duplicates(work->pipeline, report->tables[i].name, load);
        notice_stored(work->pipeline, load);
        notice_refusals(work->pipeline, load);
        kept = kept && keep_discards(work, load, discards, err);
    }
    notice_unindexed(work->pipeline, work->loads, count);
    if (!kept && loaded > 0) {
        err->code = RS_E_PARTIAL; /* the tables have their rows */
    }
    if (!failed || err->code != RS_OK) {
        return err->code == RS_OK;
    }
    if (loaded == 0) {
        *err = failed->err;
        return false;
    }
    (void)rs_error_set(err, RS_E_PARTIAL, "could not load %zu of %zu tables: %s", count - loaded,
                       count, failed->err.message);
    return rs_error_hint(err, "%s",
                         failed->err.hint[0] ? failed->err.hint
                         : failed->err.retryable
                             ? "run again: the next run loads the rest"
                             : "mend it and run again: the next run loads the rest");
}

static unsigned job_count(const struct rs_pipeline *pipeline, size_t tables)
{
    unsigned jobs = pipeline->options->jobs ? pipeline->options->jobs : JOBS_DEFAULT;
    return tables < 1 ? 1 : jobs < tables ? jobs : (unsigned)tables;
}

/* discards gets the lines of rs_discards, in the order of the tables. */
static bool load_tables(struct rs_pipeline *pipeline, struct rs_spool *discards,
                        struct rs_error *err)
{
    size_t count = pipeline->wanted.table_count;
    struct load_work work = {.pipeline = pipeline, .tickets = RS_TICKETS_INIT(0)};
    work.jobs = job_count(pipeline, count);
    work.discards = rs_mem_zalloc(work.jobs, sizeof(struct rs_spool *));
    for (unsigned i = 0; i < work.jobs; i++) {
        work.discards[i] = rs_spool_new(pipeline->intake.options.tmpdir);
    }
    order_loads(&work, count);
    bool ok = rs_keep_alive_try(pipeline, NULL, err);
    work.first = pipeline->session;
    rs_meter_enter(pipeline->options->meter, "loading",
                   &(struct rs_meter_work){
                       .total = (double)work.total_weight, .pieces = count, .noun = "tables"});
    ok = ok && rs_workers_run(work.jobs, load_share, &work, err);
    rs_meter_leave(pipeline->options->meter);
    pipeline->session = work.first;
    ok = collect_loads(&work, count, discards, err) && ok;
    for (unsigned i = 0; i < work.jobs; i++) {
        rs_spool_free(work.discards[i]);
    }
    for (size_t i = 0; i < count; i++) {
        rs_refusals_release(&work.loads[i].refusals);
        rs_repertoire_release(&work.loads[i].repertoire);
    }
    rs_mem_free(work.discards);
    rs_mem_free(work.loads);
    rs_mem_free(work.order);
    return ok;
}

bool rs_load_tables(struct rs_pipeline *pipeline, struct rs_error *err)
{
    rs_pipeline_start_loading(pipeline);
    struct rs_spool *discards = rs_spool_new(pipeline->intake.options.tmpdir);
    bool loaded = load_tables(pipeline, discards, err);
    bool ok = loaded && rs_table_limit_discard(pipeline, discards, err) &&
              rs_record_success(pipeline, discards, err);
    rs_spool_free(discards);
    if (loaded && !ok && pipeline->wanted.table_count > 0 && err->code != RS_E_INTERRUPTED) {
        err->code = RS_E_PARTIAL; /* the tables have their rows, the ledger does not know */
        (void)rs_error_hint(err, "run again: it is all done once more, and nothing doubles");
    }
    if (ok && pipeline->staging) {
        rs_staging_remove(pipeline->staging);
    }
    rs_pipeline_end_loading(pipeline);
    return ok;
}
