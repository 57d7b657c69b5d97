-- The tables of the last runs and the rows that each run put in or renewed there.
-- $1 how many runs
SELECT l."sync_id", l."table_name", max(l."rows")
FROM :schema."rs_loads" l
WHERE l."sync_id" IN (SELECT "sync_id" FROM :schema."rs_syncs"
                      ORDER BY "started_at" DESC, "sync_id" LIMIT $1)
GROUP BY l."sync_id", l."table_name"
ORDER BY l."sync_id", l."table_name"
