-- Redshift's types, and the lengths of character types in bytes.

-- SUPER holds JSON as text, so that an object's keys keep their order.
CREATE TYPE pg_catalog.super;
CREATE FUNCTION standin.super_in(cstring) RETURNS super
    LANGUAGE internal IMMUTABLE STRICT AS 'json_in';
CREATE FUNCTION standin.super_out(super) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'json_out';
CREATE TYPE pg_catalog.super (INPUT = standin.super_in, OUTPUT = standin.super_out,
    INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'U', COLLATABLE = true);
CREATE CAST (super AS json) WITHOUT FUNCTION;
CREATE CAST (json AS super) WITHOUT FUNCTION;

CREATE FUNCTION standin.super_eq(super, super) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'texteq';
CREATE FUNCTION standin.super_lt(super, super) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'text_lt';
CREATE FUNCTION standin.super_le(super, super) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'text_le';
CREATE FUNCTION standin.super_gt(super, super) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'text_gt';
CREATE FUNCTION standin.super_ge(super, super) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'text_ge';
CREATE FUNCTION standin.super_cmp(super, super) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';
CREATE FUNCTION standin.super_hash(super) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT AS 'hashtext';
CREATE OPERATOR pg_catalog.= (LEFTARG = super, RIGHTARG = super, FUNCTION = standin.super_eq,
    HASHES, MERGES, COMMUTATOR = =);
CREATE OPERATOR pg_catalog.< (LEFTARG = super, RIGHTARG = super, FUNCTION = standin.super_lt);
CREATE OPERATOR pg_catalog.<= (LEFTARG = super, RIGHTARG = super, FUNCTION = standin.super_le);
CREATE OPERATOR pg_catalog.> (LEFTARG = super, RIGHTARG = super, FUNCTION = standin.super_gt);
CREATE OPERATOR pg_catalog.>= (LEFTARG = super, RIGHTARG = super, FUNCTION = standin.super_ge);
CREATE OPERATOR CLASS standin.super_ops DEFAULT FOR TYPE super USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 standin.super_cmp(super, super);
CREATE OPERATOR CLASS standin.super_hash_ops DEFAULT FOR TYPE super USING hash AS
    OPERATOR 1 =, FUNCTION 1 standin.super_hash(super);

-- VARCHAR compares without the blanks at its end, as CHAR does everywhere: in joins, in GROUP BY, in
-- DISTINCT and in the order. (c_redshift-sql-implementated-differently.html)
CREATE FUNCTION standin.varchar_eq(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpchareq';
CREATE FUNCTION standin.varchar_ne(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharne';
CREATE FUNCTION standin.varchar_lt(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharlt';
CREATE FUNCTION standin.varchar_le(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharle';
CREATE FUNCTION standin.varchar_gt(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpchargt';
CREATE FUNCTION standin.varchar_ge(varchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharge';
CREATE FUNCTION standin.varchar_cmp(varchar, varchar) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharcmp';
CREATE FUNCTION standin.varchar_hash(varchar) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT AS 'hashbpchar';
CREATE FUNCTION standin.char_eq_varchar(bpchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpchareq';
CREATE FUNCTION standin.varchar_eq_char(varchar, bpchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpchareq';
CREATE FUNCTION standin.char_ne_varchar(bpchar, varchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharne';
CREATE FUNCTION standin.varchar_ne_char(varchar, bpchar) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT AS 'bpcharne';
CREATE OPERATOR pg_catalog.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_eq,
    HASHES, MERGES, COMMUTATOR = OPERATOR(pg_catalog.=),
    NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR pg_catalog.<> (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>),
    NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR pg_catalog.< (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>),
    NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR pg_catalog.> (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<),
    NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR pg_catalog.<= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=),
    NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR pg_catalog.>= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = standin.varchar_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=),
    NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR pg_catalog.= (LEFTARG = bpchar, RIGHTARG = varchar, FUNCTION = standin.char_eq_varchar);
CREATE OPERATOR pg_catalog.= (LEFTARG = varchar, RIGHTARG = bpchar, FUNCTION = standin.varchar_eq_char);
CREATE OPERATOR pg_catalog.<> (LEFTARG = bpchar, RIGHTARG = varchar, FUNCTION = standin.char_ne_varchar);
CREATE OPERATOR pg_catalog.<> (LEFTARG = varchar, RIGHTARG = bpchar, FUNCTION = standin.varchar_ne_char);
CREATE OPERATOR CLASS standin.blank_ops DEFAULT FOR TYPE varchar USING btree AS
    OPERATOR 1 < (varchar, varchar), OPERATOR 2 <= (varchar, varchar),
    OPERATOR 3 = (varchar, varchar), OPERATOR 4 >= (varchar, varchar),
    OPERATOR 5 > (varchar, varchar), FUNCTION 1 standin.varchar_cmp(varchar, varchar);
CREATE OPERATOR CLASS standin.blank_hash_ops DEFAULT FOR TYPE varchar USING hash AS
    OPERATOR 1 = (varchar, varchar), FUNCTION 1 standin.varchar_hash(varchar);

-- A plain text becomes a string; the text of a string is what it holds, of all else its JSON.
CREATE FUNCTION standin.super_of_text(varchar) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_of_text(text) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_of_number(numeric) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_of_bigint(bigint) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_of_integer(integer) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_of_boolean(boolean) RETURNS super
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_json($1)::super $$;
CREATE FUNCTION standin.super_text(super) RETURNS varchar
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT ($1::json #>> '{}')::varchar $$;
CREATE CAST (varchar AS super) WITH FUNCTION standin.super_of_text(varchar) AS ASSIGNMENT;
CREATE CAST (text AS super) WITH FUNCTION standin.super_of_text(text) AS ASSIGNMENT;
CREATE CAST (numeric AS super) WITH FUNCTION standin.super_of_number(numeric) AS ASSIGNMENT;
CREATE CAST (bigint AS super) WITH FUNCTION standin.super_of_bigint(bigint) AS ASSIGNMENT;
CREATE CAST (integer AS super) WITH FUNCTION standin.super_of_integer(integer) AS ASSIGNMENT;
CREATE CAST (boolean AS super) WITH FUNCTION standin.super_of_boolean(boolean) AS ASSIGNMENT;
CREATE CAST (super AS varchar) WITH FUNCTION standin.super_text(super) AS ASSIGNMENT;

-- VARBYTE shows its bytes in hexadecimal and takes a text's bytes.
CREATE TYPE pg_catalog.varbyte;
CREATE FUNCTION standin.varbyte_in(cstring) RETURNS varbyte
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION standin.varbyte_out(varbyte) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE pg_catalog.varbyte (INPUT = standin.varbyte_in, OUTPUT = standin.varbyte_out,
    INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'U',
    TYPMOD_IN = varchartypmodin, TYPMOD_OUT = varchartypmodout);

-- The rest are there to be columns; their values are what was put in.
CREATE TYPE pg_catalog.geometry;
CREATE FUNCTION standin.geometry_in(cstring) RETURNS geometry
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION standin.geometry_out(geometry) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE pg_catalog.geometry (INPUT = standin.geometry_in, OUTPUT = standin.geometry_out,
    INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'U');
CREATE TYPE pg_catalog.geography;
CREATE FUNCTION standin.geography_in(cstring) RETURNS geography
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION standin.geography_out(geography) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE pg_catalog.geography (INPUT = standin.geography_in, OUTPUT = standin.geography_out,
    INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'U');
CREATE TYPE pg_catalog.hllsketch;
CREATE FUNCTION standin.hllsketch_in(cstring) RETURNS hllsketch
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION standin.hllsketch_out(hllsketch) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE pg_catalog.hllsketch (INPUT = standin.hllsketch_in, OUTPUT = standin.hllsketch_out,
    INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'U');

-- VARCHAR(n) and CHAR(n) count bytes. What coerces a value to its column's length is a function that
-- pg_cast names; ours takes the place of PostgreSQL's, which counts characters. An explicit cast cuts,
-- between characters; an assignment refuses, and takes only ASCII for CHAR.
CREATE FUNCTION standin.multibyte(value text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT 'Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: '
        || regexp_replace(encode(convert_to(substring(value from '[^[:ascii:]]'), 'UTF8'), 'hex'),
                          '(..)(?!$)', '\1 ', 'g') $$;
CREATE FUNCTION standin.cut_bytes(value text, length integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bytes bytea := convert_to(value, 'UTF8');
    ending integer := length;
BEGIN
    WHILE ending > 0 AND get_byte(bytes, ending) & 192 = 128 LOOP
        ending := ending - 1;
    END LOOP;
    RETURN convert_from(substring(bytes from 1 for ending), 'UTF8');
END $$;
CREATE FUNCTION standin.varchar_length(value varchar, typmod integer, explicit boolean)
    RETURNS varchar LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF octet_length(value) <= typmod - 4 OR typmod < 4 OR value IS NULL THEN
        RETURN value;
    ELSIF explicit OR octet_length(rtrim(value, ' ')) <= typmod - 4 THEN
        RETURN standin.cut_bytes(value, typmod - 4);
    END IF;
    RAISE EXCEPTION 'value too long for type character varying(%)', typmod - 4
        USING ERRCODE = '22001';
END $$;
CREATE FUNCTION standin.char_length(value bpchar, typmod integer, explicit boolean)
    RETURNS bpchar LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF NOT explicit AND octet_length(value::text) <> length(value::text) THEN
        RAISE EXCEPTION '%', standin.multibyte(value::text) USING ERRCODE = 'XX000';
    ELSIF NOT explicit AND typmod > 4 AND octet_length(rtrim(value::text, ' ')) > typmod - 4 THEN
        RAISE EXCEPTION 'value too long for type character(%)', typmod - 4
            USING ERRCODE = '22001';
    END IF;
    RETURN pg_catalog.bpchar(value, typmod, true);
END $$;
UPDATE pg_catalog.pg_cast SET castfunc = 'standin.varchar_length'::regproc
    WHERE castsource = 'varchar'::regtype AND casttarget = 'varchar'::regtype;
UPDATE pg_catalog.pg_cast SET castfunc = 'standin.char_length'::regproc
    WHERE castsource = 'bpchar'::regtype AND casttarget = 'bpchar'::regtype;

-- DECIMAL of up to 19 digits is kept in eight bytes: DECIMAL(19,s) ends at 9223372036854775807.
CREATE FUNCTION standin.decimal_length(value numeric, typmod integer) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    scale integer := (typmod - 4) & 2047;
BEGIN
    IF (typmod - 4) >> 16 = 19 AND abs(round(value, scale) * 10::numeric ^ scale) > 9223372036854775807
    THEN
        RAISE EXCEPTION 'numeric field overflow' USING ERRCODE = '22003';
    END IF;
    RETURN pg_catalog.numeric(value, typmod);
END $$;
UPDATE pg_catalog.pg_cast SET castfunc = 'standin.decimal_length'::regproc
    WHERE castsource = 'numeric'::regtype AND casttarget = 'numeric'::regtype;
