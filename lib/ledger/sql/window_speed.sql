-- Bytes a second that windows took, a whole number; NULL: none did.
SELECT CASE WHEN sum("seconds") > 0 THEN CAST(floor(sum("bytes") / sum("seconds")) AS bigint) END
FROM :schema."rs_windows"
WHERE "input" = ''
