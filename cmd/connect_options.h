/*
 * connect_options.h - the options of a connection, which every tool that has one takes.
 *
 *   struct rs_option table[OPTIONS_MAX] = {RS_OPT_END};
 *   size_t count = 0;
 *   rs_options_append(table, &count, rows, RS_COUNTOF(rows));
 *   rs_connect_options_add(&connect, table, &count);
 *
 * --iam, --cluster, --workgroup, --db-user, --ssh, --insecure-secrets; then --profile and --region,
 * which are AWS's.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_CMD_CONNECT_OPTIONS_H
#define RS_CMD_CONNECT_OPTIONS_H

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

/* What their values have to be, as RS_E_USAGE; NULL is none. An empty endpoint is none, too. */
RS_MUST_USE bool rs_option_check_stage(const char *stage, struct rs_error *err);
RS_MUST_USE bool rs_option_check_endpoint(const char *endpoint, struct rs_error *err);

/* option  "iam-role": an ARN, several of them with commas, or default */
RS_MUST_USE bool rs_option_check_role(const char *option, const char *role, struct rs_error *err);

#endif
