/* Refusals: code, hint and retry by libpq's words or by SQLSTATE, and no password ever shown. */
#include "rs/warehouse/diagnose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
        cmocka_unit_test(test_diagnose__a_connection_string_is_never_shown_with_its_password),
        cmocka_unit_test(test_diagnose__a_refused_statement_says_what_the_server_said),
        cmocka_unit_test(test_diagnose__a_copy_says_where_it_stopped),
        cmocka_unit_test(test_diagnose__the_first_error_wins_and_long_ones_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
