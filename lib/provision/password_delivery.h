/*
 * provision/password_delivery.h - put a new password into files: one of its own, and ~/.pgpass.
 *
 *   struct rs_password_delivery delivery = {
 *       .env = &env, .password_out = "segment.pw", .pgpass = true};
 *   delivery.host = "tea.abc..."; delivery.port = "5439";
 *   delivery.dbname = "dev";
 *   rs_password_delivery_keep(&delivery, "segment", password, true, &err)
 *     before the server has it
 *   rs_password_delivery_undo(&delivery)     when the server did not take it
 *   rs_password_delivery_release(&delivery);
 *
 *   rs_pgpass_edit(text, key, password, &out)
 *     -> the text with "host:port:dbname:user:password" at its top, once
 *   rs_pgpass_remove(text, key, &out, &removed, &numbers)
 *     -> the text without the user's lines
 *
 * Form:    password_out: the password and a line end, mode 0600, a file that is not there yet.
 *          ~/.pgpass (PGPASSFILE): written beside and renamed, mode 0600; other lines are kept.
 * Limits:  RS_PGPASS_MAX_BYTES.   Pure: rs_pgpass_edit is; the others touch files.
 * Owns:    what is needed to undo, wiped on release.
 * Threads: one thread at a time per object.
 * Source:  PostgreSQL manual, "The Password File".
 */
#ifndef RS_PROVISION_PASSWORD_DELIVERY_H
#define RS_PROVISION_PASSWORD_DELIVERY_H

#include "base/env.h"
#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "rs/strbuf.h"

enum { RS_PGPASS_MAX_BYTES = 1 << 20 };

/* Which line it is. */
struct rs_pgpass_key {
    struct rs_str host; /* "": a local socket, "localhost" */
    struct rs_str port;
    struct rs_str dbname;
    struct rs_str user;
};

/*
 * Append text with the key's line at its top and nowhere else.
 *
 * err  RS_E_USAGE: a name holds a line end, which no such file can hold
 */
RS_MUST_USE bool rs_pgpass_edit(struct rs_str text, const struct rs_pgpass_key *key,
                                struct rs_str password, struct rs_strbuf *out,
                                struct rs_error *err);

/*
 * Append text without the lines that are of the key's user at its host and port, for whatever
 * database, byte for byte.
 *
 * out      the text; NULL: no line is left out
 * removed  written: how many lines are left out
 * numbers  appended: "2, 5", of the lines in out (or text) that the user logs in there with, which
 *          stand under its name; what serves other hosts too is never left out
 */
void rs_pgpass_remove(struct rs_str text, const struct rs_pgpass_key *key, struct rs_strbuf *out,
                      size_t *removed, struct rs_strbuf *numbers);

struct rs_password_delivery {
    const struct rs_env *env;
    const char *password_out; /* NULL: none */
    bool pgpass;
    const char *host;
    const char *port;
    const char *dbname;
    bool made_out;           /* password_out was made by us */
    bool edited;             /* ~/.pgpass was, from ... */
    struct rs_strbuf before; /* ... this */
};

/* Both files can be written, as far as that can be told: RS_E_USAGE, RS_E_IO. */
RS_MUST_USE bool rs_password_delivery_check(const struct rs_password_delivery *delivery,
                                            struct rs_error *err);

/* Write the files; with fresh false ~/.pgpass alone, when its line is another. */
RS_MUST_USE bool rs_password_delivery_keep(struct rs_password_delivery *delivery, const char *user,
                                           struct rs_str password, bool fresh,
                                           struct rs_error *err);

/*
 * The user is gone. With delivery->pgpass take its lines out of ~/.pgpass, as rs_pgpass_remove does;
 * else look whether there are any.
 *
 * removed, numbers  as rs_pgpass_remove; nothing where there is no such file
 */
RS_MUST_USE bool rs_password_delivery_forget(const struct rs_password_delivery *delivery,
                                             const char *user, size_t *removed,
                                             struct rs_strbuf *numbers, struct rs_error *err);

/* As it was before rs_password_delivery_keep; a failure is logged. */
void rs_password_delivery_undo(struct rs_password_delivery *delivery);

void rs_password_delivery_release(struct rs_password_delivery *delivery);

#endif
