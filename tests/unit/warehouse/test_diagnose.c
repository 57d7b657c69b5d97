/* Refusals: code, hint and retry by libpq's words or by SQLSTATE, and no password ever shown. */
#include "warehouse/diagnose.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *why;
    enum rs_code code;
    bool retryable;
    const char *hint; /* a part of it */
} connects[] = {
    {"connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  password authentication "
     "failed for user \"ann\"\n",
     RS_E_NET, false, "PGPASSWORD"},
    {"could not translate host name \"nowhere\" to address: Name or service not known\n", RS_E_NET,
     false, "host's name"},
    {"connection to server at \"db\" (10.0.0.1), port 5432 failed: Connection refused\n\tIs the "
     "server running on that host and accepting TCP/IP connections?\n",
     RS_E_NET, false, "host and port"},
    {"connection to server at \"db\" (10.0.0.1), port 5432 failed: timeout expired\n", RS_E_NET,
     false, "firewall"},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  database \"shop\" does "
     "not exist\n",
     RS_E_NET, false, "createdb"},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  role \"ann\" does not "
     "exist\n",
     RS_E_NET, false, "PGUSER"},
    {"connection to server at \"db\", port 5432 failed: FATAL:  the database system is starting "
     "up\n",
     RS_E_NET, true, "moment"},
    {"definition of service \"prod\" not found\n", RS_E_USAGE, false, "PGSERVICEFILE"},
    {"invalid sslmode value: \"yes\"\n", RS_E_USAGE, false, "verify-full"},
    {"connection to server at \"c.x.redshift.amazonaws.com\" (10.0.0.1), port 5439 failed: FATAL:  "
     "no pg_hba.conf entry for host \"::ffff:10.1.2.3\", user \"u\", database \"d\", SSL off\n",
     RS_E_NET, false, "require_ssl"},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: authentication method 13 not "
     "supported\n",
     RS_E_NET, false, "'md5"},
    {"could not translate host name \"c.x.redshift.amazonaws.com:5439/dev\" to address: Name or "
     "service not known\n",
     RS_E_NET, false, "off the endpoint"},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: FATAL:  password authentication "
     "failed for user \"IAMA:ann\"\n",
     RS_E_NET, false, "--iam"},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: FATAL:  database \"postgres\" "
     "does "
     "not exist\n",
     RS_E_NET, false, "\"dev\""},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: FATAL:  unrecognized "
     "configuration parameter \"geqo\"\n",
     RS_E_NET, false, "redshift://"},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: FATAL:  too many connections for "
     "user \"u\"\n",
     RS_E_NET, true, "CONNECTION LIMIT"},
    {"connection to server at \"localhost\" (127.0.0.1), port 22 failed: received invalid response "
     "to SSL negotiation: H\n",
     RS_E_NET, false, "neither PostgreSQL nor Redshift"},
    {"connection to server at \"db\" (10.0.0.1), port 5432 failed: server does not support SSL, "
     "but "
     "SSL was required\n",
     RS_E_NET, false, "postgresql://"},
    {"connection to server at \"c\" (10.0.0.1), port 5439 failed: SSL error: certificate verify "
     "failed\n",
     RS_E_NET, false, "sslrootcert"},
    {"something new\n", RS_E_NET, false, ""},
    {"", RS_E_NET, false, ""},
};

static void test_diagnose__a_failed_connection_has_a_code_and_a_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(connects); i++) {
        struct rs_error err = {0};
        print_message("%s", connects[i].why);
        assert_false(rs_diagnose_connect(rs_str_from(connects[i].why), "", &err));
        assert_int_equal(err.code, connects[i].code);
        assert_int_equal(err.retryable, connects[i].retryable);
        assert_non_null(strstr(err.hint, connects[i].hint));
        assert_int_equal(strncmp(err.message, "could not connect to the database: ", 35), 0);
        assert_null(strchr(err.message, '\n'));
        assert_null(strstr(err.message, "Is the server"));
        assert_true(strlen(err.message) > 35);
    }
}

static void test_diagnose__what_libpq_says_twice_is_said_once(void **state)
{
    (void)state;
    struct rs_error err = {0};
    assert_false(rs_diagnose_connect(RS_STR("connection failed: FATAL:  no\n"
                                            "connection failed: FATAL:  no\n"),
                                     "", &err));
    assert_string_equal(err.message,
                        "could not connect to the database: connection failed: FATAL: no");
    rs_error_clear(&err);
    assert_false(rs_diagnose_connect(RS_STR("to A failed\nto B failed\n"), "", &err));
    assert_string_equal(err.message, "could not connect to the database: to A failed to B failed");
}

static const struct {
    const char *why;
    const char *conninfo;
    const char *message;
} conninfos[] = {
    {"invalid connection option \"hots\"\n", "hots=db",
     "could not connect to the database: invalid connection option \"hots\""},
    {"missing \"=\" after \"tiger\" in connection info string\n", "password=scott tiger",
     "could not connect to the database: missing \"...\" in connection info string"},
    {"invalid connection option \"tiger\"\n", "password=scott tiger=1",
     "could not connect to the database: invalid connection option \"...\""},
    {"end of string reached when looking for matching \"]\" in IPv6 host address in URI: "
     "\"postgresql://ann:tiger@[::1/shop\"\n",
     "postgresql://ann:tiger@[::1/shop",
     "could not connect to the database: end of string reached when looking for matching \"...\""},
    {"unterminated quoted string in connection info string\n", "password='tiger",
     "could not connect to the database: unterminated quoted string in connection info string"},
};

static void test_diagnose__a_connection_string_is_never_shown_with_its_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(conninfos); i++) {
        struct rs_error err = {0};
        assert_false(
            rs_diagnose_connect(rs_str_from(conninfos[i].why), conninfos[i].conninfo, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        assert_string_equal(err.message, conninfos[i].message);
        assert_null(strstr(err.message, "tiger"));
        assert_null(strstr(err.hint, "tiger"));
    }
}

static const struct {
    const char *state;
    enum rs_code code;
    bool retryable;
    const char *hint;
} states[] = {
    {"40001", RS_E_DATABASE, true, "run it again"},
    {"40P01", RS_E_DATABASE, true, "run it again"},
    {"42501", RS_E_DATABASE, false, "CREATE"},
    {"57P01", RS_E_NET, true, "back"},
    {"08006", RS_E_NET, true, "broke"},
    {"22001", RS_E_DATABASE, false, "from the server"},
    {"", RS_E_DATABASE, false, "from the server"},
};

static void test_diagnose__a_refused_statement_says_what_the_server_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(states); i++) {
        struct rs_error err = {0};
        struct rs_server_message message = {
            .sqlstate = rs_str_from(states[i].state),
            .primary = RS_STR("it did\nnot work"),
            .detail = RS_STR("for  a\treason"),
            .hint = RS_STR("from the server"),
            .context = RS_STR("SQL function \"f\""),
        };
        assert_false(rs_diagnose_statement(&message, &err));
        assert_int_equal(err.code, states[i].code);
        assert_int_equal(err.retryable, states[i].retryable);
        assert_string_equal(err.detail, states[i].state);
        assert_string_equal(err.message,
                            "could not run a statement: it did not work; for a reason");
        assert_non_null(strstr(err.hint, states[i].hint));
    }
}

#define RULER "  -----------------------------------------------\n"

/* Redshift: what it says, and what comes of it. */
static const struct {
    const char *state;
    const char *primary;
    const char *detail;
    bool retryable;
    const char *message; /* all of it, after "could not run a statement: " */
    const char *hint;    /* a part of it */
} redshift[] = {
    {"XX000", "1023",
     "Serializable isolation violation on table - 119371, transactions forming the cycle are: "
     "1745830, 1745762 (pid:15021)",
     true,
     "1023; Serializable isolation violation on table - 119371, transactions forming the cycle "
     "are: 1745830, 1745762 (pid:15021)",
     "another transaction"},
    {"XX000", "1023", "", true, "1023", "another transaction"},
    {"XX000", "1018", "Relation does not exist.", true, "1018; Relation does not exist.",
     "after this transaction began"},
    {"XX000", "row 1023 is bad", "", false, "row 1023 is bad", ""},
    {"XX000", "could not complete because of conflict with concurrent transaction", "", true,
     "could not complete because of conflict with concurrent transaction", "run it again"},
    {"57014", "Cannot execute write query because system is in resize mode", "", true,
     "Cannot execute write query because system is in resize mode", "resized"},
    {"XX000", "Disk Full",
     "\n" RULER "  error:  Disk Full\n  code:      1016\n  context:   node: 0\n  query:     12\n"
     "  location:  fdisk_api.cpp:491\n  process:   query0_118_12 [pid=1]\n" RULER,
     false, "Disk Full; node: 0; code 1016, query 12", "VACUUM"},
    {"XX000", "The specified S3 prefix '2017/02/18/11' does not exist",
     "\n" RULER "  error:  The specified S3 prefix '2017/02/18/11' does not exist\n"
     "  code:      8001\n  context:   \n  query:     634029\n  location:  s3_utility.cpp:568\n"
     "  process:   padbmaster [pid=29509]\n" RULER,
     false, "The specified S3 prefix '2017/02/18/11' does not exist; code 8001, query 634029",
     "prefix"},
    {"XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 9,CanRetry 1",
     "\n" RULER "  error:  S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 9,"
     "CanRetry 1\n  code:      8001\n  context:   Listing bucket=b.s3.amazonaws.com prefix=p\n"
     "  query:     7\n" RULER,
     false,
     "S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 9,CanRetry 1; "
     "Listing bucket=b.s3.amazonaws.com prefix=p; code 8001, query 7",
     "s3:ListBucket"},
    {"XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied",
     "\n" RULER "  error:  S3ServiceException:Access Denied,Status 403,Error AccessDenied\n"
     "  code:      8001\n  context:   S3 key being read : s3://b/p/0.csv.zst\n  query:     "
     "7\n" RULER,
     false,
     "S3ServiceException:Access Denied,Status 403,Error AccessDenied; S3 key being read : "
     "s3://b/p/0.csv.zst; code 8001, query 7",
     "s3:GetObject"},
    {"XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied", "", false,
     "S3ServiceException:Access Denied,Status 403,Error AccessDenied", "kms:Decrypt"},
    {"XX000",
     "S3ServiceException:User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: "
     "kms:Decrypt on resource: k,Status 403,Error AccessDenied",
     "", false,
     "S3ServiceException:User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: "
     "kms:Decrypt on resource: k,Status 403,Error AccessDenied",
     "kms:Decrypt on the key"},
    {"XX000",
     "S3ServiceException:The bucket you are attempting to access must be addressed using the "
     "specified endpoint. Please send all future requests to this endpoint.,Status 301",
     "", false,
     "S3ServiceException:The bucket you are attempting to access must be addressed using the "
     "specified endpoint. Please send all future requests to this endpoint.,Status 301",
     "REGION"},
    {"XX000", "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown", "",
     true, "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown",
     "run it again"},
    {"XX000", "COPY with MANIFEST parameter requires full path of an S3 object.", "", false,
     "COPY with MANIFEST parameter requires full path of an S3 object.", "s3:GetObject"},
    {"XX000",
     "Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status "
     "404,Error NoSuchKey",
     "", false,
     "Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status "
     "404,Error NoSuchKey",
     "removed"},
    {"XX000",
     "User arn:aws:redshift:us-east-1:1:dbuser:c/u is not authorized to assume IAM Role "
     "arn:aws:iam::1:role/copy",
     "", false,
     "User arn:aws:redshift:us-east-1:1:dbuser:c/u is not authorized to assume IAM Role "
     "arn:aws:iam::1:role/copy",
     "trust policy"},
    {"XX000", "User u does not have ASSUMEROLE permission on IAM role \"arn\" for COPY", "", false,
     "User u does not have ASSUMEROLE permission on IAM role \"arn\" for COPY", "GRANT ASSUMEROLE"},
    {"XX000", "Default IAM role is not set for the cluster", "", false,
     "Default IAM role is not set for the cluster", "--iam-role"},
    {"XX000", "S3CurlException: Connection timed out after 50001 milliseconds, CurlError 28", "",
     false, "S3CurlException: Connection timed out after 50001 milliseconds, CurlError 28",
     "endpoint"},
    {"0A000",
     "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)", "",
     false,
     "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)",
     "S3 only"},
    {"0A000", "Column \"t.c\" has unsupported type \"serial\".", "", false,
     "Column \"t.c\" has unsupported type \"serial\".", ""},
    {"0A000", "cannot alter type of a column used by a view or rule", "", false,
     "cannot alter type of a column used by a view or rule", "drop the view"},
    {"XX000", "1040", "Maximum tables limit exceeded. The maximum number of tables is 9900.", false,
     "1040; Maximum tables limit exceeded. The maximum number of tables is 9900.", "drop some"},
    {"42501", "must be superuser to create users", "", false, "must be superuser to create users",
     "CREATEUSER"},
    {"XX000", "Spectrum Scan Error",
     "\n" RULER "  error:  Spectrum Scan Error\n  code:      15001\n"
     "  context:   File 'https://s3.us-east-1.amazonaws.com/b/x.parquet has an incompatible\n"
     "  Parquet schema for column 's3://b/x.c'.\n  query:     9\n" RULER,
     false,
     "Spectrum Scan Error; File 'https://s3.us-east-1.amazonaws.com/b/x.parquet has an "
     "incompatible Parquet schema for column 's3://b/x.c'.; code 15001, query 9",
     "file does not fit"},
    {"XX000", "Load into table 'x' failed.  Check 'stl_load_errors' system table for details.", "",
     false, "Load into table 'x' failed. Check 'stl_load_errors' system table for details.",
     "sys_load_error_detail"},
    {"55006", "user \"u\" can't be dropped because the user owns some object", "", false,
     "user \"u\" can't be dropped because the user owns some object", "OWNER TO"},
    {"55006", "user \"u\" cannot be dropped because the user has a privilege on some object", "",
     false, "user \"u\" cannot be dropped because the user has a privilege on some object",
     "revoke"},
    {"42501", "permission denied for schema s", "", false, "permission denied for schema s",
     "ON SCHEMA"},
    {"42501", "permission denied for relation t", "", false, "permission denied for relation t",
     "OWNER TO"},
    {"42501", "permission denied for database d", "", false, "permission denied for database d",
     "CREATE ON DATABASE"},
    {"XX000", "Value too long for character type",
     "\n" RULER "  error:  Value too long for character type\n  code:      8001\n"
     "  context:   Value too long for type character varying(3)\n  query:     4\n" RULER,
     false,
     "Value too long for character type; Value too long for type character varying(3); "
     "code 8001, query 4",
     "widen"},
    {"57014", "Query (150) cancelled by WLM abort action of Query Monitoring Rule \"r\".", "",
     false, "Query (150) cancelled by WLM abort action of Query Monitoring Rule \"r\".",
     "--query-group"},
};

static void test_diagnose__redshifts_errors_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(redshift); i++) {
        struct rs_error err = {0};
        struct rs_server_message message = {
            .sqlstate = rs_str_from(redshift[i].state),
            .primary = rs_str_from(redshift[i].primary),
            .detail = rs_str_from(redshift[i].detail),
        };
        print_message("%s\n", redshift[i].primary);
        assert_false(rs_diagnose_statement(&message, &err));
        assert_int_equal(err.code, RS_E_DATABASE);
        assert_int_equal(err.retryable, redshift[i].retryable);
        assert_string_equal(err.detail, redshift[i].state);
        assert_int_equal(strncmp(err.message, "could not run a statement: ", 27), 0);
        assert_string_equal(err.message + 27, redshift[i].message);
        assert_non_null(strstr(err.hint, redshift[i].hint));
        assert_true(strlen(err.hint) < sizeof err.hint - 1);
    }
}

static void test_diagnose__a_copy_says_where_it_stopped(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct rs_server_message message = {
        .sqlstate = RS_STR("22P02"),
        .primary = RS_STR("invalid input syntax for type bigint: \"x\""),
        .context = RS_STR("COPY rs_batch, line 3, column age: \"x\""),
    };
    assert_false(rs_diagnose_statement(&message, &err));
    assert_string_equal(err.message,
                        "could not run a statement: invalid input syntax for type bigint: \"x\"; "
                        "COPY rs_batch, line 3, column age: \"x\"");
    assert_string_equal(err.hint, "");
}

static void test_diagnose__the_first_error_wins_and_long_ones_are_cut(void **state)
{
    (void)state;
    static char longest[5000];
    memset(longest, 'x', sizeof longest);
    struct rs_server_message message = {.primary = {longest, sizeof longest},
                                        .detail = {longest, sizeof longest},
                                        .hint = {longest, sizeof longest},
                                        .sqlstate = {longest, sizeof longest}};
    struct rs_error err = {0};
    assert_false(rs_diagnose_statement(&message, &err));
    assert_true(strlen(err.message) < sizeof err.message);

    struct rs_error first = {0};
    (void)rs_error_set(&first, RS_E_INTERRUPTED, "interrupted");
    assert_false(rs_diagnose_statement(&message, &first));
    assert_false(rs_diagnose_connect(RS_STR("Connection refused"), "", &first));
    assert_string_equal(first.message, "interrupted");
    assert_string_equal(first.hint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diagnose__a_failed_connection_has_a_code_and_a_hint),
        cmocka_unit_test(test_diagnose__what_libpq_says_twice_is_said_once),
        cmocka_unit_test(test_diagnose__a_connection_string_is_never_shown_with_its_password),
        cmocka_unit_test(test_diagnose__a_refused_statement_says_what_the_server_said),
        cmocka_unit_test(test_diagnose__redshifts_errors_are_explained),
        cmocka_unit_test(test_diagnose__a_copy_says_where_it_stopped),
        cmocka_unit_test(test_diagnose__the_first_error_wins_and_long_ones_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
