-- The books: what the stand-in writes down; the views of 60-system-tables.sql show it.
--
-- Rows are written by the stand-in itself over a connection of its own, so that they outlive the
-- rollback of the transaction they tell of (stl_load_errors is read after a COPY that failed).
-- Instants are UTC; "userid" is the oid of the user's role; "query" is the stand-in's own number.

-- What the options of the stand-in say: mode, nodes, slices, ...; written by system_tables.py.
CREATE TABLE standin.settings (name text PRIMARY KEY, value text NOT NULL);

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

-- Who is connected now (stv_sessions).
CREATE TABLE standin.sessions (
    pid int PRIMARY KEY,
    userid int NOT NULL,
    user_name text NOT NULL,
    database text NOT NULL,
    starttime timestamp NOT NULL,
    timeout_sec int NOT NULL DEFAULT 0,
    backend int -- the process of PostgreSQL behind it; NULL while it logs in
);

-- GRANT ASSUMEROLE: role is an ARN, "default" or "*"; grantee is a role of the backend or PUBLIC.
CREATE TABLE standin.assumerole (
    grantee text NOT NULL,
    arn text NOT NULL,
    command text NOT NULL,
    PRIMARY KEY (grantee, arn, command)
);
