/* Refused rows: as a line, by which of the two tables, and what comes into the error. */
#include "warehouse/load_errors.h"

#include <unistd.h>

#include "base/fsutil.h"
#include "database.h"
#include "unit.h"

static const struct {
    const char *label;
    struct rs_load_error row;
    const char *line;
} cases[] = {
    {"all of it, blank-padded",
     {.file = RS_STR_INIT("s3://b/p/0.csv      "),
      .line = RS_STR_INIT("17"),
      .column = RS_STR_INIT("plan    "),
      .type = RS_STR_INIT("varchar   "),
      .length = RS_STR_INIT("8         "),
      .code = RS_STR_INIT("1204"),
      .reason = RS_STR_INIT("String length exceeds DDL length      "),
      .value = RS_STR_INIT("enterprise plus   ")},
     "column \"plan\" varchar(8): String length exceeds DDL length (1204), value \"enterprise "
     "plus\" (s3://b/p/0.csv, line 17)"},
    {"no length, no value, no line",
     {.file = RS_STR_INIT("s3://b/0"),
      .line = RS_STR_INIT("-1"),
      .column = RS_STR_INIT("n"),
      .type = RS_STR_INIT("int8"),
      .length = RS_STR_INIT("0"),
      .code = RS_STR_INIT("1207"),
      .reason = RS_STR_INIT("Invalid digit, Value 'a', Pos 0, Type: Long")},
     "column \"n\" int8: Invalid digit, Value 'a', Pos 0, Type: Long (1207) (s3://b/0)"},
    {"no column",
     {.file = RS_STR_INIT("s3://b/0"),
      .line = RS_STR_INIT("3"),
      .code = RS_STR_INIT("1202"),
      .reason = RS_STR_INIT("Extra column(s) found")},
     "Extra column(s) found (1202) (s3://b/0, line 3)"},
    {"a long value is cut between characters, and has no controls",
     {.code = RS_STR_INIT("1204"),
      .reason = RS_STR_INIT("r"),
      .value = RS_STR_INIT("\x1b[31m"
                           "0123456789012345678901234567890123456789012345678901"
                           "\xc3\xa4\xc3\xa4\xc3\xa4")},
     "r (1204), value \" [31m0123456789012345678901234567890123456789012345678901\xc3\xa4...\""},
};

static void test_load_errors__a_row_is_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_strbuf out = RS_STRBUF_INIT(4096);
        print_message("%s\n", cases[i].label);
        rs_load_errors_format(&cases[i].row, &out);
        assert_string_equal(rs_strbuf_cstr(&out), cases[i].line);
        rs_strbuf_release(&out);
    }
}

static void test_load_errors__a_code_has_a_hint(void **state)
{
    (void)state;
    assert_non_null(strstr(rs_load_errors_hint(RS_STR("1204")), "widen"));
    assert_non_null(strstr(rs_load_errors_hint(RS_STR("1213  ")), "NOT NULL"));
    assert_null(rs_load_errors_hint(RS_STR("120")));
    assert_null(rs_load_errors_hint(RS_STR("")));
}

static struct rs_error copy_error(void)
{
    struct rs_error err = {0};
    (void)rs_error_set(&err, RS_E_DATABASE,
                       "could not run a statement: Load into table 't' failed. Check "
                       "'stl_load_errors' system table for details.");
    (void)rs_error_hint(&err, "look there");
    return err;
}

static void test_load_errors__only_a_copys_refusal_is_one(void **state)
{
    (void)state;
    struct rs_error err = copy_error();
    assert_true(rs_load_errors_is_cause(&err));
    struct rs_error other = {0};
    (void)rs_error_set(&other, RS_E_DATABASE, "could not run a statement: no");
    assert_false(rs_load_errors_is_cause(&other));
}

/* PostgreSQL with what Redshift has: the functions, and tables blank-padded as there. */
static void make_redshift(struct database *db, const char *last_copy_id)
{
    char sql[256] = "";
    database_exec(db, "DROP SCHEMA IF EXISTS $ CASCADE; CREATE SCHEMA $");
    (void)snprintf(sql, sizeof sql,
                   "CREATE FUNCTION $.pg_last_copy_id() RETURNS int LANGUAGE sql AS 'SELECT %s'",
                   last_copy_id);
    database_exec(db, sql);
    database_exec(db, "CREATE TABLE $.stl_load_errors (userid int, slice int, tbl int, "
                      "starttime timestamp, session int, query int, filename char(256), "
                      "line_number bigint, colname char(127), type char(10), col_length char(10), "
                      "\"position\" int, raw_line char(1024), raw_field_value char(1024), "
                      "err_code int, err_reason char(100))");
    database_exec(db, "CREATE TABLE $.sys_load_error_detail (user_id int, query_id bigint, "
                      "transaction_id bigint, session_id int, database_name char(64), "
                      "table_id int, start_time timestamp, file_name char(256), "
                      "line_number bigint, column_name char(127), column_type char(10), "
                      "column_length char(10), \"position\" int, error_code int, "
                      "error_message char(512))");
    database_exec(db, "CREATE FUNCTION $.getdate() RETURNS timestamp LANGUAGE sql AS "
                      "'SELECT now() AT TIME ZONE ''UTC'''");
    database_exec(db, "SET search_path = $, pg_catalog");
}

static void add_sys(struct database *db, const char *query, const char *session, const char *line)
{
    char sql[512] = "";
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO sys_load_error_detail VALUES (1, %s, 1, %s, 'dev', 1, now(), "
                   "'s3://b/sys', %s, 'plan', 'varchar', '8', 0, 1204, 'String length exceeds DDL "
                   "length')",
                   query, session, line);
    database_exec(db, sql);
}

static void add_stl(struct database *db, const char *query)
{
    char sql[512] = "";
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO stl_load_errors VALUES (1, 0, 1, now(), pg_backend_pid(), %s, "
                   "'s3://b/stl', 4, 'n', 'int4', '', 0, 'x,y', 'x', 1207, 'Invalid digit')",
                   query);
    database_exec(db, sql);
}

static void assert_explained(struct database *db, const char *message, const char *hint,
                             const char *all_lines)
{
    struct rs_error err = copy_error();
    struct rs_strbuf lines = RS_STRBUF_INIT(1 << 20);
    rs_load_errors_explain(db->session, &lines, &err);
    assert_string_equal(err.message, message);
    assert_non_null(strstr(err.hint, hint));
    assert_string_equal(rs_strbuf_cstr(&lines), all_lines);
    rs_strbuf_release(&lines);
}

#define SYS_LINE(n)                                                                                \
    "column \"plan\" varchar(8): String length exceeds DDL length (1204) (s3://b/sys, line " n ")"
#define FAILED "could not run a statement: Load into table 't' failed"

static void test_load_errors__the_last_copys_rows_are_found_by_its_id(void **state)
{
    make_redshift(*state, "77");
    add_sys(*state, "76", "pg_backend_pid()", "1");
    for (int i = 0; i < 7; i++) {
        add_sys(*state, "77", "1", "2");
    }
    add_sys(*state, "78", "1", "3"); /* another session's */
    assert_explained(*state, FAILED ": " SYS_LINE("2"), "widen the column",
                     SYS_LINE("2") "\n" SYS_LINE("2") "\n" SYS_LINE("2") "\n" SYS_LINE(
                         "2") "\n" SYS_LINE("2") "\n");
}

static void test_load_errors__a_rolled_back_copy_is_found_by_its_session(void **state)
{
    make_redshift(*state, "70");
    add_sys(*state, "69", "pg_backend_pid()", "1");
    add_sys(*state, "77", "pg_backend_pid()", "2");
    assert_explained(*state, FAILED ": " SYS_LINE("2"), "widen", SYS_LINE("2") "\n");
}

static void test_load_errors__a_copy_of_other_numbers_is_found_by_session_and_time(void **state)
{
    struct database *db = *state;
    struct rs_error refusal = {0};
    struct rs_error before = copy_error();
    make_redshift(db, "900");
    add_sys(db, "76", "pg_backend_pid()", "1"); /* of a session that had the number before */
    database_exec(db, "UPDATE sys_load_error_detail SET start_time = now() - interval '1 hour'");
    assert_false(rs_session_exec_text(db->session, "SELECT 1/0", &refusal));
    assert_explained(db, before.message, "look there", "");
    add_sys(db, "75", "pg_backend_pid()", "2");
    add_sys(db, "77", "1", "3"); /* another's */
    assert_explained(db, FAILED ": " SYS_LINE("2"), "widen", SYS_LINE("2") "\n");
}

static void test_load_errors__stl_is_asked_where_sys_has_nothing_or_is_refused(void **state)
{
    static const char line[] = "column \"n\" int4: Invalid digit (1207), value \"x\" (s3://b/stl, "
                               "line 4)\n";
    make_redshift(*state, "-1");
    add_stl(*state, "5");
    assert_explained(*state,
                     FAILED ": column \"n\" int4: Invalid digit (1207), value \"x\" (s3://b/stl, "
                            "line 4)",
                     "no number", line);
    database_exec(*state, "DROP TABLE sys_load_error_detail");
    assert_explained(*state,
                     FAILED ": column \"n\" int4: Invalid digit (1207), value \"x\" (s3://b/stl, "
                            "line 4)",
                     "no number", line);
}

static void test_load_errors__the_value_comes_from_stl(void **state)
{
    make_redshift(*state, "5");
    database_exec(*state, "INSERT INTO sys_load_error_detail VALUES (1, 5, 1, 1, 'dev', 1, now(), "
                          "'s3://b/stl', 4, 'n', 'int4', '', 0, 1207, 'Invalid digit, Pos 0')");
    add_stl(*state, "5");
    assert_explained(*state,
                     FAILED ": column \"n\" int4: Invalid digit, Pos 0 (1207), value \"x\" "
                            "(s3://b/stl, line 4)",
                     "no number",
                     "column \"n\" int4: Invalid digit, Pos 0 (1207), value \"x\" (s3://b/stl, "
                     "line 4)\n");
}

static void test_load_errors__a_server_that_tells_nothing_changes_nothing(void **state)
{
    struct rs_error before = copy_error();
    make_redshift(*state, "-1");
    assert_explained(*state, before.message, "look there", "");
    database_exec(*state, "DROP SCHEMA $ CASCADE");
    assert_explained(*state, before.message, "look there", "");
}

static void test_load_errors__a_refusal_to_tell_is_told(void **state)
{
    struct database *db = *state;
    struct rs_error before = copy_error();
    struct rs_log kept = db->env.log;
    struct rs_error err = {0};
    char told[4096] = "";
    db->env.log = (struct rs_log){
        .tool = "t", .level = RS_LOG_NOTICE, .fd = rs_fs_open_temp(getenv("TMPDIR"), &err)};
    assert_true(db->env.log.fd >= 0);
    make_redshift(db, "-1");
    database_exec(db, "DROP TABLE sys_load_error_detail, stl_load_errors");
    assert_explained(db, before.message, "look there", "");
    assert_true(pread(db->env.log.fd, told, sizeof told - 1, 0) > 0);
    assert_non_null(strstr(told, "could not ask the server which rows COPY refused"));
    assert_non_null(strstr(told, "\"sys_load_error_detail\" does not exist"));
    assert_non_null(strstr(told, "\"stl_load_errors\" does not exist"));
    database_exec(db, "DROP SCHEMA $ CASCADE");
    assert_explained(db, before.message, "look there", "");
    assert_true(pread(db->env.log.fd, told, sizeof told - 1, 0) > 0);
    assert_non_null(strstr(told, "pg_last_copy_id() does not exist"));
    (void)close(db->env.log.fd);
    db->env.log = kept;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, database_set_up, database_tear_down)
    const struct CMUnitTest pure[] = {
        cmocka_unit_test(test_load_errors__a_row_is_a_line),
        cmocka_unit_test(test_load_errors__a_code_has_a_hint),
        cmocka_unit_test(test_load_errors__only_a_copys_refusal_is_one),
    };
    const struct CMUnitTest tests[] = {
        TEST(test_load_errors__the_last_copys_rows_are_found_by_its_id),
        TEST(test_load_errors__a_rolled_back_copy_is_found_by_its_session),
        TEST(test_load_errors__a_copy_of_other_numbers_is_found_by_session_and_time),
        TEST(test_load_errors__stl_is_asked_where_sys_has_nothing_or_is_refused),
        TEST(test_load_errors__the_value_comes_from_stl),
        TEST(test_load_errors__a_server_that_tells_nothing_changes_nothing),
        TEST(test_load_errors__a_refusal_to_tell_is_told),
    };
#undef TEST
    int failed = cmocka_run_group_tests(pure, NULL, NULL);
    if (failed > 0) {
        return failed;
    }
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
