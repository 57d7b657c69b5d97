/*
 * warehouse/login_internal.h - what a session takes from lib/warehouse/login.c, and that from roots.c.
 */
#ifndef RS_WAREHOUSE_LOGIN_INTERNAL_H
#define RS_WAREHOUSE_LOGIN_INTERNAL_H

#include "warehouse/login.h"

/*
 * Connect. Returns libpq's connection, which the caller finishes, or NULL with RS_E_NET or
 * RS_E_USAGE.
 *
 * serverless  out: the host's name is one of Redshift Serverless
 */
RS_MUST_USE void *rs_login_connect(const struct rs_env *env, const struct rs_login *login,
                                   bool *serverless, struct rs_error *err);

/*
 * The roots of the system, for a libpq of this version: SSL_CERT_FILE, "system" where libpq finds
 * them by itself, else the bundle of the distribution; NULL where there is none.
 */
const char *rs_login_system_roots(const struct rs_env *env, const char *sslmode, int libpq_version);

/*
 * The roots that a certificate is verified by, if it is: those that were named, else the user's
 * own (~/.postgresql/root.crt), else the system's. "" where there are none. Freed by the caller.
 */
RS_MUST_USE char *rs_login_roots(const struct rs_env *env, const char *named, int libpq_version);

#endif
