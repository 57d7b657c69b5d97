/*
 * provision/actual_user.h - read from a server what a user is and may.
 */
#ifndef RS_PROVISION_ACTUAL_USER_H
#define RS_PROVISION_ACTUAL_USER_H

#include "base/arena.h"
#include "base/compiler.h"
#include "provision/user_difference.h"
#include "warehouse/session.h"

/*
 * Read. A schema to read that does not exist is told by its exists.
 *
 * wanted  with dialect and database filled in, names folded
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

/* Column 0 of a query with up to 4 bound texts as names; false with err. */
RS_MUST_USE bool rs_names_read(struct rs_session *session, const char *sql,
                               const char *const *params, size_t count, struct rs_arena *arena,
                               struct rs_names *out, struct rs_error *err);

/* A query with up to 4 bound texts. */
RS_MUST_USE struct rs_result *rs_names_query(struct rs_session *session, const char *sql,
                                             const char *const *params, size_t count,
                                             struct rs_error *err);

#endif
