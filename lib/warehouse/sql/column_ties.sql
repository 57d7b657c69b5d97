-- What holds on to one column of a table in Redshift, a row each: views by name, and 'privilege' and
-- 'foreign key' once. Late-binding views hold on to nothing.
-- $1 schema, $2 table, $3 column
SELECT DISTINCT 'view', m.nspname || '.' || v.relname
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.refobjsubid = a.attnum
JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.oid <> c.oid
JOIN pg_catalog.pg_namespace m ON m.oid = v.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3
UNION ALL
SELECT 'privilege', ''
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
JOIN pg_catalog.pg_attribute_info a ON a.attrelid = c.oid
WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3 AND a.attacl IS NOT NULL
UNION ALL
SELECT 'foreign key', ''
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
JOIN pg_catalog.pg_constraint k ON (k.conrelid = c.oid OR k.confrelid = c.oid) AND k.contype = 'f'
WHERE n.nspname = $1 AND c.relname = $2
ORDER BY 1, 2
