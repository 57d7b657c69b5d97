-- The tables of the last runs and the rows that each run put in or renewed there.
-- $1 how many runs
SELECT l."sync_id", l."table_name", max(l."rows")
FROM :schema."rs_loads" l
JOIN (SELECT "sync_id", row_number() OVER (ORDER BY "started_at" DESC, "sync_id") AS "place"
      FROM :schema."rs_syncs") s ON s."sync_id" = l."sync_id"
WHERE s."place" <= $1
GROUP BY l."sync_id", l."table_name"
ORDER BY l."sync_id", l."table_name"
