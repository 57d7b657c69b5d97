-- How many permanent tables the database has, in all schemas but the system's.
SELECT count(*)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'pg_internal')
  AND substring(n.nspname, 1, 7) <> 'pg_temp'
