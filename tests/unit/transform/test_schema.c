/* Schemas: the order of tables and columns does not depend on how they came. */
#include "rs/schema.h"

#include <string.h>

#include "unit.h"

/* In the order that a sorted table has. */
static const char *const ordered[] = {
    "id",      "received_at", "uuid_ts",     "event",     "event_text", "anonymous_id",
    "user_id", "group_id",    "previous_id", "timestamp", "sent_at",    "original_timestamp",
    "_id",     "_user_id",    "a",           "a_b",       "ab",         "context_ip",
    "name",    "version",     "z",           "\xc3\xa9",
};

static void test_schema__standard_columns_come_first_and_the_rest_by_name(void **state)
{
    const struct rs_coltype type = {.type = RS_TYPE_BIGINT};
    (void)state;
    for (size_t step = 1; step < RS_COUNTOF(ordered); step += 2) {
        struct rs_schema schema;
        rs_schema_init(&schema, RS_STR("shop"));
        struct rs_table *table = rs_schema_add_table(&schema, RS_STR("t"), RS_TABLE_EVENTS);
        for (size_t i = 0; i < RS_COUNTOF(ordered); i++) {
            size_t from = (i * step + 5) % RS_COUNTOF(ordered);
            if (step % 11 == 0) {
                from = RS_COUNTOF(ordered) - 1 - i; /* 11 divides the count */
            }
            (void)rs_table_add_column(&schema, table, rs_str_from(ordered[from]), type, from);
        }
        rs_schema_sort(&schema);
        assert_int_equal(table->column_count, RS_COUNTOF(ordered));
        for (size_t i = 0; i < RS_COUNTOF(ordered); i++) {
            assert_true(rs_str_equal(table->columns[i].name, rs_str_from(ordered[i])));
            assert_int_equal(table->columns[i].max_bytes, i);
        }
        rs_schema_release(&schema);
    }
}

static void test_schema__tables_are_sorted_and_found_by_name(void **state)
{
    static const char *const names[] = {"tracks", "_users", "pages", "a", "users", "signed_up"};
    static const char *const sorted[] = {"_users", "a", "pages", "signed_up", "tracks", "users"};
    char name[] = "shop";
    struct rs_schema schema;
    (void)state;
    rs_schema_init(&schema, rs_str_from(name));
    rs_schema_sort(&schema);
    assert_null(rs_schema_find_table(&schema, RS_STR("tracks")));
    memset(name, 'x', sizeof name - 1); /* names are copied */
    for (size_t i = 0; i < RS_COUNTOF(names); i++) {
        (void)rs_schema_add_table(&schema, rs_str_from(names[i]),
                                  strcmp(names[i], "users") == 0 ? RS_TABLE_FOLD : RS_TABLE_EVENTS);
    }
    rs_schema_sort(&schema);
    assert_true(rs_str_equal(schema.name, RS_STR("shop")));
    assert_int_equal(schema.table_count, RS_COUNTOF(sorted));
    for (size_t i = 0; i < RS_COUNTOF(sorted); i++) {
        struct rs_table *table = rs_schema_find_table(&schema, rs_str_from(sorted[i]));
        assert_ptr_equal(table, &schema.tables[i]);
        assert_int_equal(table->kind, i == 5 ? RS_TABLE_FOLD : RS_TABLE_EVENTS);
        assert_null(rs_table_find_column(table, RS_STR("id")));
    }
    assert_null(rs_schema_find_table(&schema, RS_STR("track")));
    rs_schema_release(&schema);
    assert_int_equal(schema.table_count, 0);
}

static void test_schema__columns_are_found_by_name(void **state)
{
    struct rs_schema schema;
    (void)state;
    rs_schema_init(&schema, RS_STR("shop"));
    struct rs_table *table = rs_schema_add_table(&schema, RS_STR("t"), RS_TABLE_EVENTS);
    for (size_t i = 0; i < RS_COUNTOF(ordered); i++) {
        (void)rs_table_add_column(&schema, table, rs_str_from(ordered[i]),
                                  (struct rs_coltype){.type = RS_TYPE_VARCHAR, .length = 512}, 7);
    }
    for (size_t i = 0; i < RS_COUNTOF(ordered); i++) {
        const struct rs_column *column = rs_table_find_column(table, rs_str_from(ordered[i]));
        assert_ptr_equal(column, &table->columns[i]);
        assert_int_equal(column->type.length, 512);
        assert_int_equal(column->max_bytes, 7);
        assert_int_equal(rs_schema_standard_order(rs_str_from(ordered[i])), i < 12 ? (int)i : -1);
    }
    assert_null(rs_table_find_column(table, RS_STR("i")));
    assert_int_equal(rs_schema_standard_order(RS_STR("ID")), -1);
    assert_int_equal(rs_schema_standard_order(RS_STR("")), -1);
    rs_schema_release(&schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema__standard_columns_come_first_and_the_rest_by_name),
        cmocka_unit_test(test_schema__tables_are_sorted_and_found_by_name),
        cmocka_unit_test(test_schema__columns_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
