-- The status of a run, when it is recorded.
-- $1 sync_id
SELECT "status" FROM :schema."rs_syncs" WHERE "sync_id" = $1 LIMIT 1
