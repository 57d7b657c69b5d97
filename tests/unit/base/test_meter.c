/*
 * How far a run is, with a clock of the test's own: phases, pieces, steps of which nothing is heard, and
 * that what is shown never goes back.
 */
#include "base/meter.h"

#include "unit.h"

enum { SECOND_US = 1000000 };

static int64_t now_us;

static int64_t fake_monotonic_us(const struct rs_env *env)
{
    (void)env;
    return now_us;
}

static const struct rs_env env = {.monotonic_us = fake_monotonic_us};

static struct rs_meter_view read_view(struct rs_meter *meter)
{
    struct rs_meter_view view;
    rs_meter_read(meter, &view);
    return view;
}

static double part(struct rs_meter *meter)
{
    return read_view(meter).part;
}

static void plan(struct rs_meter *meter)
{
    static const struct rs_meter_phase phases[] = {{"reading", 1}, {"loading", 3}};
    rs_meter_init(meter, &env);
    rs_meter_plan(meter, phases, 2);
}

static void test_meter__phases_have_shares_of_the_whole(void **state)
{
    struct rs_meter meter;
    (void)state;
    plan(&meter);
    assert_false(read_view(&meter).begun);
    rs_meter_enter(&meter, "reading", &(struct rs_meter_work){.total = 0});
    assert_true(read_view(&meter).begun);
    assert_false(read_view(&meter).known);
    rs_meter_set(&meter, 50, 100);
    rs_meter_count(&meter, 7, 2);
    assert_float_equal(part(&meter), 0.125, 1e-9);
    assert_int_equal(read_view(&meter).events, 7);
    rs_meter_enter(&meter, "loading", &(struct rs_meter_work){.total = 30, .pieces = 2});
    assert_float_equal(part(&meter), 0.25, 1e-9);
    assert_string_equal(read_view(&meter).phase, "loading");
}

static void test_meter__pieces_count_by_weight_and_by_what_they_say(void **state)
{
    struct rs_meter meter;
    struct rs_meter_piece first = {0};
    struct rs_meter_piece second = {0};
    (void)state;
    plan(&meter);
    rs_meter_enter(&meter, "loading", &(struct rs_meter_work){.total = 30, .pieces = 2});
    rs_meter_begin(&first, &meter, RS_STR("tracks"), 20);
    rs_meter_begin(&second, &meter, RS_STR("users"), 10);
    assert_string_equal(read_view(&meter).name, "tracks");
    rs_meter_step(&first, 0.5);
    rs_meter_advance(&first, 0.5);
    assert_float_equal(read_view(&meter).amount, 5, 1e-9);
    assert_float_equal(part(&meter), 0.25 + 0.75 * 5 / 30, 1e-9);
    rs_meter_end(&first);
    assert_string_equal(read_view(&meter).name, "users");
    assert_int_equal(read_view(&meter).pieces_done, 1);
    rs_meter_end(&second);
    assert_string_equal(read_view(&meter).name, "");
    assert_true(part(&meter) > 0.999 && part(&meter) < 1.0);
    rs_meter_finish(&meter);
    assert_float_equal(part(&meter), 1.0, 1e-9);
}

static void
test_meter__a_step_that_tells_nothing_moves_and_does_not_end_before_its_time(void **state)
{
    struct rs_meter meter;
    struct rs_meter_piece piece = {0};
    double last = 0;
    (void)state;
    plan(&meter);
    rs_meter_enter(&meter, "loading", &(struct rs_meter_work){.total = 10, .pieces = 1});
    rs_meter_begin(&piece, &meter, RS_STR("tracks"), 10);
    rs_meter_step(&piece, 0.5);
    rs_meter_advance(&piece, 0.0);
    now_us += 10 * SECOND_US;
    assert_float_equal(read_view(&meter).amount, 0, 1e-9); /* it tells, and has not moved */
    rs_meter_step(&piece, 1.0);                            /* as long is expected of the next */
    for (int second = 0; second < 100; second++) {
        now_us += SECOND_US;
        double amount = read_view(&meter).amount;
        assert_true(amount > last && amount < 10);
        assert_true(second != 9 || (amount > 8 && amount < 9.5));
        last = amount;
    }
}

static void test_meter__what_is_begun_again_does_not_go_back(void **state)
{
    struct rs_meter meter;
    struct rs_meter_piece piece = {0};
    (void)state;
    plan(&meter);
    rs_meter_enter(&meter, "loading", &(struct rs_meter_work){.total = 10, .pieces = 1});
    rs_meter_begin(&piece, &meter, RS_STR("tracks"), 10);
    rs_meter_step(&piece, 0.5);
    rs_meter_advance(&piece, 0.8);
    double before = part(&meter);
    rs_meter_step(&piece, 0.1); /* the script runs once more */
    rs_meter_step(&piece, 0.5);
    rs_meter_advance(&piece, 0.2);
    assert_float_equal(part(&meter), before, 1e-9);
    rs_meter_pause(&piece); /* somebody has it locked */
    assert_float_equal(part(&meter), before, 1e-9);
    rs_meter_begin(&piece, &meter, RS_STR("tracks"), 10);
    rs_meter_step(&piece, 1.0);
    rs_meter_advance(&piece, 0.9);
    assert_true(part(&meter) > before);
    rs_meter_enter(&meter, "reading", &(struct rs_meter_work){.total = 10});
    assert_true(part(&meter) > before);
}

static void test_meter__rounds_share_what_is_left(void **state)
{
    struct rs_meter meter;
    static const struct rs_meter_phase phases[] = {{"reading", 1}};
    (void)state;
    rs_meter_init(&meter, &env);
    rs_meter_round(&meter, "window", 1, 2, 0.5);
    rs_meter_plan(&meter, phases, 1);
    rs_meter_enter(&meter, "reading", &(struct rs_meter_work){.total = 10});
    rs_meter_set(&meter, 10, 10);
    assert_float_equal(part(&meter), 0.5, 1e-9);
    rs_meter_round(&meter, "window", 2, 2, 1.0);
    rs_meter_plan(&meter, phases, 1);
    rs_meter_enter(&meter, "reading", &(struct rs_meter_work){.total = 10});
    assert_float_equal(part(&meter), 0.5, 1e-9);
    rs_meter_set(&meter, 5, 10);
    assert_float_equal(part(&meter), 0.75, 1e-9);
    assert_int_equal(read_view(&meter).round, 2);
}

static void test_meter__pieces_that_fail_are_dropped_with_their_phase(void **state)
{
    struct rs_meter meter;
    struct rs_meter_piece piece = {0};
    (void)state;
    plan(&meter);
    rs_meter_enter(&meter, "loading", &(struct rs_meter_work){.total = 10, .pieces = 1});
    rs_meter_begin(&piece, &meter, RS_STR("tracks"), 10);
    rs_meter_leave(&meter);
    assert_string_equal(read_view(&meter).name, "");
}

static void test_meter__without_a_reader_nothing_is_done(void **state)
{
    struct rs_meter_piece piece = {0};
    (void)state;
    rs_meter_plan(NULL, NULL, 0);
    rs_meter_enter(NULL, "loading", &(struct rs_meter_work){.total = 10});
    rs_meter_round(NULL, "window", 1, 2, 0.5);
    rs_meter_set(NULL, 1, 2);
    rs_meter_count(NULL, 1, 2);
    rs_meter_begin(&piece, NULL, RS_STR("tracks"), 10);
    rs_meter_step(&piece, 1.0);
    rs_meter_advance(NULL, 0.5);
    rs_meter_end(&piece);
    rs_meter_leave(NULL);
    rs_meter_finish(NULL);
    assert_float_equal(piece.reached, 0.0, 1e-9);
    assert_false(read_view(NULL).begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meter__phases_have_shares_of_the_whole),
        cmocka_unit_test(test_meter__pieces_count_by_weight_and_by_what_they_say),
        cmocka_unit_test(
            test_meter__a_step_that_tells_nothing_moves_and_does_not_end_before_its_time),
        cmocka_unit_test(test_meter__what_is_begun_again_does_not_go_back),
        cmocka_unit_test(test_meter__rounds_share_what_is_left),
        cmocka_unit_test(test_meter__pieces_that_fail_are_dropped_with_their_phase),
        cmocka_unit_test(test_meter__without_a_reader_nothing_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
