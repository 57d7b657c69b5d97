/*
 * connect/iam.h - user and password from AWS, as struct rs_connect_iam wants them.
 */
#ifndef RS_CONNECT_IAM_H
#define RS_CONNECT_IAM_H

#include "connect/connect.h"

struct rs_iam;

/* Nothing is asked yet; env and options are borrowed until free. */
RS_MUST_USE struct rs_iam *rs_iam_new(const struct rs_env *env,
                                      const struct rs_connect_options *options);

/* As rs_connect_iam's fetch; arg is the object. */
RS_MUST_USE bool rs_iam_fetch(void *arg, const struct rs_endpoint *endpoint,
                              struct rs_database_login *out, struct rs_error *err);

/* NULL is nothing. */
void rs_iam_free(struct rs_iam *aws);

#endif
