/*
 * Connections as options describe them: the rules between options, passwords of IAM fetched when
 * they are needed, sessions through a bastion from several threads.
 */
#include "connect/connect.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "aws/database_login.h"
#include "base/mem.h"
#include "bastion.h"
#include "database.h"
#include "scratch.h"
#include "unit.h"

#define CLUSTER "shop.abc123.us-east-1.redshift.amazonaws.com"

static const struct {
    const char *label;
    struct rs_connect_options options;
    const char *message; /* a part of it; NULL: they go together */
} rules[] = {
    {"nothing but a conninfo", {.conninfo = ""}, NULL},
    {"a bastion", {.ssh = "ann@bastion:22"}, NULL},
    {"no bastion", {.ssh = "-oProxyCommand=x"}, "is no host"},
    {"IAM for a cluster", {.iam = true, .cluster = "tea"}, NULL},
    {"for one of its users", {.iam = true, .cluster = "tea", .db_user = "ann"}, NULL},
    {"for a workgroup", {.iam = true, .workgroup = "tea"}, NULL},
    {"for nothing", {.iam = true}, "--iam needs"},
    {"for both", {.iam = true, .cluster = "a", .workgroup = "b"}, "both --cluster"},
    {"a workgroup's user", {.iam = true, .workgroup = "b", .db_user = "u"}, "--db-user is for"},
    {"a cluster without IAM", {.cluster = "tea"}, "are for --iam"},
    {"a user without IAM", {.db_user = "ann"}, "are for --iam"},
    {"an address of IAM", {.conninfo = "jdbc:redshift:iam://tea:eu-west-1/dev"}, NULL},
    {"and a user", {.conninfo = "jdbc:redshift:iam://" CLUSTER "/dev", .db_user = "ann"}, NULL},
    {"and another cluster",
     {.conninfo = "jdbc:redshift:iam://tea:eu-west-1/dev", .cluster = "shop"},
     NULL},
    {"an address of IAM that names nothing",
     {.conninfo = "jdbc:redshift:iam://db.example.com/dev"},
     "--iam needs"},
    {"another database", {.conninfo = "mysql://db/shop"}, "neither Redshift nor PostgreSQL"},
    {"a password always and never", {.password = true, .no_password = true}, "both --password"},
};

static void test_connect__an_address_of_iam_says_what_options_do_not(void **state)
{
    struct rs_connect_options options = {.db_user = "ben"};
    struct rs_conninfo said;
    struct rs_error err = {0};
    (void)state;
    assert_true(rs_conninfo_read("jdbc:redshift:iam://" CLUSTER ":5439/dev?DbUser=ann&Profile=x",
                                 &said, &err));
    rs_connect_take_up(&options, &said);
    assert_true(options.iam);
    assert_string_equal(options.cluster, "shop");
    assert_null(options.workgroup);
    assert_string_equal(options.db_user, "ben");
    assert_string_equal(options.region, "us-east-1");
    assert_string_equal(options.profile, "x");
    rs_conninfo_release(&said);
}

static bool type(void *arg, const char *what, struct rs_strbuf *out, struct rs_error *err)
{
    unsigned *times = arg;
    (void)err;
    ++*times;
    if (strcmp(what, "nobody") != 0) {
        rs_strbuf_append(out, what);
    }
    return strcmp(what, "nobody") != 0;
}

static void test_connect__each_password_is_asked_for_once(void **state)
{
    static const char *const questions[] = {"ann", "ben", "ann", "nobody", "nobody", "ben"};
    struct rs_passwords passwords;
    struct rs_error err = {0};
    unsigned times = 0;
    (void)state;
    rs_passwords_init(&passwords, type, &times);
    for (size_t i = 0; i < RS_COUNTOF(questions); i++) {
        char *answer = rs_passwords_get(&passwords, questions[i], &err);
        if (strcmp(questions[i], "nobody") == 0) {
            assert_null(answer);
        } else {
            assert_string_equal(answer, questions[i]);
        }
        rs_mem_free_secret(answer);
    }
    assert_int_equal(times, 3);
    assert_int_equal(err.code, RS_OK);
    rs_passwords_release(&passwords);
}

static bool give_up(void *arg, const char *what, struct rs_strbuf *out, struct rs_error *err)
{
    (void)arg;
    (void)what;
    (void)out;
    return rs_error_set(err, RS_E_IO, "could not read the terminal: it is gone");
}

static void test_connect__who_cannot_be_asked_is_not_told_that_there_is_no_terminal(void **state)
{
    (void)state;
    struct rs_env env = {0};
    struct rs_passwords passwords;
    struct rs_error err = {0};
    rs_env_init_system(&env, "rs-test");
    rs_passwords_init(&passwords, give_up, NULL);
    const struct rs_connect_options options = {.conninfo = "host=localhost user=ann dbname=shop",
                                               .password = true,
                                               .passwords = &passwords};
    struct rs_connect *connect = rs_connect_new(&env, &options);
    assert_null(rs_connect_open(connect, &err));
    assert_string_equal(err.message, "could not read the terminal: it is gone");
    assert_string_equal(err.hint, "");
    rs_connect_free(connect);
    rs_passwords_release(&passwords);
}

static void test_connect__options_go_together_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(rules); i++) {
        struct rs_error err = {0};
        print_message("%s\n", rules[i].label);
        assert_int_equal(rs_connect_check(&rules[i].options, &err), rules[i].message == NULL);
        if (rules[i].message) {
            assert_int_equal(err.code, RS_E_USAGE);
            assert_non_null(strstr(err.message, rules[i].message));
            assert_true(*err.hint);
        }
    }
}

/* The server of RS_TEST_TLS_DATABASE, and an IAM that hands out passwords for it. */
struct place {
    struct rs_env env;
    char address[32];
    char roots[512];
    char passfile[512];
    struct scratch scratch;
    int fetches;
    int64_t lifetime_us;
    const char *password;
    const char *host; /* that IAM names */
    bool fails;
};

static int64_t now_us;

static int64_t fake_now_us(const struct rs_env *env)
{
    (void)env;
    return now_us;
}

static bool fake_fetch(void *arg, const struct rs_endpoint *endpoint, struct rs_database_login *out,
                       struct rs_error *err)
{
    struct place *place = arg;
    place->fetches++;
    if (place->fails) {
        return rs_error_set(err, RS_E_NET, "could not ask for a password: denied");
    }
    if (!*endpoint->host) {
        (void)snprintf(out->host, sizeof out->host, "%s", place->host);
        out->port = 5432;
    }
    assert_string_equal(endpoint->dbname, "postgres");
    rs_database_login_set(out, RS_STR("IAM:loader"), rs_str_from(place->password),
                          now_us + place->lifetime_us);
    return true;
}

static void make_role(struct place *place)
{
    struct rs_error err = {0};
    char conninfo[1024] = "";
    struct database db = {.env = place->env, .text = RS_STRBUF_INIT(4096)};
    struct rs_login login = {.conninfo = conninfo};
    (void)snprintf(conninfo, sizeof conninfo, "%s", getenv("RS_TEST_TLS_DATABASE"));
    db.session = rs_session_open(&db.env, &login, &err);
    if (!db.session) {
        fail_msg("%s", err.message);
    }
    database_exec(&db, "DO 'BEGIN CREATE ROLE \"IAM:loader\" LOGIN; EXCEPTION WHEN "
                       "duplicate_object THEN END'");
    database_exec(&db, "ALTER ROLE \"IAM:loader\" PASSWORD 'tiger'");
    rs_session_close(db.session);
    rs_strbuf_release(&db.text);
}

static int set_up(void **state)
{
    static struct place place;
    static const char *const clear[] = {"PGSSLMODE", "PGSSLROOTCERT", "PGPASSFILE", "PGHOST",
                                        "PGUSER"};
    place = (struct place){.lifetime_us = 900000000, .password = "tiger", .host = CLUSTER};
    place.scratch = scratch_make();
    rs_env_init_system(&place.env, "rs-test");
    place.env.now_us = fake_now_us;
    now_us = 1000000;
    bastion_server_word(" hostaddr=", place.address, sizeof place.address);
    bastion_server_word(" sslrootcert=", place.roots, sizeof place.roots);
    for (size_t i = 0; i < RS_COUNTOF(clear); i++) {
        assert_int_equal(unsetenv(clear[i]), 0);
    }
    assert_int_equal(setenv("SSL_CERT_FILE", place.roots, 1), 0);
    bastion_put_on_path();
    make_role(&place);
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    scratch_remove(&place->scratch);
    return 0;
}

static struct rs_connect *connect_new(struct place *place, const struct rs_connect_options *options)
{
    struct rs_connect *connect = rs_connect_new(&place->env, options);
    const struct rs_connect_iam iam = {fake_fetch, place};
    if (options->iam) {
        rs_connect_use_iam(connect, &iam);
    }
    return connect;
}

static void assert_says(struct rs_session *session, const struct rs_error *err, const char *sql,
                        const char *expected)
{
    if (!session) {
        fail_msg("%s\n%s", err->message, err->hint);
    }
    struct database db = {.session = session, .text = RS_STRBUF_INIT(4096)};
    assert_string_equal(database_text(&db, sql), expected);
    rs_strbuf_release(&db.text);
}

static void assert_opens(struct rs_connect *connect, const char *sql, const char *expected)
{
    struct rs_error err = {0};
    struct rs_session *session = rs_connect_open(connect, &err);
    assert_says(session, &err, sql, expected);
    rs_session_close(session);
}

/* "ADDRESS" of the text is the server's. */
static const char *filled(struct place *place, const char *text)
{
    static char out[1024];
    const char *mark = strstr(text, "ADDRESS");
    (void)snprintf(out, sizeof out, "%.*s%s%s", (int)(mark - text), text, place->address, mark + 7);
    return out;
}

static void test_connect__a_password_of_iam_is_fetched_before_it_ends(void **state)
{
    struct place *place = *state;
    const struct rs_connect_options options = {
        .conninfo = filled(place, "host=" CLUSTER " hostaddr=ADDRESS port=5432 dbname=postgres"),
        .iam = true,
        .cluster = "shop"};
    struct rs_connect *connect = connect_new(place, &options);
    assert_opens(connect, "SELECT current_user", "IAM:loader\n");
    assert_opens(connect, "SELECT current_user", "IAM:loader\n");
    assert_int_equal(place->fetches, 1);
    now_us += place->lifetime_us - RS_CONNECT_MARGIN_US - 1;
    assert_opens(connect, "SELECT 1", "1\n");
    assert_int_equal(place->fetches, 1);
    now_us += 1;
    assert_opens(connect, "SELECT 1", "1\n");
    assert_int_equal(place->fetches, 2);
    rs_connect_free(connect);
}

static void test_connect__a_password_that_does_not_do_is_not_kept(void **state)
{
    struct place *place = *state;
    struct rs_error err = {0};
    const struct rs_connect_options options = {
        .conninfo = filled(place, "host=" CLUSTER " hostaddr=ADDRESS port=5432 dbname=postgres"),
        .iam = true,
        .workgroup = "shop"};
    struct rs_connect *connect = connect_new(place, &options);
    place->password = "lion";
    assert_null(rs_connect_open(connect, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_non_null(strstr(err.hint, "--iam"));
    assert_null(strstr(err.message, "lion"));
    place->password = "tiger";
    assert_opens(connect, "SELECT 1", "1\n");
    assert_int_equal(place->fetches, 2);

    rs_error_clear(&err);
    place->fails = true;
    now_us += place->lifetime_us;
    assert_null(rs_connect_open(connect, &err));
    assert_string_equal(err.message, "could not ask for a password: denied");
    rs_connect_free(connect);
}

/* The conninfo has an address and no name, which a certificate would have to have. */
static void test_connect__a_place_that_is_given_stands_for_a_host_that_is_not(void **state)
{
    struct place *place = *state;
    struct rs_error err = {0};
    const struct rs_connect_as as = {.timeout = "5"};
    const struct rs_connect_options options = {
        .conninfo = filled(place, "hostaddr=ADDRESS dbname=postgres user=IAM:loader "
                                  "password=tiger")};
    struct rs_connect *connect = rs_connect_new(&place->env, &options);
    rs_connect_use_place(connect, CLUSTER, 5432);
    struct rs_session *session = rs_connect_open_as(connect, &as, &err);
    if (!session) {
        fail_msg("%s", err.message);
    }
    assert_true(rs_session_uses_tls(session));
    rs_session_close(session);
    rs_connect_use_place(connect, "other.example.com", 5432);
    assert_null(rs_connect_open_as(connect, &as, &err));
    assert_non_null(strstr(err.message, "does not match host name \"other.example.com\""));
    rs_connect_free(connect);
}

static void test_connect__a_bastion_leads_to_the_place_that_iam_names(void **state)
{
    struct place *place = *state;
    struct rs_error err = {0};
    const struct rs_connect_options options = {
        .conninfo = "dbname=postgres", .iam = true, .cluster = "shop", .ssh = "bastion"};
    struct rs_connect *connect = connect_new(place, &options);
    place->host = place->address; /* the bastion's sshd forwards there */
    assert_null(rs_connect_open(connect, &err));
    assert_non_null(strstr(err.message, "does not match host name"));
    rs_connect_free(connect);
}

#define OVER_TLS "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

static void test_connect__a_bastion_keeps_the_clusters_name_and_its_password(void **state)
{
    struct place *place = *state;
    char line[256] = "";
    (void)snprintf(line, sizeof line, CLUSTER ":5432:*:IAM\\:loader:tiger\n");
    scratch_write(&place->scratch, "passwords", line, strlen(line));
    const char *path = scratch_path(&place->scratch, "passwords");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(setenv("PGPASSFILE", path, 1), 0);
    const struct rs_connect_options options = {
        .conninfo = filled(place, "host=" CLUSTER " hostaddr=ADDRESS port=5432 dbname=postgres "
                                  "user=IAM:loader"),
        .ssh = "bastion"};
    struct rs_connect *connect = connect_new(place, &options);
    assert_opens(connect, OVER_TLS, "IAM:loader|t\n");
    assert_opens(connect, "SELECT inet_client_addr() = '127.0.0.1'", "t\n");
    rs_connect_free(connect);
}

struct worker {
    struct rs_connect *connect;
    struct rs_error err;
    struct rs_session *session;
};

static void *open_one(void *arg)
{
    struct worker *worker = arg;
    worker->session = rs_connect_open(worker->connect, &worker->err);
    return NULL;
}

static void test_connect__threads_share_one_tunnel_and_one_password(void **state)
{
    enum { WORKERS = 6 };
    struct place *place = *state;
    struct worker workers[WORKERS] = {{0}};
    pthread_t threads[WORKERS];
    const struct rs_connect_options options = {
        .conninfo = filled(place, "host=" CLUSTER " hostaddr=ADDRESS port=5432 dbname=postgres"),
        .iam = true,
        .cluster = "shop",
        .ssh = "bastion"};
    struct rs_connect *connect = connect_new(place, &options);
    for (int i = 0; i < WORKERS; i++) {
        workers[i].connect = connect;
        assert_int_equal(pthread_create(&threads[i], NULL, open_one, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_says(workers[i].session, &workers[i].err, OVER_TLS, "IAM:loader|t\n");
    }
    assert_int_equal(place->fetches, 1);
    for (int i = 0; i < WORKERS; i++) {
        rs_session_close(workers[i].session);
    }
    rs_connect_free(connect);
}

static void test_connect__what_the_bastion_refuses_stands_in_the_error(void **state)
{
    struct place *place = *state;
    struct rs_error err = {0};
    const struct rs_connect_options options = {.conninfo = "host=db.internal user=ann password=x",
                                               .ssh = "bastion"};
    struct rs_connect *connect = connect_new(place, &options);
    assert_null(rs_connect_open(connect, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_non_null(strstr(err.message, "could not connect to the database: "));
    assert_non_null(strstr(err.message, "administratively prohibited"));
    assert_non_null(strstr(err.hint, "PermitOpen"));
    rs_connect_free(connect);

    rs_error_clear(&err);
    const struct rs_connect_options local = {.conninfo = "dbname=postgres", .ssh = "bastion"};
    connect = connect_new(place, &local);
    assert_null(rs_connect_open(connect, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_non_null(strstr(err.hint, "host=NAME"));
    rs_connect_free(connect);
}

static void test_connect__a_tunnel_that_broke_is_opened_anew(void **state)
{
    struct place *place = *state;
    static const char once[] = "#!/bin/sh\n"
                               "echo x >>\"$RS_TEST_OUT\"\n"
                               "echo rs-tunnel-is-open\n";
    struct rs_error err = {0};
    char path[1024] = "";
    struct rs_strbuf runs = RS_STRBUF_INIT(4096);
    scratch_write(&place->scratch, "bin/ssh", once, sizeof once - 1);
    assert_int_equal(chmod(scratch_path(&place->scratch, "bin/ssh"), 0755), 0);
    (void)snprintf(path, sizeof path, "%s/bin:/usr/bin:/bin", place->scratch.dir);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(setenv("RS_TEST_OUT", scratch_path(&place->scratch, "out"), 1), 0);
    const struct rs_connect_options options = {.conninfo = "host=db.internal user=a password=x",
                                               .ssh = "bastion"};
    struct rs_connect *connect = connect_new(place, &options);
    for (int i = 0; i < 3; i++) {
        rs_error_clear(&err);
        assert_null(rs_connect_open(connect, &err));
        assert_non_null(strstr(err.message, "Connection refused"));
        (void)poll(NULL, 0, 200);
    }
    assert_true(rs_fs_read_file(scratch_path(&place->scratch, "out"), &runs, &err));
    assert_string_equal(rs_strbuf_cstr(&runs), "x\nx\nx\n");
    rs_connect_free(connect);
    rs_strbuf_release(&runs);
}

static int run_all(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest pure[] = {
        cmocka_unit_test(test_connect__options_go_together_or_are_refused),
        cmocka_unit_test(test_connect__an_address_of_iam_says_what_options_do_not),
        cmocka_unit_test(test_connect__each_password_is_asked_for_once),
        cmocka_unit_test(test_connect__who_cannot_be_asked_is_not_told_that_there_is_no_terminal),
    };
    const struct CMUnitTest tests[] = {
        TEST(test_connect__a_password_of_iam_is_fetched_before_it_ends),
        TEST(test_connect__a_password_that_does_not_do_is_not_kept),
        TEST(test_connect__a_place_that_is_given_stands_for_a_host_that_is_not),
        TEST(test_connect__a_bastion_leads_to_the_place_that_iam_names),
        TEST(test_connect__a_bastion_keeps_the_clusters_name_and_its_password),
        TEST(test_connect__threads_share_one_tunnel_and_one_password),
        TEST(test_connect__what_the_bastion_refuses_stands_in_the_error),
        TEST(test_connect__a_tunnel_that_broke_is_opened_anew),
    };
#undef TEST
    int failed = cmocka_run_group_tests(pure, NULL, NULL);
    if (failed > 0) {
        return failed;
    }
    return bastion_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}

int main(void)
{
    return bastion_run(run_all);
}
