/*
 * warehouse/table_definition_read.h - the definitions of a schema's tables, from the catalog.
 *
 * More is asked than warehouse/catalog.h does, in several queries: all that another server needs to
 * make the tables again.
 *
 * Pure:    no: queries on the session.
 * Threads: as the session.
 */
#ifndef RS_WAREHOUSE_TABLE_DEFINITION_READ_H
#define RS_WAREHOUSE_TABLE_DEFINITION_READ_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "warehouse/session.h"
#include "warehouse/table_definition.h"

/* Read the catalog. Not within a transaction: what is refused to a user is done without. */
RS_MUST_USE bool rs_table_definitions_read(struct rs_session *session, struct rs_str schema,
                                           struct rs_table_definitions *out, struct rs_error *err);

#endif
