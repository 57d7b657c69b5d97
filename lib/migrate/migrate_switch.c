/*
 * The old host's lock is held from the second step to the end, so no run can begin there in between,
 * paused or not. Whether all was done before is told by the new host's ledger: it has a row that the
 * old one has not, at the least that of the last step. Where the old host was resumed since, the switch
 * was taken back, and all steps are done once more; but not when the new host has loaded rows by then.
 */
#include "migrate/migrate_switch.h"

#include "base/map.h"
#include "base/uuid.h"
#include "codec/json_write.h"
#include "ledger/history.h"
#include "ledger/lock.h"
#include "warehouse/load.h"

enum { SMALL_SQL = 64 << 10, WAIT_SECONDS = 3600, POLL_MS = 300 };

static const int64_t TOUCH_US = (int64_t)120 * 1000 * 1000;

const char *const rs_changeover_steps[] = {
    [RS_CHANGEOVER_PAUSE] = "pause",
    [RS_CHANGEOVER_WAIT] = "wait",
    [RS_CHANGEOVER_MIGRATE] = "migrate",
    [RS_CHANGEOVER_VERIFY] = "verify",
    [RS_CHANGEOVER_LEDGER] = "ledger",
    [RS_CHANGEOVER_RESUME] = "resume",
    NULL,
};

struct changeover {
    const struct rs_env *env;
    const struct rs_changeover_options *options;
    struct rs_changeover_report *report;
    struct rs_hosts hosts;
    struct rs_session *lock; /* of the old schema */
    int64_t touched_us;
    struct rs_str from_schema;
    struct rs_str to_schema;
};

static struct rs_result *read_runs(struct rs_session *session, struct rs_str schema,
                                   struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(SMALL_SQL);
    rs_strbuf_append(&sql, "SELECT \"sync_id\", \"status\" FROM ");
    rs_sql_qualified(&sql, schema, RS_STR("rs_syncs"));
    struct rs_result *result = rs_session_query(session, &sql, err);
    rs_strbuf_release(&sql);
    return result;
}

/* What the new host's ledger has of its own. */
enum own_rows { OWN_NOTHING, OWN_MARKS /* of the last step, of a pause */, OWN_RUNS };

static enum own_rows own_row(const struct rs_result *runs, size_t row)
{
    struct rs_str status = rs_result_text(runs, row, 1);
    bool mark = rs_str_equal(status, rs_str_from(rs_history_status_name(RS_HISTORY_PAUSED))) ||
                rs_str_equal(status, rs_str_from(rs_history_status_name(RS_HISTORY_RESUMED)));
    return mark ? OWN_MARKS : OWN_RUNS;
}

static bool find_own(struct changeover *changeover, enum own_rows *out, struct rs_error *err)
{
    struct rs_map *known = rs_map_new(0);
    struct rs_result *from =
        read_runs(changeover->hosts.from_session, changeover->from_schema, err);
    struct rs_result *to =
        from ? read_runs(changeover->hosts.to_session, changeover->to_schema, err) : NULL;
    for (size_t i = 0; to && i < rs_result_rows(from); i++) {
        *rs_map_put(known, rs_result_text(from, i, 0)) = known;
    }
    *out = OWN_NOTHING;
    for (size_t i = 0; to && i < rs_result_rows(to); i++) {
        if (!rs_map_find(known, rs_result_text(to, i, 0)) && own_row(to, i) > *out) {
            *out = own_row(to, i);
        }
    }
    rs_result_free(from);
    rs_result_free(to);
    rs_map_free(known);
    return to != NULL;
}

/* Has an earlier run done all? */
static bool find_done(struct changeover *changeover, struct rs_error *err)
{
    enum own_rows own = OWN_NOTHING;
    bool paused = false;
    if (!find_own(changeover, &own, err) ||
        !rs_history_is_paused(changeover->hosts.from_session, changeover->from_schema, &paused,
                              err)) {
        return false;
    }
    changeover->report->was_done = own != OWN_NOTHING && paused;
    if (own != OWN_RUNS || paused) {
        return true;
    }
    rs_error_set(
        err, RS_E_DATABASE,
        "could not switch: schema \"%.*s\" of the new host has runs of its own, and the old "
        "host is not paused",
        RS_STR_ARG(changeover->to_schema));
    return rs_error_hint(err,
                         "to stay with the new host, pause the old one (rs-sync --pause) and load "
                         "on the new one what went to the old one since; else give another "
                         "--to-schema");
}

static bool look_around(struct changeover *changeover, struct rs_error *err)
{
    bool old = false;
    bool new = false;
    if (!rs_history_has_table(changeover->hosts.from_session, changeover->from_schema, "rs_syncs",
                              &old, err) ||
        !rs_history_has_table(changeover->hosts.to_session, changeover->to_schema, "rs_syncs", &new,
                              err)) {
        return false;
    }
    if (!old) {
        rs_error_set(err, RS_E_DATABASE,
                     "could not switch: no run of rs-sync is known in schema "
                     "\"%.*s\" of the old host",
                     RS_STR_ARG(changeover->from_schema));
        return rs_error_hint(err, "what rs-sync does not fill needs no switch: use migrate");
    }
    return !new || find_done(changeover, err);
}

static bool mark(struct changeover *changeover, bool on_new, struct rs_error *err)
{
    const struct rs_env *env = changeover->env;
    struct rs_session *session =
        on_new ? changeover->hosts.to_session : changeover->hosts.from_session;
    char sync_id[RS_UUID_SIZE];
    rs_uuid_format(env->random_u64(env), env->random_u64(env), sync_id);
    struct rs_history_run run = {.dialect = rs_session_dialect(session),
                                 .schema = on_new ? changeover->to_schema : changeover->from_schema,
                                 .sync_id = rs_str_from(sync_id),
                                 .tool_version = RS_STR(RS_VERSION),
                                 .started_us = env->now_us(env)};
    return rs_history_set_paused(session, &run, !on_new, err);
}

static bool pause_old(struct changeover *changeover, struct rs_error *err)
{
    bool paused = false;
    if (!rs_history_is_paused(changeover->hosts.from_session, changeover->from_schema, &paused,
                              err)) {
        return false;
    }
    rs_log(&changeover->env->log, RS_LOG_NOTICE,
           paused ? "the old host is paused already" : "pausing the old host");
    return paused || mark(changeover, false, err);
}

/* Until no run is under way. */
static bool wait_old(struct changeover *changeover, struct rs_error *err)
{
    const struct rs_env *env = changeover->env;
    unsigned seconds = changeover->options->wait_seconds;
    int64_t until_us =
        env->monotonic_us(env) + (int64_t)(seconds ? seconds : WAIT_SECONDS) * 1000000;
    bool told = false;
    changeover->lock = rs_connect_open(changeover->hosts.from, err);
    while (changeover->lock && !rs_lock_take(changeover->lock, changeover->from_schema, err)) {
        if (err->code != RS_E_BUSY || env->monotonic_us(env) > until_us) {
            return false;
        }
        if (!told) {
            rs_log(&env->log, RS_LOG_NOTICE, "waiting for the run on the old host to end");
            told = true;
        }
        rs_error_clear(err);
        rs_session_rollback(changeover->lock);
        if (!rs_env_pause(env, POLL_MS, err)) {
            return false;
        }
    }
    return changeover->lock &&
           rs_load_drain(changeover->hosts.from_session, changeover->from_schema, err);
}

/* While pieces are carried the lock has to say something now and then. */
static void tick(void *arg, const struct rs_migrate_progress *now)
{
    struct changeover *changeover = arg;
    const struct rs_migrate_options *options = &changeover->options->migrate;
    int64_t now_us = changeover->env->monotonic_us(changeover->env);
    struct rs_error ignored = {0}; /* asked once more when all are carried */
    if (now_us - changeover->touched_us > TOUCH_US) {
        changeover->touched_us = now_us;
        (void)!rs_lock_touch(changeover->lock, &ignored);
    }
    if (options->progress) {
        options->progress(options->progress_arg, now);
    }
}

static bool migrate(struct changeover *changeover, bool ledger, struct rs_error *err)
{
    struct rs_migrate_options options = changeover->options->migrate;
    options.progress = tick;
    options.progress_arg = changeover;
    options.what = ledger ? RS_MIGRATE_LEDGER : RS_MIGRATE_ROWS;
    options.switching = true;
    struct rs_migrate_report *report =
        ledger ? &changeover->report->ledger : &changeover->report->rows;
    rs_log(&changeover->env->log, RS_LOG_NOTICE,
           ledger ? "bringing the ledger along" : "migrating what has changed");
    return rs_migrate_run(changeover->env, &options, report, err) &&
           rs_lock_touch(changeover->lock, err);
}

static bool verify(struct changeover *changeover, struct rs_error *err)
{
    struct rs_verify_options options = {.hosts = changeover->options->migrate.hosts,
                                        .jobs = changeover->options->migrate.jobs};
    rs_log(&changeover->env->log, RS_LOG_NOTICE, "verifying");
    return rs_verify_run(changeover->env, &options, &changeover->report->verified, err) &&
           rs_lock_touch(changeover->lock, err);
}

static bool bring_ledger(struct changeover *changeover, struct rs_error *err)
{
    return rs_history_ensure(changeover->hosts.to_session, changeover->to_schema, err) &&
           migrate(changeover, true, err);
}

static bool do_step(struct changeover *changeover, enum rs_changeover_step step,
                    struct rs_error *err)
{
    switch (step) {
    case RS_CHANGEOVER_PAUSE:
        return pause_old(changeover, err);
    case RS_CHANGEOVER_WAIT:
        return wait_old(changeover, err);
    case RS_CHANGEOVER_MIGRATE:
        return migrate(changeover, false, err);
    case RS_CHANGEOVER_VERIFY:
        return verify(changeover, err);
    case RS_CHANGEOVER_LEDGER:
        return bring_ledger(changeover, err);
    case RS_CHANGEOVER_RESUME:
        rs_log(&changeover->env->log, RS_LOG_NOTICE, "resuming on the new host");
        return mark(changeover, true, err);
    }
    return false;
}

static bool do_steps(struct changeover *changeover, struct rs_error *err)
{
    struct rs_changeover_report *report = changeover->report;
    for (unsigned step = 0; step <= (unsigned)changeover->options->until; step++) {
        if (!rs_env_check_interrupt(changeover->env, err) ||
            !do_step(changeover, (enum rs_changeover_step)step, err)) {
            rs_error_prefix(err, "could not switch, in step \"%s\"", rs_changeover_steps[step]);
            return false;
        }
        report->steps++;
        if (report->verified.count > 0) {
            return true;
        }
    }
    return true;
}

bool rs_changeover_run(const struct rs_env *env, const struct rs_changeover_options *options,
                       struct rs_changeover_report *report, struct rs_error *err)
{
    struct changeover changeover = {
        .env = env, .options = options, .report = report, .hosts = {.env = env}};
    bool ok = rs_hosts_open(env, &options->migrate.hosts, &changeover.hosts, err);
    if (ok) {
        changeover.from_schema = rs_strbuf_str(&changeover.hosts.from_schema);
        changeover.to_schema = rs_strbuf_str(&changeover.hosts.to_schema);
        ok = look_around(&changeover, err) && (report->was_done || do_steps(&changeover, err));
    }
    rs_session_close(changeover.lock);
    rs_hosts_close(&changeover.hosts);
    return ok;
}

void rs_changeover_report_release(struct rs_changeover_report *report)
{
    rs_migrate_report_release(&report->rows);
    rs_migrate_report_release(&report->ledger);
    rs_verify_report_release(&report->verified);
}

void rs_changeover_report_json(const struct rs_changeover_report *report,
                               const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    bool different = report->verified.count > 0;
    rs_json_write_object_begin(&json);
    rs_json_write_key(&json, RS_STR("status"));
    rs_json_write_text(&json, err->code != RS_OK ? "failure" : different ? "different" : "success");
    rs_json_write_key(&json, RS_STR("was_done"));
    rs_json_write_bool(&json, report->was_done);
    rs_json_write_key(&json, RS_STR("steps"));
    rs_json_write_texts(&json, rs_changeover_steps, report->steps);
    rs_json_write_key(&json, RS_STR("rows"));
    rs_json_write_u64(&json, report->rows.rows);
    rs_json_write_key(&json, RS_STR("pieces"));
    rs_json_write_u64(&json, report->rows.pieces);
    rs_json_write_key(&json, RS_STR("verified_rows"));
    rs_json_write_u64(&json, report->verified.rows);
    rs_json_write_key(&json, RS_STR("differences"));
    rs_json_write_u64(&json, report->verified.count);
    rs_json_write_key(&json, RS_STR("error"));
    rs_json_write_error(&json, err);
    rs_json_write_object_end(&json);
    rs_strbuf_append_char(out, '\n');
}
