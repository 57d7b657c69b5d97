/* How many tables there may be, and how many there are. */
#include "warehouse/capacity.h"

#include "database.h"
#include "unit.h"

static void test_capacity__the_limit_is_that_given_or_by_the_slices_of_a_node(void **state)
{
    static const struct {
        uint64_t slices;
        uint64_t given;
        uint64_t limit;
    } cases[] = {
        {0, 0, 200000},  {1, 0, 9900},      {2, 0, 9900},   {3, 0, 9900}, {4, 0, 200000},
        {16, 0, 200000}, {2, 20000, 20000}, {16, 500, 500}, {0, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        struct rs_capacity capacity = {.slices = cases[i].slices};
        assert_int_equal(rs_capacity_limit(&capacity, cases[i].given), cases[i].limit);
    }
}

static void test_capacity__room_is_what_the_limit_leaves(void **state)
{
    static const struct {
        struct rs_capacity capacity;
        uint64_t given;
        uint64_t room;
    } cases[] = {
        {{.tables = 0, .slices = 2}, 0, 9800},      {{.tables = 9000, .slices = 2}, 0, 800},
        {{.tables = 9799, .slices = 2}, 0, 1},      {{.tables = 9800, .slices = 2}, 0, 0},
        {{.tables = 12000, .slices = 2}, 0, 0},     {{.tables = 9000, .slices = 4}, 0, 190900},
        {{.tables = 9000, .slices = 0}, 0, 190900}, {{.tables = 9000, .slices = 2}, 20000, 11000},
        {{.tables = 7, .slices = 2}, 8, 1},         {{.tables = 8, .slices = 2}, 8, 0},
        {{.tables = 9, .slices = 2}, 8, 0},
    };
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(cases); i++) {
        assert_int_equal(rs_capacity_room(&cases[i].capacity, cases[i].given), cases[i].room);
    }
}

static uint64_t count(struct database *db)
{
    struct rs_error err = {0};
    uint64_t tables = 0;
    if (!rs_capacity_count(db->session, &tables, &err)) {
        fail_msg("%s", err.message);
    }
    return tables;
}

static void test_capacity__permanent_tables_of_all_schemas_count(void **state)
{
    struct database db;
    (void)state;
    if (!database_is_there()) {
        skip();
    }
    database_open(&db); /* one snapshot: other tests make tables meanwhile */
    database_exec(&db, "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE SCHEMA $");
    uint64_t before = count(&db);
    database_exec(&db, "CREATE TABLE $.a (x int); CREATE TABLE $.pg_temp_a (x int); "
                       "CREATE VIEW $.b AS SELECT 1 AS y; CREATE INDEX ON $.a (x); "
                       "CREATE SEQUENCE $.c; CREATE TEMPORARY TABLE d (x int)");
    assert_int_equal(count(&db), before + 2);
    database_exec(&db, "DROP SCHEMA $ CASCADE");
    assert_int_equal(count(&db), before);
    database_exec(&db, "ROLLBACK");
    database_close(&db);
}

/* A temporary table stands in for Redshift's: it is found first. */
static void test_capacity__slices_are_those_of_the_fullest_node_if_they_can_be_seen(void **state)
{
    struct rs_capacity capacity = {0};
    struct rs_error err = {0};
    struct database db;
    (void)state;
    if (!database_is_there()) {
        skip();
    }
    database_open(&db);
    assert_true(rs_capacity_read(db.session, &capacity, &err)); /* refused: there is none */
    assert_int_equal(capacity.slices, 0);
    assert_int_equal(err.code, RS_OK);
    database_exec(&db, "CREATE TEMPORARY TABLE stv_slices (node int, slice int)");
    assert_true(rs_capacity_read(db.session, &capacity, &err)); /* no rows */
    assert_int_equal(capacity.slices, 0);
    database_exec(&db, "INSERT INTO stv_slices VALUES (0, 0), (1, 1), (1, 2), (1, 3), (2, 4)");
    assert_true(rs_capacity_read(db.session, &capacity, &err));
    assert_int_equal(capacity.slices, 3);
    database_exec(&db, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert_true(rs_capacity_read(db.session, &capacity, &err));
    assert_int_equal(capacity.tables, count(&db));
    database_exec(&db, "ROLLBACK");
    database_close(&db);
}

static void test_capacity__an_error_says_what_was_asked(void **state)
{
    struct rs_capacity capacity = {.tables = 7};
    struct rs_error err = {0};
    struct database db;
    (void)state;
    if (!database_is_there()) {
        skip();
    }
    database_open(&db);
    assert_false(
        rs_session_exec_text(db.session, "SELECT pg_terminate_backend(pg_backend_pid())", &err));
    rs_error_clear(&err);
    assert_false(rs_capacity_read(db.session, &capacity, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_non_null(strstr(err.message, "could not count the tables of the database"));
    assert_int_equal(capacity.tables, 7);
    rs_session_close(db.session);
    rs_strbuf_release(&db.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capacity__the_limit_is_that_given_or_by_the_slices_of_a_node),
        cmocka_unit_test(test_capacity__room_is_what_the_limit_leaves),
        cmocka_unit_test(test_capacity__permanent_tables_of_all_schemas_count),
        cmocka_unit_test(test_capacity__slices_are_those_of_the_fullest_node_if_they_can_be_seen),
        cmocka_unit_test(test_capacity__an_error_says_what_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
