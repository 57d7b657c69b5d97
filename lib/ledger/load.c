/*
 * Runs a script (script.c) step by step in one transaction and feeds its COPYs. Whether a table
 * is empty is asked before the transaction begins, and again under the lock: when somebody put
 * in rows in between, the transaction is rolled back and the merging script runs instead.
 *
 * A killed run may leave a COMMIT that the server is still carrying out, and a new run waits for
 * it (rs_load_drain). In PostgreSQL each load holds an advisory lock, shared with other loads,
 * until its transaction ends, and the new run asks for the same lock alone. Redshift has no such
 * locks, but the last statement of each load writes to rs_loads: a transaction that can still
 * commit has that table locked, and LOCK waits for it.
 *
 * Rows that the server refuses are found by refused_rows.c, which plays the load, and begins it as here.
 *
 * A connection that breaks at the COMMIT leaves open whether it was done. The row in rs_loads tells:
 * loading once more is no way to find out, as a table that the plan makes is filled without a look
 * at what is in it.
 */
#include "ledger/load.h"

#include <string.h>

#include "base/map.h"
#include "base/meter.h"
#include "base/timefmt.h"
#include "ledger/ledger_queries.h"
#include "ledger/refused_rows.h"
#include "ledger/schema_lock.h"
#include "warehouse/load_errors.h"
#include "warehouse/lock_holder.h"
#include "warehouse/repertoire.h"
#include "warehouse/script.h"

enum {
    DRAIN_CLASS = 0x72736c64, /* "rsld": the first key of the advisory lock */
    LINES_MAX = 64 << 10,
    REFUSALS_MAX = 4, /* three of a row, see rows/refusals.h, and one for its characters */
    DRAIN_LIMIT_MS = 5000,
    DRAIN_ATTEMPTS = 60, /* of so long each */
};

/* Append "function(class, hash of the schema's name)". */
static void append_advisory(struct rs_strbuf *sql, const char *function, struct rs_str schema)
{
    int32_t key = (int32_t)(uint32_t)rs_hash64(schema, 0);
    rs_strbuf_printf(sql, "%s(%d, %d)", function, DRAIN_CLASS, (int)key);
}

/* The columns that every merge is built on are of a type that can carry it. */
static bool check_keys(const struct rs_table *table, struct rs_error *err)
{
    const struct rs_column *id = rs_table_find_column(table, RS_STR("id"));
    const struct rs_column *received = rs_table_find_column(table, RS_STR("received_at"));
    bool id_ok = id && (id->type.type == RS_TYPE_VARCHAR || id->type.type == RS_TYPE_TEXT);
    bool received_ok = received && (received->type.type == RS_TYPE_TIMESTAMP ||
                                    received->type.type == RS_TYPE_TIMESTAMPTZ);
    if (id_ok && received_ok) {
        return true;
    }
    (void)rs_error_set(err, RS_E_DATABASE, "its column \"%s\" is %s", id_ok ? "received_at" : "id",
                       id_ok ? "not a timestamp" : "of a type that cannot hold a text");
    return rs_error_hint(err, "rename the table, or the column, and a new one will be made");
}

/*
 * Append the limit for waits for locks, for the transaction: what is set for the session would outlast
 * the load, and behind a pooler meet strangers. Before a statement in the same text it is for that one.
 */
static void append_lock_timeout(struct rs_strbuf *sql, const struct rs_load_request *request)
{
    if (rs_dialect_facts(request->plan->dialect)->has_lock_timeout) {
        rs_strbuf_printf(sql, "SET LOCAL lock_timeout TO %u;\n", request->lock_wait_ms);
    }
}

static bool has_rows(struct rs_session *session, const struct rs_strbuf *sql, bool *out,
                     struct rs_error *err)
{
    struct rs_result *result = rs_session_query(session, sql, err);
    if (!result) {
        return false;
    }
    *out = rs_result_rows(result) > 0;
    rs_result_free(result);
    return true;
}

/* COPY into the table itself names all columns, which one that is not ours may refuse. */
static bool has_others(const struct rs_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type.type == RS_TYPE_OTHER) {
            return true;
        }
    }
    return false;
}

/* In Redshift waits for locks have no limit of the server's, so a statement gets one of ours. */
static bool is_limited(const struct rs_load_request *request)
{
    return request->lock_wait_ms > 0 && !rs_dialect_facts(request->plan->dialect)->has_lock_timeout;
}

/*
 * Look for a row. In Redshift LOCK keeps readers out, too, so the look has a limit: a table where it
 * takes longer is treated as one with rows, and its own LOCK tells what is the matter.
 */
static bool look(struct rs_session *session, const struct rs_load_request *request, bool *full,
                 struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    append_lock_timeout(&sql, request);
    rs_script_append_exists(&sql, request->plan->schema, request->table->name);
    rs_session_limit(session, is_limited(request) ? request->lock_wait_ms : 0);
    bool ok = has_rows(session, &sql, full, err);
    rs_session_limit(session, 0);
    if (rs_session_is_late(err)) {
        rs_error_clear(err);
        ok = true;
        *full = true;
    }
    rs_strbuf_release(&sql);
    return ok;
}

/* The table is made by this load, or has no rows. */
static bool find_fresh(struct rs_session *session, const struct rs_load_request *request,
                       bool *fresh, struct rs_error *err)
{
    bool full = has_others(request->table);
    bool ok = full || rs_plan_creates(request->plan, request->table->name) ||
              look(session, request, &full, err);
    *fresh = !full;
    return ok;
}

static bool feed_copy(struct rs_session *session, const struct rs_strbuf *sql,
                      const struct rs_load_source *source, uint64_t *rows, struct rs_error *err)
{
    struct rs_sink *sink = rs_session_copy_begin(session, sql, err);
    return sink && source->encode(source->arg, sink, err) &&
           rs_session_copy_end(session, rows, err);
}

/* COPY from files: the command's tag has no count in Redshift, so it is asked for. */
static bool run_copy(struct rs_session *session, const struct rs_strbuf *sql, uint64_t *rows,
                     struct rs_error *err)
{
    struct rs_strbuf count = RS_STRBUF_INIT(256);
    rs_strbuf_append(&count, "SELECT pg_last_copy_count()");
    struct rs_result *result =
        rs_session_exec(session, sql, NULL, err) ? rs_session_query(session, &count, err) : NULL;
    bool ok = result && rs_result_u64(result, 0, 0, rows, err);
    rs_result_free(result);
    rs_strbuf_release(&count);
    return ok;
}

static const double COMMIT_WEIGHT = 0.1;

static struct rs_script_target target_of(const struct rs_load_request *request, bool fresh)
{
    return (struct rs_script_target){.plan = request->plan,
                                     .table = request->table,
                                     .null_text = request->null_text,
                                     .fresh = fresh,
                                     .stage = request->stage};
}

/* What a script finds out on its way. */
struct progress {
    struct rs_load_result result;
    uint64_t copied_rows;                   /* by all COPYs of rows */
    const char *batches[RS_SCRIPT_BATCHES]; /* temporary tables that no rollback removes */
    size_t batch_count;
    bool begun;
    bool stale; /* the table is not as the script expects it */
    bool skip;  /* the next step is not needed */
};

static bool copy_rows(struct rs_session *session, const struct rs_load_request *request,
                      const struct rs_script_step *step, uint64_t *rows, struct rs_error *err)
{
    if (!rs_dialect_facts(request->plan->dialect)->loads_from_s3) {
        return feed_copy(session, &step->sql, &request->rows, rows, err);
    }
    if (!run_copy(session, &step->sql, rows, err)) {
        return false;
    }
    if (*rows != step->staged_rows) {
        (void)rs_error_set(err, RS_E_DATABASE, "the COPY took %llu rows of %llu",
                           (unsigned long long)*rows, (unsigned long long)step->staged_rows);
        return rs_error_hint(err, "something else has changed the staged files: give each "
                                  "cluster a --stage prefix of its own, and run again");
    }
    return true;
}

static bool copy_times(struct rs_session *session, const struct rs_load_request *request,
                       const struct rs_strbuf *sql, uint64_t *rows, struct rs_error *err)
{
    return rs_dialect_facts(request->plan->dialect)->loads_from_s3
               ? run_copy(session, sql, rows, err)
               : feed_copy(session, sql, &request->times, rows, err);
}

/* How many ids the rows of all shards have; the others are folded into them. */
static bool count_ids(struct rs_session *session, const struct rs_strbuf *sql,
                      struct progress *progress, uint64_t *rows, struct rs_error *err)
{
    struct rs_result *result = rs_session_query(session, sql, err);
    bool ok = result && rs_result_u64(result, 0, 0, rows, err);
    progress->result.duplicates = ok ? progress->copied_rows - *rows : 0;
    rs_result_free(result);
    return ok;
}

/* Is the next step needed? That a user may not take it is no reason to fail. */
static bool ask_unless(struct rs_session *session, const struct rs_strbuf *sql,
                       struct progress *progress, struct rs_error *err)
{
    struct rs_result *result = rs_session_query(session, sql, err);
    progress->skip = result && rs_result_rows(result) > 0;
    if (progress->skip && !rs_result_is_null(result, 0, 0)) {
        progress->result.unindexed = true;
    }
    rs_result_free(result);
    return err->code == RS_OK;
}

/*
 * Under the lock of rs_load_drain: a run that got the schema after this look waits for the end of
 * this transaction, and one that got it before is seen.
 */
static bool check_lock(struct rs_session *session, const struct rs_load_request *request,
                       struct rs_error *err)
{
    return request->lock_holder == 0 ||
           rs_schema_lock_verify(session, request->plan->schema, request->lock_holder, err);
}

bool rs_load_begin(struct rs_session *session, const struct rs_load_request *request,
                   struct rs_error *err)
{
    const struct rs_plan *plan = request->plan;
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    append_lock_timeout(&sql, request);
    bool ok = rs_session_begin(session, err) &&
              rs_load_hold(session, plan->dialect, plan->schema, err) &&
              check_lock(session, request, err) &&
              (sql.length == 0 || rs_session_exec(session, &sql, NULL, err));
    rs_strbuf_release(&sql);
    return ok;
}

/*
 * LOCK is a transaction's first statement in Redshift. All who want to read the table would wait
 * behind it.
 */
static bool take_lock(struct rs_session *session, const struct rs_load_request *request,
                      const struct rs_script_step *step, struct rs_error *err)
{
    rs_session_limit(session, is_limited(request) ? request->lock_wait_ms : 0);
    bool ok = rs_session_exec(session, &step->sql, NULL, err);
    rs_session_limit(session, 0);
    return ok;
}

static bool run_step(struct rs_session *session, const struct rs_load_request *request,
                     const struct rs_script_step *step, struct progress *progress,
                     struct rs_error *err)
{
    uint64_t rows = 0;
    bool ok = true;
    bool skip = progress->skip;
    progress->skip = false;
    switch (step->kind) {
    case RS_SCRIPT_SQL:
        ok = skip || rs_session_exec(session, &step->sql, &rows, err);
        break;
    case RS_SCRIPT_BEGIN:
        progress->begun = true;
        ok = rs_load_begin(session, request, err);
        break;
    case RS_SCRIPT_LOCK:
        ok = take_lock(session, request, step, err);
        break;
    case RS_SCRIPT_BATCH:
        ok = rs_session_exec(session, &step->sql, NULL, err);
        if (ok && !progress->begun) {
            progress->batches[progress->batch_count++] = step->batch;
        }
        break;
    case RS_SCRIPT_EXPECT_EMPTY:
        ok = has_rows(session, &step->sql, &progress->stale, err);
        break;
    case RS_SCRIPT_UNLESS:
        ok = ask_unless(session, &step->sql, progress, err);
        break;
    case RS_SCRIPT_COPY_ROWS:
        ok = copy_rows(session, request, step, &rows, err);
        progress->copied_rows += rows;
        break;
    case RS_SCRIPT_COPY_TIMES:
        ok = copy_times(session, request, &step->sql, &rows, err);
        break;
    case RS_SCRIPT_OLDER:
        ok = rs_session_exec(session, &step->sql, &progress->result.older, err);
        break;
    case RS_SCRIPT_DUPLICATES:
        ok = rs_session_exec(session, &step->sql, &progress->result.duplicates, err);
        break;
    case RS_SCRIPT_COUNT:
        ok = count_ids(session, &step->sql, progress, &rows, err);
        break;
    }
    if (step->counts) {
        progress->result.rows = rows;
    }
    progress->result.stored += step->stores ? rows : 0;
    return ok;
}

static void append_ledger(struct rs_strbuf *sql, const struct rs_load_request *request,
                          uint64_t rows, int64_t now_us)
{
    enum rs_dialect dialect = request->plan->dialect;
    char now[RS_TIMEFMT_MAX] = "";
    size_t length = rs_timefmt_format(now_us, now);
    rs_strbuf_append(sql, "INSERT INTO ");
    rs_sql_qualified(sql, request->plan->schema, RS_STR("rs_loads"));
    rs_strbuf_append(sql, " (\"sync_id\", \"table_name\", \"rows\", \"loaded_at\")\nVALUES (");
    rs_sql_literal(sql, dialect, request->sync_id);
    rs_strbuf_append(sql, ", ");
    rs_sql_literal(sql, dialect, request->table->name);
    rs_strbuf_append(sql, ", ");
    rs_strbuf_append_u64(sql, rows);
    rs_strbuf_append(sql, ", ");
    rs_sql_literal(sql, dialect, (struct rs_str){now, length});
    rs_strbuf_append_char(sql, ')');
}

static bool record_load(struct rs_session *session, const struct rs_load_request *request,
                        uint64_t rows, struct rs_error *err)
{
    const struct rs_env *env = rs_session_env(session);
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    append_ledger(&sql, request, rows, env->now_us(env));
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* Undo a try. The batches of one that failed would be in the way of the next on this session. */
static void give_up(struct rs_session *session, const struct progress *progress)
{
    struct rs_error ignored = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_session_rollback(session);
    rs_session_shield(session, true);
    for (size_t i = 0; i < progress->batch_count; i++) {
        rs_strbuf_reset(&sql);
        rs_strbuf_printf(&sql, "DROP TABLE \"%s\"", progress->batches[i]);
        (void)!rs_session_exec(session, &sql, NULL, &ignored);
        rs_error_clear(&ignored);
    }
    rs_session_shield(session, false);
    rs_strbuf_release(&sql);
}

/*
 * How long a step takes beside others, as PostgreSQL 15 and tables of some hundred MB have shown: a
 * COPY, and each statement on what it brought; all else is nothing beside them.
 */
static double weight_of(const struct rs_script_step *step, bool *copied)
{
    static const double nothing = 0.02;
    switch (step->kind) {
    case RS_SCRIPT_COPY_ROWS:
        *copied = true;
        return 2.0;
    case RS_SCRIPT_COPY_TIMES:
        return 0.5;
    case RS_SCRIPT_OLDER:
    case RS_SCRIPT_DUPLICATES:
    case RS_SCRIPT_SQL:
        return *copied ? 1.0 : nothing;
    case RS_SCRIPT_BEGIN:
    case RS_SCRIPT_LOCK:
    case RS_SCRIPT_BATCH:
    case RS_SCRIPT_EXPECT_EMPTY:
    case RS_SCRIPT_UNLESS:
    case RS_SCRIPT_COUNT:
        break;
    }
    return nothing;
}

/* Where in the piece a step ends; the row of rs_loads and COMMIT are its last step. */
static double end_of_step(const struct rs_script *script, size_t step)
{
    bool copied = false;
    double before = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < script->count; i++) {
        all += weight_of(&script->steps[i], &copied);
        before = i == step ? all : before;
    }
    return before / (all + COMMIT_WEIGHT);
}

/* One try with one script, up to the commit. */
static bool run_script(struct rs_session *session, const struct rs_load_request *request,
                       bool fresh, struct progress *progress, struct rs_error *err)
{
    struct rs_script script = {NULL, 0, 0};
    struct rs_script_target target = target_of(request, fresh);
    bool ok = true;
    *progress = (struct progress){0};
    rs_script_make(&script, &target);
    for (size_t i = 0; i < script.count && ok && !progress->stale; i++) {
        rs_meter_step(request->piece, end_of_step(&script, i));
        ok = run_step(session, request, &script.steps[i], progress, err);
    }
    rs_meter_step(request->piece, 1.0);
    ok = ok && !progress->stale && record_load(session, request, progress->result.rows, err) &&
         rs_session_commit(session, err);
    if (!ok) {
        give_up(session, progress);
    }
    rs_script_release(&script);
    return ok;
}

/* Say which rows a COPY refused, and why: the first in the error, the next ones in the log. */
static void explain(struct rs_session *session, struct rs_error *err)
{
    struct rs_strbuf lines = RS_STRBUF_INIT(LINES_MAX);
    if (rs_load_errors_is_cause(err)) {
        rs_load_errors_explain(session, &lines, err);
    }
    struct rs_str rest = rs_strbuf_str(&lines);
    while (rest.length > 0) {
        size_t end = rs_str_find_byte(rest, '\n');
        struct rs_str line = rs_str_slice(rest, 0, end);
        rs_log(&rs_session_env(session)->log, RS_LOG_NOTICE, "refused: %.*s", RS_STR_ARG(line));
        rest = rs_str_slice(rest, end == SIZE_MAX ? rest.length : end + 1, rest.length);
    }
    rs_strbuf_release(&lines);
}

/* Does the load change the columns of a table that is there? Then who reads it is in the way. */
static bool alters(const struct rs_plan *plan, struct rs_str owner)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct rs_plan_step *step = &plan->steps[i];
        if (rs_str_equal(step->owner, owner) &&
            (step->kind == RS_PLAN_ADD_COLUMN || step->kind == RS_PLAN_WIDEN_COLUMN)) {
            return true;
        }
    }
    return false;
}

/* Say who has the lock that could not be had. */
static void explain_lock(struct rs_session *session, const struct rs_load_request *request,
                         struct rs_error *err)
{
    const struct rs_plan *plan = request->plan;
    const struct rs_table *side = rs_plan_find_side(plan, request->table->name);
    struct rs_lock_wait wait = {.schema = plan->schema,
                                .table = request->table->name,
                                .side = side ? side->name : RS_STR(""),
                                .alters = alters(plan, request->table->name)};
    rs_lock_holder_explain(session, &wait, err);
}

/* Did an earlier call of this run load the table? Then *rows is what it put in or renewed. */
static bool find_recorded(struct rs_session *session, const struct rs_load_request *request,
                          bool *out_recorded, uint64_t *rows, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    const struct rs_str params[] = {request->sync_id, request->table->name};
    struct rs_result *result = NULL;
    rs_sql_query(&sql, rs_query_load_rows, request->plan->schema);
    if (rs_load_drain(session, request->plan->schema, err) && rs_sql_ok(&sql, err)) {
        result = rs_session_query_params(session, rs_strbuf_cstr(&sql), params, 2, err);
    }
    *out_recorded = result && rs_result_rows(result) > 0;
    bool ok = result && (!*out_recorded || rs_result_u64(result, 0, 0, rows, err));
    rs_result_free(result);
    rs_strbuf_release(&sql);
    return ok;
}

/* Run the script that fits the table, and the other one when it proves not to. */
static bool try_load(struct rs_session *session, const struct rs_load_request *request,
                     struct progress *progress, struct rs_error *err)
{
    bool fresh = false;
    bool ok = find_fresh(session, request, &fresh, err) &&
              run_script(session, request, fresh, progress, err);
    if (progress->stale) {
        ok = run_script(session, request, false, progress, err);
    }
    return ok;
}

/* Can the load be made without what the server refused? Then it is known now what that is. */
static bool amend(struct rs_session *session, const struct rs_load_request *request,
                  struct rs_error *err)
{
    const struct rs_load_refusals *refusals = &request->refusals;
    struct rs_error why = *err;
    uint64_t count = 0;
    bool found = false;
    if (!refusals->encode || !(rs_refused_rows_is_cause(err) || rs_repertoire_is_cause(err))) {
        return false;
    }
    rs_error_clear(err);
    bool ok = rs_repertoire_is_cause(&why) ? refusals->learn(refusals->arg, session, &found, err)
                                           : rs_refused_rows_find(session, request, &count, err);
    found = ok && (found || count > 0);
    if (ok && !found) {
        *err = why;
    }
    return found;
}

/* A row that is refused costs the load another try, with less of it. */
static bool load_table(struct rs_session *session, const struct rs_load_request *request,
                       struct progress *progress, struct rs_error *err)
{
    bool ok = try_load(session, request, progress, err);
    for (unsigned i = 0; !ok && i < REFUSALS_MAX && amend(session, request, err); i++) {
        ok = try_load(session, request, progress, err);
    }
    return ok;
}

bool rs_load_table(struct rs_session *session, const struct rs_load_request *request,
                   struct rs_load_result *out, struct rs_error *err)
{
    bool recorded = false;
    struct progress progress = {0};
    bool ok = check_keys(request->table, err) &&
              (!request->again ||
               find_recorded(session, request, &recorded, &progress.result.rows, err)) &&
              (recorded || load_table(session, request, &progress, err));
    if (ok) {
        *out = progress.result;
        out->stored = recorded ? UINT64_MAX : out->stored;
    } else {
        if (rs_lock_holder_is_cause(err)) {
            explain_lock(session, request, err);
        }
        explain(session, err);
        rs_error_prefix(err, "could not load table \"%.*s\"", RS_STR_ARG(request->table->name));
    }
    return ok;
}

void rs_load_append_sql(const struct rs_load_request *request, struct rs_strbuf *out)
{
    struct rs_script script = {NULL, 0, 0};
    struct rs_script_target target =
        target_of(request, rs_plan_creates(request->plan, request->table->name));
    rs_script_make(&script, &target);
    for (size_t i = 0; i < script.count; i++) {
        if (script.steps[i].kind == RS_SCRIPT_UNLESS) {
            rs_strbuf_append(
                out,
                "-- unless the table has an index on \"id\", or this user may not make one:\n");
            continue;
        }
        rs_strbuf_append_str(out, rs_strbuf_str(&script.steps[i].sql));
        rs_strbuf_append(out, ";\n");
    }
    rs_strbuf_append(out, "COMMIT;\n");
    rs_script_release(&script);
}

bool rs_load_hold(struct rs_session *session, enum rs_dialect dialect, struct rs_str schema,
                  struct rs_error *err)
{
    if (!rs_dialect_facts(dialect)->has_advisory_locks) {
        return true;
    }
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_append(&sql, "SELECT ");
    append_advisory(&sql, "pg_advisory_xact_lock_shared", schema);
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

static bool drain_lock(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "SELECT "); /* the statement is a transaction, and lets it go at once */
    append_advisory(&sql, "pg_advisory_xact_lock", schema);
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

/* Wait a while for rs_loads. *busy: somebody has it still. */
static bool try_drain(struct rs_session *session, struct rs_str schema, bool *busy,
                      struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "BEGIN; LOCK TABLE ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_loads"));
    rs_strbuf_append(&sql, "; COMMIT");
    rs_session_limit(session, DRAIN_LIMIT_MS);
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_session_limit(session, 0);
    rs_strbuf_release(&sql);
    *busy = rs_session_is_late(err);
    if (!ok) {
        rs_session_rollback(session);
    }
    if (*busy) {
        rs_error_clear(err);
    }
    return ok || *busy;
}

/* A session that reads rs_loads in an open transaction holds us up as well, so it is said. */
static bool drain_table(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    const struct rs_lock_wait wait = {.schema = schema, .table = RS_STR("rs_loads")};
    struct rs_strbuf holder = RS_STRBUF_INIT(RS_LOCK_HOLDER_MAX);
    bool busy = true;
    bool ok = true;
    for (unsigned attempt = 0; ok && busy && attempt < DRAIN_ATTEMPTS; attempt++) {
        if (attempt == 1) {
            rs_lock_holder_describe(session, &wait, &holder);
            rs_log(&rs_session_env(session)->log, RS_LOG_NOTICE,
                   "waiting for table \"%.*s\".rs_loads: %s", RS_STR_ARG(schema),
                   rs_strbuf_cstr(&holder));
        }
        ok = try_drain(session, schema, &busy, err);
    }
    if (ok && busy) {
        rs_strbuf_reset(&holder);
        rs_lock_holder_describe(session, &wait, &holder);
        (void)rs_error_set(err, RS_E_BUSY, "table \"%.*s\".rs_loads is in use: %s",
                           RS_STR_ARG(schema), rs_strbuf_cstr(&holder));
        err->retryable = true;
        (void)rs_error_hint(err, "svv_transactions tells which: end it, or try again later");
    }
    rs_strbuf_release(&holder);
    return ok && !busy;
}

bool rs_load_drain(struct rs_session *session, struct rs_str schema, struct rs_error *err)
{
    bool advisory = rs_session_facts(session)->has_advisory_locks;
    bool ok = (advisory ? drain_lock : drain_table)(session, schema, err);
    if (!ok) {
        rs_error_prefix(err, "could not wait for the loads of an earlier run");
    }
    return ok;
}
