/*
 * One round of each job: what is there now, and the statements that are left to run. Also what a
 * round needs of the password: read, made, compared with the one that the user has.
 */
#include <string.h>

#include "base/mem.h"
#include "codec/digest.h"
#include "provision/actual_user.h"
#include "provision/owned_objects.h"
#include "provision/provision_internal.h"

/* ---- The password ---- */

enum rs_password_form rs_provision_form(const struct rs_provisioning *run)
{
    const bool redshift = run->desired.dialect == RS_DIALECT_REDSHIFT;
    switch (run->options->hash) {
    case RS_PROVISION_HASH_DEFAULT:
        return redshift ? RS_PASSWORD_MD5 : RS_PASSWORD_SCRAM;
    case RS_PROVISION_HASH_MD5:
        return RS_PASSWORD_MD5;
    case RS_PROVISION_HASH_SHA256:
        return redshift ? RS_PASSWORD_SHA256 : RS_PASSWORD_SCRAM;
    case RS_PROVISION_HASH_PLAIN:
        return RS_PASSWORD_PLAIN;
    }
    return RS_PASSWORD_PLAIN;
}

bool rs_provision_read_password(struct rs_provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    run->given = secret->read(secret->arg, &run->password, err) &&
                 rs_password_check(rs_strbuf_str(&run->password), run->desired.dialect, err);
    return run->given;
}

/* Have a password to send, in the form that is sent. */
static bool prepare_password(struct rs_provisioning *run, struct rs_error *err)
{
    const struct rs_provision_secret *secret = &run->options->secret;
    unsigned char salt[RS_PASSWORD_SALT_BYTES];
    if (run->password.length == 0 && secret->generate) {
        run->generated = rs_password_generate(rs_random_bytes, &run->password, err);
    } else if (run->password.length == 0 && secret->read) {
        (void)!rs_provision_read_password(run, err);
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
           rs_password_encode(rs_provision_form(run), rs_str_from(run->desired.user),
                              rs_strbuf_str(&run->password), salt, &run->encoded, err);
}

/* Whether the user has the password that is given. */
static bool compare_password(struct rs_provisioning *run, struct rs_error *err)
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

static bool must_exist(struct rs_provisioning *run, bool exists, struct rs_error *err)
{
    return exists || rs_error_set(err, RS_E_DATABASE, "there is no user \"%s\"", run->desired.user);
}

/* What is there and no statement of ours may change. */
static bool check_actual(struct rs_provisioning *run, const struct rs_actual_user *actual,
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

static bool make_apply(struct rs_provisioning *run, struct rs_user_changes *changes,
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
        rs_provision_notice(run, "the password of", run->desired.user,
                            " is kept as it is: --rotate makes a new one");
    }
    if (secret.set && !shown_only && !prepare_password(run, err)) {
        return false;
    }
    secret.encoded = rs_strbuf_str(&run->encoded);
    return rs_user_difference_make(&run->desired, &actual, &secret, changes, err);
}

/* Add one statement of a few words and the user's name between them. */
static bool add_simple(struct rs_provisioning *run, struct rs_user_changes *changes,
                       const char *what, const char *const words[2], unsigned limit,
                       struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    const bool allowed = strcmp(what, "allowed") == 0;
    size_t property = rs_user_changes_add_property(
        changes, "login", what, allowed ? "disabled" : "allowed", RS_PROPERTY_MISSING);
    rs_strbuf_append(&sql, words[0]);
    rs_sql_ident(&sql, rs_str_from(run->desired.user));
    rs_strbuf_append(&sql, words[1]);
    if (limit != RS_DESIRED_ANY) {
        rs_strbuf_append_u64(&sql, limit);
    } else if (run->desired.dialect == RS_DIALECT_REDSHIFT) {
        rs_strbuf_append(&sql, "UNLIMITED");
    }
    bool ok = rs_user_changes_add(changes, property, NULL, &sql, NULL, err);
    rs_strbuf_release(&sql);
    return ok;
}

static bool make_rotate(struct rs_provisioning *run, struct rs_user_changes *changes,
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
 * A user of Redshift is kept out by a connection limit of 0, which IAM's passwords keep to as well
 * and which leaves the user's own password alone; there is none for superusers.
 */
static bool make_access(struct rs_provisioning *run, bool allow, struct rs_user_changes *changes,
                        struct rs_error *err)
{
    static const char *const words[2][2][2] = {
        [RS_DIALECT_POSTGRESQL] = {{"ALTER ROLE ", " NOLOGIN"}, {"ALTER ROLE ", " LOGIN"}},
        [RS_DIALECT_REDSHIFT] = {{"ALTER USER ", " CONNECTION LIMIT "},
                                 {"ALTER USER ", " CONNECTION LIMIT "}},
    };
    const struct rs_desired_user user = {.dialect = run->desired.dialect,
                                         .user = run->desired.user,
                                         .database = run->desired.database};
    struct rs_actual_user actual;
    if (!rs_actual_user_read(run->session, &user, &run->report->arena, &actual, err) ||
        !must_exist(run, actual.exists, err)) {
        return false;
    }
    if (actual.superuser && !allow && user.dialect == RS_DIALECT_REDSHIFT) {
        (void)rs_error_set(err, RS_E_DATABASE,
                           "user \"%s\" is a superuser, which nothing keeps out", user.user);
        return rs_error_hint(err, "take that away first: ALTER USER ... NOCREATEUSER");
    }
    const bool allowed = actual.can_login && actual.connection_limit != 0;
    if (allowed == allow) {
        (void)rs_user_changes_add_property(changes, "login", allow ? "allowed" : "disabled",
                                           allow ? "allowed" : "disabled", RS_PROPERTY_OK);
        return true;
    }
    const bool redshift = user.dialect == RS_DIALECT_REDSHIFT;
    if (!redshift && allow && actual.connection_limit == 0) {
        static const char *const unlimited[] = {"ALTER ROLE ", " LOGIN CONNECTION LIMIT -1"};
        return add_simple(run, changes, "allowed", unlimited, RS_DESIRED_ANY, err);
    }
    const unsigned limit = !redshift ? RS_DESIRED_ANY : allow ? run->desired.connection_limit : 0;
    return add_simple(run, changes, allow ? "allowed" : "disabled", words[user.dialect][allow],
                      limit, err);
}

static bool make_drop(struct rs_provisioning *run, struct rs_user_changes *changes,
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
        struct rs_session *session = rs_provision_session(run, databases.items[i], err);
        ok = session && rs_owned_objects_add(session, &objects, databases.items[i], i == 0, err);
    }
    if (ok && objects.owned > 0 && !run->new_owner) {
        (void)rs_error_set(err, RS_E_DATABASE, "could not drop user \"%s\": it owns %zu object%s",
                           run->desired.user, objects.owned, objects.owned == 1 ? "" : "s");
        (void)rs_error_hint(err, "name who gets them: --reassign-to=USER");
    }
    return ok && rs_owned_objects_drop_user(&objects, run->desired.dialect, err) &&
           err->code == RS_OK;
}

bool rs_provision_changes(struct rs_provisioning *run, struct rs_user_changes *changes,
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
