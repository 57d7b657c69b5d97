/*
 * provision/provision.h - a database user for a loader or a reader: made, checked, taken away.
 *
 *   struct rs_provision_options options = {.desired = {...}, .job = RS_PROVISION_APPLY};
 *   struct rs_provision_report report = RS_PROVISION_REPORT_INIT;
 *   bool ok = rs_provision_run(&env, &connector, &options, &report, &err);
 *   (see provision/provision_report.h)
 *
 * What is there is read, compared with what is wanted, and the difference is a list of
 * statements, run one at a time; then all is read again, until nothing is missing. So a run that
 * was cut off is finished by the next, a second one changes nothing, and what another
 * administrator did in the meantime counts as done. --check and --plan end before the statements.
 *
 * Pure:    no: sessions, by way of the connector.
 * Owns:    the report; options are borrowed for the call.
 * Threads: one thread at a time.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html, r_GRANT.html,
 *          r_DROP_USER.html; PostgreSQL manual, "Database Roles".
 */
#ifndef RS_PROVISION_PROVISION_H
#define RS_PROVISION_PROVISION_H

#include "base/env.h"
#include "provision/desired_user.h"
#include "provision/provision_report.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"
#include "warehouse/session.h"

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
     * false and only what is missing is put there.
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
    struct rs_desired_user desired;
    enum rs_provision_job job;
    bool plan_only; /* the statements, nothing is run */
    bool no_verify;
    enum rs_provision_hash hash;
    const char *reassign_to; /* with RS_PROVISION_DROP; NULL: nobody */
    struct rs_provision_secret secret;
};

/*
 * Do the job.
 *
 * report  initialised; filled as far as it came, also on failure
 * err     RS_E_USAGE: a name, a password or an option that the server does not take; RS_E_PARTIAL:
 *         all statements ran but the login test failed, or what is asked for is not there
 *         afterwards; RS_E_DATABASE, RS_E_NET as the sessions
 */
RS_MUST_USE bool rs_provision_run(const struct rs_env *env,
                                  const struct rs_provision_connector *connector,
                                  const struct rs_provision_options *options,
                                  struct rs_provision_report *report, struct rs_error *err);

#endif
