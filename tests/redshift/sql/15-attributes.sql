-- What Redshift knows of tables and columns and PostgreSQL does not. It is kept in pg_seclabel, as labels
-- of a provider "standin": in the client's transaction, gone with its table or column, and out of
-- SERIALIZABLE's sight, which looks at no catalog.

-- A table without a label has DISTSTYLE AUTO, SORTKEY AUTO and ENCODE AUTO.
CREATE VIEW standin.table_attributes AS
    SELECT objoid AS relid, label::json ->> 'diststyle' AS diststyle, a.attname::text AS distkey,
           label::json ->> 'sortstyle' AS sortstyle,
           ARRAY(SELECT b.attname::text
                 FROM json_array_elements_text(label::json -> 'sortkeys') WITH ORDINALITY AS k(key, n)
                 JOIN pg_attribute b ON b.attrelid = objoid AND b.attnum = k.key::int
                 ORDER BY n) AS sortkeys,
           (label::json ->> 'encode_auto')::boolean AS encode_auto,
           (label::json ->> 'backup')::boolean AS backup
    FROM pg_seclabel LEFT JOIN pg_attribute a
         ON a.attrelid = objoid AND a.attnum = (label::json ->> 'distkey')::int
    WHERE provider = 'standin' AND classoid = 'pg_class'::regclass AND objsubid = 0;
CREATE VIEW standin.column_attributes AS
    SELECT objoid AS relid, attname::text, label AS encoding  -- az64, lzo, ..., none for RAW
    FROM pg_seclabel JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid
    WHERE provider = 'standin' AND classoid = 'pg_class'::regclass;
GRANT SELECT ON standin.table_attributes, standin.column_attributes TO PUBLIC;

CREATE FUNCTION standin.label(relation regclass, attnum integer, words text) RETURNS void
    LANGUAGE sql AS $$
    DELETE FROM pg_seclabel WHERE provider = 'standin' AND objoid = relation
        AND classoid = 'pg_class'::regclass AND objsubid = attnum;
    INSERT INTO pg_seclabel (objoid, classoid, objsubid, provider, label)
        VALUES (relation, 'pg_class'::regclass, attnum, 'standin', words) $$;
CREATE FUNCTION standin.place(relation regclass, name text) RETURNS integer
    LANGUAGE sql STABLE AS $$
    SELECT attnum FROM pg_attribute
    WHERE attrelid = relation AND attname = name AND NOT attisdropped $$;

-- Change some of a table's attributes, those that are not NULL; '' for distkey: none.
CREATE FUNCTION standin.set_table(relation regclass, diststyle text, distkey text, sortstyle text,
                                  sortkeys text[], encode_auto boolean, backup boolean) RETURNS void
    LANGUAGE sql AS $$
    SELECT standin.label(relation, 0, (
        '{"diststyle": "AUTO", "sortstyle": "AUTO", "sortkeys": [], "encode_auto": true, "backup": true}'
        || coalesce((SELECT label::jsonb FROM pg_seclabel WHERE provider = 'standin'
                     AND objoid = relation AND objsubid = 0 AND classoid = 'pg_class'::regclass), '{}')
        || jsonb_strip_nulls(jsonb_build_object(
            'diststyle', diststyle, 'sortstyle', sortstyle, 'encode_auto', encode_auto,
            'backup', backup,
            'distkey', CASE WHEN distkey = '' THEN 0 ELSE standin.place(relation, distkey) END,
            'sortkeys', (SELECT jsonb_agg(standin.place(relation, key) ORDER BY n)
                         FROM unnest(sortkeys) WITH ORDINALITY AS k(key, n))))
        || CASE WHEN sortkeys = '{}' THEN '{"sortkeys": []}' ELSE '{}' END::jsonb)::text) $$;
CREATE FUNCTION standin.set_encoding(relation regclass, name text, encoding text) RETURNS void
    LANGUAGE sql AS $$
    SELECT standin.label(relation, standin.place(relation, name), encoding) $$;
-- A table made LIKE another has its attributes.
CREATE FUNCTION standin.copy_attributes(relation regclass, parent regclass) RETURNS void
    LANGUAGE sql AS $$
    SELECT standin.set_table(relation, diststyle, distkey, sortstyle, sortkeys, encode_auto, backup)
        FROM standin.table_attributes WHERE relid = parent;
    SELECT standin.set_encoding(relation, attname, encoding)
        FROM standin.column_attributes WHERE relid = parent $$;

-- The encoding that a column has: the one it was given, or the one of its type.
CREATE FUNCTION standin.encoding(relation oid, attnum smallint) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT label FROM pg_seclabel WHERE provider = 'standin' AND objoid = relation
         AND classoid = 'pg_class'::regclass AND objsubid = a.attnum),
        CASE WHEN (SELECT a.attname = ANY (t.sortkeys) FROM standin.table_attributes t
                   WHERE t.relid = relation)
                  OR format_type(a.atttypid, NULL) IN ('boolean', 'real', 'double precision',
                                                       'geometry', 'geography') THEN 'none'
             WHEN (SELECT relpersistence FROM pg_class WHERE oid = relation) = 't' THEN 'none'
             WHEN format_type(a.atttypid, NULL) = 'super' THEN 'zstd'
             WHEN format_type(a.atttypid, NULL) IN ('character', 'character varying', 'varbyte')
                 THEN 'lzo'
             ELSE 'az64' END)
    FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum = $2 $$;

-- A constraint that is there to be read and is not enforced: kind is p or u.
CREATE FUNCTION standin.add_constraint(relation regclass, kind "char", name text, columns text[])
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    id oid := pg_nextoid('pg_constraint', 'oid', 'pg_constraint_oid_index');
    keys int2[];
BEGIN
    SELECT array_agg(attnum ORDER BY n) INTO keys FROM unnest(columns) WITH ORDINALITY AS u(c, n)
        JOIN pg_attribute ON attrelid = relation AND attname = c AND NOT attisdropped;
    IF coalesce(cardinality(keys), 0) < cardinality(columns) THEN
        RAISE EXCEPTION USING ERRCODE = '42703',
            MESSAGE = 'column named in key does not exist';
    END IF;
    IF kind = 'p' AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = relation AND contype = 'p')
    THEN
        RAISE EXCEPTION USING ERRCODE = '42P16', MESSAGE = format(
            'multiple primary keys for table "%s" are not allowed',
            (SELECT relname FROM pg_class WHERE oid = relation));
    END IF;
    INSERT INTO pg_constraint (oid, conname, connamespace, contype, condeferrable, condeferred,
                               convalidated, conrelid, contypid, conindid, conparentid, confrelid,
                               confupdtype, confdeltype, confmatchtype, conislocal, coninhcount,
                               connoinherit, conkey)
        SELECT id, name, relnamespace, kind, false, false, true, relation, 0, 0, 0, 0,
               ' ', ' ', ' ', true, 0, true, keys
        FROM pg_class WHERE oid = relation;
    INSERT INTO pg_depend
        SELECT 'pg_constraint'::regclass, id, 0, 'pg_class'::regclass, relation, key, 'a'
        FROM unnest(keys) AS key;
END $$;
