/* Logins: URIs of Redshift, whose defaults hold when, and what stands in which place. */
#include "warehouse/login.h"

#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "unit.h"

#define CLUSTER    "shop.abc123.us-east-1.redshift.amazonaws.com"
#define SERVERLESS "wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com"

static const struct {
    const char *label;
    const char *conninfo;
    const char *host;
    const char *port;
    const char *dbname;
    const char *user;
    bool redshift;
} cases[] = {
    {"keywords", "host=db.example.com user=ann dbname=shop", "db.example.com", "5432", "shop",
     "ann", false},
    {"a name alone, with PGHOST and PGUSER", "shop", "pg.example.com", "5432", "shop", "env-user",
     false},
    {"a PostgreSQL URI", "postgresql://ann:pw@db.example.com:6543/shop", "db.example.com", "6543",
     "shop", "ann", false},
    {"a Redshift URI", "redshift://ann:pw@db.example.com", "db.example.com", "5439", "dev", "ann",
     true},
    {"with all its parts", "redshift://ann:p%40w@db.example.com:5555/shop?connect_timeout=3",
     "db.example.com", "5555", "shop", "ann", true},
    {"as SQLAlchemy has it", "redshift+psycopg2://ann@db.example.com/shop", "db.example.com",
     "5439", "shop", "ann", true},
    {"as the console shows it", "jdbc:redshift://" CLUSTER ":5439/dev", CLUSTER, "5439", "dev",
     "env-user", true},
    {"an address in brackets", "redshift://ann@[::1]/shop", "::1", "5439", "shop", "ann", true},
    {"a question mark in the password", "redshift://ann:p?w@db.example.com/shop", "db.example.com",
     "5439", "shop", "ann", true},
    {"a cluster's name", "host=" CLUSTER " user=ann", CLUSTER, "5439", "dev", "ann", true},
    {"with a dot at its end, in capitals", "host=SHOP.X.EU-WEST-1.REDSHIFT.AMAZONAWS.COM. user=ann",
     "SHOP.X.EU-WEST-1.REDSHIFT.AMAZONAWS.COM.", "5439", "dev", "ann", true},
    {"one in China", "host=" CLUSTER ".cn user=ann", CLUSTER ".cn", "5439", "dev", "ann", true},
    {"a workgroup's name", "postgresql://ann@" SERVERLESS "/shop", SERVERLESS, "5439", "shop",
     "ann", true},
    {"the port that is said", "host=" CLUSTER " port=5432 dbname=ann user=ann", CLUSTER, "5432",
     "ann", "ann", true},
    {"a name that only looks like one", "host=redshift.amazonaws.com.example.com user=ann",
     "redshift.amazonaws.com.example.com", "5432", "ann", "ann", false},
    {"no label before the domain", "host=evilredshift.amazonaws.com user=ann",
     "evilredshift.amazonaws.com", "5432", "ann", "ann", false},
    {"one of two hosts", "host=db.example.com," CLUSTER " user=ann", "db.example.com," CLUSTER,
     "5439", "dev", "ann", true},
};

static int set_up(void **state)
{
    static struct rs_env env;
    static const char *const clear[] = {"PGPORT",    "PGDATABASE",    "PGSSLMODE", "PGSSLROOTCERT",
                                        "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGPASSFILE"};
    rs_env_init_system(&env, "rs-test");
    for (size_t i = 0; i < RS_COUNTOF(clear); i++) {
        assert_int_equal(unsetenv(clear[i]), 0);
    }
    assert_int_equal(setenv("PGHOST", "pg.example.com", 1), 0);
    assert_int_equal(setenv("PGUSER", "env-user", 1), 0);
    *state = &env;
    return 0;
}

static struct rs_endpoint resolved(const struct rs_env *env, const struct rs_login *login)
{
    struct rs_endpoint endpoint = {0};
    struct rs_error err = {0};
    if (!rs_login_resolve(env, login, &endpoint, &err)) {
        fail_msg("%s", err.message);
    }
    return endpoint;
}

static void test_login__a_conninfo_leads_where_it_says(void **state)
{
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_login login = {.conninfo = cases[i].conninfo};
        print_message("%s\n", cases[i].label);
        struct rs_endpoint endpoint = resolved(*state, &login);
        assert_string_equal(endpoint.host, cases[i].host);
        assert_string_equal(endpoint.address, cases[i].host);
        assert_string_equal(endpoint.port, cases[i].port);
        assert_string_equal(endpoint.dbname, cases[i].dbname);
        assert_string_equal(endpoint.user, cases[i].user);
        assert_int_equal(endpoint.redshift, cases[i].redshift);
        assert_int_equal(endpoint.serverless, strstr(cases[i].host, "serverless") != NULL);
        assert_null(endpoint.password);
        rs_endpoint_release(&endpoint);
    }
}

static void test_login__variables_win_over_redshifts_defaults(void **state)
{
    struct rs_login login = {.conninfo = "redshift://" CLUSTER};
    assert_int_equal(setenv("PGPORT", "5432", 1), 0);
    assert_int_equal(setenv("PGDATABASE", "env-user", 1), 0);
    struct rs_endpoint endpoint = resolved(*state, &login);
    assert_string_equal(endpoint.port, "5432");
    assert_string_equal(endpoint.dbname, "env-user");
    rs_endpoint_release(&endpoint);
}

static void test_login__a_service_keeps_its_port_and_need_not_have_a_database(void **state)
{
    struct scratch scratch = scratch_make();
    static const char services[] = "[warehouse]\nhost=" CLUSTER "\nport=5432\nuser=loader\n";
    scratch_write(&scratch, "services", services, sizeof services - 1);
    assert_int_equal(setenv("PGSERVICEFILE", scratch_path(&scratch, "services"), 1), 0);
    struct rs_login login = {.conninfo = "service=warehouse"};
    struct rs_endpoint endpoint = resolved(*state, &login);
    assert_string_equal(endpoint.host, CLUSTER);
    assert_string_equal(endpoint.port, "5432");
    assert_string_equal(endpoint.dbname, "dev");
    assert_string_equal(endpoint.user, "loader");
    rs_endpoint_release(&endpoint);

    struct rs_error err = {0};
    login.conninfo = "service=nowhere";
    assert_false(rs_login_resolve(*state, &login, &endpoint, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_non_null(strstr(err.message, "nowhere"));
    scratch_remove(&scratch);
}

static void test_login__what_the_caller_gives_wins_over_the_conninfo(void **state)
{
    struct rs_login login = {.conninfo = "host=a.example.com port=1 user=b password=c dbname=d",
                             .host = CLUSTER,
                             .port = "5440",
                             .user = "IAM:loader"};
    struct rs_endpoint endpoint = resolved(*state, &login);
    assert_string_equal(endpoint.host, CLUSTER);
    assert_string_equal(endpoint.port, "5440");
    assert_string_equal(endpoint.user, "IAM:loader");
    assert_string_equal(endpoint.dbname, "d");
    assert_true(endpoint.redshift);
    rs_endpoint_release(&endpoint);
}

static void test_login__an_address_beside_the_name_is_where_to_connect(void **state)
{
    struct rs_login login = {.conninfo = "host=" CLUSTER " hostaddr=10.0.0.5"};
    struct rs_endpoint endpoint = resolved(*state, &login);
    assert_string_equal(endpoint.host, CLUSTER);
    assert_string_equal(endpoint.address, "10.0.0.5");
    rs_endpoint_release(&endpoint);
}

static void test_login__a_password_is_found_by_the_servers_own_port(void **state)
{
    struct scratch scratch = scratch_make();
    struct rs_endpoint endpoint = {0};
    struct rs_error err = {0};
    static const char lines[] = CLUSTER ":5432:*:*:wrong\n" CLUSTER ":5439:*:*:tiger\n";
    scratch_write(&scratch, "passwords", lines, sizeof lines - 1);
    assert_int_equal(chmod(scratch_path(&scratch, "passwords"), 0600), 0);
    assert_int_equal(setenv("PGPASSFILE", scratch_path(&scratch, "passwords"), 1), 0);
    struct rs_login login = {.conninfo = "host=" CLUSTER " user=ann port=5439"};
    assert_true(rs_login_resolve_password(*state, &login, &endpoint, &err));
    assert_string_equal(endpoint.password, "tiger");
    rs_endpoint_release(&endpoint);
    login.conninfo = "host=db.example.com user=ann";
    assert_true(rs_login_resolve_password(*state, &login, &endpoint, &err));
    assert_string_equal(endpoint.password, "");
    rs_endpoint_release(&endpoint);
    scratch_remove(&scratch);
}

static void test_login__variables_that_libpq_sends_are_taken_out(void **state)
{
    (void)state;
    assert_int_equal(setenv("PGGEQO", "off", 1), 0);
    assert_int_equal(setenv("PGTZ", "UTC", 1), 0);
    assert_int_equal(setenv("PGDATESTYLE", "ISO", 1), 0);
    rs_login_process_init();
    assert_null(getenv("PGGEQO"));
    assert_null(getenv("PGTZ"));
    assert_null(getenv("PGDATESTYLE"));
}

static const struct {
    const char *host;
    bool here;
} places[] = {
    {"", true},
    {"/run/postgresql", true},
    {"localhost", true},
    {"127.0.0.1", true},
    {"127.250.1.9", true},
    {"::1", true},
    {"10.0.0.1", false},
    {"128.0.0.1", false},
    {"::2", false},
    {"127.0.0.1.example.com", false},
    {"localhost.example.com", false},
    {"/run/postgresql,10.0.0.1", false},
    {"127.0.0.1,10.0.0.1", false},
};

static void test_login__what_is_on_this_machine_is_told_by_its_whole_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(places); i++) {
        print_message("%s\n", places[i].host);
        assert_int_equal(rs_login_is_loopback(places[i].host), places[i].here);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_login__a_conninfo_leads_where_it_says),
        TEST(test_login__variables_win_over_redshifts_defaults),
        TEST(test_login__a_service_keeps_its_port_and_need_not_have_a_database),
        TEST(test_login__what_the_caller_gives_wins_over_the_conninfo),
        TEST(test_login__an_address_beside_the_name_is_where_to_connect),
        TEST(test_login__a_password_is_found_by_the_servers_own_port),
        TEST(test_login__variables_that_libpq_sends_are_taken_out),
        TEST(test_login__what_is_on_this_machine_is_told_by_its_whole_name),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
