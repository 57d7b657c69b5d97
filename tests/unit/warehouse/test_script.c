/* The statements that load a table into Redshift: their order, their bounds, and what is not in
 * them. What PostgreSQL's do is asked of a server, in test_load.c and test_fold.c. */
#include "warehouse/script.h"

#include <string.h>

#include "unit.h"

struct fixture {
    struct rs_schema wanted;
    struct rs_schema existing;
    struct rs_plan plan;
    struct rs_script_stage stage;
    struct rs_script script;
    struct rs_strbuf text;
};

static const struct rs_coltype varchar = {.type = RS_TYPE_VARCHAR, .length = 512};
static const struct rs_coltype timestamp = {.type = RS_TYPE_TIMESTAMP};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.text = RS_STRBUF_INIT(1 << 20)};
    rs_schema_init(&fixture.wanted, RS_STR("shop"));
    rs_schema_init(&fixture.existing, RS_STR("shop"));
    fixture.existing.exists = true;
    fixture.stage = (struct rs_script_stage){
        .files = {.url = RS_STR("s3://b/rows"), .compression = RS_COPY_ZSTD, .manifest = true}};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rs_script_release(&fixture->script);
    rs_plan_release(&fixture->plan);
    rs_schema_release(&fixture->wanted);
    rs_schema_release(&fixture->existing);
    rs_strbuf_release(&fixture->text);
    return 0;
}

static void add_table(struct rs_schema *schema, const char *name, enum rs_table_kind kind,
                      const char *column, uint32_t length)
{
    struct rs_coltype type = {.type = RS_TYPE_VARCHAR, .length = length};
    struct rs_table *table = rs_schema_add_table(schema, rs_str_from(name), kind);
    rs_table_add_column(schema, table, RS_STR("id"), varchar, 10);
    rs_table_add_column(schema, table, RS_STR("received_at"), timestamp, 10);
    if (column) {
        rs_table_add_column(schema, table, rs_str_from(column), type, length);
    }
}

/* The script as text: a statement a paragraph, the step's kind before those that are no plain SQL. */
static const char *script_of(struct fixture *fixture, bool fresh)
{
    static const char *const marks[] = {[RS_SCRIPT_SQL] = "",
                                        [RS_SCRIPT_ALONE] = "alone: ",
                                        [RS_SCRIPT_BEGIN] = "",
                                        [RS_SCRIPT_BATCH] = "batch: ",
                                        [RS_SCRIPT_EXPECT_EMPTY] = "empty? ",
                                        [RS_SCRIPT_UNLESS] = "unless ",
                                        [RS_SCRIPT_COPY_ROWS] = "rows: ",
                                        [RS_SCRIPT_COPY_TIMES] = "times: ",
                                        [RS_SCRIPT_DUPLICATES] = "lost: ",
                                        [RS_SCRIPT_COUNT] = "count: "};
    rs_plan_make(&fixture->wanted, &fixture->existing, RS_DIALECT_REDSHIFT, NULL, &fixture->plan);
    struct rs_script_target target = {.plan = &fixture->plan,
                                      .table = &fixture->wanted.tables[0],
                                      .null_text = RS_STR("\\N"),
                                      .fresh = fresh,
                                      .stage = &fixture->stage};
    rs_script_make(&fixture->script, &target);
    for (size_t i = 0; i < fixture->script.count; i++) {
        rs_strbuf_append(&fixture->text, marks[fixture->script.steps[i].kind]);
        rs_strbuf_append_str(&fixture->text, rs_strbuf_str(&fixture->script.steps[i].sql));
        rs_strbuf_append(&fixture->text, ";\n");
    }
    return rs_strbuf_cstr(&fixture->text);
}

#define COPY_END                                                                                   \
    "IAM_ROLE default\nFORMAT CSV ZSTD MANIFEST NULL AS '\\\\N' TIMEFORMAT 'auto' "                \
    "COMPUPDATE OFF STATUPDATE OFF;\n"

static void test_script__a_new_table_is_made_and_copied_into_in_one_transaction(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "tracks", RS_TABLE_EVENTS, NULL, 0);
    assert_string_equal(script_of(fixture, true),
                        "BEGIN;\n"
                        "CREATE TABLE IF NOT EXISTS \"shop\".\"tracks\" (\n"
                        "    \"id\" varchar(512),\n    \"received_at\" timestamp\n"
                        ") DISTKEY(\"id\") SORTKEY(\"received_at\");\n"
                        "empty? SELECT 1 FROM \"shop\".\"tracks\" LIMIT 1;\n"
                        "rows: COPY \"shop\".\"tracks\" (\"id\", \"received_at\")\n"
                        "FROM 's3://b/rows'\n" COPY_END);
}

static void test_script__an_empty_table_is_locked_before_it_is_looked_at(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "tracks", RS_TABLE_EVENTS, "city", 100);
    add_table(&fixture->existing, "tracks", RS_TABLE_EVENTS, NULL, 0);
    assert_string_equal(script_of(fixture, true),
                        "BEGIN;\n"
                        "LOCK TABLE \"shop\".\"tracks\";\n"
                        "ALTER TABLE \"shop\".\"tracks\" ADD COLUMN \"city\" varchar(100);\n"
                        "empty? SELECT 1 FROM \"shop\".\"tracks\" LIMIT 1;\n"
                        "rows: COPY \"shop\".\"tracks\" (\"id\", \"received_at\", \"city\")\n"
                        "FROM 's3://b/rows'\n" COPY_END);
}

static void test_script__a_merge_widens_and_copies_first_then_locks_then_replaces(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "tracks", RS_TABLE_EVENTS, "city", 1000);
    add_table(&fixture->existing, "tracks", RS_TABLE_EVENTS, "city", 512);
    fixture->stage.has_bounds = true;
    fixture->stage.oldest_us = INT64_C(1767225600000000);
    fixture->stage.newest_us = INT64_C(1767225600000001);
    assert_string_equal(
        script_of(fixture, false),
        "alone: ALTER TABLE \"shop\".\"tracks\" ALTER COLUMN \"city\" TYPE varchar(1024);\n"
        "batch: CREATE TEMPORARY TABLE \"rs_batch\" (\n    \"id\" varchar(512),\n"
        "    \"received_at\" timestamp,\n    \"city\" varchar(1024)\n) DISTKEY(\"id\");\n"
        "rows: COPY \"rs_batch\" (\"id\", \"received_at\", \"city\")\n"
        "FROM 's3://b/rows'\n" COPY_END "BEGIN;\n"
        "LOCK TABLE \"shop\".\"tracks\";\n"
        "DELETE FROM \"rs_batch\" USING \"shop\".\"tracks\"\n"
        "WHERE \"tracks\".\"id\" = \"rs_batch\".\"id\" AND "
        "octet_length(\"tracks\".\"id\") = octet_length(\"rs_batch\".\"id\")\n"
        "    AND (\"tracks\".\"received_at\" > \"rs_batch\".\"received_at\" OR "
        "(\"rs_batch\".\"received_at\" IS NULL AND \"tracks\".\"received_at\" IS NOT NULL))\n"
        "    AND \"tracks\".\"received_at\" > '2026-01-01 00:00:00';\n"
        "DELETE FROM \"shop\".\"tracks\" USING \"rs_batch\"\n"
        "WHERE \"tracks\".\"id\" = \"rs_batch\".\"id\" AND "
        "octet_length(\"tracks\".\"id\") = octet_length(\"rs_batch\".\"id\")\n"
        "    AND (\"tracks\".\"received_at\" <= '2026-01-01 00:00:00.000001' OR "
        "\"tracks\".\"received_at\" IS NULL);\n"
        "INSERT INTO \"shop\".\"tracks\" (\"id\", \"received_at\", \"city\")\n"
        "SELECT \"id\", \"received_at\", \"city\"\nFROM \"rs_batch\";\n"
        "DROP TABLE \"rs_batch\";\n");
}

static void test_script__bounds_are_left_out_where_they_would_not_be_exact(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "tracks", RS_TABLE_EVENTS, NULL, 0);
    add_table(&fixture->existing, "tracks", RS_TABLE_EVENTS, NULL, 0);
    fixture->existing.tables[0].columns[1].type.type = RS_TYPE_TIMESTAMPTZ;
    fixture->stage.has_bounds = true;
    const char *text = script_of(fixture, false);
    assert_non_null(strstr(text, "DELETE FROM \"shop\".\"tracks\""));
    assert_null(strstr(text, "<="));
}

static void test_script__a_fold_locks_both_tables_and_drops_all_it_made(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "users", RS_TABLE_FOLD, "name", 512);
    add_table(&fixture->existing, "users", RS_TABLE_FOLD, "name", 512);
    struct rs_table *side =
        rs_schema_add_table(&fixture->existing, RS_STR("rs_users_at"), RS_TABLE_LEDGER);
    rs_table_add_column(&fixture->existing, side, RS_STR("id"), varchar, 0);
    rs_table_add_column(&fixture->existing, side, RS_STR("name"), timestamp, 0);
    fixture->stage.times_url = RS_STR("s3://b/times");
    const char *text = script_of(fixture, false);
    static const char *const order[] = {
        "batch: CREATE TEMPORARY TABLE \"rs_batch\" (",
        "rows: COPY \"rs_batch\" (",
        "batch: CREATE TEMPORARY TABLE \"rs_batch_at\" (",
        "times: COPY \"rs_batch_at\" (\"id\", \"name\")\nFROM 's3://b/times'\n",
        "BEGIN;\nLOCK TABLE \"shop\".\"users\", \"shop\".\"rs_users_at\";\n",
        "CREATE TEMPORARY TABLE rs_merged_0 AS\n",
        "UPDATE \"shop\".\"users\" t SET\n",
        "INSERT INTO \"shop\".\"users\" (",
        "DELETE FROM \"shop\".\"rs_users_at\" USING \"rs_batch\"\n"
        "WHERE \"rs_users_at\".\"id\" = \"rs_batch\".\"id\" AND "
        "octet_length(\"rs_users_at\".\"id\") = octet_length(\"rs_batch\".\"id\");\n",
        "INSERT INTO \"shop\".\"rs_users_at\" (",
        "DROP TABLE rs_merged_0;\nDROP TABLE \"rs_batch\";\nDROP TABLE \"rs_batch_at\";\n",
    };
    for (size_t i = 0; i < RS_COUNTOF(order); i++) {
        text = strstr(text, order[i]);
        if (!text) {
            fail_msg("not there, or not in its place: %s", order[i]);
        }
    }
    assert_null(strstr(rs_strbuf_cstr(&fixture->text), "ON COMMIT"));
    assert_null(strstr(rs_strbuf_cstr(&fixture->text), "INDEX"));
}

static void test_script__without_times_the_batch_of_times_stays_empty(void **state)
{
    struct fixture *fixture = *state;
    add_table(&fixture->wanted, "users", RS_TABLE_FOLD, "name", 512);
    add_table(&fixture->existing, "users", RS_TABLE_FOLD, "name", 512);
    const char *text = script_of(fixture, false);
    assert_non_null(strstr(text, "batch: CREATE TEMPORARY TABLE \"rs_batch_at\" ("));
    assert_null(strstr(text, "times: "));
    assert_non_null(strstr(text, "LOCK TABLE \"shop\".\"users\";\n")); /* its side table is new */
}

/* Two lists of columns, of shards 0 and 2, as shard/shard_set.h makes them. */
static void set_shards(struct fixture *fixture, struct rs_script_shards *shards,
                       struct rs_script_list lists[2])
{
    static const uint32_t numbers[] = {0, 2};
    static struct rs_column columns[] = {
        {.name = RS_STR_INIT("id"), .type = {.type = RS_TYPE_VARCHAR, .length = 512}},
        {.name = RS_STR_INIT("received_at"), .type = {.type = RS_TYPE_TIMESTAMP}},
        {.name = RS_STR_INIT("rs:shard"), .type = {.type = RS_TYPE_BIGINT}},
        {.name = RS_STR_INIT("rs:place"), .type = {.type = RS_TYPE_BIGINT}}};
    static const struct rs_table batch = {.columns = columns, .column_count = 4};
    static const struct rs_table fewer = {.columns = columns, .column_count = 3};
    lists[0] = (struct rs_script_list){.columns = &batch,
                                       .times = &fewer,
                                       .null_text = RS_STR("\\N"),
                                       .rows_url = RS_STR("s3://b/rows-0"),
                                       .times_url = RS_STR("s3://b/times-0"),
                                       .rows = 3};
    lists[1] = lists[0];
    lists[1].null_text = RS_STR("\\NN");
    lists[1].rows_url = RS_STR("s3://b/rows-1");
    lists[1].times_url = RS_STR("");
    *shards = (struct rs_script_shards){.batch = &batch,
                                        .times = &fewer,
                                        .lists = lists,
                                        .list_count = 2,
                                        .numbers = numbers,
                                        .number_count = 2};
    fixture->stage.shards = shards;
}

static void test_script__of_shards_the_later_row_of_an_id_is_what_a_run_would_stage(void **state)
{
    struct fixture *fixture = *state;
    struct rs_script_shards shards;
    struct rs_script_list lists[2];
    add_table(&fixture->wanted, "tracks", RS_TABLE_EVENTS, NULL, 0);
    set_shards(fixture, &shards, lists);
    const char *text = script_of(fixture, true);
    assert_string_equal(
        text,
        "batch: CREATE TEMPORARY TABLE \"rs_batch\" (\n    \"id\" varchar(512),\n"
        "    \"received_at\" timestamp,\n    \"rs:shard\" bigint,\n    \"rs:place\" bigint\n"
        ") DISTKEY(\"id\");\n"
        "rows: COPY \"rs_batch\" (\"id\", \"received_at\", \"rs:shard\", \"rs:place\")\n"
        "FROM 's3://b/rows-0'\n" COPY_END
        "rows: COPY \"rs_batch\" (\"id\", \"received_at\", \"rs:shard\", \"rs:place\")\n"
        "FROM 's3://b/rows-1'\nIAM_ROLE default\nFORMAT CSV ZSTD MANIFEST NULL AS '\\\\NN' "
        "TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;\n"
        "batch: CREATE TEMPORARY TABLE \"rs_lost\" AS\n"
        "SELECT \"id\", \"rs:shard\", \"rs:place\"\n"
        "FROM (SELECT \"id\", \"rs:shard\", \"rs:place\", row_number() OVER (PARTITION BY \"id\", "
        "octet_length(\"id\")\n    ORDER BY coalesce(\"received_at\", TIMESTAMP '0001-01-01 "
        "00:00:00') DESC, "
        "\"rs:place\" DESC, \"rs:shard\" DESC) AS rank_of_id\n    FROM \"rs_batch\") r\n"
        "WHERE rank_of_id > 1;\n"
        "lost: DELETE FROM \"rs_batch\" USING \"rs_lost\"\n"
        "WHERE \"rs_batch\".\"id\" = \"rs_lost\".\"id\" AND "
        "\"rs_batch\".\"rs:shard\" = \"rs_lost\".\"rs:shard\" AND "
        "\"rs_batch\".\"rs:place\" = \"rs_lost\".\"rs:place\";\n"
        "DROP TABLE \"rs_lost\";\n"
        "BEGIN;\n"
        "CREATE TABLE IF NOT EXISTS \"shop\".\"tracks\" (\n"
        "    \"id\" varchar(512),\n    \"received_at\" timestamp\n"
        ") DISTKEY(\"id\") SORTKEY(\"received_at\");\n"
        "INSERT INTO \"shop\".\"tracks\" (\"id\", \"received_at\")\n"
        "SELECT \"id\", \"received_at\"\nFROM \"rs_batch\";\n"
        "DROP TABLE \"rs_batch\";\n");
    for (size_t i = 0; i < fixture->script.count; i++) {
        bool rows = fixture->script.steps[i].kind == RS_SCRIPT_COPY_ROWS;
        assert_int_equal(fixture->script.steps[i].staged_rows, rows ? 3 : 0);
    }
}

static void test_script__folds_of_shards_come_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    struct rs_script_shards shards;
    struct rs_script_list lists[2];
    add_table(&fixture->wanted, "users", RS_TABLE_FOLD, "name", 512);
    add_table(&fixture->existing, "users", RS_TABLE_FOLD, "name", 512);
    set_shards(fixture, &shards, lists);
    const char *text = script_of(fixture, false);
    static const char *const order[] = {
        "batch: CREATE TEMPORARY TABLE \"rs_batch\" (",
        "batch: CREATE TEMPORARY TABLE \"rs_batch_at\" (",
        "batch: CREATE TEMPORARY TABLE \"rs_shards\" (",
        "batch: CREATE TEMPORARY TABLE \"rs_shards_at\" (",
        "rows: COPY \"rs_shards\" (",
        "FROM 's3://b/rows-1'",
        "times: COPY \"rs_shards_at\" (\"id\", \"received_at\", \"rs:shard\")\nFROM "
        "'s3://b/times-0'\n",
        "count: SELECT count(DISTINCT \"id\") FROM \"rs_shards\";\nBEGIN;\n"
        "LOCK TABLE \"shop\".\"users\";\n",
        "INSERT INTO \"rs_batch\" (\"id\", \"received_at\", \"name\")\n"
        "SELECT \"id\", \"received_at\", \"name\"\nFROM \"rs_shards\" WHERE \"rs:shard\" = 0;\n",
        "INSERT INTO \"rs_batch_at\" (\"id\", \"name\")\nSELECT \"id\", \"name\"\n"
        "FROM \"rs_shards_at\" WHERE \"rs:shard\" = 0;\n",
        "UPDATE \"shop\".\"users\" t SET\n",
        "DROP TABLE rs_merged_0;\nDELETE FROM \"rs_batch\";\nDELETE FROM \"rs_batch_at\";\n",
        "WHERE \"rs:shard\" = 2;\n",
        "UPDATE \"shop\".\"users\" t SET\n",
        "DROP TABLE rs_merged_0;\nDROP TABLE \"rs_batch\";\nDROP TABLE \"rs_batch_at\";\n"
        "DROP TABLE \"rs_shards\";\nDROP TABLE \"rs_shards_at\";\n",
    };
    for (size_t i = 0; i < RS_COUNTOF(order); i++) {
        text = strstr(text, order[i]);
        if (!text) {
            fail_msg("not there, or not in its place: %s", order[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_script__a_new_table_is_made_and_copied_into_in_one_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_script__an_empty_table_is_locked_before_it_is_looked_at, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_script__a_merge_widens_and_copies_first_then_locks_then_replaces, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_script__bounds_are_left_out_where_they_would_not_be_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_script__a_fold_locks_both_tables_and_drops_all_it_made,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_script__without_times_the_batch_of_times_stays_empty,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_script__of_shards_the_later_row_of_an_id_is_what_a_run_would_stage, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_script__folds_of_shards_come_one_after_the_other,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
