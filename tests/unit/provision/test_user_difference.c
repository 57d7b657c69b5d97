/* What is wanted less what is found: the statements, in both dialects, to the letter. */
#include "provision/user_difference.h"

#include <string.h>

#include "unit.h"

#define HOSTILE "o'\"\\;--"
#define IDENT   "\"o'\"\"\\;--\""

static const bool neither[] = {false, false};
static const bool both[] = {true, true};
static const char *const told[] = {NULL, NULL};

static struct rs_desired_user desired_of(enum rs_dialect dialect, const char *user)
{
    return (struct rs_desired_user){.dialect = dialect,
                                    .user = user,
                                    .database = "dev",
                                    .connection_limit = RS_DESIRED_ANY,
                                    .session_timeout = RS_DESIRED_ANY,
                                    .statement_timeout = RS_DESIRED_ANY};
}

/* A user that has nothing yet; exists: but is there. */
static struct rs_actual_user actual_of(bool exists)
{
    return (struct rs_actual_user){.exists = exists,
                                   .can_login = true,
                                   .connection_limit = RS_ACTUAL_UNLIMITED,
                                   .valid_until_us = RS_ACTUAL_FOREVER,
                                   .temp = true,
                                   .connect = true,
                                   .own = {.owner = ""},
                                   .copy = neither,
                                   .unload = neither,
                                   .untold = told};
}

/* The statements are these, ended by NULL, as they are sent and as they are shown. */
static void assert_statements(const struct rs_desired_user *desired,
                              const struct rs_actual_user *actual,
                              const struct rs_password_change *secret,
                              const char *const *statements)
{
    struct rs_user_changes changes = RS_USER_CHANGES_INIT;
    struct rs_error err = {0};
    assert_true(rs_user_difference_make(desired, actual, secret, &changes, &err));
    size_t count = 0;
    for (; statements[count]; count++) {
        assert_true(count < changes.statement_count);
        const struct rs_user_statement *statement = &changes.statements[count];
        assert_string_equal(statement->sql.data, statements[count]);
        assert_int_equal(statement->secret, strstr(statements[count], "PASSWORD") != NULL);
        if (statement->secret) {
            assert_null(strstr(statement->shown.data, "hash"));
            assert_non_null(strstr(statement->shown.data, "PASSWORD '********'"));
        }
        assert_int_equal(changes.properties[statement->property].state, RS_PROPERTY_MISSING);
    }
    assert_int_equal(changes.statement_count, count);
    assert_int_equal(rs_user_changes_lack(&changes), count > 0);
    rs_user_changes_release(&changes);
}

static const struct rs_password_change set = {.set = true, .encoded = {"md5'hash\\", 9}};
static const struct rs_password_change none = {.set = false};

static void test_user_difference__a_loader_is_made(void **state)
{
    (void)state;
    const struct rs_actual_user actual = actual_of(false);
    const struct rs_desired_user redshift = desired_of(RS_DIALECT_REDSHIFT, HOSTILE);
    const struct rs_desired_user postgresql = desired_of(RS_DIALECT_POSTGRESQL, HOSTILE);
    assert_statements(&redshift, &actual, &set,
                      (const char *const[]){"CREATE USER " IDENT " PASSWORD 'md5''hash\\\\'",
                                            "GRANT CREATE ON DATABASE \"dev\" TO " IDENT, NULL});
    assert_statements(&postgresql, &actual, &set,
                      (const char *const[]){"CREATE ROLE " IDENT " LOGIN PASSWORD 'md5''hash\\'",
                                            "GRANT CREATE ON DATABASE \"dev\" TO " IDENT, NULL});
}

static void test_user_difference__what_is_as_wanted_needs_no_statement(void **state)
{
    (void)state;
    static const char *const settings[] = {"query_group=q", "statement_timeout=90000",
                                           "search_path=a, \"B c\""};
    static const char *const groups[] = {"g"};
    static const char *const roles[] = {"arn:x", "default"};
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_actual_user actual = actual_of(true);
    desired.valid_until = "2035-01-31";
    desired.connection_limit = 9;
    desired.session_timeout = 600;
    desired.statement_timeout = 90;
    desired.syslog_access = true;
    desired.query_group = "q";
    desired.search_path = "a,\"B c\"";
    desired.groups = (struct rs_names){groups, 1};
    desired.roles = (struct rs_names){roles, 2};
    actual.valid_until_us = INT64_C(2053814400000000);
    actual.connection_limit = 9;
    actual.session_timeout = 600;
    actual.syslog_access = true;
    actual.settings = (struct rs_names){settings, 3};
    actual.groups = (struct rs_names){groups, 1};
    actual.create = true;
    actual.copy = both;
    actual.unload = both;
    assert_statements(&desired, &actual, &none, (const char *const[]){NULL});
    desired.dialect = RS_DIALECT_REDSHIFT;
    actual.settings.count = 0;
    actual.groups.count = 0;
    actual.no_group = (struct rs_names){groups, 1};
    actual.valid_until_us = RS_ACTUAL_FOREVER;
    actual.connection_limit = RS_ACTUAL_UNLIMITED;
    actual.session_timeout = 0;
    actual.syslog_access = false;
    actual.create = false;
    actual.temp = false;
    actual.copy = neither;
    assert_statements(&desired, &actual, &none,
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

static void test_user_difference__what_the_server_does_not_tell_is_unknown(void **state)
{
    (void)state;
    static const char *const roles[] = {"arn:x", "default"};
    static const char *const untold[] = {NULL, "no such role"};
    struct rs_user_changes changes = RS_USER_CHANGES_INIT;
    struct rs_error err = {0};
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_actual_user actual = actual_of(true);
    desired.roles = (struct rs_names){roles, 2};
    actual.create = true;
    actual.copy = both;
    actual.unload = both;
    actual.untold = untold;
    assert_true(rs_user_difference_make(&desired, &actual, &none, &changes, &err));
    const struct rs_user_property *last = &changes.properties[changes.property_count - 1];
    while (last->state == RS_PROPERTY_EXCESS) {
        last--;
    }
    assert_int_equal(last->state, RS_PROPERTY_UNKNOWN);
    assert_string_equal(last->actual, "no such role");
    assert_int_equal(changes.statement_count, 1);
    assert_true(changes.statements[0].once);
    assert_string_equal(changes.statements[0].sql.data,
                        "GRANT ASSUMEROLE ON DEFAULT TO \"u\" FOR COPY, UNLOAD");
    rs_user_changes_release(&changes);
}

static void test_user_difference__postgresql_has_roles_for_groups(void **state)
{
    (void)state;
    static const char *const groups[] = {HOSTILE};
    struct rs_desired_user desired = desired_of(RS_DIALECT_POSTGRESQL, "u");
    struct rs_actual_user actual = actual_of(true);
    desired.groups = (struct rs_names){groups, 1};
    desired.session_timeout = 60;
    actual.no_group = desired.groups;
    actual.create = true;
    actual.connect = false;
    assert_statements(&desired, &actual, &none,
                      (const char *const[]){
                          "ALTER ROLE \"u\" SET idle_session_timeout TO 60000",
                          "CREATE ROLE " IDENT,
                          "GRANT " IDENT " TO \"u\"",
                          "GRANT CONNECT ON DATABASE \"dev\" TO \"u\"",
                          NULL,
                      });
}

static void test_user_difference__a_reader_gets_what_is_there_and_what_comes(void **state)
{
    (void)state;
    static const char *const schemas[] = {"shop"};
    static const char *const makers[] = {"ann", "segment"};
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_actual_user actual = actual_of(true);
    struct rs_actual_schema schema = {.exists = true,
                                      .owner = "segment",
                                      .tables = 3,
                                      .unread = 1,
                                      .makers = {makers, 2},
                                      .granted = {makers, 1}};
    desired.read = (struct rs_names){schemas, 1};
    actual.read = &schema;
    assert_statements(&desired, &actual, &none,
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
    assert_statements(&desired, &actual, &none, (const char *const[]){NULL});
}

static void test_user_difference__a_password_is_set_when_it_is_another(void **state)
{
    (void)state;
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_actual_user actual = actual_of(true);
    const struct rs_password_change same = {.given = true, .same = true};
    struct rs_password_change another = set;
    another.given = true;
    actual.create = true;
    assert_statements(&desired, &actual, &same, (const char *const[]){NULL});
    assert_statements(&desired, &actual, &another,
                      (const char *const[]){"ALTER USER \"u\" PASSWORD 'md5''hash\\\\'", NULL});
}

/* The only row that is neither ok nor mended. */
static void assert_row(const struct rs_desired_user *desired, const struct rs_actual_user *actual,
                       const char *what, enum rs_property_state property_state)
{
    struct rs_user_changes changes = RS_USER_CHANGES_INIT;
    struct rs_error err = {0};
    size_t odd = 0;
    assert_true(rs_user_difference_make(desired, actual, &none, &changes, &err));
    assert_int_equal(changes.statement_count, 0);
    for (size_t i = 0; i < changes.property_count; i++) {
        if (changes.properties[i].state != RS_PROPERTY_OK) {
            assert_string_equal(changes.properties[i].what, what);
            assert_int_equal(changes.properties[i].state, property_state);
            odd++;
        }
    }
    assert_int_equal(odd, 1);
    rs_user_changes_release(&changes);
}

static void test_user_difference__more_than_is_needed_is_shown_and_left(void **state)
{
    (void)state;
    static const char *const groups[] = {"team", "others"};
    const struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_desired_user grouped = desired;
    grouped.groups = (struct rs_names){groups, 1};
    struct rs_actual_user actual = actual_of(true);
    actual.create = true;
    struct rs_actual_user more = actual;
    more.superuser = true;
    more.createdb = true; /* a superuser has all, which is said once */
    more.create_public = true;
    assert_row(&desired, &more, "superuser", RS_PROPERTY_EXCESS);
    more = actual;
    more.createdb = true;
    assert_row(&desired, &more, "CREATEDB", RS_PROPERTY_EXCESS);
    more = actual;
    more.create_public = true;
    assert_row(&desired, &more, "CREATE on schema \"public\"", RS_PROPERTY_EXCESS);
    more = actual;
    more.groups = (struct rs_names){groups, 2};
    assert_row(&grouped, &more, "group \"others\"", RS_PROPERTY_EXCESS);
    more.createdb = true; /* alone, as no group is too many where none is asked for */
    assert_row(&desired, &more, "CREATEDB", RS_PROPERTY_EXCESS);
    struct rs_desired_user narrow = desired;
    narrow.own_schema = "s";
    more = actual;
    more.own = (struct rs_actual_schema){.exists = true, .owner = "u"};
    assert_row(&narrow, &more, "CREATE on the database", RS_PROPERTY_EXCESS);
}

static void test_user_difference__what_no_statement_mends_is_missing(void **state)
{
    (void)state;
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT, "u");
    struct rs_actual_user actual = actual_of(true);
    actual.create = true;
    actual.connection_limit = 0;
    assert_row(&desired, &actual, "login", RS_PROPERTY_MISSING);
    actual.connection_limit = 5;
    actual.valid_until_us = 10;
    actual.now_us = 11;
    assert_row(&desired, &actual, "login", RS_PROPERTY_MISSING);
    actual = actual_of(true);
    desired.own_schema = "s";
    actual.own = (struct rs_actual_schema){.exists = true, .owner = "ann"};
    assert_row(&desired, &actual, "schema \"s\"", RS_PROPERTY_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_difference__a_loader_is_made),
        cmocka_unit_test(test_user_difference__what_is_as_wanted_needs_no_statement),
        cmocka_unit_test(test_user_difference__what_the_server_does_not_tell_is_unknown),
        cmocka_unit_test(test_user_difference__postgresql_has_roles_for_groups),
        cmocka_unit_test(test_user_difference__a_reader_gets_what_is_there_and_what_comes),
        cmocka_unit_test(test_user_difference__a_password_is_set_when_it_is_another),
        cmocka_unit_test(test_user_difference__more_than_is_needed_is_shown_and_left),
        cmocka_unit_test(test_user_difference__what_no_statement_mends_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
