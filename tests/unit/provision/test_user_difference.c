/* What is wanted less what is found: the statements, in both dialects, to the letter. */
#include "provision/user_difference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOSTILE "o'\"\\;--"
#define IDENT   "\"o'\"\"\\;--\""

static const bool neither[] = {false, false};
static const bool both[] = {true, true};

static struct rs_wanted wanted_of(enum rs_dialect dialect, const char *user)
{
    return (struct rs_wanted){.dialect = dialect,
                              .user = user,
                              .database = "dev",
                              .connection_limit = RS_WANTED_ANY,
                              .session_timeout = RS_WANTED_ANY,
                              .statement_timeout = RS_WANTED_ANY};
}

/* A user that has nothing yet; exists: but is there. */
static struct rs_found found_of(bool exists)
{
    return (struct rs_found){.exists = exists,
                             .can_login = true,
                             .connection_limit = RS_FOUND_UNLIMITED,
                             .valid_until_us = RS_FOUND_FOREVER,
                             .temp = true,
                             .connect = true,
                             .own = {.owner = ""},
                             .copy = neither,
                             .unload = neither};
}

/* The statements are these, ended by NULL, as they are sent and as they are shown. */
static void assert_statements(const struct rs_wanted *wanted, const struct rs_found *found,
                              const struct rs_steps_secret *secret, const char *const *statements)
{
    struct rs_steps steps = RS_STEPS_INIT;
    struct rs_error err = {0};
    assert_true(rs_steps_make(wanted, found, secret, &steps, &err));
    size_t count = 0;
    for (; statements[count]; count++) {
        assert_true(count < steps.statement_count);
        const struct rs_statement *statement = &steps.statements[count];
        assert_string_equal(statement->sql.data, statements[count]);
        assert_int_equal(statement->secret, strstr(statements[count], "PASSWORD") != NULL);
        if (statement->secret) {
            assert_null(strstr(statement->shown.data, "hash"));
            assert_non_null(strstr(statement->shown.data, "PASSWORD '********'"));
        }
        assert_int_equal(steps.rows[statement->row].state, RS_ROW_MISSING);
    }
    assert_int_equal(steps.statement_count, count);
    assert_int_equal(rs_steps_lack(&steps), count > 0);
    rs_steps_release(&steps);
}

static const struct rs_steps_secret set = {.set = true, .encoded = {"md5'hash\\", 9}};
static const struct rs_steps_secret none = {.set = false};

static void test_steps__a_loader_is_made(void **state)
{
    (void)state;
    const struct rs_found found = found_of(false);
    const struct rs_wanted redshift = wanted_of(RS_DIALECT_REDSHIFT, HOSTILE);
    const struct rs_wanted postgresql = wanted_of(RS_DIALECT_POSTGRESQL, HOSTILE);
    assert_statements(&redshift, &found, &set,
                      (const char *const[]){"CREATE USER " IDENT " PASSWORD 'md5''hash\\\\'",
                                            "GRANT CREATE ON DATABASE \"dev\" TO " IDENT, NULL});
    assert_statements(&postgresql, &found, &set,
                      (const char *const[]){"CREATE ROLE " IDENT " LOGIN PASSWORD 'md5''hash\\'",
                                            "GRANT CREATE ON DATABASE \"dev\" TO " IDENT, NULL});
}

static void test_steps__what_is_as_wanted_needs_no_statement(void **state)
{
    (void)state;
    static const char *const settings[] = {"query_group=q", "statement_timeout=90000",
                                           "search_path=a, \"B c\""};
    static const char *const groups[] = {"g"};
    static const char *const roles[] = {"arn:x", "default"};
    struct rs_wanted wanted = wanted_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_found found = found_of(true);
    wanted.valid_until = "2035-01-31";
    wanted.connection_limit = 9;
    wanted.session_timeout = 600;
    wanted.statement_timeout = 90;
    wanted.syslog_access = true;
    wanted.query_group = "q";
    wanted.search_path = "a,\"B c\"";
    wanted.groups = (struct rs_names){groups, 1};
    wanted.roles = (struct rs_names){roles, 2};
    found.valid_until_us = INT64_C(2053814400000000);
    found.connection_limit = 9;
    found.session_timeout = 600;
    found.syslog_access = true;
    found.settings = (struct rs_names){settings, 3};
    found.groups = (struct rs_names){groups, 1};
    found.create = true;
    found.copy = both;
    found.unload = both;
    assert_statements(&wanted, &found, &none, (const char *const[]){NULL});
    wanted.dialect = RS_DIALECT_REDSHIFT;
    found.settings.count = 0;
    found.groups.count = 0;
    found.no_group = (struct rs_names){groups, 1};
    found.valid_until_us = RS_FOUND_FOREVER;
    found.connection_limit = RS_FOUND_UNLIMITED;
    found.session_timeout = 0;
    found.syslog_access = false;
    found.create = false;
    found.temp = false;
    found.copy = neither;
    assert_statements(&wanted, &found, &none,
                      (const char *const[]){
                          "ALTER USER \"u\" VALID UNTIL '2035-01-31 00:00:00'",
                          "ALTER USER \"u\" CONNECTION LIMIT 9",
                          "ALTER USER \"u\" SESSION TIMEOUT 600",
                          "ALTER USER \"u\" SYSLOG ACCESS UNRESTRICTED",
                          "ALTER USER \"u\" SET query_group TO 'q'",
                          "ALTER USER \"u\" SET statement_timeout TO 90000",
                          "ALTER USER \"u\" SET search_path TO \"a\", \"B c\"",
                          "CREATE GROUP \"g\"",
                          "ALTER GROUP \"g\" ADD USER \"u\"",
                          "GRANT CREATE ON DATABASE \"dev\" TO \"u\"",
                          "GRANT TEMP ON DATABASE \"dev\" TO \"u\"",
                          "GRANT ASSUMEROLE ON 'arn:x' TO \"u\" FOR COPY, UNLOAD",
                          "GRANT ASSUMEROLE ON DEFAULT TO \"u\" FOR COPY, UNLOAD",
                          NULL,
                      });
}

static void test_steps__postgresql_has_roles_for_groups(void **state)
{
    (void)state;
    static const char *const groups[] = {HOSTILE};
    struct rs_wanted wanted = wanted_of(RS_DIALECT_POSTGRESQL, "u");
    struct rs_found found = found_of(true);
    wanted.groups = (struct rs_names){groups, 1};
    wanted.session_timeout = 60;
    found.no_group = wanted.groups;
    found.create = true;
    found.connect = false;
    assert_statements(&wanted, &found, &none,
                      (const char *const[]){
                          "ALTER ROLE \"u\" SET idle_session_timeout TO 60000",
                          "CREATE ROLE " IDENT,
                          "GRANT " IDENT " TO \"u\"",
                          "GRANT CONNECT ON DATABASE \"dev\" TO \"u\"",
                          NULL,
                      });
}

static void test_steps__a_reader_gets_what_is_there_and_what_comes(void **state)
{
    (void)state;
    static const char *const schemas[] = {"shop"};
    static const char *const makers[] = {"ann", "segment"};
    struct rs_wanted wanted = wanted_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_found found = found_of(true);
    struct rs_found_schema schema = {.exists = true,
                                     .owner = "segment",
                                     .tables = 3,
                                     .unread = 1,
                                     .makers = {makers, 2},
                                     .granted = {makers, 1}};
    wanted.read = (struct rs_names){schemas, 1};
    found.read = &schema;
    assert_statements(&wanted, &found, &none,
                      (const char *const[]){
                          "GRANT USAGE ON SCHEMA \"shop\" TO \"u\"",
                          "GRANT SELECT ON ALL TABLES IN SCHEMA \"shop\" TO \"u\"",
                          "ALTER DEFAULT PRIVILEGES FOR USER \"segment\" IN SCHEMA \"shop\" "
                          "GRANT SELECT ON TABLES TO \"u\"",
                          NULL,
                      });
    schema.usage = true;
    schema.unread = 0;
    schema.granted.count = 2;
    assert_statements(&wanted, &found, &none, (const char *const[]){NULL});
}

static void test_steps__a_password_is_set_when_it_is_another(void **state)
{
    (void)state;
    struct rs_wanted wanted = wanted_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_found found = found_of(true);
    const struct rs_steps_secret same = {.given = true, .same = true};
    struct rs_steps_secret another = set;
    another.given = true;
    found.create = true;
    assert_statements(&wanted, &found, &same, (const char *const[]){NULL});
    assert_statements(&wanted, &found, &another,
                      (const char *const[]){"ALTER USER \"u\" PASSWORD 'md5''hash\\\\'", NULL});
}

/* The only row that is neither ok nor mended. */
static void assert_row(const struct rs_wanted *wanted, const struct rs_found *found,
                       const char *what, enum rs_row_state row_state)
{
    struct rs_steps steps = RS_STEPS_INIT;
    struct rs_error err = {0};
    size_t odd = 0;
    assert_true(rs_steps_make(wanted, found, &none, &steps, &err));
    assert_int_equal(steps.statement_count, 0);
    for (size_t i = 0; i < steps.row_count; i++) {
        if (steps.rows[i].state != RS_ROW_OK) {
            assert_string_equal(steps.rows[i].what, what);
            assert_int_equal(steps.rows[i].state, row_state);
            odd++;
        }
    }
    assert_int_equal(odd, 1);
    rs_steps_release(&steps);
}

static void test_steps__more_than_is_needed_is_shown_and_left(void **state)
{
    (void)state;
    static const char *const groups[] = {"others"};
    const struct rs_wanted wanted = wanted_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_found found = found_of(true);
    found.create = true;
    struct rs_found more = found;
    more.superuser = true;
    more.createdb = true; /* a superuser has all, which is said once */
    more.create_public = true;
    assert_row(&wanted, &more, "superuser", RS_ROW_EXCESS);
    more = found;
    more.createdb = true;
    assert_row(&wanted, &more, "CREATEDB", RS_ROW_EXCESS);
    more = found;
    more.create_public = true;
    assert_row(&wanted, &more, "CREATE on schema \"public\"", RS_ROW_EXCESS);
    more = found;
    more.groups = (struct rs_names){groups, 1};
    assert_row(&wanted, &more, "group \"others\"", RS_ROW_EXCESS);
    struct rs_wanted narrow = wanted;
    narrow.own_schema = "s";
    more = found;
    more.own = (struct rs_found_schema){.exists = true, .owner = "u"};
    assert_row(&narrow, &more, "CREATE on the database", RS_ROW_EXCESS);
}

static void test_steps__what_no_statement_mends_is_missing(void **state)
{
    (void)state;
    struct rs_wanted wanted = wanted_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_found found = found_of(true);
    found.create = true;
    found.connection_limit = 0;
    assert_row(&wanted, &found, "login", RS_ROW_MISSING);
    found.connection_limit = 5;
    found.valid_until_us = 10;
    found.now_us = 11;
    assert_row(&wanted, &found, "login", RS_ROW_MISSING);
    found = found_of(true);
    wanted.own_schema = "s";
    found.own = (struct rs_found_schema){.exists = true, .owner = "ann"};
    assert_row(&wanted, &found, "schema \"s\"", RS_ROW_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps__a_loader_is_made),
        cmocka_unit_test(test_steps__what_is_as_wanted_needs_no_statement),
        cmocka_unit_test(test_steps__postgresql_has_roles_for_groups),
        cmocka_unit_test(test_steps__a_reader_gets_what_is_there_and_what_comes),
        cmocka_unit_test(test_steps__a_password_is_set_when_it_is_another),
        cmocka_unit_test(test_steps__more_than_is_needed_is_shown_and_left),
        cmocka_unit_test(test_steps__what_no_statement_mends_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
