-- Redshift's functions that the tools, and their tests, use.

CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) '
        '3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.71629'::text $$;

-- A parameter as Redshift has it.
CREATE FUNCTION standin.shown_setting(name text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    IF name = 'server_version' THEN
        IF current_setting('is_superuser') = 'off' THEN
            RAISE EXCEPTION 'must be superuser to examine "server_version"'
                USING ERRCODE = '42501';
        END IF;
        RETURN '8.0.2';
    ELSIF name IN ('server_version_num', 'standard_conforming_strings', 'intervalstyle') THEN
        RAISE EXCEPTION 'unrecognized configuration parameter "%"', name USING ERRCODE = '42704';
    END IF;
    RETURN coalesce(nullif(current_setting('standin.' || name, true), ''), current_setting(name));
END $$;

-- GETDATE is the statement's time, in whole seconds; SYSDATE the transaction's, with microseconds.
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp
    LANGUAGE sql VOLATILE AS $$ SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC') $$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp
    LANGUAGE sql STABLE AS $$ SELECT transaction_timestamp() AT TIME ZONE 'UTC' $$;

CREATE FUNCTION pg_catalog.len(text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length($1) $$;
CREATE FUNCTION pg_catalog.strtol(digits text, base integer) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    total bigint := 0;
    value integer;
    letter text;
BEGIN
    FOREACH letter IN ARRAY string_to_array(lower(ltrim(digits, '-')), NULL) LOOP
        value := position(letter IN '0123456789abcdefghijklmnopqrstuvwxyz') - 1;
        IF value < 0 OR value >= base THEN
            RAISE EXCEPTION 'The input %s is not valid to be converted to base %s', digits, base
                USING ERRCODE = '22023';
        END IF;
        total := total * base + value;
    END LOOP;
    RETURN CASE WHEN digits LIKE '-%' THEN -total ELSE total END;
END $$;
-- JSON text without blanks between its tokens.
CREATE FUNCTION standin.compact(value json) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    CASE json_typeof(value)
    WHEN 'object' THEN
        RETURN (SELECT '{' || coalesce(string_agg(to_json(key)::text || ':' || standin.compact(e.value),
                                                  ',' ORDER BY n), '') || '}'
                FROM json_each(value) WITH ORDINALITY AS e(key, value, n));
    WHEN 'array' THEN
        RETURN (SELECT '[' || coalesce(string_agg(standin.compact(e.value), ',' ORDER BY n), '') || ']'
                FROM json_array_elements(value) WITH ORDINALITY AS e(value, n));
    ELSE
        RETURN btrim(value::text, E' \t\n\r');
    END CASE;
END $$;
CREATE FUNCTION standin.is_json(text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    PERFORM $1::json;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.json_parse(text) RETURNS super
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF NOT standin.is_json($1) THEN
        RAISE EXCEPTION 'JSON parsing error' USING ERRCODE = 'XX000';
    END IF;
    IF octet_length($1) > 16777216 THEN
        RAISE EXCEPTION 'Size of the SUPER value exceeds the limit of 16777216 bytes'
            USING ERRCODE = 'XX000';
    END IF;
    RETURN standin.compact($1::json)::json::super;
END $$;
-- NULL is 'null'; there is no more than a VARCHAR holds. JSON_SIZE has no such end.
CREATE FUNCTION pg_catalog.json_size(super) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$ SELECT octet_length(coalesce($1::json::text, 'null')) $$;
CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS varchar
    LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF octet_length($1::json::text) > 65535 THEN
        RAISE EXCEPTION 'The serialized value of % bytes exceeds the limit of 65535 bytes',
            octet_length($1::json::text) USING ERRCODE = 'XX000';
    END IF;
    RETURN coalesce($1::json::text, 'null');
END $$;
CREATE FUNCTION pg_catalog.array_concat(super, super) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT standin.compact(($1::json::jsonb || $2::json::jsonb)::json)::json::super $$;
-- VARBYTE is kept as its hexadecimal digits.
CREATE FUNCTION pg_catalog.to_hex(varbyte) RETURNS varchar
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT lower($1::text)::varchar $$;
CREATE FUNCTION pg_catalog.from_hex(digits text) RETURNS varbyte
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT encode(decode($1, 'hex'), 'hex')::varbyte $$;
