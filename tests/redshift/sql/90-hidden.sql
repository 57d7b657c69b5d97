-- information_schema does not show what the stand-in keeps for itself.
DO $do$
DECLARE
    view_name text;
    schema_column text;
BEGIN
    FOR view_name, schema_column IN VALUES
        ('tables', 'table_schema'), ('columns', 'table_schema'), ('views', 'table_schema'),
        ('table_constraints', 'table_schema'), ('table_privileges', 'table_schema'),
        ('routines', 'routine_schema'), ('schemata', 'schema_name') LOOP
        EXECUTE format('CREATE OR REPLACE VIEW information_schema.%I AS SELECT * FROM (%s) AS shown '
                       'WHERE %I <> ''standin''', view_name,
                       rtrim(pg_get_viewdef(('information_schema.' || view_name)::regclass), ';'),
                       schema_column);
    END LOOP;
END $do$;
