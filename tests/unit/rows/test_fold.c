/*
 * Loading users and accounts: each column holds its latest value, exactly. The random test folds
 * calls one by one in a model and, in batches, in the database, and compares the two.
 */
#include "ledger/load.h"

#include "database.h"
#include "loading.h"
#include "unit.h"

/* Load rows of id, received_at, uuid_ts, age and city, and their times: id, age, city. */
static uint64_t load_users(struct database *db, const char *rows, const char *times)
{
    struct loading load;
    loading_begin(&load, db, "users", RS_TABLE_FOLD);
    loading_column(&load, "age", RS_TYPE_BIGINT, 2);
    loading_column(&load, "city", RS_TYPE_VARCHAR, 6);
    load.rows = rows;
    load.times = times;
    return loading_must(&load);
}

static const char *users(struct database *db)
{
    return database_text(db, "SELECT id, received_at::date, uuid_ts::date, age, city "
                             "FROM $.users ORDER BY id");
}

static const char *times(struct database *db)
{
    return database_text(db, "SELECT id, age::date, city::date FROM $.rs_users_at ORDER BY id");
}

static void test_fold__a_new_table_takes_rows_and_times(void **state)
{
    struct database *db = *state;
    assert_int_equal(load_users(db,
                                "a,2026-01-05,2026-02-01,7,Paris\nb,2026-01-01,2026-02-01,8,\\N\n",
                                "a,2026-01-02,\\N\n"),
                     2);
    assert_string_equal(users(db),
                        "a|2026-01-05|2026-02-01|7|Paris\nb|2026-01-01|2026-02-01|8|NULL\n");
    assert_string_equal(times(db), "a|2026-01-02|NULL\n");
    assert_string_equal(database_text(db, "SELECT \"rows\" FROM $.rs_loads"), "2\n");
}

static void test_fold__an_unnamed_column_keeps_what_it_had(void **state)
{
    struct database *db = *state;
    (void)load_users(db, "a,2026-01-01,2026-02-01,7,Paris\n", "");
    (void)load_users(db, "a,2026-01-05,2026-02-02,\\N,Rome\n", "");
    assert_string_equal(users(db), "a|2026-01-05|2026-02-02|7|Rome\n");
    assert_string_equal(times(db), "a|2026-01-01|NULL\n");
}

static void test_fold__an_older_call_fills_gaps_and_beats_only_older_values(void **state)
{
    struct database *db = *state;
    (void)load_users(db, "a,2026-01-01,2026-02-01,7,\\N\n", "");
    (void)load_users(db, "a,2026-01-09,2026-02-02,\\N,Rome\n", "");
    (void)load_users(db, "a,2026-01-05,2026-02-03,8,Oslo\n", "");
    assert_string_equal(users(db), "a|2026-01-09|2026-02-03|8|Rome\n");
    assert_string_equal(times(db), "a|2026-01-05|NULL\n");
    (void)load_users(db, "a,2026-01-04,2026-02-04,9,\\N\n", "");
    assert_string_equal(users(db), "a|2026-01-09|2026-02-04|8|Rome\n");
    (void)load_users(db, "a,2026-01-09,2026-02-05,10,Bern\n", "");
    assert_string_equal(users(db), "a|2026-01-09|2026-02-05|10|Bern\n");
    assert_string_equal(times(db), "");
}

static void test_fold__a_column_keeps_its_time_while_a_run_does_not_name_it(void **state)
{
    struct database *db = *state;
    struct loading load;
    (void)load_users(db, "a,2026-01-03,2026-02-01,7,Paris\n", "");
    loading_begin(&load, db, "users", RS_TABLE_FOLD);
    loading_column(&load, "plan", RS_TYPE_VARCHAR, 4);
    load.rows = "a,2026-01-09,2026-02-02,gold\n";
    assert_int_equal(loading_must(&load), 1);
    (void)load_users(db, "a,2026-01-02,2026-02-03,8,\\N\n", "");
    assert_string_equal(users(db), "a|2026-01-09|2026-02-03|7|Paris\n");
    (void)load_users(db, "a,2026-01-04,2026-02-03,8,\\N\n", "");
    assert_string_equal(users(db), "a|2026-01-09|2026-02-03|8|Paris\n");
}

static void test_fold__a_table_that_somebody_else_made_is_merged_into(void **state)
{
    struct database *db = *state;
    database_exec(db, "CREATE SCHEMA $; CREATE TABLE $.users (id text, received_at timestamptz, "
                      "age numeric, extra jsonb); INSERT INTO $.users VALUES "
                      "('a', '2026-01-05', 1, '[1]'), ('b', NULL, 1, '[2]'), "
                      "('c', '2026-01-05', 1, '[3]')");
    (void)load_users(db, "a,2026-01-04,2026-02-01,2,Paris\nb,2000-01-01,2026-02-01,2,Rome\n", "");
    assert_string_equal(users(db),
                        "a|2026-01-05|2026-02-01|1|Paris\nb|2000-01-01|2026-02-01|2|Rome\n"
                        "c|2026-01-05|NULL|1|NULL\n");
    assert_string_equal(database_text(db, "SELECT extra FROM $.users ORDER BY id"),
                        "[1]\n[2]\n[3]\n");
    assert_string_equal(times(db), "a|NULL|2026-01-04\nb|NULL|NULL\n");
}

static void test_fold__times_of_removed_rows_do_not_come_back(void **state)
{
    struct database *db = *state;
    (void)load_users(db, "a,2026-01-09,2026-02-01,7,Paris\nb,2026-01-09,2026-02-01,7,Paris\n",
                     "a,2026-01-08,\\N\nb,2026-01-08,\\N\n");
    database_exec(db, "DELETE FROM $.users WHERE id = 'a'");
    (void)load_users(db, "a,2026-01-02,2026-02-02,1,Rome\n", "");
    assert_string_equal(times(db), "b|2026-01-08|NULL\n");
    database_exec(db, "TRUNCATE $.users");
    (void)load_users(db, "a,2026-01-01,2026-02-02,1,Rome\n", "");
    assert_string_equal(users(db), "a|2026-01-01|2026-02-02|1|Rome\n");
    assert_string_equal(times(db), "");
}

static void test_fold__a_table_of_many_columns_is_merged_in_blocks(void **state)
{
    struct database *db = *state;
    enum { COLUMNS = 900 }; /* a row of PostgreSQL may have 8160 bytes */
    struct rs_strbuf row = RS_STRBUF_INIT(1 << 20);
    struct rs_strbuf times_row = RS_STRBUF_INIT(1 << 20);
    for (unsigned round = 1; round <= 3; round++) {
        struct loading load;
        loading_begin(&load, db, "accounts", RS_TABLE_FOLD);
        rs_strbuf_reset(&row);
        rs_strbuf_reset(&times_row);
        rs_strbuf_printf(&row, "a,2026-01-0%u,2026-02-01", round);
        rs_strbuf_append(&times_row, "a");
        for (unsigned i = 0; i < COLUMNS; i++) {
            char name[16] = "";
            (void)snprintf(name, sizeof name, "c%04u", i);
            loading_column(&load, name, RS_TYPE_BIGINT, 4);
            rs_strbuf_append(&times_row, ",\\N");
            if (i % 3 == round - 1) {
                rs_strbuf_printf(&row, ",%u", i * round);
            } else {
                rs_strbuf_append(&row, ",\\N");
            }
        }
        rs_strbuf_append(&row, "\n");
        load.rows = rs_strbuf_cstr(&row);
        load.times = "";
        assert_int_equal(loading_must(&load), 1);
    }
    assert_string_equal(
        database_text(db, "SELECT received_at::date, c0000, c0001, c0002, c0300, c0898, c0899 "
                          "FROM $.accounts"),
        "2026-01-03|0|2|6|300|1796|2697\n");
    assert_string_equal(database_text(db, "SELECT c0300::date, c0898::date, c0899::date "
                                          "FROM $.rs_accounts_at"),
                        "2026-01-01|2026-01-02|NULL\n");
    rs_strbuf_release(&row);
    rs_strbuf_release(&times_row);
}

/* The model: what one user is after calls were folded in one by one. */
enum { IDS = 4, FIELDS = 3, CALLS = 60, CLEARED = -1 };

struct user {
    bool there;
    int received;      /* day of January */
    int value[FIELDS]; /* 0: NULL; CLEARED: NULL too, but by a call that said so */
    int time[FIELDS];
};

struct call {
    int id;
    int received;
    int value[FIELDS]; /* 0: not named; CLEARED: an explicit null */
};

static void fold(struct user *user, const struct call *call)
{
    user->there = true;
    user->received = call->received > user->received ? call->received : user->received;
    for (int f = 0; f < FIELDS; f++) {
        if (call->value[f] != 0 && (user->value[f] == 0 || call->received >= user->time[f])) {
            user->value[f] = call->value[f];
            user->time[f] = call->received;
        }
    }
}

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(*seed >> 33) % below;
}

/* Append a field's text, or what stands for NULL. */
static void append_number(struct rs_strbuf *out, int number, bool there, const char *null)
{
    if (there) {
        rs_strbuf_append_i64(out, number);
    } else {
        rs_strbuf_append(out, null);
    }
}

/* The field's time is not that of its row: its value is older, or there is none. */
static bool has_time(const struct user *user, int field)
{
    return user->value[field] == CLEARED ||
           (user->value[field] != 0 && user->time[field] < user->received);
}

/* Fold one batch as a run does and load it, with the columns that it names. */
static void load_batch(struct database *db, const struct call *calls, size_t count)
{
    static const char *const names[FIELDS] = {"f0", "f1", "f2"};
    struct user batch[IDS] = {0};
    bool named[FIELDS] = {false};
    struct rs_strbuf rows = RS_STRBUF_INIT(1 << 16);
    struct rs_strbuf old = RS_STRBUF_INIT(1 << 16);
    struct loading load;
    for (size_t i = 0; i < count; i++) {
        fold(&batch[calls[i].id], &calls[i]);
    }
    loading_begin(&load, db, "users", RS_TABLE_FOLD);
    for (int f = 0; f < FIELDS; f++) {
        for (int id = 0; id < IDS; id++) {
            named[f] = named[f] || batch[id].value[f] != 0;
        }
        if (named[f]) {
            loading_column(&load, names[f], RS_TYPE_BIGINT, 4);
            struct rs_table *table = &load.wanted.tables[0];
            table->columns[table->column_count - 1].kinds = RS_KIND_INTEGER | RS_KIND_NULL;
        }
    }
    for (int id = 0; id < IDS; id++) {
        const struct user *user = &batch[id];
        bool any = false;
        if (!user->there) {
            continue;
        }
        rs_strbuf_printf(&rows, "u%d,2026-01-%02d,2026-02-01", id, user->received);
        for (int f = 0; f < FIELDS; f++) {
            any = any || has_time(user, f);
            if (named[f]) {
                rs_strbuf_append(&rows, ",");
                append_number(&rows, user->value[f], user->value[f] > 0, "\\N");
            }
        }
        rs_strbuf_append(&rows, "\n");
        if (!any) {
            continue;
        }
        rs_strbuf_printf(&old, "u%d", id);
        for (int f = 0; f < FIELDS; f++) {
            if (named[f]) {
                rs_strbuf_append(&old, ",");
                if (has_time(user, f)) {
                    rs_strbuf_printf(&old, "2026-01-%02d", user->time[f]);
                } else {
                    rs_strbuf_append(&old, "\\N");
                }
            }
        }
        rs_strbuf_append(&old, "\n");
    }
    load.rows = rs_strbuf_cstr(&rows);
    load.times = rs_strbuf_cstr(&old);
    (void)loading_must(&load);
    rs_strbuf_release(&rows);
    rs_strbuf_release(&old);
}

static void check_model(struct database *db, const struct call *calls)
{
    struct rs_strbuf expected = RS_STRBUF_INIT(1 << 16);
    struct user model[IDS] = {0};
    for (int i = 0; i < CALLS; i++) {
        fold(&model[calls[i].id], &calls[i]);
    }
    for (int id = 0; id < IDS; id++) {
        const struct user *user = &model[id];
        if (!user->there) {
            continue;
        }
        rs_strbuf_printf(&expected, "u%d|%d", id, user->received);
        for (int f = 0; f < FIELDS; f++) {
            rs_strbuf_append(&expected, "|");
            append_number(&expected, user->value[f], user->value[f] > 0, "NULL");
        }
        for (int f = 0; f < FIELDS; f++) {
            rs_strbuf_append(&expected, "|");
            append_number(&expected, user->time[f], has_time(user, f), "NULL");
        }
        rs_strbuf_append(&expected, "\n");
    }
    assert_string_equal(
        database_text(db, "SELECT u.id, extract(day FROM u.received_at), u.f0, u.f1, u.f2, "
                          "extract(day FROM s.f0), extract(day FROM s.f1), extract(day FROM s.f2) "
                          "FROM $.users u LEFT JOIN $.rs_users_at s ON s.id = u.id ORDER BY u.id"),
        rs_strbuf_cstr(&expected));
    assert_string_equal(database_text(db, "SELECT count(*) FROM $.rs_users_at WHERE f0 IS NULL AND "
                                          "f1 IS NULL AND f2 IS NULL"),
                        "0\n");
    rs_strbuf_release(&expected);
}

static void test_fold__random_calls_in_random_batches_equal_the_model(void **state)
{
    struct database *db = *state;
    uint64_t seed = 20261123;
    struct call calls[CALLS];
    for (int round = 0; round < 12; round++) {
        database_exec(db, "DROP SCHEMA IF EXISTS $ CASCADE");
        for (int i = 0; i < CALLS; i++) {
            calls[i] = (struct call){(int)draw(&seed, IDS), 1 + (int)draw(&seed, 28), {0}};
            for (int f = 0; f < FIELDS; f++) {
                calls[i].value[f] = draw(&seed, 3) == 0 ? 1 + i : 0;
                if (round % 2 == 1 && draw(&seed, 6) == 0) {
                    calls[i].value[f] = CLEARED;
                }
            }
            calls[0].value[i % FIELDS] = 1; /* so that the table has all columns */
        }
        for (size_t done = 0; done < CALLS;) {
            size_t count = 1 + draw(&seed, 12);
            count = count < CALLS - done ? count : CALLS - done;
            load_batch(db, calls + done, count);
            done += count;
        }
        check_model(db, calls);
    }
}

static void test_fold__the_order_of_batches_does_not_matter(void **state)
{
    struct database *db = *state;
    uint64_t seed = 42;
    char *first = NULL;
    struct call calls[CALLS / 3];
    enum { COUNT = CALLS / 3 };
    for (int i = 0; i < COUNT; i++) { /* no two at one time, as ties go by the order */
        calls[i] = (struct call){i % IDS, 1 + i, {0}};
        calls[i].value[i % FIELDS] = 100 + i;
        calls[i].value[(i / 3) % FIELDS] = i % 5 == 4 ? CLEARED : 200 + i;
    }
    for (int round = 0; round < 4; round++) {
        database_exec(db, "DROP SCHEMA IF EXISTS $ CASCADE");
        for (size_t done = 0; done < COUNT;) {
            size_t count = 1 + draw(&seed, 5);
            count = count < COUNT - done ? count : COUNT - done;
            load_batch(db, calls + done, count);
            done += count;
        }
        const char *now = database_text(
            db, "SELECT u.id, u.received_at, u.f0, u.f1, u.f2, s.f0, s.f1, s.f2 FROM $.users u "
                "LEFT JOIN $.rs_users_at s ON s.id = u.id ORDER BY u.id");
        if (first) {
            assert_string_equal(now, first);
        } else {
            first = strdup(now);
        }
        for (int i = COUNT - 1; i > 0; i--) {
            unsigned k = draw(&seed, (unsigned)i + 1);
            struct call swap = calls[i];
            calls[i] = calls[k];
            calls[k] = swap;
        }
    }
    free(first);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, database_set_up, database_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_fold__a_new_table_takes_rows_and_times),
        TEST(test_fold__an_unnamed_column_keeps_what_it_had),
        TEST(test_fold__an_older_call_fills_gaps_and_beats_only_older_values),
        TEST(test_fold__a_column_keeps_its_time_while_a_run_does_not_name_it),
        TEST(test_fold__a_table_that_somebody_else_made_is_merged_into),
        TEST(test_fold__times_of_removed_rows_do_not_come_back),
        TEST(test_fold__a_table_of_many_columns_is_merged_in_blocks),
        TEST(test_fold__random_calls_in_random_batches_equal_the_model),
        TEST(test_fold__the_order_of_batches_does_not_matter),
    };
#undef TEST
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
