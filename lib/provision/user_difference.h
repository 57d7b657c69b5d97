/*
 * provision/user_difference.h - what a user should be, less what it is: rows to show, statements to run.
 *
 *   struct rs_user_changes steps = RS_USER_CHANGES_INIT;
 *   rs_user_difference_make(&wanted, &found, &secret, &steps)
 *     -> steps.rows:       "database \"dev\": CREATE", wanted "yes", found "no", missing
 *        steps.statements: GRANT CREATE ON DATABASE "dev" TO "segment"
 *   rs_user_changes_release(&steps);
 *
 * A row is for a person, a statement is for the server; a statement that holds a secret has a
 * text to show beside it. A row that is missing and that no statement mends is for the caller.
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    steps own their texts, wiped on release; wanted and found are borrowed for the call.
 */
#ifndef RS_PROVISION_USER_DIFFERENCE_H
#define RS_PROVISION_USER_DIFFERENCE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "warehouse/sqltext.h"

#define RS_DESIRED_ANY      UINT32_MAX /* of a number: as it is */
#define RS_ACTUAL_UNLIMITED UINT32_MAX
#define RS_ACTUAL_FOREVER   INT64_MAX

/* Texts; the array is its owner's. */
struct rs_names {
    const char *const *items;
    size_t count;
};

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
    struct rs_names no_group; /* groups that are wanted and do not exist */
    bool create;              /* on the database; so are the next two */
    bool temp;
    bool connect;
    bool create_public; /* on the schema "public" */
    struct rs_actual_schema own;
    const struct rs_actual_schema *read; /* one for each of wanted->read */
    const bool *copy;                    /* one for each of wanted->roles; so is the next */
    const bool *unload;
    int64_t now_us;
};

/* What is to be done about the password. */
struct rs_password_change {
    bool set;              /* it has to be sent */
    bool given;            /* one is given to compare with */
    bool same;             /* ... and it is the user's */
    struct rs_str encoded; /* what is sent; empty in a plan, which shows none */
};

enum rs_property_state {
    RS_PROPERTY_OK,
    RS_PROPERTY_MISSING,
    RS_PROPERTY_EXCESS,
    RS_PROPERTY_UNKNOWN
};

struct rs_user_property {
    const char *what;
    const char *desired;
    const char *actual;
    enum rs_property_state state;
    bool mended; /* a statement ran for it */
};

struct rs_user_statement {
    struct rs_str sql;
    struct rs_str shown; /* the same with its secret masked */
    const char *dbname;  /* NULL: the administrator's own */
    size_t property;     /* which it is for */
    bool secret;         /* it sends the password */
    bool once;           /* what it sets may be shown in other words: run again it does nothing */
};

struct rs_user_changes {
    struct rs_arena arena;
    struct rs_user_property *properties;
    size_t property_count;
    size_t property_capacity;
    struct rs_user_statement *statements;
    size_t statement_count;
    size_t statement_capacity;
};

#define RS_USER_CHANGES_INIT ((struct rs_user_changes){RS_ARENA_INIT, NULL, 0, 0, NULL, 0, 0})

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

/*
 * Compare.
 *
 * steps  empty; filled
 * err    RS_E_LIMIT: a statement that is too long; RS_E_DATABASE: the schema is another's;
 *        RS_E_USAGE: a schema to read is not there
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

/* Add a row; texts are copied. Returns its place. */
size_t rs_user_changes_add_property(struct rs_user_changes *changes, const char *what,
                                    const char *desired, const char *actual,
                                    enum rs_property_state state);

/*
 * Add a statement for a row; RS_E_LIMIT when it could not be built.
 *
 * shown  the same with its secret masked; NULL: it has none. Both are copied.
 */
RS_MUST_USE bool rs_user_changes_add(struct rs_user_changes *changes, size_t property,
                                     const char *dbname, const struct rs_strbuf *sql,
                                     const struct rs_strbuf *shown, struct rs_error *err);

/* Some row is missing, or more than is needed. */
bool rs_user_changes_lack(const struct rs_user_changes *changes);

void rs_user_changes_release(struct rs_user_changes *changes);

#endif
