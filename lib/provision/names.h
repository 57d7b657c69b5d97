/*
 * provision/names.h - lists of names, and queries with names bound.
 *
 *   rs_names_read(session, "SELECT groname FROM pg_group WHERE groname = $1", &group, 1, &arena,
 *                 &names, &err)
 *
 * Owns:    a list's array and texts are the arena's.
 * Threads: one thread at a time per session and arena.
 */
#ifndef RS_PROVISION_NAMES_H
#define RS_PROVISION_NAMES_H

#include "base/arena.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/session.h"

/* Texts; the array is its owner's. */
struct rs_names {
    const char *const *items;
    size_t count;
};

/* The name is one of them. */
bool rs_names_have(struct rs_names names, const char *name);

/* A query with up to 4 bound texts. */
RS_MUST_USE struct rs_result *rs_names_query(struct rs_session *session, const char *sql,
                                             const char *const *params, size_t count,
                                             struct rs_error *err);

/* Column 0 of a query with up to 4 bound texts as names; false with err. */
RS_MUST_USE bool rs_names_read(struct rs_session *session, const char *sql,
                               const char *const *params, size_t count, struct rs_arena *arena,
                               struct rs_names *out, struct rs_error *err);

#endif
