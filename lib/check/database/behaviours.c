/*
 * The rows. What is assumed is what the stand-in of the tests plays; where the tools work whichever
 * way a cluster answers, follows says so, and the answer is of use to those who write them.
 */
#include "check/database/behaviours.h"

#include <string.h>

#include "rs/compiler.h"

#define EITHER_WAY "nothing: the tools take it either way; tell us"

/* 129 bytes, of which 127 are kept. */
#define N16           "nnnnnnnnnnnnnnnn"
#define N112          N16 N16 N16 N16 N16 N16 N16
#define NAME_OF_127   N112 "nnnnnnnnnnnnnnn"
#define NAME_TOO_LONG NAME_OF_127 "xx"

/* An array of 40,004 bytes, of which two together are more than a VARCHAR. */
#define LONG_DOC(table)                                                                            \
    "INSERT INTO :schema." table " SELECT JSON_PARSE('[\"' || REPEAT('x', 40000) || '\"]')"

#define ALL_DIGITS "SET extra_float_digits TO 2"
#define THE_SUM    "0.30000000000000004"

const char rs_behaviour_setup[] =
    "CREATE TABLE :schema.t (id INTEGER, word VARCHAR(10), f DOUBLE PRECISION, doc SUPER);"
    " INSERT INTO :schema.t SELECT 1, 'x', 0.1::float8 + 0.2::float8, JSON_PARSE('{\"a\":1}');"
    " INSERT INTO :schema.t (id) SELECT 2";

const struct rs_behaviour rs_behaviours[] = {
    /* ---- Parameters ---- */
    {
        .name = "limit-parameter",
        .question = "a bound parameter in LIMIT",
        .kind = RS_BEHAVIOUR_BOUND,
        .sql = "SELECT id FROM :schema.t ORDER BY id LIMIT $1",
        .param = "1",
        .assumed = "refused: XX000",
        .follows = "nothing: parameters are written as literals, which is right either way",
        .source = "aws/amazon-redshift-python-driver#24",
    },
    {
        .name = "subquery-parameter",
        .question = "a bound parameter in a subquery",
        .kind = RS_BEHAVIOUR_BOUND,
        .sql = "SELECT count(*) FROM :schema.t WHERE id IN (SELECT id FROM :schema.t"
               " WHERE word = $1)",
        .param = "x",
        .assumed = "refused: XX000",
        .follows = "nothing: parameters are written as literals, which is right either way",
        .source = "aws/amazon-redshift-jdbc-driver#43",
    },
    /* ---- Values ---- */
    {
        .name = "serialize-null",
        .question = "JSON_SERIALIZE(NULL)",
        .sql = "SELECT JSON_SERIALIZE(NULL::super)",
        .assumed = "null",
        .follows = "nothing: SUPER is serialized where it is not NULL; tell us",
        .source = "r_json_serialize",
    },
    {
        .name = "serialize-null-column",
        .question = "JSON_SERIALIZE of a column's NULL",
        .sql = "SELECT JSON_SERIALIZE(doc) FROM :schema.t WHERE id = 2",
        .assumed = "null",
        .follows = "nothing: SUPER is serialized where it is not NULL; tell us",
        .source = "r_json_serialize",
    },
    {
        .name = "serialize",
        .question = "JSON_SERIALIZE of a SUPER",
        .sql = "SELECT JSON_SERIALIZE(doc) FROM :schema.t WHERE id = 1",
        .assumed = "{\"a\":1}",
        .follows = "rs-backfill verify may see differences in SUPER columns between servers",
        .source = "r_json_serialize",
    },
    {
        .name = "serialize-long",
        .question = "JSON_SERIALIZE over 65,535 bytes",
        .before = {"CREATE TABLE :schema.long (doc SUPER)", LONG_DOC("long")},
        .sql = "SELECT JSON_SERIALIZE(ARRAY_CONCAT(doc, doc)) FROM :schema.long",
        .assumed = "refused",
        .follows = "nothing: rs-backfill refuses such values by their size, before it carries any",
        .source = "r_json_serialize",
    },
    {
        .name = "size-long",
        .question = "JSON_SIZE over 65,535 bytes",
        .before = {"CREATE TABLE :schema.sized (doc SUPER)", LONG_DOC("sized")},
        .sql = "SELECT JSON_SIZE(ARRAY_CONCAT(doc, doc)) FROM :schema.sized",
        .assumed = "80007",
        .follows = "rs-backfill meets too long a SUPER when others are carried, not before",
        .source = "r_json_size",
    },
    {
        .name = "digits-leader",
        .question = "extra_float_digits=2, leader node",
        .before = {ALL_DIGITS},
        .sql = "SELECT 0.1::float8 + 0.2::float8",
        .after = "SET extra_float_digits TO 0",
        .assumed = THE_SUM,
        .follows = "floats that rs-backfill carries or compares may lose their last digits",
        .source = "r_extra_float_digits",
    },
    {
        .name = "digits-nodes",
        .question = "extra_float_digits=2, a table's floats",
        .before = {ALL_DIGITS},
        .sql = "SELECT f FROM :schema.t WHERE id = 1",
        .after = "SET extra_float_digits TO 0",
        .assumed = THE_SUM,
        .follows = "floats that rs-backfill carries or compares may lose their last digits",
        .source = "psycopg/psycopg2#1430",
    },
    {
        .name = "digits-cast",
        .question = "extra_float_digits=2, a cast on the nodes",
        .before = {ALL_DIGITS},
        .sql = "SELECT f::varchar FROM :schema.t WHERE id = 1",
        .after = "SET extra_float_digits TO 0",
        .assumed = THE_SUM,
        .follows =
            "rs-backfill verify may take two floats for one that differ in their last digits",
        .source = "psycopg/psycopg2#1430",
    },
    {
        .name = "digits-unload",
        .question = "extra_float_digits=2, UNLOAD and COPY",
        .kind = RS_BEHAVIOUR_COPIED,
        .before = {"CREATE TABLE :schema.f (f DOUBLE PRECISION)", ALL_DIGITS},
        .unload = "SELECT f FROM :schema.t WHERE id = 1",
        .into = "f",
        .sql = "SELECT CASE WHEN count(*) = 1 THEN 'the same number' ELSE 'another number' END"
               " FROM :schema.t t JOIN :schema.f b ON t.f = b.f",
        .after = "SET extra_float_digits TO 0",
        .assumed = "the same number",
        .follows = "floats that rs-backfill migrate carries by S3 may lose their last digits",
        .source = "psycopg/psycopg2#1430",
    },
    {
        .name = "backslash",
        .question = "a doubled backslash in a literal, length",
        .sql = "SELECT LENGTH('a\\\\b')",
        .assumed = "3",
        .follows = "texts with backslashes would be written wrongly: do not load; tell us",
        .source = "jOOQ/jOOQ#10628",
    },
    {
        .name = "e-literal",
        .question = "E'...'",
        .sql = "SELECT E'a'",
        .assumed = "refused: 42704",
        .follows = "nothing: the tools do not write it",
        .source = "npgsql/npgsql#515",
    },
    {
        .name = "end-blanks",
        .question = "rows whose 'x' is equal to 'x  '",
        .sql = "SELECT count(*) FROM :schema.t WHERE word = 'x  '",
        .assumed = "1",
        .follows = "ids that differ in blanks at their end alone are told apart by this server",
        .source = "c_redshift-sql-implementated-differently",
    },
    {
        .name = "wide-rows",
        .question = "intermediate rows over 64 KB",
        .before = {"CREATE TABLE :schema.wide (id INTEGER, a VARCHAR(65535), b VARCHAR(65535))",
                   "INSERT INTO :schema.wide SELECT 1, REPEAT('x', 40000), REPEAT('x', 40000)"},
        .sql = "SELECT LENGTH(a) + LENGTH(b) FROM (SELECT id, MAX(a) AS a, MAX(b) AS b"
               " FROM :schema.wide GROUP BY id) q",
        .assumed = "80000",
        .follows = "users and accounts with several values of over 64 KB together may not load",
        .source = "r_CREATE_TABLE_NEW",
    },
    /* ---- Tables ---- */
    {
        .name = "varchar-max",
        .question = "a column of VARCHAR(65536)",
        .sql = "CREATE TABLE :schema.w (c VARCHAR(65536))",
        .assumed = "refused",
        .follows = "longer texts could be kept whole: tell us",
        .source = "r_Character_types",
    },
    {
        .name = "text-length",
        .question = "257 bytes into a column of TEXT",
        .before = {"CREATE TABLE :schema.texts (c TEXT)"},
        .sql = "INSERT INTO :schema.texts SELECT REPEAT('x', 257)",
        .assumed = "refused",
        .follows = "nothing: the tools write lengths",
        .source = "r_Character_types",
    },
    {
        .name = "name-length",
        .question = "a name of 129 bytes",
        .before = {"CREATE TABLE :schema." NAME_TOO_LONG " (id INTEGER)"},
        .sql = "SELECT CASE WHEN count(*) = 0 THEN 'cut to 127' END FROM :schema." NAME_OF_127,
        .assumed = "cut to 127",
        .follows = "names of over the server's length would meet: tell us before loading",
        .source = "r_names",
    },
    {
        .name = "case-setting",
        .question = "enable_case_sensitive_identifier",
        .sql = "SHOW enable_case_sensitive_identifier",
        .assumed = "off|on",
        .follows = EITHER_WAY,
        .source = "r_enable_case_sensitive_identifier",
    },
    {
        .name = "case-folded",
        .question = "\"MixedCase\", with that off",
        .before = {"SET enable_case_sensitive_identifier TO off",
                   "CREATE TABLE :schema.\"MixedCase\" (id INTEGER)"},
        .sql = "SELECT CASE WHEN count(*) = 0 THEN 'is mixedcase' END FROM :schema.\"mixedcase\"",
        .after = "RESET enable_case_sensitive_identifier",
        .assumed = "is mixedcase",
        .follows = EITHER_WAY,
        .source = "r_names",
    },
    {
        .name = "case-kept",
        .question = "\"KeptCase\", with that on, as \"keptcase\"",
        .before = {"SET enable_case_sensitive_identifier TO on",
                   "CREATE TABLE :schema.\"KeptCase\" (id INTEGER)"},
        .sql = "SELECT count(*) FROM :schema.\"keptcase\"",
        .after = "RESET enable_case_sensitive_identifier",
        .assumed = "refused: 42P01",
        .follows = EITHER_WAY,
        .source = "r_enable_case_sensitive_identifier",
    },
    {
        .name = "missing-table",
        .question = "a table that is not there",
        .sql = "SELECT id FROM :schema.nothing",
        .assumed = "refused: 42P01",
        .follows = "a table that is not there yet would be an error: tell us",
        .source = "PostgreSQL manual, errcodes",
    },
    {
        .name = "existing-table",
        .question = "a table that is there already",
        .sql = "CREATE TABLE :schema.t (id INTEGER)",
        .assumed = "refused: 42P07",
        .follows = "two loaders that make one table at once may see an error: tell us",
        .source = "r_names",
    },
    {
        .name = "existing-column",
        .question = "ADD COLUMN of one that is there",
        .sql = "ALTER TABLE :schema.t ADD COLUMN word INTEGER",
        .assumed = "refused: 42701",
        .follows = "two loaders that add one column at once may see an error: tell us",
        .source = "datamill-co/target-postgres#2",
    },
    {
        .name = "add-if-not-exists",
        .question = "ADD COLUMN IF NOT EXISTS",
        .sql = "ALTER TABLE :schema.t ADD COLUMN IF NOT EXISTS word INTEGER",
        .assumed = "refused",
        .follows = "nothing: the tools do not write it",
        .source = "r_ALTER_TABLE",
    },
    {
        .name = "widen",
        .question = "ALTER TYPE of a VARCHAR",
        .before = {"CREATE TABLE :schema.plain (c VARCHAR(10))"},
        .sql = "ALTER TABLE :schema.plain ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "done",
        .follows = "columns do not grow: longer values are discards",
        .source = "r_ALTER_TABLE",
    },
    {
        .name = "widen-transaction",
        .question = "... in a transaction",
        .before = {"CREATE TABLE :schema.inside (c VARCHAR(10))", "BEGIN"},
        .sql = "ALTER TABLE :schema.inside ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "refused: 25001",
        .follows = "nothing: columns are widened outside of transactions",
        .source = "flyway/flyway#2438",
    },
    {
        .name = "widen-sortkey",
        .question = "... of a sort key",
        .before = {"CREATE TABLE :schema.sorted (c VARCHAR(10)) SORTKEY (c)"},
        .sql = "ALTER TABLE :schema.sorted ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "refused: XX000",
        .follows = "keys can grow here; the tools try it, and make discards where it is refused",
        .source = "estuary/connectors#4893",
    },
    {
        .name = "widen-distkey",
        .question = "... of a distribution key",
        .before = {"CREATE TABLE :schema.spread (c VARCHAR(10)) DISTKEY (c)"},
        .sql = "ALTER TABLE :schema.spread ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "refused: XX000",
        .follows = "keys can grow here; the tools try it, and make discards where it is refused",
        .source = "estuary/connectors#4893",
    },
    {
        .name = "widen-default",
        .question = "... of one with a default",
        .before = {"CREATE TABLE :schema.filled (c VARCHAR(10) DEFAULT 'a')"},
        .sql = "ALTER TABLE :schema.filled ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "refused",
        .follows = "nothing: the tools give no defaults, and try it",
        .source = "jazzband/django-redshift-backend#96",
    },
    {
        .name = "widen-bytedict",
        .question = "... of one in BYTEDICT",
        .before = {"CREATE TABLE :schema.coded (c VARCHAR(10) ENCODE BYTEDICT)"},
        .sql = "ALTER TABLE :schema.coded ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "refused",
        .follows = "nothing: the tools try it",
        .source = "r_ALTER_TABLE",
    },
    {
        .name = "widen-recoded",
        .question = "... of one that was in BYTEDICT",
        .before = {"CREATE TABLE :schema.recoded (c VARCHAR(10) ENCODE BYTEDICT)",
                   "ALTER TABLE :schema.recoded ALTER COLUMN c ENCODE LZO"},
        .sql = "ALTER TABLE :schema.recoded ALTER COLUMN c TYPE VARCHAR(20)",
        .assumed = "done",
        .follows = "columns in BYTEDICT and the like do not grow: longer values are discards",
        .source = "r_ALTER_TABLE",
    },
    {
        .name = "delete-or-null",
        .question = "DELETE by a subquery OR NULL",
        .sql = "DELETE FROM :schema.t WHERE id IN (SELECT id FROM :schema.t WHERE id = 9)"
               " OR (id IS NULL AND word IS NULL)",
        .assumed = "done",
        .follows = "nothing: the tools write two DELETEs",
        .source = "r_DELETE",
    },
    /* ---- Transactions ---- */
    {
        .name = "isolation",
        .question = "isolation level of the database",
        .sql = "SELECT TRIM(isolation_level) FROM stv_db_isolation_level"
               " WHERE db_name = current_database()",
        .otherwise = "SELECT CASE array_to_string(datconfig, ',')"
                     " WHEN 'concurrency_model=1' THEN 'Snapshot Isolation'"
                     " WHEN 'concurrency_model=2' THEN 'Serializable' END"
                     " FROM pg_database_info WHERE datname = current_database()",
        .assumed = "Snapshot Isolation|Serializable",
        .follows = "what the tools promise is shown under these two alone: tell us",
        .source = "c_serial_isolation",
    },
    {
        .name = "lock-timeout",
        .question = "statement_timeout and a wait for LOCK",
        .kind = RS_BEHAVIOUR_TIMEOUT,
        .sql = "LOCK :schema.t",
        .after = "SET statement_timeout TO 0",
        .assumed = "ended: 57014",
        .follows = "nothing: the tools' own clock cancels a wait that is too long",
        .source = "statement_timeout",
    },
    {
        .name = "lock-cancel",
        .question = "a cancel and a wait for LOCK",
        .kind = RS_BEHAVIOUR_CANCEL,
        .sql = "LOCK :schema.t",
        .assumed = "ended",
        .follows = "a run that waits for another one cannot be ended but by ending its session",
        .source = "awslabs/amazon-redshift-utils#174",
    },
    /* ---- COPY and UNLOAD ---- */
    {
        .name = "unload-no-table",
        .question = "UNLOAD of a SELECT without a table",
        .kind = RS_BEHAVIOUR_UNLOAD,
        .sql = "SELECT 1 AS id",
        .assumed = "done",
        .follows = "nothing: the tools unload tables",
        .source = "r_UNLOAD",
    },
    {
        .name = "load-error-id",
        .question = "query_id of a load error, pg_last_copy_id()",
        .kind = RS_BEHAVIOUR_COPIED,
        .before = {"CREATE TABLE :schema.id (id INTEGER)"},
        .unload = "SELECT word FROM :schema.t WHERE id = 1",
        .into = "id",
        .sql = "SELECT CASE WHEN count(*) > 0 THEN 'the same' ELSE 'another, or none yet' END"
               " FROM sys_load_error_detail WHERE query_id = pg_last_copy_id()",
        .assumed = "the same",
        .follows = "which value COPY refused is found by session and time alone",
        .source = "SYS_LOAD_ERROR_DETAIL",
    },
    /* ---- What is elsewhere ---- */
    {
        .name = "foreign-database",
        .question = "database_type of this database",
        .sql = "SELECT database_type FROM svv_redshift_databases"
               " WHERE database_name = current_database()",
        .assumed = "local",
        .follows = "a database that is made from a datashare is not told from others",
        .source = "r_SVV_REDSHIFT_DATABASES",
    },
    {
        .name = "foreign-integration",
        .question = "zero-ETL integrations that fill it",
        .sql = "SELECT count(*) FROM svv_integration WHERE target_database = current_database()",
        .assumed = "0",
        .follows = "a database that a zero-ETL integration fills is not told from others",
        .source = "r_SVV_INTEGRATION",
    },
    {
        .name = "foreign-schema",
        .question = "external schemas named rs_none",
        .sql = "SELECT count(*) FROM pg_external_schema e JOIN pg_namespace n ON n.oid = e.esoid"
               " WHERE n.nspname = 'rs_none'",
        .assumed = "0",
        .follows = "an external schema is not told from others",
        .source = "r_PG_EXTERNAL_SCHEMA",
    },
    /* ---- Users ---- */
    {
        .name = "assumerole-user",
        .question = "has_assumerole_privilege(user, role, command)",
        .sql = "SELECT has_assumerole_privilege(current_user, 'default', 'COPY')",
        .assumed = "t|f",
        .follows = "rs-provision-user does not know whether ASSUMEROLE is there, and grants it",
        .source = "r_HAS_ASSUMEROLE_PRIVILEGE",
    },
    {
        .name = "assumerole",
        .question = "has_assumerole_privilege(role, command)",
        .sql = "SELECT has_assumerole_privilege('default', 'COPY')",
        .assumed = "t|f",
        .follows = "rs-provision-user does not know whether ASSUMEROLE is there, and grants it",
        .source = "r_HAS_ASSUMEROLE_PRIVILEGE",
    },
};

const size_t rs_behaviour_count = RS_COUNTOF(rs_behaviours);

bool rs_behaviour_is_assumed(const struct rs_behaviour *row, const char *found)
{
    for (const char *word = row->assumed; *word;) {
        const size_t length = strcspn(word, "|");
        const char end = strncmp(found, word, length) == 0 ? found[length] : 'x';
        if (end == '\0' || end == ' ' || end == ':') {
            return true;
        }
        word += length + (word[length] ? 1 : 0);
    }
    return false;
}

bool rs_behaviour_needs_stage(const struct rs_behaviour *row)
{
    return row->kind == RS_BEHAVIOUR_UNLOAD || row->kind == RS_BEHAVIOUR_COPIED;
}

bool rs_behaviour_needs_schema(const struct rs_behaviour *row)
{
    bool needs = strstr(row->sql, ":schema") != NULL;
    for (size_t i = 0; i < RS_BEHAVIOUR_BEFORE_MAX && row->before[i]; i++) {
        needs = needs || strstr(row->before[i], ":schema") != NULL;
    }
    return needs;
}
