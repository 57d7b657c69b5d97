-- The books: what the stand-in writes down; the views of 60-system-tables.sql show it.
--
-- Rows are written by the stand-in itself over a connection of its own, so that they outlive the
-- rollback of the transaction they tell of (stl_load_errors is read after a COPY that failed).
-- Instants are UTC; "userid" is the oid of the user's role; "query" is the stand-in's own number.

-- What the options of the stand-in say: mode, nodes, slices, ...; written by system_tables.py.
CREATE TABLE standin.settings (name text PRIMARY KEY, value text NOT NULL);

-- One row a statement (stl_query, sys_query_history, stv_recents).
CREATE TABLE standin.queries (
    query bigint PRIMARY KEY,
    userid int NOT NULL,
    xid bigint NOT NULL DEFAULT 0,
    pid int NOT NULL,
    database text NOT NULL DEFAULT current_database(),
    label text NOT NULL DEFAULT 'default',
    querytxt text NOT NULL,
    starttime timestamp NOT NULL,
    endtime timestamp,
    aborted boolean NOT NULL DEFAULT false,
    error_message text NOT NULL DEFAULT ''
);

-- One row a COPY (sys_load_history); status is running, completed or aborted.
CREATE TABLE standin.loads (
    query bigint PRIMARY KEY,
    userid int NOT NULL,
    xid bigint NOT NULL DEFAULT 0,
    pid int NOT NULL,
    database text NOT NULL DEFAULT current_database(),
    status text NOT NULL,
    table_name text NOT NULL,
    starttime timestamp NOT NULL,
    endtime timestamp,
    data_source text NOT NULL,
    file_format text NOT NULL,
    loaded_rows bigint NOT NULL DEFAULT 0,
    loaded_bytes bigint NOT NULL DEFAULT 0,
    source_file_count int NOT NULL DEFAULT 0,
    source_file_bytes bigint NOT NULL DEFAULT 0,
    error_count bigint NOT NULL DEFAULT 0,
    error_message text NOT NULL DEFAULT ''
);

-- One row a file of a COPY (stl_load_commits, sys_load_detail).
CREATE TABLE standin.load_files (
    query bigint NOT NULL,
    userid int NOT NULL,
    slice int NOT NULL DEFAULT 0,
    filename text NOT NULL,
    lines_scanned bigint NOT NULL DEFAULT 0,
    bytes_scanned bigint NOT NULL DEFAULT 0,
    errors int NOT NULL DEFAULT 0,
    curtime timestamp NOT NULL,
    status int NOT NULL DEFAULT 1,
    file_format text NOT NULL
);

-- One row a line that a COPY refused (stl_load_errors, sys_load_error_detail).
CREATE TABLE standin.load_errors (
    query bigint NOT NULL,
    userid int NOT NULL,
    slice int NOT NULL DEFAULT 0,
    tbl int NOT NULL,
    starttime timestamp NOT NULL,
    xid bigint NOT NULL DEFAULT 0,
    pid int NOT NULL,
    database text NOT NULL DEFAULT current_database(),
    filename text NOT NULL,
    line_number bigint NOT NULL,
    colname text NOT NULL DEFAULT '',
    type text NOT NULL DEFAULT '',
    col_length text NOT NULL DEFAULT '',
    position int NOT NULL DEFAULT 0,
    raw_line text NOT NULL DEFAULT '',
    raw_field_value text NOT NULL DEFAULT '',
    err_code int NOT NULL,
    err_reason text NOT NULL
);

-- One row a field of a line that a COPY refused (stl_loaderror_detail); at most 20 lines a slice.
CREATE TABLE standin.load_error_fields (
    query bigint NOT NULL,
    userid int NOT NULL,
    slice int NOT NULL DEFAULT 0,
    pid int NOT NULL,
    filename text NOT NULL,
    line_number bigint NOT NULL,
    field int NOT NULL,
    colname text NOT NULL DEFAULT '',
    value text NOT NULL DEFAULT '',
    is_null boolean NOT NULL DEFAULT false,
    type text NOT NULL DEFAULT '',
    col_length text NOT NULL DEFAULT ''
);

-- One row an UNLOAD (sys_unload_history), and one a file of it (stl_unload_log).
CREATE TABLE standin.unloads (
    query bigint PRIMARY KEY,
    userid int NOT NULL,
    xid bigint NOT NULL DEFAULT 0,
    pid int NOT NULL,
    database text NOT NULL DEFAULT current_database(),
    status text NOT NULL,
    starttime timestamp NOT NULL,
    endtime timestamp,
    file_format text NOT NULL,
    compression_type text NOT NULL DEFAULT '',
    unloaded_location text NOT NULL,
    unloaded_rows bigint NOT NULL DEFAULT 0,
    unloaded_files_count bigint NOT NULL DEFAULT 0,
    unloaded_files_size bigint NOT NULL DEFAULT 0,
    error_message text NOT NULL DEFAULT ''
);
CREATE TABLE standin.unload_files (
    query bigint NOT NULL,
    userid int NOT NULL,
    slice int NOT NULL DEFAULT 0,
    pid int NOT NULL,
    path text NOT NULL,
    starttime timestamp NOT NULL,
    endtime timestamp NOT NULL,
    line_count bigint NOT NULL,
    transfer_size bigint NOT NULL,
    file_format text NOT NULL
);

-- Who is connected now (stv_sessions), and who came and went (stl_connection_log).
CREATE TABLE standin.sessions (
    pid int PRIMARY KEY,
    userid int NOT NULL,
    user_name text NOT NULL,
    database text NOT NULL,
    starttime timestamp NOT NULL,
    timeout_sec int NOT NULL DEFAULT 0
);
CREATE TABLE standin.connections (
    event text NOT NULL,
    recordtime timestamp NOT NULL,
    remotehost text NOT NULL,
    remoteport text NOT NULL,
    pid int NOT NULL,
    database text NOT NULL,
    user_name text NOT NULL,
    authmethod text NOT NULL,
    sslversion text NOT NULL
);

-- GRANT ASSUMEROLE: role is an ARN, "default" or "*"; grantee is a role of the backend or PUBLIC.
CREATE TABLE standin.assumerole (
    grantee text NOT NULL,
    arn text NOT NULL,
    command text NOT NULL,
    PRIMARY KEY (grantee, arn, command)
);
