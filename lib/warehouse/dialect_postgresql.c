/* PostgreSQL, from version 9.6 on, as other services offer it too (RDS, Aurora). */
#include "warehouse/dialect.h"

const struct rs_dialect_facts rs_dialect_postgresql = {
    .name = "PostgreSQL",
    .engine = "postgres",

    .name_max_bytes = 63,
    .folds_names = false,
    .doubled_in_literals = "'",
    .text_type = "text",
    .has_super = false,
    .has_infinity = true,
    .has_open_numeric = true,
    .prints_short_reals = false,
    .has_encodings = true,
    .ignores_end_blanks = false,

    /* A pooler knows these and keeps them with its client. */
    .session_settings = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; "
                        "SET standard_conforming_strings = on",
    /* The last two are of PostgreSQL 14 and 17. */
    .own_settings =
        "; SET search_path = pg_catalog; SET statement_timeout = 0; SET lock_timeout = 0; "
        "SET idle_in_transaction_session_timeout = 0; "
        "SET default_transaction_isolation = 'read committed'; "
        "SELECT CASE WHEN current_setting(name, true) IS NOT NULL"
        " THEN set_config(name, '0', false) END"
        " FROM (VALUES ('idle_session_timeout'), ('transaction_timeout')) AS limits (name)",
    .local_settings =
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = pg_catalog; "
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
        "SET LOCAL idle_in_transaction_session_timeout = 0",
    .all_digits = "SET extra_float_digits TO 3",
    .begin_reading =
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security TO off",
    .horizon = "SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()),"
               " system_identifier FROM pg_catalog.pg_control_system()",
    .has_query_groups = false,
    .has_poolers = true,
    .has_slices = false,
    .has_foreign_targets = false,
    .fetch_max_rows = 0,

    .has_layout = false,
    .has_indexes = true,
    .alters_at_once = true,
    .has_add_if_not_exists = true,
    .keeps_dropped = true,
    .has_generated = true,
    .has_drop_on_commit = true,
    .has_sequences = true,
    .has_inheritance = true,
    .needs_analyze = true,
    .limits_tables = false,

    .loads_from_s3 = false,
    .row_max_bytes = 0,
    .join_max_bytes = 0,
    .has_copy_freeze = true,

    .has_advisory_locks = true,
    .locks_first = false,
    .has_lock_timeout = true,
    .lock_mode = " IN SHARE ROW EXCLUSIVE MODE",
    .widens_alone = false,
    .refuses_conflicts = false,

    .user = "ROLE",
    .group = "ROLE",
    .has_login_attribute = true,
    .tells_grantee_kind = false,
    .has_connect_privilege = true,
    .has_session_timeout = false,
    .has_strict_passwords = false,
};
