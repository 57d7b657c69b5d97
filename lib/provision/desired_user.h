/*
 * provision/desired_user.h - what a user should be: what is asked for, and whether a server has it.
 *
 *   struct rs_desired_user desired = {.dialect = RS_DIALECT_REDSHIFT, .user = "Segment", ...};
 *   rs_desired_user_check(&desired, &err)
 *   desired.user = rs_desired_user_fold(desired.dialect, &arena, desired.user);   "segment"
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    nothing; texts are borrowed, or the arena's.
 */
#ifndef RS_PROVISION_DESIRED_USER_H
#define RS_PROVISION_DESIRED_USER_H

#include "base/arena.h"
#include "provision/names.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/sqltext.h"

#define RS_DESIRED_ANY UINT32_MAX /* of a number: as it is */

/* What is asked for. NULL, no names and RS_DESIRED_ANY: as it is. */
struct rs_desired_user {
    enum rs_dialect dialect; /* filled in when a server has answered; so is the case of names */
    const char *user;
    const char *database;   /* NULL: the one that is connected to */
    const char *own_schema; /* made for the user; no CREATE on the database then */
    struct rs_names roles;  /* ARNs, or "default" */
    struct rs_names groups;
    struct rs_names read;       /* schemas to read; no CREATE on the database then */
    const char *valid_until;    /* a timestamp, or "infinity" */
    unsigned connection_limit;  /* 1.. */
    unsigned session_timeout;   /* seconds */
    bool syslog_access;         /* all rows of the system tables */
    const char *query_group;    /* of the user's sessions */
    unsigned statement_timeout; /* seconds; 0: none */
    const char *search_path;    /* names with commas between */
};

/*
 * The names can be of a server of this dialect: not empty, UTF-8, and not longer than it keeps.
 *
 * what  "user", for the message
 * err   RS_E_USAGE
 */
RS_MUST_USE bool rs_desired_user_check_name(enum rs_dialect dialect, const char *what,
                                            const char *name, struct rs_error *err);

/* Check all names and that the dialect has what is asked for: RS_E_USAGE. */
RS_MUST_USE bool rs_desired_user_check(const struct rs_desired_user *desired, struct rs_error *err);

/*
 * The name as the server keeps it: Redshift folds ASCII to lower case, quoted or not.
 * In the arena.
 */
const char *rs_desired_user_fold(enum rs_dialect dialect, struct rs_arena *arena, const char *name);

/* The names of a search path: a, "B ""c""" -> a, B "c". False where it is none. */
RS_MUST_USE bool rs_desired_user_split_path(struct rs_arena *arena, struct rs_str path,
                                            struct rs_names *out);

#endif
