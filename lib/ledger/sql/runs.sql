-- The last runs, pauses and resumes, newest first; columns as in enum rs_ledger_column.
-- $1 how many. LIMIT would want a number of its own and takes no literal of a text.
SELECT "sync_id", "started_at", "finished_at", "status", "events", "rows", "rejects", "skips",
       "discards", "duplicates", "prepare_seconds", "load_seconds", "notices", "error",
       "tool_version", "lines", "reasons"
FROM (SELECT s.*, row_number() OVER (ORDER BY "started_at" DESC, "sync_id") AS "place"
      FROM :schema."rs_syncs" s) p
WHERE "place" <= $1
ORDER BY "place"
