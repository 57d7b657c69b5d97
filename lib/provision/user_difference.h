/*
 * provision/user_difference.h - what a user should be, less what it is.
 *
 *   struct rs_user_changes changes = RS_USER_CHANGES_INIT;
 *   rs_user_difference_make(&desired, &actual, &secret, &changes, &err)
 *     -> changes.properties: "database \"dev\": CREATE", desired "yes", actual "no", missing
 *        changes.statements: GRANT CREATE ON DATABASE "dev" TO "segment"
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    nothing: what is compared is borrowed for the call, changes own what is added.
 */
#ifndef RS_PROVISION_USER_DIFFERENCE_H
#define RS_PROVISION_USER_DIFFERENCE_H

#include "provision/actual_user.h"
#include "provision/desired_user.h"
#include "provision/user_changes.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

/* What is to be done about the password. */
struct rs_password_change {
    bool set;              /* it has to be sent */
    bool given;            /* one is given to compare with */
    bool same;             /* ... and it is the user's */
    struct rs_str encoded; /* what is sent; empty in a plan, which shows none */
};

/*
 * Compare.
 *
 * changes  empty; filled
 * err      RS_E_LIMIT: a statement that is too long; RS_E_DATABASE: the schema is another's;
 *          RS_E_USAGE: a schema to read is not there
 */
RS_MUST_USE bool rs_user_difference_make(const struct rs_desired_user *desired,
                                         const struct rs_actual_user *actual,
                                         const struct rs_password_change *secret,
                                         struct rs_user_changes *changes, struct rs_error *err);

/* The password alone, which is set anew. Else as rs_user_difference_make. */
RS_MUST_USE bool rs_user_difference_make_password(const struct rs_desired_user *desired,
                                                  const struct rs_password_change *secret,
                                                  struct rs_user_changes *changes,
                                                  struct rs_error *err);

#endif
