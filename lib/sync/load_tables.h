/*
 * sync/load_tables.h - a run's last step into a database: its tables, and its end in the ledger.
 *
 * Threads: main thread only; it starts and ends its workers.
 */
#ifndef RS_SYNC_LOAD_TABLES_H
#define RS_SYNC_LOAD_TABLES_H

#include "sync/pipeline_state.h"

/*
 * Load the tables, each in a transaction of its own, several at once, and record the run; what this
 * run has staged goes.
 *
 * err  RS_E_PARTIAL when some tables were loaded and some were not, or all were and the ledger does
 *      not know; else what the first said
 */
RS_MUST_USE bool rs_load_tables(struct rs_pipeline *pipeline, struct rs_error *err);

#endif
