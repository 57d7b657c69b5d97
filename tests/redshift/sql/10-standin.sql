-- What the stand-in keeps for itself.
CREATE SCHEMA standin;
GRANT USAGE ON SCHEMA standin TO PUBLIC;

-- Names of 64 to 127 bytes; see names.py.
CREATE TABLE standin.long_names (name text PRIMARY KEY);

-- Redshift lets everybody create tables in "public".
GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC;
