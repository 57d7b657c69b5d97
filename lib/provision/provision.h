/*
 * provision/provision.h - a database user for a loader or a reader: made, checked, taken away.
 *
 *   struct rs_provision_options options = {.user = "segment", .job = RS_PROVISION_APPLY, ...};
 *   struct rs_provision_report report = RS_PROVISION_REPORT_INIT;
 *   bool ok = rs_provision_run(&env, &door, &options, &report, &err);
 *   rs_provision_report_text(&report, &out) or rs_provision_report_json(&report, &err, &out);
 *   rs_provision_report_release(&report);
 *
 * What is there is read, compared with what is wanted, and the difference is a list of
 * statements, run one at a time; then all is read again, until nothing is missing. So a run that
 * was cut off is finished by the next, a second one changes nothing, and what another
 * administrator did in the meantime counts as done. --check and --plan end before the statements.
 *
 * Pure:    no: sessions, by way of the door; the reports are.
 * Owns:    the report; options are borrowed for the call.
 * Threads: one thread at a time.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html, r_GRANT.html,
 *          r_DROP_USER.html; PostgreSQL manual, "Database Roles".
 */
#ifndef RS_PROVISION_PROVISION_H
#define RS_PROVISION_PROVISION_H

#include "base/compiler.h"
#include "base/env.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "provision/password.h"
#include "provision/user_difference.h"
#include "warehouse/session.h"

enum rs_provision_job {
    RS_PROVISION_APPLY,
    RS_PROVISION_CHECK,
    RS_PROVISION_ROTATE,
    RS_PROVISION_DISABLE,
    RS_PROVISION_ENABLE,
    RS_PROVISION_DROP,
};

enum rs_provision_hash {
    RS_PROVISION_HASH_DEFAULT, /* Redshift: MD5; PostgreSQL: SCRAM */
    RS_PROVISION_HASH_MD5,
    RS_PROVISION_HASH_SHA256, /* PostgreSQL: SCRAM */
    RS_PROVISION_HASH_PLAIN,
};

/* How sessions are opened. */
struct rs_provision_connector {
    /*
     * Open a session. dbname NULL: the one of the options; user NULL: the administrator.
     * err  RS_E_NET when the login is refused
     */
    struct rs_session *(*open)(void *arg, const char *dbname, const char *user,
                               const char *password, struct rs_error *err);
    void *arg;
};

/* Where a password comes from and where it is kept. */
struct rs_provision_secret {
    /* Append the password that is given (a file, a prompt); NULL: none is. */
    bool (*read)(void *arg, struct rs_strbuf *out, struct rs_error *err);
    bool ask;      /* read only when a password is needed, and not to compare with */
    bool generate; /* make one when one is needed */
    /*
     * Keep a password, before the server has it. For one that the server has already, fresh is
     * false and only what is missing is put in its place.
     */
    bool (*keep)(void *arg, const char *user, struct rs_str password, bool fresh,
                 struct rs_error *err);
    /* The server has it now. */
    bool (*settle)(void *arg, struct rs_error *err);
    /* The server did not take it: undo what keep did. */
    void (*forget)(void *arg);
    void *arg;
};

struct rs_provision_options {
    struct rs_desired_user desired; /* see provision/user_difference.h */
    enum rs_provision_job job;
    bool plan_only; /* the statements, nothing is run */
    bool no_verify;
    enum rs_provision_hash hash;
    const char *reassign_to; /* with RS_PROVISION_DROP; NULL: nobody */
    struct rs_provision_secret secret;
};

struct rs_provision_report {
    struct rs_user_changes changes; /* what was found at first, and the statements that follow */
    struct rs_arena arena;          /* of the texts here */
    enum rs_provision_job job;
    bool plan_only;
    const char *user; /* as the server has it; "" until it is known */
    const char *database;
    bool redshift;             /* the server is */
    bool failed;               /* it ended with an error */
    bool changed;              /* a statement ran */
    bool lacking;              /* something is missing, or more than is needed */
    struct rs_strbuf password; /* a generated one that the server took; else empty; wiped */
    char **notices;
    size_t notice_count;
    size_t notice_capacity;
    const char **sessions; /* process ids of the user's open sessions */
    size_t session_count;
};

#define RS_PROVISION_REPORT_INIT                                                                   \
    ((struct rs_provision_report){.changes = RS_USER_CHANGES_INIT,                                 \
                                  .arena = RS_ARENA_INIT,                                          \
                                  .user = "",                                                      \
                                  .database = "",                                                  \
                                  .password = RS_STRBUF_INIT(RS_PASSWORD_MAX + 1)})

/*
 * Do the job.
 *
 * report  initialised; filled as far as it came, also on failure
 * err     RS_E_USAGE: a name, a password or an option that the server does not take; RS_E_PARTIAL:
 *         all statements ran but the proof failed, or what is asked for is not there afterwards;
 *         RS_E_DATABASE, RS_E_NET as the sessions
 */
RS_MUST_USE bool rs_provision_run(const struct rs_env *env,
                                  const struct rs_provision_connector *connector,
                                  const struct rs_provision_options *options,
                                  struct rs_provision_report *report, struct rs_error *err);

/* Append the result for a person: for a plan its SQL, else a table and a sentence. */
void rs_provision_report_text(const struct rs_provision_report *report, struct rs_strbuf *out);

/* Append the result as one JSON object and a line end. The password is in it where it was given. */
void rs_provision_report_json(const struct rs_provision_report *report, bool with_password,
                              const struct rs_error *err, struct rs_strbuf *out);

/* Wipes what is secret. */
void rs_provision_report_release(struct rs_provision_report *report);

#endif
