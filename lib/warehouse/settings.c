/*
 * What is set is the dialect's to say. All of them go out as one message: a round trip a session.
 */
#include "warehouse/settings.h"

void rs_settings_append(struct rs_strbuf *sql, enum rs_dialect dialect, bool pooled,
                        const char *query_group)
{
    rs_strbuf_append(sql, rs_dialect_facts(dialect)->session_settings);
    rs_strbuf_append(sql, pooled ? "" : rs_dialect_facts(dialect)->own_settings);
    if (rs_dialect_facts(dialect)->has_query_groups && *query_group) {
        rs_strbuf_append(sql, "; SET query_group TO ");
        rs_sql_literal(sql, dialect, rs_str_from(query_group));
    }
}
