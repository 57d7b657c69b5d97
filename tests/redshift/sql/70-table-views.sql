-- Tables and their columns, with what 15-attributes.sql knows of them.

-- Only what stands on search_path (and is not hidden by another of the same name) is shown.
CREATE VIEW pg_catalog.pg_table_def AS
    SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column",
           format_type(a.atttypid, a.atttypmod) AS type,
           standin.encoding(c.oid, a.attnum)::char(32) AS encoding,
           coalesce(t.distkey = a.attname, false) AS distkey,
           coalesce(array_position(t.sortkeys, a.attname::text), 0)
               * CASE WHEN t.sortstyle = 'INTERLEAVED'
                           AND array_position(t.sortkeys, a.attname::text) % 2 = 1
                      THEN -1 ELSE 1 END AS sortkey,
           a.attnotnull AS "notnull"
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN standin.table_attributes t ON t.relid = c.oid
    WHERE c.relkind = 'r' AND pg_catalog.pg_table_is_visible(c.oid);

-- Columns, with privileges on one alone.
CREATE VIEW pg_catalog.pg_attribute_info AS
    SELECT attrelid, attname, atttypid, attlen, attnum, atttypmod, attnotnull, atthasdef, attisdropped,
           attacl
    FROM pg_catalog.pg_attribute;

-- 0 EVEN, 1 KEY, 8 ALL, 9 AUTO; what AUTO is just now: 10 ALL, 11 EVEN, 12 KEY.
CREATE VIEW pg_catalog.pg_class_info AS
    SELECT c.oid AS reloid, c.relname, c.relnamespace, c.reltype, c.relowner, c.relam,
           c.relhasindex, c.relisshared, c.relkind, c.relnatts, NULL::timestamp AS relcreationtime,
           CASE coalesce(t.diststyle, 'AUTO') WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8
               ELSE 9 END::smallint AS reldiststyle,
           CASE coalesce(t.diststyle, 'AUTO') WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8
               ELSE CASE WHEN t.distkey IS NULL THEN 10 ELSE 12 END END AS releffectivediststyle
    FROM pg_catalog.pg_class c
    LEFT JOIN standin.table_attributes t ON t.relid = c.oid;

-- It waits for no lock, as Redshift does not here: of a table that is locked it tells what the
-- statistics do.
CREATE FUNCTION standin.count_rows(relation regclass) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET lock_timeout = '20ms' AS $$
DECLARE
    counted bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s', relation) INTO counted;
    RETURN counted;
EXCEPTION WHEN lock_not_available THEN
    RETURN greatest(pg_stat_get_live_tuples(relation), 0);
END $$;

-- A table with rows takes at least a block of 1 MB a column (and three hidden ones) on each slice
-- or, for ALL, on each node; twice that where it is sorted.
CREATE VIEW pg_catalog.svv_table_info AS
    SELECT current_database()::text AS database, n.nspname::text AS schema, c.oid::int AS table_id,
           c.relname::text AS "table",
           CASE WHEN coalesce(t.encode_auto, true) THEN 'Y, AUTO(ENCODE)'
                WHEN encodings.any_encoded THEN 'Y' ELSE 'N' END AS encoded,
           CASE coalesce(t.diststyle, 'AUTO') WHEN 'KEY' THEN 'KEY(' || t.distkey || ')'
                WHEN 'AUTO' THEN coalesce('AUTO(KEY(' || t.distkey || '))', 'AUTO(ALL)')
                ELSE t.diststyle END AS diststyle,
           CASE WHEN coalesce(t.sortstyle, 'AUTO') = 'AUTO'
                    THEN coalesce('AUTO(SORTKEY(' || t.sortkeys[1] || '))', 'AUTO(SORTKEY)')
                WHEN t.sortstyle = 'INTERLEAVED' THEN 'INTERLEAVED'
                ELSE t.sortkeys[1] END AS sortkey1,
           encodings.max_varchar,
           CASE WHEN cardinality(t.sortkeys) > 0 THEN encodings.first_sort_encoding
               END::char(32) AS sortkey1_enc,
           coalesce(cardinality(t.sortkeys), 0) AS sortkey_num,
           (encodings.columns + 3)::bigint
               * CASE WHEN coalesce(t.diststyle, 'AUTO') IN ('ALL', 'AUTO')
                      THEN standin.setting('nodes')::int ELSE standin.setting('slices')::int END
               * CASE WHEN cardinality(t.sortkeys) > 0 THEN 2 ELSE 1 END AS size,
           0.0::numeric(10,4) AS pct_used, 0::bigint AS empty,
           CASE WHEN cardinality(t.sortkeys) > 0 THEN 0.0 END::numeric(5,2) AS unsorted,
           0.0::numeric(5,2) AS stats_off, counted.rows::numeric(38,0) AS tbl_rows,
           NULL::numeric(19,2) AS skew_sortkey1, NULL::numeric(19,2) AS skew_rows,
           counted.rows::numeric(38,0) AS estimated_visible_rows, NULL::text AS risk_event,
           NULL::numeric(12,2) AS vacuum_sort_benefit
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        AND n.nspname !~ '^(pg_|information_schema$|standin$)'
    LEFT JOIN standin.table_attributes t ON t.relid = c.oid
    CROSS JOIN LATERAL (SELECT standin.count_rows(c.oid) AS rows) counted
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS columns,
               bool_or(standin.encoding(c.oid, attnum) <> 'none') AS any_encoded,
               coalesce(max(CASE WHEN format_type(atttypid, NULL) = 'character varying'
                                 THEN atttypmod - 4 END), 0)::int AS max_varchar,
               max(CASE WHEN attname = t.sortkeys[1] THEN standin.encoding(c.oid, attnum) END)
                   AS first_sort_encoding
        FROM pg_catalog.pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) encodings
    WHERE c.relkind = 'r' AND counted.rows > 0;

GRANT SELECT ON pg_catalog.pg_table_def, pg_catalog.pg_class_info TO PUBLIC;
GRANT SELECT ON pg_catalog.svv_table_info TO "role:sys:monitor";
