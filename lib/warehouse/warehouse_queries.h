/*
 * warehouse/warehouse_queries.h - the queries of lib/warehouse/sql, as the build embeds them.
 *
 *   lib/warehouse/sql/catalog.sql -> rs_query_catalog
 *
 * A query with :schema in it goes through rs_sql_query; $1, $2 are set by rs_sql_bind. What each
 * returns and takes stands at the top of its file.
 *
 * Pure:    yes.   Threads: reentrant.
 */
#ifndef RS_WAREHOUSE_WAREHOUSE_QUERIES_H
#define RS_WAREHOUSE_WAREHOUSE_QUERIES_H

extern const char rs_query_catalog[];
extern const char rs_query_generated_columns[];
extern const char rs_query_table_count[];
extern const char rs_query_column_ties[];
extern const char rs_query_column_users[];
extern const char rs_query_slices[];
extern const char rs_query_target_database[];
extern const char rs_query_target_integration[];
extern const char rs_query_target_schema[];
extern const char rs_query_lock_holder[];
extern const char rs_query_lock_holder_redshift[];
extern const char rs_query_sys_load_errors[];
extern const char rs_query_stl_load_errors[];

#endif
