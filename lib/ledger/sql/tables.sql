-- Which of the ledger's tables are there.
-- $1 schema
SELECT c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
  AND c.relname IN ('rs_syncs', 'rs_inputs', 'rs_loads', 'rs_discards', 'rs_rejects',
                    'rs_lock', 'rs_windows')
