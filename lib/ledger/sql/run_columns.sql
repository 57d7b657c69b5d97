-- The columns of rs_syncs; none where it is not there.
-- $1 schema
SELECT a.attname
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = 'rs_syncs' AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
