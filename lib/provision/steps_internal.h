/*
 * provision/steps_internal.h - what the halves of the comparison share: steps.c (the user) and grants.c
 * (what it may).
 */
#ifndef RS_PROVISION_STEPS_INTERNAL_H
#define RS_PROVISION_STEPS_INTERNAL_H

#include "base/strbuf.h"
#include "provision/user_difference.h"

/* A comparison under way. A failure is told once, by ok. */
struct rs_making {
    const struct rs_desired_user *desired;
    const struct rs_actual_user *actual;
    const struct rs_password_change *secret;
    struct rs_user_changes *changes;
    struct rs_strbuf sql; /* the statement that is being built */
    struct rs_error *err;
    bool ok;
};

/* Build a statement: begin, then words, names and values, then end. */
void rs_making_begin(struct rs_making *making, const char *words);
void rs_making_words(struct rs_making *making, const char *words);
void rs_making_name(struct rs_making *making, const char *name);
void rs_making_value(struct rs_making *making, const char *value);
void rs_making_end(struct rs_making *making, size_t row);

/* Add a row that is as wanted, or missing. */
size_t rs_making_row(struct rs_making *making, const char *what, const char *desired,
                     const char *actual, bool as_wanted);

/* kind "name"tail, in the steps' arena. */
const char *rs_making_label(struct rs_making *making, const char *kind, const char *name,
                            const char *tail);

bool rs_names_have(struct rs_names names, const char *name);

/* Groups, database, schemas, IAM roles, and what is more than needed. */
void rs_making_grants(struct rs_making *making);

#endif
