-- The schemas that have a ledger, those first whose names begin as a mistyped one does.
-- $1 schema
SELECT n.nspname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = 'rs_syncs'
ORDER BY CASE WHEN substring(n.nspname::text, 1, 1) = substring($1, 1, 1) THEN 0 ELSE 1 END, n.nspname
