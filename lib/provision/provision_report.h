/*
 * provision/provision_report.h - what a run of provision.c found and did, in text and in JSON.
 *
 *   struct rs_provision_report report = RS_PROVISION_REPORT_INIT;
 *   ...
 *   rs_provision_report_text(&report, &out) or rs_provision_report_json(&report, true, &err, &out);
 *   rs_provision_report_release(&report);
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    its texts; a generated password is in it, and wiped.
 */
#ifndef RS_PROVISION_PROVISION_REPORT_H
#define RS_PROVISION_PROVISION_REPORT_H

#include "base/arena.h"
#include "provision/password.h"
#include "provision/user_changes.h"
#include "rs/error.h"
#include "rs/strbuf.h"

enum rs_provision_job {
    RS_PROVISION_APPLY,
    RS_PROVISION_CHECK,
    RS_PROVISION_ROTATE,
    RS_PROVISION_DISABLE,
    RS_PROVISION_ENABLE,
    RS_PROVISION_DROP,
};

struct rs_provision_report {
    struct rs_user_changes changes; /* what was found at first, and the statements that follow */
    struct rs_arena arena;          /* of the texts here */
    enum rs_provision_job job;
    bool plan_only;
    const char *user; /* as the server has it; "" until it is known */
    const char *database;
    const char *engine;        /* of the server: "redshift", "postgres"; NULL until it is known */
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

/* Say something that is to be told with the result. */
void rs_provision_report_notice(struct rs_provision_report *report, const char *fmt, ...)
    RS_PRINTF(2, 3);

/* Append the result for a person: for a plan its SQL, else a table and a sentence. */
void rs_provision_report_text(const struct rs_provision_report *report, struct rs_strbuf *out);

/* Append the result as one JSON object and a line end. The password is in it where it was given. */
void rs_provision_report_json(const struct rs_provision_report *report, bool with_password,
                              const struct rs_error *err, struct rs_strbuf *out);

/* Wipes what is secret. */
void rs_provision_report_release(struct rs_provision_report *report);

#endif
