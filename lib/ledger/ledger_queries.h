/*
 * ledger/ledger_queries.h - the queries of lib/ledger/sql, see warehouse/warehouse_queries.h.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_LEDGER_LEDGER_QUERIES_H
#define RS_LEDGER_LEDGER_QUERIES_H

extern const char rs_query_tables[];
extern const char rs_query_schemas[];
extern const char rs_query_runs[];
extern const char rs_query_run_columns[];
extern const char rs_query_run_status[];
extern const char rs_query_paused[];
extern const char rs_query_inputs[];
extern const char rs_query_loads[];
extern const char rs_query_load_rows[];
extern const char rs_query_windows[];
extern const char rs_query_window_speed[];

#endif
