/* What is asked for: names of either dialect, search paths, and what PostgreSQL does not have. */
#include "provision/desired_user.h"

#include <string.h>

#include "unit.h"

static struct rs_desired_user desired_of(enum rs_dialect dialect)
{
    return (struct rs_desired_user){.dialect = dialect,
                                    .user = "segment",
                                    .database = "dev",
                                    .connection_limit = RS_DESIRED_ANY,
                                    .session_timeout = RS_DESIRED_ANY,
                                    .statement_timeout = RS_DESIRED_ANY};
}

static void test_desired_user__a_name_fits_or_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum rs_dialect dialect;
        size_t length;
        bool fits;
    } cases[] = {
        {RS_DIALECT_REDSHIFT, 1, true},     {RS_DIALECT_REDSHIFT, 127, true},
        {RS_DIALECT_REDSHIFT, 128, false},  {RS_DIALECT_POSTGRESQL, 63, true},
        {RS_DIALECT_POSTGRESQL, 64, false}, {RS_DIALECT_POSTGRESQL, 0, false},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        char name[200] = "";
        struct rs_error err = {0};
        memset(name, 'n', cases[i].length);
        assert_int_equal(rs_desired_user_check_name(cases[i].dialect, "user", name, &err),
                         cases[i].fits);
        assert_int_equal(err.code, cases[i].fits ? RS_OK : RS_E_USAGE);
    }
    struct rs_error err = {0};
    assert_false(rs_desired_user_check_name(RS_DIALECT_REDSHIFT, "user", "caf\xe9", &err));
    assert_non_null(strstr(err.message, "UTF-8"));
}

static void test_desired_user__redshift_folds_ascii_alone(void **state)
{
    (void)state;
    struct rs_arena arena = RS_ARENA_INIT;
    assert_string_equal(rs_desired_user_fold(RS_DIALECT_REDSHIFT, &arena, "MiXed \xc3\x84Z"),
                        "mixed \xc3\x84z");
    assert_string_equal(rs_desired_user_fold(RS_DIALECT_POSTGRESQL, &arena, "MiXed"), "MiXed");
    rs_arena_release(&arena);
}

static void test_desired_user__a_search_path_is_names_with_commas_between(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *names[4]; /* none: it is no path */
    } cases[] = {
        {"shop", {"shop"}},
        {" shop , public ", {"shop", "public"}},
        {"\"$user\", \"a, b\",\"say \"\"hi\"\"\"", {"$user", "a, b", "say \"hi\""}},
        {"$user,x", {"$user", "x"}},
        {"\"a\"b", {NULL}},
        {"a b", {NULL}},
        {"a,,b", {NULL}},
        {"a,", {NULL}},
        {"", {NULL}},
        {"\"\"", {NULL}},
        {"\"open", {NULL}},
    };
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_arena arena = RS_ARENA_INIT;
        struct rs_names names = {NULL, 0};
        bool ok = rs_desired_user_split_path(&arena, rs_str_from(cases[i].path), &names);
        assert_int_equal(ok, cases[i].names[0] != NULL);
        size_t count = 0;
        while (ok && count < RS_COUNTOF(cases[i].names) && cases[i].names[count]) {
            assert_true(count < names.count);
            assert_string_equal(names.items[count], cases[i].names[count]);
            count++;
        }
        assert_int_equal(count, ok ? names.count : 0);
        rs_arena_release(&arena);
    }
}

static void assert_refused(const struct rs_desired_user *desired, const char *words)
{
    struct rs_error err = {0};
    assert_false(rs_desired_user_check(desired, &err));
    assert_int_equal(err.code, RS_E_USAGE);
    assert_non_null(strstr(err.message, words));
}

static void test_desired_user__postgresql_has_no_iam_roles_logs_and_queues(void **state)
{
    (void)state;
    static const char *const roles[] = {"default"};
    struct rs_error err = {0};
    struct rs_desired_user desired = desired_of(RS_DIALECT_POSTGRESQL);
    assert_true(rs_desired_user_check(&desired, &err));
    desired.roles = (struct rs_names){roles, 1};
    assert_refused(&desired, "--assume-role");
    desired = desired_of(RS_DIALECT_POSTGRESQL);
    desired.syslog_access = true;
    assert_refused(&desired, "--syslog-access");
    desired = desired_of(RS_DIALECT_POSTGRESQL);
    desired.query_group = "q";
    assert_refused(&desired, "--query-group");
    desired.dialect = RS_DIALECT_REDSHIFT;
    assert_true(rs_desired_user_check(&desired, &err));
}

static void test_desired_user__times_and_paths_are_read_before_anything_is_done(void **state)
{
    (void)state;
    struct rs_error err = {0};
    struct rs_desired_user desired = desired_of(RS_DIALECT_REDSHIFT);
    desired.valid_until = "tomorrow";
    assert_refused(&desired, "--valid-until");
    desired.valid_until = "2027-01-31'; DROP USER ann; --";
    assert_refused(&desired, "--valid-until");
    desired.valid_until = "infinity";
    desired.search_path = "a; b";
    assert_refused(&desired, "--search-path");
    desired.search_path = "a, b";
    assert_true(rs_desired_user_check(&desired, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_desired_user__a_name_fits_or_is_refused),
        cmocka_unit_test(test_desired_user__redshift_folds_ascii_alone),
        cmocka_unit_test(test_desired_user__a_search_path_is_names_with_commas_between),
        cmocka_unit_test(test_desired_user__postgresql_has_no_iam_roles_logs_and_queues),
        cmocka_unit_test(test_desired_user__times_and_paths_are_read_before_anything_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
