/* The catalog: what is read of schemas that others made, and that a plan made of it holds. */
#include "warehouse/catalog.h"

#include "database.h"
#include "transform/coltype.h"
#include "unit.h"
#include "warehouse/ddl.h"
#include "warehouse/plan.h"

static struct rs_schema read_schema(struct database *db)
{
    struct rs_schema schema = {0};
    struct rs_error err = {0};
    if (!rs_catalog_read(db->session, db->schema, &schema, &err)) {
        fail_msg("%s", err.message);
    }
    return schema;
}

static void test_catalog__a_missing_schema_does_not_exist(void **state)
{
    struct rs_schema schema = read_schema(*state);
    assert_false(schema.exists);
    assert_int_equal(schema.table_count, 0);
    rs_schema_release(&schema);
}

static void test_catalog__an_empty_schema_exists_without_tables(void **state)
{
    database_exec(*state, "CREATE SCHEMA $");
    struct rs_schema schema = read_schema(*state);
    assert_true(schema.exists);
    assert_int_equal(schema.table_count, 0);
    rs_schema_release(&schema);
}

static const struct {
    const char *ddl;
    struct rs_coltype type;
} types[] = {
    {"boolean", {.type = RS_TYPE_BOOLEAN}},
    {"bigint", {.type = RS_TYPE_BIGINT}},
    {"double precision", {.type = RS_TYPE_DOUBLE}},
    {"timestamp", {.type = RS_TYPE_TIMESTAMP}},
    {"varchar(512)", {.type = RS_TYPE_VARCHAR, .length = 512}},
    {"varchar(65535)", {.type = RS_TYPE_VARCHAR, .length = 65535}},
    {"varchar", {.type = RS_TYPE_TEXT}},
    {"text", {.type = RS_TYPE_TEXT}},
    {"smallint", {.type = RS_TYPE_SMALLINT}},
    {"integer", {.type = RS_TYPE_INTEGER}},
    {"real", {.type = RS_TYPE_REAL}},
    {"numeric(18, 4)", {.type = RS_TYPE_NUMERIC, .precision = 18, .scale = 4}},
    {"numeric", {.type = RS_TYPE_NUMERIC}},
    {"date", {.type = RS_TYPE_DATE}},
    {"timestamptz", {.type = RS_TYPE_TIMESTAMPTZ}},
    {"jsonb", {.type = RS_TYPE_OTHER}},
    {"uuid", {.type = RS_TYPE_OTHER}},
    {"text[]", {.type = RS_TYPE_OTHER}},
};

static void test_catalog__types_are_read_as_the_server_prints_them(void **state)
{
    struct database *db = *state;
    database_exec(db, "CREATE SCHEMA $; CREATE TABLE $.t ()");
    for (size_t i = 0; i < RS_COUNTOF(types); i++) {
        char sql[128] = "";
        (void)snprintf(sql, sizeof sql, "ALTER TABLE $.t ADD COLUMN c%02zu %s", i, types[i].ddl);
        database_exec(db, sql);
    }
    struct rs_schema schema = read_schema(db);
    assert_int_equal(schema.table_count, 1);
    assert_int_equal(schema.tables[0].column_count, RS_COUNTOF(types));
    for (size_t i = 0; i < RS_COUNTOF(types); i++) {
        struct rs_coltype type = schema.tables[0].columns[i].type;
        print_message("%s\n", types[i].ddl);
        assert_int_equal(type.type, types[i].type.type);
        assert_int_equal(type.length, types[i].type.length);
        assert_int_equal(type.precision, types[i].type.precision);
        assert_int_equal(type.scale, types[i].type.scale);
    }
    rs_schema_release(&schema);
}

static void test_catalog__tables_are_sorted_and_told_apart(void **state)
{
    struct database *db = *state;
    database_exec(db,
                  "CREATE SCHEMA $; CREATE TABLE $.users (b int, a int, gone int, \"O\"\"dd\" int);"
                  "ALTER TABLE $.users DROP COLUMN gone;"
                  "CREATE TABLE $.accounts (); CREATE TABLE $.rs_syncs (); "
                  "CREATE TABLE $.tracks (); CREATE VIEW $.a_view AS SELECT 1 AS one;"
                  "CREATE TABLE $.parts (d date) PARTITION BY RANGE (d)");
    struct rs_schema schema = read_schema(db);
    static const struct {
        const char *name;
        enum rs_table_kind kind;
    } tables[] = {{"accounts", RS_TABLE_FOLD},
                  {"parts", RS_TABLE_EVENTS},
                  {"rs_syncs", RS_TABLE_LEDGER},
                  {"tracks", RS_TABLE_EVENTS},
                  {"users", RS_TABLE_FOLD}};
    assert_int_equal(schema.table_count, RS_COUNTOF(tables));
    for (size_t i = 0; i < RS_COUNTOF(tables); i++) {
        assert_true(rs_str_equal(schema.tables[i].name, rs_str_from(tables[i].name)));
        assert_int_equal(schema.tables[i].kind, tables[i].kind);
    }
    const struct rs_table *users = &schema.tables[4];
    assert_int_equal(users->column_count, 3);
    assert_true(rs_str_equal(users->columns[0].name, RS_STR("b")));
    assert_true(rs_str_equal(users->columns[1].name, RS_STR("a")));
    assert_true(rs_str_equal(users->columns[2].name, RS_STR("O\"dd")));
    rs_schema_release(&schema);
}

static void want(struct rs_schema *wanted, struct rs_str name)
{
    static const struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};
    rs_schema_init(wanted, name);
    static const struct {
        const char *table;
        enum rs_table_kind kind;
    } tables[] = {{"tracks", RS_TABLE_EVENTS}, {"users", RS_TABLE_FOLD}};
    for (size_t i = 0; i < RS_COUNTOF(tables); i++) {
        struct rs_table *table =
            rs_schema_add_table(wanted, rs_str_from(tables[i].table), tables[i].kind);
        rs_table_add_column(wanted, table, RS_STR("id"), rs_coltype_join(RS_KIND_STRING, 30), 30);
        rs_table_add_column(wanted, table, RS_STR("received_at"), timestamp, 19);
        rs_table_add_column(wanted, table, RS_STR("uuid_ts"), timestamp, 19);
        rs_table_add_column(wanted, table, RS_STR("city"), rs_coltype_join(RS_KIND_STRING, 900),
                            900);
    }
}

static size_t apply_plan(struct database *db)
{
    struct rs_schema wanted = {0};
    struct rs_schema existing = read_schema(db);
    struct rs_plan plan = {0};
    struct rs_error err = {0};
    want(&wanted, db->schema);
    rs_plan_make(&wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
    size_t steps = plan.step_count;
    for (size_t i = 0; i < steps; i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
        rs_ddl_append_step(&sql, RS_DIALECT_POSTGRESQL, plan.schema, &plan.steps[i]);
        if (!rs_session_exec(db->session, &sql, NULL, &err)) {
            fail_msg("%s", err.message);
        }
        rs_strbuf_release(&sql);
    }
    rs_plan_release(&plan);
    rs_schema_release(&wanted);
    rs_schema_release(&existing);
    return steps;
}

static void test_catalog__a_plan_that_was_carried_out_leaves_nothing_to_do(void **state)
{
    struct database *db = *state;
    assert_int_equal(apply_plan(db), 4);
    assert_int_equal(apply_plan(db), 0);
    database_exec(db, "ALTER TABLE $.tracks DROP COLUMN uuid_ts;"
                      "ALTER TABLE $.users ALTER COLUMN city TYPE varchar(16);"
                      "ALTER TABLE $.users ADD COLUMN mine jsonb; DROP TABLE $.rs_users_at");
    assert_int_equal(apply_plan(db), 3);
    assert_int_equal(apply_plan(db), 0);
    assert_string_equal(database_text(db, "SELECT attname FROM pg_attribute WHERE attnum > 0 AND "
                                          "attrelid = '$.rs_users_at'::regclass ORDER BY 1"),
                        "city\nid\nmine\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, database_set_up, database_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_catalog__a_missing_schema_does_not_exist),
        TEST(test_catalog__an_empty_schema_exists_without_tables),
        TEST(test_catalog__types_are_read_as_the_server_prints_them),
        TEST(test_catalog__tables_are_sorted_and_told_apart),
        TEST(test_catalog__a_plan_that_was_carried_out_leaves_nothing_to_do),
    };
#undef TEST
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
