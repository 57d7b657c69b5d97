/*
 * login_internal.h - what a session takes from lib/warehouse/login.c.
 */
#ifndef RS_WAREHOUSE_LOGIN_INTERNAL_H
#define RS_WAREHOUSE_LOGIN_INTERNAL_H

#include "rs/warehouse/login.h"

/*
 * Connect. Returns libpq's connection, which the caller finishes, or NULL with RS_E_NET or
 * RS_E_USAGE.
 *
 * serverless  out: the host's name is one of Redshift Serverless
 */
RS_MUST_USE void *rs_login_connect(const struct rs_env *env, const struct rs_login *login,
                                   bool *serverless, struct rs_error *err);

#endif
