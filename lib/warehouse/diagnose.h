/*
 * warehouse/diagnose.h - what a server's refusal means and what a person can do about it.
 *
 *   "FATAL:  password authentication failed for user \"ann\""
 *     -> RS_E_NET, hint: "check the user's name and password (PGPASSWORD or ~/.pgpass)"
 *   SQLSTATE 40P01 -> RS_E_DATABASE, retryable
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  PostgreSQL manual, Appendix A (error codes); messages of libpq 15 and of servers.
 */
#ifndef RS_WAREHOUSE_DIAGNOSE_H
#define RS_WAREHOUSE_DIAGNOSE_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

/* What a server said about a statement; any may be empty. */
struct rs_server_message {
    struct rs_str sqlstate;
    struct rs_str primary;
    struct rs_str detail;
    struct rs_str hint;
    struct rs_str context; /* for COPY: the line and column */
};

/*
 * Record why there is no connection: "could not connect to the database: <why>".
 *
 * why       libpq's message. It names host, user and database, but never the password; only
 *           of a connection string that cannot be read does it quote parts, and these are left
 *           out when the string may hold a password.
 * conninfo  the connection string; never shown
 * err       RS_E_NET, or RS_E_USAGE when the connection string itself is wrong. Always false.
 */
bool rs_diagnose_connect(struct rs_str why, const char *conninfo, struct rs_error *err);

/*
 * Record a refused statement: "could not run a statement: <primary>; <detail>", the SQLSTATE in
 * err->detail, the hint ours, else the server's. retryable for a deadlock, a serialization
 * failure and a server that is going away (which is RS_E_NET). Always false.
 */
bool rs_diagnose_statement(const struct rs_server_message *message, struct rs_error *err);

#endif
