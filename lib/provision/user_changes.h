/*
 * provision/user_changes.h - what is to change of a user: properties to show, statements to run.
 *
 *   struct rs_user_changes changes = RS_USER_CHANGES_INIT;
 *   size_t property = rs_user_changes_add_property(&changes, "login", "allowed", "disabled",
 *                                                  RS_PROPERTY_MISSING);
 *   rs_user_changes_add_statement(&changes, property, NULL, &sql, NULL, &err)
 *   rs_user_changes_release(&changes);
 *
 * A property is for a person, a statement is for the server; a statement that holds a secret has a
 * text to show beside it. A property that is missing and that no statement mends is for the caller.
 *
 * Pure:    yes.   Threads: reentrant.
 * Owns:    their texts, wiped on release.
 */
#ifndef RS_PROVISION_USER_CHANGES_H
#define RS_PROVISION_USER_CHANGES_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum rs_property_state {
    RS_PROPERTY_OK,
    RS_PROPERTY_MISSING,
    RS_PROPERTY_EXCESS,
    RS_PROPERTY_UNKNOWN, /* the server would not tell */
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

/* Add a property; texts are copied. Returns its index. */
size_t rs_user_changes_add_property(struct rs_user_changes *changes, const char *what,
                                    const char *desired, const char *actual,
                                    enum rs_property_state state);

/*
 * Add a statement for a property; RS_E_LIMIT when it could not be built.
 *
 * shown  the same with its secret masked; NULL: it has none. Both are copied.
 */
RS_MUST_USE bool rs_user_changes_add_statement(struct rs_user_changes *changes, size_t property,
                                               const char *dbname, const struct rs_strbuf *sql,
                                               const struct rs_strbuf *shown, struct rs_error *err);

/* Some property is missing, or more than is needed. */
bool rs_user_changes_lack(const struct rs_user_changes *changes);

void rs_user_changes_release(struct rs_user_changes *changes);

#endif
