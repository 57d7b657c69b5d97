/*
 * connect_options.h - the options of a connection, which every tool that has one takes.
 *
 *   struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
 *   size_t count = 0;
 *   rs_options_append(table, &count, rows, RS_COUNTOF(rows));
 *   rs_connect_options_add(&connect, table, &count);
 *   ... rs_app_options ...
 *   rs_passwords_init(&passwords, rs_option_ask_password, &app);
 *   connect.passwords = &passwords;
 *
 * --iam, --cluster, --workgroup, --db-user, --ssh, --insecure-secrets, --no-password, --password;
 * then --profile and --region, which are AWS's.
 *
 * Pure:    yes, but for asking.   Threads: reentrant.
 */
#ifndef RS_CMD_CONNECT_OPTIONS_H
#define RS_CMD_CONNECT_OPTIONS_H

#include "aws/account.h"
#include "cli/app.h"
#include "cli/options.h"
#include "connect/connect.h"

/* What --version names. */
extern const struct rs_app_library rs_tool_libraries[];

/* Put rows at the end of a table that has room for them; count is the table's. */
void rs_options_append(struct rs_option *table, size_t *count, const struct rs_option *rows,
                       size_t row_count);

/* The options of the connection; profile and region are written to options as well. */
void rs_connect_options_add(struct rs_connect_options *options, struct rs_option *table,
                            size_t *count);

/* The tool takes options alone: RS_E_USAGE with this hint. */
RS_MUST_USE bool rs_option_check_no_operand(const struct rs_app *app, const char *hint,
                                            struct rs_error *err);

/* Ask on the terminal, if there is one, as rs_passwords_ask; arg is the app. */
bool rs_option_ask_password(void *arg, const char *what, struct rs_strbuf *out,
                            struct rs_error *err);

/* What their values have to be, as RS_E_USAGE; NULL is none. An empty endpoint is none, too. */
RS_MUST_USE bool rs_option_check_stage(const char *stage, struct rs_error *err);
RS_MUST_USE bool rs_option_check_endpoint(const char *endpoint, struct rs_error *err);

/*
 * --sse: how S3 encrypts what is put into it, by its place in the names; 0: as the bucket says. A key
 * alone is one for aws:kms. check: RS_E_USAGE where key and --sse do not go together.
 */
extern const char *const rs_option_sse_names[];
void rs_option_settle_sse(unsigned sse, struct rs_account_options *account);
RS_MUST_USE bool rs_option_check_sse(const struct rs_account_options *account,
                                     struct rs_error *err);

/* In a script it is mostly a variable that is not set. RS_E_USAGE; NULL is not given at all. */
RS_MUST_USE bool rs_option_check_not_empty(const char *option, const char *value,
                                           struct rs_error *err);

/* option  "iam-role": an ARN, several of them with commas, or default */
RS_MUST_USE bool rs_option_check_role(const char *option, const char *role, struct rs_error *err);

#endif
