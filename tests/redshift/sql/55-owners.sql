-- What an administrator asks before a user is dropped: functions and who may use them, and the IAM
-- roles that a user was granted.

CREATE VIEW pg_catalog.pg_proc_info AS
    SELECT oid AS prooid, proname, pronamespace, proowner::int AS proowner, prolang,
           CASE prokind WHEN 'p' THEN 'p' ELSE 'f' END::char(1) AS prokind, prorettype, proargtypes
    FROM pg_catalog.pg_proc;

CREATE VIEW pg_catalog.svv_function_privileges AS
    SELECT n.nspname::text AS namespace_name, p.proname::text AS function_name,
           oidvectortypes(p.proargtypes)::text AS argument_types, g.*
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        AND n.nspname !~ '^(pg_|information_schema$|standin$)'
    CROSS JOIN standin.grants(p.proacl, p.proowner) g;

-- One row for each set of commands; "default" stands for every role, as the manual has it.
CREATE FUNCTION pg_catalog.pg_get_iam_role_by_user(who text) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    AS $$ SELECT who, CASE arn WHEN '*' THEN 'default' ELSE arn END,
                 string_agg(command, '|' ORDER BY command)
          FROM standin.assumerole WHERE grantee = who GROUP BY arn $$;

GRANT SELECT ON pg_catalog.pg_proc_info, pg_catalog.svv_function_privileges TO PUBLIC;
