-- The last runs, pauses and resumes, newest first; columns as in enum rs_ledger_column.
-- $1 how many
SELECT "sync_id", "started_at", "finished_at", "status", "events", "rows", "rejects", "skips",
       "discards", "duplicates", "prepare_seconds", "load_seconds", "notices", "error",
       "tool_version"
FROM :schema."rs_syncs"
ORDER BY "started_at" DESC, "sync_id"
LIMIT $1
