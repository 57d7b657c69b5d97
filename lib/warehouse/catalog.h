/*
 * warehouse/catalog.h - what the tables of a schema are in the database.
 *
 *   struct rs_schema existing;
 *   rs_catalog_read(session, RS_STR("shop"), &existing, &err)
 *   existing.exists, rs_schema_find_table(&existing, RS_STR("tracks"))
 *
 * All tables of the schema, whoever made them, with their columns in order. "users" and
 * "accounts" are fold tables, "rs_*" the ledger's; the others are taken for event tables. Views
 * are not listed. A column that is GENERATED ALWAYS is of RS_TYPE_OTHER: no value of ours goes in.
 *
 * Pure:    no: one or two queries on the session.
 * Threads: as the session.
 */
#ifndef RS_WAREHOUSE_CATALOG_H
#define RS_WAREHOUSE_CATALOG_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/schema.h"
#include "rs/str.h"
#include "warehouse/session.h"

/*
 * Read a schema.
 *
 * name  of the schema
 * out   written only on success; released with rs_schema_release. exists is false, and there
 *       are no tables, when the database has no such schema
 */
RS_MUST_USE bool rs_catalog_read(struct rs_session *session, struct rs_str name,
                                 struct rs_schema *out, struct rs_error *err);

#endif
