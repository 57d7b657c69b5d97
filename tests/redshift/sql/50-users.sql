-- Users, groups, roles and privileges as Redshift's catalog shows them.
--
-- A user of Redshift is a role of PostgreSQL of the same name; group g is the role "group:g" and
-- role r is "role:r", since the three may share a name. What PostgreSQL has no place for (the
-- password in Redshift's forms, SESSION TIMEOUT, SYSLOG ACCESS, settings) is JSON in the role's
-- comment: comments on roles are shared by all databases and follow transactions. The DROP
-- privilege is kept in PostgreSQL's TRIGGER, for Redshift has no triggers.

REVOKE SELECT ON pg_catalog.pg_shdescription FROM PUBLIC;
DROP VIEW pg_catalog.pg_user, pg_catalog.pg_group, pg_catalog.pg_shadow CASCADE;

-- What the role's comment holds, without the password.
CREATE FUNCTION standin.traits(role oid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    AS $$ SELECT coalesce(shobj_description(role, 'pg_authid')::jsonb, '{}') - 'password' $$;

-- Change one trait, or one setting (ALTER USER ... SET); NULL takes it away.
CREATE FUNCTION standin.set_trait(role name, key text, value text) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    comment jsonb := coalesce((SELECT shobj_description(oid, 'pg_authid')::jsonb
                               FROM pg_catalog.pg_roles WHERE rolname = role), '{}');
BEGIN
    EXECUTE format('COMMENT ON ROLE %I IS %L', role,
                   comment - key || coalesce(jsonb_build_object(key, to_jsonb(value)), '{}'));
END $$;

CREATE FUNCTION standin.is_user(role name) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT role !~ '^(group:|role:|pg_)' $$;
CREATE FUNCTION standin.identity_type(role name) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN role IS NULL THEN 'public' WHEN role ~ '^group:' THEN 'group'
                      WHEN role ~ '^role:' THEN 'role' ELSE 'user' END $$;
CREATE FUNCTION standin.identity_name(role name) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT coalesce(regexp_replace(role, '^(group|role):', ''), 'public') $$;

-- The roles that each cluster has. Of what they may, only sys:monitor's sight of the system tables
-- (ACCESS SYSTEM TABLE) is acted on. Roles belong to all databases, so they may be there already.
DO $$
DECLARE
    known text;
BEGIN
    FOREACH known IN ARRAY ARRAY['operator', 'dba', 'superuser', 'secadmin', 'monitor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'role:sys:' || known) THEN
            EXECUTE format('CREATE ROLE %I', 'role:sys:' || known);
            PERFORM standin.set_trait('role:sys:' || known, 'owner', 'rdsdb');
        END IF;
    END LOOP;
    PERFORM standin.set_trait('role:sys:monitor', 'may ACCESS SYSTEM TABLE', 'true');
END $$;

-- Whose rows the session may see: its own, or all for a superuser, for SYSLOG ACCESS UNRESTRICTED
-- and for a role with ACCESS SYSTEM TABLE. A view runs its functions as the one who asks.
CREATE FUNCTION standin.is_superuser() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user $$;
CREATE FUNCTION standin.sees(owner int) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT rolsuper OR oid::int = owner
                 OR standin.traits(oid) ->> 'syslog' = 'unrestricted'
                 OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                            WHERE r.rolname ~ '^role:' AND pg_has_role(session_user, r.oid, 'MEMBER')
                                  AND standin.traits(r.oid) ? 'may ACCESS SYSTEM TABLE')
          FROM pg_catalog.pg_roles WHERE rolname = session_user $$;
-- Whether the session may know that a grantee (0 is PUBLIC) has a privilege on what an owner has.
CREATE FUNCTION standin.knows(grantee oid, owner oid) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT standin.is_superuser() OR grantee = 0
                 OR pg_has_role(session_user, grantee, 'MEMBER')
                 OR pg_has_role(session_user, owner, 'MEMBER') $$;

-- Privileges by Redshift's names; NULL is one that Redshift does not have.
CREATE FUNCTION standin.privilege(given text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE given WHEN 'TRIGGER' THEN 'DROP' WHEN 'TEMPORARY' THEN 'TEMP'
                            WHEN 'CONNECT' THEN NULL ELSE given END $$;

CREATE VIEW standin.users AS
    SELECT CASE oid WHEN 10 THEN 'rdsdb' ELSE rolname END AS usename, oid::int AS usesysid,
           rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolsuper AS usecatupd,
           '********'::text AS passwd,
           nullif(rolvaliduntil, 'infinity') AT TIME ZONE 'UTC' AS valuntil,
           (SELECT array_agg(substr(key, 5) || '=' || value ORDER BY key)
            FROM jsonb_each_text(standin.traits(oid)) WHERE key LIKE 'set %') AS useconfig,
           CASE rolconnlimit WHEN -1 THEN 'UNLIMITED' ELSE rolconnlimit::text END AS useconnlimit,
           coalesce(upper(standin.traits(oid) ->> 'syslog'),
                    CASE WHEN rolsuper THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END) AS syslogaccess,
           coalesce((standin.traits(oid) ->> 'timeout')::int, 0) AS sessiontimeout
    FROM pg_catalog.pg_roles
    WHERE standin.is_user(rolname);

CREATE VIEW pg_catalog.pg_user AS
    SELECT usename, usesysid, usecreatedb, usesuper, usecatupd, passwd, valuntil, useconfig
    FROM standin.users;
CREATE VIEW pg_catalog.pg_shadow AS
    SELECT usename, usesysid, usecreatedb, usesuper, usecatupd,
           shobj_description(usesysid::oid, 'pg_authid')::jsonb ->> 'password' AS passwd,
           valuntil, useconfig
    FROM standin.users;
CREATE VIEW pg_catalog.svv_user_info AS
    SELECT usesysid AS user_id, usename::text AS user_name, usecreatedb AS createdb,
           usesuper AS superuser, usecatupd AS catalog_update, useconnlimit AS connection_limit,
           syslogaccess AS syslog_access, NULL::timestamp AS last_ddl_timestamp,
           sessiontimeout AS session_timeout, NULL::text AS external_user_id
    FROM standin.users;

CREATE VIEW pg_catalog.pg_group AS
    SELECT standin.identity_name(rolname)::name AS groname, oid::int AS grosysid,
           (SELECT array_agg(member::int ORDER BY member) FROM pg_catalog.pg_auth_members
            WHERE roleid = oid) AS grolist
    FROM pg_catalog.pg_roles
    WHERE rolname ~ '^group:';

CREATE VIEW pg_catalog.svv_roles AS
    SELECT oid::int AS role_id, standin.identity_name(rolname) AS role_name,
           standin.traits(oid) ->> 'owner' AS role_owner,
           NULL::text AS external_id
    FROM pg_catalog.pg_roles
    WHERE rolname ~ '^role:';
CREATE VIEW pg_catalog.svv_user_grants AS
    SELECT member.oid::int AS user_id, member.rolname::text AS user_name,
           role.oid::int AS role_id, standin.identity_name(role.rolname) AS role_name,
           g.admin_option
    FROM pg_catalog.pg_auth_members g
    JOIN pg_catalog.pg_roles role ON role.oid = g.roleid AND role.rolname ~ '^role:'
    JOIN pg_catalog.pg_roles member ON member.oid = g.member AND standin.is_user(member.rolname)
    WHERE standin.knows(member.oid, member.oid);
-- An access list, one row a privilege, without what an owner has by owning.
CREATE FUNCTION standin.grants(list aclitem[], owner oid)
    RETURNS TABLE (privilege_type text, identity_id int, identity_name text, identity_type text,
                   admin_option boolean)
    LANGUAGE sql STABLE
    AS $$ SELECT standin.privilege(a.privilege_type), a.grantee::int,
                 standin.identity_name(r.rolname), standin.identity_type(r.rolname), a.is_grantable
          FROM aclexplode(list) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
          WHERE a.grantee <> owner AND standin.privilege(a.privilege_type) IS NOT NULL
                AND standin.knows(a.grantee, owner) $$;

CREATE VIEW pg_catalog.svv_relation_privileges AS
    SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, g.*
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        AND n.nspname !~ '^(pg_|information_schema$|standin$)'
    CROSS JOIN standin.grants(c.relacl, c.relowner) g
    WHERE c.relkind IN ('r', 'v', 'm');
-- ALTER TABLE ... ROW LEVEL SECURITY ON, as the server below has it.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_RELATION.html
CREATE VIEW pg_catalog.svv_rls_relation AS
    SELECT current_database()::text AS datname, n.nspname::text AS relschema, c.relname::text AS relname,
           'table'::text AS relkind, c.relrowsecurity AS is_rls_on, false AS is_rls_datashare_on
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relrowsecurity AND pg_has_role(c.relowner, 'USAGE');
CREATE VIEW pg_catalog.svv_schema_privileges AS
    SELECT n.nspname::text AS namespace_name, g.*
    FROM pg_catalog.pg_namespace n CROSS JOIN standin.grants(n.nspacl, n.nspowner) g
    WHERE n.nspname !~ '^(pg_|information_schema$|standin$)';
CREATE VIEW pg_catalog.svv_database_privileges AS
    SELECT d.datname::text AS database_name, g.*
    FROM pg_catalog.pg_database d
    CROSS JOIN standin.grants(coalesce(d.datacl, acldefault('d', d.datdba)), d.datdba) g
    WHERE d.datname = current_database();
CREATE VIEW pg_catalog.svv_default_privileges AS
    SELECT n.nspname::text AS schema_name,
           CASE d.defaclobjtype WHEN 'r' THEN 'RELATION' ELSE 'FUNCTION' END AS object_type,
           d.defaclrole::int AS owner_id, o.rolname::text AS owner_name, 'user'::text AS owner_type,
           g.privilege_type, g.identity_id AS grantee_id, g.identity_name AS grantee_name,
           g.identity_type AS grantee_type, g.admin_option
    FROM pg_catalog.pg_default_acl d
    JOIN pg_catalog.pg_roles o ON o.oid = d.defaclrole
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    CROSS JOIN standin.grants(d.defaclacl, d.defaclrole) g
    WHERE d.defaclobjtype IN ('r', 'f');

-- Whether a user may use an IAM role for COPY or UNLOAD: anyone, until a superuser has revoked
-- that from PUBLIC. "*" in the books stands for every ARN.
CREATE FUNCTION pg_catalog.has_assumerole_privilege(who text, wanted text, cmd text)
    RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    AS $$ SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = who AND rolsuper)
              OR EXISTS (SELECT FROM standin.assumerole
                         WHERE arn IN ('*', wanted) AND command = upper(cmd)
                               AND (grantee = 'PUBLIC' OR pg_has_role(who, grantee, 'MEMBER'))) $$;
CREATE FUNCTION pg_catalog.has_assumerole_privilege(wanted text, cmd text)
    RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.has_assumerole_privilege(session_user::text, wanted, cmd) $$;
INSERT INTO standin.assumerole
    SELECT 'PUBLIC', '*', command
    FROM unnest(ARRAY['COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL']) command;

GRANT SELECT ON standin.users, pg_catalog.pg_user, pg_catalog.svv_user_info,
    pg_catalog.pg_group, pg_catalog.svv_roles, pg_catalog.svv_user_grants,
    pg_catalog.svv_relation_privileges, pg_catalog.svv_schema_privileges, pg_catalog.svv_database_privileges,
    pg_catalog.svv_default_privileges, pg_catalog.svv_rls_relation TO PUBLIC;
