/*
 * The old host's lock is held from the second step to the end, so no run can begin there in
 * between, paused or not. Whether all was done before is told by the new host's ledger: it has a
 * row that the old one has not, at the least that of the last step. Where the old host was resumed
 * since, the switch was taken back, and all steps are done once more; but not when the new host has
 * loaded rows by then.
 */
#include "migrate/migrate_switch.h"

#include "base/map.h"
#include "base/uuid.h"
#include "codec/report_fields.h"
#include "ledger/ledger_runs.h"
#include "ledger/load.h"
#include "ledger/schema_lock.h"
#include "warehouse/target.h"

enum { WAIT_SECONDS = 3600, POLL_MS = 300, STEPS = 3 /* that take long */ };

/* Of what is left of all of them. */
static const double MIGRATING = 0.6;
static const double VERIFYING = 0.9;

const char *const rs_migrate_switch_steps[] = {
    [RS_MIGRATE_SWITCH_PAUSE] = "pause",
    [RS_MIGRATE_SWITCH_WAIT] = "wait",
    [RS_MIGRATE_SWITCH_MIGRATE] = "migrate",
    [RS_MIGRATE_SWITCH_VERIFY] = "verify",
    [RS_MIGRATE_SWITCH_LEDGER] = "ledger",
    [RS_MIGRATE_SWITCH_RESUME] = "resume",
    NULL,
};

struct host_switch {
    const struct rs_env *env;
    const struct rs_migrate_switch_options *options;
    struct rs_migrate_switch_report *report;
    struct rs_hosts hosts;
    struct rs_schema_lock lock; /* of the old schema */
    struct rs_str from_schema;
    struct rs_str to_schema;
};

/* What the new host's ledger has of its own. */
enum own_rows { OWN_NOTHING, OWN_MARKS /* of the last step, of a pause */, OWN_RUNS };

static enum own_rows own_row(const struct rs_result *runs, size_t row)
{
    struct rs_str status = rs_result_text(runs, row, 1);
    bool mark = rs_str_equal(status, rs_str_from(rs_ledger_status_name(RS_LEDGER_PAUSED))) ||
                rs_str_equal(status, rs_str_from(rs_ledger_status_name(RS_LEDGER_RESUMED)));
    return mark ? OWN_MARKS : OWN_RUNS;
}

static bool find_own(struct host_switch *host_switch, enum own_rows *out, struct rs_error *err)
{
    struct rs_map *known = rs_map_new(0);
    struct rs_result *from =
        rs_ledger_list_statuses(host_switch->hosts.from_session, host_switch->from_schema, err);
    struct rs_result *to =
        from ? rs_ledger_list_statuses(host_switch->hosts.to_session, host_switch->to_schema, err)
             : NULL;
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
static bool find_done(struct host_switch *host_switch, struct rs_error *err)
{
    enum own_rows own = OWN_NOTHING;
    bool paused = false;
    if (!find_own(host_switch, &own, err) ||
        !rs_ledger_is_paused(host_switch->hosts.from_session, host_switch->from_schema, &paused,
                             err)) {
        return false;
    }
    host_switch->report->was_done = own != OWN_NOTHING && paused;
    if (own != OWN_RUNS || paused) {
        return true;
    }
    rs_error_set(
        err, RS_E_DATABASE,
        "could not switch: schema \"%.*s\" of the new host has runs of its own, and the old "
        "host is not paused",
        RS_STR_ARG(host_switch->to_schema));
    return rs_error_hint(err,
                         "to stay with the new host, pause the old one (rs-sync --pause) and load "
                         "on the new one what went to the old one since; else give another "
                         "--to-schema");
}

static bool look_around(struct host_switch *host_switch, struct rs_error *err)
{
    bool old = false;
    bool new = false;
    if (!rs_ledger_has_table(host_switch->hosts.from_session, host_switch->from_schema, "rs_syncs",
                             &old, err) ||
        !rs_ledger_has_table(host_switch->hosts.to_session, host_switch->to_schema, "rs_syncs",
                             &new, err)) {
        return false;
    }
    if (!old) {
        rs_error_set(err, RS_E_DATABASE,
                     "could not switch: no run of rs-sync is known in schema "
                     "\"%.*s\" of the old host",
                     RS_STR_ARG(host_switch->from_schema));
        return rs_error_hint(err, "what rs-sync does not fill needs no switch: use migrate");
    }
    return !new || find_done(host_switch, err);
}

static bool mark(struct host_switch *host_switch, bool on_new, struct rs_error *err)
{
    const struct rs_env *env = host_switch->env;
    struct rs_session *session =
        on_new ? host_switch->hosts.to_session : host_switch->hosts.from_session;
    char sync_id[RS_UUID_SIZE];
    rs_uuid_format(env->random_u64(env), env->random_u64(env), sync_id);
    struct rs_ledger_run run = {.dialect = rs_session_dialect(session),
                                .schema =
                                    on_new ? host_switch->to_schema : host_switch->from_schema,
                                .sync_id = rs_str_from(sync_id),
                                .tool_version = RS_STR(RS_VERSION),
                                .started_us = env->now_us(env)};
    return rs_ledger_set_paused(session, &run, !on_new, err);
}

static bool pause_old(struct host_switch *host_switch, struct rs_error *err)
{
    bool paused = false;
    if (!rs_ledger_is_paused(host_switch->hosts.from_session, host_switch->from_schema, &paused,
                             err)) {
        return false;
    }
    rs_log(&host_switch->env->log, RS_LOG_NOTICE,
           paused ? "the old host is paused already" : "pausing the old host");
    return paused || mark(host_switch, false, err);
}

/* Until no run is under way. */
static bool wait_old(struct host_switch *host_switch, struct rs_error *err)
{
    const struct rs_env *env = host_switch->env;
    unsigned seconds = host_switch->options->wait_seconds;
    int64_t until_us =
        env->monotonic_us(env) + (int64_t)(seconds ? seconds : WAIT_SECONDS) * 1000000;
    bool told = false;
    struct rs_session *session = rs_connect_open(host_switch->hosts.from, err);
    host_switch->lock =
        (struct rs_schema_lock){.session = session, .schema = host_switch->from_schema};
    while (session && !rs_schema_lock_take(session, host_switch->from_schema, err)) {
        if (err->code != RS_E_BUSY || env->monotonic_us(env) > until_us) {
            return false;
        }
        if (!told) {
            rs_log(&env->log, RS_LOG_NOTICE, "waiting for the run on the old host to end");
            told = true;
        }
        rs_error_clear(err);
        rs_session_rollback(session);
        if (!rs_env_pause(env, POLL_MS, err)) {
            return false;
        }
    }
    return session && rs_load_drain(host_switch->hosts.from_session, host_switch->from_schema, err);
}

/* While pieces are copied the lock has to say something now and then. */
static void tick(void *arg)
{
    struct host_switch *host_switch = arg;
    struct rs_error ignored = {0}; /* asked once more when all are copied */
    (void)rs_schema_lock_tick(&host_switch->lock, host_switch->env, &ignored);
}

static bool migrate(struct host_switch *host_switch, bool ledger, struct rs_error *err)
{
    struct rs_migrate_options options = host_switch->options->migrate;
    options.tick = tick;
    options.tick_arg = host_switch;
    options.what = ledger ? RS_MIGRATE_LEDGER : RS_MIGRATE_ROWS;
    options.switching = true;
    rs_meter_round(options.meter, "step", ledger ? STEPS : 1, STEPS, ledger ? 1.0 : MIGRATING);
    struct rs_migrate_report *report =
        ledger ? &host_switch->report->ledger : &host_switch->report->rows;
    rs_log(&host_switch->env->log, RS_LOG_NOTICE,
           ledger ? "bringing the ledger along" : "migrating what has changed");
    return rs_migrate_run(host_switch->env, &options, report, err) &&
           rs_schema_lock_check(&host_switch->lock, err);
}

static bool verify(struct host_switch *host_switch, struct rs_error *err)
{
    struct rs_verify_options options = {.hosts = host_switch->options->migrate.hosts,
                                        .jobs = host_switch->options->migrate.jobs,
                                        .meter = host_switch->options->migrate.meter};
    rs_meter_round(options.meter, "step", 2, STEPS, VERIFYING);
    rs_log(&host_switch->env->log, RS_LOG_NOTICE, "verifying");
    return rs_verify_run(host_switch->env, &options, &host_switch->report->verified, err) &&
           rs_schema_lock_check(&host_switch->lock, err);
}

static bool bring_ledger(struct host_switch *host_switch, struct rs_error *err)
{
    return rs_ledger_ensure(host_switch->hosts.to_session, host_switch->to_schema, err) &&
           migrate(host_switch, true, err);
}

static bool do_step(struct host_switch *host_switch, enum rs_migrate_switch_step step,
                    struct rs_error *err)
{
    switch (step) {
    case RS_MIGRATE_SWITCH_PAUSE:
        return pause_old(host_switch, err);
    case RS_MIGRATE_SWITCH_WAIT:
        return wait_old(host_switch, err);
    case RS_MIGRATE_SWITCH_MIGRATE:
        return migrate(host_switch, false, err);
    case RS_MIGRATE_SWITCH_VERIFY:
        return verify(host_switch, err);
    case RS_MIGRATE_SWITCH_LEDGER:
        return bring_ledger(host_switch, err);
    case RS_MIGRATE_SWITCH_RESUME:
        rs_log(&host_switch->env->log, RS_LOG_NOTICE, "resuming on the new host");
        return mark(host_switch, true, err);
    }
    return false;
}

static bool do_steps(struct host_switch *host_switch, struct rs_error *err)
{
    struct rs_migrate_switch_report *report = host_switch->report;
    for (unsigned step = 0; step <= (unsigned)host_switch->options->until; step++) {
        if (!rs_env_check_interrupt(host_switch->env, err) ||
            !do_step(host_switch, (enum rs_migrate_switch_step)step, err)) {
            rs_error_prefix(err, "could not switch, in step \"%s\"", rs_migrate_switch_steps[step]);
            return false;
        }
        report->steps++;
        if (report->verified.count > 0) {
            return true;
        }
    }
    return true;
}

bool rs_migrate_switch_run(const struct rs_env *env,
                           const struct rs_migrate_switch_options *options,
                           struct rs_migrate_switch_report *report, struct rs_error *err)
{
    struct host_switch host_switch = {
        .env = env, .options = options, .report = report, .hosts = {.env = env}};
    bool ok = rs_hosts_open(env, &options->migrate.hosts, &host_switch.hosts, err);
    if (ok) {
        host_switch.from_schema = rs_strbuf_str(&host_switch.hosts.from_schema);
        host_switch.to_schema = rs_strbuf_str(&host_switch.hosts.to_schema);
        ok = rs_target_check(host_switch.hosts.to_session, host_switch.to_schema, err) &&
             look_around(&host_switch, err) && (report->was_done || do_steps(&host_switch, err));
    }
    rs_session_close(host_switch.lock.session);
    rs_hosts_close(&host_switch.hosts);
    return ok;
}

void rs_migrate_switch_report_release(struct rs_migrate_switch_report *report)
{
    rs_migrate_report_release(&report->rows);
    rs_migrate_report_release(&report->ledger);
    rs_verify_report_release(&report->verified);
}

void rs_migrate_switch_report_json(const struct rs_migrate_switch_report *report,
                                   const struct rs_error *err, struct rs_strbuf *out)
{
    struct rs_json_writer json = RS_JSON_WRITER_INIT(out);
    bool different = report->verified.count > 0;
    const struct rs_report_field head[] = {
        RS_REPORT_TEXT("status", err->code != RS_OK ? "failure"
                                 : different        ? "different"
                                                    : "success"),
        RS_REPORT_FLAG("was_done", report->was_done),
    };
    const struct rs_report_field counts[] = {
        RS_REPORT_COUNT("rows", report->rows.rows),
        RS_REPORT_COUNT("pieces", report->rows.pieces),
        RS_REPORT_COUNT("verified_rows", report->verified.rows),
        RS_REPORT_COUNT("differences", report->verified.count),
    };
    rs_json_write_object_begin(&json);
    rs_report_fields_json(&json, head, RS_COUNTOF(head));
    rs_json_write_key(&json, RS_STR("steps"));
    rs_json_write_texts(&json, rs_migrate_switch_steps, report->steps);
    rs_report_fields_json(&json, counts, RS_COUNTOF(counts));
    rs_json_write_end(&json, err);
}
