/*
 * A loop: read, compare, run what is missing, read again. It ends when there is nothing to run.
 * A statement that is refused because another administrator was there first (it exists, it is
 * gone, two changed it at once) is no failure: what is there now is read, and judged anew. So what
 * a statement says does not matter; what is there afterwards does.
 */
#include "provision/provision.h"

#include <string.h>

#include "base/mem.h"
#include "codec/digest.h"
#include "provision/actual_user.h"
#include "provision/login_test.h"
#include "provision/owned_objects.h"
#include "provision/user_difference.h"
#include "warehouse/target.h"

enum {
    ROUNDS_MAX = 8,
    REFUSED_MAX = 3, /* as often a refusal is no race */
    PAUSE_MS = 100,
};

/* One run. */
struct provisioning {
    const struct rs_env *env;
    const struct rs_provision_connector *connector;
    const struct rs_provision_options *options;
    struct rs_provision_report *report;
    struct rs_desired_user desired; /* with dialect, database and folded names */
    const char *new_owner;
    struct rs_session *session; /* the administrator's */
    struct rs_session *other;   /* the administrator's, in another database */
    const char *other_dbname;
    struct rs_strbuf password; /* what is known of it; empty: nothing */
    struct rs_strbuf encoded;
    bool given;       /* the password was read, so the user's is compared with it */
    bool generated;   /* by us, in this run */
    bool known;       /* the user has this password */
    bool sent;        /* by us, in this run */
    bool told;        /* that the password is kept */
    const char **ran; /* statements that are run once, and were */
    size_t ran_count;
    size_t ran_capacity;
    struct rs_error refusal; /* of the last statement that somebody was in the way of */
    unsigned refused;        /* how often it came, with nothing else to run */
};

/* The administrator's session in a database; NULL: its own. It is closed with the run. */
static struct rs_session *session_of(struct provisioning *run, const char *dbname,
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

static struct rs_names fold_names(struct provisioning *run, struct rs_names names)
{
    const char **items = rs_arena_zalloc(&run->report->arena, names.count + 1, sizeof *items);
    for (size_t i = 0; i < names.count; i++) {
        items[i] = rs_desired_user_fold(run->desired.dialect, &run->report->arena, names.items[i]);
    }
    return (struct rs_names){items, names.count};
}

static const char *fold(struct provisioning *run, const char *name)
{
    return name ? rs_desired_user_fold(run->desired.dialect, &run->report->arena, name) : NULL;
}

static bool settle_names(struct provisioning *run, struct rs_error *err)
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
    run->report->engine = rs_dialect_facts(desired->dialect)->engine;
    run->report->user = desired->user;
    run->report->database = desired->database;
    if (strcmp(desired->user, run->options->desired.user) != 0) {
        rs_provision_report_notice(run->report, "Redshift folds names: the user is \"%s\"",
                                   desired->user);
    }
    return true;
}

/* What a user is to load into; one that is to lose something may have it anywhere. */
static bool check_target(struct provisioning *run, struct rs_error *err)
{
    const char *schema = run->desired.own_schema ? run->desired.own_schema : "";
    switch (run->options->job) {
    case RS_PROVISION_APPLY:
    case RS_PROVISION_CHECK:
        return rs_target_check(run->session, rs_str_from(schema), err);
    case RS_PROVISION_ROTATE:
    case RS_PROVISION_DISABLE:
    case RS_PROVISION_ENABLE:
    case RS_PROVISION_DROP:
        break;
    }
    return true;
}

/* ---- The password ---- */

/* In which form the password is sent. */
static enum rs_password_form form_of(const struct provisioning *run)
{
    enum rs_password_form usual = RS_PASSWORD_SCRAM;
    enum rs_password_form sha256 = RS_PASSWORD_SCRAM;
    switch (run->desired.dialect) {
    case RS_DIALECT_POSTGRESQL:
        break;
    case RS_DIALECT_REDSHIFT:
        usual = RS_PASSWORD_MD5;
        sha256 = RS_PASSWORD_SHA256;
        break;
    }
    switch (run->options->hash) {
    case RS_PROVISION_HASH_DEFAULT:
        return usual;
    case RS_PROVISION_HASH_MD5:
        return RS_PASSWORD_MD5;
    case RS_PROVISION_HASH_SHA256:
        return sha256;
    case RS_PROVISION_HASH_PLAIN:
        return RS_PASSWORD_PLAIN;
    }
    return RS_PASSWORD_PLAIN;
}

/*
 * A password is sent in the forms of form_of, and used in logins. Who reads an md5 form can log in
 * with it, and who reads a verifier of SCRAM and then one login can, too: none of them may be seen.
 */
static bool check_session(const struct provisioning *run, struct rs_error *err)
{
    return rs_session_check_secrets(run->session, "the password of a user", "", err);
}

/* Read the password that is given, and check it. */
static bool read_password(struct provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    run->given = check_session(run, err) && secret->read(secret->arg, &run->password, err) &&
                 rs_password_check(rs_strbuf_str(&run->password), run->desired.dialect, err);
    return run->given;
}

/* Have a password to send, in the form that is sent. */
static bool prepare_password(struct provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    unsigned char salt[RS_PASSWORD_SALT_BYTES];
    if (!check_session(run, err)) {
        return false;
    }
    if (run->password.length == 0 && secret->generate) {
        run->generated = rs_password_generate(rs_random_bytes, &run->password, err);
    } else if (run->password.length == 0 && secret->read) {
        (void)!read_password(run, err);
    } else if (run->password.length == 0) {
        (void)rs_error_set(err, RS_E_USAGE, "user \"%s\" needs a password, and none is given",
                           run->desired.user);
        (void)rs_error_hint(err, "give one with --password-file=FILE, or have one made with "
                                 "--generate --password-out=FILE");
    }
    if (err->code == RS_OK && !rs_random_bytes(salt, sizeof salt)) {
        (void)rs_error_set(err, RS_E_IO, "could not make a salt: there is no randomness");
    }
    rs_strbuf_reset(&run->encoded);
    return err->code == RS_OK &&
           rs_password_encode(form_of(run), rs_str_from(run->desired.user),
                              rs_strbuf_str(&run->password), salt, &run->encoded, err);
}

/* Whether the user has the password that is given. */
static bool compare_password(struct provisioning *run, struct rs_error *err)
{
    struct rs_error refusal = {0};
    const char *kept =
        rs_actual_user_password(run->session, run->desired.user, &run->report->arena);
    const enum rs_password_match match =
        kept && *kept ? rs_password_compare(rs_str_from(kept), rs_str_from(run->desired.user),
                                            rs_strbuf_str(&run->password))
                      : RS_PASSWORD_UNREADABLE;
    run->known = match == RS_PASSWORD_SAME;
    if (match != RS_PASSWORD_UNREADABLE || (kept && !*kept)) {
        return true;
    }
    struct rs_session *session = run->connector->open(run->connector->arg, NULL, run->desired.user,
                                                      rs_strbuf_cstr(&run->password), &refusal);
    run->known = session != NULL;
    rs_session_close(session);
    return rs_env_check_interrupt(run->env, err);
}

/* ---- One round of each job ---- */

static bool must_exist(struct provisioning *run, bool exists, struct rs_error *err)
{
    return exists || rs_error_set(err, RS_E_DATABASE, "there is no user \"%s\"", run->desired.user);
}

/* What is there and no statement of ours may change. */
static bool check_actual(struct provisioning *run, const struct rs_actual_user *actual,
                         struct rs_error *err)
{
    const struct rs_desired_user *desired = &run->desired;
    if (actual->exists && (!actual->can_login || actual->connection_limit == 0)) {
        (void)rs_error_set(err, RS_E_DATABASE, "user \"%s\" is disabled", desired->user);
        return rs_error_hint(err, "let it in again with --enable");
    }
    if (desired->own_schema && actual->own.exists &&
        strcmp(actual->own.owner, desired->user) != 0) {
        (void)rs_error_set(err, RS_E_DATABASE, "schema \"%s\" belongs to user \"%s\"",
                           desired->own_schema, actual->own.owner);
        return rs_error_hint(err, "name another, or hand it over: ALTER SCHEMA ... OWNER TO ...");
    }
    for (size_t i = 0; i < desired->read.count; i++) {
        if (!actual->read[i].exists) {
            (void)rs_error_set(err, RS_E_DATABASE, "there is no schema \"%s\" in database \"%s\"",
                               desired->read.items[i], desired->database);
            return rs_error_hint(err, "load something into it first, or check its name");
        }
    }
    return true;
}

static bool make_apply(struct provisioning *run, struct rs_user_changes *changes,
                       struct rs_error *err)
{
    const struct rs_provision_options *options = run->options;
    const bool shown_only = options->plan_only || options->job == RS_PROVISION_CHECK;
    struct rs_actual_user actual;
    if (!rs_actual_user_read(run->session, &run->desired, &run->report->arena, &actual, err) ||
        (options->job != RS_PROVISION_CHECK && !check_actual(run, &actual, err)) ||
        (actual.exists && run->given && !run->sent && !compare_password(run, err))) {
        return false;
    }
    struct rs_password_change secret = {.given = run->given && actual.exists, .same = run->known};
    secret.set = !actual.exists || (run->given && !run->known);
    if (actual.exists && !run->given && options->secret.generate && !run->sent && !run->told) {
        run->told = true;
        rs_provision_report_notice(
            run->report, "the password of \"%s\" is kept as it is: --rotate makes a new one",
            run->desired.user);
    }
    if (secret.set && !shown_only && !prepare_password(run, err)) {
        return false;
    }
    secret.encoded = rs_strbuf_str(&run->encoded);
    return rs_user_difference_make(&run->desired, &actual, &secret, changes, err);
}

static bool make_rotate(struct provisioning *run, struct rs_user_changes *changes,
                        struct rs_error *err)
{
    const struct rs_desired_user user = {.dialect = run->desired.dialect,
                                         .user = run->desired.user,
                                         .database = run->desired.database};
    struct rs_actual_user actual;
    struct rs_password_change secret = {.set = !run->sent};
    if (!rs_actual_user_read(run->session, &user, &run->report->arena, &actual, err) ||
        !must_exist(run, actual.exists, err) ||
        (secret.set && !run->options->plan_only && !prepare_password(run, err))) {
        return false;
    }
    secret.encoded = rs_strbuf_str(&run->encoded);
    return !secret.set || rs_user_difference_make_password(&run->desired, &secret, changes, err);
}

/*
 * A user of Redshift is kept out by a connection limit of 0, which IAM's passwords keep to as well,
 * and by having no password, as no page of the manual says what 0 does; there is neither for
 * superusers.
 */
static void append_access(struct rs_strbuf *sql, const struct rs_desired_user *desired,
                          const struct rs_actual_user *actual, bool allow)
{
    const struct rs_dialect_facts *facts = rs_dialect_facts(desired->dialect);
    rs_strbuf_printf(sql, "ALTER %s ", facts->user);
    rs_sql_ident(sql, rs_str_from(desired->user));
    if (facts->has_login_attribute) {
        rs_strbuf_append(sql, allow ? " LOGIN" : " NOLOGIN");
        rs_strbuf_append(sql, allow && actual->connection_limit == 0 ? " CONNECTION LIMIT -1" : "");
        return;
    }
    rs_strbuf_append(sql, allow ? " CONNECTION LIMIT " : " PASSWORD DISABLE CONNECTION LIMIT ");
    if (allow && desired->connection_limit == RS_DESIRED_ANY) {
        rs_strbuf_append(sql, "UNLIMITED");
    } else {
        rs_strbuf_append_u64(sql, allow ? desired->connection_limit : 0);
    }
}

/*
 * Who was kept out of Redshift has no password any more. The one that is given is set before the
 * user is let in, so that a run that ends between the two does it again.
 */
static bool give_password(struct provisioning *run, struct rs_user_changes *changes,
                          struct rs_error *err)
{
    const struct rs_provision_secret *source = &run->options->secret;
    struct rs_password_change secret = {.set = true, .given = run->given};
    if (!run->given && !source->generate) {
        if (!run->told) {
            run->told = true;
            rs_provision_report_notice(run->report,
                                       "where --disable took the password of \"%s\", give one: "
                                       "--rotate with --password-file or --generate",
                                       run->desired.user);
        }
        return true;
    }
    if (run->sent || (!run->options->plan_only && !prepare_password(run, err))) {
        return run->sent;
    }
    secret.encoded = rs_strbuf_str(&run->encoded);
    return rs_user_difference_make_password(&run->desired, &secret, changes, err);
}

static bool make_access(struct provisioning *run, bool allow, struct rs_user_changes *changes,
                        struct rs_error *err)
{
    const struct rs_desired_user user = {.dialect = run->desired.dialect,
                                         .user = run->desired.user,
                                         .database = run->desired.database};
    const char *desired = allow ? "allowed" : "disabled";
    struct rs_actual_user actual;
    if (!rs_actual_user_read(run->session, &user, &run->report->arena, &actual, err) ||
        !must_exist(run, actual.exists, err)) {
        return false;
    }
    if (actual.superuser && !allow && !rs_dialect_facts(user.dialect)->has_login_attribute) {
        (void)rs_error_set(err, RS_E_DATABASE,
                           "user \"%s\" is a superuser, which nothing keeps out", user.user);
        return rs_error_hint(err, "take that away first: ALTER USER ... NOCREATEUSER");
    }
    const bool allowed = actual.can_login && actual.connection_limit != 0;
    if (allowed == allow) {
        (void)rs_user_changes_add_property(changes, "login", desired, desired, RS_PROPERTY_OK);
        return true;
    }
    if (allow && !rs_dialect_facts(user.dialect)->has_login_attribute &&
        !give_password(run, changes, err)) {
        return false;
    }
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    size_t property = rs_user_changes_add_property(
        changes, "login", desired, allow ? "disabled" : "allowed", RS_PROPERTY_MISSING);
    append_access(&sql, &run->desired, &actual, allow);
    bool ok = rs_user_changes_add_statement(changes, property, NULL, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

static bool make_drop(struct provisioning *run, struct rs_user_changes *changes,
                      struct rs_error *err)
{
    struct rs_owned_objects objects = {.user = run->desired.user,
                                       .new_owner = run->new_owner,
                                       .changes = changes,
                                       .arena = &run->report->arena};
    const struct rs_desired_user user = {.dialect = run->desired.dialect,
                                         .user = run->desired.user,
                                         .database = run->desired.database};
    struct rs_names databases = {NULL, 0};
    struct rs_actual_user actual;
    if (!rs_actual_user_read(run->session, &user, &run->report->arena, &actual, err)) {
        return false;
    }
    if (!actual.exists) {
        (void)rs_user_changes_add_property(changes, "user", "none", "none", RS_PROPERTY_OK);
        return true;
    }
    bool ok = rs_owned_objects_databases(run->session, &objects, &databases, err);
    for (size_t i = 0; ok && i < databases.count; i++) {
        struct rs_session *session = session_of(run, databases.items[i], err);
        ok = session && rs_owned_objects_add(session, &objects, databases.items[i], i == 0, err);
    }
    if (ok && objects.fixed > 0) {
        (void)rs_error_set(err, RS_E_DATABASE,
                           "could not drop user \"%s\": it owns %zu object%s that nothing hands "
                           "over: %s%s",
                           run->desired.user, objects.fixed, objects.fixed == 1 ? "" : "s",
                           objects.first_fixed, objects.fixed == 1 ? "" : ", ...");
        (void)rs_error_hint(err, "%s", objects.advice);
    } else if (ok && objects.owned > 0 && !run->new_owner) {
        (void)rs_error_set(err, RS_E_DATABASE, "could not drop user \"%s\": it owns %zu object%s",
                           run->desired.user, objects.owned, objects.owned == 1 ? "" : "s");
        (void)rs_error_hint(err, "name who gets them: --reassign-to=USER");
    }
    return ok && rs_owned_objects_drop_user(&objects, run->desired.dialect, err) &&
           err->code == RS_OK;
}

/* One round: properties, and the statements that are left to run. */
static bool make_changes(struct provisioning *run, struct rs_user_changes *changes,
                         struct rs_error *err)
{
    switch (run->options->job) {
    case RS_PROVISION_APPLY:
    case RS_PROVISION_CHECK:
        return make_apply(run, changes, err);
    case RS_PROVISION_ROTATE:
        return make_rotate(run, changes, err);
    case RS_PROVISION_DISABLE:
        return make_access(run, false, changes, err);
    case RS_PROVISION_ENABLE:
        return make_access(run, true, changes, err);
    case RS_PROVISION_DROP:
        return make_drop(run, changes, err);
    }
    return false;
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
static bool run_statement(struct provisioning *run, const struct rs_user_statement *statement,
                          struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    struct rs_session *session = session_of(run, statement->dbname, err);
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    const bool keeps = statement->secret && secret->keep;
    if (!session || (keeps && !secret->keep(secret->arg, run->desired.user,
                                            rs_strbuf_str(&run->password), true, err))) {
        return false;
    }
    if (statement->secret) {
        rs_strbuf_keep_secret(&sql);
    }
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
    if (!ok) {
        rs_session_rollback(session); /* what is done in another's name is a transaction */
    }
    if (!ok && keeps && err->code == RS_E_DATABASE) {
        secret->forget(secret->arg); /* a lost connection may have set it all the same */
    }
    return ok;
}

static bool was_run(const struct provisioning *run, const struct rs_user_statement *statement)
{
    for (size_t i = 0; statement->once && i < run->ran_count; i++) {
        if (rs_str_equal(rs_str_from(run->ran[i]), statement->shown)) {
            return true;
        }
    }
    return false;
}

static void note_run(struct provisioning *run, const struct rs_user_statement *statement)
{
    if (statement->once) {
        run->ran = rs_mem_grow(run->ran, &run->ran_capacity, run->ran_count + 1, sizeof *run->ran);
        run->ran[run->ran_count++] = rs_arena_copy(&run->report->arena, statement->shown).data;
    }
}

/*
 * Keep a refusal that may be a race. False: it says for the REFUSED_MAXth time, with nothing else
 * left to run, that something is in the way which what was read does not show.
 */
static bool note_refusal(struct provisioning *run, const struct rs_error *refusal, bool alone)
{
    const bool in_the_way =
        strcmp(refusal->detail, "55006") == 0 || strcmp(refusal->detail, "2BP01") == 0;
    const bool again = in_the_way && alone && strcmp(run->refusal.message, refusal->message) == 0;
    run->refused = again ? run->refused + 1 : 1;
    run->refusal = *refusal;
    return run->refused < REFUSED_MAX;
}

/* What a statement ended with is the run's end: the server's own words, and its code. */
static bool end_refused(const struct provisioning *run, const struct rs_error *refusal,
                        struct rs_error *err)
{
    *err = *refusal;
    if (err->code == RS_E_DATABASE && *err->detail) {
        rs_error_prefix(err, "could not %s user \"%s\" [%s]",
                        run->options->job == RS_PROVISION_DROP ? "drop" : "change",
                        run->desired.user, err->detail);
    }
    return false;
}

/*
 * The statements in order, up to one that another administrator was in the way of. False: one
 * failed.
 *
 * left  written: how many there were to run
 */
static bool run_statements(struct provisioning *run, struct rs_user_changes *changes, size_t *left,
                           struct rs_error *err)
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
        if (!is_race(&refusal) || !note_refusal(run, &refusal, *left == 1)) {
            return end_refused(run, &refusal, err);
        }
        rs_log(&run->env->log, RS_LOG_INFO, "reading again: %s", refusal.message);
        run->env->sleep_ms(run->env, PAUSE_MS);
        return true;
    }
    run->refusal = (struct rs_error){0};
    return true;
}

/* ---- All of it ---- */

/* Rounds until nothing is left to run. The first one's steps are the report's. */
static bool converge(struct provisioning *run, struct rs_error *err)
{
    struct rs_user_changes *first = &run->report->changes;
    const bool shown_only = run->options->plan_only || run->options->job == RS_PROVISION_CHECK;
    if (!make_changes(run, first, err) || shown_only) {
        return err->code == RS_OK;
    }
    struct rs_user_changes changes = RS_USER_CHANGES_INIT;
    size_t left = 0;
    bool ok = run_statements(run, first, &left, err);
    for (unsigned round = 0; ok && left > 0 && round < ROUNDS_MAX; round++) {
        rs_user_changes_release(&changes);
        ok = rs_env_check_interrupt(run->env, err) && make_changes(run, &changes, err) &&
             run_statements(run, &changes, &left, err);
    }
    if (ok && left > 0 && run->refusal.code != RS_OK) {
        ok = end_refused(run, &run->refusal, err);
    } else if (ok && left > 0) {
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
static bool keep_known(struct provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    return run->options->plan_only || run->sent || !run->known || !secret->keep ||
           run->options->job != RS_PROVISION_APPLY ||
           secret->keep(secret->arg, run->desired.user, rs_strbuf_str(&run->password), false, err);
}

static bool test_login(struct provisioning *run, struct rs_error *err)
{
    const enum rs_provision_job job = run->options->job;
    const bool of_interest = job == RS_PROVISION_APPLY || job == RS_PROVISION_ROTATE;
    struct rs_desired_user desired = run->desired;
    if (!of_interest || run->options->plan_only || run->options->no_verify || !run->known) {
        return true;
    }
    if (form_of(run) == RS_PASSWORD_SHA256) {
        rs_provision_report_notice(run->report,
                                   "not proven by a login: only AWS's drivers can log in as \"%s\"",
                                   desired.user);
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

static void tell_sessions(struct provisioning *run)
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
        rs_provision_report_notice(run->report,
                                   "sessions that were open before go on, as \"%s\": end them with "
                                   "pg_terminate_backend()",
                                   run->desired.user);
    }
}

static bool work(struct provisioning *run, struct rs_error *err)
{
    const struct rs_provision_options *options = run->options;
    const bool early = options->secret.read && !options->secret.ask;
    run->session = run->connector->open(run->connector->arg, NULL, NULL, NULL, err);
    if (!run->session || !settle_names(run, err) || !check_target(run, err) ||
        (early && !read_password(run, err))) {
        return false;
    }
    if (options->hash == RS_PROVISION_HASH_PLAIN) {
        rs_log(&run->env->log, RS_LOG_WARNING,
               "--hash=plain sends the password as it is: the server may log it");
    }
    if (form_of(run) == RS_PASSWORD_SHA256) {
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
    struct provisioning run = {.env = env,
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
