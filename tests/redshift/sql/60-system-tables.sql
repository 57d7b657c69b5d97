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

CREATE FUNCTION standin.microseconds(since timestamp, until timestamp) RETURNS bigint
    LANGUAGE sql VOLATILE
    AS $$ SELECT (extract(epoch FROM coalesce(until, clock_timestamp() AT TIME ZONE 'UTC') - since)
                  * 1000000)::bigint $$;

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

-- Loads and unloads.

CREATE VIEW pg_catalog.stl_load_errors AS
    SELECT userid, slice, tbl, starttime, pid AS session, query::int, filename::char(256),
           line_number, colname::char(127), type::char(10), col_length::char(10), position,
           raw_line::char(1024), raw_field_value::char(1024), err_code, err_reason::char(100),
           0 AS is_partial, 0::bigint AS start_offset, 0::bigint AS copy_job_id
    FROM standin.load_errors
    WHERE standin.provisioned('stl_load_errors') AND standin.sees(userid);
CREATE VIEW pg_catalog.stl_loaderror_detail AS
    SELECT userid, slice, pid AS session, query::int, filename::char(256), line_number, field,
           colname::char(1024), value::char(1024), is_null::int AS is_null, type::char(10),
           col_length::char(10)
    FROM standin.load_error_fields
    WHERE standin.provisioned('stl_loaderror_detail') AND standin.sees(userid);
CREATE VIEW pg_catalog.sys_load_error_detail AS
    SELECT userid AS user_id, query AS query_id, xid AS transaction_id, pid AS session_id,
           database::char(64) AS database_name, tbl AS table_id, starttime AS start_time,
           filename::char(256) AS file_name, line_number, colname::char(127) AS column_name,
           type::char(10) AS column_type, col_length::char(10) AS column_length, position,
           err_code AS error_code, err_reason::char(512) AS error_message
    FROM standin.load_errors
    WHERE standin.sees(userid);

CREATE VIEW pg_catalog.sys_load_history AS
    SELECT userid AS user_id, query AS query_id, xid AS transaction_id, pid AS session_id,
           database AS database_name, status, table_name, starttime AS start_time,
           endtime AS end_time, standin.microseconds(starttime, endtime) AS duration, data_source,
           file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes,
           source_file_count AS file_count_scanned, source_file_bytes AS file_bytes_scanned,
           error_count, 0::bigint AS copy_job_id, error_message
    FROM standin.loads
    WHERE standin.sees(userid);
CREATE VIEW pg_catalog.stl_load_commits AS
    SELECT userid, query::int, slice, ''::char(256) AS name, filename::char(256),
           0 AS byte_offset, lines_scanned::int, errors, curtime, status,
           file_format::char(16), 0 AS is_partial, 0::bigint AS start_offset,
           0::bigint AS copy_job_id
    FROM standin.load_files
    WHERE standin.provisioned('stl_load_commits') AND standin.sees(userid);
CREATE VIEW pg_catalog.sys_load_detail AS
    SELECT userid AS user_id, query AS query_id, filename AS file_name, bytes_scanned,
           lines_scanned, curtime AS record_time, 1 AS splits_scanned, curtime AS start_time,
           curtime AS end_time
    FROM standin.load_files
    WHERE standin.sees(userid);

CREATE VIEW pg_catalog.stl_unload_log AS
    SELECT userid, query::int, slice, pid, path::char(1280), starttime AS start_time,
           endtime AS end_time, line_count, transfer_size, file_format::char(10)
    FROM standin.unload_files
    WHERE standin.provisioned('stl_unload_log') AND standin.sees(userid);
CREATE VIEW pg_catalog.sys_unload_history AS
    SELECT userid AS user_id, query AS query_id, xid AS transaction_id, pid AS session_id,
           database AS database_name, status, starttime AS start_time, endtime AS end_time,
           standin.microseconds(starttime, endtime) AS duration, file_format, compression_type,
           unloaded_location, unloaded_rows, unloaded_files_count, unloaded_files_size,
           error_message
    FROM standin.unloads
    WHERE standin.sees(userid);
CREATE VIEW pg_catalog.sys_unload_detail AS
    SELECT userid AS user_id, query AS query_id, path AS file_name, starttime AS start_time,
           endtime AS end_time, transfer_size AS file_size, line_count AS row_count, file_format
    FROM standin.unload_files
    WHERE standin.sees(userid);

-- Sessions and statements.

-- There is always a query_group to SHOW, which unlike a SELECT takes no snapshot.
ALTER ROLE ALL SET standin.query_group = 'default';

CREATE VIEW pg_catalog.stv_sessions AS
    SELECT starttime, pid AS process, user_name::char(50), database::char(50) AS db_name,
           timeout_sec
    FROM standin.sessions
    WHERE standin.provisioned('stv_sessions') AND standin.sees(userid);
CREATE VIEW pg_catalog.stl_connection_log AS
    SELECT event::char(50), recordtime, remotehost::char(45), remoteport::char(32), pid,
           database::char(50) AS dbname, user_name::char(50) AS username,
           authmethod::char(32), 0 AS duration, sslversion::char(50),
           ''::char(128) AS sslcipher, 0 AS mtu, ''::char(64) AS sslcompression,
           ''::char(64) AS sslexpansion, ''::char(36) AS iamauthguid,
           ''::char(250) AS application_name
    FROM standin.connections
    WHERE standin.provisioned('stl_connection_log');
CREATE VIEW pg_catalog.sys_connection_log AS
    SELECT event, recordtime AS record_time, remotehost AS remote_host,
           remoteport AS remote_port, pid AS session_id, database AS database_name,
           user_name, authmethod AS auth_method, sslversion AS ssl_version
    FROM standin.connections;

CREATE VIEW pg_catalog.stv_recents AS
    SELECT userid, (CASE WHEN endtime IS NULL THEN 'Running' ELSE 'Done' END)::char(20) AS status,
           starttime, standin.microseconds(starttime, endtime)::int AS duration,
           pg_get_userbyid(userid::oid)::char(50) AS user_name, database::char(50) AS db_name,
           left(querytxt, 600)::char(600) AS query,
           CASE WHEN endtime IS NULL THEN pid ELSE -1 END AS pid
    FROM standin.queries
    WHERE standin.provisioned('stv_recents') AND standin.sees(userid);
CREATE VIEW pg_catalog.stl_query AS
    SELECT userid, query::int, left(label, 30)::char(320) AS label, xid, pid,
           database::char(32), left(querytxt, 4000)::char(4000) AS querytxt, starttime, endtime,
           aborted::int AS aborted, 0 AS insert_pristine, 0 AS concurrency_scaling_status
    FROM standin.queries
    WHERE standin.provisioned('stl_query') AND standin.sees(userid) AND endtime IS NOT NULL;
CREATE VIEW pg_catalog.sys_query_history AS
    SELECT userid AS user_id, query AS query_id, label::char(320) AS query_label,
           xid AS transaction_id, pid AS session_id, database::char(128) AS database_name,
           upper(split_part(ltrim(querytxt), ' ', 1))::char(32) AS query_type,
           (CASE WHEN endtime IS NULL THEN 'running' WHEN aborted THEN 'failed'
                 ELSE 'success' END)::char(10) AS status,
           false AS result_cache_hit, starttime AS start_time, endtime AS end_time,
           standin.microseconds(starttime, endtime) AS elapsed_time, 0::bigint AS queue_time,
           standin.microseconds(starttime, endtime) AS execution_time,
           error_message::char(512), left(querytxt, 4000)::char(4000) AS query_text
    FROM standin.queries
    WHERE standin.sees(userid);

-- The number that the client was told is its process; system_tables.py sets it, and does what the
-- other two ask for.
CREATE OR REPLACE FUNCTION pg_catalog.pg_backend_pid() RETURNS int LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('standin.pid', true), '')::int $$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_cancel_backend(int) RETURNS boolean LANGUAGE sql AS
    $$ SELECT true $$;
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

CREATE VIEW pg_catalog.svv_tables AS
    SELECT table_catalog::text, table_schema::text, table_name::text, table_type::text,
           obj_description(format('%I.%I', table_schema, table_name)::regclass) AS remarks
    FROM information_schema.tables
    WHERE table_schema <> 'standin';
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
    pg_catalog.pg_database_info, pg_catalog.stl_load_errors, pg_catalog.stl_loaderror_detail,
    pg_catalog.sys_load_error_detail, pg_catalog.sys_load_history, pg_catalog.stl_load_commits,
    pg_catalog.sys_load_detail, pg_catalog.stl_unload_log, pg_catalog.sys_unload_history,
    pg_catalog.sys_unload_detail, pg_catalog.stv_sessions, pg_catalog.stv_recents,
    pg_catalog.stl_query, pg_catalog.sys_query_history, pg_catalog.svv_tables,
    pg_catalog.svv_columns TO PUBLIC;

-- For superusers, and for whom they let.
GRANT SELECT ON pg_catalog.stv_partitions, pg_catalog.stv_node_storage_capacity,
    pg_catalog.stl_connection_log, pg_catalog.sys_connection_log,
    pg_catalog.stv_wlm_service_class_config, pg_catalog.stv_wlm_classification_config
    TO "role:sys:monitor";
