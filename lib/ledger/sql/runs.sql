-- The last runs, pauses and resumes, newest first, behind the columns that rs_syncs has of enum rs_ledger_column.
-- $1 how many. LIMIT would want a number of its own and takes no literal of a text.
FROM (SELECT s.*, row_number() OVER (ORDER BY "started_at" DESC, "sync_id") AS "place"
      FROM :schema."rs_syncs" s) p
WHERE "place" <= $1
ORDER BY "place"
