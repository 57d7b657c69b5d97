-- The schema, where its tables are elsewhere (Redshift); and in which database of that place.
-- $1 schema
SELECT 'schema', CAST(n.nspname AS varchar), CAST(e.esdbname AS varchar)
FROM pg_external_schema e
JOIN pg_namespace n ON n.oid = e.esoid
WHERE n.nspname = $1
