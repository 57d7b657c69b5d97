-- One row, "paused" or "resumed"; none when nobody ever paused the schema.
SELECT "status"
FROM :schema."rs_syncs"
WHERE "status" IN ('paused', 'resumed')
ORDER BY "started_at" DESC
LIMIT 1
