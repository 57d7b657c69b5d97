/* DDL: the statement of each kind of step, in both dialects. */
#include "warehouse/ddl.h"

#include "ledger/ledger_tables.h"
#include "unit.h"

static const struct rs_str shop = RS_STR_INIT("sh\"op");

static void assert_sql(struct rs_strbuf *sql, const char *text)
{
    struct rs_error err = {0};
    assert_true(rs_sql_ok(sql, &err));
    assert_string_equal(rs_strbuf_cstr(sql), text);
    rs_strbuf_release(sql);
}

static const struct {
    struct rs_plan_step step;
    const char *postgresql;
    const char *redshift;
} steps[] = {
    {{.kind = RS_PLAN_CREATE_SCHEMA},
     "CREATE SCHEMA IF NOT EXISTS \"sh\"\"op\"",
     "CREATE SCHEMA IF NOT EXISTS \"sh\"\"op\""},
    {{.kind = RS_PLAN_ADD_COLUMN,
      .table = RS_STR_INIT("tracks"),
      .column = RS_STR_INIT("a\"b"),
      .to = {.type = RS_TYPE_DOUBLE}},
     "ALTER TABLE \"sh\"\"op\".\"tracks\" ADD COLUMN IF NOT EXISTS \"a\"\"b\" double precision",
     "ALTER TABLE \"sh\"\"op\".\"tracks\" ADD COLUMN \"a\"\"b\" double precision"},
    {{.kind = RS_PLAN_WIDEN_COLUMN,
      .table = RS_STR_INIT("tracks"),
      .column = RS_STR_INIT("city"),
      .from = {.type = RS_TYPE_VARCHAR, .length = 512},
      .to = {.type = RS_TYPE_VARCHAR, .length = 2048}},
     "ALTER TABLE \"sh\"\"op\".\"tracks\" ALTER COLUMN \"city\" TYPE varchar(2048)",
     "ALTER TABLE \"sh\"\"op\".\"tracks\" ALTER COLUMN \"city\" TYPE varchar(2048)"},
};

static void test_ddl__a_step_is_one_statement_of_its_dialect(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNTOF(steps); i++) {
        struct rs_strbuf sql = RS_STRBUF_INIT(4096);
        rs_ddl_append_step(&sql, RS_DIALECT_POSTGRESQL, shop, &steps[i].step);
        assert_sql(&sql, steps[i].postgresql);
        sql = RS_STRBUF_INIT(4096);
        rs_ddl_append_step(&sql, RS_DIALECT_REDSHIFT, shop, &steps[i].step);
        assert_sql(&sql, steps[i].redshift);
    }
}

static void test_ddl__a_table_has_its_keys_in_redshift_alone(void **state)
{
    (void)state;
    struct rs_schema schema = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    rs_schema_init(&schema, shop);
    struct rs_table *table = rs_schema_add_table(&schema, RS_STR("tracks"), RS_TABLE_EVENTS);
    rs_table_add_column(&schema, table, RS_STR("id"),
                        (struct rs_coltype){.type = RS_TYPE_VARCHAR, .length = 512}, 1);
    struct rs_plan_step step = {.kind = RS_PLAN_CREATE_TABLE, .definition = table};

    rs_ddl_append_step(&sql, RS_DIALECT_REDSHIFT, shop, &step);
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"sh\"\"op\".\"tracks\" (\n"
                     "    \"id\" varchar(512)\n) DISTKEY(\"id\") SORTKEY(\"id\")");

    rs_table_add_column(&schema, table, RS_STR("received_at"),
                        (struct rs_coltype){.type = RS_TYPE_TIMESTAMP}, 1);
    sql = RS_STRBUF_INIT(4096);
    rs_ddl_append_step(&sql, RS_DIALECT_REDSHIFT, shop, &step);
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"sh\"\"op\".\"tracks\" (\n"
                     "    \"id\" varchar(512),\n    \"received_at\" timestamp\n"
                     ") DISTKEY(\"id\") SORTKEY(\"received_at\")");

    sql = RS_STRBUF_INIT(4096);
    rs_ddl_append_step(&sql, RS_DIALECT_POSTGRESQL, shop, &step);
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"sh\"\"op\".\"tracks\" (\n"
                     "    \"id\" varchar(512),\n    \"received_at\" timestamp\n)");
    rs_schema_release(&schema);
}

static void test_ddl__a_super_is_a_type_of_its_own_and_no_key(void **state)
{
    (void)state;
    struct rs_schema schema = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    const struct rs_coltype super = {.type = RS_TYPE_SUPER};
    rs_schema_init(&schema, RS_STR("shop"));
    struct rs_table *table = rs_schema_add_table(&schema, RS_STR("t"), RS_TABLE_EVENTS);
    rs_table_add_column(&schema, table, RS_STR("id"), super, 1);
    rs_ddl_append_table(&sql, RS_DIALECT_REDSHIFT, schema.name, table);
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"shop\".\"t\" (\n    \"id\" super\n)");
    sql = RS_STRBUF_INIT(4096);
    rs_ddl_append_new_table(&sql, RS_DIALECT_REDSHIFT, schema.name, table);
    assert_sql(&sql, "CREATE TABLE \"shop\".\"t\" (\n    \"id\" super\n)");
    sql = RS_STRBUF_INIT(4096);
    table->columns[0].type = (struct rs_coltype){.type = RS_TYPE_VARCHAR, .length = 512};
    rs_table_add_column(&schema, table, RS_STR("received_at"), super, 1);
    rs_ddl_append_table(&sql, RS_DIALECT_REDSHIFT, schema.name, table);
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"shop\".\"t\" (\n    \"id\" varchar(512),\n"
                     "    \"received_at\" super\n) DISTKEY(\"id\") SORTKEY(\"id\")");
    rs_schema_release(&schema);
}

static void test_ddl__the_ledger_has_no_keys(void **state)
{
    (void)state;
    struct rs_schema schema = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    rs_schema_init(&schema, RS_STR("shop"));
    rs_ledger_define(&schema, RS_DIALECT_POSTGRESQL);
    assert_int_equal(schema.table_count, 5);
    rs_ddl_append_table(&sql, RS_DIALECT_REDSHIFT, schema.name,
                        rs_schema_find_table(&schema, RS_STR("rs_loads")));
    assert_sql(&sql, "CREATE TABLE IF NOT EXISTS \"shop\".\"rs_loads\" (\n"
                     "    \"sync_id\" varchar(64),\n    \"table_name\" varchar(127),\n"
                     "    \"rows\" bigint,\n    \"loaded_at\" timestamp\n)");
    rs_schema_release(&schema);
}

static void test_ddl__a_name_that_cannot_be_makes_no_statement(void **state)
{
    (void)state;
    struct rs_strbuf sql = RS_STRBUF_INIT(4096);
    struct rs_error err = {0};
    struct rs_plan_step step = steps[1].step;
    step.column = RS_STR("a\0b");
    rs_ddl_append_step(&sql, RS_DIALECT_POSTGRESQL, shop, &step);
    assert_false(rs_sql_ok(&sql, &err));
    rs_strbuf_release(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ddl__a_step_is_one_statement_of_its_dialect),
        cmocka_unit_test(test_ddl__a_table_has_its_keys_in_redshift_alone),
        cmocka_unit_test(test_ddl__a_super_is_a_type_of_its_own_and_no_key),
        cmocka_unit_test(test_ddl__the_ledger_has_no_keys),
        cmocka_unit_test(test_ddl__a_name_that_cannot_be_makes_no_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
