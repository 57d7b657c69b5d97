-- What for PostgreSQL refuses another type of a column, by ALTER TABLE: a row where there is any.
-- $1 schema, $2 table, $3 column
SELECT coalesce(pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0),
                pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_depend d
  ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
LEFT JOIN pg_catalog.pg_rewrite r
  ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
LEFT JOIN pg_catalog.pg_attrdef f
  ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3
  AND (d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_trigger'::regclass,
                     'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_proc'::regclass,
                     'pg_catalog.pg_publication_rel'::regclass)
       OR f.adnum <> a.attnum)
ORDER BY 1
LIMIT 1
