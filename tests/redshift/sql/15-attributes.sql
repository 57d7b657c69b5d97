-- What Redshift knows of tables and columns and PostgreSQL does not. A table without a row here has
-- DISTSTYLE AUTO, SORTKEY AUTO and ENCODE AUTO.
CREATE TABLE standin.table_attributes (
    relid oid PRIMARY KEY,
    diststyle text NOT NULL DEFAULT 'AUTO',   -- AUTO EVEN KEY ALL
    distkey text,                             -- the column's name
    sortstyle text NOT NULL DEFAULT 'AUTO',   -- AUTO COMPOUND INTERLEAVED NONE
    sortkeys text[] NOT NULL DEFAULT '{}',    -- the columns' names, in order
    encode_auto boolean NOT NULL DEFAULT true,
    backup boolean NOT NULL DEFAULT true
);
CREATE TABLE standin.column_attributes (
    relid oid,
    attname text,
    encoding text NOT NULL,                   -- as pg_table_def has it: az64, lzo, none (for RAW)
    PRIMARY KEY (relid, attname)
);
GRANT SELECT ON standin.table_attributes, standin.column_attributes TO PUBLIC;

-- The encoding that a column has: the one it was given, or the one of its type.
CREATE FUNCTION standin.encoding(relation oid, attnum smallint) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT c.encoding FROM standin.column_attributes c
         WHERE c.relid = relation AND c.attname = a.attname),
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

-- A constraint that is there to be read and is not enforced: kind is p, u or f.
CREATE FUNCTION standin.add_constraint(relation regclass, kind "char", name text, columns text[],
                                       target regclass, target_columns text[]) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    id oid := pg_nextoid('pg_constraint', 'oid', 'pg_constraint_oid_index');
    keys int2[];
    target_keys int2[];
BEGIN
    SELECT array_agg(attnum ORDER BY n) INTO keys FROM unnest(columns) WITH ORDINALITY AS u(c, n)
        JOIN pg_attribute ON attrelid = relation AND attname = c AND NOT attisdropped;
    IF coalesce(cardinality(keys), 0) < cardinality(columns) THEN
        RAISE EXCEPTION USING ERRCODE = '42703',
            MESSAGE = 'column named in key does not exist';
    END IF;
    IF kind = 'f' THEN
        IF target_columns IS NULL THEN
            SELECT conkey INTO target_keys FROM pg_constraint
                WHERE conrelid = target AND contype = 'p';
        ELSE
            SELECT array_agg(attnum ORDER BY n) INTO target_keys
                FROM unnest(target_columns) WITH ORDINALITY AS u(c, n)
                JOIN pg_attribute ON attrelid = target AND attname = c AND NOT attisdropped;
        END IF;
        IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND contype IN ('p', 'u')
                       AND conkey <@ target_keys AND conkey @> target_keys) THEN
            RAISE EXCEPTION USING ERRCODE = '42830', MESSAGE = format(
                'there is no unique constraint matching given keys for referenced table "%s"',
                (SELECT relname FROM pg_class WHERE oid = target));
        END IF;
    END IF;
    IF kind = 'p' AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = relation AND contype = 'p')
    THEN
        RAISE EXCEPTION USING ERRCODE = '42P16', MESSAGE = format(
            'multiple primary keys for table "%s" are not allowed',
            (SELECT relname FROM pg_class WHERE oid = relation));
    END IF;
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = relation AND conname = name) THEN
        RAISE EXCEPTION USING ERRCODE = '42710', MESSAGE = format(
            'constraint "%s" for relation "%s" already exists', name,
            (SELECT relname FROM pg_class WHERE oid = relation));
    END IF;
    INSERT INTO pg_constraint (oid, conname, connamespace, contype, condeferrable, condeferred,
                               convalidated, conrelid, contypid, conindid, conparentid, confrelid,
                               confupdtype, confdeltype, confmatchtype, conislocal, coninhcount,
                               connoinherit, conkey, confkey)
        SELECT id, name, relnamespace, kind, false, false, true, relation, 0, 0, 0,
               coalesce(target, 0), CASE WHEN kind = 'f' THEN 'a'::"char" ELSE ' ' END,
               CASE WHEN kind = 'f' THEN 'a'::"char" ELSE ' ' END,
               CASE WHEN kind = 'f' THEN 's'::"char" ELSE ' ' END, true, 0, true, keys, target_keys
        FROM pg_class WHERE oid = relation;
    INSERT INTO pg_depend
        SELECT 'pg_constraint'::regclass, id, 0, 'pg_class'::regclass, relation, key, 'a'
        FROM unnest(keys) AS key;
    IF kind = 'f' THEN
        INSERT INTO pg_depend
            SELECT 'pg_constraint'::regclass, id, 0, 'pg_class'::regclass, target, key, 'n'
            FROM unnest(target_keys) AS key;
    END IF;
END $$;
