-- The marks of a replay that is not closed: window_from, window_to, input, inputs_digest.
-- $1 replay
SELECT "window_from", "window_to", "input", "inputs_digest"
FROM :schema."rs_windows"
WHERE "closed_at" IS NULL AND "replay" = $1
