/* Logins over TLS: what is verified when, and what is sent, against a real server. */
#include "bastion.h"
#include "database.h"
#include "unit.h"

#define CLUSTER "shop.abc123.us-east-1.redshift.amazonaws.com"

/* The server as RS_TEST_TLS_DATABASE names it: its address and the CA's certificate. */
struct server {
    struct rs_env env;
    char address[32];
    char roots[512];
};

static int set_up(void **state)
{
    static struct server server;
    static const char *const clear[] = {"PGSSLMODE", "PGSSLROOTCERT", "PGOPTIONS", "PGUSER"};
    rs_env_init_system(&server.env, "rs-test");
    bastion_server_word(" hostaddr=", server.address, sizeof server.address);
    bastion_server_word(" sslrootcert=", server.roots, sizeof server.roots);
    for (size_t i = 0; i < RS_COUNTOF(clear); i++) {
        assert_int_equal(unsetenv(clear[i]), 0);
    }
    assert_int_equal(setenv("SSL_CERT_FILE", server.roots, 1), 0);
    *state = &server;
    return 0;
}

/* Connect to the server by "ADDRESS" and "ROOTS" in the text. */
static struct rs_session *connect(const struct server *server, const char *text,
                                  struct rs_login login, struct rs_error *err)
{
    struct rs_strbuf conninfo = RS_STRBUF_INIT(4096);
    for (const char *rest = text; *rest;) {
        bool address = strncmp(rest, "ADDRESS", 7) == 0;
        bool roots = strncmp(rest, "ROOTS", 5) == 0;
        if (address || roots) {
            rs_strbuf_append(&conninfo, address ? server->address : server->roots);
            rest += address ? 7 : 5;
        } else {
            rs_strbuf_append_char(&conninfo, *rest++);
        }
    }
    login.conninfo = rs_strbuf_cstr(&conninfo);
    struct rs_session *session = rs_session_open(&server->env, &login, err);
    rs_strbuf_release(&conninfo);
    return session;
}

static const struct {
    const char *label;
    const char *conninfo;
    const char *variable; /* to set, with its value, or NULL */
    const char *value;
    const char *refusal; /* a part of the message; NULL: it connects */
    const char *hint;
} cases[] = {
    {"a cluster's certificate holds by SSL_CERT_FILE",
     "host=" CLUSTER " hostaddr=ADDRESS port=5432 user=postgres dbname=postgres", NULL, NULL, NULL,
     NULL},
    {"and not by the system's roots",
     "host=" CLUSTER " hostaddr=ADDRESS port=5432 user=postgres dbname=postgres", "SSL_CERT_FILE",
     "", "certificate verify failed", "sslrootcert"},
    {"but by the one that is named",
     "host=" CLUSTER " hostaddr=ADDRESS port=5432 user=postgres dbname=postgres "
     "sslrootcert=ROOTS",
     "SSL_CERT_FILE", "", NULL, NULL},
    {"a Redshift URI is verified, whatever the host",
     "redshift://postgres@localhost/postgres?hostaddr=ADDRESS&port=5432", NULL, NULL, NULL, NULL},
    {"by name as well", "redshift://postgres@other.example.com/postgres?hostaddr=ADDRESS&port=5432",
     NULL, NULL, "does not match host name", "certificate"},
    {"the conninfo may want less",
     "redshift://postgres@localhost/postgres?hostaddr=ADDRESS&port=5432&sslmode=require",
     "SSL_CERT_FILE", "", NULL, NULL},
    {"and so may PGSSLMODE", "redshift://postgres@localhost/postgres?hostaddr=ADDRESS&port=5432",
     "PGSSLMODE", "require", NULL, NULL},
    {"PGSSLROOTCERT is taken", "redshift://postgres@localhost/postgres?hostaddr=ADDRESS&port=5432",
     "PGSSLROOTCERT", "/nonexistent/roots.crt", "/nonexistent/roots.crt", "sslrootcert"},
    {"no TLS where the server wants it",
     "host=" CLUSTER " hostaddr=ADDRESS port=5432 user=postgres sslmode=disable", NULL, NULL,
     "no pg_hba.conf entry", "sslmode"},
    {"plain PostgreSQL is as in psql", "host=localhost hostaddr=ADDRESS user=postgres",
     "SSL_CERT_FILE", "", NULL, NULL},
    {"PGOPTIONS ends a login to PostgreSQL that does not know them",
     "host=localhost hostaddr=ADDRESS user=postgres", "PGOPTIONS", "-c no_such_thing=1",
     "no_such_thing", NULL},
    {"and is not sent to Redshift",
     "redshift://postgres@localhost/postgres?hostaddr=ADDRESS&port=5432", "PGOPTIONS",
     "-c no_such_thing=1", NULL, NULL},
    {"nor are options of the conninfo",
     "host=" CLUSTER " hostaddr=ADDRESS port=5432 user=postgres dbname=postgres "
     "options='-c no_such_thing=1'",
     NULL, NULL, NULL, NULL},
};

static void test_login_tls__what_is_verified_and_sent(void **state)
{
    const struct server *server = *state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_error err = {0};
        print_message("%s\n", cases[i].label);
        (void)set_up(state);
        if (cases[i].variable) {
            assert_int_equal(setenv(cases[i].variable, cases[i].value, 1), 0);
        }
        struct rs_session *session =
            connect(server, cases[i].conninfo, (struct rs_login){.conninfo = ""}, &err);
        print_message("  %s\n  %s\n", err.message, err.hint);
        assert_int_equal(session != NULL, cases[i].refusal == NULL);
        if (cases[i].refusal) {
            assert_int_equal(err.code, RS_E_NET);
            assert_non_null(strstr(err.message, cases[i].refusal));
            assert_non_null(strstr(err.hint, cases[i].hint ? cases[i].hint : ""));
        }
        rs_session_close(session);
    }
}

static void test_login_tls__a_tunnels_address_and_another_user_take_their_places(void **state)
{
    struct server *server = *state;
    struct database db = {.env = server->env, .text = RS_STRBUF_INIT(4096)};
    struct rs_error err = {0};
    db.session = connect(server, "host=localhost hostaddr=ADDRESS user=postgres",
                         (struct rs_login){.conninfo = ""}, &err);
    assert_non_null(db.session);
    database_exec(&db, "DROP ROLE IF EXISTS \"IAM:loader\"");
    database_exec(&db, "CREATE ROLE \"IAM:loader\" LOGIN PASSWORD 'tiger'");
    rs_session_close(db.session);

    struct rs_login login = {
        .hostaddr = server->address, .port = "5432", .user = "IAM:loader", .password = "tiger"};
    db.session = connect(server, "postgresql://ann:wrong@" CLUSTER "/postgres", login, &err);
    if (!db.session) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(
        database_text(&db, "SELECT current_user, ssl, current_setting('application_name') "
                           "FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
        "IAM:loader|t|rs-test\n");
    uint64_t slices = 0;
    assert_true(rs_session_slices(db.session, &slices, &err));
    assert_int_equal(slices, RS_SESSION_SLICES_DEFAULT);
    assert_false(rs_session_is_serverless(db.session));
    rs_session_close(db.session);

    login.password = "lion";
    assert_null(connect(server, "postgresql://ann:wrong@" CLUSTER "/postgres", login, &err));
    assert_non_null(strstr(err.message, "password authentication failed"));
    assert_null(strstr(err.message, "lion"));
    rs_strbuf_release(&db.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_login_tls__what_is_verified_and_sent, set_up),
        cmocka_unit_test_setup(test_login_tls__a_tunnels_address_and_another_user_take_their_places,
                               set_up),
    };
    if (!getenv("RS_TEST_TLS_DATABASE")) {
        (void)fprintf(stderr, "SKIPPED: RS_TEST_TLS_DATABASE names no database to test with\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
