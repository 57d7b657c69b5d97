/*
 * ledger/ledger_tables.h - the tool's own tables, which stand in the source's schema.
 *
 *   rs_syncs     a row a run, and a row each time somebody pauses or resumes
 *   rs_inputs    what is loaded: name, size and version of each input
 *   rs_loads     a row for each table of each run, written with the table's rows
 *   rs_discards  values that did not fit their column
 *   rs_rejects   lines that are no events
 *   rs_windows   how far a replay of rs-backfill has come; made by the first one
 *   rs_lock      empty; Redshift, which has no advisory locks: a run holds its lock
 *
 *   rs_ledger_define(&schema, dialect);     then rs_plan_make, as for any other tables
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  the event-to-table contract in rs-schema(7).
 */
#ifndef RS_LEDGER_LEDGER_TABLES_H
#define RS_LEDGER_LEDGER_TABLES_H

#include "base/compiler.h"
#include "transform/schema.h"
#include "warehouse/sqltext.h"

enum { RS_LEDGER_TEXT_MAX = 65535 }; /* bytes of a value, a line or a message that is kept */

/* Add the ledger's tables to a schema. Their columns are in the order of their CSV. */
void rs_ledger_define(struct rs_schema *schema, enum rs_dialect dialect);

/* The same of rs_windows alone. */
void rs_ledger_define_windows(struct rs_schema *schema, enum rs_dialect dialect);

#endif
