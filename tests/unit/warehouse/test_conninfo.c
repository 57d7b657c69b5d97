/* What people have of a database: each form, what is refused by name, and no word of a password. */
#include "warehouse/conninfo.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define CLUSTER    "tea.abc123.eu-west-1.redshift.amazonaws.com"
#define SERVERLESS "wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com"

static const struct {
    const char *label;
    const char *given;
    enum rs_conninfo_form form;
    const char *text;
    bool redshift;
} cases[] = {
    {"nothing", "", RS_CONNINFO_NAME, "", false},
    {"a name", "shop", RS_CONNINFO_NAME, "shop", false},
    {"a name with a dot", "my.shop", RS_CONNINFO_NAME, "my.shop", false},
    {"a name with a colon", "a:b", RS_CONNINFO_NAME, "a:b", false},
    {"a name with a slash", "a/b", RS_CONNINFO_NAME, "a/b", false},
    {"a name with an at", "a@b", RS_CONNINFO_NAME, "a@b", false},
    {"keywords", "host=x dbname='my shop' user=ann", RS_CONNINFO_KEYWORDS,
     "host=x dbname='my shop' user=ann", false},
    {"keywords with blanks", "host = x", RS_CONNINFO_KEYWORDS, "host = x", false},
    {"a password with marks", "password=a://b@c:5439/d;e host=x", RS_CONNINFO_KEYWORDS,
     "password=a://b@c:5439/d;e host=x", false},
    {"a password with a semicolon", "password=a;port=1 host=x", RS_CONNINFO_KEYWORDS,
     "password=a;port=1 host=x", false},

    {"an endpoint of the console", CLUSTER ":5439/dev", RS_CONNINFO_URI,
     "postgresql://" CLUSTER ":5439/dev", false},
    {"one of Serverless", SERVERLESS ":5439/dev", RS_CONNINFO_URI,
     "postgresql://" SERVERLESS ":5439/dev", false},
    {"a cluster's name alone", CLUSTER, RS_CONNINFO_URI, "postgresql://" CLUSTER, false},
    {"one in China", CLUSTER ".cn/dev", RS_CONNINFO_URI, "postgresql://" CLUSTER ".cn/dev", false},
    {"blanks around it", "  " CLUSTER "/dev\n", RS_CONNINFO_URI, "postgresql://" CLUSTER "/dev",
     false},
    {"a host and a port", "localhost:5439", RS_CONNINFO_URI, "postgresql://localhost:5439", false},
    {"all three", "db.example.com:5432/shop", RS_CONNINFO_URI,
     "postgresql://db.example.com:5432/shop", false},
    {"a host and a database", "db.example.com/shop", RS_CONNINFO_URI,
     "postgresql://db.example.com/shop", false},
    {"two hosts", "a.x:1,b.x:2/shop", RS_CONNINFO_URI, "postgresql://a.x:1,b.x:2/shop", false},
    {"a user", "ann@db.example.com/shop", RS_CONNINFO_URI, "postgresql://ann@db.example.com/shop",
     false},
    {"a user and a password", "ann:p%40w@tea/shop", RS_CONNINFO_URI,
     "postgresql://ann:p%40w@tea/shop", false},
    {"an address of IPv6", "[::1]:5439/dev", RS_CONNINFO_URI, "postgresql://[::1]:5439/dev", false},
    {"without a port", "[fe80::1]", RS_CONNINFO_URI, "postgresql://[fe80::1]", false},
    {"with parameters", CLUSTER ":5439/dev?user=ann&sslmode=require", RS_CONNINFO_URI,
     "postgresql://" CLUSTER ":5439/dev?user=ann&sslmode=require", false},

    {"a PostgreSQL URI", "postgres://ann:pw@db/shop?connect_timeout=3", RS_CONNINFO_URI,
     "postgresql://ann:pw@db/shop?connect_timeout=3", false},
    {"in capitals", "PostgreSQL://db/shop", RS_CONNINFO_URI, "postgresql://db/shop", false},
    {"a socket", "postgresql://%2Fvar%2Frun/shop", RS_CONNINFO_URI,
     "postgresql://%2Fvar%2Frun/shop", false},
    {"a database alone", "postgresql:///shop", RS_CONNINFO_URI, "postgresql:///shop", false},
    {"nothing behind", "postgresql://", RS_CONNINFO_URI, "postgresql://", false},
    {"a question mark in a password", "postgresql://ann:p?w@db/shop", RS_CONNINFO_URI,
     "postgresql://ann:p?w@db/shop", false},
    {"a host as a parameter", "postgresql:///shop?host=/tmp&port=5433", RS_CONNINFO_URI,
     "postgresql:///shop?host=%2Ftmp&port=5433", false},
    {"what only libpq knows", "postgresql://db/shop?target_session_attrs=any", RS_CONNINFO_URI,
     "postgresql://db/shop?target_session_attrs=any", false},
    {"ssl as libpq has it", "postgresql://db/shop?ssl=true", RS_CONNINFO_URI,
     "postgresql://db/shop?sslmode=require", false},
    {"SQLAlchemy's", "postgresql+psycopg2://ann@db/shop", RS_CONNINFO_URI,
     "postgresql://ann@db/shop", false},

    {"a Redshift URI", "redshift://ann:p%40w@db:5439/dev", RS_CONNINFO_URI,
     "postgresql://ann:p%40w@db:5439/dev", true},
    {"SQLAlchemy's for Redshift", "redshift+psycopg2://ann@" CLUSTER ":5439/dev?sslmode=verify-ca",
     RS_CONNINFO_URI, "postgresql://ann@" CLUSTER ":5439/dev?sslmode=verify-ca", true},
    {"ssl is verified anyway", "redshift+redshift_connector://ann@db/dev?ssl=True", RS_CONNINFO_URI,
     "postgresql://ann@db/dev", true},

    {"JDBC, as the console shows it", "jdbc:redshift://" CLUSTER ":5439/dev", RS_CONNINFO_URI,
     "postgresql://" CLUSTER ":5439/dev", true},
    {"with a user", "jdbc:redshift://" CLUSTER ":5439/dev?UID=ann&PWD=a%26b&ssl=true",
     RS_CONNINFO_URI, "postgresql://" CLUSTER ":5439/dev?user=ann&password=a%26b", true},
    {"with semicolons", "jdbc:redshift://db:5439/dev;UID=ann;PWD=a@b+c;sslMode=verify-full",
     RS_CONNINFO_URI, "postgresql://db:5439/dev?user=ann&password=a%40b%20c&sslmode=verify-full",
     true},
    {"ssl is on in its words", "jdbc:redshift://db:5439/dev?ssl=ON", RS_CONNINFO_URI,
     "postgresql://db:5439/dev", true},
    {"without TLS", "jdbc:redshift://db:5439/dev?ssl=false", RS_CONNINFO_URI,
     "postgresql://db:5439/dev?sslmode=disable", true},
    {"without proof",
     "jdbc:redshift://db/dev?ssl=true&sslFactory=com.amazon.redshift.ssl.NonValidatingFactory",
     RS_CONNINFO_URI, "postgresql://db/dev?sslmode=require", true},
    {"JDBC of PostgreSQL",
     "jdbc:postgresql://[::1]:5433/shop?user=ann&password=x&ApplicationName=etl&loginTimeout=3",
     RS_CONNINFO_URI,
     "postgresql://[::1]:5433/shop?user=ann&password=x&application_name=etl&connect_timeout=3",
     false},
    {"its ssl is verified", "jdbc:postgresql://db/shop?ssl=true", RS_CONNINFO_URI,
     "postgresql://db/shop?sslmode=verify-full", false},
    {"its ssl is off", "jdbc:postgresql://db/shop?ssl=false", RS_CONNINFO_URI,
     "postgresql://db/shop", false},

    {"ODBC, as the console shows it",
     "Driver={Amazon Redshift (x64)}; Server=" CLUSTER "; Database=dev; UID=ann; PWD={a;b=c}; "
     "Port=5439",
     RS_CONNINFO_URI,
     "postgresql://?host=" CLUSTER "&dbname=dev&user=ann&password=a%3Bb%3Dc&port=5439", true},
    {"ODBC, a brace in braces stands twice", "Driver=x;Server=db;PWD={a}}b;c} ; UID=ann",
     RS_CONNINFO_URI, "postgresql://?host=db&password=a%7Db%3Bc&user=ann", false},
    {".NET's", "Host=db;Port=5433;Username=ann;Database=shop;SSL Mode=VerifyFull", RS_CONNINFO_URI,
     "postgresql://?host=db&port=5433&user=ann&dbname=shop&sslmode=verify-full", false},
};

static void test_conninfo__each_form_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_conninfo read;
        struct rs_error err = {0};
        print_message("%s\n", cases[i].label);
        if (!rs_conninfo_read(cases[i].given, &read, &err)) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(read.form, cases[i].form);
        assert_string_equal(rs_strbuf_cstr(&read.text), cases[i].text);
        assert_int_equal(read.redshift, cases[i].redshift);
        assert_int_equal(read.has_parameters,
                         read.form == RS_CONNINFO_URI && strstr(cases[i].text, "=") != NULL);
        assert_false(read.iam);
        assert_int_equal(read.left_out.length, 0);
        rs_conninfo_release(&read);
    }
}

static const struct {
    const char *given;
    const char *text;
    const char *cluster;
    const char *workgroup;
    const char *db_user;
    const char *region;
    const char *profile;
} iam_cases[] = {
    {"jdbc:redshift:iam://" CLUSTER ":5439/dev?DbUser=ann", "postgresql://" CLUSTER ":5439/dev",
     "tea", NULL, "ann", "eu-west-1", NULL},
    {"jdbc:redshift:iam://tea:us-west-2/dev?Profile=loader", "postgresql:///dev", "tea", NULL, NULL,
     "us-west-2", "loader"},
    {"jdbc:redshift:iam://" SERVERLESS ":5439/dev", "postgresql://" SERVERLESS ":5439/dev", NULL,
     "wg", NULL, "eu-west-1", NULL},
    {"jdbc:redshift:iam://wg:eu-west-1/dev?isServerless=true", "postgresql:///dev", NULL, "wg",
     NULL, "eu-west-1", NULL},
    {"redshift+redshift_connector://" CLUSTER "/dev?iam=True&db_user=ann&region=eu-central-1",
     "postgresql://" CLUSTER "/dev", "tea", NULL, "ann", "eu-central-1", NULL},
    {"Driver=Amazon Redshift;Database=dev;IAM=1;ClusterID=tea;Region=eu-west-1;DbUser=ann",
     "postgresql://?dbname=dev", "tea", NULL, "ann", "eu-west-1", NULL},
};

static void assert_said(const char *expected, const char *actual)
{
    assert_string_equal(actual ? actual : "(nothing)", expected ? expected : "(nothing)");
}

static void test_conninfo__iam_is_read_from_an_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(iam_cases); i++) {
        struct rs_conninfo read;
        struct rs_error err = {0};
        print_message("%s\n", iam_cases[i].given);
        assert_true(rs_conninfo_read(iam_cases[i].given, &read, &err));
        assert_string_equal(rs_strbuf_cstr(&read.text), iam_cases[i].text);
        assert_true(read.redshift && read.iam);
        assert_said(iam_cases[i].cluster, read.cluster);
        assert_said(iam_cases[i].workgroup, read.workgroup);
        assert_said(iam_cases[i].db_user, read.db_user);
        assert_said(iam_cases[i].region, read.region);
        assert_said(iam_cases[i].profile, read.profile);
        rs_conninfo_release(&read);
    }
}

static void test_conninfo__what_is_a_drivers_own_is_named(void **state)
{
    struct rs_conninfo read;
    struct rs_error err = {0};
    (void)state;
    assert_true(rs_conninfo_read("jdbc:postgresql://db/shop?prepareThreshold=0&user=ann&"
                                 "reWriteBatchedInserts=true",
                                 &read, &err));
    assert_string_equal(rs_strbuf_cstr(&read.text), "postgresql://db/shop?user=ann");
    assert_string_equal(rs_strbuf_cstr(&read.left_out), "prepareThreshold, reWriteBatchedInserts");
    rs_conninfo_release(&read);
    /* Behind a password it may be a part of that. */
    assert_true(
        rs_conninfo_read("jdbc:redshift://db/dev?password=hu&sh=1&user=ann&x=1", &read, &err));
    assert_string_equal(rs_strbuf_cstr(&read.left_out), "..., x");
    rs_conninfo_release(&read);
}

/* Each has "hush", or a part of it, as its password or a part of that. */
static const struct {
    const char *given;
    const char *message; /* a part of it */
    const char *hint;
} refused[] = {
    {"mysql://ann:hush@db/shop", "\"mysql://\" is neither Redshift nor PostgreSQL", "redshift://"},
    {"jdbc:mysql://db/shop?password=hush", "\"jdbc:mysql://\" is neither", "redshift://"},
    {"jdbc:sqlserver://db:1433;password=hush", "\"jdbc:sqlserver://\" is neither", "redshift://"},
    {"jdbc:oracle:thin:ann/hush@db:1521/shop", "of JDBC without a host, or of another",
     "give jdbc:redshift://"},
    {"JDBC:oracle:thin:@db:1521/shop", "of JDBC without a host, or of another",
     "give jdbc:redshift://"},
    {"jdbc:postgresql:shop", "of JDBC without a host", "jdbc:postgresql://HOST/DATABASE"},
    {"snowflake://ann:hush@x/y", "\"snowflake://\" is neither", "redshift://"},
    {"mysql+pymysql://ann:hush@db/shop", "\"mysql+pymysql://\" is neither", "redshift://"},
    {"s3://bucket/events", "\"s3://\" is neither", "what is read is named without an option"},
    {"https://eu-west-1.console.aws.amazon.com/redshiftv2", "\"https://\" is neither",
     "the endpoint that the page shows"},
    {"arn:aws:redshift:eu-west-1:123456789012:namespace:x", "is an ARN", "--iam --cluster=ID"},
    {"postgres://ann:hu@sh@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"postgres://ann:hu/sh@db/shop", "a \"@\" that does not end", "/ as %2F"},
    {"postgres://ann:h@u/sh@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"postgres://ann:hu@sh?x=1@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"postgres://ann:5432/hush?sh=1@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"redshift://ann:hush@@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"jdbc:redshift://ann:hu?sh@db/shop", "a \"@\" that does not end", "write @ as %40"},
    {"ann:hu@sh@db.example.com:5439/shop", "a \"@\" that does not end", "write @ as %40"},
    {"ann:hu/sh@db.example.com:5439/shop", "a \"@\" that does not end", "write @ as %40"},
    {"ann:hu://sh@db:5439/shop", "a \"@\" that does not end", "write @ as %40"},
    {"postgres://ann:hush%@db/shop", "a \"%\" that is not followed", "written %25"},
    {"postgres://ann:hush%zz@db/shop", "a \"%\" that is not followed", "written %25"},
    {"postgres://ann:hush%00@db/shop", "a \"%\" that is not followed", "written %25"},
    {"jdbc:redshift://db/dev?user=ann&password=hush%", "a \"%\" that is not followed", "%25"},
    {"jdbc:redshift://db/dev?password=x&hush", "not all is NAME=VALUE", "percent-encoded"},
    {"Driver=Redshift;Server=db;PWD=hu;sh", "not all is NAME=VALUE", "braces"},
    {"Driver=Redshift;Server=db;PWD={hu}sh;UID=ann", "not all is NAME=VALUE", "braces"},
    {"Driver=Redshift;Server=db;PWD={hush", "not all is NAME=VALUE", "braces"},
    {"jdbc:redshift://db/dev?PWD=hush&ssl=require", "\"ssl\" is neither true nor false",
     "sslmode: verify-full"},
    {"postgresql://db/dev?ssl=hush", "\"ssl\" is neither true nor false", "sslmode"},
    {"jdbc:redshift://db/dev?iamauth=maybe&PWD=hush", "\"iamauth\" is neither true",
     "write true or false"},
    {"jdbc:redshift:iam://tea:eu-west-1/dev?AccessKeyID=AKIA&SecretAccessKey=hush", "keys of AWS",
     "--iam"},
    {"jdbc:postgresql://db/dev?sslTrustStorePassword=hush", "\"sslTrustStorePassword\" is for",
     "sslrootcert=FILE"},
};

static void test_conninfo__others_are_refused_without_a_word_of_a_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(refused); i++) {
        struct rs_conninfo read;
        struct rs_error err = {0};
        print_message("%s\n", refused[i].given);
        assert_false(rs_conninfo_read(refused[i].given, &read, &err));
        assert_int_equal(err.code, RS_E_USAGE);
        if (!strstr(err.message, refused[i].message) || !strstr(err.hint, refused[i].hint)) {
            fail_msg("%s; %s", err.message, err.hint);
        }
        assert_null(strstr(err.message, "hu"));
        assert_null(strstr(err.message, "sh@"));
        assert_null(strstr(err.hint, "hush"));
        rs_conninfo_release(&read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conninfo__each_form_is_understood),
        cmocka_unit_test(test_conninfo__iam_is_read_from_an_address),
        cmocka_unit_test(test_conninfo__what_is_a_drivers_own_is_named),
        cmocka_unit_test(test_conninfo__others_are_refused_without_a_word_of_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
