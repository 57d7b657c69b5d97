/*
 * One line a setting and dialect. All of them go out as one message: a round trip a session.
 */
#include "warehouse/settings.h"

static const char *const settings[] = {
    [RS_DIALECT_POSTGRESQL] =
        "SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; "
        "SET standard_conforming_strings = on; SET statement_timeout = 0; SET lock_timeout = 0; "
        "SET idle_in_transaction_session_timeout = 0; "
        "SET default_transaction_isolation = 'read committed'",
    [RS_DIALECT_REDSHIFT] =
        "SET statement_timeout TO 0; SET timezone TO 'UTC'; SET datestyle TO 'ISO, YMD'",
};

void rs_settings_append(struct rs_strbuf *sql, enum rs_dialect dialect, const char *query_group)
{
    rs_strbuf_append(sql, settings[dialect]);
    if (dialect == RS_DIALECT_REDSHIFT && *query_group) {
        rs_strbuf_append(sql, "; SET query_group TO ");
        rs_sql_literal(sql, dialect, rs_str_from(query_group));
    }
}
