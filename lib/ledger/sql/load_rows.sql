-- What a run has put in or renewed in a table; no row before that is committed.
-- $1 sync_id, $2 table_name
SELECT "rows" FROM :schema."rs_loads" WHERE "sync_id" = $1 AND "table_name" = $2 LIMIT 1
