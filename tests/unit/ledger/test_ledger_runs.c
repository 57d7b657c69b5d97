/* The ledger: what is written of a run and read again, and the lock that keeps two runs apart. */
#include "ledger/ledger_runs.h"

#include "database.h"
#include "ledger/schema_lock.h"
#include "loading.h"
#include "unit.h"

static void must(bool ok, const struct rs_error *err)
{
    if (!ok) {
        fail_msg("%s (%s)", err->message, err->detail);
    }
}

static struct rs_ledger_run run_of(const struct database *db, const char *sync_id)
{
    return (struct rs_ledger_run){
        .schema = db->schema,
        .sync_id = rs_str_from(sync_id),
        .tool_version = RS_STR("0.1.0"),
        .started_us = db->env.now_us(&db->env),
    };
}

static void test_ledger_runs__reads_of_a_missing_schema_find_nothing_and_make_nothing(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_map *loaded = rs_map_new(1);
    bool paused = true;
    must(rs_ledger_read_inputs(db->session, db->schema, loaded, &err), &err);
    assert_int_equal(rs_map_count(loaded), 0);
    must(rs_ledger_is_paused(db->session, db->schema, &paused, &err), &err);
    assert_false(paused);
    struct rs_result *list = rs_ledger_list_runs(db->session, db->schema, 10, &err);
    assert_non_null(list);
    assert_int_equal(rs_result_rows(list), 0);
    rs_result_free(list);
    rs_map_free(loaded);
    assert_string_equal(database_text(db, "SELECT to_regnamespace('$') IS NULL"), "t\n");
}

static void test_ledger_runs__the_ledger_is_made_once_and_mended(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    for (int i = 0; i < 2; i++) {
        must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    }
    assert_string_equal(database_text(db, "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                          "to_regnamespace('$')::oid AND relkind = 'r'"),
                        "5\n");
    database_exec(db, "DROP TABLE $.rs_loads; ALTER TABLE $.rs_syncs DROP COLUMN notices");
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    assert_string_equal(database_text(db,
                                      "SELECT count(notices), count(l.\"rows\") FROM $.rs_syncs, "
                                      "$.rs_loads l"),
                        "0|0\n");
}

static void test_ledger_runs__a_user_without_create_runs_on_a_ledger_that_is_there(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    database_exec(db, "CREATE ROLE rs_test_plain; GRANT USAGE ON SCHEMA $ TO rs_test_plain;"
                      "GRANT ALL ON ALL TABLES IN SCHEMA $ TO rs_test_plain;"
                      "SET SESSION AUTHORIZATION rs_test_plain");
    struct rs_ledger_run run = run_of(db, "plain");
    bool ok =
        rs_ledger_ensure(db->session, db->schema, &err) && rs_ledger_start(db->session, &run, &err);
    struct rs_error refused = {0};
    bool made = rs_ledger_ensure(db->session, RS_STR("Another one"), &refused);
    database_exec(db, "SET SESSION AUTHORIZATION DEFAULT; DROP OWNED BY rs_test_plain;"
                      "DROP ROLE rs_test_plain");
    must(ok, &err);
    assert_false(made);
    assert_string_equal(refused.detail, "42501");
    assert_non_null(strstr(refused.hint, "CREATE"));
}

static bool encode_text(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    const char *text = arg;
    if (!text) {
        return rs_error_set(err, RS_E_IO, "could not read the rejects: gone");
    }
    return sink->write(sink, text, strlen(text), err);
}

static char reject_text[] = "r1,in.json,3,33,\"not JSON\",\"{\"\"\",2026-01-01\n"
                            "r1,in.json,4,44,\\N,\"\",2026-01-01\n";
static char discard_text[] = "tracks,age,m1,2026-01-01,\"a, b\",type,r1\n";

static struct rs_ledger_outcome outcome_of(const struct rs_ledger_input *inputs, size_t count)
{
    return (struct rs_ledger_outcome){
        .status = RS_LEDGER_SUCCESS,
        .lines = 12,
        .events = 10,
        .rows = 20,
        .rejects = 2,
        .skips = 3,
        .discards = 1,
        .duplicates = 4,
        .prepare_seconds = 0.25,
        .load_seconds = 1.5,
        .notices = RS_STR("it's \xff fine"),
        .reasons = RS_STR("[]"),
        .inputs = inputs,
        .input_count = count,
        .rejected.source = {encode_text, reject_text},
        .discarded.source = {encode_text, discard_text},
    };
}

static void test_ledger_runs__a_run_is_written_whole_when_it_ends(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    const struct rs_ledger_input inputs[] = {
        {RS_STR_INIT("/in/a.json"), RS_STR_INIT("1700000000.5"), 100, 7, 2, 9},
        {RS_STR_INIT("/in/it's \xff.json"), RS_STR_INIT(""), UINT32_MAX * 4ULL, 3, 0, 3},
    };
    struct rs_ledger_run run = run_of(db, "r1");
    struct rs_ledger_outcome outcome = outcome_of(inputs, RS_COUNTOF(inputs));
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_start(db->session, &run, &err), &err);
    assert_string_equal(database_text(db,
                                      "SELECT sync_id, finished_at, status, events, tool_version "
                                      "FROM $.rs_syncs"),
                        "r1|NULL|running|NULL|0.1.0\n");
    must(rs_ledger_finish(db->session, &run, &outcome, &err), &err);
    assert_string_equal(
        database_text(db, "SELECT sync_id, finished_at >= started_at, status, events, \"rows\", "
                          "rejects, skips, discards, duplicates, prepare_seconds, load_seconds, "
                          "notices, error, tool_version, lines, reasons FROM $.rs_syncs"),
        "r1|t|success|10|20|2|3|1|4|0.25|1.5|it's \xef\xbf\xbd fine||0.1.0|12|[]\n");
    assert_string_equal(database_text(db, "SELECT name, size_bytes, version, sync_id, events, "
                                          "rejects, lines FROM $.rs_inputs ORDER BY size_bytes"),
                        "/in/a.json|100|1700000000.5|r1|7|2|9\n"
                        "/in/it's \xef\xbf\xbd.json|17179869180||r1|3|0|3\n");
    assert_string_equal(database_text(db, "SELECT line, byte_offset, reason, text "
                                          "FROM $.rs_rejects ORDER BY 1"),
                        "3|33|not JSON|{\"\n4|44|\\N|\n"); /* no text stands for NULL */
    assert_string_equal(database_text(db, "SELECT table_name, column_name, row_id, value, reason, "
                                          "sync_id FROM $.rs_discards"),
                        "tracks|age|m1|a, b|type|r1\n");
}

static void test_ledger_runs__inputs_are_known_by_name_size_and_version(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    enum { COUNT = 1203 };
    static char names[COUNT][32];
    static struct rs_ledger_input inputs[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "/in/\xff%u", i);
        inputs[i] = (struct rs_ledger_input){rs_str_from(names[i]), RS_STR("v1"), i, 0, 0, 0};
    }
    struct rs_ledger_run run = run_of(db, "many");
    struct rs_ledger_outcome outcome = outcome_of(inputs, COUNT);
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_finish(db->session, &run, &outcome, &err), &err);

    struct rs_map *loaded = rs_map_new(7);
    must(rs_ledger_read_inputs(db->session, db->schema, loaded, &err), &err);
    assert_int_equal(rs_map_count(loaded), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_true(rs_ledger_input_is_loaded(loaded, &inputs[i]));
    }
    struct rs_ledger_input other = inputs[5];
    other.size_bytes++;
    assert_false(rs_ledger_input_is_loaded(loaded, &other));
    other = inputs[5];
    other.version = RS_STR("v2");
    assert_false(rs_ledger_input_is_loaded(loaded, &other));
    other = inputs[5];
    other.name = RS_STR("/in/5");
    assert_false(rs_ledger_input_is_loaded(loaded, &other));
    rs_map_free(loaded);
}

static void test_ledger_runs__what_fails_to_be_recorded_leaves_nothing(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    const struct rs_ledger_input input = {RS_STR_INIT("/in/a"), RS_STR_INIT("v"), 1, 1, 0, 1};
    struct rs_ledger_run run = run_of(db, "broken");
    struct rs_ledger_outcome outcome = outcome_of(&input, 1);
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_start(db->session, &run, &err), &err);
    outcome.discarded.source.arg = NULL;
    assert_false(rs_ledger_finish(db->session, &run, &outcome, &err));
    assert_int_equal(err.code, RS_E_IO);
    assert_string_equal(database_text(db, "SELECT (SELECT count(*) FROM $.rs_inputs), (SELECT "
                                          "count(*) FROM $.rs_rejects), status FROM $.rs_syncs"),
                        "0|0|running\n");
}

static bool always(const struct rs_env *env)
{
    (void)env;
    return true;
}

static bool never(const struct rs_env *env)
{
    (void)env;
    return false;
}

static void test_ledger_runs__a_failure_is_recorded_after_an_interrupt_too(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_ledger_run run = run_of(db, "stopped");
    struct rs_ledger_outcome outcome = {.status = RS_LEDGER_FAILURE,
                                        .error = RS_STR("interrupted by SIGINT")};
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_start(db->session, &run, &err), &err);
    db->env.interrupted = always;
    must(rs_ledger_finish(db->session, &run, &outcome, &err), &err);
    db->env.interrupted = never;
    assert_string_equal(database_text(db, "SELECT status, error FROM $.rs_syncs"),
                        "failure|interrupted by SIGINT\n");
}

static void test_ledger_runs__a_killed_run_becomes_a_failure_at_the_next_start(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_ledger_run killed = run_of(db, "killed");
    struct rs_ledger_run next = run_of(db, "next");
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_start(db->session, &killed, &err), &err);
    must(rs_ledger_start(db->session, &next, &err), &err);
    assert_string_equal(
        database_text(db, "SELECT sync_id, status, finished_at IS NULL, error LIKE 'interrupted%' "
                          "FROM $.rs_syncs ORDER BY sync_id"),
        "killed|failure|f|t\nnext|running|t|NULL\n");
}

static void test_ledger_runs__the_last_word_of_pause_and_resume_counts(void **state)
{
    struct database *db = *state;
    static const bool words[] = {true, true, false, true, false, false};
    for (size_t i = 0; i < RS_COUNTOF(words); i++) {
        struct rs_error err = {0};
        bool paused = !words[i];
        struct rs_ledger_run run = run_of(db, words[i] ? "p" : "r");
        must(rs_ledger_set_paused(db->session, &run, words[i], &err), &err);
        must(rs_ledger_is_paused(db->session, db->schema, &paused, &err), &err);
        assert_int_equal(paused, words[i]);
    }
    assert_string_equal(
        database_text(db, "SELECT string_agg(status, ' ' ORDER BY started_at) FROM $.rs_syncs"),
        "paused paused resumed paused resumed resumed\n");
}

static void test_ledger_runs__the_list_is_newest_first_and_as_long_as_asked(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    for (int64_t i = 0; i < 4; i++) {
        char id[8] = "";
        (void)snprintf(id, sizeof id, "s%d", (int)i);
        struct rs_ledger_run run = run_of(db, id);
        struct rs_ledger_outcome outcome = {.status = RS_LEDGER_PARTIAL, .rows = 5};
        run.started_us = 1700000000000000 + i * 1500000;
        must(rs_ledger_finish(db->session, &run, &outcome, &err), &err);
    }
    struct rs_result *list = rs_ledger_list_runs(db->session, db->schema, 3, &err);
    assert_non_null(list);
    assert_int_equal(rs_result_rows(list), 3);
    assert_int_equal(rs_result_columns(list), RS_LEDGER_REASONS + 1);
    assert_true(rs_str_equal(rs_result_text(list, 0, RS_LEDGER_SYNC_ID), RS_STR("s3")));
    assert_true(rs_str_equal(rs_result_text(list, 2, RS_LEDGER_SYNC_ID), RS_STR("s1")));
    assert_true(rs_str_equal(rs_result_text(list, 2, RS_LEDGER_STARTED_AT),
                             RS_STR("2023-11-14 22:13:21.5")));
    assert_true(rs_str_equal(rs_result_text(list, 0, RS_LEDGER_STATUS), RS_STR("partial")));
    assert_true(rs_str_equal(rs_result_text(list, 0, RS_LEDGER_ROWS), RS_STR("5")));
    rs_result_free(list);
}

static void test_ledger_runs__the_list_of_an_older_ledger_lacks_what_that_lacks(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_ledger_run run = run_of(db, "s1");
    struct rs_ledger_outcome outcome = {.status = RS_LEDGER_SUCCESS, .rows = 5, .lines = 7};
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_ledger_finish(db->session, &run, &outcome, &err), &err);
    database_exec(db, "ALTER TABLE $.rs_syncs DROP COLUMN lines, DROP COLUMN reasons");
    struct rs_result *list = rs_ledger_list_runs(db->session, db->schema, 3, &err);
    assert_non_null(list);
    assert_true(rs_str_equal(rs_result_text(list, 0, RS_LEDGER_ROWS), RS_STR("5")));
    assert_true(rs_result_is_null(list, 0, RS_LEDGER_LINES));
    assert_true(rs_result_is_null(list, 0, RS_LEDGER_REASONS));
    rs_result_free(list);
}

static void test_ledger_runs__one_run_at_a_time_holds_the_lock_of_a_schema(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_session *other = database_session(&db->env);
    must(rs_schema_lock_take(db->session, db->schema, &err), &err);
    assert_false(rs_schema_lock_take(other, db->schema, &err));
    assert_int_equal(err.code, RS_E_BUSY);
    assert_true(err.retryable);
    assert_non_null(strstr(err.message, "could not start: another run is loading schema \"Test "));
    rs_error_clear(&err);
    must(rs_schema_lock_take(other, RS_STR("another schema"), &err), &err);

    struct rs_session *third = database_session(&db->env);
    rs_session_close(other); /* the lock of "another schema" ends with its session */
    bool ok = false;
    for (int i = 0; i < 50 && !ok; i++) {
        rs_error_clear(&err);
        ok = rs_schema_lock_take(third, RS_STR("another schema"), &err);
        db->env.sleep_ms(&db->env, 20);
    }
    must(ok, &err);
    rs_session_close(third);
}

/* A load, in the middle of which a new run comes along. */
struct meeting {
    struct loading load;
    struct rs_session *lock; /* the newcomer's sessions */
    struct rs_session *newcomer;
    enum rs_code seen;
};

static int64_t patience_us;

static bool out_of_patience(const struct rs_env *env)
{
    return env->monotonic_us(env) > patience_us;
}

static bool encode_while_another_comes(void *arg, struct rs_sink *sink, struct rs_error *err)
{
    struct meeting *meeting = arg;
    struct rs_error theirs = {0};
    struct rs_str schema = meeting->load.db->schema;
    (void)!(rs_schema_lock_take(meeting->lock, schema, &theirs) &&
            rs_load_drain(meeting->newcomer, schema, &theirs));
    meeting->seen = theirs.code;
    return sink->write(sink, meeting->load.rows, strlen(meeting->load.rows), err);
}

static void test_ledger_runs__a_new_run_waits_for_loads_that_a_killed_run_left(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_env impatient = db->env;
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    struct meeting meeting = {.newcomer = NULL};
    struct rs_load_result result = {0};
    impatient.interrupted = out_of_patience;
    patience_us = INT64_MAX;
    meeting.lock = database_session(&impatient);
    meeting.newcomer = database_session(&impatient);
    patience_us = db->env.monotonic_us(&db->env) + 400000;
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_catalog_read(db->session, db->schema, &existing, &err), &err);
    loading_begin(&meeting.load, db, "tracks", RS_TABLE_EVENTS);
    meeting.load.rows = "a,2026-01-01,2026-01-01\n";
    rs_plan_make(&meeting.load.wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
    struct rs_load_request request = {
        .plan = &plan,
        .table = &meeting.load.wanted.tables[0],
        .null_text = RS_STR("\\N"),
        .rows = {encode_while_another_comes, &meeting},
        .sync_id = RS_STR("left"),
    };
    must(rs_load_table(db->session, &request, &result, &err), &err);
    assert_int_equal(meeting.seen, RS_E_INTERRUPTED); /* it waited until its patience ended */
    patience_us = INT64_MAX;
    must(rs_load_drain(meeting.newcomer, db->schema, &err), &err);
    rs_session_close(meeting.lock);
    rs_session_close(meeting.newcomer);
    rs_plan_release(&plan);
    rs_schema_release(&existing);
    rs_schema_release(&meeting.load.wanted);
}

static void test_ledger_runs__a_run_that_lost_the_lock_loads_nothing(void **state)
{
    struct database *db = *state;
    struct rs_error err = {0};
    struct rs_session *lock = database_session(&db->env);
    struct rs_schema existing = {0};
    struct rs_plan plan = {0};
    struct loading load = {.db = db};
    struct rs_load_result result = {0};
    uint64_t holder = 0;
    must(rs_ledger_ensure(db->session, db->schema, &err), &err);
    must(rs_catalog_read(db->session, db->schema, &existing, &err), &err);
    must(rs_schema_lock_take(lock, db->schema, &err), &err);
    must(rs_schema_lock_holder(lock, &holder, &err), &err);
    loading_begin(&load, db, "tracks", RS_TABLE_EVENTS);
    load.rows = "a,2026-01-01,2026-01-01\n";
    rs_plan_make(&load.wanted, &existing, RS_DIALECT_POSTGRESQL, NULL, &plan);
    struct rs_load_request request = {
        .plan = &plan,
        .table = &load.wanted.tables[0],
        .null_text = RS_STR("\\N"),
        .rows = {loading_encode_rows, &load},
        .sync_id = RS_STR("lost"),
        .lock_holder = holder + 1,
    };
    assert_false(rs_load_table(db->session, &request, &result, &err));
    assert_int_equal(err.code, RS_E_NET);
    assert_true(err.retryable);
    assert_non_null(strstr(err.message, "the lock of schema "));
    rs_error_clear(&err);
    request.lock_holder = holder;
    must(rs_load_table(db->session, &request, &result, &err), &err);
    assert_int_equal(result.rows, 1);
    rs_session_close(lock);
    rs_plan_release(&plan);
    rs_schema_release(&existing);
    rs_schema_release(&load.wanted);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, database_set_up, database_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ledger_runs__reads_of_a_missing_schema_find_nothing_and_make_nothing),
        TEST(test_ledger_runs__the_ledger_is_made_once_and_mended),
        TEST(test_ledger_runs__a_user_without_create_runs_on_a_ledger_that_is_there),
        TEST(test_ledger_runs__a_run_is_written_whole_when_it_ends),
        TEST(test_ledger_runs__inputs_are_known_by_name_size_and_version),
        TEST(test_ledger_runs__what_fails_to_be_recorded_leaves_nothing),
        TEST(test_ledger_runs__a_failure_is_recorded_after_an_interrupt_too),
        TEST(test_ledger_runs__a_killed_run_becomes_a_failure_at_the_next_start),
        TEST(test_ledger_runs__the_last_word_of_pause_and_resume_counts),
        TEST(test_ledger_runs__the_list_is_newest_first_and_as_long_as_asked),
        TEST(test_ledger_runs__the_list_of_an_older_ledger_lacks_what_that_lacks),
        TEST(test_ledger_runs__one_run_at_a_time_holds_the_lock_of_a_schema),
        TEST(test_ledger_runs__a_new_run_waits_for_loads_that_a_killed_run_left),
        TEST(test_ledger_runs__a_run_that_lost_the_lock_loads_nothing),
    };
#undef TEST
    return database_is_there() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
