-- Redshift's functions. Those that are no functions in PostgreSQL's grammar (NVL2, DECODE, LISTAGG, the
-- first argument of DATEADD and DATEDIFF) are put into other words by functions.py first.

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

CREATE FUNCTION standin.date_part(part text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN p IN ('millennium', 'millennia', 'mil', 'mils') THEN 'millennium'
                WHEN p IN ('century', 'centuries', 'c', 'cent', 'cents') THEN 'century'
                WHEN p IN ('decade', 'decades', 'dec', 'decs') THEN 'decade'
                WHEN p IN ('year', 'years', 'y', 'yr', 'yrs') THEN 'year'
                WHEN p IN ('quarter', 'quarters', 'qtr', 'qtrs') THEN 'quarter'
                WHEN p IN ('month', 'months', 'mon', 'mons') THEN 'month'
                WHEN p IN ('week', 'weeks', 'w') THEN 'week'
                WHEN p IN ('day', 'days', 'd') THEN 'day'
                WHEN p IN ('hour', 'hours', 'h', 'hr', 'hrs') THEN 'hour'
                WHEN p IN ('minute', 'minutes', 'm', 'min', 'mins') THEN 'minute'
                WHEN p IN ('second', 'seconds', 's', 'sec', 'secs') THEN 'second'
                WHEN p IN ('millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds',
                           'millisec', 'millisecs', 'millisecon') THEN 'millisecond'
                WHEN p IN ('microsecond', 'microseconds', 'us', 'usec', 'usecs', 'usecond', 'useconds',
                           'microsec', 'microsecs', 'microsecond') THEN 'microsecond'
                ELSE p END
    FROM (SELECT lower(part) AS p) AS given $$;
CREATE FUNCTION standin.span(part text, count bigint) RETURNS interval
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE standin.date_part(part)
           WHEN 'quarter' THEN count * interval '3 months'
           ELSE count * ('1 ' || standin.date_part(part))::interval END $$;
CREATE FUNCTION pg_catalog.dateadd(part text, count bigint, t timestamp) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + standin.span(part, count) $$;
CREATE FUNCTION pg_catalog.dateadd(part text, count bigint, t timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE STRICT AS $$ SELECT t + standin.span(part, count) $$;
CREATE FUNCTION pg_catalog.dateadd(part text, count bigint, t date) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + standin.span(part, count) $$;
-- How many boundaries of a part lie between two times.
CREATE FUNCTION pg_catalog.datediff(part text, a timestamp, b timestamp) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (CASE standin.date_part(part)
        WHEN 'year' THEN extract(year FROM b) - extract(year FROM a)
        WHEN 'quarter' THEN (extract(year FROM b) - extract(year FROM a)) * 4
            + extract(quarter FROM b) - extract(quarter FROM a)
        WHEN 'month' THEN (extract(year FROM b) - extract(year FROM a)) * 12
            + extract(month FROM b) - extract(month FROM a)
        WHEN 'week' THEN (date_trunc('week', b + interval '1 day')::date
            - date_trunc('week', a + interval '1 day')::date) / 7
        WHEN 'day' THEN b::date - a::date
        WHEN 'millisecond' THEN floor(extract(epoch FROM b) * 1000) - floor(extract(epoch FROM a) * 1000)
        WHEN 'microsecond' THEN (extract(epoch FROM b) - extract(epoch FROM a)) * 1000000
        ELSE extract(epoch FROM date_trunc(standin.date_part(part), b)
                              - date_trunc(standin.date_part(part), a))
            / extract(epoch FROM standin.span(part, 1)) END)::bigint $$;
CREATE FUNCTION pg_catalog.convert_timezone(zone text, t timestamp) RETURNS timestamp
    LANGUAGE sql STABLE STRICT AS $$ SELECT t AT TIME ZONE 'UTC' AT TIME ZONE zone $$;
CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, t timestamp) RETURNS timestamp
    LANGUAGE sql STABLE STRICT AS $$ SELECT t AT TIME ZONE source AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.months_between(a timestamp, b timestamp) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT ((extract(year FROM a) - extract(year FROM b)) * 12 + extract(month FROM a)
            - extract(month FROM b) + (extract(day FROM a) - extract(day FROM b)) / 31.0)::float8 $$;
CREATE FUNCTION pg_catalog.add_months(t timestamp, count integer) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + count * interval '1 month' $$;
CREATE FUNCTION pg_catalog.last_day(t timestamp) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (date_trunc('month', t) + interval '1 month - 1 day')::date $$;

CREATE FUNCTION pg_catalog.trunc(timestamp) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::date $$;
CREATE FUNCTION pg_catalog.date_part_year(date) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT extract(year FROM $1)::integer $$;

CREATE FUNCTION pg_catalog.len(text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length($1) $$;
CREATE FUNCTION pg_catalog.charindex(part text, whole text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT position(part IN whole) $$;
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
CREATE FUNCTION pg_catalog.sha2(text, integer) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT encode(CASE $2 WHEN 224 THEN sha224(convert_to($1, 'UTF8'))
                          WHEN 384 THEN sha384(convert_to($1, 'UTF8'))
                          WHEN 512 THEN sha512(convert_to($1, 'UTF8'))
                          ELSE sha256(convert_to($1, 'UTF8')) END, 'hex') $$;
CREATE OR REPLACE FUNCTION pg_catalog.regexp_substr(string text, pattern text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT coalesce((regexp_match(string, '(' || pattern || ')'))[1], '') $$;

-- Columns of 8.0's catalogs that are gone.
CREATE FUNCTION pg_catalog.adsrc(pg_attrdef) RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT pg_get_expr($1.adbin, $1.adrelid) $$;
CREATE FUNCTION pg_catalog.consrc(pg_constraint) RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT pg_get_expr($1.conbin, $1.conrelid) $$;
CREATE FUNCTION pg_catalog.relhasoids(pg_class) RETURNS boolean
    LANGUAGE sql STABLE AS $$ SELECT false $$;
CREATE FUNCTION pg_catalog.relhaspkey(pg_class) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = $1.oid AND contype = 'p') $$;

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
CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS varchar
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::json::text::varchar $$;
CREATE FUNCTION pg_catalog.json_typeof(super) RETURNS varchar
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1::json)::varchar $$;
CREATE FUNCTION pg_catalog.json_array_length(text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_array_length($1::json) $$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(text, integer) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::json ->> $2 $$;
CREATE FUNCTION pg_catalog.is_valid_json(text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT standin.is_json($1) AND ltrim($1) LIKE '{%' $$;
CREATE FUNCTION pg_catalog.is_valid_json_array(text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT standin.is_json($1) AND ltrim($1) LIKE '[%' $$;
CREATE FUNCTION pg_catalog.json_extract_path_text(source text, VARIADIC path text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF NOT standin.is_json(source) THEN
        RAISE EXCEPTION 'JSON parsing error' USING ERRCODE = 'XX000';
    END IF;
    RETURN coalesce(source::json #>> path, '');
END $$;

-- VARBYTE is kept as its hexadecimal digits.
CREATE FUNCTION pg_catalog.to_hex(varbyte) RETURNS varchar
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT lower($1::text)::varchar $$;
CREATE FUNCTION pg_catalog.from_hex(digits text) RETURNS varbyte
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT encode(decode($1, 'hex'), 'hex')::varbyte $$;
