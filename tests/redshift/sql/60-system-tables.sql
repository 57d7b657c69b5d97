-- Redshift's own tables and views that a loader, a provisioner or a network
-- checker may ask, over the books of 20-books.sql; 50-users.sql has the privileges.
--
-- They stand in pg_catalog, as in Redshift, so that they are found without and with the schema.
-- char(n) columns come out blank padded. In serverless mode the STL_ and STV_ tables are empty, or
-- refuse with 42501 when serverless_tables is "denied"; SYS_ views tell the same in both modes.

CREATE FUNCTION standin.setting(wanted text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    AS $$ SELECT value FROM standin.settings WHERE name = wanted $$;

-- Whether a table that only provisioned clusters fill has rows here.
CREATE FUNCTION standin.provisioned(relation text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF standin.setting('mode') = 'provisioned' THEN
        RETURN true;
    ELSIF standin.setting('serverless_tables') = 'empty' THEN
        RETURN false;
    END IF;
    RAISE EXCEPTION 'permission denied for relation %', relation
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- The cluster.

CREATE VIEW pg_catalog.stv_slices AS
    SELECT slice / per_node AS node, slice, slice % per_node AS localslice, 'D'::char(1) AS type
    FROM (SELECT generate_series(0, standin.setting('slices')::int - 1) AS slice,
                 greatest(1, standin.setting('slices')::int / standin.setting('nodes')::int)
                     AS per_node) s
    WHERE standin.provisioned('stv_slices');

CREATE VIEW pg_catalog.stv_partitions AS
    SELECT node AS owner, node AS host, 0 AS diskno, 0::bigint AS part_begin,
           standin.setting('capacity_mb')::bigint * 1048576 AS part_end,
           standin.setting('used_mb')::int AS used, 0 AS tossed,
           standin.setting('capacity_mb')::int AS capacity, 0::bigint AS reads,
           0::bigint AS writes, 0 AS seek_forward, 0 AS seek_back, 0 AS is_san, 0 AS failed,
           0 AS mbps, '/dev/nvme0n1'::char(256) AS mount
    FROM generate_series(0, standin.setting('nodes')::int - 1) node
    WHERE standin.provisioned('stv_partitions');
CREATE VIEW pg_catalog.stv_node_storage_capacity AS
    SELECT node, standin.setting('used_mb')::int AS used,
           standin.setting('capacity_mb')::int AS capacity
    FROM generate_series(0, standin.setting('nodes')::int - 1) node
    WHERE standin.provisioned('stv_node_storage_capacity');

CREATE VIEW pg_catalog.stv_db_isolation_level AS
    SELECT datname::char(128) AS db_name, standin.setting('isolation')::char(20) AS isolation_level
    FROM pg_catalog.pg_database
    WHERE datname NOT IN ('postgres', 'standin', 'template0', 'template1');
CREATE VIEW pg_catalog.pg_database_info AS
    SELECT datname, oid::int AS datid, datdba::int, datistemplate, datallowconn,
           ARRAY['concurrency_model=' || CASE standin.setting('isolation')
                                         WHEN 'Serializable' THEN 2 ELSE 1 END] AS datconfig,
           CASE datconnlimit WHEN -1 THEN 'UNLIMITED' ELSE datconnlimit::text END AS datconnlimit
    FROM pg_catalog.pg_database
    WHERE datname NOT IN ('postgres', 'standin', 'template0');

-- What is kept elsewhere: databases made from a datashare, those that a zero-ETL integration fills,
-- external schemas. There is no statement that makes one here: tests write into these tables.

CREATE TABLE standin.databases (name text PRIMARY KEY, type text NOT NULL);
CREATE VIEW pg_catalog.svv_redshift_databases AS
    SELECT datname::varchar(128) AS database_name, datdba::int AS database_owner,
           coalesce(s.type, 'local')::varchar(32) AS database_type, ''::varchar AS database_acl,
           ''::varchar(128) AS database_options,
           standin.setting('isolation')::varchar(128) AS database_isolation_level
    FROM pg_catalog.pg_database LEFT JOIN standin.databases s ON s.name = datname
    WHERE datname NOT IN ('postgres', 'standin', 'template0', 'template1');
CREATE TABLE standin.integrations (target_database text NOT NULL, source text NOT NULL);
CREATE VIEW pg_catalog.svv_integration AS
    SELECT '5ae8c0b4'::char(128) AS integration_id, target_database::char(128),
           source::char(128), 'CdcRefreshState'::char(128) AS state
    FROM standin.integrations;
CREATE TABLE pg_catalog.pg_external_schema (
    esoid oid NOT NULL, eskind int NOT NULL, esdbname text, esoptions text
);

-- Loads.

CREATE VIEW pg_catalog.stl_load_errors AS
    SELECT userid, slice, tbl, starttime, pid AS session, query::int, filename::char(256),
           line_number, colname::char(127), type::char(10), col_length::char(10), position,
           raw_line::char(1024), raw_field_value::char(1024), err_code, err_reason::char(100),
           0 AS is_partial, 0::bigint AS start_offset, 0::bigint AS copy_job_id
    FROM standin.load_errors
    WHERE standin.provisioned('stl_load_errors') AND standin.sees(userid);
CREATE VIEW pg_catalog.sys_load_error_detail AS
    SELECT userid AS user_id, query AS query_id, xid AS transaction_id, pid AS session_id,
           database::char(64) AS database_name, tbl AS table_id, starttime AS start_time,
           filename::char(256) AS file_name, line_number, colname::char(127) AS column_name,
           type::char(10) AS column_type, col_length::char(10) AS column_length, position,
           err_code AS error_code, err_reason::char(512) AS error_message
    FROM standin.load_errors
    WHERE standin.sees(userid);

-- Sessions.

CREATE VIEW pg_catalog.stv_sessions AS
    SELECT starttime, pid AS process, user_name::char(50), database::char(50) AS db_name,
           timeout_sec
    FROM standin.sessions
    WHERE standin.provisioned('stv_sessions') AND standin.sees(userid);

-- Who has or waits for locks, and since when. PostgreSQL's own words about all sessions are for
-- superusers, so they are asked for by one.
CREATE FUNCTION standin.locks() RETURNS TABLE (userid int, txn_owner text, txn_db text, xid bigint,
                                               pid int, txn_start timestamp, lock_mode text,
                                               lockable_object_type text, relation int, granted boolean)
    LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT s.userid, s.user_name, s.database, coalesce(a.backend_xid::text::bigint, 0), s.pid,
           a.xact_start AT TIME ZONE 'UTC', l.mode, l.locktype, l.relation::int, l.granted
    FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    JOIN standin.sessions s ON s.backend = l.pid
    WHERE l.locktype IN ('relation', 'transactionid') $$;
CREATE VIEW pg_catalog.svv_transactions AS
    SELECT txn_owner, txn_db, xid, pid, txn_start, lock_mode, lockable_object_type, relation, granted
    FROM standin.locks() WHERE standin.sees(userid);

-- The number that the client was told is its process; system_tables.py sets it, and ends sessions.
CREATE OR REPLACE FUNCTION pg_catalog.pg_backend_pid() RETURNS int LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('standin.pid', true), '')::int $$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_terminate_backend(pid int, timeout bigint DEFAULT 0)
    RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;

-- Workload management: one automatic queue beside those of the system.

CREATE TABLE standin.wlm_queues (
    service_class int PRIMARY KEY,
    name text NOT NULL,
    slots int NOT NULL,
    user_group_wild_card boolean NOT NULL DEFAULT false,
    query_group_wild_card boolean NOT NULL DEFAULT false,
    max_execution_time bigint NOT NULL DEFAULT 0,
    priority text NOT NULL DEFAULT 'normal'
);
INSERT INTO standin.wlm_queues (service_class, name, slots) VALUES
    (1, 'Service class for system user (Health)', 1),
    (2, 'Service class for system user (Metrics)', 1),
    (3, 'Service class for system user (CMstats)', 1),
    (4, 'Service class for system user (Operations)', 1),
    (5, 'Service class for super user', 1),
    (14, 'Short query queue', 0),
    (100, 'Default queue', -1);
CREATE TABLE standin.wlm_rules (id int PRIMARY KEY, condition text NOT NULL, service_class int);
INSERT INTO standin.wlm_rules VALUES
    (1, '(system user) and (query group: health)', 1),
    (2, '(system user) and (query group: metrics)', 2),
    (3, '(system user) and (query group: cmstats)', 3),
    (4, '(system user)', 4),
    (5, '(super user) and (query group: superuser)', 5),
    (6, '(querytype: any)', 100);

CREATE VIEW pg_catalog.stv_wlm_service_class_config AS
    SELECT service_class, NULL::char(64) AS queueing_strategy, slots AS num_query_tasks,
           slots AS target_num_query_tasks, 'NO'::char(8) AS evictable,
           0::bigint AS eviction_threshold, -1 AS query_working_mem,
           -1 AS target_query_working_mem, 0 AS min_step_mem,
           name::char(64), max_execution_time, user_group_wild_card, query_group_wild_card,
           ''::char(8) AS concurrency_scaling, priority::char(20) AS query_priority,
           false AS user_role_wild_card
    FROM standin.wlm_queues
    WHERE standin.provisioned('stv_wlm_service_class_config');
CREATE VIEW pg_catalog.stv_wlm_classification_config AS
    SELECT id, condition::char(128), 0 AS action_seq, 'assign'::char(64) AS action,
           service_class AS action_service_class
    FROM standin.wlm_rules
    WHERE standin.provisioned('stv_wlm_classification_config');

-- Tables and columns.

CREATE VIEW pg_catalog.svv_columns AS
    SELECT table_catalog::text, table_schema::text, table_name::text, column_name::text,
           ordinal_position::int,
           CASE identity_generation
               WHEN 'ALWAYS' THEN format('"identity"(%s, %s, ''%s,%s''::text)',
                                         format('%I.%I', table_schema, table_name)::regclass::oid,
                                         ordinal_position - 1, identity_start, identity_increment)
               WHEN 'BY DEFAULT' THEN format('default_identity(%s, %s, ''%s,%s''::text)',
                                             format('%I.%I', table_schema, table_name)::regclass::oid,
                                             ordinal_position - 1, identity_start,
                                             identity_increment)
               ELSE column_default::text END AS column_default,
           is_nullable::text, data_type::text,
           character_maximum_length::int, numeric_precision::int, numeric_precision_radix::int,
           numeric_scale::int, datetime_precision::int, NULL::text AS interval_type,
           NULL::text AS interval_precision, NULL::text AS character_set_catalog,
           NULL::text AS character_set_schema, NULL::text AS character_set_name,
           NULL::text AS collation_catalog, NULL::text AS collation_schema,
           NULL::text AS collation_name, NULL::text AS domain_name, NULL::text AS remarks
    FROM information_schema.columns
    WHERE table_schema <> 'standin';

-- Everybody may ask these, and sees what standin.sees() lets through.
GRANT SELECT ON pg_catalog.stv_slices, pg_catalog.stv_db_isolation_level,
    pg_catalog.pg_database_info, pg_catalog.svv_redshift_databases, pg_catalog.svv_integration,
    pg_catalog.pg_external_schema, pg_catalog.stl_load_errors, pg_catalog.sys_load_error_detail,
    pg_catalog.stv_sessions, pg_catalog.svv_transactions, pg_catalog.svv_columns TO PUBLIC;

-- For superusers, and for whom they let.
GRANT SELECT ON pg_catalog.stv_partitions, pg_catalog.stv_node_storage_capacity,
    pg_catalog.stv_wlm_service_class_config, pg_catalog.stv_wlm_classification_config
    TO "role:sys:monitor";
