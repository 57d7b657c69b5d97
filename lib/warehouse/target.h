/*
 * warehouse/target.h - whether a session's database, and a schema in it, can be loaded into at all.
 *
 *   rs_target_check(session, RS_STR("shop"), &err)
 *     -> database "ads" cannot be loaded into: it is made from a datashare
 *
 * Redshift has databases and schemas that show what is kept elsewhere: databases made from a
 * datashare, those that a zero-ETL integration fills, and external schemas. The catalog tells of
 * them; where it does not (an older server, a missing right), it is left to the statements that
 * follow.
 *
 * Pure:    no: a query on the session, or a few where it is refused; not within a transaction.
 * Threads: as the session.
 * Source:  SVV_REDSHIFT_DATABASES, SVV_INTEGRATION, PG_EXTERNAL_SCHEMA;
 *          https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl.reqs-lims.html
 */
#ifndef RS_WAREHOUSE_TARGET_H
#define RS_WAREHOUSE_TARGET_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"
#include "warehouse/session.h"

/*
 * Refuse what cannot be loaded into.
 *
 * schema  as the server has it; empty: only the database
 * err     RS_E_CONFIG; RS_E_NET and RS_E_INTERRUPTED of the query
 */
RS_MUST_USE bool rs_target_check(struct rs_session *session, struct rs_str schema,
                                 struct rs_error *err);

#endif
