-- What the last COPY and UNLOAD of a session did. books.py sets the parameters before a statement
-- that asks for them, since what is set within a transaction would go with its rollback.
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('standin.last_copy_count', true), ''), '0')::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_copy_id() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('standin.last_copy_id', true), ''), '-1')::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_unload_count() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('standin.last_unload_count', true), ''), '0')::bigint $$;
