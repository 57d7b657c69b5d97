/*
 * provision/actual_user.h - what a user is and may, read from a server.
 *
 *   rs_actual_user_read(session, &desired, &arena, &actual, &err)
 *
 * Pure:    no: queries.   Threads: one thread at a time per session.
 * Owns:    nothing; texts and arrays are the arena's.
 */
#ifndef RS_PROVISION_ACTUAL_USER_H
#define RS_PROVISION_ACTUAL_USER_H

#include "base/arena.h"
#include "provision/desired_user.h"
#include "provision/names.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/session.h"

#define RS_ACTUAL_UNLIMITED UINT32_MAX
#define RS_ACTUAL_FOREVER   INT64_MAX

/* A schema, and what the user has of it. */
struct rs_actual_schema {
    bool exists;
    const char *owner;
    bool usage;
    uint64_t tables;         /* views too */
    uint64_t unread;         /* those that the user may not SELECT from */
    struct rs_names makers;  /* who owns the schema or tables in it, but for the user */
    struct rs_names granted; /* makers whose tables to come the user may read */
};

/* What is there. Without exists, all else about the user is not known. */
struct rs_actual_user {
    bool exists;
    bool superuser;
    bool createdb;
    bool other_powers; /* PostgreSQL: CREATEROLE, REPLICATION, BYPASSRLS */
    bool can_login;    /* PostgreSQL */
    unsigned connection_limit;
    int64_t valid_until_us;
    unsigned session_timeout; /* Redshift */
    bool syslog_access;
    struct rs_names settings; /* name=value */
    struct rs_names groups;   /* that the user is in */
    struct rs_names no_group; /* groups that are desired and do not exist */
    bool create;              /* on the database; so are the next two */
    bool temp;
    bool connect;
    bool create_public; /* on the schema "public" */
    struct rs_actual_schema own;
    const struct rs_actual_schema *read; /* one for each of desired->read */
    const bool *copy;                    /* one for each of desired->roles; so are the next two */
    const bool *unload;
    const char *const *untold; /* why the server would not tell of the role; NULL: it did */
    int64_t now_us;
};

/*
 * Read. A schema to read that does not exist is told by its exists.
 *
 * desired with dialect and database filled in, names folded
 * arena   of out's texts
 * err     as rs_session_query_params; RS_E_DATABASE hints at what the administrator lacks
 */
RS_MUST_USE bool rs_actual_user_read(struct rs_session *session,
                                     const struct rs_desired_user *desired, struct rs_arena *arena,
                                     struct rs_actual_user *out, struct rs_error *err);

/* What the server keeps of the user's password; NULL where it does not tell. */
const char *rs_actual_user_password(struct rs_session *session, const char *user,
                                    struct rs_arena *arena);

/* The process ids of the user's open sessions, as far as the server tells. */
struct rs_names rs_actual_user_sessions(struct rs_session *session, const char *user,
                                        struct rs_arena *arena);

#endif
