/* Loading tables of events: what is there afterwards, whatever was there before. */
#include "ledger/load.h"

#include "database.h"
#include "loading.h"
#include "transform/coltype.h"
#include "unit.h"

/* Load rows of id, received_at, uuid_ts and a number. */
static uint64_t load_events(struct database *db, const char *rows)
{
    struct loading load;
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    loading_column(&load, "n", RS_TYPE_BIGINT, 3);
    load.rows = rows;
    return loading_must(&load);
}

static const char *events(struct database *db)
{
    return database_text(db, "SELECT id, received_at, n FROM $.tracks ORDER BY id");
}

static void test_load__a_new_table_is_made_and_filled(void **state)
{
    struct database *db = *state;
    assert_int_equal(load_events(db, "a,2026-01-01 00:00:00,2026-02-01,1\n"
                                     "b,2026-01-02 10:00:00.5,2026-02-01,\\N\n"),
                     2);
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|1\nb|2026-01-02 10:00:00.5|NULL\n");
    assert_string_equal(
        database_text(db, "SELECT sync_id, table_name, \"rows\", loaded_at > '2020-01-01' "
                          "FROM $.rs_loads"),
        "it's a run|tracks|2|t\n");
}

static const char *count_indexes(struct database *db)
{
    return database_text(db, "SELECT count(*) FROM pg_index WHERE indrelid = '$.tracks'::regclass");
}

static void test_load__the_second_load_makes_an_index_unless_there_is_one(void **state)
{
    struct database *db = *state;
    static const char row[] = "a,2026-01-01,2026-02-01,1\n";
    static const char *const counts[] = {"0\n", "1\n", "1\n"};
    for (size_t i = 0; i < RS_COUNTOF(counts); i++) {
        (void)load_events(db, row);
        assert_string_equal(count_indexes(db), counts[i]);
    }
    database_exec(db, "DROP TABLE $.tracks; CREATE TABLE $.tracks (id text PRIMARY KEY, "
                      "received_at timestamp); INSERT INTO $.tracks VALUES ('b')");
    (void)load_events(db, row);
    assert_string_equal(count_indexes(db), "1\n");
}

static void test_load__the_later_row_of_an_id_stays_and_a_tie_is_the_last_read(void **state)
{
    struct database *db = *state;
    (void)load_events(db, "newer,2026-01-05,2026-02-01,1\nolder,2026-01-05,2026-02-01,1\n"
                          "tie,2026-01-05,2026-02-01,1\nother,2026-01-05,2026-02-01,1\n");
    assert_int_equal(load_events(db, "newer,2026-01-06,2026-02-02,2\n"
                                     "older,2026-01-04,2026-02-02,2\n"
                                     "tie,2026-01-05,2026-02-02,2\n"
                                     "added,2026-01-05,2026-02-02,2\n"),
                     3);
    assert_string_equal(events(db), "added|2026-01-05 00:00:00|2\nnewer|2026-01-06 00:00:00|2\n"
                                    "older|2026-01-05 00:00:00|1\nother|2026-01-05 00:00:00|1\n"
                                    "tie|2026-01-05 00:00:00|2\n");
}

static void test_load__the_same_rows_again_change_nothing(void **state)
{
    struct database *db = *state;
    static const char rows[] = "a,2026-01-01,2026-02-01,1\nb,2026-01-02,2026-02-01,2\n";
    (void)load_events(db, rows);
    (void)load_events(db, rows);
    (void)load_events(db, rows);
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|1\nb|2026-01-02 00:00:00|2\n");
}

static void test_load__a_stored_row_without_received_at_is_the_oldest(void **state)
{
    struct database *db = *state;
    database_exec(db, "CREATE SCHEMA $; CREATE TABLE $.tracks (id text, received_at timestamptz, "
                      "n int); INSERT INTO $.tracks VALUES ('a', NULL, 1), "
                      "('b', '2026-01-01 12:00:00+09', 1)");
    (void)load_events(db, "a,2000-01-01,2026-02-01,2\nb,2026-01-01 02:59:59,2026-02-01,2\n");
    assert_string_equal(events(db), "a|2000-01-01 00:00:00+00|2\nb|2026-01-01 03:00:00+00|1\n");
}

static void test_load__new_and_wider_columns_come_with_the_rows(void **state)
{
    struct database *db = *state;
    struct loading load;
    char rows[2000] = "b,2026-01-02,2026-02-01,2,";
    (void)load_events(db, "a,2026-01-01,2026-02-01,1\n");
    database_exec(db, "ALTER TABLE $.tracks ADD COLUMN city varchar(3)");
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    loading_column(&load, "n", RS_TYPE_BIGINT, 1);
    loading_column(&load, "city", RS_TYPE_VARCHAR, 600);
    loading_column(&load, "ok", RS_TYPE_BOOLEAN, 4);
    memset(rows + strlen(rows), 'x', 600);
    memcpy(rows + strlen(rows), ",true\n", 6);
    load.rows = rows;
    (void)loading_must(&load);
    assert_string_equal(
        database_text(db, "SELECT id, n, length(city), ok FROM $.tracks ORDER BY 1"),
        "a|1|NULL|NULL\nb|2|600|t\n");
}

static void test_load__columns_that_are_not_ours_keep_their_values(void **state)
{
    struct database *db = *state;
    struct loading load;
    database_exec(db, "CREATE SCHEMA $; CREATE TABLE $.tracks (id text, received_at timestamp, "
                      "extra jsonb DEFAULT '{}', other int DEFAULT 5);"
                      "INSERT INTO $.tracks VALUES ('a', '2026-01-01', '[1]', 6)");
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    loading_column(&load, "extra", RS_TYPE_VARCHAR, 3);
    load.rows = "b,2026-01-02,2026-02-01,\\N\n";
    (void)loading_must(&load);
    assert_string_equal(database_text(db, "SELECT id, extra, other FROM $.tracks ORDER BY 1"),
                        "a|[1]|6\nb|{}|5\n");
}

static void test_load__an_empty_table_is_filled_as_a_new_one(void **state)
{
    struct database *db = *state;
    (void)load_events(db, "a,2026-01-01,2026-02-01,1\n");
    database_exec(db, "TRUNCATE $.tracks");
    assert_int_equal(load_events(db, "b,2026-01-01,2026-02-01,1\n"), 1);
    assert_string_equal(events(db), "b|2026-01-01 00:00:00|1\n");
}

static void test_load__no_rows_is_a_load_too(void **state)
{
    struct database *db = *state;
    assert_int_equal(load_events(db, ""), 0);
    (void)load_events(db, "a,2026-01-01,2026-02-01,1\n");
    assert_int_equal(load_events(db, ""), 0);
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|1\n");
}

static void test_load__an_id_longer_than_a_btree_takes_is_loaded(void **state)
{
    struct database *db = *state;
    struct rs_strbuf rows = RS_STRBUF_INIT(1 << 20);
    struct loading load;
    for (int round = 0; round < 2; round++) {
        rs_strbuf_reset(&rows);
        for (unsigned i = 0; i < 2; i++) {
            uint64_t random = 88172645463325252U + i;
            for (int k = 0; k < 3000; k++) { /* random, or it would be stored compressed */
                random = random * 6364136223846793005U + 1442695040888963407U;
                rs_strbuf_printf(&rows, "%016llx", (unsigned long long)random);
            }
            rs_strbuf_append(&rows, ",2026-01-01,2026-02-01\n");
        }
        loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
        load.wanted.tables[0].columns[0].max_bytes = 48000;
        load.wanted.tables[0].columns[0].type = rs_coltype_join(RS_KIND_STRING, 48000);
        load.rows = rs_strbuf_cstr(&rows);
        assert_int_equal(loading_must(&load), 2);
    }
    assert_string_equal(database_text(db, "SELECT count(*), min(length(id)) FROM $.tracks"),
                        "2|48000\n");
    rs_strbuf_release(&rows);
}

static void check_untouched(struct database *db, const char *rows, const char *fail,
                            enum rs_code code)
{
    struct rs_error err = {0};
    struct loading load;
    uint64_t count = 77;
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    loading_column(&load, "n", RS_TYPE_BIGINT, 1);
    loading_column(&load, "another", RS_TYPE_BIGINT, 1);
    load.rows = rows;
    load.fail = fail;
    assert_false(loading_run(&load, &count, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, "could not load table \"tracks\": "));
    assert_int_equal(count, 77);
}

static void test_load__a_load_that_fails_leaves_all_as_it_was(void **state)
{
    struct database *db = *state;
    check_untouched(db, "a,2026-01-01,2026-02-01,1,1\n", "no more rows", RS_E_IO);
    assert_string_equal(database_text(db, "SELECT to_regclass('$.tracks') IS NULL"), "t\n");
    (void)load_events(db, "a,2026-01-01,2026-02-01,1\n");
    check_untouched(db, "a,2026-01-01,2026-02-01,2,2\n", "no more rows", RS_E_IO);
    check_untouched(db, "a,2026-01-01,2026-02-01,x,2\n", NULL, RS_E_DATABASE);
    check_untouched(db, "a,2026-01-01,2026-02-01\n", NULL, RS_E_DATABASE);
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|1\n");
    assert_string_equal(database_text(db, "SELECT count(*) FROM $.rs_loads"), "1\n");
    assert_string_equal(database_text(db, "SELECT count(*) FROM pg_attribute WHERE attrelid = "
                                          "'$.tracks'::regclass AND attname = 'another'"),
                        "0\n");
    (void)load_events(db, "a,2026-01-01,2026-02-01,3\n");
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|3\n");
}

/* What a load does that cannot know whether the one before was committed. */
static uint64_t load_again(struct database *db, const char *table, const char *rows)
{
    struct loading load;
    loading_begin(&load, db, table, RS_TABLE_EVENTS);
    loading_column(&load, "n", RS_TYPE_BIGINT, 3);
    load.rows = rows;
    load.again = true;
    return loading_must(&load);
}

static void test_load__what_a_lost_connection_committed_is_not_loaded_again(void **state)
{
    struct database *db = *state;
    (void)load_events(db, "a,2026-01-01,2026-02-01,1\nb,2026-01-01,2026-02-01,1\n");
    assert_int_equal(load_again(db, "tracks", "a,2026-01-01,2026-02-01,2\n"), 2);
    assert_string_equal(events(db), "a|2026-01-01 00:00:00|1\nb|2026-01-01 00:00:00|1\n");
    assert_int_equal(load_again(db, "pages", "a,2026-01-01,2026-02-01,2\n"), 1);
    assert_string_equal(database_text(db, "SELECT id, n FROM $.pages"), "a|2\n");
}

static const struct {
    const char *label;
    const char *ddl;
    const char *message;
} unfit[] = {
    {"an id that is a uuid", "id uuid, received_at timestamp", "its column \"id\""},
    {"a received_at that is text", "id text, received_at text", "its column \"received_at\""},
};

static void test_load__a_table_whose_keys_do_not_fit_is_refused(void **state)
{
    struct database *db = *state;
    for (size_t i = 0; i < RS_COUNTOF(unfit); i++) {
        char sql[256] = "";
        struct rs_error err = {0};
        struct loading load;
        uint64_t rows = 0;
        print_message("%s\n", unfit[i].label);
        (void)snprintf(sql, sizeof sql,
                       "DROP SCHEMA IF EXISTS $ CASCADE; CREATE SCHEMA $; "
                       "CREATE TABLE $.tracks (%s)",
                       unfit[i].ddl);
        database_exec(db, sql);
        loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
        assert_false(loading_run(&load, &rows, &err));
        assert_int_equal(err.code, RS_E_DATABASE);
        assert_non_null(strstr(err.message, unfit[i].message));
        assert_true(*err.hint);
        assert_int_equal(load.calls, 0);
    }
}

static void test_load__a_limit_for_locks_ends_with_the_load(void **state)
{
    struct database *db = *state;
    struct loading load;
    for (size_t i = 0; i < 2; i++) { /* into a new table, and into one with rows */
        loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
        load.rows = "a,2026-01-01,2026-02-01\n";
        load.lock_wait_ms = 1000;
        (void)loading_must(&load);
        assert_string_equal(database_text(db, "SHOW lock_timeout"), "0\n");
    }
}

static void test_load__a_column_that_a_view_uses_is_named_when_it_cannot_grow(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct loading load;
    uint64_t rows = 0;
    database_exec(db, "CREATE SCHEMA $; CREATE TABLE $.tracks (id text, received_at timestamp, "
                      "city varchar(3)); CREATE VIEW $.cities AS SELECT city FROM $.tracks");
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    loading_column(&load, "city", RS_TYPE_VARCHAR, 5);
    load.rows = "a,2026-01-01,2026-02-01,Paris\n";
    assert_false(loading_run(&load, &rows, &err));
    assert_string_equal(err.detail, "0A000");
    assert_non_null(strstr(err.message, "view"));
}

static void test_load__the_plan_shows_the_statements(void **state)
{
    struct database *db = *state;
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    struct rs_strbuf sql = RS_STRBUF_INIT(RS_SQL_STATEMENT_MAX);
    struct loading load;
    loading_begin(&load, db, "users", RS_TABLE_FOLD);
    loading_column(&load, "age", RS_TYPE_BIGINT, 2);
    rs_schema_init(&existing, db->schema);
    rs_plan_make(&load.wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
    struct rs_load_request request = {
        .plan = &plan, .table = &load.wanted.tables[0], .null_text = RS_STR("\\N")};
    rs_load_append_sql(&request, &sql);
    static const char *const parts[] = {
        "BEGIN;\n",
        "\".\"users\" (\n    \"id\" varchar(1024)",
        "\".\"rs_users_at\" (\n",
        "(\"id\", \"received_at\", \"uuid_ts\", \"age\") FROM STDIN WITH (FORMAT csv, NULL '\\N'",
        "(\"id\", \"age\") FROM STDIN",
        "COMMIT;\n",
    };
    for (size_t i = 0; i < RS_COUNTOF(parts); i++) {
        assert_non_null(strstr(rs_strbuf_cstr(&sql), parts[i]));
    }
    rs_strbuf_release(&sql);
    rs_plan_release(&plan);
    rs_schema_release(&existing);
    rs_schema_release(&load.wanted);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, database_set_up, database_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_load__a_new_table_is_made_and_filled),
        TEST(test_load__the_second_load_makes_an_index_unless_there_is_one),
        TEST(test_load__the_later_row_of_an_id_stays_and_a_tie_is_the_last_read),
        TEST(test_load__the_same_rows_again_change_nothing),
        TEST(test_load__a_stored_row_without_received_at_is_the_oldest),
        TEST(test_load__new_and_wider_columns_come_with_the_rows),
        TEST(test_load__columns_that_are_not_ours_keep_their_values),
        TEST(test_load__an_empty_table_is_filled_as_a_new_one),
        TEST(test_load__no_rows_is_a_load_too),
        TEST(test_load__an_id_longer_than_a_btree_takes_is_loaded),
        TEST(test_load__a_load_that_fails_leaves_all_as_it_was),
        TEST(test_load__what_a_lost_connection_committed_is_not_loaded_again),
        TEST(test_load__a_table_whose_keys_do_not_fit_is_refused),
        TEST(test_load__a_limit_for_locks_ends_with_the_load),
        TEST(test_load__a_column_that_a_view_uses_is_named_when_it_cannot_grow),
        TEST(test_load__the_plan_shows_the_statements),
    };
#undef TEST
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
