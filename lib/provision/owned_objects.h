/*
 * provision/owned_objects.h - what a user owns and may, in every database, handed over or revoked.
 */
#ifndef RS_PROVISION_OWNED_OBJECTS_H
#define RS_PROVISION_OWNED_OBJECTS_H

#include "base/arena.h"
#include "provision/names.h"
#include "provision/user_changes.h"
#include "rs/compiler.h"
#include "warehouse/session.h"

struct rs_owned_objects {
    const char *user;
    const char *new_owner;           /* who gets what the user owns; NULL: nobody is named */
    struct rs_user_changes *changes; /* properties and statements are added here */
    struct rs_arena *arena;
    size_t owned;            /* objects that need a new owner */
    size_t fixed;            /* ... which no statement gives them */
    const char *first_fixed; /* one of those, and ... */
    const char *advice;      /* ... what a person has to do about it */
};

/* The databases to look into, the session's own first. */
RS_MUST_USE bool rs_owned_objects_databases(struct rs_session *session,
                                            struct rs_owned_objects *objects, struct rs_names *out,
                                            struct rs_error *err);

/*
 * Add properties of what the user has in the session's database, and statements that hand it over
 * and take it away.
 *
 * dbname  of the session; first: also what belongs to no database
 */
RS_MUST_USE bool rs_owned_objects_add(struct rs_session *session, struct rs_owned_objects *objects,
                                      const char *dbname, bool first, struct rs_error *err);

/* Add the statement that drops the user. */
RS_MUST_USE bool rs_owned_objects_drop_user(struct rs_owned_objects *objects,
                                            enum rs_dialect dialect, struct rs_error *err);

#endif
