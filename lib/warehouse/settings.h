/*
 * warehouse/settings.h - what a session sets before it is used.
 *
 *   rs_settings_append(&sql, RS_DIALECT_REDSHIFT, false, "segment")
 *     -> SET statement_timeout TO 0; ...; SET query_group TO 'segment'
 *
 * Whatever the defaults of the user, the database or the cluster are: no time limits, UTC, ISO
 * dates. In PostgreSQL also READ COMMITTED, a path of pg_catalog alone, and backslashes that are
 * themselves; Redshift has no such settings.
 *
 * Pure: yes.   Threads: reentrant.
 * Source: Amazon Redshift Database Developer Guide, "Configuration reference"; PostgreSQL manual,
 *         "Client Connection Defaults".
 */
#ifndef RS_WAREHOUSE_SETTINGS_H
#define RS_WAREHOUSE_SETTINGS_H

#include "rs/strbuf.h"
#include "warehouse/sqltext.h"

/*
 * Append the statements.
 *
 * pooled       a pooler may give the connection to others: nothing that would stay with them
 * query_group  Redshift's; "" leaves the group as it is
 */
void rs_settings_append(struct rs_strbuf *sql, enum rs_dialect dialect, bool pooled,
                        const char *query_group);

#endif
