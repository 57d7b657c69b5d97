-- The tables and columns of one schema, a row a column; a row of NULLs when it has no table.
-- Types as format_type prints them; at last how many columns the table has, dropped ones too.
-- $1 schema
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), c.relnatts
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1
ORDER BY c.relname, a.attnum
