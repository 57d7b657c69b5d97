-- The columns of a schema's tables that the server fills alone: GENERATED ALWAYS, as an expression or
-- as an identity. What pg_attribute has of them depends on the version, hence the JSON; few columns
-- have a default or are NOT NULL.
-- $1 schema
SELECT c.relname, a.attname
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_attribute a
  ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.atthasdef OR a.attnotnull)
WHERE n.nspname = $1
  AND CASE WHEN a.atthasdef OR a.attnotnull
           THEN to_jsonb(a) ->> 'attgenerated' <> '' OR to_jsonb(a) ->> 'attidentity' = 'a' END
