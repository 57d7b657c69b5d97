/*
 * Amazon Redshift, provisioned and Serverless. Serverless shows SYS_ views alone, no STL_ and STV_
 * tables: a host's name tells, or that there are no slices (rs_session_is_serverless).
 *
 * Source: Amazon Redshift Database Developer Guide: r_names.html, c_unsupported-postgresql-features,
 *         c_serial_isolation.html, r_ALTER_TABLE.html, r_CREATE_USER.html, declare.html.
 */
#include <string.h>
#include <strings.h>

#include "rs/name.h"
#include "warehouse/dialect.h"

const struct rs_dialect_facts rs_dialect_redshift = {
    .name = "Redshift",
    .engine = "redshift",

    .name_max_bytes = RS_NAME_MAX,
    .folds_names = true,
    .doubled_in_literals = "'\\", /* E'' does not exist, and a backslash escapes without it */
    .text_type = "varchar",
    .has_super = true,
    .has_infinity = false,
    .has_open_numeric = false,
    .prints_short_reals = true,
    .has_encodings = false,
    .ignores_end_blanks = true,

    .session_settings =
        "SET statement_timeout TO 0; SET timezone TO 'UTC'; SET datestyle TO 'ISO, YMD'",
    .own_settings = "",
    .local_settings = "",
    .all_digits = "SET extra_float_digits TO 2",
    .begin_reading = "BEGIN",
    .horizon = NULL,
    .has_query_groups = true,
    .has_poolers = false,
    .has_slices = true,
    .has_foreign_targets = true,
    .fetch_max_rows = 1000, /* what a cluster of one node gives at a time */

    .has_layout = true,
    .has_indexes = false,
    .alters_at_once = false,
    .has_add_if_not_exists = false,
    .keeps_dropped = false,
    .has_generated = false,
    .has_drop_on_commit = false,
    .has_sequences = false,
    .has_inheritance = false,
    .needs_analyze = false,
    .limits_tables = true,

    .loads_from_s3 = true,
    .row_max_bytes = 4 << 20, /* a '|' counts twice */
    .join_max_bytes = 65535,  /* CREATE TABLE: "row-width boundaries for intermediate results" */
    .has_copy_freeze = false,

    .has_advisory_locks = false,
    .locks_first = true,
    .has_lock_timeout = false,
    .lock_mode = "", /* there is one only */
    .widens_alone = true,
    .refuses_conflicts = true,

    .user = "USER",
    .group = "GROUP",
    .has_login_attribute = false,
    .tells_grantee_kind = true,
    .has_connect_privilege = false,
    .has_session_timeout = true,
    .has_strict_passwords = true,
};

/* Does the name end in the domain, with something before it? */
static bool ends_in(struct rs_str name, const char *domain)
{
    size_t length = strlen(domain);
    while (name.length > 0 && name.data[name.length - 1] == '.') {
        name.length--;
    }
    return name.length > length &&
           strncasecmp(name.data + name.length - length, domain, length) == 0;
}

bool rs_redshift_is_cluster_host(struct rs_str host)
{
    return ends_in(host, ".redshift.amazonaws.com") || ends_in(host, ".redshift.amazonaws.com.cn");
}

bool rs_redshift_is_serverless_host(struct rs_str host)
{
    return ends_in(host, ".redshift-serverless.amazonaws.com") ||
           ends_in(host, ".redshift-serverless.amazonaws.com.cn");
}
