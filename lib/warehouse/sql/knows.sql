-- A row when a run is recorded.
-- $1 sync_id
SELECT 1 FROM :schema."rs_syncs" WHERE "sync_id" = $1 LIMIT 1
