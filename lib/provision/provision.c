/*
 * A loop: read, compare, run what is missing, read again. It ends when there is nothing to run.
 * A statement that is refused because another administrator was there first (it exists, it is
 * gone, two changed it at once) is no failure: what is there now is read, and judged anew. So what
 * a statement says does not matter; what is there afterwards does.
 */
#include "provision/provision.h"

#include <string.h>

#include "base/mem.h"
#include "provision/actual_user.h"
#include "provision/login_test.h"
#include "provision/provision_internal.h"

enum { ROUNDS_MAX = 8, NOTICE_MAX_BYTES = 1024, PAUSE_MS = 100 };

void rs_provision_notice(struct rs_provisioning *run, const char *words, const char *name,
                         const char *tail)
{
    struct rs_provision_report *report = run->report;
    struct rs_strbuf text = RS_STRBUF_INIT(NOTICE_MAX_BYTES);
    rs_strbuf_printf(&text, "%s \"%s\"%s", words, name, tail);
    report->notices = rs_mem_grow(report->notices, &report->notice_capacity,
                                  report->notice_count + 1, sizeof *report->notices);
    report->notices[report->notice_count++] = rs_strbuf_take(&text);
    rs_strbuf_release(&text);
}

struct rs_session *rs_provision_session(struct rs_provisioning *run, const char *dbname,
                                        struct rs_error *err)
{
    if (!dbname || strcmp(dbname, run->desired.database) == 0) {
        return run->session;
    }
    if (!run->other || strcmp(run->other_dbname, dbname) != 0) {
        rs_session_close(run->other);
        run->other = run->connector->open(run->connector->arg, dbname, NULL, NULL, err);
        run->other_dbname =
            run->other ? rs_arena_copy(&run->report->arena, rs_str_from(dbname)).data : NULL;
    }
    return run->other;
}

/* ---- The names as the server has them ---- */

static struct rs_names fold_names(struct rs_provisioning *run, struct rs_names names)
{
    const char **items = rs_arena_zalloc(&run->report->arena, names.count + 1, sizeof *items);
    for (size_t i = 0; i < names.count; i++) {
        items[i] = rs_desired_user_fold(run->desired.dialect, &run->report->arena, names.items[i]);
    }
    return (struct rs_names){items, names.count};
}

static const char *fold(struct rs_provisioning *run, const char *name)
{
    return name ? rs_desired_user_fold(run->desired.dialect, &run->report->arena, name) : NULL;
}

static bool settle_names(struct rs_provisioning *run, struct rs_error *err)
{
    struct rs_desired_user *desired = &run->desired;
    struct rs_names database = {NULL, 0};
    desired->dialect = rs_session_dialect(run->session);
    if (!rs_desired_user_check(desired, err) ||
        (run->options->reassign_to &&
         !rs_desired_user_check_name(desired->dialect, "user", run->options->reassign_to, err)) ||
        !rs_names_read(run->session, "SELECT current_database()", NULL, 0, &run->report->arena,
                       &database, err)) {
        return false;
    }
    desired->user = fold(run, desired->user);
    desired->own_schema = fold(run, desired->own_schema);
    desired->search_path = fold(run, desired->search_path);
    desired->groups = fold_names(run, desired->groups);
    desired->read = fold_names(run, desired->read);
    run->new_owner = fold(run, run->options->reassign_to);
    desired->database = database.items[0];
    run->report->redshift = desired->dialect == RS_DIALECT_REDSHIFT;
    run->report->user = desired->user;
    run->report->database = desired->database;
    if (strcmp(desired->user, run->options->desired.user) != 0) {
        rs_provision_notice(run, "Redshift folds names: the user is", desired->user, "");
    }
    return true;
}

/* ---- Statements ---- */

/* Somebody else was there first, or at the same time. */
static bool is_race(const struct rs_error *err)
{
    static const char *const states[] = {
        "42710", /* a user or group exists */
        "42P06", /* a schema exists */
        "42704", /* a user or group is gone */
        "3F000", /* a schema is gone */
        "42P01", /* a table is gone */
        "42883", /* a function is gone */
        "23505", /* two made the same at once: the catalog's own key */
        "55006", /* the user got something in the meantime */
        "2BP01", /* the same in PostgreSQL */
    };
    bool race = err->code == RS_E_DATABASE &&
                (err->retryable || strstr(err->message, "tuple concurrently") != NULL ||
                 strstr(err->message, "concurrent transaction") != NULL);
    for (size_t i = 0; i < RS_COUNTOF(states); i++) {
        race = race || (err->code == RS_E_DATABASE && strcmp(err->detail, states[i]) == 0);
    }
    return race;
}

/* Run one statement; the password is kept before the server has it. */
static bool run_statement(struct rs_provisioning *run, const struct rs_user_statement *statement,
                          struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    struct rs_session *session = rs_provision_session(run, statement->dbname, err);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    const bool keeps = statement->secret && secret->keep;
    if (!session || (keeps && !secret->keep(secret->arg, run->desired.user,
                                            rs_strbuf_str(&run->password), true, err))) {
        return false;
    }
    (void)!rs_strbuf_reserve(&sql, statement->sql.length + 1); /* so that it does not move */
    rs_strbuf_append_str(&sql, statement->sql);
    rs_log(&run->env->log, RS_LOG_INFO, "%.*s", RS_STR_ARG(statement->shown));
    bool ok = rs_session_exec(session, &sql, NULL, err);
    rs_strbuf_release_secret(&sql);
    run->report->changed = run->report->changed || ok;
    if (ok && statement->secret) {
        run->sent = true;
        run->known = true;
        return !keeps || secret->settle(secret->arg, err);
    }
    if (!ok && keeps && err->code == RS_E_DATABASE) {
        secret->forget(secret->arg); /* a lost connection may have set it all the same */
    }
    return ok;
}

static bool was_run(const struct rs_provisioning *run, const struct rs_user_statement *statement)
{
    for (size_t i = 0; statement->once && i < run->ran_count; i++) {
        if (rs_str_equal(rs_str_from(run->ran[i]), statement->shown)) {
            return true;
        }
    }
    return false;
}

static void note_run(struct rs_provisioning *run, const struct rs_user_statement *statement)
{
    if (statement->once) {
        run->ran = rs_mem_grow(run->ran, &run->ran_capacity, run->ran_count + 1, sizeof *run->ran);
        run->ran[run->ran_count++] = rs_arena_copy(&run->report->arena, statement->shown).data;
    }
}

/*
 * The statements in order, up to one that another administrator was in the way of. False: one
 * failed.
 *
 * left  written: how many there were to run
 */
static bool run_statements(struct rs_provisioning *run, struct rs_user_changes *changes,
                           size_t *left, struct rs_error *err)
{
    *left = 0;
    for (size_t i = 0; i < changes->statement_count; i++) {
        const struct rs_user_statement *statement = &changes->statements[i];
        struct rs_error refusal = {0};
        if (was_run(run, statement)) {
            continue;
        }
        ++*left;
        if (run_statement(run, statement, &refusal)) {
            changes->properties[statement->property].mended = true;
            note_run(run, statement);
            continue;
        }
        changes->properties[statement->property].mended = false;
        if (!is_race(&refusal)) {
            *err = refusal;
            return false;
        }
        rs_log(&run->env->log, RS_LOG_INFO, "reading again: %s", refusal.message);
        run->env->sleep_ms(run->env, PAUSE_MS);
        return true;
    }
    return true;
}

/* ---- All of it ---- */

/* Rounds until nothing is left to run. The first one's steps are the report's. */
static bool converge(struct rs_provisioning *run, struct rs_error *err)
{
    struct rs_user_changes *first = &run->report->changes;
    const bool shown_only = run->options->plan_only || run->options->job == RS_PROVISION_CHECK;
    if (!rs_provision_changes(run, first, err) || shown_only) {
        return err->code == RS_OK;
    }
    struct rs_user_changes changes = RS_USER_CHANGES_INIT;
    size_t left = 0;
    bool ok = run_statements(run, first, &left, err);
    for (unsigned round = 0; ok && left > 0 && round < ROUNDS_MAX; round++) {
        rs_user_changes_release(&changes);
        ok = rs_env_check_interrupt(run->env, err) && rs_provision_changes(run, &changes, err) &&
             run_statements(run, &changes, &left, err);
    }
    if (ok && left > 0) {
        ok = rs_error_set(err, RS_E_DATABASE, "could not change it: %.*s has no effect",
                          RS_STR_ARG(changes.statements[0].shown));
        (void)rs_error_hint(err, "may the administrator do this? log in as a superuser");
    }
    for (size_t i = 0; ok && i < first->statement_count; i++) {
        first->properties[first->statements[i].property].mended = true;
    }
    for (size_t i = 0; ok && run->options->job == RS_PROVISION_DROP && i < first->property_count;
         i++) {
        first->properties[i].mended = first->properties[i].state == RS_PROPERTY_MISSING;
    }
    rs_user_changes_release(&changes);
    return ok;
}

/* Put a password that the server had already where it is missing. */
static bool keep_known(struct rs_provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    return run->options->plan_only || run->sent || !run->known || !secret->keep ||
           run->options->job != RS_PROVISION_APPLY ||
           secret->keep(secret->arg, run->desired.user, rs_strbuf_str(&run->password), false, err);
}

static bool test_login(struct rs_provisioning *run, struct rs_error *err)
{
    const enum rs_provision_job job = run->options->job;
    const bool of_interest = job == RS_PROVISION_APPLY || job == RS_PROVISION_ROTATE;
    struct rs_desired_user desired = run->desired;
    if (!of_interest || run->options->plan_only || run->options->no_verify || !run->known) {
        return true;
    }
    if (rs_provision_form(run) == RS_PASSWORD_SHA256) {
        rs_provision_notice(run, "not proven by a login: only AWS's drivers can log in as",
                            desired.user, "");
        return true;
    }
    const size_t first = run->report->changes.property_count;
    if (!rs_login_test_run(run->env, run->connector, &desired, rs_strbuf_cstr(&run->password),
                           &run->report->changes, err)) {
        return false;
    }
    for (size_t i = first; i < run->report->changes.property_count; i++) {
        const struct rs_user_property *property = &run->report->changes.properties[i];
        if (property->state == RS_PROPERTY_MISSING) {
            return rs_error_set(err, RS_E_PARTIAL, "could not prove user \"%s\": %s: %s",
                                desired.user, property->what, property->actual);
        }
    }
    return true;
}

static void tell_sessions(struct rs_provisioning *run)
{
    const enum rs_provision_job job = run->options->job;
    const bool of_interest =
        job == RS_PROVISION_ROTATE || job == RS_PROVISION_DISABLE || job == RS_PROVISION_DROP;
    if (!of_interest || !run->desired.database) {
        return;
    }
    struct rs_names open =
        rs_actual_user_sessions(run->session, run->desired.user, &run->report->arena);
    const char **items = rs_arena_zalloc(&run->report->arena, open.count + 1, sizeof *items);
    for (size_t i = 0; i < open.count; i++) {
        items[i] = open.items[i];
    }
    run->report->sessions = items;
    run->report->session_count = open.count;
    if (open.count > 0) {
        rs_provision_notice(run, "sessions that were open before go on, as", run->desired.user,
                            ": end them with pg_terminate_backend()");
    }
}

static bool work(struct rs_provisioning *run, struct rs_error *err)
{
    const struct rs_provision_options *options = run->options;
    const bool early = options->secret.read && !options->secret.ask;
    run->session = run->connector->open(run->connector->arg, NULL, NULL, NULL, err);
    if (!run->session || !settle_names(run, err) ||
        (early && !rs_provision_read_password(run, err))) {
        return false;
    }
    if (options->hash == RS_PROVISION_HASH_PLAIN) {
        rs_log(&run->env->log, RS_LOG_WARNING,
               "--hash=plain sends the password as it is: the server may log it");
    }
    if (rs_provision_form(run) == RS_PASSWORD_SHA256) {
        rs_log(&run->env->log, RS_LOG_WARNING,
               "--hash=sha256: only AWS's drivers can log in; libpq, psql and rs-sync cannot");
    }
    tell_sessions(run);
    bool ok = converge(run, err) && keep_known(run, err) && test_login(run, err);
    return ok;
}

bool rs_provision_run(const struct rs_env *env, const struct rs_provision_connector *connector,
                      const struct rs_provision_options *options,
                      struct rs_provision_report *report, struct rs_error *err)
{
    struct rs_provisioning run = {.env = env,
                                  .connector = connector,
                                  .options = options,
                                  .report = report,
                                  .desired = options->desired,
                                  .password = RS_STRBUF_INIT(RS_PASSWORD_MAX * 4),
                                  .encoded = RS_STRBUF_INIT(RS_PASSWORD_FORM_MAX_BYTES)};
    (void)!rs_strbuf_reserve(&run.password, RS_PASSWORD_MAX * 4 - 1); /* so that it does not move */
    report->job = options->job;
    report->plan_only = options->plan_only;
    bool ok = work(&run, err);
    if (run.generated && run.sent) {
        rs_strbuf_append_str(&report->password, rs_strbuf_str(&run.password));
    }
    report->failed = !ok;
    report->lacking = rs_user_changes_lack(&report->changes);
    rs_mem_free(run.ran);
    rs_strbuf_release_secret(&run.password);
    rs_strbuf_release_secret(&run.encoded);
    rs_session_close(run.other);
    rs_session_close(run.session);
    return ok;
}
