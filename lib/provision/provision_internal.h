/*
 * provision/provision_internal.h - one run of provision.c, and its rounds in provision_jobs.c.
 */
#ifndef RS_PROVISION_PROVISION_INTERNAL_H
#define RS_PROVISION_PROVISION_INTERNAL_H

#include "provision/provision.h"

/* One run. */
struct rs_provisioning {
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
};

/* Say something to be told with the result: words "name"tail. */
void rs_provision_notice(struct rs_provisioning *run, const char *words, const char *name,
                         const char *tail);

/* The administrator's session in a database; NULL: its own. It is closed with the run. */
struct rs_session *rs_provision_session(struct rs_provisioning *run, const char *dbname,
                                        struct rs_error *err);

/* In which form the password is sent. */
enum rs_password_form rs_provision_form(const struct rs_provisioning *run);

/* Read the password that is given, and check it. */
RS_MUST_USE bool rs_provision_read_password(struct rs_provisioning *run, struct rs_error *err);

/* One round: rows, and the statements that are left to run. */
RS_MUST_USE bool rs_provision_changes(struct rs_provisioning *run, struct rs_user_changes *changes,
                                      struct rs_error *err);

#endif
