/* ledger_windows: what is written of a replay, and read again. */
#include "ledger/ledger_windows.h"

#include "database.h"
#include "unit.h"

enum { TEXT_MAX = 4096 };

static void must(bool ok, const struct rs_error *err)
{
    if (!ok) {
        fail_msg("%s (%s)", err->message, err->detail);
    }
}

static void show_mark(void *arg, const struct rs_window_mark *mark)
{
    rs_strbuf_printf(arg, "%lld-%lld %.*s %.*s\n", (long long)mark->window.from_us,
                     (long long)mark->window.to_us, RS_STR_ARG(mark->input),
                     RS_STR_ARG(mark->inputs_digest));
}

static void expect_marks(struct database *db, const char *replay, const char *lines)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX);
    struct rs_error err = {0};
    must(rs_ledger_read_windows(db->session, db->schema, rs_str_from(replay), show_mark, &text,
                                &err),
         &err);
    assert_string_equal(rs_strbuf_cstr(&text), lines);
    rs_strbuf_release(&text);
}

static void put(struct database *db, const char *replay, const struct rs_window_mark *marks,
                size_t count)
{
    struct rs_error err = {0};
    struct rs_ledger_run run = {.schema = db->schema, .sync_id = RS_STR("run")};
    struct rs_ledger_windows entry = {.replay = rs_str_from(replay),
                                      .marks = marks,
                                      .count = count,
                                      .events = 5,
                                      .rows = 9,
                                      .seconds = 0.5};
    must(rs_ledger_ensure(db->session, db->schema, &err) &&
             rs_ledger_ensure_windows(db->session, db->schema, &err) &&
             rs_ledger_put_windows(db->session, &run, &entry, &err),
         &err);
}

static void test_ledger_windows__without_its_table_is_empty(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    double speed = 1;
    expect_marks(db, "a", "");
    must(rs_ledger_window_speed(db->session, db->schema, &speed, &err), &err);
    assert_true(speed == 0);
}

static void test_ledger_windows__has_what_was_put_until_it_is_closed(void **state)
{
    const struct rs_window_mark marks[] = {
        {.window = {0, 1}, .inputs_digest = RS_STR("d"), .bytes = 100},
        {.window = {1, 2}, .inputs_digest = RS_STR("e"), .bytes = 200},
    };
    struct database *db = *state;
    struct rs_error err = {0};
    double speed = 0;
    put(db, "a", marks, 2);
    put(db, "b", marks, 1);
    expect_marks(db, "a", "0-1  d\n1-2  e\n");
    must(rs_ledger_window_speed(db->session, db->schema, &speed, &err), &err);
    assert_int_equal((int)speed, 400); /* two windows of one run have taken its time together */
    must(rs_ledger_close_windows(db->session, db->schema, RS_STR("a"), &err), &err);
    expect_marks(db, "a", "");
    expect_marks(db, "b", "0-1  d\n");
    put(db, "a", marks, 1);
    expect_marks(db, "a", "0-1  d\n");
    assert_string_equal(database_text(db, "SELECT count(*), sum(\"rows\") FROM $.rs_windows"),
                        "4|36\n");
}

static void test_ledger_windows__a_window_that_wants_an_input_is_not_done(void **state)
{
    const struct rs_window_mark done = {.window = {0, 1}, .inputs_digest = RS_STR("d")};
    const struct rs_window_mark wants = {
        .window = {0, 1}, .input = RS_STR("it's"), .inputs_digest = RS_STR("again")};
    struct database *db = *state;
    put(db, "a", &done, 1);
    put(db, "a", &wants, 1);
    expect_marks(db, "a", "0-1 it's again\n");
    put(db, "a", &done, 1);
    put(db, "a", &done, 1); /* once, however often it is done */
    expect_marks(db, "a", "0-1 it's again\n0-1  d\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ledger_windows__without_its_table_is_empty,
                                        database_set_up, database_tear_down),
        cmocka_unit_test_setup_teardown(test_ledger_windows__has_what_was_put_until_it_is_closed,
                                        database_set_up, database_tear_down),
        cmocka_unit_test_setup_teardown(
            test_ledger_windows__a_window_that_wants_an_input_is_not_done, database_set_up,
            database_tear_down),
    };
    if (!database_is_there()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
