-- What an administrator asks before a user is dropped: functions and procedures, access lists as
-- texts, columns' and languages' privileges, libraries, and the IAM roles that a user was granted.

CREATE VIEW pg_catalog.pg_proc_info AS
    SELECT oid AS prooid, proname, pronamespace, proowner::int AS proowner, prolang,
           CASE prokind WHEN 'p' THEN 'p' ELSE 'f' END::char(1) AS prokind, prorettype, proargtypes
    FROM pg_catalog.pg_proc;

-- Redshift calls the owner of default privileges so.
ALTER TABLE pg_catalog.pg_default_acl RENAME COLUMN defaclrole TO defacluser;

-- An access list as text: ann=r*w/awsuser, group g=r/awsuser, =X/awsuser for PUBLIC. Whether a
-- list names roles of Redshift as "role r" is not known.
CREATE FUNCTION standin.acl_name(role oid) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT CASE role WHEN 0 THEN '' WHEN 10 THEN 'rdsdb' ELSE (
              SELECT CASE type WHEN 'user' THEN '' ELSE type || ' ' END
                     || CASE WHEN name ~ '^[A-Za-z0-9_]+$' THEN name
                             ELSE '"' || replace(name, '"', '""') || '"' END
              FROM pg_catalog.pg_roles, standin.identity_type(rolname) type,
                   standin.identity_name(rolname) name
              WHERE oid = role) END $$;
CREATE FUNCTION pg_catalog.array_to_string(list aclitem[], separator text) RETURNS text
    LANGUAGE sql STABLE
    AS $$ SELECT CASE WHEN list IS NOT NULL THEN coalesce(string_agg(item, separator), '') END
          FROM (SELECT standin.acl_name(grantee) || '='
                       || string_agg(CASE privilege_type
                              WHEN 'INSERT' THEN 'a' WHEN 'SELECT' THEN 'r' WHEN 'UPDATE' THEN 'w'
                              WHEN 'DELETE' THEN 'd' WHEN 'REFERENCES' THEN 'x'
                              WHEN 'TRIGGER' THEN 'D' WHEN 'TRUNCATE' THEN 't'
                              WHEN 'EXECUTE' THEN 'X' WHEN 'USAGE' THEN 'U' WHEN 'CREATE' THEN 'C'
                              WHEN 'TEMPORARY' THEN 'T' ELSE '' END
                              || CASE WHEN is_grantable THEN '*' ELSE '' END, '')
                       || '/' || standin.acl_name(grantor) AS item
                FROM aclexplode(list) GROUP BY grantee, grantor ORDER BY grantee, grantor) items $$;

CREATE VIEW pg_catalog.svv_column_privileges AS
    SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name,
           a.attname::text AS column_name, g.privilege_type, g.identity_id, g.identity_name,
           g.identity_type
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        AND n.nspname !~ '^(pg_|information_schema$|standin$)'
    CROSS JOIN standin.grants(a.attacl, c.relowner) g
    WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE VIEW pg_catalog.svv_language_privileges AS
    SELECT l.lanname::text AS language_name, g.*
    FROM pg_catalog.pg_language l
    CROSS JOIN standin.grants(l.lanacl, l.lanowner) g;

-- Python libraries.
CREATE TABLE standin.libraries (name text PRIMARY KEY, owner name NOT NULL);
CREATE VIEW pg_catalog.pg_library AS
    SELECT l.name::name AS name, NULL::oid AS language_oid, NULL::int AS file_store_id,
           r.oid::int AS owner
    FROM standin.libraries l JOIN pg_catalog.pg_roles r ON r.rolname = l.owner
    WHERE standin.sees(r.oid::int);

-- One row for each set of commands; "default" stands for every role, as the manual has it.
CREATE FUNCTION pg_catalog.pg_get_iam_role_by_user(who text) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    AS $$ SELECT who, CASE arn WHEN '*' THEN 'default' ELSE arn END,
                 string_agg(command, '|' ORDER BY command)
          FROM standin.assumerole WHERE grantee = who GROUP BY arn $$;

GRANT SELECT ON pg_catalog.pg_proc_info, pg_catalog.svv_column_privileges,
    pg_catalog.svv_language_privileges, pg_catalog.pg_library TO PUBLIC;
GRANT SELECT ON standin.libraries TO PUBLIC;
