/* Sessions: connecting, statements, parameters, COPY, and what happens when things go wrong. */
#include "warehouse/session.h"

#include "database.h"
#include "unit.h"

static int set_up(void **state)
{
    static struct database db;
    database_open(&db);
    database_exec(&db, "DROP SCHEMA IF EXISTS $ CASCADE");
    *state = &db;
    return 0;
}

static const struct {
    const char *label;
    const char *conninfo;
    enum rs_code code;
    const char *message; /* a part of it */
} refused[] = {
    {"no server on the port", "host=127.0.0.1 port=9 dbname=x user=u password=tiger", RS_E_NET,
     "Connection refused"},
    {"no such host", "postgresql://u:tiger@no-such-host.invalid/x", RS_E_NET,
     "no-such-host.invalid"},
    {"no such socket", "host=/nonexistent-tiger-less user=u dbname=x", RS_E_NET, "/nonexistent"},
    {"an unknown keyword", "hots=db password=tiger", RS_E_USAGE, "invalid connection option"},
    {"a cut URI", "postgresql://u:tiger@[::1/x", RS_E_USAGE, "looking for matching"},
    {"a bad port", "host=127.0.0.1 port=99999 password=tiger", RS_E_USAGE, "port"},
    {"an unknown service", "service=no-such-service", RS_E_USAGE, "no-such-service"},
};

static void test_session__a_connection_that_fails_says_why_and_what_to_do(void **state)
{
    (void)state;
    struct rs_env env = {0};
    rs_env_init_system(&env, "rs-test");
    for (size_t i = 0; i < RS_COUNTOF(refused); i++) {
        struct rs_error err = {0};
        print_message("%s\n", refused[i].label);
        struct rs_login login = {.conninfo = refused[i].conninfo};
        assert_null(rs_session_open(&env, &login, &err));
        print_message("  %s\n  %s\n", err.message, err.hint);
        assert_int_equal(err.code, refused[i].code);
        assert_non_null(strstr(err.message, refused[i].message));
        assert_null(strstr(err.message, "tiger@"));
        assert_null(strstr(err.message, "=tiger"));
        assert_true(*err.hint);
    }
}

static void test_session__a_missing_database_or_user_is_named(void **state)
{
    struct database *db = *state;
    char conninfo[512] = "";
    struct rs_login login = {.conninfo = conninfo};
    struct rs_error err = {0};
    (void)snprintf(conninfo, sizeof conninfo, "%s dbname=nowhere", getenv("RS_TEST_DATABASE"));
    assert_null(rs_session_open(&db->env, &login, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_non_null(strstr(err.message, "\"nowhere\" does not exist"));
    assert_non_null(strstr(err.hint, "createdb"));
    rs_error_clear(&err);
    (void)snprintf(conninfo, sizeof conninfo, "%s user=nobody", getenv("RS_TEST_DATABASE"));
    assert_null(rs_session_open(&db->env, &login, &err));
    assert_non_null(strstr(err.hint, "PGUSER"));
}

static void test_session__the_session_is_set_whatever_the_roles_defaults_are(void **state)
{
    struct database *db = *state;
    assert_int_equal(rs_session_dialect(db->session), RS_DIALECT_POSTGRESQL);
    assert_int_equal(setenv("PGOPTIONS", "-c timezone=Asia/Tokyo -c statement_timeout=1000", 1), 0);
    struct rs_session *other = database_session(&db->env);
    struct rs_session *first = db->session;
    assert_int_equal(unsetenv("PGOPTIONS"), 0);
    db->session = other;
    assert_string_equal(database_text(db, "SELECT current_setting('TimeZone'), "
                                          "current_setting('statement_timeout'), "
                                          "current_setting('search_path'), "
                                          "current_setting('client_encoding'), "
                                          "current_setting('application_name')"),
                        "UTC|0|pg_catalog|UTF8|rs-test\n");
    db->session = first;
    rs_session_close(other);
}

static void test_session__statements_count_their_rows(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    uint64_t rows = 99;
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    rs_strbuf_append(&sql, "CREATE TEMP TABLE n (a int)");
    assert_true(rs_session_exec(db->session, &sql, &rows, &err));
    assert_int_equal(rows, 0);
    rs_strbuf_reset(&sql);
    rs_strbuf_append(&sql, "INSERT INTO n SELECT generate_series(1, 7); DELETE FROM n WHERE a > 4");
    assert_true(rs_session_exec(db->session, &sql, &rows, &err));
    assert_int_equal(rows, 3);
    assert_string_equal(database_text(db, "SELECT count(*), NULL, '' FROM n"), "4|NULL|\n");
    rs_strbuf_release(&sql);
}

static void test_session__values_reach_the_server_as_they_are(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    const struct rs_str params[] = {RS_STR("it's \"\\ $1"), {NULL, 0}, RS_STR("")};
    struct rs_result *result = rs_session_query_params(
        db->session, "SELECT $1::text, $2::text, $3::text, 18446744073709551615, -1", params, 3,
        &err);
    assert_non_null(result);
    assert_true(rs_str_equal(rs_result_text(result, 0, 0), params[0]));
    assert_true(rs_result_is_null(result, 0, 1));
    assert_false(rs_result_is_null(result, 0, 2));
    assert_int_equal(rs_result_text(result, 0, 2).length, 0);
    uint64_t number = 0;
    assert_true(rs_result_u64(result, 0, 3, &number, &err));
    assert_true(number == UINT64_MAX);
    assert_false(rs_result_u64(result, 0, 4, &number, &err));
    assert_int_equal(err.code, RS_E_DATABASE);
    rs_result_free(result);

    rs_error_clear(&err);
    struct rs_str nul = RS_STR("a\0b");
    assert_null(rs_session_query_params(db->session, "SELECT $1::text", &nul, 1, &err));
    assert_int_equal(err.code, RS_E_LIMIT);
}

static void test_session__a_refused_statement_leaves_the_session_usable(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    assert_false(rs_session_exec_text(db->session, "SELECT 1 FROM nowhere", &err));
    assert_int_equal(err.code, RS_E_DATABASE);
    assert_string_equal(err.detail, "42P01");
    assert_false(err.retryable);
    assert_non_null(strstr(err.message, "\"nowhere\" does not exist"));
    assert_string_equal(database_text(db, "SELECT 1"), "1\n");

    rs_error_clear(&err);
    struct rs_strbuf sql = RS_STRBUF_INIT(8);
    rs_strbuf_append(&sql, "SELECT 1234567");
    assert_false(rs_session_exec(db->session, &sql, NULL, &err));
    assert_int_equal(err.code, RS_E_LIMIT);
    rs_strbuf_release(&sql);
}

static void test_session__a_statement_past_its_limit_is_cancelled_and_no_other(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    rs_session_limit(db->session, 300);
    assert_true(rs_session_exec_text(db->session, "BEGIN", &err));
    assert_false(rs_session_exec_text(db->session, "SELECT pg_sleep(30)", &err));
    print_message("%s\n", err.message);
    assert_true(rs_session_is_late(&err));
    assert_true(err.retryable);
    assert_non_null(strstr(err.message, "0.3 s"));
    rs_error_clear(&err);
    rs_session_rollback(db->session);
    rs_session_limit(db->session, 0);
    assert_true(rs_session_exec_text(db->session, "SELECT pg_sleep(0.6)", &err));
    rs_session_limit(db->session, 300);
    assert_false(
        rs_session_exec_text(db->session, "SELECT 1/0", &err)); /* its own error, in time */
    assert_false(rs_session_is_late(&err));
    rs_session_limit(db->session, 0);
}

static void test_session__a_limit_is_one_of_bound_statements_too(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    const char *seconds = "30";
    rs_session_limit(db->session, 300);
    assert_null(
        rs_session_query_bound(db->session, "SELECT pg_sleep($1::float8)", &seconds, 1, &err));
    assert_true(rs_session_is_late(&err));
    rs_error_clear(&err);
    rs_session_limit(db->session, 0);
    seconds = "0.6";
    struct rs_result *result =
        rs_session_query_bound(db->session, "SELECT pg_sleep($1::float8)", &seconds, 1, &err);
    assert_non_null(result); /* that the one before it was late is over */
    rs_result_free(result);
}

static void test_session__a_commit_that_rolls_back_is_an_error(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    assert_true(rs_session_exec_text(db->session, "BEGIN", &err));
    assert_false(rs_session_exec_text(db->session, "SELECT 1 / 0", &err));
    rs_error_clear(&err);
    assert_false(rs_session_commit(db->session, &err));
    assert_int_equal(err.code, RS_E_DATABASE);
    rs_error_clear(&err);
    rs_session_rollback(db->session);
    assert_true(rs_session_exec_text(db->session, "BEGIN", &err));
    assert_true(rs_session_commit(db->session, &err));
}

static struct rs_sink *begin_copy(struct database *db, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    database_exec(db, "CREATE TEMP TABLE IF NOT EXISTS c (a bigint, b text); TRUNCATE c");
    rs_strbuf_append(&sql, "COPY c FROM STDIN WITH (FORMAT csv, NULL '\\N')");
    struct rs_sink *sink = rs_session_copy_begin(db->session, &sql, err);
    rs_strbuf_release(&sql);
    return sink;
}

static void test_session__copy_takes_small_and_large_writes(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    enum { ROWS = 300000, LARGE = 3 << 20 };
    struct rs_strbuf large = RS_STRBUF_INIT(LARGE + 64);
    uint64_t rows = 0;
    struct rs_sink *sink = begin_copy(db, &err);
    assert_non_null(sink);
    for (unsigned i = 0; i < ROWS; i++) {
        char line[64] = "";
        int length = snprintf(line, sizeof line, "%u,row number %u\n", i, i);
        assert_true(sink->write(sink, line, (size_t)length, &err));
    }
    rs_strbuf_append(&large, "-1,");
    while (large.length < LARGE) {
        rs_strbuf_append(&large, "x");
    }
    rs_strbuf_append(&large, "\n-2,\\N\n-3,\"\"\n-4,\"\\N\"\n");
    assert_true(sink->write(sink, large.data, large.length, &err));
    assert_true(rs_session_copy_end(db->session, &rows, &err));
    assert_int_equal(rows, ROWS + 4);
    assert_string_equal(
        database_text(db, "SELECT sum(a), sum(length(b)) > 3000000, count(b) FROM c"),
        "44999849990|t|300003\n");
    assert_string_equal(database_text(db, "SELECT b FROM c WHERE a IN (-2, -3, -4) ORDER BY a"),
                        "\\N\n\nNULL\n");
    rs_strbuf_release(&large);
}

static void test_session__a_bad_row_fails_the_copy_at_its_end(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_sink *sink = begin_copy(db, &err);
    assert_true(sink->write(sink, "1,a\nx,b\n", 8, &err));
    assert_false(rs_session_copy_end(db->session, NULL, &err));
    assert_int_equal(err.code, RS_E_DATABASE);
    assert_string_equal(err.detail, "22P02");
    assert_non_null(strstr(err.message, "line 2"));
    assert_string_equal(database_text(db, "SELECT count(*) FROM c"), "0\n");
}

static void test_session__an_aborted_copy_leaves_nothing(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_sink *sink = begin_copy(db, &err);
    assert_true(sink->write(sink, "1,a\n", 4, &err));
    rs_session_copy_abort(db->session, "no more");
    rs_session_copy_abort(db->session, "a second time is nothing");
    assert_string_equal(database_text(db, "SELECT count(*) FROM c"), "0\n");
}

static void test_session__a_copy_of_a_missing_table_does_not_start(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    rs_strbuf_append(&sql, "COPY nowhere FROM STDIN");
    assert_null(rs_session_copy_begin(db->session, &sql, &err));
    assert_string_equal(err.detail, "42P01");
    rs_strbuf_reset(&sql);
    rs_error_clear(&err);
    rs_strbuf_append(&sql, "SELECT 1");
    assert_null(rs_session_copy_begin(db->session, &sql, &err));
    assert_int_equal(err.code, RS_E_DATABASE);
    assert_string_equal(database_text(db, "SELECT 2"), "2\n");
    rs_strbuf_release(&sql);
}

/* An environment that is interrupted once the clock has passed a time. */
static int64_t interrupt_us;

static bool interrupted_later(const struct rs_env *env)
{
    return interrupt_us != 0 && env->monotonic_us(env) >= interrupt_us;
}

/* Takes rows, and refuses all after so many bytes. */
struct taker {
    struct rs_sink sink; /* first: a sink is its taker */
    struct rs_strbuf text;
    size_t most;
};

static bool take(struct rs_sink *sink, const void *bytes, size_t count, struct rs_error *err)
{
    struct taker *taker = (struct taker *)sink;
    rs_strbuf_append_bytes(&taker->text, bytes, count);
    return taker->text.length <= taker->most || rs_error_set(err, RS_E_IO, "could not take more");
}

static void test_session__a_copy_out_hands_on_every_row(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    uint64_t rows = 0;
    struct taker taker = {.sink = {take}, .text = RS_STRBUF_INIT(1 << 20), .most = 1 << 20};
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_append(&sql, "COPY (SELECT g, NULL FROM generate_series(1, 3) g) TO STDOUT");
    assert_true(rs_session_copy_out(db->session, &sql, &taker.sink, &rows, &err));
    assert_string_equal(rs_strbuf_cstr(&taker.text), "1\t\\N\n2\t\\N\n3\t\\N\n");
    assert_int_equal(rows, 3);
    rs_strbuf_release(&taker.text);
    rs_strbuf_release(&sql);
}

static void test_session__a_copy_out_that_nobody_takes_leaves_the_session_usable(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct taker taker = {.sink = {take}, .text = RS_STRBUF_INIT(1 << 20), .most = 10};
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_append(&sql, "COPY (SELECT g FROM generate_series(1, 10000000) g) TO STDOUT");
    assert_false(rs_session_copy_out(db->session, &sql, &taker.sink, NULL, &err));
    assert_string_equal(err.message, "could not take more");
    rs_error_clear(&err);
    assert_true(rs_session_exec_text(db->session, "SELECT 1", &err));
    rs_strbuf_reset(&sql);
    rs_strbuf_append(&sql, "COPY (SELECT 1 / 0) TO STDOUT");
    assert_false(rs_session_copy_out(db->session, &sql, &taker.sink, NULL, &err));
    assert_string_equal(err.detail, "22012");
    rs_strbuf_release(&taker.text);
    rs_strbuf_release(&sql);
}

static void test_session__an_interrupt_cancels_the_statement_on_the_server(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    int64_t started_us = db->env.monotonic_us(&db->env);
    db->env.interrupted = interrupted_later;
    interrupt_us = started_us + 300000;
    assert_true(rs_session_exec_text(db->session, "BEGIN; CREATE TEMP TABLE i (a int)", &err));
    assert_false(rs_session_exec_text(db->session, "SELECT pg_sleep(30)", &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    assert_true(db->env.monotonic_us(&db->env) - started_us < 5000000);

    rs_error_clear(&err);
    assert_false(rs_session_exec_text(db->session, "SELECT 1", &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);

    rs_error_clear(&err);
    rs_session_rollback(db->session);
    rs_session_shield(db->session, true);
    assert_true(rs_session_exec_text(db->session, "CREATE TEMP TABLE i (a int)", &err));
    rs_session_shield(db->session, false);
    interrupt_us = 0;
}

static void test_session__an_interrupt_ends_a_copy(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_sink *sink = begin_copy(db, &err);
    db->env.interrupted = interrupted_later;
    interrupt_us = 1;
    assert_false(sink->write(sink, "1,a\n", 4, &err));
    assert_int_equal(err.code, RS_E_INTERRUPTED);
    rs_session_copy_abort(db->session, "interrupted");
    interrupt_us = 0;
    assert_string_equal(database_text(db, "SELECT count(*) FROM c"), "0\n");
}

static void kill_backend(struct database *db, struct rs_session *victim)
{
    struct rs_error err = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_append(&sql, "SELECT pg_backend_pid()");
    struct rs_result *result = rs_session_query(victim, &sql, &err);
    assert_non_null(result);
    rs_strbuf_reset(&sql);
    rs_strbuf_append(&sql, "SELECT pg_terminate_backend(");
    rs_strbuf_append_str(&sql, rs_result_text(result, 0, 0));
    rs_strbuf_append(&sql, ", 5000)");
    assert_string_equal(database_text(db, rs_strbuf_cstr(&sql)), "t\n");
    rs_result_free(result);
    rs_strbuf_release(&sql);
}

static void test_session__a_lost_connection_is_a_network_error_from_then_on(void **state)
{
    struct database *db = *state;
    struct rs_session *victim = database_session(&db->env);
    kill_backend(db, victim);
    for (int i = 0; i < 3; i++) {
        struct rs_error err = {0};
        assert_false(rs_session_exec_text(victim, "SELECT 1", &err));
        assert_int_equal(err.code, RS_E_NET);
        assert_true(err.retryable);
    }
    rs_session_rollback(victim);
    rs_session_close(victim);
}

static void test_session__a_connection_lost_in_a_copy_ends_it(void **state)
{
    struct database *db = *state;
    struct database other = *db;
    struct rs_error err = {0};
    other.session = database_session(&db->env);
    database_exec(&other, "CREATE TEMP TABLE IF NOT EXISTS c (a bigint, b text)");
    kill_backend(db, other.session);
    bool ok = true;
    struct rs_strbuf sql = RS_STRBUF_INIT(256);
    rs_strbuf_append(&sql, "COPY c FROM STDIN WITH (FORMAT csv)");
    struct rs_sink *sink = rs_session_copy_begin(other.session, &sql, &err);
    for (int i = 0; i < 100000 && sink && ok; i++) {
        ok = sink->write(sink, "1,abcdefghijklmnopqrstuvwxyz\n", 29, &err);
    }
    assert_false(sink && ok && rs_session_copy_end(other.session, NULL, &err));
    assert_int_equal(err.code, RS_E_NET);
    rs_session_copy_abort(other.session, "lost");
    rs_session_close(other.session);
    rs_strbuf_release(&sql);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, database_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__a_connection_that_fails_says_why_and_what_to_do),
        TEST(test_session__a_missing_database_or_user_is_named),
        TEST(test_session__the_session_is_set_whatever_the_roles_defaults_are),
        TEST(test_session__statements_count_their_rows),
        TEST(test_session__values_reach_the_server_as_they_are),
        TEST(test_session__a_refused_statement_leaves_the_session_usable),
        TEST(test_session__a_statement_past_its_limit_is_cancelled_and_no_other),
        TEST(test_session__a_limit_is_one_of_bound_statements_too),
        TEST(test_session__a_commit_that_rolls_back_is_an_error),
        TEST(test_session__copy_takes_small_and_large_writes),
        TEST(test_session__a_bad_row_fails_the_copy_at_its_end),
        TEST(test_session__an_aborted_copy_leaves_nothing),
        TEST(test_session__a_copy_of_a_missing_table_does_not_start),
        TEST(test_session__a_copy_out_hands_on_every_row),
        TEST(test_session__a_copy_out_that_nobody_takes_leaves_the_session_usable),
        TEST(test_session__an_interrupt_cancels_the_statement_on_the_server),
        TEST(test_session__an_interrupt_ends_a_copy),
        TEST(test_session__a_lost_connection_is_a_network_error_from_then_on),
        TEST(test_session__a_connection_lost_in_a_copy_ends_it),
    };
#undef TEST
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
